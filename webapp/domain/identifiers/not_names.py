"""Capitalised words of notes that are no names of persons: headings, verbs, days, peoples, and the eponyms of medicine."""

from __future__ import annotations

from webapp.domain.scorers.words import word_set

EPONYMS = word_set(
    """
addison albright alport alzheimer angelman apgar apley argyll arnold asherman asperger aschoff babinski baker barlow barre barrett barr
barthel bartholin bartter basedow battle becker behcet bell bence bennett berger bernard binet bishop bloom bohler borg botulinum bouchard
bowen braden brodie broca brown brudzinski bruce brugada budd buerger burkitt caldwell campylobacter carnett charcot cheyne chiari
chvostek clark cockcroft colles conn coombs cooper cope corrigan courvoisier cowden cox crigler creutzfeldt crohn cullen cushing dandy
dercum devic dix doppler down dressler dubin duchenne dupuytren duke duffy ebstein edwards ehlers eisenmenger epley epstein erb ewing
fabry fallot fanconi felty finkelstein fitz fleischner flynn foley fontan fournier frank friedreich frey fowler fuchs galeazzi gardner
gartland gaucher ghon giemsa gilbert gilles glasgow glasser gleason glisson golgi goodpasture gottron gower gram graves grave grawitz grey
guillain guyon hallpike hamilton hansen hartmann hartnup harris hashimoto hawkins heberden heimlich heinz henoch hesselbach heller hickman
hill hirschsprung hodgkin hoffman hoffmann holter homan homans horner howell hunter huntington hurler hutchinson ishihara janeway jarisch
jobst jones jolly kaposi karnofsky kartagener kawasaki kayser kegel kernig kehr killip klinefelter koplik korsakoff krukenberg kussmaul
kveim lachman lambert landry langerhans laplace lasegue leydig lennox legg leriche lewy lhermitte lisfranc little ludwig lyme lynch
mallory mantoux marburg marfan marjolin mcburney mcmurray meckel meigs meniere menkes merkel mini mirizzi mitral mobitz mohs mondor moro
morton monro morquio moyamoya munchausen murphy myers neer nelson niemann nissen nikolsky noonan norton ober ogilvie ortolani osgood osler
paget pancoast papanicolaou parinaud parkinson patau patrick peyronie perthes peutz phalen phelps pick pickwick pierre poland pott potter
prader prinzmetal purkinje queckenstedt quincke ramsay raynaud reed reiter rendu reye richter riedel ringer rinne robin rolando romberg
roth rotter rovsing sanger salter schatzki scheuermann schilling schirmer schlatter schober schonlein schwann schwartz seldinger sever
sezary sheehan simmonds simon sims sjogren snellen speed spurling spitz stargardt steinmann stevens stein still stokes sturge swan
sydenham syme takayasu takotsubo tanner tay thomas thomsen tietze tinel todd tourette trendelenburg trousseau tubigrip tupper turner
tzanck valsalva vincent virchow volkmann von waldenstrom waldeyer wallenberg warthin waterhouse weber wegener weil wells wenckebach werner
wernicke whipple white wickham williams willebrand wilms wilson wiskott wolff wolf wood wright yergason zenker ziehl zollinger borrelia
marshall pearson kocher crede jackson pratt penrose hudson hemovac kirschner schmidt steri bankart jefferson monteggia segond maisonneuve
weaver dunn salk sabin coats ranson child pugh meld wong braden morse snellen titmus mayo
"""
)
NO_NAMES = word_set(
    """
a abdomen abdominal about above access account active acute address admission admit admitted adult advised affect african after afternoon
age aged agree alert all allergic allergies allergy also although always am american an and ankle annual anterior anxiety any apart
apartment appears appointment april arm arrived art arthritis as asian ask assessed assessment asthma at attended attending august aunt
autumn avenue back bed because bed been before began being below between bilateral biopsy bladder blood body bone both bowel brain breast
breath breathing bring british brother but by calf call calls came can cancer care caregiver caretaker cardiac cardiology cardiovascular
carer case caucasian center central centre cerebral cervical change changes chart chest chief child children chinese christmas chronic
clear clinic clinical clinician cold colon come comes comfortable complains complaint complete condition confirmed consent consider
constitutional consult consultation contact continue continued continues continuing corneal could course covid current currently dad data
date daughter day days december deep denied denies dental department depression dermatology diabetes diabetic diagnosis diagnoses
diagnostic diet difficulty digital disc discharge discharged discussed disease distal do doctor doctors does dose drug dry due during ear
early ears east echo echocardiogram edema education elbow elevated email emergency encounter endocrine ended endorses english episode er
estimated ethnicity european evaluation evening exam examination examined exercise exercises extremities extremity eye eyes fall family
fasting father february feels fell felt female fever fifth final findings finger first five follow followed following foot for found four
fourth fracture french friday friend from full further gait gastro gastrointestinal general genitourinary german get getting girl give
given go gp grade grandfather grandmother great had hand has have having he head headache health heart height hello hemoglobin hepatic her
hers hi high hip hispanic his history home hospital hospitalist how however hpi husband hypertension i if imaging immunization important
impression improved in increase increased indian infection inform informed initial inpatient inspection instructions insurance
integumentary interval intervention into irish is it italian its january japanese jewish joint july june just kidney knee korean lab
laboratory laboratories labs last latino lateral latest left leg let life line lipid lives liver living location low lower lumbar lung
lungs lymph lymphatic male management march marital marriage married mass may meanwhile medial medical medication medications medicine
meds mental mexican midnight midwife mild moderate mom monday mood more morning mother mouth mr mri mrs ms multiple mum muscle
musculoskeletal my name nausea neck needs negative neither nephew nerve neuro neurologic neurological neurology neurosurgery new next
niece night no non none noon normal north nose not note noted notes notify november now nurse nursing objective observed obtained
occupation occupational october of off office ok okay old on once oncology one only onset operating ophthalmology optic or oral order
ordered orders ortho orthopedic orthopedics other our out outpatient over oxygen pain palpation pap parent parents partner past patient
patients pediatric peripheral phone physical physician physicians plan please police polish portal portuguese positive possible post
posterior prescribed prescription present presented presenting presents prevention previous primary prior privacy problem problems
procedure procedures prognosis progress prognosis proximal psych psychiatric psychiatry psychological pulmonary pulse pupils radiology
range rash rate reason reassess recent recently recommend recommended recommendations record recovery rectal redness referral referred
reflexes refused regarding regular rehab release religion renal repeat report reported reports request requested required respiratory rest
result results return returns review reviewed rhythm right risk room route routine russian said same saturday saw says schedule scheduled
school screening second secondary see seen seizure seizures send sensation sensory september serious serum seven severe sexual she should
shoulder side sign signed significant signs simple since sinus sister site six skin sleep smoking social some son south spanish speech
spine spoke sputum stable staff start started state stated states status still stomach stool stop stopped street stress strict stroke
student subjective such sunday support surgeon surgery surgical swelling symptoms systemic systems take taken takes taking tearful
telehealth temp temperature ten tenderness test testing tests thank thanks that the their them then therapist therapy there these they
third this those three throat through thursday thyroid time to today together told tomorrow took total transfer trauma travel treatment
treatments trial try tuesday two type ulcer ultrasound uncle under unit unknown until up upper upon urgent urinalysis urinary urine
urology use used uses using vaccine vaccines valve vascular very view visit vital vitals vitamin voice vs walk walks was we wednesday
weight well went were west what when where whether which while white who whole wife will winter with without woman women work workup
worsening wound wrist yes yesterday yet you your youth zone bleeding breathing infusion injection injury bipolar disorder syndrome sign
signs score scale index classification criteria hearing level levels count counts culture cultures ratio film rays ray scan scans panel
profile solution tablet tablets capsule capsules cream drops inhaler spray patch syringe pump catheter line drain tube stent graft node
nodes gland tract canal duct vein artery vessel vessels tissue membrane cell cells cord root roots ring band spirit society association
foundation university college academy institute ministry church county city town village river lake mount mountain island valley bay ocean
beach street road hepatitis influenza herpes zoster simplex pneumonia bronchitis sepsis anemia angina edema dementia delirium migraine
glaucoma cataract eczema psoriasis gout lupus diagnosed documented listed described provided performed completed administered initiated
maintained managed monitored replaced removed reduced resolved encourage encouraged educated counseled counselled understand understands
verbalized agreed agrees declines declined accompanied brought elderly pleasant young middle adult infant toddler teenager boy girl baby
man men woman newborn neonate toddler retired unemployed divorced widowed single medicaid medicare blue cross shield advantage hello
morning evening goodbye sorry sure right yeah well so hmm actually anyway alright fine good great perfect exactly nothing something
anything everything somebody someone nobody maybe never sometimes usually probably especially again already almost enough even ever every
few many much saline lactated dextrose sodium potassium calcium chloride magnesium glucose insulin aspirin tylenol advil motrin lasix
coumadin plavix lipitor zocor norvasc synthroid xarelto eliquis humira keppra neurontin prozac zoloft ambien xanax ativan lantus humalog
januvia metformin prilosec flonase claritin zyrtec benadryl england scotland wales ireland britain germany france spain italy portugal
poland russia china japan india pakistan mexico brazil canada australia africa asia europe america indonesia thailand vietnam philippines
nigeria kenya ghana egypt turkey iran iraq syria israel greece sweden norway denmark finland netherlands belgium austria switzerland
dominican republic united states kingdom york london paris berlin california texas florida ohio montana colorado oklahoma mississippi
virginia
"""
)
"""Never taken for a person's name unless a title stands before them."""
PLACES_OF_THE_WORLD = word_set(
    """
england scotland wales ireland britain germany france spain italy portugal poland russia china japan india pakistan mexico brazil canada
australia africa asia europe america indonesia thailand vietnam philippines nigeria kenya ghana egypt turkey iran iraq syria israel greece
sweden norway denmark finland netherlands belgium austria switzerland ukraine romania hungary bulgaria serbia croatia cambodia laos
myanmar nepal bangladesh afghanistan ethiopia somalia sudan congo uganda tanzania morocco algeria tunisia argentina chile peru colombia
venezuela ecuador bolivia cuba haiti jamaica guatemala honduras nicaragua panama taiwan korea singapore malaysia alabama alaska arizona
arkansas california colorado connecticut delaware florida georgia hawaii idaho illinois iowa kansas kentucky louisiana maine maryland
massachusetts michigan minnesota mississippi missouri montana nebraska nevada ohio oklahoma oregon pennsylvania tennessee texas utah
vermont virginia washington wisconsin wyoming
"""
)
"""Countries and states: too large to name a person (45 CFR 164.514 counts what is smaller than a state)."""
