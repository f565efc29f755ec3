"""The table of what is done for a patient: classes of medicines, fluids, procedures, imaging, tests, and care in general.

One name as the scorer says it, then after "=" its other names; entries end with ";". Words of one entry mean the same thing
in this check. Our own writing and short of complete; endings such as -ectomy or -scopy stand in terms.py.
"""

from __future__ import annotations

# A class stands for its members: where the encounter names a member, the class is no invention.
CLASSES = """
ace inhibitor=acei,angiotensin converting enzyme inhibitor,angiotensin-converting enzyme inhibitor; angiotensin receptor
blocker=arb; beta blocker=beta-blocker,betablocker; calcium channel blocker=ccb; thiazide diuretic=thiazide; loop diuretic;
potassium-sparing diuretic; diuretic; vasopressor=pressor; inotrope; nitrate; statin; antihypertensive; antiarrhythmic;
anticoagulant=anticoagulation,blood thinner; antiplatelet; dual antiplatelet therapy=dapt;
thrombolytic=thrombolysis,fibrinolysis,fibrinolytic; direct oral anticoagulant=doac,noac; low molecular weight
heparin=lmwh,low-molecular-weight heparin; factor xa inhibitor; vitamin k antagonist; antibiotic=antimicrobial; antifungal;
antiviral; antiretroviral therapy=antiretroviral,cart,haart,art; antimalarial; antiparasitic; penicillins; cephalosporin;
fluoroquinolone=quinolone; macrolide; aminoglycoside; carbapenem; sulfonamide; beta-lactam; tricyclic
antidepressant=tca,tricyclic; selective serotonin reuptake inhibitor=ssri; serotonin-norepinephrine reuptake inhibitor=snri;
monoamine oxidase inhibitor=maoi; antidepressant; antipsychotic; benzodiazepine; mood stabilizer; stimulant;
anticonvulsant=antiepileptic; triptan; opioid=opiate; nsaid=nsaids,nonsteroidal anti-inflammatory drug,non-steroidal
anti-inflammatory drug,anti-inflammatory; analgesic=pain killer,painkiller; muscle relaxant; local anesthetic;
corticosteroid=steroid,glucocorticoid; inhaled corticosteroid=ics; topical corticosteroid=topical steroid; long-acting beta
agonist=laba; short-acting beta agonist=saba; beta agonist=beta-agonist; antimuscarinic=anticholinergic; bronchodilator;
leukotriene antagonist; antihistamine; decongestant; expectorant; proton pump inhibitor=ppi; h2 blocker=h2 receptor
antagonist; antacid; laxative=stool softener; antiemetic; antidiarrheal; prokinetic; sulfonylurea; biguanide; dpp-4
inhibitor; sglt2 inhibitor; glp-1 agonist=glp-1 receptor agonist; thiazolidinedione=glitazone; bisphosphonate; thyroid
hormone; antithyroid drug; hormone replacement therapy=hrt,hormone therapy; estrogen; oral contraceptive=oral contraceptive
pill,ocp,birth control pill,contraceptive pill,combined pill; contraceptive; progestin=progestogen; tocolytic=tocolysis;
uterotonic; alpha blocker=alpha-blocker; 5-alpha reductase inhibitor; gnrh agonist; aromatase inhibitor; chemotherapy=chemo;
immunotherapy; immunosuppressant; monoclonal antibody; tnf inhibitor=anti-tnf; disease-modifying antirheumatic drug=dmard;
biologic; sedative; xanthine oxidase inhibitor; chelation therapy=chelator,chelating agent; antitoxin; antivenom=antivenin;
retinoid; emollient=moisturizer,moisturiser;
"""

