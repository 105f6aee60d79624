//! A row of a table as the record of a party: which cells become which field. [`super::reader`] reads the same cells
//! without making a party.

use super::cells::Table;
use super::date;
use super::look::{is_blank, kind_word};
use super::reader::RowReader;
use super::recognise::{Key, TableRoles};
use super::role::Role;
use crate::record::PartyRecord;
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

    /// Reads the rows of a table into a data set. `file` names the table, as for [`TableRoles::record`].
    pub fn reader<'t>(&'t self, table: &'t Table, file: &SourceKey) -> RowReader<'t> {
        RowReader::new(self, table, file)
    }

    pub(super) fn id(&self, table: &Table, row: usize, file: &SourceKey) -> RecordId {
        RecordId::derive(file, STREAM, &self.key(table, row))
    }

    /// A row as a record. `file` names the table: rows of two tables are records of two sources. The key is part of the
    /// record's id and never of what is compared.
    pub fn record(&self, table: &Table, row: usize, file: &SourceKey) -> PartyRecord {
        let layout = Layout::of(self);
        let cells = Cells { layout: &layout, table, row };
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

/// The columns by what they are about, looked up once for a table.
#[derive(Debug)]
pub(super) struct Layout<'t> {
    pub(super) roles: &'t TableRoles,
    by_role: [Vec<usize>; Role::ALL.len()],
    /// One address for each purpose that columns are named for.
    pub(super) addresses: Vec<AddressColumns>,
}

/// The columns of the addresses of one purpose.
#[derive(Debug)]
pub(super) struct AddressColumns {
    purpose: Option<&'static str>,
    lines: Vec<usize>,
    number: Vec<usize>,
    unit: Vec<usize>,
    /// Where no town is said, the place of birth stands in.
    locality: Vec<usize>,
    region: Vec<usize>,
    post_code: Vec<usize>,
    country: Vec<usize>,
}

impl<'t> Layout<'t> {
    pub(super) fn of(roles: &'t TableRoles) -> Self {
        let mut purposes: Vec<Option<&'static str>> = Vec::new();
        for column in roles.columns.iter().filter(|column| is_of_address(column.role)) {
            if !purposes.contains(&column.purpose) {
                purposes.push(column.purpose);
            }
        }
        let address = |purpose| {
            let of = |role| roles.of(role).filter(|&column| roles.columns[column].purpose == purpose);
            AddressColumns {
                purpose,
                lines: of(Role::StreetLine).collect(),
                number: of(Role::HouseNumber).collect(),
                unit: of(Role::Unit).collect(),
                locality: of(Role::Locality).chain(of(Role::BirthPlace)).collect(),
                region: of(Role::Region).collect(),
                post_code: of(Role::PostCode).collect(),
                country: of(Role::Country).collect(),
            }
        };
        Self {
            roles,
            by_role: Role::ALL.map(|role| roles.of(role).collect()),
            addresses: purposes.into_iter().map(address).collect(),
        }
    }

    fn of_role(&self, role: Role) -> &[usize] {
        &self.by_role[role as usize]
    }
}

/// The cells of a row by role.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cells<'l, 't> {
    pub(super) layout: &'l Layout<'t>,
    pub(super) table: &'t Table,
    pub(super) row: usize,
}

/// What a row says of one address.
#[derive(Debug, Clone, Copy)]
pub(super) struct AddressCells<'t> {
    /// House number, street and flat, which together are the first line. All `None` where neither of the first two is.
    pub(super) first_line: [Option<&'t str>; 3],
    pub(super) locality: Option<&'t str>,
    pub(super) region: Option<&'t str>,
    pub(super) post_code: Option<&'t str>,
    pub(super) country: Option<&'t str>,
}

impl<'l, 't> Cells<'l, 't> {
    fn said(&self, columns: &'l [usize]) -> impl Iterator<Item = (usize, &'t str)> + use<'l, 't> {
        let (table, row) = (self.table, self.row);
        let cells = columns.iter().map(move |&column| (column, table.cell(row, column)));
        cells.filter(|(_, value)| !is_blank(value))
    }

