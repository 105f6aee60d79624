//! The rows of a table, read cell by cell into a data set.
//!
//! Promises the record that [`TableRoles::record`] gives, without making a party: most texts stay where the table has them,
//! and what is put together (a street with its number) stands in room that serves every row.

use super::cells::Table;
use super::recognise::TableRoles;
use super::role::Role;
use super::row::{Cells, Layout};
use crate::block::sort_by_key;
use crate::dataset::DatasetBuilder;
use crate::normalise::Ahead;
use crate::record::{AddressText, IdentifierText, PhoneText, RecordText, neighbourhood};
use onefold_model::{Email, PartyKind, RecordId, SourceKey};
use std::ops::Range;

/// Memory is asked for by so many rows at once, so that waiting for one is waiting for all of them.
const FETCHED: usize = 32;

/// Reads the rows of one table into a data set.
#[derive(Debug)]
pub struct RowReader<'t> {
    layout: Layout<'t>,
    table: &'t Table,
    file: SourceKey,
    room: Room<'t>,
}

/// Room for the lists of one row.
#[derive(Debug, Default)]
struct Room<'t> {
    /// Texts that no cell has as they are compared.
    made: String,
    mails: Vec<Said<'t>>,
    names: Vec<&'t str>,
    domains: Vec<&'t str>,
    phones: Vec<PhoneText<'t>>,
    identifiers: Vec<IdentifierText<'t>>,
    lines: Vec<&'t str>,
    places: Vec<(Said<'t>, Range<usize>, AddressText<'t>)>,
    // Empty between rows: what they hold borrows from the fields above.
    emails: Vec<&'static str>,
    addresses: Vec<AddressText<'static>>,
}

/// A text of a row: a cell, or a part of what was made.
#[derive(Debug, Clone)]
enum Said<'t> {
    Cell(&'t str),
    Made(Range<usize>),
}

impl<'t> Said<'t> {
    /// Several texts with a blank between them; where there is one, it is taken as it is.
    fn joined(mut parts: impl Iterator<Item = &'t str>, made: &mut String) -> Self {
        let (Some(first), second) = (parts.next(), parts.next()) else { return Self::Cell("") };
        let Some(second) = second else { return Self::Cell(first) };
        let start = made.len();
        made.push_str(first);
        for part in std::iter::once(second).chain(parts) {
            made.extend([" ", part]);
        }
        Self::Made(start..made.len())
    }

    fn text<'a>(&self, made: &'a str) -> &'a str
    where
        't: 'a,
    {
        match self {
            Self::Cell(text) => text,
            Self::Made(place) => &made[place.clone()],
        }
    }
}

impl<'t> RowReader<'t> {
    pub(super) fn new(roles: &'t TableRoles, table: &'t Table, file: &SourceKey) -> Self {
        Self { layout: Layout::of(roles), table, file: file.clone(), room: Room::default() }
    }

    /// Adds all rows to a data set, and says the id of each and whom it is of, in the order of the table. Rows of one family
    /// are read one after the other, see [`Dataset`](crate::Dataset). `after` is told how many rows are done.
    pub fn push_all(
        &mut self,
        dataset: &mut DatasetBuilder,
        mut after: impl FnMut(usize),
    ) -> Vec<(RecordId, PartyKind)> {
        let id = |row: usize| (self.layout.roles.id(self.table, row, &self.file), PartyKind::Person);
        let mut read: Vec<(RecordId, PartyKind)> = (0..self.table.len()).map(id).collect();
        let order = self.order();
        dataset.reserve(order.len());
        let mut ahead = Ahead::default();
        for (part, rows) in order.chunks(FETCHED).enumerate() {
            self.fetch(rows, &mut ahead, dataset);
            for (place, &row) in rows.iter().enumerate() {
                let (id, kind) = &mut read[row as usize];
                *kind = self.push_as(*id, row as usize, dataset);
                after(part * FETCHED + place + 1);
            }
        }
        read
    }

