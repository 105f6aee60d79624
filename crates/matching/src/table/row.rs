//! A row of a table as the record of a party. The only place that knows how roles become fields.

use super::cells::Table;
use super::date;
use super::look::{is_blank, kind_word};
use super::recognise::{Key, TableRoles};
use super::role::Role;
use crate::dataset::DatasetBuilder;
use crate::record::{PartyRecord, PartyTexts};
use onefold_model::{
    Email, Identifier, Party, PartyKind, Phone, PostalAddress, RecordId, SourceId, SourceKey, Timestamp,
};
use std::borrow::Cow;
use std::sync::Arc;

/// The records of a table are told from those of another by the stream under which their ids are derived.
const STREAM: &str = "rows";

impl TableRoles {
    /// What names a row in results: its id, with its source where ids are unique only there, or its number from 1.
    pub fn key<'t>(&self, table: &'t Table, row: usize) -> Cow<'t, str> {
        match self.key {
            Key::Number => Cow::Owned((row + 1).to_string()),
            Key::Column(id) => Cow::Borrowed(table.cell(row, id)),
            Key::WithSource(source, id) => Cow::Owned(format!("{}:{}", table.cell(row, source), table.cell(row, id))),
        }
    }

    /// Adds a row to a data set, without keeping a party for it, and says its id and whom it is of. The record is that of
    /// [`TableRoles::record`].
    pub fn push(
        &self,
        table: &Table,
        row: usize,
        file: &SourceKey,
        dataset: &mut DatasetBuilder,
    ) -> (RecordId, PartyKind) {
        let party = Cells { roles: self, table, row }.party();
        let id = self.id(table, row, file);
        dataset.push(id, &PartyTexts::default().of(&party));
        (id, party.kind)
    }

    fn id(&self, table: &Table, row: usize, file: &SourceKey) -> RecordId {
        RecordId::derive(file, STREAM, &self.key(table, row))
    }

    /// A row as a record. `file` names the table: rows of two tables are records of two sources. The key is part of the
    /// record's id and never of what is compared.
    pub fn record(&self, table: &Table, row: usize, file: &SourceKey) -> PartyRecord {
        let cells = Cells { roles: self, table, row };
        let source = cells.first(Role::Source).and_then(slug).unwrap_or_else(|| file.clone());
        let party = cells.party();
        PartyRecord {
            id: self.id(table, row, file),
            source: SourceId::derive(&source),
            seen_at: Timestamp::UNIX_EPOCH,
            updated_at: party.updated_at,
            party: Arc::new(party),
            deleted: false,
        }
    }
}

/// A text as the key of a source: small letters, digits and `-`.
pub(super) fn slug(text: &str) -> Option<SourceKey> {
    let lower = text.to_ascii_lowercase();
    let words = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut key = words.collect::<Vec<_>>().join("-");
    if !key.starts_with(|c: char| c.is_ascii_lowercase()) {
        key.insert_str(0, "s-");
    }
    key.truncate(64);
    SourceKey::new(key).ok()
}

/// The cells of a row by role.
struct Cells<'t> {
    roles: &'t TableRoles,
    table: &'t Table,
    row: usize,
}

impl<'t> Cells<'t> {
    /// The values of a role with their columns.
    fn all(&self, role: Role) -> impl Iterator<Item = (usize, &'t str)> {
        let (table, row) = (self.table, self.row);
        let cells = self.roles.of(role).map(move |column| (column, table.cell(row, column)));
        cells.filter(|(_, value)| !is_blank(value))
    }

