//! From headers and values to roles. Headers propose, values confirm or refuse, and what is left over is ignored with a
//! reason that a person can read.

use super::cells::Table;
use super::date::DateForm;
use super::header::{self, Candidate, Naming, Reading};
use super::look::{Fit, Look, is_blank};
use super::role::Role;
use crate::block::{Repeated, sort_by_key};
use onefold_model::PartyKind;
use std::collections::HashSet;
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

/// Rows that are looked at.
const SAMPLE: usize = 2000;

/// What is known before a table is looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hints {
    /// Whom the rows are of.
    pub kind: Option<PartyKind>,
    /// Roles of columns, by the names of the columns.
    pub roles: Vec<(String, Role)>,
}

/// What a column was taken for.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnRole {
    /// Its header.
    pub name: String,
    /// What its values are about.
    pub role: Role,
    /// What its values are used for: `billing`.
    pub purpose: Option<&'static str>,
    /// Who issues its values, where they are identifiers.
    pub system: Option<String>,
    /// The share of rows with a value, in a sample.
    pub fill: f64,
    /// Why it was taken for that.
    pub because: String,
    pub(super) form: Option<DateForm>,
}

/// What tells rows apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// Their number, from 1.
    Number,
    /// A column.
    Column(usize),
    /// A column, within a source.
    WithSource(usize, usize),
}

/// What the columns of a table are about.
#[derive(Debug, Clone, PartialEq)]
pub struct TableRoles {
    /// Whom the rows are of, where a row does not say so itself.
    pub kind: PartyKind,
    /// One for each column, in their order.
    pub columns: Vec<ColumnRole>,
    pub(super) key: Key,
}

impl TableRoles {
    /// The columns of a role, in the order of the table.
    pub fn of(&self, role: Role) -> impl Iterator<Item = usize> + '_ {
        (0..self.columns.len()).filter(move |&place| self.columns[place].role == role)
    }

    /// Whether any column says something about who a row is of.
    pub fn is_empty(&self) -> bool {
        let aside = |role| {
            matches!(role, Role::RecordId | Role::Source | Role::Kind | Role::UpdatedAt | Role::Gender | Role::Ignored)
        };
        self.columns.iter().all(|column| aside(column.role))
    }
}

/// Recognises the columns of a table. The order of the rows changes nothing.
pub fn recognise(table: &Table, hints: &Hints) -> TableRoles {
    let rows = sample(table);
    let columns: Vec<Column> = (0..table.header().len()).map(|place| Column::new(table, &rows, place, hints)).collect();
    let mut draft = Draft { table, rows, columns, key: Key::Number };
    draft.key = draft.find_key();
    draft.settle_names();
    let kind = hints.kind.unwrap_or_else(|| draft.kind());
    draft.fit_to_kind(kind);
    draft.drop_doubles();
    let key = draft.key;
    TableRoles { kind, columns: draft.columns.into_iter().map(|column| column.done).collect(), key }
}

/// Rows that do not depend on the order of the rows: those whose text has the smallest hashes.
fn sample(table: &Table) -> Vec<usize> {
    let mut rows: Vec<(u64, usize)> =
        (0..table.len()).map(|row| (xxh3_64(table.row_text(row).as_bytes()), row)).collect();
    if rows.len() > SAMPLE {
        rows.select_nth_unstable(SAMPLE);
        rows.truncate(SAMPLE);
    }
    rows.sort_unstable();
    rows.into_iter().map(|(_, row)| row).collect()
}

struct Column {
    done: ColumnRole,
    look: Look,
    /// What the header may mean and the values allow, the likeliest first.
    candidates: Vec<Candidate>,
    is_given: bool,
}

struct Draft<'t> {
    table: &'t Table,
    rows: Vec<usize>,
    columns: Vec<Column>,
    key: Key,
}