TREATMENTS = """
magnesium; calcium; potassium; iron; zinc; normal saline=0.9% saline,0.9% sodium chloride,isotonic saline,saline; hypertonic
saline=3% saline; half-magnesium; calcium; potassium; iron; zinc; normal saline=0.45% saline; lactated ringer=ringer
lactate,lactated ringers,hartmann; dextrose=glucose infusion,d5w; intravenous fluids=iv fluids,iv fluid,intravenous
fluid,fluid bolus,fluid resuscitation,fluid replacement; albumin infusion; oral rehydration=oral rehydration solution,ors;
packed red blood cells=prbc,red cell transfusion,packed red cells; transfusion=blood transfusion; platelet transfusion;
fresh frozen plasma=ffp; cryoprecipitate; exchange transfusion; intravenous immunoglobulin=ivig; immunoglobulin=immune
globulin; anti-d immunoglobulin=rhogam,anti-d; hepatitis b immunoglobulin; protein c concentrate; prothrombin complex
concentrate=pcc,octaplex,kcentra; factor viii; factor ix; iron supplementation=iron supplement,iron tablets,oral iron,iron
therapy; intravenous iron; vitamin supplementation; vitamin a; vitamin e; beta carotene; vitamin b12=b12; zinc
supplementation; fiber supplementation=fibre supplement,fiber supplement,high-fiber diet; calcium supplementation; potassium
supplementation; oxygen therapy=supplemental oxygen,home oxygen; high-flow oxygen; hyperbaric oxygen; heliox; noninvasive
ventilation=niv,bipap,cpap,bilevel positive airway pressure,continuous positive airway pressure,non-invasive ventilation;
mechanical ventilation=ventilator,positive pressure ventilation; intubation=endotracheal
intubation,reintubation,intubated,reintubated; extubation=extubated; cricothyrotomy=cricothyroidotomy;
nebulizer=nebuliser,nebs,neb,nebulised,nebulized; incentive spirometry; chest physiotherapy; cardiopulmonary
resuscitation=cpr,chest compressions; defibrillation; cardioversion=synchronized cardioversion; vagal maneuver=carotid
massage,carotid sinus massage,valsalva; pacemaker=pacing; implantable cardioverter-defibrillator=icd placement,implantable
defibrillator; catheter ablation=ablation,radiofrequency ablation; percutaneous coronary intervention=pci; angioplasty;
stenting=stent,stent placement; coronary artery bypass=cabg,bypass surgery,bypass grafting; valve replacement=aortic valve
replacement,mitral valve replacement,tavr; balloon valvuloplasty=valvuloplasty; aneurysm repair=evar,endovascular repair;
carotid endarterectomy; ivc filter=inferior vena cava filter; intra-aortic balloon pump; ecmo; pericardial window;
pericardiotomy; sclerotherapy; compression stockings=compression therapy; hemodialysis=haemodialysis; dialysis; peritoneal
dialysis; plasmapheresis=plasma exchange; phlebotomy=venesection; leukapheresis; stem cell transplantation=bone marrow
transplant,stem cell transplant; kidney transplant=renal transplant; liver transplant; transplantation=transplant;
splenectomy; thymectomy; amputation; skin graft; fasciotomy; escharotomy; debridement; incision and drainage=i&d; drainage;
percutaneous drainage; chest tube=tube thoracostomy,thoracostomy tube,chest drain; needle decompression=needle thoracostomy;
thoracentesis=thoracocentesis,pleural tap; paracentesis; pericardiocentesis; arthrocentesis=joint aspiration; needle
aspiration=aspiration; lumbar puncture=spinal tap; central line=central venous catheter; foley catheter=urinary
catheter,catheterization,foley; suprapubic catheter; nephrostomy; ureteral stent; lithotripsy; nasogastric tube=ng
tube,nasogastric decompression; gastrostomy=peg tube; enteral nutrition=tube feeding; total parenteral
nutrition=tpn,parenteral nutrition; gastric lavage; whole bowel irrigation; enema; rectal tube; band
ligation=banding,variceal ligation; endoscopy=upper endoscopy,esophagogastroduodenoscopy,egd,gastroscopy; ercp=endoscopic
retrograde cholangiopancreatography; tips=transjugular intrahepatic portosystemic shunt; cholecystectomy;
appendectomy=appendicectomy; colectomy; hemicolectomy; bowel resection; hernia repair=herniorrhaphy; fundoplication;
myotomy=heller myotomy; pyloromyotomy; pancreaticoduodenectomy=whipple; laparotomy=exploratory laparotomy;
laparoscopy=diagnostic laparoscopy; resection=surgical resection,excision,surgical excision; wide local excision; mohs
surgery=mohs; wedge resection; lobectomy; pneumonectomy; decortication; mastectomy; lumpectomy; lymph node
dissection=sentinel lymph node biopsy,sentinel node biopsy; thyroidectomy; parathyroidectomy; adrenalectomy; nephrectomy;
cystectomy; prostatectomy; transurethral resection=turp; orchiectomy=orchidectomy; orchiopexy=orchidopexy; circumcision;
vasectomy; manual detorsion=detorsion; manual reduction=closed reduction; open reduction=orif,internal fixation,surgical
fixation; casting=cast,spica cast,splint,splinting; traction; pavlik harness; brace=bracing; joint replacement=hip
replacement,knee replacement,arthroplasty; laminectomy; spinal fusion; discectomy; surgical decompression=decompression;
carpal tunnel release; physical therapy=physiotherapy,physio; occupational therapy; speech therapy; rice therapy; ice
packs=cold compress,ice; warm compress=hot compress,warm compresses; sitz bath=sitz baths; craniotomy; burr hole; surgical
clipping=clipping,aneurysm clipping; coiling=endovascular coiling; ventriculoperitoneal shunt=vp shunt; external ventricular
drain; embolectomy=thrombectomy; embolization=embolisation,uterine artery embolization; deep brain stimulation;
electroconvulsive therapy=ect; vagus nerve stimulation; cesarean section=c-section,cesarean delivery,caesarean section;
vaginal delivery; operative vaginal delivery=forceps delivery,vacuum delivery,vacuum extraction; induction of labor=labor
induction,labour induction; amniotomy; external cephalic version=ecv; cerclage=cervical cerclage; uterine massage=bimanual
massage,fundal massage; uterine tamponade=balloon tamponade,bakri balloon; dilation and curettage=d&c,curettage; dilation
and evacuation; hysterectomy; myomectomy; salpingectomy; salpingostomy; oophorectomy; endometrial ablation; intrauterine
device=iud,copper iud,levonorgestrel iud; pessary; tubal ligation; amnioinfusion; amniocentesis; chorionic villus
sampling=cvs; radiation therapy=radiotherapy,radiation; brachytherapy; radioactive iodine=radioiodine,radioactive iodine
ablation; cryotherapy; laser therapy=photocoagulation,laser photocoagulation; phototherapy; photodynamic therapy;
iridotomy=laser iridotomy; eye patch=patching; cataract surgery; vitrectomy; tympanostomy tube=ear
tubes,grommets,tympanostomy; myringotomy; adenoidectomy; tonsillectomy; cognitive behavioral therapy=cbt,cognitive
behavioural therapy,cognitive-behavioral therapy; psychotherapy=talk therapy; psychodynamic therapy; exposure therapy;
dialectical behavior therapy; family therapy; interpersonal therapy; enuresis alarm; bright light therapy; low-sodium
diet=salt restriction,low salt diet,sodium restriction; fluid restriction; protein restriction=protein-restricted
diet,low-protein diet; gluten-free diet; lactose-free diet; ketogenic diet; weight loss; smoking cessation; bed rest;
sunscreen; nail removal; gene therapy; desensitization=allergen immunotherapy; hormonal coil=mirena;
vaccine=vaccination,immunization,vaccinated,immunized,jab; dtap=dtap vaccine,tdap; mmr=mmr vaccine; influenza vaccine=flu
shot,flu vaccine,flu jab; pneumococcal vaccine=ppsv23,pcv13; hpv vaccine; hepatitis b vaccine; varicella vaccine; rotavirus
vaccine; meningococcal vaccine; tetanus toxoid=tetanus vaccine; tetanus immunoglobulin; rabies vaccine; zoster
vaccine=shingles vaccine; bcg; therapeutic hypothermia=targeted temperature management,cooling; cooling blanket; rewarming;
wound closure=suturing,primary closure; wound packing=packing; tourniquet; hemorrhoidectomy; sphincterotomy; fistulotomy;
sigmoidoscopy; polypectomy; bariatric surgery=gastric bypass,sleeve gastrectomy; septoplasty; mastoidectomy;
tracheostomy=tracheotomy; pleurodesis; bronchoscopy;
"""

