"""Names of medicines: generic names, other generic names and brands, and how to find them in a text.

The table is ours and is short of complete: a name that is not in it is found only when the case expects it or when it leads
a list line with a dose. It shares nothing with any model.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

# One generic name, then after "=" its other names; entries end with ";".
_TABLE = """
paracetamol=acetaminophen,tylenol,panadol,calpol,apap; ibuprofen=advil,motrin,nurofen,brufen; naproxen=aleve,naprosyn;
aspirin=acetylsalicylic acid,asa,ecotrin; diclofenac=voltaren,voltarol; celecoxib=celebrex; meloxicam=mobic;
ketorolac=toradol; indomethacin=indometacin,indocin; etoricoxib=arcoxia; codeine; co-codamol; tramadol=ultram;
morphine=ms contin,oramorph,morphine sulfate,morphine sulphate; oxycodone=oxycontin,oxynorm,roxicodone; hydrocodone;
hydromorphone=dilaudid; fentanyl=duragesic; buprenorphine=subutex,butrans; buprenorphine-naloxone=suboxone; methadone;
naloxone=narcan; naltrexone=vivitrol; tapentadol=nucynta; pregabalin=lyrica; gabapentin=neurontin;
metformin=glucophage,metformin hydrochloride; gliclazide=diamicron; glipizide=glucotrol; glimepiride=amaryl;
glyburide=glibenclamide; sitagliptin=januvia; linagliptin=tradjenta,trajenta; saxagliptin=onglyza;
empagliflozin=jardiance; dapagliflozin=farxiga,forxiga; canagliflozin=invokana; pioglitazone=actos;
semaglutide=ozempic,wegovy,rybelsus; liraglutide=victoza,saxenda; dulaglutide=trulicity; tirzepatide=mounjaro,zepbound;
exenatide=byetta; insulin; insulin glargine=glargine,lantus,basaglar,toujeo; insulin lispro=lispro,humalog;
insulin aspart=aspart,novolog,novorapid,fiasp; insulin degludec=degludec,tresiba; insulin detemir=detemir,levemir;
insulin nph=isophane,isophane insulin,nph insulin,humulin n,novolin n;
insulin regular=regular insulin,human insulin,insulin human,soluble insulin,humulin r,actrapid;
lisinopril=zestril,prinivil; ramipril=altace,tritace; enalapril=vasotec; perindopril=coversyl; captopril; benazepril;
losartan=cozaar; valsartan=diovan; candesartan=atacand; irbesartan=avapro; olmesartan=benicar; telmisartan=micardis;
sacubitril-valsartan=entresto,sacubitril/valsartan; amlodipine=norvasc,istin; nifedipine=adalat,procardia; felodipine;
diltiazem=cardizem; verapamil=calan; metoprolol=lopressor,toprol,toprol-xl; bisoprolol=concor; atenolol=tenormin;
carvedilol=coreg; propranolol=inderal; nebivolol=bystolic; labetalol=trandate; sotalol; esmolol;
hydrochlorothiazide=hctz,microzide; chlorthalidone=chlortalidone; indapamide=lozol; bendroflumethiazide;
furosemide=lasix,frusemide; bumetanide=bumex; torsemide=torasemide,demadex; spironolactone=aldactone; eplerenone=inspra;
amiloride; triamterene; acetazolamide=diamox; mannitol; hydralazine; clonidine=catapres; doxazosin=cardura; prazosin;
methyldopa; minoxidil; isosorbide mononitrate=imdur,ismn; isosorbide dinitrate; ivabradine; ranolazine=ranexa;
nitroglycerin=glyceryl trinitrate,gtn,nitrostat,nitrolingual; digoxin=lanoxin; amiodarone=cordarone,pacerone; flecainide;
dronedarone; adenosine; atorvastatin=lipitor; rosuvastatin=crestor; simvastatin=zocor; pravastatin=pravachol;
ezetimibe=zetia,ezetrol; fenofibrate=tricor; gemfibrozil; evolocumab=repatha; alirocumab=praluent;
warfarin=coumadin,jantoven; apixaban=eliquis; rivaroxaban=xarelto; dabigatran=pradaxa; edoxaban=savaysa,lixiana;
heparin; enoxaparin=lovenox,clexane; dalteparin=fragmin; tinzaparin; fondaparinux=arixtra; clopidogrel=plavix;
ticagrelor=brilinta,brilique; prasugrel=effient; dipyridamole; tranexamic acid=txa,lysteda; alteplase; tenecteplase;
salbutamol=albuterol,ventolin,proair,proventil; levalbuterol; terbutaline; salmeterol=serevent; formoterol;
ipratropium=atrovent,ipratropium bromide; tiotropium=spiriva; umeclidinium; glycopyrronium=glycopyrrolate;
budesonide=pulmicort; budesonide-formoterol=symbicort,budesonide/formoterol; beclometasone=beclomethasone,qvar,clenil;
fluticasone=flovent,flixotide,flonase; fluticasone-salmeterol=advair,seretide,fluticasone/salmeterol; mometasone=nasonex;
fluticasone-vilanterol=breo,relvar; montelukast=singulair; theophylline; omalizumab=xolair; mepolizumab=nucala;
dupilumab=dupixent; guaifenesin=mucinex; dextromethorphan; carbocisteine; acetylcysteine=n-acetylcysteine;
prednisone=deltasone; prednisolone; methylprednisolone=medrol,solu-medrol; dexamethasone=decadron;
hydrocortisone=cortef,solu-cortef; fludrocortisone=florinef; triamcinolone=kenalog; clobetasol=dermovate; betamethasone;
levothyroxine=synthroid,euthyrox,eltroxin,levoxyl; liothyronine; methimazole=thiamazole,tapazole; carbimazole;
propylthiouracil=ptu; desmopressin=ddavp; testosterone; estradiol=oestradiol; progesterone; medroxyprogesterone;
norethisterone=norethindrone; levonorgestrel; raloxifene; tamoxifen; letrozole; anastrozole; alendronate=fosamax,alendronic
acid; risedronate; zoledronic acid=zoledronate; denosumab=prolia; teriparatide; calcitriol; clomifene=clomiphene;
omeprazole=prilosec,losec; esomeprazole=nexium; pantoprazole=protonix; lansoprazole=prevacid; rabeprazole;
famotidine=pepcid; ranitidine=zantac; sucralfate; misoprostol; metoclopramide=reglan; domperidone; ondansetron=zofran;
prochlorperazine=compazine,stemetil; promethazine=phenergan; cyclizine; loperamide=imodium; senna=sennosides,senokot;
docusate=colace; lactulose; polyethylene glycol=macrogol,miralax,movicol,laxido; bisacodyl=dulcolax; linaclotide;
mesalamine=mesalazine,pentasa,asacol; sulfasalazine; azathioprine=imuran; mercaptopurine; infliximab=remicade;
adalimumab=humira; vedolizumab=entyvio; ustekinumab=stelara; hyoscine=scopolamine,buscopan,hyoscine butylbromide;
dicyclomine=dicycloverine; simethicone=simeticone; ursodiol=ursodeoxycholic acid; rifaximin=xifaxan; pancrelipase=creon;
amoxicillin=amoxil; amoxicillin-clavulanate=augmentin,co-amoxiclav,amoxicillin/clavulanate,amoxicillin-clavulanic acid;
penicillin=penicillin v,phenoxymethylpenicillin,penicillin vk; benzylpenicillin=penicillin g;
benzathine benzylpenicillin=benzathine penicillin,bicillin; flucloxacillin; dicloxacillin; ampicillin;
ampicillin-sulbactam=unasyn; piperacillin-tazobactam=zosyn,tazocin,piperacillin/tazobactam; cefalexin=cephalexin,keflex;
cefazolin; cefuroxime; ceftriaxone=rocephin; cefotaxime; ceftazidime; cefepime; cefdinir; cefixime; meropenem; ertapenem;
imipenem; aztreonam; azithromycin=zithromax,z-pak; clarithromycin=biaxin; erythromycin; doxycycline=vibramycin;
minocycline; tetracycline; ciprofloxacin=cipro; levofloxacin=levaquin; moxifloxacin=avelox; metronidazole=flagyl;
tinidazole; trimethoprim; trimethoprim-sulfamethoxazole=bactrim,septra,co-trimoxazole,sulfamethoxazole-trimethoprim,tmp-smx,
cotrimoxazole; nitrofurantoin=macrobid,macrodantin; fosfomycin=monurol; vancomycin; linezolid=zyvox; daptomycin;
clindamycin=cleocin; gentamicin=gentamycin; tobramycin; amikacin; rifampicin=rifampin; isoniazid; ethambutol;
pyrazinamide; mupirocin=bactroban; fusidic acid; fluconazole=diflucan; itraconazole; voriconazole; terbinafine=lamisil;
nystatin; clotrimazole=canesten,lotrimin; ketoconazole; miconazole; aciclovir=acyclovir,zovirax; valaciclovir=valacyclovir,
valtrex; oseltamivir=tamiflu; nirmatrelvir-ritonavir=paxlovid; remdesivir; tenofovir=viread; emtricitabine;
emtricitabine-tenofovir=truvada,descovy; dolutegravir=tivicay; lamivudine; zidovudine; efavirenz; ivermectin;
hydroxychloroquine=plaquenil; artemether-lumefantrine=coartem; atovaquone-proguanil=malarone; mebendazole; albendazole;
permethrin; sertraline=zoloft; fluoxetine=prozac; citalopram=celexa; escitalopram=lexapro,cipralex; paroxetine=paxil;
venlafaxine=effexor; desvenlafaxine=pristiq; duloxetine=cymbalta; mirtazapine=remeron; bupropion=wellbutrin,zyban;
trazodone=desyrel; amitriptyline=elavil; nortriptyline=pamelor; clomipramine; imipramine; vortioxetine=trintellix;
buspirone=buspar; lithium=lithium carbonate,lithobid,priadel; valproate=valproic acid,sodium valproate,divalproex,depakote,
epilim; lamotrigine=lamictal; carbamazepine=tegretol; oxcarbazepine=trileptal; levetiracetam=keppra; topiramate=topamax;
phenytoin=dilantin; phenobarbital=phenobarbitone; lacosamide=vimpat; zonisamide; clobazam; ethosuximide; lorazepam=ativan;
diazepam=valium; clonazepam=klonopin; alprazolam=xanax; midazolam=versed; temazepam; zolpidem=ambien,stilnox; zopiclone;
melatonin; quetiapine=seroquel; olanzapine=zyprexa; risperidone=risperdal; aripiprazole=abilify; haloperidol=haldol;
clozapine=clozaril; ziprasidone=geodon; paliperidone=invega; lurasidone=latuda; chlorpromazine; methylphenidate=ritalin,
concerta; amphetamine=adderall; lisdexamfetamine=vyvanse,elvanse; atomoxetine=strattera; guanfacine; donepezil=aricept;
memantine=namenda; rivastigmine=exelon; levodopa-carbidopa=sinemet,carbidopa-levodopa,carbidopa/levodopa,co-careldopa,
levodopa; pramipexole=mirapex; ropinirole=requip; rasagiline; selegiline; sumatriptan=imitrex; rizatriptan=maxalt;
zolmitriptan; propantheline; baclofen=lioresal; tizanidine=zanaflex; cyclobenzaprine=flexeril; methocarbamol=robaxin;
allopurinol=zyloprim; febuxostat=uloric; colchicine=colcrys; methotrexate=trexall; leflunomide; etanercept=enbrel;
tocilizumab=actemra; tofacitinib=xeljanz; rituximab=rituxan; cyclophosphamide; mycophenolate=cellcept,mycophenolate mofetil;
tacrolimus=prograf; ciclosporin=cyclosporine; sirolimus; imatinib=gleevec; capecitabine=xeloda; cetirizine=zyrtec;
loratadine=claritin; fexofenadine=allegra; diphenhydramine=benadryl; chlorphenamine=chlorpheniramine,piriton; hydroxyzine;
epinephrine=adrenaline,epipen; norepinephrine=noradrenaline; atropine; ketamine; propofol; ferrous sulfate=ferrous sulphate;
ferrous fumarate; ferrous gluconate; iron sucrose=venofer; folic acid=folate; cyanocobalamin; hydroxocobalamin;
cholecalciferol=colecalciferol,vitamin d3,vitamin d; ergocalciferol; thiamine=vitamin b1; pyridoxine=vitamin b6;
ascorbic acid=vitamin c; phytomenadione=phytonadione,vitamin k; calcium carbonate=tums,calcichew; magnesium oxide;
magnesium sulfate=magnesium sulphate; potassium chloride=k-dur,klor-con,kcl; sodium bicarbonate; zinc sulfate;
tamsulosin=flomax; alfuzosin; finasteride=proscar; dutasteride=avodart; oxybutynin=ditropan; tolterodine=detrol;
solifenacin=vesicare; mirabegron=myrbetriq,betmiga; sildenafil=viagra,revatio; tadalafil=cialis; phenazopyridine=pyridium;
latanoprost=xalatan; timolol; brimonidine; dorzolamide=trusopt; bimatoprost=lumigan; chloramphenicol; varenicline=chantix,
champix; nicotine=nicorette; disulfiram; acamprosate; isotretinoin=accutane; tretinoin; adapalene; benzoyl peroxide;
oxytocin=pitocin; nifurtimox; erythropoietin=epoetin,epoetin alfa; darbepoetin; sevelamer=renvela; cinacalcet;
octreotide; bromocriptine; cabergoline; lidocaine=lignocaine; capsaicin; sulfadiazine; dapsone; riluzole; pyridostigmine
"""
_SALTS = re.compile(
    r"[ ](?:succinate|tartrate|sodium|hydrochloride|hcl|maleate|besylate|besilate|potassium|calcium|mesylate|acetate|"
    r"sulfate|sulphate|phosphate|citrate|hydrobromide|bromide|propionate|furoate|fumarate|bitartrate|dihydrate|"
    r"xl|xr|er|sr|mr|cr|la|dr|ec|modified release|extended release|slow release)$"
)
_WORD = re.compile(r"[^\W\d_]+(?:[-/][^\W\d_]+)*")


@dataclass(frozen=True)
class NameMention:
    """One medicine named in a text, under its generic name, with offsets."""

    drug: str
    start: int
    end: int


@lru_cache(maxsize=1)
def _generic_names() -> dict[str, str]:
    """Every known name in lower case with its generic name."""
    names: dict[str, str] = {}
    for entry in " ".join(_TABLE.split()).split(";"):
        generic, _, others = entry.strip().partition("=")
        names[generic] = generic
        names.update({other.strip(): generic for other in others.split(",") if other.strip()})
    return names


def generic_name(name: str) -> str:
    """The generic name in lower case, without its salt or release form; an unknown name is its own generic."""
    plain = " ".join(name.casefold().replace(" / ", "/").split())
    known = _generic_names()
    while plain not in known and (shorter := _SALTS.sub("", plain)) != plain:
        plain = shorter
    return known.get(plain, plain)


def same_medicine(one: str, other: str) -> bool:
    """Whether two generic names mean the same medicine, or one is a part of the other's combination.

    The bare word insulin stands for any of its kinds.
    """
    if one == other or ("insulin" in (one, other) and one.startswith("insulin") and other.startswith("insulin")):
        return True
    parts, others = _parts(one), _parts(other)
    return (len(parts) > 1 or len(others) > 1) and bool(parts & others)


@lru_cache(maxsize=4096)
def _parts(name: str) -> frozenset[str]:
    """The generic names a combination is made of."""
    return frozenset(generic_name(part) for part in re.split(r"/| with | and | plus |\+", name) if part.strip())


def find_names(text: str, also: Iterable[str] = ()) -> Iterator[NameMention]:
    """Each known medicine in the text, longest name first, in order; ``also`` adds names the table may lack."""
    known, added = _table_by_first_word(), _by_first_word(frozenset(name.casefold() for name in also))
    taken = 0
    for word in _WORD.finditer(text):
        first = _first_part(word.group().casefold())
        if word.start() < taken or (first not in known and first not in added):
            continue
        for name in sorted((*known.get(first, ()), *added.get(first, ())), key=len, reverse=True):
            hit = _name_pattern(name).match(text, word.start())
            if hit:
                taken = hit.end()
                yield NameMention(generic_name(name), hit.start(), hit.end())
                break


def _first_part(word: str) -> str:
    return re.split(r"[-/]", word, maxsplit=1)[0]


@lru_cache(maxsize=1)
def _table_by_first_word() -> dict[str, tuple[str, ...]]:
    return _by_first_word(frozenset(_generic_names()))


@lru_cache(maxsize=512)
def _by_first_word(names: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """First word of each name -> the names that begin with it."""
    groups: dict[str, list[str]] = {}
    for name in sorted(name for name in names if _WORD.match(name)):
        groups.setdefault(_first_part(name.split()[0]), []).append(name)
    return {first: tuple(same) for first, same in groups.items()}


@lru_cache(maxsize=4096)
def _name_pattern(name: str) -> re.Pattern[str]:
    body = r"\s{1,2}".join(
        re.escape(word).replace("/", r"\s?/\s?").replace(r"\-", r"[-/\u2010-\u2013]") for word in name.split()
    )
    return re.compile(body + r"(?![^\W_])", re.IGNORECASE)
