//! How one system came to write a person or a company down.

use super::noise::{mail_spelling, slip, spelled_out, without_marks};
use super::person::{Company, Home, Person};
use super::phone::{Number, Spelling};
use super::random::Random;
use super::{HERO, Quirk};

/// Which system writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum System {
    Stripe,
    Zendesk,
    Mailchimp,
}

impl System {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            System::Stripe => "stripe",
            System::Zendesk => "zendesk",
            System::Mailchimp => "mailchimp",
        }
    }
}

/// A person in the words of one record.
#[derive(Debug, Clone)]
pub(super) struct Spelled {
    pub(super) given: String,
    pub(super) family: String,
    pub(super) suffix: Option<&'static str>,
    pub(super) mail: Option<String>,
    pub(super) phone: Option<String>,
    /// Missing where the record shows no address.
    pub(super) home: Option<Home>,
    pub(super) quirks: Vec<Quirk>,
}

impl Spelled {
    /// The person in the `copy`th record (from 0) of a system.
    pub(super) fn new(person: &Person, system: System, copy: usize, random: &mut Random) -> Self {
        let mut quirks = Vec::new();
        if copy > 0 {
            quirks.push(Quirk::Duplicate);
        }
        if person.number == HERO {
            return hero(person, system, quirks);
        }
        let mut spelled = Self {
            given: person.given.name.to_owned(),
            family: person.family.clone(),
            suffix: person.suffix,
            mail: None,
            phone: None,
            home: None,
            quirks,
        };
        spelled.choose_name(person, system, random);
        spelled.choose_mail(person, system, copy, random);
        spelled.choose_phone(person, system, random);
        spelled.choose_home(person, system, random);
        spelled
    }

    /// The whole name in one field.
    pub(super) fn full_name(&self) -> String {
        match self.suffix {
            Some(suffix) => format!("{} {} {suffix}", self.given, self.family),
            None => format!("{} {}", self.given, self.family),
        }
    }

    fn choose_name(&mut self, person: &Person, system: System, random: &mut Random) {
        // Billing copies names from contracts, the other two from what people type.
        let careless = if system == System::Stripe { 1 } else { 2 };
        if !person.given.short.is_empty() && random.chance(12 * careless) {
            person.given.short.clone_into(&mut self.given);
            self.quirks.push(Quirk::Nickname);
        }
        if let Some(former) = person.former_family.as_ref().filter(|_| random.chance(35)) {
            self.family.clone_from(former);
            self.quirks.push(Quirk::FormerName);
        }
        if random.chance(4 * careless) {
            let name = if random.chance(70) { &mut self.family } else { &mut self.given };
            let slipped = slip(name, random);
            if slipped != *name {
                *name = slipped;
                self.quirks.push(Quirk::Typo);
            }
        }
        if !(self.given.is_ascii() && self.family.is_ascii()) && random.chance(25 * careless) {
            let german = person.region.language.starts_with("de") && random.chance(60);
            let fold = if german { spelled_out } else { without_marks };
            (self.given, self.family) = (fold(&self.given), fold(&self.family));
            self.quirks.push(Quirk::Diacritics);
        }
        if random.chance(3 * careless) {
            let fold = if random.chance(50) { str::to_uppercase } else { str::to_lowercase };
            (self.given, self.family) = (fold(&self.given), fold(&self.family));
            self.quirks.push(Quirk::LetterCase);
        }
        if random.chance(2 * careless) {
            std::mem::swap(&mut self.given, &mut self.family);
            self.quirks.push(Quirk::SwappedNames);
        }
    }

    fn choose_mail(&mut self, person: &Person, system: System, copy: usize, random: &mut Random) {
        let none = match system {
            System::Stripe => 4,
            System::Zendesk => 14,
            System::Mailchimp => 0,
        };
        if random.chance(none) {
            self.quirks.push(Quirk::NoMail);
            return;
        }
        // The other two systems take an address only once.
        if system == System::Stripe && random.chance(4) {
            self.mail = Some("noemail@example.com".to_owned());
            self.quirks.push(Quirk::Placeholder);
            return;
        }
        if let Some(family) = person.family_mail.as_ref().filter(|_| random.chance(50)) {
            self.mail = Some(family.clone());
            self.quirks.push(Quirk::SharedMail);
            return;
        }
        let elsewhere = if copy > 0 { 80 } else { 25 };
        if let Some(work) = person.work_mail.as_ref().filter(|_| random.chance(elsewhere)) {
            self.mail = Some(work.clone());
            self.quirks.push(Quirk::WorkMail);
            return;
        }
        let misspelled = if copy > 0 { 100 } else { 8 };
        if random.chance(misspelled) {
            self.mail = Some(mail_spelling(&person.mail, random));
            self.quirks.push(Quirk::MailSpelling);
            return;
        }
        self.mail = Some(person.mail.clone());
    }