TESTS = """
ct=ct scan,cat scan,computed tomography; ct angiography=ct angiogram,cta,computed tomography angiography; head ct=ct head,ct
of the head,ct scan of the head; mri=magnetic resonance imaging; mr angiography=mra; mrcp=magnetic resonance
cholangiopancreatography; pet scan=pet,positron emission tomography;
ultrasound=ultrasonography,sonography,ultrasonogram,sonogram; doppler ultrasound=doppler,duplex,duplex ultrasound;
transvaginal ultrasound=transvaginal ultrasonography; x-ray=xray,radiograph,plain film,radiography,x ray; chest
x-ray=cxr,chest radiograph,x-ray of the chest,x-ray of chest; barium swallow=esophagram,barium esophagram; barium enema;
upper gi series; hida scan=cholescintigraphy; angiography=angiogram,arteriography,arteriogram; venography;
ventilation-perfusion scan=v/q scan,vq scan; bone scan; dexa scan=dexa,bone densitometry,dual-energy x-ray absorptiometry;
mammography=mammogram; echocardiography=echocardiogram,echo,transthoracic echocardiogram,tte; transesophageal
echocardiography=tee,transesophageal echocardiogram; electrocardiogram=ecg,ekg,electrocardiography; holter monitor=holter;
stress test=exercise stress test,treadmill test; cardiac catheterization=coronary angiography;
electroencephalogram=eeg,electroencephalography; electromyography=emg; nerve conduction study; polysomnography=sleep study;
spirometry=pulmonary function test,pfts,pft; peak flow; methacholine challenge; colonoscopy; cystoscopy; hysteroscopy;
colposcopy; laryngoscopy; capsule endoscopy; arthroscopy; mediastinoscopy; biopsy; fine-needle aspiration=fna,fine needle
aspiration; endometrial biopsy; bone marrow biopsy=bone marrow aspiration; temporal artery biopsy; skin biopsy=punch biopsy;
renal biopsy=kidney biopsy; liver biopsy; pap smear=pap test,cervical cytology,cytology; hpv testing=hpv test;
urinalysis=urine analysis,urine dipstick,dipstick,urine dip,urine test; urine culture; blood culture=blood cultures; sputum
culture; stool culture; throat culture; gram stain; wound culture; csf analysis; complete blood count=cbc,full blood
count,fbc,blood count; basic metabolic panel=bmp; comprehensive metabolic panel=cmp; liver function test=lft,lfts; renal
function test; arterial blood gas=abg; d-dimer; troponin; creatine kinase=ck; brain natriuretic peptide=bnp; lipase;
amylase; c-reactive protein=crp; erythrocyte sedimentation rate=esr; procalcitonin; lactate; ammonia; ferritin; iron
studies; haptoglobin; coombs test=direct antiglobulin test; thyroid-stimulating hormone=tsh; free t4; cortisol; acth;
dexamethasone suppression test; prolactin; hemoglobin a1c=hba1c,a1c,glycated hemoglobin; c-peptide; oral glucose tolerance
test=ogtt,glucose tolerance test; lipid panel=lipid profile,fasting lipids; parathyroid hormone=pth; beta-hcg=hcg,human
chorionic gonadotropin; pregnancy test; fsh=follicle-stimulating hormone; lh=luteinizing hormone; alpha-fetoprotein=afp;
prostate-specific antigen=psa; ca 19-9=cancer antigen 19-9,ca19-9; ca-125=cancer antigen 125,ca 125; cea=carcinoembryonic
antigen; calcitonin level; antinuclear antibody=ana; rheumatoid factor; anti-ccp; anca; complement level; hla-b27; tissue
transglutaminase=anti-ttg,ttg; serum protein electrophoresis=spep; peripheral blood smear=blood smear,peripheral smear; flow
cytometry; karyotype=karyotyping; genetic testing; cell-free dna=cell-free fetal dna,cfdna; nuchal translucency; quadruple
screen=quad screen; papp-a=pregnancy-associated plasma protein-a; fetal monitoring=cardiotocography,ctg,nonstress
test,non-stress test; biophysical profile; contraction stress test; kleihauer-betke test; newborn screen; sweat chloride
test=sweat test; osmotic fragility test; sickle cell test=hemoglobin electrophoresis; tuberculin skin test=ppd,mantoux,tst;
interferon-gamma release assay=igra,quantiferon,quantiferon gold; hiv test=hiv testing,hiv screening; rpr=vdrl; naat=nucleic
acid amplification test; pcr=polymerase chain reaction; monospot=heterophile antibody test; rapid strep test; koh
preparation=koh; wet mount; tzanck smear; stool guaiac=fecal occult blood test,fobt; urea breath test; h. pylori test;
hepatitis serology=hepatitis panel; toxicology screen=urine drug screen,drug screen,tox screen; drug level; patch
testing=patch test; skin prick test=allergy testing; slit lamp examination=slit-lamp; tonometry; gonioscopy;
fundoscopy=ophthalmoscopy,funduscopy; visual acuity test; fluorescein staining; audiometry=hearing test; tympanometry;
dix-hallpike maneuver; epley maneuver; tilt table test; edrophonium test=tensilon test; mini-mental state examination=mmse;
retrograde urethrogram=retrograde urethrography; cystourethrogram=voiding cystourethrogram,vcug; post-void residual;
urodynamic testing; renal scintigraphy;
"""

