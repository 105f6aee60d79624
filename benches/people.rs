//! Invented customers and their records in three departments, the same on every machine: splitmix64 from a fixed seed.
//!
//! Each customer is known to billing, four of five to support, seven of ten to marketing: 2.5 records each. Some records
//! have a slip in a name, lack the number or the address, or have another mail address. Names are put together from lists
//! and syllables, so that they are about as rare as names are; addresses of e-mail end in `.example`.

use chrono::NaiveDate;
use onefold_model::{Email, PartialDate, Party, PartyKind, Phone, PostalAddress};
use serde_json::{Value, json};

/// The generator of Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014).
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// One generator for each thing that is made, so that each is the same whatever was made before it.
    pub fn of(seed: u64, index: u64) -> Self {
        let mut random = Self(seed ^ index.wrapping_mul(0xd134_2543_de82_ef95));
        random.next();
        random
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    /// One of these.
    pub fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len() as u64) as usize]
    }

    /// True so many times in a hundred.
    pub fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }
}

/// The departments in the order of [`Customer::records`].
pub const SYSTEMS: [&str; 3] = ["billing", "support", "marketing"];

const GIVEN: &str = "Anna Marie Julia Laura Lena Sarah Lisa Katharina Sophie Johanna Eva Nina Clara Emma Hannah Mia Elena Ines Petra \
    Monika Ursula Helga Renate Sabine Andrea Claudia Karin Brigitte Silvia Martina Chloe Grace Alice Olivia Amelia Isla Ava Freya \
    Lucas Robert Thomas Michael Andreas Peter Stefan Markus Martin Josef Franz Karl Johann Georg Paul Felix Jakob David Simon \
    Maximilian Alexander Florian Daniel Sebastian Lukas Tobias Matthias Christian Wolfgang Gerhard Herbert Oliver Harry George \
    Arthur Oscar Hugo Leon Noah Elias Jonas Emil Anton Moritz Theo Ivan Marko Ante Luka Goran Dario Mateo Diego Pablo Sergio";
const BEGINNING: &str = "Al Ber Bran Del Dor Eber Fal Fried Gar Grau Hart Hein Hol Jan Kar Kest Kov Lang Lind Mar Mei Nov Ober Pet \
    Quer Reit Ros Sand Schwar Stein Tal Ull Vog Wal Weid Wink Zel Zim";
const MIDDLE: &str = "a ber da den der e el en er i ing ke kel len ma men ne ner o ra ren sen ta ten ter";
const END: &str = "ac bach bauer berg burg dorf eder feld ger hauer heim hofer ic inger ler mann meier ner ović rich ski stad stein \
    thal wald winkler";
const STREET: &str = "Haupt Bahnhof Garten Schul Kirch Berg Wald Linden Ring Dorf Wiesen Markt Park See Feld Mühl Rosen Sonnen Brunnen Post";
const TOWN: &str =
    "Wien Graz Linz Salzburg Innsbruck Klagenfurt Villach Wels Dornbirn Steyr Feldkirch Bregenz Leonding Baden Leoben";

/// A customer as it is.
#[derive(Debug, Clone)]
pub struct Customer {
    /// Its number, from 0.
    pub index: u64,
    given: String,
    family: String,
    born: NaiveDate,
    street: String,
    town: String,
    postal_code: String,
}

/// What one system says of a customer: the row of an export.
#[derive(Debug, Clone)]
pub struct Said {
    /// The number of the customer.
    pub customer: u64,
    /// Which of [`SYSTEMS`].
    pub system: usize,
    /// Its key there.
    pub key: String,
    given: String,
    family: String,
    email: Option<String>,
    phone: Option<String>,
    street: Option<String>,
    town: String,
    postal_code: String,
    born: Option<NaiveDate>,
}