    /// Asks for the memory that reading these rows will want. Changes nothing.
    fn fetch(&self, rows: &[u32], ahead: &mut Ahead<'t>, dataset: &mut DatasetBuilder) {
        self.table.fetch(rows);
        let refill = |role, texts: &mut Vec<&'t str>| {
            texts.clear();
            let cells = |&row: &u32| Cells { layout: &self.layout, table: self.table, row: row as usize }.first(role);
            texts.extend(rows.iter().filter_map(cells));
        };
        refill(Role::Email, &mut ahead.emails);
        refill(Role::Phone, &mut ahead.phones);
        refill(Role::StreetLine, &mut ahead.streets);
        dataset.fetch(ahead);
    }

    /// The rows, those of one family one after the other.
    fn order(&self) -> Vec<u32> {
        let neighbours = |row: u32| {
            let cells = Cells { layout: &self.layout, table: self.table, row: row as usize };
            let whole = || cells.first(Role::FullName).or_else(|| cells.organization_names().next());
            // The family name is mostly the last word of a whole one.
            let whole =
                || whole().map(|name| name.rsplit_once(' ').map_or((name, ""), |(given, family)| (family, given)));
            let (family, given) = match cells.first(Role::FamilyName) {
                Some(family) => (family, cells.first(Role::GivenName).unwrap_or_default()),
                None => whole().unwrap_or_default(),
            };
            (neighbourhood(family, given), row)
        };
        let mut order: Vec<(u64, u32)> = (0u32..).take(self.table.len()).map(neighbours).collect();
        sort_by_key(&mut order, &mut Vec::new());
        order.into_iter().map(|(_, row)| row).collect()
    }

    /// Adds a row to a data set, and says its id and whom it is of.
    pub fn push(&mut self, row: usize, dataset: &mut DatasetBuilder) -> (RecordId, PartyKind) {
        let id = self.layout.roles.id(self.table, row, &self.file);
        (id, self.push_as(id, row, dataset))
    }

    fn push_as(&mut self, id: RecordId, row: usize, dataset: &mut DatasetBuilder) -> PartyKind {
        self.read(row, |record| {
            dataset.push(id, record);
            record.kind
        })
    }

    /// Reads a row.
    fn read<R>(&mut self, row: usize, take: impl FnOnce(&RecordText<'_>) -> R) -> R {
        let Self { layout, table, room, .. } = self;
        let cells = Cells { layout, table, row };
        let kind = cells.kind();
        let text = |role| cells.first(role).unwrap_or_default();
        let values = |role| cells.all(role).map(|(_, value)| value);
        room.made.clear();
        room.names.clear();
        room.domains.clear();
        let mut record = RecordText { kind, ..RecordText::PERSON };
        let mut names = [Said::Cell(""), Said::Cell("")];
        match kind {
            PartyKind::Person => {
                names = [Role::GivenName, Role::FamilyName].map(|role| Said::joined(values(role), &mut room.made));
                record.middle_name = text(Role::MiddleName);
                record.name_suffix = text(Role::NameSuffix);
                record.nickname = text(Role::Nickname);
                record.display_name = text(Role::FullName);
                record.company = text(Role::Company);
                record.job_title = text(Role::JobTitle);
                record.birth_date = cells.birth_date();
            }
            PartyKind::Organization => {
                let mut names = cells.organization_names();
                record.display_name = names.next().unwrap_or_default();
                room.names.extend(names);
                room.domains.extend(values(Role::Domain));
            }
        }
        room.mails.clear();
        for value in values(Role::Email) {
            if is_canonical_email(value) {
                room.mails.push(Said::Cell(value));
            } else if let Ok(email) = Email::parse(value) {
                let start = room.made.len();
                room.made.push_str(&email.address);
                room.mails.push(Said::Made(start..room.made.len()));
            }
        }
        room.phones.clear();
        room.phones.extend(values(Role::Phone).map(|original| PhoneText { e164: "", original }));
        room.identifiers.clear();
        let identifier = |(column, value)| cells.system(column).map(|system| IdentifierText { system, value });
        room.identifiers.extend(cells.all(Role::Identifier).filter_map(identifier));
        room.read_addresses(&cells);

        let made = room.made.as_str();
        let mut emails = emptied(std::mem::take(&mut room.emails));
        emails.extend(room.mails.iter().map(|mail| mail.text(made)));
        let mut addresses = emptied(std::mem::take(&mut room.addresses));
        addresses.extend(room.places.iter().map(|(first, others, address)| {
            let first = Some(first.text(made)).filter(|line| !line.is_empty());
            let lines = first.into_iter().chain(room.lines[others.clone()].iter().copied());
            let AddressText { street, more_lines, .. } = AddressText::of_lines(lines);
            AddressText { street, more_lines, ..*address }
        }));
        let taken = take(&RecordText {
            given_name: names[0].text(made),
            family_name: names[1].text(made),
            trade_names: &room.names,
            domains: &room.domains,
            emails: &emails,
            phones: &room.phones,
            addresses: &addresses,
            identifiers: &room.identifiers,
            ..record
        });
        room.emails = emptied(emails);
        room.addresses = emptied(addresses);
        taken
    }
}

