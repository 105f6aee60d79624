//! From what sources wrote to what can be compared: records become rows of numbers of distinct values.
//!
//! Promises that each distinct value is normalised once, that placeholders become "no value", and that a row depends on
//! its record alone. Does not know what agreement is worth; see [`crate::weigh`].

mod address;
mod date;
mod email;
mod identifier;
mod nickname;
mod organization;
mod person_name;
mod phone;
mod placeholder;
mod rewind;
mod tables;
mod text;

pub(crate) use date::Birth;
pub(crate) use email::mailbox;
pub(crate) use person_name::Generation;
pub(crate) use phone::{compared, phone_digits};
pub(crate) use placeholder::is_placeholder_name;
pub(crate) use rewind::Mark;
pub(crate) use tables::{AddressValue, Addresses, Emails, Identifiers, Names, Organizations, Phones};
pub(crate) use text::{fold, letters};

use crate::record::PartyRecord;
use crate::values::{Memo, ValueId, Values};
use onefold_model::{Email, Identifier, Party, PartyKind, Phone, PostalAddress};
use std::ops::Range;

/// Some of the entries of [`Columns::lists`].
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Span {
    start: u32,
    len: u32,
}

/// One record, as numbers of distinct values.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    pub(crate) kind: PartyKind,
    pub(crate) generation: Generation,
    pub(crate) given: ValueId,
    pub(crate) alias: ValueId,
    pub(crate) middle: ValueId,
    pub(crate) family: ValueId,
    pub(crate) birth: Birth,
    pub(crate) company: ValueId,
    pub(crate) emails: Span,
    pub(crate) phones: Span,
    pub(crate) addresses: Span,
    pub(crate) identifiers: Span,
    pub(crate) organizations: Span,
    pub(crate) domains: Span,
}

/// All records as rows, with the distinct values that they refer to.
#[derive(Debug)]
pub(crate) struct Columns {
    pub(crate) rows: Vec<Row>,
    pub(crate) lists: Vec<ValueId>,
    pub(crate) names: Names,
    pub(crate) emails: Emails,
    pub(crate) domains: Values,
    pub(crate) phones: Phones,
    pub(crate) addresses: Addresses,
    pub(crate) identifiers: Identifiers,
    pub(crate) organizations: Organizations,
    given_parts: Memo<(ValueId, ValueId, Generation)>,
    family_parts: Memo<(ValueId, Generation)>,
    organization_names: Memo<ValueId>,
}

