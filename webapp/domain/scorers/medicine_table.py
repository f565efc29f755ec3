"""The table of medicines: one generic name, then after "=" its other names and brands; entries end with ";".

Our own writing and short of complete. How names are found in a text stands in medicines.py.
"""

from __future__ import annotations

MEDICINES = """
paracetamol=acetaminophen,tylenol,panadol,calpol,apap; ibuprofen=advil,motrin,nurofen,brufen; naproxen=aleve,naprosyn;
aspirin=acetylsalicylic acid,asa,ecotrin; diclofenac=voltaren,voltarol; celecoxib=celebrex; meloxicam=mobic;
ketorolac=toradol; indomethacin=indometacin,indocin; etoricoxib=arcoxia; codeine; co-codamol; tramadol=ultram; morphine=ms
contin,oramorph,morphine sulfate,morphine sulphate; oxycodone=oxycontin,oxynorm,roxicodone; hydrocodone;
hydromorphone=dilaudid; fentanyl=duragesic; buprenorphine=subutex,butrans; buprenorphine-naloxone=suboxone; methadone;
naloxone=narcan; naltrexone=vivitrol; tapentadol=nucynta; pregabalin=lyrica; gabapentin=neurontin;
metformin=glucophage,metformin hydrochloride; gliclazide=diamicron; glipizide=glucotrol; glimepiride=amaryl;
glyburide=glibenclamide; sitagliptin=januvia; linagliptin=tradjenta,trajenta; saxagliptin=onglyza; empagliflozin=jardiance;
dapagliflozin=farxiga,forxiga; canagliflozin=invokana; pioglitazone=actos; semaglutide=ozempic,wegovy,rybelsus;
liraglutide=victoza,saxenda; dulaglutide=trulicity; tirzepatide=mounjaro,zepbound; exenatide=byetta; insulin; insulin
glargine=glargine,lantus,basaglar,toujeo; insulin lispro=lispro,humalog; insulin aspart=aspart,novolog,novorapid,fiasp;
insulin degludec=degludec,tresiba; insulin detemir=detemir,levemir; insulin nph=isophane,isophane insulin,nph
insulin,humulin n,novolin n; insulin regular=regular insulin,human insulin,insulin human,soluble insulin,humulin r,actrapid;
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
warfarin=coumadin,jantoven; apixaban=eliquis; rivaroxaban=xarelto; dabigatran=pradaxa; edoxaban=savaysa,lixiana; heparin;
enoxaparin=lovenox,clexane; dalteparin=fragmin; tinzaparin; fondaparinux=arixtra; clopidogrel=plavix;
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
penicillin=penicillin v,phenoxymethylpenicillin,penicillin vk; benzylpenicillin=penicillin g; benzathine
benzylpenicillin=benzathine penicillin,bicillin; flucloxacillin; dicloxacillin; ampicillin; ampicillin-sulbactam=unasyn;
piperacillin-tazobactam=zosyn,tazocin,piperacillin/tazobactam; cefalexin=cephalexin,keflex; cefazolin; cefuroxime;
ceftriaxone=rocephin; cefotaxime; ceftazidime; cefepime; cefdinir; cefixime; meropenem; ertapenem; imipenem; aztreonam;
azithromycin=zithromax,z-pak; clarithromycin=biaxin; erythromycin; doxycycline=vibramycin; minocycline; tetracycline;
ciprofloxacin=cipro; levofloxacin=levaquin; moxifloxacin=avelox; metronidazole=flagyl; tinidazole; trimethoprim;
trimethoprim-sulfamethoxazole=bactrim,septra,co-trimoxazole,sulfamethoxazole-trimethoprim,tmp-smx, cotrimoxazole;
nitrofurantoin=macrobid,macrodantin; fosfomycin=monurol; vancomycin; linezolid=zyvox; daptomycin; clindamycin=cleocin;
gentamicin=gentamycin; tobramycin; amikacin; rifampicin=rifampin; isoniazid; ethambutol; pyrazinamide; mupirocin=bactroban;
fusidic acid; fluconazole=diflucan; itraconazole; voriconazole; terbinafine=lamisil; nystatin;
clotrimazole=canesten,lotrimin; ketoconazole; miconazole; aciclovir=acyclovir,zovirax; valaciclovir=valacyclovir, valtrex;
oseltamivir=tamiflu; nirmatrelvir-ritonavir=paxlovid; remdesivir; tenofovir=viread; emtricitabine;
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
cholecalciferol=colecalciferol,vitamin d3,vitamin d; ergocalciferol; thiamine=vitamin b1; pyridoxine=vitamin b6; ascorbic
acid=vitamin c; phytomenadione=phytonadione,vitamin k; calcium carbonate=tums,calcichew; magnesium oxide; magnesium
sulfate=magnesium sulphate; potassium chloride=k-dur,klor-con,kcl; sodium bicarbonate; zinc sulfate; tamsulosin=flomax;
alfuzosin; finasteride=proscar; dutasteride=avodart; oxybutynin=ditropan; tolterodine=detrol; solifenacin=vesicare;
mirabegron=myrbetriq,betmiga; sildenafil=viagra,revatio; tadalafil=cialis; phenazopyridine=pyridium; latanoprost=xalatan;
timolol; brimonidine; dorzolamide=trusopt; bimatoprost=lumigan; chloramphenicol; varenicline=chantix, champix;
nicotine=nicorette; disulfiram; acamprosate; isotretinoin=accutane; tretinoin; adapalene; benzoyl peroxide;
oxytocin=pitocin; nifurtimox; erythropoietin=epoetin,epoetin alfa; darbepoetin; sevelamer=renvela; cinacalcet; octreotide;
bromocriptine; cabergoline; lidocaine=lignocaine; capsaicin; sulfadiazine; dapsone; riluzole; pyridostigmine; cefoxitin;
cefotetan; cefpodoxime; cefaclor; cefadroxil; ceftaroline; nafcillin; oxacillin; cloxacillin; ticarcillin; piperacillin;
doripenem; tigecycline; colistin=polymyxin e; polymyxin b; bacitracin; neomycin; streptomycin; telavancin; dalbavancin;
oritavancin; quinupristin-dalfopristin; tedizolid; fidaxomicin=dificid; rifabutin; rifapentine; bedaquiline; ethionamide;
cycloserine; norfloxacin; ofloxacin; gatifloxacin; gemifloxacin; spiramycin; methenamine=hiprex; sulbactam; silver
sulfadiazine=silvadene; amphotericin b=amphotericin,ambisome; caspofungin; micafungin; anidulafungin; flucytosine;
griseofulvin; posaconazole; isavuconazole; terconazole; econazole; selenium sulfide; ganciclovir; valganciclovir=valcyte;
foscarnet; cidofovir; famciclovir=famvir; ribavirin; sofosbuvir=sovaldi; ledipasvir; ledipasvir-sofosbuvir=harvoni;
sofosbuvir-velpatasvir=epclusa; entecavir; adefovir; zanamivir=relenza; peramivir; baloxavir; rimantadine; amantadine;
abacavir; atazanavir; darunavir; raltegravir=isentress; bictegravir; rilpivirine; nevirapine; maraviroc; enfuvirtide;
ritonavir; lopinavir-ritonavir=kaletra; didanosine; stavudine; peginterferon; interferon alfa; interferon beta=avonex;
interferon; palivizumab=synagis; nirsevimab; praziquantel; pyrantel; niclosamide; chloroquine; mefloquine; primaquine;
quinine; quinidine; artesunate; pyrimethamine; pentamidine; atovaquone; nitazoxanide; paromomycin; benznidazole; suramin;
miltefosine; sodium stibogluconate; diethylcarbamazine; lindane; malathion; quinapril=accupril; fosinopril; trandolapril;
azilsartan; aliskiren; nicardipine; clevidipine; isradipine; nimodipine; lercanidipine; pindolol; acebutolol; nadolol;
phentolamine; phenoxybenzamine; terazosin=hytrin; nitroprusside=sodium nitroprusside; fenoldopam; milrinone; dobutamine;
dopamine; vasopressin; terlipressin; phenylephrine; ephedrine; isoproterenol=isoprenaline; levosimendan; procainamide;
disopyramide; mexiletine; propafenone; dofetilide; ibutilide; metolazone; ethacrynic acid; chlorothiazide; tolvaptan;
conivaptan; bosentan; ambrisentan; macitentan; riociguat; epoprostenol; treprostinil; iloprost; lovastatin=mevacor;
pitavastatin; fluvastatin; niacin=nicotinic acid; cholestyramine=colestyramine,questran; colesevelam=welchol; colestipol;
bempedoic acid; icosapent ethyl=vascepa; inclisiran; pentoxifylline; cilostazol; midodrine; droxidopa; vericiguat;
argatroban; bivalirudin; lepirudin; streptokinase; reteplase; urokinase; abciximab; eptifibatide; tirofiban; cangrelor;
protamine=protamine sulfate; idarucizumab; andexanet alfa; aminocaproic acid; romiplostim; eltrombopag;
filgrastim=neupogen,g-csf; pegfilgrastim; hydroxyurea=hydroxycarbamide,hydrea; emicizumab; eculizumab; deferoxamine;
deferasirox; anagrelide; ruxolitinib; fluvoxamine=luvox; milnacipran; vilazodone; phenelzine=nardil; tranylcypromine;
moclobemide; doxepin; desipramine; protriptyline; esketamine; agomelatine; chlordiazepoxide=librium; oxazepam; flurazepam;
triazolam; estazolam; eszopiclone=lunesta; zaleplon=sonata; ramelteon; suvorexant=belsomra; lemborexant; asenapine;
brexpiprazole; cariprazine; iloperidone; fluphenazine; perphenazine; thioridazine; trifluoperazine; thiothixene; loxapine;
pimozide; amisulpride; droperidol; modafinil=provigil; armodafinil; dextroamphetamine=dexamfetamine; galantamine;
benztropine=benzatropine,cogentin; trihexyphenidyl; biperiden; procyclidine; entacapone; tolcapone; rotigotine; apomorphine;
tetrabenazine; deutetrabenazine; valbenazine; primidone; felbamate; vigabatrin; rufinamide; tiagabine; perampanel;
brivaracetam; cannabidiol; fosphenytoin; pentobarbital; thiopental; corticotropin=acth injection; eletriptan; naratriptan;
frovatriptan; almotriptan; ergotamine; dihydroergotamine; erenumab; galcanezumab; rimegepant; ubrogepant;
glatiramer=copaxone; fingolimod; natalizumab; ocrelizumab; alemtuzumab; dimethyl fumarate; teriflunomide; dalfampridine;
edaravone; edrophonium; neostigmine; physostigmine; dantrolene; carisoprodol; metaxalone; orphenadrine; botulinum
toxin=botox,onabotulinumtoxin; sodium oxybate; flumazenil; dexmedetomidine=precedex; etomidate; methohexital; remifentanil;
sufentanil; meperidine=pethidine,demerol; nalbuphine; butorphanol; pentazocine; rocuronium; vecuronium;
succinylcholine=suxamethonium; cisatracurium; sugammadex; bupivacaine; ropivacaine; prilocaine; sevoflurane; isoflurane;
desflurane; nitrous oxide; repaglinide; nateglinide; acarbose; miglitol; alogliptin; vildagliptin; ertugliflozin;
tolbutamide; chlorpropamide; rosiglitazone=avandia; pramlintide; glucagon; diazoxide; somatropin; lanreotide; pegvisomant;
mifepristone; metyrapone; mitotane; abaloparatide; romosozumab; ibandronate=ibandronic acid,boniva; pamidronate; calcitonin;
demeclocycline; leuprolide=leuprorelin,lupron; goserelin=zoladex; degarelix; ganirelix; bicalutamide=casodex; flutamide;
enzalutamide=xtandi; abiraterone; apalutamide; exemestane; fulvestrant; danazol; megestrol; drospirenone;
ethinylestradiol=ethinyl estradiol; desogestrel; etonogestrel=nexplanon; ulipristal; elagolix; cosyntropin;
doxorubicin=adriamycin; daunorubicin; epirubicin; idarubicin; bleomycin; dactinomycin; mitomycin; cisplatin; carboplatin;
oxaliplatin; paclitaxel=taxol; docetaxel; vincristine; vinblastine; vinorelbine; etoposide; irinotecan; topotecan;
fluorouracil=5-fluorouracil,5-fu; gemcitabine; cytarabine; fludarabine; cladribine; pemetrexed; ifosfamide; melphalan;
busulfan; chlorambucil; carmustine; lomustine; temozolomide; dacarbazine; procarbazine; bendamustine; asparaginase; arsenic
trioxide; trastuzumab=herceptin; pertuzumab; bevacizumab=avastin; cetuximab; panitumumab; pembrolizumab=keytruda;
nivolumab=opdivo; ipilimumab; atezolizumab; durvalumab; erlotinib; gefitinib; osimertinib; crizotinib; sunitinib; sorafenib;
pazopanib; lenvatinib; vemurafenib; dabrafenib; trametinib; lapatinib; dasatinib; nilotinib; ponatinib; ibrutinib;
acalabrutinib; venetoclax; palbociclib; ribociclib; olaparib; bortezomib=velcade; carfilzomib; lenalidomide=revlimid;
thalidomide; pomalidomide; daratumumab; aldesleukin; everolimus; temsirolimus; leucovorin=folinic acid; mesna; dexrazoxane;
amifostine; rasburicase; aprepitant; fosaprepitant; granisetron; palonosetron; dronabinol; abatacept=orencia; anakinra;
certolizumab=cimzia; golimumab=simponi; secukinumab=cosentyx; ixekizumab; baricitinib; upadacitinib=rinvoq; sarilumab;
belimumab=benlysta; apremilast=otezla; penicillamine; probenecid; pegloticase; basiliximab; antithymocyte globulin;
benralizumab; reslizumab; tezepelumab; canakinumab; cimetidine=tagamet; nizatidine; dexlansoprazole; bismuth
subsalicylate=pepto-bismol,bismuth; aluminum hydroxide=aluminium hydroxide; psyllium=metamucil; magnesium hydroxide=milk of
magnesia; lubiprostone; prucalopride; methylnaltrexone; alosetron; teduglutide; trientine;
diphenoxylate-atropine=diphenoxylate,lomotil; obeticholic acid; zafirlukast; zileuton; indacaterol; vilanterol; aclidinium;
roflumilast; ciclesonide; cromolyn=cromoglicate,cromolyn sodium; dornase alfa; ivacaftor; pirfenidone; nintedanib; caffeine
citrate; pseudoephedrine=sudafed; oxymetazoline=afrin; benzonatate; azelastine; levocetirizine; desloratadine; olopatadine;
ketotifen; dinoprostone; carboprost=hemabate; methylergonovine=methylergometrine,methergine; ergometrine; atosiban;
hydroxyprogesterone; imiquimod=aldara; podophyllotoxin=podofilox; calcipotriene=calcipotriol; tazarotene; acitretin; azelaic
acid; salicylic acid; pimecrolimus=elidel; pilocarpine; travoprost; betaxolol; apraclonidine; tropicamide; cyclopentolate;
ranibizumab; aflibercept=eylea; pralidoxime; fomepizole; methylene blue; dimercaprol; succimer; activated charcoal; digoxin
immune fab=digifab,digibind; ipecac; calcium gluconate; calcium chloride; fesoterodine; trospium; darifenacin; bethanechol;
flavoxate; vardenafil=levitra; avanafil; silodosin; potassium citrate; patiromer; sodium polystyrene
sulfonate=kayexalate,sodium polystyrene; calcium acetate; lanthanum; paricalcitol; iron dextran; ferumoxytol;
cyproheptadine; sodium thiosulfate; hydroxyethyl starch; zinc pyrithione=zinc-pyrithione; pegaspargase; tegaserod;
lorcaserin; phentermine; orlistat=xenical; naltrexone-bupropion=contrave; finerenone=kerendia;
ethinylestradiol-levonorgestrel=microgynon,ethinylestradiol/levonorgestrel,levonorgestrel/ethinylestradiol,rigevidon;
beclometasone-formoterol=fostair,beclometasone/formoterol; elexacaftor-tezacaftor-ivacaftor=kaftrio,trikafta,
elexacaftor/tezacaftor/ivacaftor; rifampicin-isoniazid=rifinah,rifampicin/isoniazid;
umeclidinium-vilanterol=anoro,umeclidinium/vilanterol;
fluticasone-umeclidinium-vilanterol=trelegy,fluticasone/umeclidinium/vilanterol,fluticasone furoate/umeclidinium/vilanterol;
tiotropium-olodaterol=spiolto,tiotropium/olodaterol; ipratropium-albuterol=duoneb,combivent; calcium
carbonate-colecalciferol=adcal-d3,calcium carbonate/colecalciferol;
lisinopril-hydrochlorothiazide=zestoretic,lisinopril/hydrochlorothiazide;
losartan-hydrochlorothiazide=hyzaar,losartan/hydrochlorothiazide; hydrocodone-acetaminophen=vicodin,norco,lortab;
oxycodone-acetaminophen=percocet; sitagliptin-metformin=janumet; ezetimibe-simvastatin=vytorin
"""

