"""The table of symptoms, findings, diagnoses and organisms, each with its other names.

One name as the scorer says it, then after "=" its other names; entries end with ";". Our own writing and short of complete.
"""

from __future__ import annotations

# What a note affirms or denies. Words of one entry mean the same thing in this check.
SYMPTOMS = """
fever=febrile,pyrexia,fevers,feverish; chills=rigors,chill,shivers; night sweats; weight loss=lost weight,losing weight;
fatigue=tiredness,tired,fatigued; malaise; anorexia=loss of appetite,decreased appetite,poor appetite; chest pain=chest
discomfort,chest tightness,chest pressure; palpitations=palpitation,heart racing; shortness of
breath=dyspnea,breathlessness,breathless,short of breath,sob,dyspnoea,difficulty breathing; orthopnea;
syncope=fainting,fainted,passed out,blackout,blackouts,loss of consciousness,lost consciousness;
dizziness=dizzy,lightheadedness,lightheaded,light-headed,light-headedness; vertigo; cough=coughing; wheezing=wheeze,wheezes;
hemoptysis=coughing up blood,coughed up blood,cough blood,blood in the sputum; sore throat; runny nose=rhinorrhea; nasal
congestion=congestion; sputum=phlegm; hoarseness=hoarse voice; stridor; ear pain=earache,otalgia; hearing loss; tinnitus;
nausea=nauseous,nauseated; vomiting=emesis,vomited,throwing up,being sick; hematemesis=vomiting blood,vomited blood;
abdominal pain=belly pain,stomach pain,stomach ache,tummy pain,tummy ache; diarrhea=loose stools,watery stools;
constipation=constipated; melena=black stool,black stools,tarry stools; rectal bleeding=blood in the stool,bloody
stool,bloody stools,hematochezia; heartburn=acid reflux,reflux; dysphagia=difficulty swallowing,trouble swallowing;
odynophagia; bloating=bloated; jaundice=jaundiced,yellow skin; headache=headaches,cephalgia,cephalalgia; neck stiffness=stiff neck,nuchal
rigidity,meningism; photophobia; seizure=seizures,convulsion,convulsions,fit; confusion=confused,disorientation;
numbness=numb; tingling=paresthesia,paresthesias,pins and needles; weakness; tremor=tremors; double vision=diplopia; blurred
vision=blurry vision; visual loss=vision loss; slurred speech=dysarthria; facial droop; incontinence=incontinent;
insomnia=trouble sleeping,difficulty sleeping; memory loss; dysuria=burning on urination,painful urination,pain on
urination; hematuria=blood in the urine,blood in urine; urinary frequency; urgency; nocturia; flank pain; vaginal bleeding;
vaginal discharge; pelvic pain; dyspareunia; polyuria; polydipsia=excessive thirst; oliguria; rash=rashes;
itching=pruritus,itchy,itch; swelling=swollen; edema=oedema; joint pain=arthralgia,joint pains; joint swelling; back pain;
muscle pain=myalgia,myalgias; bruising=bruises; bleeding=bleed; lump; lymphadenopathy=swollen lymph nodes,enlarged lymph
nodes; cyanosis; clubbing; erythema=redness; tenderness=tender; guarding; rebound=rebound tenderness; rigidity;
hepatomegaly; splenomegaly; hepatosplenomegaly; ascites; murmur=murmurs; crackles=rales,crepitations; rhonchi; gallop;
friction rub; jugular venous distension=jvd; effusion; crepitus; depression=depressed mood,low mood; anxiety=anxious;
hallucinations=hallucination,hearing voices; delusions; suicidal ideation=suicidal thoughts,thoughts of
self-harm,suicidality,self-harm; homicidal ideation; panic attacks
"""