    /// The values of a role with their columns.
    pub(super) fn all(&self, role: Role) -> impl Iterator<Item = (usize, &'t str)> + use<'l, 't> {
        self.said(self.layout.of_role(role))
    }

    pub(super) fn first(&self, role: Role) -> Option<&'t str> {
        self.all(role).next().map(|(_, value)| value)
    }

    /// The names of an organisation, its own first.
    pub(super) fn organization_names(&self) -> impl Iterator<Item = &'t str> + use<'l, 't> {
        let own = self.all(Role::OrganizationName).chain(self.all(Role::Company)).chain(self.all(Role::FullName));
        own.map(|(_, value)| value)
    }

    /// Who issues the numbers of a column.
    pub(super) fn system(&self, column: usize) -> Option<&'t str> {
        self.layout.roles.columns[column].system.as_deref()
    }

    /// The cells of an address, and its lines after the first.
    pub(super) fn address(
        &self,
        columns: &'l AddressColumns,
    ) -> (AddressCells<'t>, impl Iterator<Item = &'t str> + use<'l, 't>) {
        let first = |columns| self.said(columns).next().map(|(_, value)| value);
        let mut lines = self.said(&columns.lines).map(|(_, value)| value);
        let number = first(&columns.number);
        // A number belongs to a street; without one the first line that there is may be a quarter.
        let street = lines.next();
        let unit = if number.is_some() || street.is_some() { first(&columns.unit) } else { None };
        let cells = AddressCells {
            first_line: [number, street, unit],
            locality: first(&columns.locality),
            region: first(&columns.region),
            post_code: first(&columns.post_code),
            country: first(&columns.country),
        };
        (cells, lines)
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
                let mut names = self.organization_names().map(str::to_owned);
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
            Some(Identifier { system: self.system(column)?.to_owned(), value: value.to_owned() })
        };
        party.identifiers = self.all(Role::Identifier).filter_map(identifier).collect();
        let updated = self.all(Role::UpdatedAt).next();
        party.updated_at =
            updated.and_then(|(column, value)| date::moment(value, self.layout.roles.columns[column].form));
        party
    }

    /// A row that says so itself; else one that names a company and nothing of a person is that company's.
    pub(super) fn kind(&self) -> PartyKind {
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
        let names_only_company = self.layout.roles.kind == PartyKind::Person
            && self.first(Role::Company).is_some()
            && is_of_person.iter().all(|role| self.first(*role).is_none())
            && is_of_person[..3].iter().any(|role| !self.layout.of_role(*role).is_empty());
        if names_only_company { PartyKind::Organization } else { self.layout.roles.kind }
    }

    pub(super) fn birth_date(&self) -> Option<onefold_model::PartialDate> {
        if let Some((column, value)) = self.all(Role::BirthDate).next() {
            return date::birth(value, self.layout.roles.columns[column].form);
        }
        let part = |role| self.first(role).unwrap_or_default();
        date::birth_of_parts(part(Role::BirthYear), part(Role::BirthMonth), part(Role::BirthDay))
    }

    fn addresses(&self) -> Vec<PostalAddress> {
        let address = |columns: &'l AddressColumns| {
            let (cells, lines) = self.address(columns);
            let text = |text: Option<&str>| text.map(str::to_owned);
            let first = cells.first_line.into_iter().flatten().collect::<Vec<_>>().join(" ");
            PostalAddress {
                lines: std::iter::once(first).filter(|line| !line.is_empty()).chain(lines.map(str::to_owned)).collect(),
                locality: text(cells.locality),
                region: text(cells.region),
                postal_code: text(cells.post_code),
                country: text(cells.country),
                purpose: text(columns.purpose),
            }
        };
        self.layout.addresses.iter().map(address).filter(|address| !address.is_blank()).collect()
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