# Too general to be an invention where the encounter says it in other words; a contradiction only in place of another term.
CARE = """
observation=observe,observed; expectant management=watchful waiting,expectantly; reassurance=reassured,reassure; supportive
care=supportive treatment,symptomatic treatment,supportive therapy;
admission=hospitalization,admitted,hospitalized,hospitalised; discharge=discharged; follow-up=follow up;
referral=referred,refer; consultation=consulted; surgery=surgical repair,operation,operative; monitoring=monitored,monitor;
screening; counseling=counselling; education=educated; diet; exercise; isolation; quarantine; bladder training; no
intervention=no treatment,no further treatment,no further intervention; notification=notified,reported,report; antenatal
care; palliative care=hospice; repeat testing=repeated,repeat; topical therapy; drug therapy; restraint=restraints;
involuntary hospitalization; home care; elective surgery; emergency surgery; pelvic floor exercises=kegel exercises;
breastfeeding; formula feeding; desmopressin trial; breathing exercises; ethics consultation=ethics committee; child
protective services; physical examination=exam; dose increase=increased dose;
"""

# Endings ("-olol") and names of the medicines that each class stands for.
MEMBERS = """
ace inhibitor: -pril; angiotensin receptor blocker: -sartan; beta blocker: -olol carvedilol labetalol; calcium channel
blocker: -dipine verapamil diltiazem; thiazide diuretic: -thiazide chlorthalidone indapamide metolazone; loop diuretic:
-semide bumetanide ethacrynic-acid; potassium-sparing diuretic: spironolactone eplerenone amiloride triamterene; diuretic:
-thiazide -semide chlorthalidone indapamide metolazone bumetanide spironolactone eplerenone amiloride triamterene
acetazolamide mannitol; statin: -vastatin; antihypertensive: -pril -sartan -olol -dipine -thiazide hydralazine clonidine
methyldopa; nitrate: nitroglycerin isosorbide-mononitrate isosorbide-dinitrate; vasopressor: norepinephrine epinephrine
vasopressin phenylephrine dopamine; antiarrhythmic: amiodarone flecainide sotalol procainamide lidocaine; anticoagulant:
-xaban -parin -gatran warfarin fondaparinux argatroban bivalirudin; direct oral anticoagulant: -xaban dabigatran; low
molecular weight heparin: enoxaparin dalteparin tinzaparin; factor xa inhibitor: -xaban; vitamin k antagonist: warfarin;
antiplatelet: aspirin clopidogrel ticagrelor prasugrel dipyridamole; thrombolytic: -teplase streptokinase; antibiotic:
-cillin -mycin -micin -cycline -floxacin -penem cef- amoxicillin-clavulanate ampicillin-sulbactam piperacillin-tazobactam
metronidazole nitrofurantoin trimethoprim trimethoprim-sulfamethoxazole linezolid penicillin rifampicin isoniazid fosfomycin
aztreonam; penicillins: -cillin penicillin; cephalosporin: cef-; fluoroquinolone: -floxacin; macrolide: azithromycin
clarithromycin erythromycin; aminoglycoside: gentamicin tobramycin amikacin streptomycin; carbapenem: -penem; antifungal:
-conazole -fungin nystatin terbinafine griseofulvin amphotericin-b clotrimazole miconazole; antiviral: -ciclovir -vir
acyclovir ganciclovir; antiretroviral therapy: -tegravir -navir -vudine tenofovir emtricitabine efavirenz; tricyclic
antidepressant: amitriptyline nortriptyline imipramine clomipramine desipramine doxepin; selective serotonin reuptake
inhibitor: sertraline fluoxetine citalopram escitalopram paroxetine fluvoxamine; serotonin-norepinephrine reuptake
inhibitor: venlafaxine desvenlafaxine duloxetine; antidepressant: -triptyline -pramine sertraline fluoxetine citalopram
escitalopram paroxetine venlafaxine duloxetine mirtazapine bupropion trazodone vortioxetine; antipsychotic: haloperidol
-peridone -piprazole quetiapine olanzapine clozapine ziprasidone chlorpromazine lurasidone; benzodiazepine: -azepam -azolam
chlordiazepoxide clobazam; mood stabilizer: lithium valproate lamotrigine; stimulant: methylphenidate amphetamine
lisdexamfetamine; anticonvulsant: valproate lamotrigine carbamazepine levetiracetam topiramate phenytoin phenobarbital
lacosamide; triptan: -triptan; opioid: morphine oxycodone codeine tramadol fentanyl hydromorphone hydrocodone methadone
buprenorphine tapentadol meperidine; nsaid: ibuprofen naproxen diclofenac celecoxib meloxicam ketorolac indomethacin
etoricoxib aspirin; analgesic: paracetamol ibuprofen naproxen morphine oxycodone tramadol codeine; muscle relaxant:
cyclobenzaprine tizanidine baclofen methocarbamol; corticosteroid: prednisone prednisolone methylprednisolone dexamethasone
hydrocortisone betamethasone triamcinolone budesonide fluticasone; inhaled corticosteroid: fluticasone budesonide
beclometasone mometasone; bronchodilator: salbutamol ipratropium tiotropium salmeterol; beta agonist: salbutamol salmeterol
formoterol terbutaline; short-acting beta agonist: salbutamol levalbuterol; long-acting beta agonist: salmeterol formoterol;
antihistamine: cetirizine loratadine fexofenadine diphenhydramine chlorphenamine hydroxyzine; proton pump inhibitor:
-prazole; h2 blocker: famotidine ranitidine cimetidine; laxative: senna docusate lactulose polyethylene-glycol bisacodyl;
antiemetic: ondansetron metoclopramide prochlorperazine promethazine cyclizine; sulfonylurea: gliclazide glipizide
glimepiride glyburide; dpp-4 inhibitor: -gliptin; sglt2 inhibitor: -gliflozin; glp-1 agonist: -glutide exenatide;
thiazolidinedione: -glitazone; bisphosphonate: -dronate zoledronic-acid; oral contraceptive: levonorgestrel ethinylestradiol
norethisterone drospirenone desogestrel; alpha blocker: tamsulosin doxazosin terazosin alfuzosin prazosin; tnf inhibitor:
adalimumab infliximab etanercept certolizumab golimumab; biologic: adalimumab infliximab etanercept ustekinumab dupilumab;
emollient: petrolatum; chemotherapy: -platin -rubicin -taxel cyclophosphamide methotrexate vincristine fluorouracil;
immunosuppressant: azathioprine tacrolimus ciclosporin mycophenolate methotrexate; sedative: midazolam propofol lorazepam
"""

