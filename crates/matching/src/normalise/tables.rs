//! The distinct values of each column, with what comparing them needs to know.

use super::address::AddressParts;
use super::email::{self, Mailbox};
use super::identifier::IssuedNumber;
use super::nickname::nickname_groups;
use super::phone;
use super::text::{letters, skeleton};
use crate::values::{ValueId, Values, stable_hash};

/// Names of persons: given, middle and family names share one table, so that swapped names are seen by number.
#[derive(Debug)]
pub(crate) struct Names {
    pub(crate) values: Values,
    features: Vec<NameFeatures>,
}

/// What is known about a name.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct NameFeatures {
    /// Letters that occur.
    pub(crate) letters: u64,
    /// Hash of the shared spelling.
    pub(crate) skeleton: u64,
    /// Groups of names used for one another.
    pub(crate) groups: &'static [u16],
    /// A number for the person behind a nickname: the first group's, else the name's own. For block keys.
    pub(crate) canonical: u64,
    /// Bytes of the first word.
    pub(crate) first_word: u32,
}

impl Names {
    pub(crate) fn new() -> Self {
        Self { values: Values::new(), features: vec![NameFeatures::default()] }
    }

    pub(crate) fn intern(&mut self, name: &str) -> ValueId {
        let (id, is_new) = self.values.intern(name);
        if is_new {
            let first_word = name.find(' ').unwrap_or(name.len());
            let groups = nickname_groups(&name[..first_word]);
            self.features.push(NameFeatures {
                letters: letters(name),
                skeleton: stable_hash(&skeleton(name)),
                groups,
                canonical: groups
                    .first()
                    .map_or_else(|| stable_hash(&name[..first_word]), |group| u64::from(*group) + 1),
                first_word: u32::try_from(first_word).unwrap_or(u32::MAX),
            });
        }
        id
    }

    pub(crate) fn features(&self, id: ValueId) -> &NameFeatures {
        &self.features[id.index()]
    }

    pub(super) fn truncate(&mut self, len: usize) {
        self.values.truncate(len);
        self.features.truncate(len);
    }

    pub(super) fn bytes(&self) -> usize {
        self.values.bytes() + held(&self.features)
    }
}

/// Mailboxes.
#[derive(Debug)]
pub(crate) struct Emails {
    pub(crate) values: Values,
    pub(crate) locals: Values,
    features: Vec<EmailFeatures>,
}

/// What is known about a mailbox.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct EmailFeatures {
    pub(crate) local: ValueId,
    /// The domain, where it is not a provider's.
    pub(crate) own_domain: ValueId,
    /// Letters that occur.
    pub(crate) letters: u64,
    /// An office reads it.
    pub(crate) is_role: bool,
}

impl Emails {
    pub(crate) fn new() -> Self {
        Self { values: Values::new(), locals: Values::new(), features: vec![EmailFeatures::default()] }
    }

    pub(crate) fn intern(&mut self, mailbox: &Mailbox, domains: &mut Values) -> ValueId {
        let (id, is_new) = self.values.intern(&mailbox.address);
        if is_new {
            let domain = mailbox.domain();
            let own_domain = if email::is_provider(domain) { ValueId::NONE } else { domains.intern(domain).0 };
            self.features.push(EmailFeatures {
                local: self.locals.intern(mailbox.local()).0,
                own_domain,
                letters: letters(&mailbox.address),
                is_role: mailbox.is_role,
            });
        }
        id
    }

    pub(crate) fn features(&self, id: ValueId) -> &EmailFeatures {
        &self.features[id.index()]
    }

    pub(super) fn truncate(&mut self, len: usize, locals: usize) {
        self.values.truncate(len);
        self.features.truncate(len);
        self.locals.truncate(locals);
    }

    pub(super) fn bytes(&self) -> usize {
        self.values.bytes() + self.locals.bytes() + held(&self.features)
    }
}

/// Telephone numbers.
#[derive(Debug)]
pub(crate) struct Phones {
    pub(crate) values: Values,
    /// The final digits, which decide whether two numbers are one.
    pub(crate) keys: Values,
    key: Vec<ValueId>,
}

