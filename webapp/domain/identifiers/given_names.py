"""Given names as they are common in many countries, in small letters without accents. Words that are mostly words are left out."""

from __future__ import annotations

from webapp.domain.scorers.words import word_set

GIVEN_NAMES = word_set(
    """
aaliyah aaron abdul abdullah abel abena abigail abraham ada adaeze adam adebayo adela adele adeline adesola adrian adriana adrienne agata
agnes agnieszka ahmad ahmed aidan aiden aileen aimee aisha aishwarya ajay akash akiko akira akua alan alana alba albert alberto alejandra
alejandro aleksandr aleksandra alena alessandra alessandro alex alexa alexander alexandra alexandre alexandria alexei alexis alfred
alfredo ali alice alicia alina alisha alison alistair allan allison alma alonso alvaro alvin alyssa amadou amanda amelia amina amir amit
amma amy ana anastasia anders andre andrea andreas andrei andres andrew andrzej andy aneta angela angelica angelina angelo angie anika
anil anita anjali ann anna annabel anne anneliese annette annie annika anthony antoine antoinette anton antonia antonio anya aoife apinya
araceli archana archie aria ariana arianna ariel arjun arlene armando arnaud arnold artem arthur arturo arun asha ashish ashley ashok
astrid asuncion athena aubrey audrey augustin aurelie aurora ava avery axel ayaan ayesha ayla aylin ayodele babak barbara barry bartosz
beata beatrice beatriz becky belinda ben benedict benjamin bernadette bernard bernardo bernice bert bertha beth bethany betsy betty
beverly bhavna bianca billie billy birgit bjorn blake blanca blessing bob bobbie bobby bogdan bonnie boris brad bradley brandi brandon
brandy brayden brenda brendan brent brett brian briana brianna bridget brigitte britney brittany brooke bruce bruno bryan bryce caitlin
caleb callum calvin cameron camila camille candace candice carina carl carla carlo carlos carlton carly carmela carmen carole carolina
caroline carolyn carrie carson casey cassandra cassie catalina caterina catherine cathy cecelia cecilia cecily cedric celeste celia celine
cesar chad chandra chantal charlene charles charlie charlotte cheng cheryl chester chiara chidi chinedu chioma chloe chris christa
christian christie christina christine christoph christophe christopher christy chukwuemeka cindy claire clara clarence clarissa clark
claude claudette claudia claudine claudio clayton clement clifford clifton clint clinton clive clyde cody colette colin colleen connie
connor conor conrad constance consuelo cora corey corinne cornelia cornelius courtney craig cristian cristina curtis cynthia daisuke
dakota dalia damian damien dan dana daniel daniela daniele danielle danny dante daphne darius darlene darren darryl dave david dean deanna
debbie deborah debra declan deepa deepak deirdre delia della delores demetrius denis denise dennis derek derrick desiree desmond devin
devon dewayne dewey diana diane dianne diego dieter dimitri dina dinesh dirk dmitri dolores dominic dominik dominique donald donna donovan
dora doreen doris dorota dorothea dorothy doug douglas duane duncan dustin dwayne dwight dylan earl eddie edgar edith edmund edna eduardo
edward edwin efua eileen eitan ekaterina elaine eleanor elena eleni elias elijah elisa elisabeth elise eliza elizabeth ella ellen ellie
elliot elliott elmer elsa elsie elvira emanuel emeka emil emilia emiliano emilie emilio emily emma emmanuel emre enrique eric erica erich
erick erik erika erin ernest ernestine ernesto erwin esmeralda esperanza esteban estela estelle esther ethan ethel etienne eugene eugenia
eun eunice eva evan evangeline eve evelina evelyn everett ewa ezekiel fabian fabiola fabrice faisal farah farid fatima fatou fatoumata
faye federico felicia felicity felipe felix fernanda fernando fidel filip filippo finn fiona florian floyd folasade frances francesca
francesco francine francis francisca francisco francois francoise frank frankie franklin franz fred freda freddie frederic frederick freya
frieda friedrich fritz fumiko gabriel gabriela gabriele gabriella gabrielle gail galina gareth garrett gary gavin geert gemma genevieve
geoffrey george georgia georgina gerald geraldine gerard gerardo gerhard german gertrude ghassan gianluca gilbert gilberto gillian gina
giorgio giovanna giovanni giulia giuseppe gladys glenda glenn gloria godfrey gonzalo gordon graham greg gregg gregor gregorio gregory
greta gretchen grzegorz guadalupe guido guillaume guillermo gunther gustavo gwen gwendolyn haley halima hamid hamza hanna hannah hannes
hans haris harold harriet harrison harry haruki harvey hassan hattie hector heidi heike heinrich heinz helen helena helene helga helmut
henri henriette henrik henry herbert herman hermann hilary hilda hillary hiroshi hong horace horst howard huan hubert hugh hugo humberto
hussein ian ibrahim ida ifeoma ignacio igor ilona ilse imani imran ina ines inga ingeborg ingrid inigo irena irene irina irma irving isaac
isabel isabella isabelle isaiah ishaan isla ismael ismail ivan ivana ivonne jack jackie jackson jaclyn jacob jacqueline jacques jaden
jaime jake jakob jakub jamal jamie jan jana jane janet janice janina janine janusz jared jasmin jason jasper javier jayden jayla jayne
jeanette jeanne jeannie jeff jefferson jeffery jeffrey jelena jenna jennie jennifer jenny jens jeremiah jeremy jermaine jerome jerry jess
jesse jessica jessie jesus jill jillian jim jimmy jiri joachim joan joana joanna joanne joaquin jocelyn jodi jodie jody joe joel joelle
joerg johan johann johanna johannes john johnathan johnnie johnny jolene jon jonas jonathan jordan jorge jose josef josefa josefina joseph
josephine josh joshua josie joyce juan juana juanita jude judith judy juergen juha jules julia julian juliana julie juliet julieta
juliette julio julius jun jung jurgen justin justine jutta kaitlyn kamal kamala kamil kara karen karin karina karl karla karolina kasia
katarina katarzyna kate katelyn katerina katharina katherine kathleen kathryn kathy katia katie katja katrin katrina kavita kay kayla
kayleigh kazuko keiko keisha keith kelley kelli kellie kelly kelsey kelvin ken kendra kenji kenneth kenny kent kerry kevin khadija khalid
kiara kieran kim kimberly kinga kiran kirk kirsten klaus kofi krishna krista kristen kristin kristina kristine kristof kristopher krystal
krystyna krzysztof kumar kurt kwabena kwame kyle kylie kyung lakshmi lamar lana lance lara larisa larissa larry lars lashonda latasha
latisha latoya laura laurel lauren laurence laurent laurie lawrence layla lea leah leandro leanne lee leena leif leila lena leo leon leona
leonard leonardo leonie leonor leopold leroy leslie lester leticia levi lewis liam lidia liesel lila lilian liliana lillian lilly lin lina
linda lindsay lindsey ling linh lionel lisa lizbeth lloyd logan lois lola lonnie lope lora loren lorena lorenzo loretta lori lorraine
lottie lou louis louisa louise lourdes luc luca lucas lucia luciana lucie lucien lucille lucinda lucy ludwig luigi luis luisa lukas luke
lupe lutz lydia lyle lynda lynette lynn lynne mabel mackenzie maddison madeleine madeline madelyn madhuri madison mae magda magdalena
maggie mahmoud maite makayla malcolm malgorzata malik malika mallory mamadou mandy manfred manish manju manon manuel manuela marc marcel
marcela marcelo marcia marco marcos marcus marek margaret margarita margery margit margot marguerite maria mariam mariama marian mariana
marianne maribel maricela marie mariela marietta marijke marilyn marina mario marion maris marisa marisol marissa marit marjorie marko
markus marlene marlon marsha marta martha martin martina marty marvin mary maryam mason mateo mateusz mathew mathias mathieu mathilde
matilda matt matteo matthew matthias matthieu maureen maurice mauricio maurizio mauro maxime maximilian maxine maya mayra mckenzie megan
meghan mehmet mei melinda melissa melvin meredith merle mia michael michaela michal micheal michel michele michelle miguel mihai mikael
mike mikhail mila milan mildred milena miles milton mindy minh minnie mira miranda miriam mirjam mitchell moe mohamed mohammad mohammed
moira molly mona monica monika monique morgan moses moshe muhammad muriel mustafa mutasem myra myriam myrna myrtle nadia nadine nancy
naomi narendra nasreen natalia natalie natasha nathalie nathan nathaniel neal ned neha neil nell nellie nelson nestor ngoc ngozi nguyen
nia niamh nicholas nick nicola nicolas nicole niels nigel nikhil nikita nikki nikolai nikolaos nils nina nisha nkechi noah noel noelle
noemi nora noreen norma norman nuno obinna octavia odette olaf olayinka olga oliver olivia ollie olu oluwaseun omar onyeka ophelia orlando
oscar oskar osman otto owen pablo pamela paolo parisa pascal patrice patricia patrick patrizia patsy patti patty paul paula paulette
paulina pauline paulo pavel pawel payton pedro peggy penelope percy perry peter petra phil philip philippa philippe phillip phoebe phyllis
pierre pieter pilar piotr polly pooja prakash preston priscilla priya priyanka przemyslaw quentin quincy quinn rachael rachel radoslaw
rafael rafal rahul raj raja rajesh rakesh ralf ralph ramesh ramon ramona randall randi randolph raphael raquel rashid raul ravi raymond
rebecca rebekah regina reginald reinhard rekha renata renate rene renee rhea rhoda rhonda ricardo riccardo richard rick rickey ricky rita
ritu rob robbie robert roberta roberto robyn rocio roderick rodney rodolfo rodrigo rogelio roger rohan roland rolando rolf roman romina
ron ronald ronan ronda ronnie rory rosa rosalia rosalie rosalind rosalyn rosanna rosario rosemarie rosemary rosetta rosie ross roxana
roxanne roy ruben rudolf rudolph rudy rufus rupert russell ruth ryan sabina sabine sabrina sadie sagal saira sally salma salvador
salvatore sam samantha samir samira sammy samson samuel sandeep sandra sanjay santiago santos sara sarah sasha saskia saul savannah scott
sean sebastian selena selma serena serge sergei sergio seth shannon shanta shanti sharon shaun shauna shawn shawna sheila shelby sheldon
shelia shelley shelly sheng sherri sherry sheryl shirin shirley shreya sidney siegfried sierra sigrid silke silvia silvio simon simona
simone siobhan skyler sofia sofie solange soledad sonia sonja sonya soo sophia sophie soren stacey stacy stan stanislaw stanley stefan
stefania stefanie stefano steffen stella stephan stephanie stephen steve steven stewart stuart sue sunil sunita susan susana susanna
susanne susie suzanne sven svetlana swati sybil sydney sylvain sylvia sylvie tabitha takashi takeshi tamara tameka tami tammy tanja tanya
tara tariq tasha tatiana tatyana taylor ted teodoro terence teresa teri terrance terrell terrence terri terry tessa thaddeus thanh thea
thelma theo theodora theodore theresa therese thi thierry thomas thorsten tiago tiffany tim timothy tina tobias toby todd tom tomas tomasz
tommy toni tony tonya torsten tracey traci tracy travis trevor tricia trina trinh trisha tristan troy trudy tuan tyler tyrone uchenna ulla
ulrich ulrike umberto ursula usha uwe vadim valentina valeria valerie vanessa vaughn veena velma venkat vera vernon veronica veronique
vicente vicki vickie vicky victor victoria vijay vikram viktor vilma vince vincent vincenzo viola violeta virgil virginia vito vittorio
vivek vivian viviana vivienne vladimir volker walter wanda wang warren waylon wayne wendell wendy werner wesley whitney wilbur wilfred
wilhelm willard willem william willie willis wilma winifred winston wojciech wolfgang xavier xiao ximena yadira yael yan yan-ling yang
yannick yasmin yasmine yesenia yevgeny yolanda yong yosef yoshiko youssef yuan yuki yuko yulia yuri yusuf yvette yvonne zachary zahra
zainab zane zara zbigniew zeynep zhang zoe zofia zoltan zsofia
"""
)
