//! The distinct values of each column, with what comparing them needs to know.

use super::email::{self, Mailbox};
use super::identifier::IssuedNumber;
use super::nickname::nickname_groups;
use super::organization::{Country, LegalForm, OrganizationName, acronym, country, is_parent_word, key_words};
use super::phone;
use super::shape::Shape;
use super::text::skeleton;
use crate::values::{Combinations, Mixed, Unknown, ValueId, Values, stable_hash};

/// Names of persons: given, middle and family names share one table, so that swapped names are seen by number.
#[derive(Debug)]
pub(crate) struct Names {
    pub(crate) values: Values,
    features: Vec<NameFeatures>,
}

/// What is known about a name: one line of the processor's cache.
#[derive(Debug, Clone, Copy, Default)]
#[repr(align(64))]
pub(crate) struct NameFeatures {
    /// Its letters, beginning and length.
    pub(crate) shape: Shape,
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
                shape: Shape::of(name),
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

    pub(super) fn bytes(&self) -> usize {
        self.values.bytes() + held(&self.features)
    }
}

impl NameFeatures {
    /// There is more than one word.
    pub(crate) fn has_words(&self) -> bool {
        self.first_word < self.shape.len
    }
}

/// Mailboxes.
#[derive(Debug)]
pub(crate) struct Emails {
    pub(crate) values: Values,
    pub(crate) locals: Values,
    features: Vec<EmailFeatures>,
}

/// What is known about a mailbox. Never in two lines of the processor's cache.
#[derive(Debug, Clone, Copy, Default)]
#[repr(align(32))]
pub(crate) struct EmailFeatures {
    pub(crate) local: ValueId,
    /// The domain, where it is not a provider's.
    pub(crate) own_domain: ValueId,
    /// Letters, beginning and length of the address.
    pub(crate) shape: Shape,
    /// Bytes before the `@`.
    pub(crate) local_len: u32,
    /// An office reads it.
    pub(crate) is_role: bool,
}

impl Emails {
    pub(crate) fn new() -> Self {
        Self { values: Values::new(), locals: Values::new(), features: vec![EmailFeatures::default()] }
    }

    /// Makes room for the mailboxes of so many records.
    pub(super) fn reserve(&mut self, records: usize) {
        self.values.reserve(records, 24);
        self.locals.reserve(records, 16);
        self.features.reserve(records);
    }

    /// The number of a mailbox, which may just have been looked for in vain.
    pub(crate) fn intern(&mut self, mailbox: &Mailbox, unknown: Option<Unknown>, domains: &mut Values) -> ValueId {
        let (id, is_new) = match unknown {
            Some(unknown) => self.values.put(&mailbox.address, unknown),
            None => self.values.intern(&mailbox.address),
        };
        if is_new {
            let domain = mailbox.domain();
            let own_domain = if email::is_provider(domain) { ValueId::NONE } else { domains.intern(domain).0 };
            self.features.push(EmailFeatures {
                local: self.locals.intern(mailbox.local()).0,
                own_domain,
                shape: Shape::of(&mailbox.address),
                local_len: u32::try_from(mailbox.at).unwrap_or(u32::MAX),
                is_role: mailbox.is_role,
            });
        }
        id
    }

    pub(crate) fn features(&self, id: ValueId) -> &EmailFeatures {
        &self.features[id.index()]
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
    pub(crate) keys: Combinations<FinalDigits>,
    features: Vec<PhoneFeatures>,
}

/// What is known about a telephone number. Never in two lines of the processor's cache.
#[derive(Debug, Clone, Copy, Default)]
#[repr(align(32))]
pub(crate) struct PhoneFeatures {
    /// The number of the digits that decide.
    pub(crate) key: ValueId,
    /// How many signs there are: digits, and `+` before a country code.
    pub(crate) len: u32,
    /// The digits that decide.
    pub(crate) compared: FinalDigits,
    /// The last sixteen signs, four bits each, the last one lowest.
    pub(crate) final_digits: u64,
}

impl Phones {
    pub(crate) fn new() -> Self {
        Self { values: Values::new(), keys: Combinations::new(), features: vec![PhoneFeatures::default()] }
    }

    /// Makes room for the numbers of so many records.
    pub(super) fn reserve(&mut self, records: usize) {
        self.values.reserve(records, 12);
        self.keys.reserve(records);
        self.features.reserve(records);
    }

    /// The number of digits that were just looked for in vain.
    pub(crate) fn add(&mut self, digits: &str, unknown: Unknown) -> ValueId {
        let (id, is_new) = self.values.put(digits, unknown);
        if is_new {
            let last = phone::compared(digits);
            let compared = FinalDigits::of(last);
            self.features.push(PhoneFeatures {
                key: self.keys.intern(compared, || stable_hash(last)).0,
                compared,
                len: u32::try_from(digits.len()).unwrap_or(u32::MAX),
                final_digits: packed(digits),
            });
        }
        id
    }

    /// What the table of final digits finds them by.
    pub(super) fn key_hash(digits: &str) -> u64 {
        FinalDigits::of(phone::compared(digits)).mixed()
    }

