//! From what sources wrote to what can be compared: records become rows of numbers of distinct values.
//!
//! Promises that each distinct value is normalised once, that placeholders become "no value", and that a row depends on
//! its record alone. Does not know what agreement is worth; see [`crate::weigh`].

mod address;
mod date;
mod domain;
mod email;
mod identifier;
mod kind;
mod live;
mod nickname;
mod organization;
mod person_name;
mod phone;
mod place;
mod placeholder;
mod shape;
mod tables;
mod text;

pub(crate) use date::Birth;
pub(crate) use domain::Domains;
pub(crate) use email::mailbox;
pub(crate) use kind::{kind_of, names as organization_names};
pub(crate) use organization::key_words as organization_words;
pub(crate) use person_name::Generation;
pub(crate) use phone::{compared, phone_digits};
pub(crate) use place::{AddressValue, Addresses};
pub(crate) use placeholder::is_placeholder_name;
pub(crate) use shape::Shape;
pub(crate) use tables::{Emails, Identifiers, NameFeatures, Names, OrganizationFeatures, Organizations, Phones};
pub(crate) use text::fold;

use crate::record::{AddressText, IdentifierText, PartyRecord, PartyTexts, PhoneText, RecordText};
use crate::values::{Combinations, Memo, ValueId, stable_hash};
use onefold_model::PartyKind;
use std::hint::black_box;

/// The values of a list: none, one, or the place of a longer list in [`Columns::lists`]. Most lists have one value.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct List(ValueId);

/// Texts of records that are read soon, see [`Columns::fetch`].
#[derive(Debug, Default)]
pub(crate) struct Ahead<'t> {
    pub(crate) emails: Vec<&'t str>,
    pub(crate) phones: Vec<&'t str>,
    /// Lines of addresses as they stand in one cell.
    pub(crate) streets: Vec<&'t str>,
}

/// Marks a [`List`] of several values. So many distinct values do not fit in memory.
const SEVERAL: u32 = 1 << 31;

/// One record, as numbers of distinct values: one line of the processor's cache.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
pub(crate) struct Row {
    pub(crate) kind: PartyKind,
    pub(crate) generation: Generation,
    pub(crate) given: ValueId,
    pub(crate) alias: ValueId,
    pub(crate) middle: ValueId,
    pub(crate) family: ValueId,
    pub(crate) birth: Birth,
    pub(crate) birth_value: ValueId,
    pub(crate) company: ValueId,
    pub(crate) emails: List,
    pub(crate) phones: List,
    pub(crate) addresses: List,
    pub(crate) identifiers: List,
    pub(crate) organizations: List,
    pub(crate) domains: List,
}

/// All records as rows, with the distinct values that they refer to.
#[derive(Debug)]
pub(crate) struct Columns {
    pub(crate) rows: Vec<Row>,
    /// Lists of several values: for each how many there are, then the values.
    lists: Vec<ValueId>,
    pub(crate) names: Names,
    /// Days of birth; the hash is the packed date.
    pub(crate) births: Combinations<Birth>,
    pub(crate) emails: Emails,
    pub(crate) domains: Domains,
    pub(crate) phones: Phones,
    pub(crate) addresses: Addresses,
    pub(crate) identifiers: Identifiers,
    pub(crate) organizations: Organizations,
    given_parts: Memo<(ValueId, ValueId, Generation)>,
    middle_parts: Memo<ValueId>,
    family_parts: Memo<(ValueId, Generation)>,
    organization_names: Memo<[ValueId; 2]>,
    identifier_spellings: Memo<ValueId>,
    found: Vec<ValueId>,
    scratch: String,
    ahead: Vec<u64>,
    ahead_keys: Vec<u64>,
}

impl Columns {
    /// No rows.
    pub(crate) fn new() -> Self {
        Self {
            rows: Vec::new(),
            lists: Vec::new(),
            names: Names::new(),
            births: Combinations::new(),
            emails: Emails::new(),
            domains: Domains::new(),
            phones: Phones::new(),
            addresses: Addresses::new(),
            identifiers: Identifiers::new(),
            organizations: Organizations::new(),
            given_parts: Memo::new(),
            middle_parts: Memo::new(),
            family_parts: Memo::new(),
            organization_names: Memo::new(),
            identifier_spellings: Memo::new(),
            found: Vec::new(),
            scratch: String::new(),
            ahead: Vec::new(),
            ahead_keys: Vec::new(),
        }
    }