    fn first(&self, role: Role) -> Option<&'t str> {
        self.all(role).next().map(|(_, value)| value)
    }

    fn text(&self, role: Role) -> Option<String> {
        self.first(role).map(str::to_owned)
    }

    /// The parts of a name that several columns hold.
    fn joined(&self, role: Role) -> Option<String> {
        let mut parts = self.all(role).map(|(_, value)| value);
        let first = parts.next()?.to_owned();
        Some(parts.fold(first, |name, part| name + " " + part))
    }

    fn party(&self) -> Party {
        let mut party = blank(self.kind());
        match party.kind {
            PartyKind::Person => {
                party.display_name = self.text(Role::FullName);
                party.given_name = self.joined(Role::GivenName);
                party.middle_name = self.text(Role::MiddleName);
                party.family_name = self.joined(Role::FamilyName);
                party.nickname = self.text(Role::Nickname);
                party.name_prefix = self.text(Role::NamePrefix);
                party.name_suffix = self.text(Role::NameSuffix);
                party.company = self.text(Role::Company);
                party.job_title = self.text(Role::JobTitle);
                party.birth_date = self.birth_date();
            }
            PartyKind::Organization => {
                let own =
                    self.all(Role::OrganizationName).chain(self.all(Role::Company)).chain(self.all(Role::FullName));
                let mut names = own.map(|(_, value)| value.to_owned());
                party.display_name = names.next();
                party.trade_names = names.collect();
                party.domains = self.all(Role::Domain).map(|(_, value)| value.to_owned()).collect();
            }
        }
        party.emails = self.all(Role::Email).filter_map(|(_, value)| Email::parse(value).ok()).collect();
        let phone = |(_, value): (usize, &str)| Phone { e164: None, original: value.to_owned(), primary: false };
        party.phones = self.all(Role::Phone).map(phone).collect();
        party.addresses = self.addresses();
        let identifier = |(column, value): (usize, &str)| {
            let system = self.roles.columns[column].system.clone()?;
            Some(Identifier { system, value: value.to_owned() })
        };
        party.identifiers = self.all(Role::Identifier).filter_map(identifier).collect();
        let updated = self.all(Role::UpdatedAt).next();
        party.updated_at = updated.and_then(|(column, value)| date::moment(value, self.roles.columns[column].form));
        party
    }

    /// A row that says so itself; else one that names a company and nothing of a person is that company's.
    fn kind(&self) -> PartyKind {
        if let Some(kind) = self.first(Role::Kind).and_then(kind_word) {
            return kind;
        }
        let is_of_person = [
            Role::FullName,
            Role::GivenName,
            Role::FamilyName,
            Role::MiddleName,
            Role::Nickname,
            Role::BirthDate,
            Role::BirthYear,
            Role::Gender,
            Role::Identifier,
            Role::JobTitle,
        ];
        let names_only_company = self.roles.kind == PartyKind::Person
            && self.first(Role::Company).is_some()
            && is_of_person.iter().all(|role| self.first(*role).is_none())
            && is_of_person[..3].iter().any(|role| self.roles.of(*role).next().is_some());
        if names_only_company { PartyKind::Organization } else { self.roles.kind }
    }

    fn birth_date(&self) -> Option<onefold_model::PartialDate> {
        if let Some((column, value)) = self.all(Role::BirthDate).next() {
            return date::birth(value, self.roles.columns[column].form);
        }
        let part = |role| self.first(role).unwrap_or_default();
        date::birth_of_parts(part(Role::BirthYear), part(Role::BirthMonth), part(Role::BirthDay))
    }

    /// One address for each purpose that columns are named for.
    fn addresses(&self) -> Vec<PostalAddress> {
        let mut purposes: Vec<Option<&'static str>> = Vec::new();
        for column in self.roles.columns.iter().filter(|column| is_of_address(column.role)) {
            if !purposes.contains(&column.purpose) {
                purposes.push(column.purpose);
            }
        }
        let addresses = purposes.into_iter().map(|purpose| self.address(purpose));
        addresses.filter(|address| !address.is_blank()).collect()
    }

    fn address(&self, purpose: Option<&'static str>) -> PostalAddress {
        let of = |role| {
            self.all(role).filter(|(column, _)| self.roles.columns[*column].purpose == purpose).map(|(_, value)| value)
        };
        let text = |role| of(role).next().map(str::to_owned);
        let mut lines = of(Role::StreetLine);
        let number = of(Role::HouseNumber).next();
        // A number belongs to a street; without one the first line that there is may be a quarter.
        let street = lines.next();
        let first = [number, street, of(Role::Unit).next().filter(|_| number.is_some() || street.is_some())];
        let first = first.into_iter().flatten().collect::<Vec<_>>().join(" ");
        PostalAddress {
            lines: std::iter::once(first).filter(|line| !line.is_empty()).chain(lines.map(str::to_owned)).collect(),
            locality: text(Role::Locality).or_else(|| text(Role::BirthPlace)),
            region: text(Role::Region),
            postal_code: text(Role::PostCode),
            country: text(Role::Country),
            purpose: purpose.map(str::to_owned),
        }
    }
}

fn is_of_address(role: Role) -> bool {
    matches!(
        role,
        Role::StreetLine
            | Role::HouseNumber
            | Role::Unit
            | Role::Locality
            | Role::BirthPlace
            | Role::Region
            | Role::PostCode
            | Role::Country
    )
}

fn blank(kind: PartyKind) -> Party {
    Party {
        kind,
        display_name: None,
        given_name: None,
        middle_name: None,
        family_name: None,
        name_prefix: None,
        name_suffix: None,
        nickname: None,
        legal_name: None,
        trade_names: Vec::new(),
        company: None,
        employer: None,
        job_title: None,
        birth_date: None,
        language: None,
        time_zone: None,
        emails: Vec::new(),
        phones: Vec::new(),
        addresses: Vec::new(),
        domains: Vec::new(),
        identifiers: Vec::new(),
        tags: Vec::new(),
        created_at: None,
        updated_at: None,
        extensions: serde_json::Map::default(),
    }
}
