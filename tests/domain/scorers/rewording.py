"""Other words for the same facts, as clinicians write them; the checks do not read this list.

Brand for generic and back, schedules, units written out, usual abbreviations, and the order of sentences.
"""

from __future__ import annotations

import re
from functools import cache

NAMES = """
ibuprofen=Advil; acetaminophen=Tylenol; aspirin=acetylsalicylic acid; naproxen=Aleve; metformin=Glucophage;
lisinopril=Zestril; losartan=Cozaar; amlodipine=Norvasc; metoprolol=Lopressor; atenolol=Tenormin; propranolol=Inderal;
carvedilol=Coreg; hydrochlorothiazide=HCTZ; furosemide=Lasix; spironolactone=Aldactone; atorvastatin=Lipitor;
simvastatin=Zocor; rosuvastatin=Crestor; warfarin=Coumadin; apixaban=Eliquis; clopidogrel=Plavix; enoxaparin=Lovenox;
digoxin=Lanoxin; amiodarone=Cordarone; albuterol=salbutamol; montelukast=Singulair; fluticasone=Flovent;
prednisone=Deltasone; methylprednisolone=Solu-Medrol; dexamethasone=Decadron; levothyroxine=Synthroid; omeprazole=Prilosec;
pantoprazole=Protonix; ranitidine=Zantac; ondansetron=Zofran; metoclopramide=Reglan; loperamide=Imodium; amoxicillin=Amoxil;
azithromycin=Zithromax; ciprofloxacin=Cipro; levofloxacin=Levaquin; metronidazole=Flagyl; doxycycline=Vibramycin;
cephalexin=Keflex; ceftriaxone=Rocephin; nitrofurantoin=Macrobid; clindamycin=Cleocin;
trimethoprim-sulfamethoxazole=Bactrim; fluconazole=Diflucan; acyclovir=Zovirax; valacyclovir=Valtrex; oseltamivir=Tamiflu;
sertraline=Zoloft; fluoxetine=Prozac; citalopram=Celexa; escitalopram=Lexapro; paroxetine=Paxil; venlafaxine=Effexor;
bupropion=Wellbutrin; trazodone=Desyrel; haloperidol=Haldol; risperidone=Risperdal; olanzapine=Zyprexa; quetiapine=Seroquel;
aripiprazole=Abilify; lorazepam=Ativan; diazepam=Valium; clonazepam=Klonopin; alprazolam=Xanax; phenytoin=Dilantin;
carbamazepine=Tegretol; lamotrigine=Lamictal; levetiracetam=Keppra; topiramate=Topamax; gabapentin=Neurontin;
zolpidem=Ambien; methylphenidate=Ritalin; sumatriptan=Imitrex; allopurinol=Zyloprim; tamoxifen=Nolvadex; sildenafil=Viagra;
tamsulosin=Flomax; finasteride=Proscar; oxybutynin=Ditropan; diphenhydramine=Benadryl; loratadine=Claritin;
cetirizine=Zyrtec; epinephrine=adrenaline; norepinephrine=noradrenaline; furosemide=frusemide; morphine=MS Contin;
oxycodone=OxyContin; tramadol=Ultram; isotretinoin=Accutane; infliximab=Remicade; adalimumab=Humira;
hydroxychloroquine=Plaquenil; terbinafine=Lamisil; mupirocin=Bactroban; donepezil=Aricept; rifampin=rifampicin;
"""
WORDS = """
twice daily=bid; two times a day=b.i.d.; three times daily=tid; four times daily=qid; once daily=every day; every 6
hours=q6h; every 8 hours=q8h; as needed=prn; at bedtime=nightly; intravenous=IV; intramuscular=IM; subcutaneous=SC; mm
Hg=millimeters of mercury; mg/dL=milligrams per deciliter; g/dL=grams per deciliter; mEq/L=milliequivalents per liter;
mmol/L=millimoles per liter; U/L=units per liter; ng/mL=nanograms per milliliter; mg=milligrams; mcg=micrograms;
kg=kilograms; cm=centimeters; mm=millimeters; mL=milliliters; %=percent; /min=per minute; /mm3=per cubic millimeter;
C=degrees Celsius; F=degrees Fahrenheit; electrocardiogram=ECG; ECG=electrocardiogram; EKG=ECG; CT scan=computed tomography;
magnetic resonance imaging=MRI; MRI=magnetic resonance imaging; echocardiogram=echocardiography; ultrasonography=ultrasound;
ultrasound=sonography; x-ray=radiograph; urinalysis=UA; complete blood count=CBC; shortness of breath=dyspnea;
fever=pyrexia; hypertension=high blood pressure; myocardial infarction=heart attack; vomiting=emesis;
dizziness=lightheadedness; type 2 diabetes mellitus=type 2 diabetes; hyperlipidemia=high cholesterol; gastroesophageal
reflux disease=GERD; urinary tract infection=UTI; cesarean section=C-section; edema=oedema; hemoglobin=haemoglobin;
anemia=anaemia; diarrhea=diarrhoea; intravenous fluids=IV fluids;
"""
# A second list, written after the first, with rarer names.
RARER_NAMES = """
metformin=Fortamet; lisinopril=Qbrelis; atorvastatin=Sortis; ibuprofen=Nuprin; warfarin=Marevan; omeprazole=Losec;
prednisone=Sterapred; albuterol=Accuneb; levothyroxine=Levothroid; furosemide=Furoscix; amoxicillin=Trimox;
azithromycin=Zmax; ciprofloxacin=Proquin; insulin=Humulin; sertraline=Lustral; haloperidol=Serenace; phenytoin=Phenytek;
valproate=Stavzor; carbamazepine=Carbatrol; methotrexate=Xatmep; hydrochlorothiazide=Esidrix; acetaminophen=Ofirmev;
doxycycline=Adoxa; clindamycin=Clindesse; vancomycin=Firvanq; nitrofurantoin=Macrodantin; simvastatin=Flolipid;
lithium=Lithotabs; risperidone=Perseris; metoprolol=Betaloc; amlodipine=Katerzia; propranolol=Hemangeol; naproxen=Naprelan;
fluconazole=Trican; acyclovir=Sitavig; enalapril=Epaned; losartan=Lavestra; oral contraceptive pill=birth control pill;
"""
RARER_WORDS = """
mm Hg=millimetres of mercury; mg/dL=milligrams/decilitre; g/dL=grams per decilitre; /min= per min; kg=kilos; lb=pounds;
cm=centimetres; %= per cent; mEq/L=milliequivalents/litre; ng/mL=nanograms per mL; U/L=units/L; /mm3= per mm3; hours=hrs;
weeks=wks; years=yrs; minutes=min; as needed=when required; daily=every day; blood pressure=BP; oxygen saturation=SpO2;
shortness of breath=breathlessness; fever=pyrexia; fatigue=tiredness; diarrhea=loose stools; hypertension=high blood
pressure; type 2 diabetes mellitus=T2DM; ECG=electrocardiography; CT scan=CAT scan; x-ray=radiography; biopsy=tissue biopsy;
cesarean=caesarean; edema=oedema; anemia=anaemia; hemoglobin=Hb; leukocyte=white cell; itching=pruritus;
"""
_SENTENCE_END = re.compile(r"(?<=[a-z)]\.)\s+(?=[A-Z])")


def other_words(text: str) -> str:
    """The text with every name, schedule, unit and abbreviation of the list in its other form."""
    return _replaced(text, NAMES, WORDS)


def rarer_words(text: str) -> str:
    """The same by the second list."""
    return _replaced(text, RARER_NAMES, RARER_WORDS)


def other_order(text: str) -> str:
    """The text with its sentences rotated by half."""
    sentences = _SENTENCE_END.split(text.strip())
    middle = len(sentences) // 2
    return " ".join(sentences[middle:] + sentences[:middle])


def _replaced(text: str, names: str, words: str) -> str:
    for pattern, other in _patterns(names, words):
        text = pattern.sub(other, text)
    return text


@cache
def _patterns(names: str, words: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    found = []
    for table, flags in ((names, re.IGNORECASE), (words, re.NOFLAG)):
        for entry in " ".join(table.split()).split(";"):
            one, _, other = entry.strip().partition("=")
            if one and one[0].isalpha() and len(one) > 2:
                found.append((re.compile(rf"\b{re.escape(one)}\b", flags), other))
            elif one:  # a unit stands after a number
                found.append((re.compile(rf"(?<=\d)(\s?){re.escape(one)}(?![\w/])"), f" {other}"))
    return tuple(found)