impl Column {
    fn new(table: &Table, rows: &[usize], place: usize, hints: &Hints) -> Self {
        let name = table.header()[place].clone();
        let look = Look::of(rows.iter().map(|&row| table.cell(row, place)));
        let Reading { candidates, purpose } = header::read(&name);
        let allowed: Vec<Candidate> = candidates.iter().copied().filter(|one| is_allowed(one, &look)).collect();
        let mut done = ColumnRole {
            name,
            role: Role::Ignored,
            purpose,
            system: None,
            fill: look.fill(),
            because: String::new(),
            form: look.form,
        };
        let mut column = Self { look, candidates: allowed, is_given: false, done: done.clone() };
        if let Some((_, role)) = hints.roles.iter().find(|(name, _)| *name == done.name) {
            let system = candidates.iter().find_map(|one| one.system).map(str::to_owned);
            done.system = (*role == Role::Identifier).then(|| system.unwrap_or_else(|| done.name.to_lowercase()));
            done.role = *role;
            "it was said so".clone_into(&mut done.because);
            column.candidates.clear();
            column.is_given = true;
        } else if column.look.filled == 0 {
            "it is empty".clone_into(&mut done.because);
            column.candidates.clear();
        } else if let Some(first) = column.candidates.first() {
            done.role = first.role;
            done.system = first.system.map(str::to_owned);
            done.because = because(first, &column.look);
        } else if let Some(role) = column.look.alone().filter(|role| *role == Role::Email || candidates.is_empty()) {
            done.role = role;
            "of its values".clone_into(&mut done.because);
        } else if let Some(first) = candidates.iter().find(|one| one.naming != Naming::Partial) {
            done.because = format!("the header says {}, its values do not", first.role);
        } else {
            "nothing is known by this name".clone_into(&mut done.because);
        }
        column.done = done;
        column
    }

    fn can_be(&self, role: Role) -> bool {
        self.candidates.iter().any(|one| one.role == role)
    }

    /// Takes the role, where nobody has said otherwise.
    fn take(&mut self, role: Role, because: &str) {
        if !self.is_given {
            self.done.role = role;
            because.clone_into(&mut self.done.because);
        }
    }

    /// How well its header names its role.
    fn standing(&self) -> (bool, Naming, usize) {
        let found = self.candidates.iter().find(|one| one.role == self.done.role);
        let (naming, rank) = found.map_or((Naming::Partial, usize::MAX), |one| (one.naming, one.rank));
        (!self.is_given, naming, rank)
    }
}

/// A header that is not understood as a whole needs values that could hardly be anything else.
fn is_allowed(one: &Candidate, look: &Look) -> bool {
    let fit = look.fit(one.role);
    match one.naming {
        Naming::Exact | Naming::Qualified => fit != Fit::No,
        Naming::Partial if one.role == Role::Ignored => true,
        Naming::Partial => {
            fit == Fit::Yes
                && matches!(one.role, Role::Email | Role::Phone | Role::BirthDate | Role::PostCode | Role::Domain)
        }
    }
}

fn because(one: &Candidate, look: &Look) -> String {
    let header = if one.naming == Naming::Partial { "of a part of its header" } else { "of its header" };
    match (one.role, look.fit(one.role)) {
        (Role::Ignored, _) => "it is never compared, by its header".to_owned(),
        (_, Fit::Yes) => format!("{header} and its values"),
        _ => header.to_owned(),
    }
}