impl Columns {
    /// The rows of these records, in their order.
    pub(crate) fn of<'a>(records: impl Iterator<Item = &'a PartyRecord>) -> Self {
        let mut columns = Self {
            rows: Vec::with_capacity(records.size_hint().0),
            lists: Vec::new(),
            names: Names::new(),
            emails: Emails::new(),
            domains: Values::new(),
            phones: Phones::new(),
            addresses: Addresses::new(),
            identifiers: Identifiers::new(),
            organizations: Organizations::new(),
            given_parts: Memo::new(),
            family_parts: Memo::new(),
            organization_names: Memo::new(),
        };
        for record in records {
            columns.push(&record.party);
        }
        columns
    }

    /// The values of a list.
    pub(crate) fn list(&self, span: Span) -> &[ValueId] {
        &self.lists[range(span)]
    }

    /// The number of a person's name, folded.
    pub(crate) fn name(&mut self, name: &str) -> ValueId {
        self.names.intern(&text::fold(name))
    }

    /// The number of an e-mail address's mailbox.
    pub(crate) fn email(&mut self, email: &Email) -> ValueId {
        email::mailbox(&email.address).map_or(ValueId::NONE, |mailbox| self.emails.intern(&mailbox, &mut self.domains))
    }

    /// The number of a telephone number.
    pub(crate) fn phone(&mut self, phone: &Phone) -> ValueId {
        phone::phone_digits(phone).map_or(ValueId::NONE, |digits| self.phones.intern(&digits))
    }

    /// The number of an address.
    pub(crate) fn address(&mut self, address: &PostalAddress) -> ValueId {
        self.addresses.intern(&address::address_parts(address))
    }

    /// The number of an identifier.
    pub(crate) fn identifier(&mut self, identifier: &Identifier) -> ValueId {
        identifier::issued_number(identifier).map_or(ValueId::NONE, |number| self.identifiers.intern(&number))
    }

    /// The number of an organisation's name.
    pub(crate) fn organization(&mut self, name: &str) -> ValueId {
        match self.organization_names.get(name) {
            Ok(id) => id,
            Err(place) => {
                let id = self.organizations.intern(&organization::organization_name(name));
                self.organization_names.put(place, id)
            }
        }
    }

    /// The number of an internet domain; no value for one of a mail provider.
    pub(crate) fn domain(&mut self, domain: &str) -> ValueId {
        let lower = domain.trim().to_ascii_lowercase();
        let host = lower.rsplit_once("//").map_or(lower.as_str(), |(_, host)| host);
        let host = host.split('/').next().unwrap_or(host);
        let host = host.strip_prefix("www.").unwrap_or(host);
        if email::is_provider(host) || !host.contains('.') { ValueId::NONE } else { self.domains.intern(host).0 }
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
                self.list(row.organizations).first().map_or(0, |&name| self.organizations.values.hash(name))
            }
        }
    }

    fn push(&mut self, party: &Party) {
        let mut row = Row {
            kind: party.kind,
            generation: Generation::default(),
            given: ValueId::NONE,
            alias: ValueId::NONE,
            middle: ValueId::NONE,
            family: ValueId::NONE,
            birth: Birth::default(),
            company: ValueId::NONE,
            emails: Span::default(),
            phones: Span::default(),
            addresses: Span::default(),
            identifiers: Span::default(),
            organizations: Span::default(),
            domains: Span::default(),
        };
        row.emails = self.collect(&party.emails, Self::email);
        row.phones = self.collect(&party.phones, Self::phone);
        row.addresses = self.collect(&party.addresses, Self::address);
        row.identifiers = self.collect(&party.identifiers, Self::identifier);
        match party.kind {
            PartyKind::Person => {
                self.person_name_into(party, &mut row);
                row.birth = Birth::new(party.birth_date);
                row.company = party.company.as_deref().map_or(ValueId::NONE, |company| self.organization(company));
            }
            PartyKind::Organization => {
                let names: Vec<&str> = [&party.legal_name, &party.display_name, &party.company]
                    .into_iter()
                    .filter_map(Option::as_deref)
                    .chain(party.trade_names.iter().map(String::as_str))
                    .collect();
                row.organizations = self.collect(&names, |columns, name| columns.organization(name));
                let domains: Vec<&str> =
                    party.domains.iter().map(String::as_str).chain(party.emails.iter().map(Email::domain)).collect();
                row.domains = self.collect(&domains, |columns, domain| columns.domain(domain));
            }
        }
        self.rows.push(row);
    }

    fn person_name_into(&mut self, party: &Party, row: &mut Row) {
        // The usual case, both parts given and nothing unusual, takes the remembered parts.
        if let (Some(given), Some(family)) = (party.given_name.as_deref(), party.family_name.as_deref())
            && party.nickname.is_none()
            && party.name_suffix.is_none()
            && party.middle_name.is_none()
        {
            let (given, middle, generation) = match self.given_parts.get(given) {
                Ok(known) => known,
                Err(place) => {
                    let name = person_name::given_name(given);
                    let known = (self.names.intern(&name.given), self.names.intern(&name.middle), name.generation);
                    self.given_parts.put(place, known)
                }
            };
            let (family, family_generation) = match self.family_parts.get(family) {
                Ok(known) => known,
                Err(place) => {
                    let name = person_name::family_name(family);
                    let known = (self.names.intern(&name.family), name.generation);
                    self.family_parts.put(place, known)
                }
            };
            if given.is_some() && family.is_some() {
                (row.given, row.middle, row.family) = (given, middle, family);
                row.generation = if family_generation.is_some() { family_generation } else { generation };
                return;
            }
        }
        let name = person_name::person_name(party);
        row.given = self.names.intern(&name.given);
        row.alias = self.names.intern(&name.alias);
        row.middle = self.names.intern(&name.middle);
        row.family = self.names.intern(&name.family);
        row.generation = name.generation;
    }

    fn collect<T>(&mut self, items: &[T], id_of: impl Fn(&mut Self, &T) -> ValueId) -> Span {
        let start = self.lists.len();
        for item in items {
            let id = id_of(self, item);
            if id.is_some() && !self.lists[start..].contains(&id) {
                self.lists.push(id);
            }
        }
        let narrow = |len: usize| u32::try_from(len).unwrap_or(u32::MAX);
        Span { start: narrow(start), len: narrow(self.lists.len() - start) }
    }
}

fn range(span: Span) -> Range<usize> {
    span.start as usize..span.start as usize + span.len as usize
}