    pub(crate) fn features(&self, id: ValueId) -> &PhoneFeatures {
        &self.features[id.index()]
    }

    pub(crate) fn key(&self, id: ValueId) -> ValueId {
        self.features(id).key
    }

    pub(super) fn bytes(&self) -> usize {
        self.values.bytes() + self.keys.bytes() + held(&self.features)
    }
}

/// The digits that decide: so few that four bits for each fit into a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct FinalDigits {
    /// Four bits for each, the last one lowest.
    pub(crate) packed: u64,
    /// How many there are.
    pub(crate) len: u32,
}

impl FinalDigits {
    fn of(digits: &str) -> Self {
        Self { packed: packed(digits), len: u32::try_from(digits.len()).unwrap_or(u32::MAX) }
    }
}

impl Mixed for FinalDigits {
    fn mixed(&self) -> u64 {
        let mixed = self.packed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed ^ (mixed >> 32) ^ (u64::from(self.len) << 60)
    }
}

fn packed(signs: &str) -> u64 {
    signs.bytes().fold(0, |packed, sign| packed << 4 | u64::from(sign & 0xf))
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

    /// The number without its system.
    pub(crate) fn number(&self, id: ValueId) -> &str {
        &self.values.get(id)[self.features(id).colon + 1..]
    }

    pub(super) fn bytes(&self) -> usize {
        self.values.bytes() + self.systems.bytes() + held(&self.features)
    }
}

/// Names of organisations.
#[derive(Debug)]
pub(crate) struct Organizations {
    /// Names with what their legal form says.
    pub(crate) values: Values,
    /// Names without it.
    pub(crate) cores: Values,
    /// Words, without what only spelling tells.
    pub(crate) words: Values,
    word_shapes: Vec<Shape>,
    features: Vec<OrganizationFeatures>,
}

/// What is known about an organisation's name.
#[derive(Debug, Clone, Default)]
pub(crate) struct OrganizationFeatures {
    /// The name without its legal form.
    pub(crate) core: ValueId,
    /// What the legal form says.
    pub(crate) form: LegalForm,
    /// A country that it names.
    pub(crate) country: Country,
    /// It names a parent: a holding, a group.
    pub(crate) is_parent: bool,
    /// The words, each once, in the order of their hashes, which is the same in every run.
    pub(crate) words: Vec<ValueId>,
    /// Hash of the letters with which the words begin, in any spelling; 0 where there are fewer than three.
    pub(crate) acronym: u64,
    /// The name without spaces and in the spelling that variants share.
    pub(crate) squeezed: String,
    /// Letters, beginning and length of that.
    pub(crate) shape: Shape,
    /// Hash of that.
    pub(crate) spelling: u64,
}

impl Organizations {
    pub(crate) fn new() -> Self {
        Self {
            values: Values::new(),
            cores: Values::new(),
            words: Values::new(),
            word_shapes: vec![Shape::default()],
            features: vec![OrganizationFeatures::default()],
        }
    }

    pub(crate) fn intern(&mut self, name: &OrganizationName) -> ValueId {
        let OrganizationName { core, form } = name;
        if core.is_empty() {
            return ValueId::NONE;
        }
        let (id, is_new) = self.values.intern(&format!("{}{core}", form.mark()));
        if is_new {
            let mut words: Vec<ValueId> = key_words(core).map(|word| self.word(&word)).collect();
            words.retain(|word| word.is_some());
            words.sort_unstable_by_key(|&word| self.words.hash(word));
            words.dedup();
            let (squeezed, acronym) = (skeleton(core), acronym(core));
            self.features.push(OrganizationFeatures {
                core: self.cores.intern(core).0,
                form: *form,
                country: country(core),
                is_parent: core.split(' ').any(is_parent_word),
                words,
                acronym: if acronym.len() >= 3 { stable_hash(&skeleton(&acronym)) } else { 0 },
                shape: Shape::of(&squeezed),
                spelling: stable_hash(&squeezed),
                squeezed,
            });
        }
        id
    }

    fn word(&mut self, word: &str) -> ValueId {
        let (id, is_new) = self.words.intern(word);
        if is_new {
            self.word_shapes.push(Shape::of(word));
        }
        id
    }

    /// Letters, beginning and length of a word.
    pub(crate) fn word_shape(&self, word: ValueId) -> Shape {
        self.word_shapes[word.index()]
    }

    pub(crate) fn features(&self, id: ValueId) -> &OrganizationFeatures {
        &self.features[id.index()]
    }

    /// The hash of the name without its legal form.
    pub(crate) fn core_hash(&self, id: ValueId) -> u64 {
        self.cores.hash(self.features(id).core)
    }

    pub(super) fn bytes(&self) -> usize {
        let inside = |name: &OrganizationFeatures| name.words.capacity() * 4 + name.squeezed.capacity();
        let features = held(&self.word_shapes) + held(&self.features) + self.features.iter().map(inside).sum::<usize>();
        self.values.bytes() + self.cores.bytes() + self.words.bytes() + features
    }
}

/// How many bytes a list holds by itself.
pub(super) fn held<T>(items: &Vec<T>) -> usize {
    items.capacity() * size_of::<T>()
}