impl Phones {
    pub(crate) fn new() -> Self {
        Self { values: Values::new(), keys: Values::new(), key: vec![ValueId::NONE] }
    }

    pub(crate) fn intern(&mut self, digits: &str) -> ValueId {
        let (id, is_new) = self.values.intern(digits);
        if is_new {
            self.key.push(self.keys.intern(phone::compared(digits)).0);
        }
        id
    }

    pub(crate) fn key(&self, id: ValueId) -> ValueId {
        self.key[id.index()]
    }

    pub(super) fn truncate(&mut self, len: usize, keys: usize) {
        self.values.truncate(len);
        self.key.truncate(len);
        self.keys.truncate(keys);
    }

    pub(super) fn bytes(&self) -> usize {
        self.values.bytes() + self.keys.bytes() + held(&self.key)
    }
}

/// Addresses, and their parts.
#[derive(Debug)]
pub(crate) struct Addresses {
    pub(crate) values: Values,
    pub(crate) numbers: Values,
    pub(crate) streets: Values,
    pub(crate) post_codes: Values,
    pub(crate) localities: Values,
    /// House number and street.
    pub(crate) lines: Values,
    /// House number and street with the post code, or with the town where there is none.
    pub(crate) places: Values,
    units: Values,
    features: Vec<AddressValue>,
}

/// The parts of one address.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct AddressValue {
    pub(crate) number: ValueId,
    pub(crate) street: ValueId,
    pub(crate) unit: ValueId,
    pub(crate) post_code: ValueId,
    pub(crate) locality: ValueId,
    pub(crate) line: ValueId,
    pub(crate) place: ValueId,
    /// Letters of the street that occur.
    pub(crate) letters: u64,
}

impl Addresses {
    pub(crate) fn new() -> Self {
        Self {
            values: Values::new(),
            numbers: Values::new(),
            streets: Values::new(),
            post_codes: Values::new(),
            localities: Values::new(),
            lines: Values::new(),
            places: Values::new(),
            units: Values::new(),
            features: vec![AddressValue::default()],
        }
    }

    pub(crate) fn intern(&mut self, parts: &AddressParts) -> ValueId {
        let AddressParts { number, street, unit, post_code, locality } = parts;
        if street.is_empty() && post_code.is_empty() && locality.is_empty() {
            return ValueId::NONE;
        }
        let (id, is_new) = self.values.intern(&format!("{number}|{street}|{unit}|{post_code}|{locality}"));
        if is_new {
            let line =
                if number.is_empty() || street.is_empty() { String::new() } else { format!("{number} {street}") };
            let town = if post_code.is_empty() { locality } else { post_code };
            let place = if line.is_empty() || town.is_empty() { String::new() } else { format!("{line}|{town}") };
            self.features.push(AddressValue {
                number: self.numbers.intern(number).0,
                street: self.streets.intern(street).0,
                unit: self.units.intern(unit).0,
                post_code: self.post_codes.intern(post_code).0,
                locality: self.localities.intern(locality).0,
                line: self.lines.intern(&line).0,
                place: self.places.intern(&place).0,
                letters: letters(street),
            });
        }
        id
    }

    pub(crate) fn parts(&self, id: ValueId) -> &AddressValue {
        &self.features[id.index()]
    }

    pub(super) fn columns(&self) -> [&Values; 8] {
        let Self { values, numbers, streets, post_codes, localities, lines, places, units, features: _ } = self;
        [values, numbers, streets, post_codes, localities, lines, places, units]
    }

    pub(super) fn truncate(&mut self, lens: [usize; 8]) {
        let Self { values, numbers, streets, post_codes, localities, lines, places, units, features } = self;
        features.truncate(lens[0]);
        let columns = [values, numbers, streets, post_codes, localities, lines, places, units];
        columns.into_iter().zip(lens).for_each(|(column, len)| column.truncate(len));
    }

    pub(super) fn bytes(&self) -> usize {
        self.columns().map(Values::bytes).iter().sum::<usize>() + held(&self.features)
    }
}