DIAGNOSES = """
hypertension=high blood pressure; diabetes=diabetes mellitus,diabetic; type 2 diabetes=type 2 diabetes mellitus,t2dm; type 1
diabetes=type 1 diabetes mellitus,t1dm; hyperlipidemia=high cholesterol,dyslipidemia,hypercholesterolemia; coronary artery
disease=cad,ischemic heart disease; heart failure=congestive heart failure,chf; atrial fibrillation=afib,a-fib; atrial
flutter; myocardial infarction=heart attack,mi,stemi,nstemi; angina; stroke=cva,cerebrovascular accident; transient ischemic
attack=tia; deep vein thrombosis=dvt,deep venous thrombosis; pulmonary embolism; aortic dissection; aortic stenosis; mitral
regurgitation; peripheral artery disease=pad; cardiac tamponade; long qt; asthma; copd=chronic obstructive pulmonary
disease; pneumonia; tuberculosis=tb; pneumothorax; lung cancer; sleep apnea=osa,obstructive sleep apnea; croup; common
cold=upper respiratory infection,uri; covid-19=covid; influenza=flu; strep throat; gastroesophageal reflux disease=gerd;
peptic ulcer=gastric ulcer,duodenal ulcer,stomach ulcer; cirrhosis; fatty liver; gallstones; crohn disease=crohn's
disease,crohns; irritable bowel syndrome=ibs; celiac disease; bowel obstruction; intussusception; volvulus; hernia;
hemorrhoids; anal fissure; colon cancer=colorectal cancer; diverticular disease; kidney disease=ckd,chronic kidney disease;
acute kidney injury=aki,acute renal failure; kidney stones=kidney stone,renal stones,nephrolithiasis,urolithiasis; urinary
tract infection=uti; bph=benign prostatic hyperplasia; testicular torsion; renal cell carcinoma; epilepsy; migraine;
parkinson disease=parkinson's disease,parkinsons; alzheimer disease=alzheimer's disease,alzheimers; dementia; multiple
sclerosis; myasthenia gravis; guillain-barre syndrome=guillain-barre; bell palsy=bell's palsy; subarachnoid hemorrhage;
subdural hematoma; epidural hematoma; delirium; huntington disease; amyotrophic lateral sclerosis=als; restless legs
syndrome; hypothyroidism=underactive thyroid; hyperthyroidism=overactive thyroid; graves disease; cushing syndrome; addison
disease=adrenal insufficiency; pheochromocytoma; diabetic ketoacidosis=dka; diabetes insipidus; siadh; acromegaly; gout;
pseudogout; osteoporosis; rheumatoid arthritis; osteoarthritis; lupus=sle,systemic lupus erythematosus; ankylosing
spondylitis; fibromyalgia; scleroderma; sjogren syndrome; polymyalgia rheumatica; giant cell arteritis=temporal arteritis;
septic arthritis; fracture=fractured,broken; dislocation; sprain; compartment syndrome; carpal tunnel syndrome; anemia; iron
deficiency anemia=iron deficiency; sickle cell disease=sickle cell anemia; thalassemia; hemophilia; von willebrand disease;
itp; ttp; leukemia; lymphoma; multiple myeloma; cancer=malignancy,carcinoma; breast cancer; prostate cancer; melanoma;
eczema=atopic dermatitis; psoriasis; acne; rosacea; urticaria=hives; scabies; impetigo; shingles=herpes zoster;
chickenpox=varicella; measles; mumps; rubella; lyme disease; syphilis; gonorrhea; chlamydia; hiv infection=hiv,aids;
malaria; sepsis; endocarditis; meningitis; preeclampsia=pre-eclampsia; eclampsia; placenta previa; placental
abruption=abruptio placentae; ectopic pregnancy; miscarriage; pregnancy=pregnant; gestational diabetes; endometriosis;
fibroids=leiomyoma; polycystic ovary syndrome=pcos; ovarian torsion; uterine atony; menopause; adhd; autism=autism spectrum
disorder; schizophrenia; bipolar disorder; major depressive disorder; obsessive-compulsive disorder=ocd; ptsd; anorexia
nervosa; bulimia; borderline personality disorder; conduct disorder; tourette syndrome; alcohol withdrawal; turner syndrome;
klinefelter syndrome; down syndrome; cystic fibrosis; marfan syndrome; kawasaki disease; g6pd deficiency; wilson disease;
hemochromatosis; sarcoidosis; amyloidosis; anaphylaxis; serotonin syndrome; neuroleptic malignant syndrome; malignant
hyperthermia; tension pneumothorax; glaucoma; cataract; retinal detachment; macular degeneration;
"""

ORGANISMS = """
staphylococcus aureus=s. aureus,mrsa,staph aureus; staphylococcus epidermidis; staphylococcus saprophyticus; streptococcus
pneumoniae=s. pneumoniae,pneumococcus; streptococcus pyogenes=group a streptococcus,group a strep; streptococcus
agalactiae=group b streptococcus,group b strep; enterococcus; escherichia coli=e. coli; klebsiella; pseudomonas=pseudomonas
aeruginosa; haemophilus influenzae=h. influenzae; haemophilus ducreyi; moraxella; legionella; mycoplasma=mycoplasma
pneumoniae; chlamydia trachomatis=c. trachomatis; chlamydophila; neisseria gonorrhoeae=n. gonorrhoeae,neisseria gonorrhea;
neisseria meningitidis=meningococcus; treponema pallidum; borrelia=borrelia burgdorferi; rickettsia; bartonella; salmonella;
shigella; campylobacter; vibrio cholerae; clostridium difficile=c. difficile,c diff,clostridioides difficile; clostridium
botulinum; clostridium tetani; clostridium perfringens; listeria=listeria monocytogenes; bacillus anthracis; bacillus
cereus; helicobacter pylori=h. pylori; proteus mirabilis; serratia; acinetobacter; bacteroides; mycobacterium tuberculosis;
mycobacterium avium; nocardia; actinomyces; candida=candida albicans; aspergillus; cryptococcus; histoplasma; coccidioides;
blastomyces; sporothrix; pneumocystis=pneumocystis jirovecii; malassezia; trichophyton; trichomonas=trichomonas vaginalis;
gardnerella=gardnerella vaginalis; giardia=giardia lamblia; entamoeba=entamoeba histolytica; cryptosporidium;
toxoplasma=toxoplasma gondii; plasmodium; babesia; leishmania; trypanosoma; schistosoma; strongyloides; ascaris; enterobius;
taenia; echinococcus; trichinella; sarcoptes; herpes simplex virus=hsv,herpes simplex; varicella-zoster virus=vzv;
cytomegalovirus=cmv; epstein-barr virus=ebv; human herpesvirus 6=hhv-6; parvovirus b19=parvovirus; adenovirus; rhinovirus;
rotavirus; norovirus; respiratory syncytial virus=rsv; parainfluenza virus=parainfluenza; coxsackievirus; human
papillomavirus=hpv; hepatitis a; hepatitis b; hepatitis c; west nile virus; dengue; zika; ebola; eikenella; pasteurella;
francisella; yersinia; brucella; coxiella; ureaplasma; viridans streptococci; corynebacterium; bordetella=bordetella
pertussis;
"""
