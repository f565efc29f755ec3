"""Family names as they are common in many countries, in small letters without accents; words that are mostly words stand apart."""

from __future__ import annotations

from webapp.domain.scorers.words import word_set

SURNAMES = word_set(
    """
abbott abdi abdullah abernathy abrams acevedo acosta adams adeyemi adkins agarwal aguilar aguirre ahmad ahmed akhtar albrecht alexander
alfaro ali allen allison alonso alvarado alvarez amadi andersen anderson andersson andrade andrews antonelli aoki aquino archer arias
armstrong arnold arroyo ashley atkins atkinson austin avila ayala bailey bajwa balogun banerjee barber barker barlow barnes barnett baron
barr barrera barron barry bartlett barton bates bauer baxter beard beasley beattie beck becker beckett begum bello beltran benitez
benjamin bennett benson benton berg berger bergeron bernard berry bertrand bhatt bianchi bishop blackburn blackwell blair blake blanc
blanchard blankenship blevins boateng bogdanov bolton bonnet booker boone booth bosch bowen bowers bowman boyd boyer boyle bradford
bradley bradshaw brandt braun brennan brewer bridges briggs britt brock brooks browning bruce bryan bryant buchanan buckley bullock
burgess burke burnett burton butler byrd byrne cabrera cain calderon caldwell calhoun callahan camacho cameron campbell campos cannon
cantrell cantu cardenas carey carlson carney carpenter carr carrillo carroll carson carvalho casey castaneda castillo castro cervantes
chambers chan chandler chang chapman charles chatterjee chavez chen cheng cherry cho choi chopra choudhury christensen christian chua
chung clark clarke clay clayton clements cline cobb cochran cohen cole coleman collier collins colombo colon combs compton conley conner
connolly conrad contreras conway cooke cooley cooper copeland cordova correa cortes cortez costa cote cox craig crane crawford crosby cruz
cummings cunningham curry curtis dalton daniel daniels das daugherty davenport david davidson davies davila davis dawson dean decker
delacroix delacruz deleon delgado deluca dennis desai devries diallo dias diaz dickerson dickson diez dillard dillon dixon dodson
dominguez donaldson donnelly donovan dorsey dougherty douglas doyle drake dubois duffy dufour duncan dunlap dunn dupont duran durand
durham dyer eaton edwards eklund elliott ellis ellison emerson erickson eriksen eriksson escobar espinosa espinoza estes estrada evans
everett ewing farah farley farrell faulkner ferguson fernandes fernandez ferrari ferreira ferrell figueroa finch finley fischer fisher
fitzgerald fitzpatrick fletcher flores flynn fontaine foreman foster fournier fowler francis franco francois frank franklin franks frazier
frederick freeman frye fuentes fuller fulton gaines gallagher gallegos galloway gamble garcia gardner garner garrett garrison garza
gautier gentry george ghosh gibbs gibson gilbert giles gill gillespie gilmore glenn goldberg goldstein gomes gomez gonzales gonzalez
goodman goodwin gordon gould grady graham grant greene greer gregory griffin griffith grimes guerin guerra guerrero guevara gupta
gustafsson guthrie gutierrez guzman haas hahn haley hall hamilton hammond hampton hancock hanna hansen hanson hardin hardy harmon harper
harrell harrington harris harrison hart hartman hartmann harvey hassan hatfield hawkins hayden hayes haynes hebert henderson hendricks
hendrix henry hensley henson herman hernandez herrera herring hess hester hewitt hickman hicks higgins hines hinton hobbs hodge hodges
hoffman hoffmann hogan holden holland holloway holmes holt hooper hoover hopkins hopper horton houston howard howe howell huang hubbard
huber hudson huerta huff huffman hughes humphrey hunt hurley hussain hutchinson huynh hyde ibarra ibrahim ingram ivanov iyer jackson
jacobs jacobson jain jakobsen james jansen janssen jarvis jefferson jenkins jennings jensen jimenez johansen johansson johns johnson
johnston jones jordan joseph joshi joyce juarez jung kaiser kamau kaplan karlsson kaufman kaur keith keller kelley kelly kemp kennedy kent
kerr khan kipchoge kirby kirk kita klein kline knapp knox kobayashi koch kowalski kramer krause krishnan krueger kruger kumar lam lambert
lancaster landry lang langley lara larkin larsen larson larsson lawrence lawson leach leblanc lee lefebvre lemaire leon leonard leroy
lester levine levy lewis lindberg lindsay lindsey liu livingston lloyd logan lopez lowe lowery lozano lucas lucero luna lund lynch lynn
lyons macdonald macias madden maddox mahmood mahoney maldonado malone mann manning marino marquez marshall martin martinez martins massey
mathews mathis matthews maxwell mayer maynard mayo mays mcbride mccall mccann mccarthy mccarty mcclain mcclure mcconnell mccormick mccoy
mccullough mcdaniel mcdonald mcdowell mcfarland mcgee mcgrath mcguire mcintosh mcintyre mckay mckee mckenzie mckinney mcknight mclaughlin
mclean mcleod mcmahon mcmillan mcneil mcpherson medina mehta mejia melendez melton mendes mendez mendoza mensah mercado mercer merritt
meyer meyers meza michael middleton miles miller miranda mishra mitchell mohamed molina monroe montgomery montoya mooney moore morales
moran moreau morel moreno moretti morgan moritz morris morrison morrow morse morton moses mosley moyer mueller mukherjee muller mullins
munoz murillo murphy murray myers nair nakamura nash navarro neal nelson newman newton nguyen nichols nicholson nielsen nielson nolan
norman norris norton nowak nunez nwosu obi obrien ochoa oconnell oconnor odom odonnell okafor okeke okonkwo okoro olsen olson olsson oneal
oneill onyango orozco orr ortega ortiz osborn osborne osei owen owens owusu pace pacheco padilla palmer papadopoulos parker parrish
parsons patel patrick patterson patton paul payne pearson peck pena pennington pereira perez perkins perry persson petersen peterson
petersson petit petrov pham phan phelps phillips pierce pineda pinto pittman pitts pollard poole popescu porter potter powell pratt
preston proctor pruitt pugh quinn raman ramirez ramos ramsey randall randolph rao rasmussen raymond reddy reed reese reeves reid reilly
reyes reynolds rhodes ribeiro ricci richard richards richardson richter riddle riggs riley rios rivas rivera rivers roach robbins roberson
roberts robertson robinson robles rocha rodgers rodriguez rogers rojas rollins roman romano romero rosales rosario rosen rosenberg ross
rossi roth rousseau roux rowe rowland roy rubio ruiz russell russo ryan saito salas salazar salgado salinas sampson sanchez sanders
sandoval sanford santana santiago santos sato saunders sawyer schaefer schafer schmidt schmitt schneider schroeder schultz schulz schwartz
schwarz scott sellers serrano shaffer shah shannon sharma shaw shelton shepard shepherd sheppard sherman shields silva silverman simmons
simon simpson sims singh singleton sinha skinner sloan smith snyder solis solomon sosa soto sousa spence spencer stafford stanley stein
stephens stephenson stevens stevenson stewart stout strickland stuart suarez sullivan sutton suzuki svensson swanson sweeney tan tanaka
tapia tate taylor terrell terry thapa thomas thompson thomson thornton tran travis trevino trujillo tucker tyler underwood valdez valencia
valentine valenzuela vance vang vargas vasquez vaughan vaughn vazquez vega velasquez velazquez velez vick villa villanueva villarreal
vincent vogel wade wagner walker wallace waller walsh walter walters walton wang ward ware warner warren washington watkins watson watts
weaver webb weber webster weeks weiss welch wheeler whitaker whitehead whitfield whitley whitney wiggins wilcox wiley wilkerson wilkins
wilkinson williams williamson willis winkler wolfe wong woodard woodward wooten wright wu wyatt xu yamamoto yang yates yilmaz york young
yu zamora zapata zhang zhao zhou zhu zimmerman zuniga
"""
)