    /// The rows of these records, in their order.
    pub(crate) fn of<'a>(records: impl Iterator<Item = &'a PartyRecord>) -> Self {
        let mut columns = Self::new();
        columns.rows.reserve(records.size_hint().0);
        let mut texts = PartyTexts::default();
        for record in records {
            columns.push(&texts.of(&record.party));
        }
        columns
    }

    /// Makes room for so many records, most of which have a mailbox, a number and an address of their own.
    pub(crate) fn reserve(&mut self, records: usize) {
        self.rows.reserve_exact(records);
        self.emails.reserve(records);
        self.phones.reserve(records);
        self.addresses.reserve(records);
    }

    /// Asks for the memory of what is known about the values of a row. Changes nothing.
    pub(crate) fn fetch_features(&self, row: &Row) {
        let first = |list: List| if list.0.number() < SEVERAL { list.0 } else { ValueId::NONE };
        black_box((
            self.emails.features(first(row.emails)).local,
            self.phones.features(first(row.phones)).key,
            self.addresses.parts(first(row.addresses)).number,
            self.names.features(row.given).groups,
            self.names.features(row.family).groups,
        ));
    }

    /// Puts the rows into another order; those that are not named are dropped.
    pub(crate) fn reorder(&mut self, order: impl Iterator<Item = usize>) {
        self.rows = order.map(|place| self.rows[place]).collect();
    }

    /// Frees what only reading further records would need. None can be added after it.
    pub(crate) fn forget_spellings(&mut self) {
        self.forget_read();
        self.names.values.forget_index();
        self.births.forget_keys();
        self.emails.values.forget_index();
        self.emails.locals.forget_texts();
        self.domains.forget_texts();
        self.phones.values.forget_index();
        self.phones.keys.forget_keys();
        self.addresses.forget_spellings();
        self.identifiers.values.forget_index();
        self.organizations.values.forget_index();
        self.organizations.cores.forget_index();
        self.organizations.words.forget_index();
    }

    /// The values of a list.
    pub(crate) fn list<'a>(&'a self, list: &'a List) -> &'a [ValueId] {
        match list.0.number() {
            0 => &[],
            1..SEVERAL => std::slice::from_ref(&list.0),
            several => {
                let start = (several - SEVERAL) as usize;
                &self.lists[start + 1..=start + self.lists[start].index()]
            }
        }
    }

    /// The number of a person's name, folded.
    pub(crate) fn name(&mut self, name: &str) -> ValueId {
        self.names.intern(&text::fold(name))
    }

    /// The number of an e-mail address's mailbox.
    pub(crate) fn email(&mut self, address: &str) -> ValueId {
        // What is a mailbox in the spelling that is compared stands for itself.
        let found = self.emails.values.get_or_place(address);
        if let Ok(id) = found
            && address.bytes().all(|b| b.is_ascii_graphic())
        {
            return id;
        }
        let Some(mailbox) = email::mailbox(address) else { return ValueId::NONE };
        let unknown = found.err().filter(|_| mailbox.address == address);
        self.emails.intern(&mailbox, unknown, &mut self.domains.values)
    }

    /// The number of a telephone number.
    pub(crate) fn phone(&mut self, phone: PhoneText<'_>) -> ValueId {
        let mut digits = std::mem::take(&mut self.scratch);
        phone::digits_into(phone, &mut digits);
        let id = match self.phones.values.get_or_place(&digits) {
            Ok(id) => id,
            Err(unknown) if phone::is_number(&digits) => self.phones.add(&digits, unknown),
            Err(_) => ValueId::NONE,
        };
        self.scratch = digits;
        id
    }

    /// The number of an address.
    pub(crate) fn address(&mut self, address: AddressText<'_>) -> ValueId {
        self.addresses.intern(address)
    }

    /// The number of an identifier.
    pub(crate) fn identifier(&mut self, identifier: IdentifierText<'_>) -> ValueId {
        let text = &mut self.scratch;
        text.clear();
        text.extend([identifier.system, "|", identifier.value]);
        match self.identifier_spellings.get(text) {
            Ok(id) => id,
            Err(place) => {
                let number = identifier::issued_number(identifier);
                let id = number.map_or(ValueId::NONE, |number| self.identifiers.intern(&number));
                self.identifier_spellings.put(place, id)
            }
        }
    }

    /// The numbers of the names that a field holds: one, or two where it says a trade name too.
    pub(crate) fn organization(&mut self, name: &str) -> [ValueId; 2] {
        match self.organization_names.get(name) {
            Ok(ids) => ids,
            Err(place) => {
                let mut ids = [ValueId::NONE; 2];
                for (id, name) in ids.iter_mut().zip(organization::organization_names(name)) {
                    *id = self.organizations.intern(&name);
                }
                self.organization_names.put(place, ids)
            }
        }
    }

    /// The number of an internet domain; no value for one of a mail provider.
    pub(crate) fn domain(&mut self, domain: &str) -> ValueId {
        let lower = domain.trim().to_ascii_lowercase();
        let host = lower.rsplit_once("//").map_or(lower.as_str(), |(_, host)| host);
        let host = host.split('/').next().unwrap_or(host);
        let host = host.strip_prefix("www.").unwrap_or(host);
        if email::is_provider(host) || !host.contains('.') { ValueId::NONE } else { self.domains.intern(host) }
    }

    /// A number for the name of a record, equal for names that are used for one another; 0 where there is none.
    pub(crate) fn name_key(&self, row: &Row) -> u64 {
        match row.kind {
            PartyKind::Person if row.given.is_none() || row.family.is_none() => 0,
            PartyKind::Person => {
                let (given, family) = (self.names.features(row.given), self.names.features(row.family));
                given.canonical.wrapping_add(family.skeleton)
            }
            PartyKind::Organization => {
                self.list(&row.organizations).first().map_or(0, |&name| self.organizations.core_hash(name))
            }
        }
    }

    /// A number for where an organisation is: its domain, or else its telephone, or else its house; 0 where it says none.
    pub(crate) fn seat_key(&self, row: &Row) -> u64 {
        if let Some(&domain) = self.list(&row.domains).first() {
            return self.domains.hash(domain);
        }
        if let Some(&phone) = self.list(&row.phones).first() {
            return self.phones.keys.hash(self.phones.key(phone));
        }
        self.list(&row.addresses)
            .first()
            .map_or(0, |&address| self.addresses.places.hash(self.addresses.parts(address).place))
    }

    /// Adds the row of a record.
    pub(crate) fn push(&mut self, record: &RecordText<'_>) {
        let mut row = Row {
            kind: kind_of(record),
            generation: Generation::default(),
            given: ValueId::NONE,
            alias: ValueId::NONE,
            middle: ValueId::NONE,
            family: ValueId::NONE,
            birth: Birth::default(),
            birth_value: ValueId::NONE,
            company: ValueId::NONE,
            emails: self.collect(record.emails, |columns, email| columns.email(email)),
            phones: self.collect(record.phones, |columns, phone| columns.phone(*phone)),
            addresses: self.collect(record.addresses, |columns, address| columns.address(*address)),
            identifiers: self.collect(record.identifiers, |columns, identifier| columns.identifier(*identifier)),
            organizations: List::default(),
            domains: List::default(),
        };
        match row.kind {
            PartyKind::Person => {
                self.person_name_into(record, &mut row);
                row.birth = Birth::new(record.birth_date);
                if row.birth.is_some() {
                    row.birth_value = self.births.intern(row.birth, || u64::from(row.birth.packed())).0;
                }
                row.company = self.organization(record.company)[0];
            }
            PartyKind::Organization => {
                let names: Vec<[ValueId; 2]> = organization_names(record)
                    .into_iter()
                    .map(|name| self.organization(&organization::without_own_place(name, record.addresses)))
                    .collect();
                row.organizations = self.collect(names.as_flattened(), |_, name| *name);
                let of_emails =
                    record.emails.iter().map(|email| email.rsplit_once('@').map_or("", |(_, domain)| domain));
                let domains: Vec<&str> = record.domains.iter().copied().chain(of_emails).collect();
                row.domains = self.collect(&domains, |columns, domain| columns.domain(domain));
            }
        }
        self.rows.push(row);
    }

    /// Asks for the memory that reading texts will want, for all of them at once: where there are many values, waiting
    /// for memory is most of the work. Changes nothing.
    pub(crate) fn fetch(&mut self, texts: &Ahead<'_>) {
        let hashes = &mut self.ahead;
        hashes.clear();
        hashes.extend(texts.emails.iter().map(|email| stable_hash(email)));
        self.emails.values.fetch(hashes);
        hashes.clear();
        let at = |email: &str| email.bytes().position(|byte| byte == b'@').unwrap_or(0);
        let local = |email: &&str| stable_hash(&email[..at(email)]);
        hashes.extend(texts.emails.iter().map(local));
        self.emails.locals.fetch(hashes);
        hashes.clear();
        let mut keys = std::mem::take(&mut self.ahead_keys);
        keys.clear();
        for original in &texts.phones {
            phone::digits_into(PhoneText { e164: "", original }, &mut self.scratch);
            hashes.push(stable_hash(&self.scratch));
            keys.push(Phones::key_hash(&self.scratch));
        }
        self.phones.values.fetch(hashes);
        self.phones.keys.fetch(&keys);
        self.ahead_keys = keys;
        hashes.clear();
        hashes.extend(texts.streets.iter().map(|street| stable_hash(street)));
        self.addresses.fetch(hashes);
    }

    fn person_name_into(&mut self, record: &RecordText<'_>, row: &mut Row) {
        // The usual case, both parts given and nothing unusual, takes the remembered parts.
        if record.nickname.is_empty() && record.name_suffix.is_empty() {
            let (given, mut middle, generation) = self.given_name(record.given_name);
            let (family, family_generation) = self.family_name(record.family_name);
            if given.is_some() && family.is_some() {
                if !record.middle_name.is_empty() {
                    middle = self.middle_name(record.middle_name);
                }
                (row.given, row.middle, row.family) = (given, middle, family);
                row.generation = if family_generation.is_some() { family_generation } else { generation };
                return;
            }
        }
        let name = person_name::person_name(record);
        row.given = self.names.intern(&name.given);
        row.alias = self.names.intern(&name.alias);
        row.middle = self.names.intern(&name.middle);
        row.family = self.names.intern(&name.family);
        row.generation = name.generation;
    }

    fn given_name(&mut self, text: &str) -> (ValueId, ValueId, Generation) {
        match self.given_parts.get(text) {
            Ok(known) => known,
            Err(place) => {
                let name = person_name::given_name(text);
                let known = (self.names.intern(&name.given), self.names.intern(&name.middle), name.generation);
                self.given_parts.put(place, known)
            }
        }
    }

    fn middle_name(&mut self, text: &str) -> ValueId {
        match self.middle_parts.get(text) {
            Ok(known) => known,
            Err(place) => self.middle_parts.put(place, self.names.intern(&person_name::middle_name(text))),
        }
    }

    fn family_name(&mut self, text: &str) -> (ValueId, Generation) {
        match self.family_parts.get(text) {
            Ok(known) => known,
            Err(place) => {
                let name = person_name::family_name(text);
                let known = (self.names.intern(&name.family), name.generation);
                self.family_parts.put(place, known)
            }
        }
    }

    fn collect<T>(&mut self, items: &[T], id_of: impl Fn(&mut Self, &T) -> ValueId) -> List {
        if let [item] = items {
            return List(id_of(self, item));
        }
        let mut found = std::mem::take(&mut self.found);
        found.clear();
        for item in items {
            let id = id_of(self, item);
            if id.is_some() && !found.contains(&id) {
                found.push(id);
            }
        }
        let list = match found.as_slice() {
            [] => List::default(),
            [one] => List(*one),
            several => {
                let start = self.lists.len();
                self.lists.push(ValueId::at(several.len()));
                self.lists.extend_from_slice(several);
                List(ValueId::at(start + SEVERAL as usize))
            }
        };
        self.found = found;
        list
    }
}