fn words(list: &'static str) -> Vec<&'static str> {
    list.split_whitespace().collect()
}

/// Makes customers.
pub struct People {
    given: Vec<&'static str>,
    beginning: Vec<&'static str>,
    middle: Vec<&'static str>,
    end: Vec<&'static str>,
    street: Vec<&'static str>,
    town: Vec<&'static str>,
}

impl People {
    /// With the lists of this file.
    pub fn new() -> Self {
        Self {
            given: words(GIVEN),
            beginning: words(BEGINNING),
            middle: words(MIDDLE),
            end: words(END),
            street: words(STREET),
            town: words(TOWN),
        }
    }

    /// The customer with this number.
    pub fn customer(&self, index: u64) -> Customer {
        let mut random = Random::of(1, index);
        let town = random.below(self.town.len() as u64);
        let family = [random.pick(&self.beginning), random.pick(&self.middle), random.pick(&self.end)].concat();
        Customer {
            index,
            given: random.pick(&self.given).to_owned(),
            family,
            born: NaiveDate::from_ymd_opt(1940, 1, 1).unwrap_or_default() + chrono::Days::new(random.below(24_000)),
            street: format!("{}straße {}", random.pick(&self.street), 1 + random.below(140)),
            town: self.town[town as usize].to_owned(),
            postal_code: format!("{}", 1010 + town * 500 + random.below(40) * 10),
        }
    }
}

/// Two neighbouring letters in each other's place.
fn slip(word: &str, random: &mut Random) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    let at = 1 + random.below(letters.len().saturating_sub(2).max(1) as u64) as usize;
    if at + 1 < letters.len() {
        letters.swap(at, at + 1);
    }
    letters.into_iter().collect()
}

impl Customer {
    /// The mail address that all systems but some of marketing's know.
    pub fn email(&self) -> String {
        let plain = |text: &str| text.to_lowercase().replace('ć', "c");
        format!("{}.{}{}@mail{}.example", plain(&self.given), plain(&self.family), self.index, self.index % 40)
    }

    /// What the systems say of it.
    pub fn records(&self) -> Vec<Said> {
        let mut random = Random::of(2, self.index);
        let mut records = Vec::with_capacity(SYSTEMS.len());
        for (system, chance) in [100, 80, 70].into_iter().enumerate() {
            if !random.percent(chance) {
                continue;
            }
            let marketing = system == 2;
            let phone = format!("+43660{:07}", 1_000_000 + self.index % 9_000_000);
            let email = if marketing && random.percent(15) {
                format!("{}{}@private{}.example", self.given.to_lowercase(), self.index, self.index % 9)
            } else {
                self.email()
            };
            records.push(Said {
                customer: self.index,
                system,
                key: format!("{}-{}", &SYSTEMS[system][..1], self.index),
                given: if random.percent(3) { slip(&self.given, &mut random) } else { self.given.clone() },
                family: if random.percent(4) { slip(&self.family, &mut random) } else { self.family.clone() },
                email: (system == 0 || !random.percent(8)).then_some(email),
                phone: (!random.percent(if marketing { 70 } else { 15 })).then_some(phone),
                street: (!marketing || random.percent(20)).then(|| self.street.clone()),
                town: self.town.clone(),
                postal_code: self.postal_code.clone(),
                born: random.percent([70, 20, 40][system]).then_some(self.born),
            });
        }
        records
    }
}

impl Said {
    /// The family name, as it was typed.
    pub fn family_name(&self) -> &str {
        &self.family
    }

    /// As a line of an export.
    pub fn to_json(&self) -> Value {
        json!({
            "id": self.key, "first_name": self.given, "last_name": self.family, "email": self.email, "phone": self.phone,
            "street": self.street, "city": self.town, "postcode": self.postal_code, "country": "AT", "birth_date": self.born,
        })
    }

    /// As a party of the standardised model.
    pub fn party(&self) -> Result<Party, Box<dyn std::error::Error>> {
        let mut party: Party = serde_json::from_value(json!({ "kind": PartyKind::Person }))?;
        party.display_name = Some(format!("{} {}", self.given, self.family));
        party.given_name = Some(self.given.clone());
        party.family_name = Some(self.family.clone());
        party.birth_date = self.born.map(|day| day.to_string().parse::<PartialDate>()).transpose()?;
        party.emails = self.email.as_deref().map(Email::parse).transpose()?.into_iter().collect();
        party.phones = self.phone.as_deref().map(|phone| Phone::parse(phone, None)).transpose()?.into_iter().collect();
        party.addresses = vec![PostalAddress {
            lines: self.street.clone().into_iter().collect(),
            locality: Some(self.town.clone()),
            postal_code: Some(self.postal_code.clone()),
            country: Some("AT".to_owned()),
            ..PostalAddress::default()
        }];
        Ok(party)
    }
}