ALSO_WORDS = word_set(
    """
baker ball banks barber beach bell best bird bishop black blue bond bridge brooks brown burns bush butcher butler carpenter carter case
cash chance chase church cook day drew duke earl english farmer field fields fish flowers ford fox french frost gardener gay gentle glass
gold golden good gray green grey hall hand hardy hart hays heath hill holder hood hope house hunter judge king knight lake lamb land lane
law little london long love low mack marsh mason may miller mills monk moody moon moore new noble north page paige paris park parks peace
pepper pike pope porter post potter powers price prince purple read reader rice rich rivers rock rose rush sand savage sea self senior
sharp shepherd short silver singer small smart snow south spears speed spring steel stone strange street strong summer summers sweet swift
tanner temple tower trout turner underwood van wade walker wall waters way weaver weeks wells west white wild winter winters wise wolf
wood woods workman worth wright york young kim an ng ho lim lin li forbes gates grant hull joy kings marks nixon parish pratt quick ray
read rogers say see sexton sparks stokes stark self stout swan taylor vale ward will wills bloom booth cross field foley graves gross hale
harding landing lord major marshall masters mayor meadows minor moss nurse oak palmer patch pool poole reed rule seal stern style tailor
thorn tide travers turk virginia carolina georgia dakota montana israel jordan france england ireland scotland holland wales
"""
)
"""Family names only beside a title, a label, a given name or a person's verb."""