    fn choose_phone(&mut self, person: &Person, system: System, random: &mut Random) {
        // A form for a newsletter seldom asks.
        if random.chance(if system == System::Mailchimp { 50 } else { 18 }) {
            return;
        }
        if random.chance(3) {
            self.phone = Some((*random.pick(&["000-000-0000", "n/a", "123456789", "-"])).to_owned());
            self.quirks.push(Quirk::Placeholder);
            return;
        }
        let number = match (&person.mobile, &person.fixed) {
            (Some(mobile), Some(fixed)) => Some(if random.chance(70) { mobile } else { fixed }),
            (mobile, fixed) => mobile.as_ref().or(fixed.as_ref()),
        };
        let Some(number) = number else { return };
        let (phone, is_national) = dial(number, random);
        self.phone = Some(phone);
        if is_national {
            self.quirks.push(Quirk::NationalPhone);
        }
    }

    /// Zendesk has no field for an address.
    fn choose_home(&mut self, person: &Person, system: System, random: &mut Random) {
        let shown = match system {
            System::Stripe => 92,
            System::Zendesk => 0,
            System::Mailchimp => 45,
        };
        if !random.chance(shown) {
            return;
        }
        self.home = Some(person.home.clone());
        if let Some(former) = person.former_home.as_ref().filter(|_| random.chance(40)) {
            self.home = Some(former.clone());
            self.quirks.push(Quirk::FormerAddress);
        }
    }
}

/// A number as somebody typed it, and whether its country is missing.
pub(super) fn dial(number: &Number, random: &mut Random) -> (String, bool) {
    let spelling = match random.below(100) {
        0..45 => Spelling::International,
        45..60 => Spelling::Compact,
        60..72 => Spelling::WithTrunk,
        72..90 => Spelling::National,
        _ => Spelling::Local,
    };
    (number.spelled(spelling), matches!(spelling, Spelling::National | Spelling::Local))
}

/// The name of a company with the legal form that this record has.
pub(super) fn company_name(company: &Company, copy: usize, random: &mut Random) -> (String, Vec<Quirk>) {
    let mut quirks = if copy > 0 { vec![Quirk::Duplicate] } else { Vec::new() };
    let forms = company.region.legal_forms;
    let form = if random.chance(55) { forms[0] } else { *random.pick(forms) };
    if form != forms[0] {
        quirks.push(Quirk::LegalForm);
    }
    let mut name = company.name.clone();
    if random.chance(8) {
        name = slip(&name, random);
        quirks.push(Quirk::Typo);
    }
    if random.chance(6) {
        name = name.to_uppercase();
        quirks.push(Quirk::LetterCase);
    }
    (format!("{name} {form}").trim_end().to_owned(), quirks)
}

/// The one whom the tour follows: three spellings of a name, two of a number, two of a mail address.
fn hero(person: &Person, system: System, mut quirks: Vec<Quirk>) -> Spelled {
    let phone = |spelling| person.mobile.as_ref().map(|number| number.spelled(spelling));
    let (given, family, mail, phone) = match system {
        System::Stripe => ("Robert", "Kovač", "robert.kovac@example.com", phone(Spelling::International)),
        System::Zendesk => ("Bob", "Kovac", "robert.kovac@example.com", phone(Spelling::WithTrunk)),
        System::Mailchimp => ("ROBERT", "KOVAC", "Robert.Kovac@Example.com", phone(Spelling::Compact)),
    };
    match system {
        System::Stripe => {}
        System::Zendesk => quirks.extend([Quirk::Nickname, Quirk::Diacritics]),
        System::Mailchimp => quirks.extend([Quirk::LetterCase, Quirk::Diacritics, Quirk::MailSpelling]),
    }
    Spelled {
        given: given.to_owned(),
        family: family.to_owned(),
        suffix: None,
        mail: Some(mail.to_owned()),
        phone,
        home: (system != System::Zendesk).then(|| person.home.clone()),
        quirks,
    }
}
