//! Names that are used for one another: `Bill` and `William`, `Pepe` and `José`.
//!
//! A name may be in several groups (`Ted` is Edward or Theodore); two names are related when they share one. The groups
//! hold common names of Europe and of Arabic in folded spelling, with the ways in which they are transliterated, and no rare ones: a wrong relation costs
//! more than a missing one.

use std::collections::HashMap;
use std::sync::LazyLock;

/// The groups of a folded name, in ascending order; empty for most names.
pub(crate) fn nickname_groups(folded: &str) -> &'static [u16] {
    static GROUPS: LazyLock<HashMap<&'static str, Vec<u16>>> = LazyLock::new(|| {
        let mut groups: HashMap<&'static str, Vec<u16>> = HashMap::new();
        for (number, line) in (0u16..).zip(TABLE.lines()) {
            for name in line.split_ascii_whitespace() {
                groups.entry(name).or_default().push(number);
            }
        }
        groups
    });
    GROUPS.get(folded).map_or(&[], Vec::as_slice)
}

const TABLE: &str = "\
abigail abby abbie gail
abraham abe bram
adelaide adele addie heidi
agnes aggie nessie
albert al bert bertie alberto
alexander alex alec sandy sasha xander alejandro alexandre aleksandr
alexandra alex sandra sandy sasha lexi alejandra
alfred al alf alfie fred freddy alfredo
alice ali allie alicia
alison allison ali allie
alois aloys lois aloysius luis
amanda mandy manda
amelia amy millie mel
andrew andy drew andreas andre andres andi
angela angie angelika angelica
anna ann anne annie anita nina hannah ana anja
anthony tony anton antonio toni antoine
antonia toni tonia antonie
arnold arnie arno arnaud
arthur art artie arturo
augustus gus august augustin augusto
barbara barb barbie babs babette barbel
beatrice bea trixie beatriz beatrix
benedict ben benny benedikt benito benoit
benjamin ben benny benji benjamin
bernard bernie bernhard bernardo
bernadette bernie detta
bertha bertie berta
bradley brad
brigitte bridget birgit gitte gitta brigida
cameron cam
candace candy
carl karl charles carlos
caroline carol carrie carolyn karoline karolina carolina caro
casey kc
cassandra cassie cass
catherine cathy cath kate katie kathy kay kitty katherine kathryn katharina katrin cat catalina katja kat kath karin
cecilia celia cissy cecile
charles charlie chuck chas chad carl carlos carlo
charlotte charlie lottie lotte carlota
chester chet
christian chris christiaan
christina chris chrissy tina christine kristin kristina christa kirsten cristina
christopher chris kit topher christoph christof cristobal kris
clara claire clare klara
clarence clary
claudia claudie
clifford cliff
clinton clint
constance connie
cornelia nelly corrie conny
cornelius neil con
curtis curt kurt
cynthia cindy
daniel dan danny dani
danielle dani danny daniela
david dave davy davie
deborah deb debbie debby debra
dennis denny denis
diana di diane
dominic dom nick domingo dominik dominique
donald don donnie
dorothy dot dottie dolly dora dorothea doris
douglas doug
edgar ed eddie
edmund ed eddie ned ted edmond edmundo
edward ed eddie ted teddy ned eduardo eduard edouard
edwin ed eddie
eleanor ellie nell nellie nora elinor leonor eleonore lenore
elizabeth liz lizzie beth betty bess bessie eliza lisa libby elsie betsy elisabeth elspeth elise lisbeth elisabet liza lizbeth lise else
ellen ellie nell nellie helen
emily em emmy millie emilia
emma em emmy
eric rick erik erich
ernest ernie ernst ernesto
esther essie hester hetty
eugene gene eugen eugenio
eva eve evi evita
evelyn evie eve
ferdinand ferdi fernando
florence flo florrie
frances fran fanny francie franziska francoise francisca fanni
francis frank fran francois francisco franz paco pancho frankie
frank franklin frankie
frederick fred freddie freddy friedrich fritz frederic federico rick frederik
friederike rike fritzi
gabriel gabe gabi
gabriella gabby gabrielle gabi gabriele gaby
gary gaz
genevieve gen ginny jenny
george georgie jorge georg georges jurgen jorg
gerald gerry jerry
gerard gerry jerry gerhard gerardo gerd gert
geraldine gerry jerry
gertrude gertie trudy gertrud
gilbert gil bert gilberto
giovanni gianni vanni
giuseppe beppe pino
gloria glo
gottfried friedel godfrey
gregory greg gregor gregorio
gretchen greta margarete
guillermo memo william
gustav gus gustavo gustave
gwendolyn gwen wendy
hannah anna hanna johanna hanne
harold harry hal harald
harriet hattie harry
heinrich heinz heiner henry henri enrique
helen nell nellie lena helena helene ellen elena
helmut helle
henrietta hettie etta henriette
henry hank harry hal henri heinrich hendrik
herbert herb bert heriberto
herman manny hermann
hildegard hilde hilda
howard howie
hubert hugh bert hubertus
hugh hughie hugo huey hughes
ignatius iggy nacho ignacio ignaz
ingeborg inge
irene rena
isaac ike zac
isabel bella belle izzy isabelle isabella isobel elisabeth
jacob jake jakob jacobo
jacqueline jackie jacqui
james jim jimmy jamie jem jaime jacques
jane janie jenny jan joan janet
janet jan jane
janice jan
jean jeanne jeannie
jeffrey jeff geoffrey geoff jeffery
jennifer jen jenny jenn jenna
jeremy jerry jeremiah jem
jerome jerry hieronymus
jessica jess jessie
jesus chucho chuy
joachim jochen joaquin achim
joan joanie joanne joanna
joanna jo joan joanne johanna hanna
john jack johnny jon johann jean juan ian ivan giovanni hans johannes jan
johannes hans hannes johann jan jo
jonathan jon jonny nathan
joseph joe joey jose josef jo jojo sepp giuseppe
josephine jo josie josefine josefa fina
jose pepe joseph chepe
joshua josh
joyce joy
juan juanito john
judith judy jude jutta
julia julie jule juliana
julian jules julius julio
juliet julie juliette
karen kaz karin
katherine kate katie kathy kathryn kay kitty kat kath catherine katharina kathe
kathleen kathy kate katie kath kay
kenneth ken kenny
kimberly kim kimberley kimmy
konrad conrad kurt conny
lambert bert
laura laurie lori laurel
lawrence larry laurie lorenz laurence lorenzo laurent lars
leonard leo len lenny leonhard leonardo
leopold leo poldi leopoldo
leroy roy
leslie les lesley
lillian lil lily lillie lilian
linda lindy lynn
lois lo
louis lou louie luis ludwig lewis luigi
louise lou lulu luisa luise
lucille lucy lucia lucie
luke lucas lukas luc lucas
lydia lyddie
madeline maddie madeleine maddy magdalena lena madelyn
manuel manny manolo emanuel emmanuel
marcus marc mark markus marcos marco
margaret maggie meg peggy marge margie greta rita madge daisy marguerite margarita margarete grete gretel margot megan margarethe
maria mary marie mia mimi maja
marianne mary ann marian
marjorie marge margie
marlene lene leni
martha marty mattie marta
martin marty mart martijn
martina tina
mary molly polly mae maria marie may mamie
mathilda tilly mattie matilda mathilde tilda
matthew matt matty mathew matthias mateo mathieu matteo matthaus
maureen mo
maurice mo morris moritz mauricio
maximilian max maxi maximiliano
maxwell max
melanie mel
melissa mel missy lissa
melvin mel
michael mike mick micky mickey mikey michel miguel mitch michal mikhail misha
michelle shelly chelle michele micheline
mildred millie
miriam mimi mirjam
mitchell mitch
mohammed mohammad muhammad mohamed mo mohamad
monica mona monika monique
nancy nan nance
natalie nat nattie natalia natasha
nathaniel nat nate nathan
nicholas nick nicky nicolas nikolaus klaus claus nico nicolai nikolai niklas niko
nicole nikki nicky nicki nici
norman norm
oliver ollie olli
olivia liv livvy ollie
oscar ossie oskar
oswald ozzy ossie
ottilie otti
pamela pam
patricia pat patty trish tricia patsy patti
patrick pat paddy patricio rick
paul pauly pablo pauli paolo
paula pauline polly
penelope penny
peter pete pedro pierre petrus piet petr
petra pet
philip phil pip philipp philippe felipe phillip filip
phyllis phil
priscilla prissy cilla
rachel rae rachael raquel
ralph rolf raul raoul
raymond ray raimund ramon raimundo
rebecca becky becca bec rebekka
regina gina reggie regine
reginald reg reggie reinhold ron
renate nate
richard rick rich dick richie ricky ricardo
rita margarita
robert bob rob bobby robbie bert robin roberto rupert bobbie robb
roberta bobbie robbie berta
roderick rod roddy rodrigo
rodney rod
roger rodge rudiger rogelio
roland rollo rolando
ronald ron ronnie ronny
rosalind roz ros
rose rosie rosa rosalie rosemary
rosemary rose rosie romy rosemarie
rudolph rudy rudi rolf rudolf rodolfo
russell russ rusty
ruth ruthie
samantha sam sammy
samuel sam sammy
sandra sandy alexandra
sarah sally sadie sara
sebastian seb basti bastian sebastien
sharon shari
shirley shirl
sidney sid sydney
siegfried sigi
simon si simeon
solomon sol salomon
sophia sophie sofia sofie
stanley stan
stephanie steph steffi stefanie stevie stephie
stephen steve steven stevie stefan stephan esteban etienne steffen
stuart stu stewart
susan sue susie suzie suzy susanne susanna suzanne susana sanne
sylvia sil silvia sylvie
tamara tammy
teresa terry tess terri tessa theresa therese tracy resi tere
terence terry terrence
theodore ted teddy theo theodor teodoro
thomas tom tommy tomas thom
tiffany tiff
timothy tim timmy timo
tobias toby tobi
ulrich uli ulli
ulrike uli ulli rike
ursula uschi ulla ursel
valentina val valentin tina
valerie val
vanessa nessa
veronica ronnie vera roni veronika veronique
victor vic viktor
victoria vicky vicki tori vikki viktoria
vincent vince vinny vinnie vicente vinzenz
viola vi
virginia ginny ginger gina
vivian viv vivienne
walter walt wally gualterio
wendy wen
wilfred wilf fred wilfried
wilhelmina mina minnie wilma willa
william bill billy will willie liam willy wilhelm guillermo guillaume willem guglielmo bil
winifred winnie fred freda
winston winnie
yolanda yoli jolanda
yvonne vonnie evonne
zachary zach zack zak
mohammed mohammad muhammad mohamed mohamad muhammed mohamet mehmet mehmed mohd muhamad mochammad mhmd maxamed mamadou
ahmed ahmad ahmet akhmed achmed ahmd
abdullah abdallah abdulla abdoulaye abdellah
hussein husain hussain hossein hussayn husayn huseyin hsyn
hassan hasan xasan hsn
yusuf yousef youssef yusef joseph yosef jussuf josef
ibrahim ebrahim abraham ibrahima avraham
omar umar omer
osama usama ussama
ali aly
khalid khaled chaled
mustafa mostafa moustafa mustapha
said saeed saeid sayed syed
fatima fatma fatimah fatemeh
aisha ayesha aicha ayse
ismail ismael esmail
suleiman sulaiman solomon suleyman soliman
alexander aleksandr alexandr aleksander oleksandr sasha alejandro iskander aleksandar
alexei alexey aleksei aleksey alexej aljoscha lyosha oleksii oleksiy
sergei sergey sergej serge sergi serhii serhiy sergejs sergio
vladimir wladimir volodymyr volodimir vova volodya wolodymyr
dmitri dmitry dmitriy dimitri dimitry dmytro dima dimitrios
mikhail michail mykhailo misha mihail michael mihai mihailo
yuri yury iurii juri yuriy jurij yurii
nikolai nikolay nikolaj mykola kolya nikola nikolaus
ivan iwan ioann vanya ivo john
andrei andrey andrej andrii andriy andrzej ondrej andras andrew
pavel pawel pavlo pasha paul pavol
piotr pyotr petr petro petar peter
stepan stjepan stefan stipe szczepan stephen istvan
krzysztof kristof krystof krzys christopher
jerzy jiri juraj djordje georgi georgiy heorhii yegor george djuro
wojciech vojtech
tomasz tomas tomislav tomo thomas
lukasz luka lukas
grzegorz grigori grigory hryhorii gregory
katarzyna katarina ekaterina yekaterina kateryna katya kasia jekaterina katherine kata
anastasia anastasiya nastya anastazja
natalia natalya nataliia natasha natalija
tatiana tatyana tetiana tanya tatjana
olga olha olya helga
svetlana svitlana sveta
irina iryna ira irene
elena yelena olena lena jelena helen
yulia julia iuliia yuliya julija
ludmila lyudmila liudmyla
oxana oksana aksana
eugene evgeny evgeni yevgeny jewgeni yevhen evgenii zhenya
fyodor fedor fjodor feodor theodor
zeljko zeljo
kresimir kreso
bozidar bozo
lars lasse laurits
nils niels nisse
anders andreas
goran joran
bjorn bjarne
karl carl kalle
erik eric eirik
kristina stina kerstin christina
birgitta gittan birgit
margareta greta maggan
elisabet lisbet lisa elisabeth
giovanni gianni nino johann
francesco franco cesco francis ciccio
alessandro sandro ale
antonio tonino nino toni
luigi gigi gino
giuseppina pina giusy
eduardo edu lalo
enrique quique kike
francisco paco pancho curro kiko fran
ignacio nacho
jesus chus
dolores lola loli
concepcion concha conchita
mercedes merche
pilar pili
rosario charo
guadalupe lupe lupita
juan juanjo
jan johan hans hannes jannes
pieter piet peter
hendrik henk henry rik
cornelis kees cor
willem wim bill
gerrit gerard
benjamin bibi binyamin
barack barak barry
samuel shmuel
jacob yaakov yakov iakov
moses moshe moyshe musa moussa
isaac yitzhak itzhak ishaq
elisabeth lisi sissi elli
katharina kathi
franziska franzi
theresia resi
susanne susi
angelika geli
matthias matze
johannes hannes
sebastian basti
wolfgang wolf
maximilian max
benedikt bene
jerome hieronymus
frederic fred
theodore theo
stephane stef stephan
";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalise::text::fold;

    fn are_related(one: &str, other: &str) -> bool {
        nickname_groups(one).iter().any(|group| nickname_groups(other).contains(group))
    }

    #[test]
    fn common_short_forms_are_related() {
        for (one, other) in [
            ("bill", "william"),
            ("peggy", "margaret"),
            ("hans", "johannes"),
            ("pepe", "jose"),
            ("ted", "edward"),
            ("ted", "theodore"),
        ] {
            assert!(are_related(one, other), "{one} {other}");
        }
        assert!(!are_related("edward", "theodore") && !are_related("ada", "ida"));
    }

    #[test]
    fn the_table_is_folded() {
        for name in TABLE.split_whitespace() {
            assert_eq!(fold(name), name);
        }
    }
}