# Further brands and abbreviations of the same, and of some names that only accuracy needs.
BRANDS = """
fluoxetine=sarafem; valproate=depakene,depacon; cefazolin=ancef,kefzol; vancomycin=vancocin; gentamicin=garamycin;
isoniazid=nydrazid; erythromycin=e-mycin,ery-tab,erythrocin; sulfasalazine=azulfidine; clomipramine=anafranil;
imipramine=tofranil; estradiol=estrace,climara,vivelle,oestrogel; tamoxifen=nolvadex; letrozole=femara;
anastrozole=arimidex; exemestane=aromasin; raloxifene=evista; clomifene=clomid,serophene;
medroxyprogesterone=depo-provera,provera; progesterone=prometrium,utrogestan; megestrol=megace; danazol=danocrine;
testosterone=androgel; oxytocin=syntocinon; dinoprostone=cervidil; misoprostol=cytotec; mifepristone=mifeprex;
terbutaline=brethine; folic acid=vitamin b9,folvite; niacin=niaspan; thiamine=vitamin b-1; heparin=ufh,unfractionated
heparin; alteplase=tpa,activase; tenecteplase=tnkase; streptokinase=streptase; bivalirudin=angiomax;
eptifibatide=integrilin; tirofiban=aggrastat; abciximab=reopro; dipyridamole=persantine; cilostazol=pletal;
captopril=capoten; benazepril=lotensin; fosinopril=monopril; trandolapril=mavik; felodipine=plendil; isradipine=dynacirc;
nicardipine=cardene; nimodipine=nimotop; diltiazem=tiazac,dilacor; verapamil=isoptin,covera; nadolol=corgard;
pindolol=visken; sotalol=betapace; esmolol=brevibloc; acebutolol=sectral; hydralazine=apresoline; methyldopa=aldomet;
minoxidil=loniten,rogaine; prazosin=minipress; nitroprusside=nipride; isosorbide dinitrate=isordil;
chlorthalidone=hygroton,thalitone; metolazone=zaroxolyn; triamterene=dyrenium,dyazide; amiloride=midamor; torsemide=soaanz;
ethacrynic acid=edecrin; propafenone=rythmol; flecainide=tambocor; dofetilide=tikosyn; ibutilide=corvert;
procainamide=pronestyl,procanbid; disopyramide=norpace; mexiletine=mexitil; dronedarone=multaq; adenosine=adenocard;
lidocaine=xylocaine; atropine=atropen; dopamine=intropin; dobutamine=dobutrex; milrinone=primacor; vasopressin=pitressin;
phenylephrine=neo-synephrine; norepinephrine=levophed; midodrine=proamatine; fluvastatin=lescol; pitavastatin=livalo;
gemfibrozil=lopid; fenofibrate=trilipix; bosentan=tracleer; ambrisentan=letairis; epoprostenol=flolan;
glyburide=diabeta,micronase; repaglinide=prandin; nateglinide=starlix; acarbose=precose; miglitol=glyset; alogliptin=nesina;
pramlintide=symlin; exenatide=bydureon; chlorpropamide=diabinese; tolbutamide=orinase; liothyronine=cytomel;
levothyroxine=unithroid; methimazole=northyx; desmopressin=stimate; octreotide=sandostatin; cabergoline=dostinex;
bromocriptine=parlodel; somatropin=genotropin,growth hormone; cinacalcet=sensipar; calcitriol=rocaltrol;
alendronate=binosto; risedronate=actonel; zoledronic acid=reclast,zometa,aclasta; pamidronate=aredia; teriparatide=forteo;
denosumab=xgeva; prednisone=rayos; prednisolone=orapred,prelone; dexamethasone=dexasone; betamethasone=celestone;
triamcinolone=aristocort,nasacort; hydrocortisone=hydrocort; salmeterol=aeromax; formoterol=foradil; levalbuterol=xopenex;
theophylline=theo-dur,uniphyl; zafirlukast=accolate; zileuton=zyflo; cromolyn=intal,nasalcrom; ciclesonide=alvesco;
roflumilast=daliresp; mometasone=asmanex,elocon; budesonide=rhinocort,entocort; guaifenesin=robitussin;
dextromethorphan=delsym; benzonatate=tessalon; promethazine=promethegan; chlorphenamine=chlor-trimeton;
hydroxyzine=atarax,vistaril; cyproheptadine=periactin; desloratadine=clarinex; levocetirizine=xyzal; azelastine=astelin;
cimetidine=tagamet hb; nizatidine=axid; rabeprazole=aciphex; dexlansoprazole=dexilant; sucralfate=carafate;
bisacodyl=correctol; psyllium=konsyl; lubiprostone=amitiza; linaclotide=linzess; dicyclomine=bentyl; hyoscine=transderm
scop; diphenoxylate-atropine=motofen; mesalamine=lialda,delzicol,rowasa; balsalazide=colazal; ursodiol=actigall,urso;
lactulose=enulose,kristalose; simethicone=gas-x,mylicon; cholestyramine=prevalite; metoclopramide=maxolon;
prochlorperazine=compro; granisetron=kytril; ampicillin=principen; dicloxacillin=dynapen; nafcillin=unipen;
oxacillin=bactocill; penicillin=pen-vee k,veetids; ticarcillin=timentin; cefuroxime=ceftin,zinacef; cefoxitin=mefoxin;
cefotetan=cefotan; cefaclor=ceclor; cefdinir=omnicef; cefixime=suprax; cefpodoxime=vantin; cefotaxime=claforan;
ceftazidime=fortaz,tazicef; cefepime=maxipime; ceftaroline=teflaro; imipenem=primaxin,imipenem-cilastatin; meropenem=merrem;
ertapenem=invanz; aztreonam=azactam; minocycline=minocin; doxycycline=doryx,monodox; tetracycline=sumycin;
tigecycline=tygacil; clarithromycin=klaricid; azithromycin=azithrocin; ofloxacin=floxin,ocuflox; norfloxacin=noroxin;
moxifloxacin=vigamox; tobramycin=tobrex,nebcin; amikacin=amikin; neomycin=neo-fradin; linezolid=zyvoxam; daptomycin=cubicin;
rifampicin=rifadin,rimactane; ethambutol=myambutol; pyrazinamide=pza; rifabutin=mycobutin; dapsone=aczone;
trimethoprim=primsol,proloprim; nitrofurantoin=furadantin; metronidazole=metrogel; tinidazole=tindamax;
fidaxomicin=dificlir; itraconazole=sporanox; ketoconazole=nizoral; voriconazole=vfend; posaconazole=noxafil;
griseofulvin=gris-peg,grifulvin; nystatin=mycostatin; clotrimazole=mycelex; miconazole=monistat; caspofungin=cancidas;
micafungin=mycamine; amphotericin b=fungizone; ganciclovir=cytovene; foscarnet=foscavir; amantadine=symmetrel;
ribavirin=copegus,rebetol; lamivudine=epivir; zidovudine=retrovir,azt; abacavir=ziagen; efavirenz=sustiva;
nevirapine=viramune; ritonavir=norvir; atazanavir=reyataz; darunavir=prezista; entecavir=baraclude; chloroquine=aralen;
mefloquine=lariam; mebendazole=vermox; albendazole=albenza; ivermectin=stromectol; praziquantel=biltricide;
permethrin=elimite; nortriptyline=aventyl; desipramine=norpramin; doxepin=sinequan; amitriptyline=endep; trazodone=oleptro;
tranylcypromine=parnate; selegiline=eldepryl,emsam; fluvoxamine=faverin; vilazodone=viibryd; vortioxetine=brintellix;
lithium=eskalith; chlorpromazine=thorazine; fluphenazine=prolixin; perphenazine=trilafon; thioridazine=mellaril;
clozapine=fazaclo; asenapine=saphris; iloperidone=fanapt; cariprazine=vraylar; brexpiprazole=rexulti; pimozide=orap;
oxazepam=serax; temazepam=restoril; triazolam=halcion; midazolam=hypnovel; ramelteon=rozerem; amphetamine=evekeo;
dextroamphetamine=dexedrine; methylphenidate=metadate,daytrana; guanfacine=intuniv,tenex; clonidine=kapvay;
phenobarbital=luminal; primidone=mysoline; ethosuximide=zarontin; felbamate=felbatol; oxcarbazepine=oxtellar;
zonisamide=zonegran; tiagabine=gabitril; vigabatrin=sabril; rufinamide=banzel; clobazam=onfi,frisium; fosphenytoin=cerebyx;
trihexyphenidyl=artane; entacapone=comtan; tolcapone=tasmar; rasagiline=azilect; apomorphine=apokyn;
galantamine=razadyne,reminyl; tetrabenazine=xenazine; riluzole=rilutek; pyridostigmine=mestinon; neostigmine=bloxiverz;
edrophonium=enlon,tensilon; interferon beta=betaseron,rebif; natalizumab=tysabri; fingolimod=gilenya; ocrelizumab=ocrevus;
rizatriptan=maxalt-mlt; zolmitriptan=zomig; eletriptan=relpax; ergotamine=cafergot; baclofen=gablofen; carisoprodol=vanadom;
dantrolene=dantrium; hydrocodone=zohydro; hydromorphone=exalgo; fentanyl=sublimaze,actiq; methadone=dolophine;
morphine=roxanol,kadian; buprenorphine=buprenex; naltrexone=revia; disulfiram=antabuse; acamprosate=campral;
flumazenil=romazicon; propofol=diprivan; ketamine=ketalar; etomidate=amidate; succinylcholine=anectine; rocuronium=zemuron;
vecuronium=norcuron; bupivacaine=marcaine; colchicine=mitigare; probenecid=benemid; leflunomide=arava;
cyclophosphamide=cytoxan; mycophenolate=myfortic; tacrolimus=protopic; ciclosporin=neoral,sandimmune,restasis;
sirolimus=rapamune; azathioprine=azasan; rituximab=mabthera; anakinra=kineret; hydroxyurea=droxia; imatinib=glivec;
doxorubicin=doxil; bleomycin=blenoxane; vincristine=oncovin; vinblastine=velban; cisplatin=platinol; carboplatin=paraplatin;
oxaliplatin=eloxatin; etoposide=vepesid; methotrexate=rheumatrex,otrexup; fluorouracil=adrucil,efudex; gemcitabine=gemzar;
docetaxel=taxotere; irinotecan=camptosar; pemetrexed=alimta; erlotinib=tarceva; sunitinib=sutent; sorafenib=nexavar;
leucovorin=wellcovorin; mesna=mesnex; ruxolitinib=jakafi; flutamide=eulexin; abiraterone=zytiga; leuprolide=eligard;
tolterodine=detrusitol; darifenacin=enablex; trospium=sanctura; bethanechol=urecholine; doxazosin=cardura xl;
alfuzosin=uroxatral; allopurinol=aloprim; potassium citrate=urocit-k; sevelamer=renagel; darbepoetin=aranesp;
erythropoietin=epogen,procrit; iron dextran=infed; deferoxamine=desferal; ferrous sulfate=feosol,slow fe;
latanoprost=xelpros; timolol=timoptic; brimonidine=alphagan; pilocarpine=isopto carpine; cyclopentolate=cyclogyl;
isotretinoin=claravis,roaccutane; tretinoin=retin-a; adapalene=differin; acitretin=soriatane; mupirocin=centany;
permethrin=acticin; acetylcysteine=mucomyst,acetadote; pralidoxime=protopam,2-pam; fomepizole=antizol; glucagon=glucagen;
succimer=chemet; physostigmine=antilirium; activated charcoal=actidose; naloxone=evzio; diphenhydramine=sominex;
indomethacin=tivorbex; diclofenac=cataflam; ketorolac=sprix; naproxen=anaprox; etodolac=lodine; nabumetone=relafen;
piroxicam=feldene; sulindac=clinoril; oxaprozin=daypro; mefenamic acid=ponstel
"""