/// Identifiers.
#[derive(Debug)]
pub(crate) struct Identifiers {
    pub(crate) values: Values,
    systems: Values,
    features: Vec<IdentifierFeatures>,
}

/// What is known about an identifier.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct IdentifierFeatures {
    pub(crate) system: ValueId,
    /// Bytes before the number.
    pub(crate) colon: usize,
    /// One party has only one, so that two different ones speak against.
    pub(crate) is_hard: bool,
    /// Two different ones are two parties.
    pub(crate) is_register: bool,
}

impl Identifiers {
    pub(crate) fn new() -> Self {
        Self { values: Values::new(), systems: Values::new(), features: vec![IdentifierFeatures::default()] }
    }

    pub(crate) fn intern(&mut self, number: &IssuedNumber) -> ValueId {
        let (id, is_new) = self.values.intern(&number.text);
        if is_new {
            let system = self.systems.intern(&number.text[..=number.colon]).0;
            self.features.push(IdentifierFeatures {
                system,
                colon: number.colon,
                is_hard: number.is_hard,
                is_register: number.is_register,
            });
        }
        id
    }

    pub(crate) fn features(&self, id: ValueId) -> &IdentifierFeatures {
        &self.features[id.index()]
    }

    pub(super) fn columns(&self) -> [&Values; 2] {
        [&self.values, &self.systems]
    }

    pub(super) fn truncate(&mut self, [len, systems]: [usize; 2]) {
        self.values.truncate(len);
        self.features.truncate(len);
        self.systems.truncate(systems);
    }

    pub(super) fn bytes(&self) -> usize {
        self.values.bytes() + self.systems.bytes() + held(&self.features)
    }

    /// The number without its system.
    pub(crate) fn number(&self, id: ValueId) -> &str {
        &self.values.get(id)[self.features(id).colon + 1..]
    }
}

/// Names of organisations.
#[derive(Debug)]
pub(crate) struct Organizations {
    pub(crate) values: Values,
    pub(crate) words: Values,
    features: Vec<OrganizationFeatures>,
}

/// What is known about an organisation's name.
#[derive(Debug, Clone, Default)]
pub(crate) struct OrganizationFeatures {
    /// The words, in ascending order of their numbers.
    pub(crate) words: Vec<ValueId>,
    /// The first letters of the words, where there are at least two.
    pub(crate) acronym: String,
    /// Letters that occur.
    pub(crate) letters: u64,
}

impl Organizations {
    pub(crate) fn new() -> Self {
        Self { values: Values::new(), words: Values::new(), features: vec![OrganizationFeatures::default()] }
    }

    pub(crate) fn intern(&mut self, name: &str) -> ValueId {
        let (id, is_new) = self.values.intern(name);
        if is_new {
            let mut words: Vec<ValueId> = name.split(' ').map(|word| self.words.intern(word).0).collect();
            words.sort_unstable();
            words.dedup();
            let acronym: String = name.split(' ').filter_map(|word| word.chars().next()).collect();
            self.features.push(OrganizationFeatures {
                words,
                acronym: if acronym.len() >= 2 { acronym } else { String::new() },
                letters: letters(name),
            });
        }
        id
    }

    pub(crate) fn features(&self, id: ValueId) -> &OrganizationFeatures {
        &self.features[id.index()]
    }

    pub(super) fn columns(&self) -> [&Values; 2] {
        [&self.values, &self.words]
    }

    pub(super) fn truncate(&mut self, [len, words]: [usize; 2]) {
        self.values.truncate(len);
        self.features.truncate(len);
        self.words.truncate(words);
    }

    pub(super) fn bytes(&self) -> usize {
        let inside = |name: &OrganizationFeatures| name.words.capacity() * 4 + name.acronym.capacity();
        let features = held(&self.features) + self.features.iter().map(inside).sum::<usize>();
        self.values.bytes() + self.words.bytes() + features
    }
}

fn held<T>(items: &Vec<T>) -> usize {
    items.capacity() * size_of::<T>()
}