impl<'t> Room<'t> {
    fn read_addresses(&mut self, cells: &Cells<'_, 't>) {
        self.lines.clear();
        self.places.clear();
        for columns in &cells.layout.addresses {
            let (said, others) = cells.address(columns);
            let start = self.lines.len();
            self.lines.extend(others);
            let has_line = said.first_line.iter().any(Option::is_some) || self.lines.len() > start;
            // A country alone is no address.
            if has_line || [said.locality, said.region, said.post_code].iter().any(Option::is_some) {
                let first = Said::joined(said.first_line.into_iter().flatten(), &mut self.made);
                let address = AddressText {
                    locality: said.locality.unwrap_or_default(),
                    region: said.region.unwrap_or_default(),
                    post_code: said.post_code.unwrap_or_default(),
                    country: said.country.unwrap_or_default(),
                    ..AddressText::default()
                };
                self.places.push((first, start..self.lines.len(), address));
            }
        }
    }
}

/// An empty list in the memory of another, which may have borrowed from something else.
fn emptied<A, B>(mut list: Vec<A>) -> Vec<B> {
    list.clear();
    list.into_iter().filter_map(|_| None).collect()
}

/// Whether [`Email::parse`] would give the text back as it is. False where that is not plain to see.
fn is_canonical_email(text: &str) -> bool {
    let (mut is_domain, mut dots, mut before) = (false, 0, b'.');
    for (place, byte) in text.bytes().enumerate() {
        before = match byte {
            b'@' if is_domain || place == 0 => return false,
            b'@' => {
                is_domain = true;
                // As if behind a dot: the first label of the domain must not be empty either.
                b'.'
            }
            b'.' if is_domain && before == b'.' => return false,
            b'.' => {
                dots += u32::from(is_domain);
                byte
            }
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'+' => byte,
            _ => return false,
        };
    }
    text.len() <= 64 && dots > 0 && before != b'.'
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::PartyTexts;
    use crate::table::{Hints, recognise};
    use proptest::prelude::*;

    /// Every row is read as the party that it makes.
    fn assert_same(table: &Table, roles: &TableRoles) {
        let file = SourceKey::new("file").unwrap();
        let mut reader = roles.reader(table, &file);
        for row in 0..table.len() {
            let party = roles.record(table, row, &file).party;
            reader.read(row, |record| assert_eq!(record, &PartyTexts::default().of(&party), "row {row}"));
        }
    }

    fn header() -> impl Strategy<Value = String> {
        proptest::sample::select(vec![
            "id",
            "source",
            "type",
            "full name",
            "first name",
            "first name 2",
            "middle name",
            "last name",
            "last name 2",
            "suffix",
            "nickname",
            "birth date",
            "birth year",
            "birth month",
            "birth day",
            "email",
            "email 2",
            "phone",
            "mobile",
            "street",
            "address line 2",
            "billing street",
            "billing city",
            "house number",
            "unit",
            "city",
            "birth place",
            "state",
            "zip",
            "billing zip",
            "country",
            "company",
            "job title",
            "ssn",
            "vat number",
            "organization name",
            "website",
        ])
        .prop_map(str::to_owned)
    }

    fn cell() -> impl Strategy<Value = String> {
        prop_oneof![
            2 => Just(String::new()),
            3 => proptest::sample::select(vec![
                "Ada", "King", "a@king.example", " Ada.K@King.Example ", "Ada <a.k+x@b.example>", "a@b@c.example", "1 Ring",
                "Ring", "12", "1984", "3", "1984-03-07", "19840307", "person", "company", "Biller GmbH", "biller.example",
                "NULL", "-", "+43 660 1234567", "612-34-5678", "DE",
            ]).prop_map(str::to_owned),
            1 => ".{0,12}",
        ]
    }

    proptest! {
        #[test]
        fn a_row_is_read_as_the_party_that_it_makes(
            header in proptest::collection::hash_set(header(), 1..14),
            cells in proptest::collection::vec(proptest::collection::vec(cell(), 14), 1..8),
            roles in proptest::collection::vec(proptest::sample::select(Role::ALL.to_vec()), 0..6),
        ) {
            let mut table = Table::new(header.into_iter().collect());
            for row in &cells {
                table.push(row.iter().map(String::as_str));
            }
            assert_same(&table, &recognise(&table, &Hints::default()));
            // As a person may say it, which need not make sense.
            let given = table.header().iter().cloned().zip(roles).collect();
            assert_same(&table, &recognise(&table, &Hints { kind: None, roles: given }));
        }

        #[test]
        fn a_plain_mailbox_is_what_parsing_gives(text in "[a-z0-9.+_@-]{0,70}|[a-z]{1,4}@[a-z.]{1,9}") {
            if is_canonical_email(&text) {
                prop_assert_eq!(Email::parse(&text).unwrap().address, text);
            }
        }
    }
}