# How often and by which route: not compared here, but the same whatever the spelling.
SCHEDULES = """
once daily=qd,q d,od,o d,every day,each day,once a day,one time daily,daily,per day,once per day,every 24 hours,q24h; twice
daily=bid,b i d,bd,b d,twice a day,two times daily,two times a day,2 times daily,2 times a day,twice per day,twice each
day,every 12 hours,q12h,q 12 h; three times daily=tid,t i d,tds,t d s,three times a day,3 times daily,3 times a day,three
times per day,thrice daily,every 8 hours,q8h,q 8 h; four times daily=qid,q i d,qds,q d s,four times a day,4 times daily,4
times a day,four times per day,every 6 hours,q6h,q 6 h; every 4 hours=q4h,q 4 h,every four hours; every other
day=qod,alternate days,every second day; once weekly=weekly,every week,once a week,once per week,each week; monthly=every
month,once a month; at bedtime=qhs,q h s,hs,nightly,every night,at night,nocte,each night; in the morning=qam,every
morning,each morning,mane; as needed=prn,p r n,if needed,when needed,as required,when required,if required; oral=orally,by
mouth,po,p o,per os; intravenous=intravenously,iv,i v; intramuscular=intramuscularly,im,i m;
subcutaneous=subcutaneously,sc,subq,sub q,subcut,under the skin; sublingual=sublingually,under the tongue;
topical=topically; inhaled=by inhalation; rectal=rectally,per rectum;
"""