impl Draft<'_> {
    /// The column that names the rows. It must have a value in every row, and each once.
    fn find_key(&mut self) -> Key {
        let source = (0..self.columns.len()).find(|&place| self.columns[place].done.role == Role::Source);
        let mut ids: Vec<usize> =
            (0..self.columns.len()).filter(|&place| self.columns[place].done.role == Role::RecordId).collect();
        ids.sort_by_key(|&place| self.columns[place].standing());
        let alone = ids.iter().copied().find(|&place| self.is_unique(None, place)).map(Key::Column);
        let key = alone.or_else(|| {
            let source = source?;
            ids.iter()
                .copied()
                .find(|&place| self.is_unique(Some(source), place))
                .map(|place| Key::WithSource(source, place))
        });
        let taken = match key {
            Some(Key::Column(place) | Key::WithSource(_, place)) => Some(place),
            Some(Key::Number) | None => None,
        };
        for place in ids.into_iter().filter(|&place| Some(place) != taken) {
            let why = if taken.is_some() {
                "another column says which row it is"
            } else {
                "its values repeat or are missing"
            };
            self.columns[place].take(Role::Ignored, why);
        }
        key.unwrap_or(Key::Number)
    }

    fn is_unique(&self, source: Option<usize>, place: usize) -> bool {
        let key = |row: u32| {
            let of = |column| self.table.cell(row as usize, column);
            (source.map(of), of(place))
        };
        let rows = 0..u32::try_from(self.table.len()).unwrap_or(u32::MAX);
        if rows.clone().any(|row| is_blank(key(row).1)) {
            return false;
        }
        let hash = |(source, id): (Option<&str>, &str)| {
            xxh3_64_with_seed(id.as_bytes(), source.map_or(0, |source| xxh3_64(source.as_bytes())))
        };
        let mut entries: Vec<(u64, u32)> = rows.map(|row| (hash(key(row)), row)).collect();
        Repeated::default().keep(&mut entries);
        sort_by_key(&mut entries, &mut Vec::new());
        let mut alike = entries.chunk_by(|a, b| a.0 == b.0).filter(|alike| alike.len() > 1);
        alike.all(|alike| {
            let mut seen = HashSet::new();
            alike.iter().all(|entry| seen.insert(key(entry.1)))
        })
    }

    fn has(&self, role: Role) -> bool {
        self.columns.iter().any(|column| column.done.role == role)
    }

    /// `Name` beside `Vorname` is the family name, `Nome` beside `Cognome` the given name; alone they are whole names.
    fn settle_names(&mut self) {
        let only = |role: Role| move |column: &Column| column.done.role == role && !column.can_be(Role::FullName);
        let has_given = self.columns.iter().any(only(Role::GivenName));
        let has_family = self.columns.iter().any(only(Role::FamilyName));
        for column in self.columns.iter_mut().filter(|column| column.can_be(Role::FullName)) {
            if has_given && !has_family && column.can_be(Role::FamilyName) {
                column.take(Role::FamilyName, "of its header, beside a given name");
            } else if has_family && !has_given && column.can_be(Role::GivenName) {
                column.take(Role::GivenName, "of its header, beside a family name");
            } else {
                column.take(Role::FullName, "of its header");
            }
        }
        for column in &mut self.columns {
            if column.can_be(Role::NamePrefix) && column.can_be(Role::JobTitle) {
                column.take(Role::NamePrefix, "of its header and its values");
            }
        }
    }

    fn kind(&self) -> PartyKind {
        let fill = |roles: &[Role]| {
            let columns = self.columns.iter().filter(|column| roles.contains(&column.done.role));
            columns.map(|column| column.done.fill).fold(0.0, f64::max)
        };
        let names = fill(&[Role::GivenName, Role::FamilyName, Role::MiddleName, Role::BirthDate, Role::BirthYear]);
        let organizations = fill(&[Role::OrganizationName, Role::Company]);
        let whole = self.columns.iter().find(|column| column.done.role == Role::FullName);
        if names > 0.0 {
            // Accounts with a contact person here and there.
            let is_organizations = names < 0.3 && organizations >= 0.6;
            return if is_organizations { PartyKind::Organization } else { PartyKind::Person };
        }
        match whole {
            None if organizations > 0.0 => PartyKind::Organization,
            None => PartyKind::Person,
            Some(_) if self.has(Role::Gender) => PartyKind::Person,
            Some(whole) if whole.look.is_of_persons() => PartyKind::Person,
            Some(_) => PartyKind::Organization,
        }
    }

    /// What a name is in a table of persons, and in one of organisations.
    fn fit_to_kind(&mut self, kind: PartyKind) {
        let has_own = self.has(Role::OrganizationName);
        let has_whole = self.has(Role::FullName);
        for column in &mut self.columns {
            match (kind, column.done.role) {
                (PartyKind::Person, Role::OrganizationName) => column.take(Role::Company, "the rows are of persons"),
                (PartyKind::Organization, Role::FullName) if !has_own => {
                    column.take(Role::OrganizationName, "the rows are of organisations");
                }
                (PartyKind::Organization, Role::Company) if !has_own && !has_whole => {
                    column.take(Role::OrganizationName, "the rows are of organisations");
                }
                (
                    PartyKind::Organization,
                    Role::FullName
                    | Role::GivenName
                    | Role::FamilyName
                    | Role::MiddleName
                    | Role::Nickname
                    | Role::NamePrefix
                    | Role::NameSuffix
                    | Role::BirthDate
                    | Role::BirthYear
                    | Role::BirthMonth
                    | Role::BirthDay
                    | Role::Company,
                ) => column.take(Role::Ignored, "the rows are of organisations"),
                _ => {}
            }
        }
    }

    /// Of roles that a row has once, the best column is taken. Names in several columns are kept where the columns are parts.
    fn drop_doubles(&mut self) {
        for role in Role::ALL {
            let mut places: Vec<usize> =
                (0..self.columns.len()).filter(|&place| self.columns[place].done.role == role).collect();
            places.sort_by_key(|&place| self.columns[place].standing());
            let Some((&best, others)) = places.split_first() else { continue };
            for &place in others {
                let (first, other) = (&self.columns[best].done, &self.columns[place].done);
                let keeps = match role {
                    Role::Email
                    | Role::Phone
                    | Role::StreetLine
                    | Role::Identifier
                    | Role::Domain
                    | Role::OrganizationName
                    | Role::Ignored => true,
                    Role::GivenName | Role::FamilyName => {
                        self.columns[best].standing().1 == self.columns[place].standing().1
                            && !self.repeats(best, place)
                    }
                    Role::HouseNumber | Role::Unit | Role::Locality | Role::Region | Role::PostCode | Role::Country => {
                        let mut kept = places.iter().take_while(|&&kept| kept != place);
                        kept.all(|&kept| {
                            self.columns[kept].done.role != role || self.columns[kept].done.purpose != other.purpose
                        })
                    }
                    Role::RecordId
                    | Role::Source
                    | Role::Kind
                    | Role::FullName
                    | Role::MiddleName
                    | Role::Nickname
                    | Role::NamePrefix
                    | Role::NameSuffix
                    | Role::BirthDate
                    | Role::BirthYear
                    | Role::BirthMonth
                    | Role::BirthDay
                    | Role::BirthPlace
                    | Role::Company
                    | Role::JobTitle
                    | Role::Gender
                    | Role::UpdatedAt => false,
                };
                if !keeps {
                    let why = format!("{:?} is the {role}", first.name);
                    self.columns[place].take(Role::Ignored, &why);
                }
            }
        }
        if self.has(Role::Locality) {
            for column in self.columns.iter_mut().filter(|column| column.done.role == Role::BirthPlace) {
                column.take(Role::Ignored, "another column has the town");
            }
        }
        // Year, month and day say again what a whole date says.
        if self.has(Role::BirthDate) {
            for column in &mut self.columns {
                if matches!(column.done.role, Role::BirthYear | Role::BirthMonth | Role::BirthDay) {
                    column.take(Role::Ignored, "another column has the whole date");
                }
            }
        }
    }

    /// Whether one column mostly says what another says.
    fn repeats(&self, one: usize, other: usize) -> bool {
        let texts = self.rows.iter().map(|&row| (self.table.cell(row, one), self.table.cell(row, other)));
        let both: Vec<(String, String)> = texts
            .filter(|(a, b)| !a.is_empty() && !b.is_empty())
            .map(|(a, b)| (a.to_lowercase(), b.to_lowercase()))
            .collect();
        let same = both.iter().filter(|(a, b)| a.contains(b.as_str()) || b.contains(a.as_str())).count();
        same * 2 > both.len()
    }
}
