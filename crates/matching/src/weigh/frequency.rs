//! How common each value is. Agreement on a rare value says more than agreement on a common one, and a value that a
//! whole household or office shares says little.

use super::counts::Holders;
use super::learn::Learned;
use super::model::{ComparisonModel, Model};
use super::prior::Prior;
use onefold_model::PartyKind;
use serde::{Deserialize, Serialize};

/// A column of values that are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Column {
    /// Given names.
    GivenName,
    /// Family names.
    FamilyName,
    /// Middle names.
    MiddleName,
    /// Days of birth.
    BirthDate,
    /// Mailboxes.
    Email,
    /// Telephone numbers.
    Phone,
    /// House number and street of a town.
    Place,
    /// Post codes.
    PostCode,
    /// Towns.
    Locality,
    /// Organisations that persons belong to.
    Company,
    /// Names of organisations.
    OrganizationName,
    /// Internet domains that are not a provider's.
    Domain,
    /// Identifiers, with their system.
    Identifier,
    /// Words of organisations' names.
    OrganizationWord,
    /// Internet domains of organisations. What their people have in mailboxes is counted apart.
    OrganizationDomain,
}

impl Column {
    /// Every column, in order.
    pub const ALL: [Column; 15] = [
        Column::GivenName,
        Column::FamilyName,
        Column::MiddleName,
        Column::BirthDate,
        Column::Email,
        Column::Phone,
        Column::Place,
        Column::PostCode,
        Column::Locality,
        Column::Company,
        Column::OrganizationName,
        Column::Domain,
        Column::Identifier,
        Column::OrganizationWord,
        Column::OrganizationDomain,
    ];

    /// Whether its values should be somebody's own, so that equal ones under different names are shared.
    pub(crate) fn is_own(self) -> bool {
        match self {
            Column::BirthDate
            | Column::Email
            | Column::Phone
            | Column::Place
            | Column::Identifier
            | Column::OrganizationName
            | Column::OrganizationWord
            | Column::OrganizationDomain => true,
            Column::GivenName
            | Column::FamilyName
            | Column::MiddleName
            | Column::PostCode
            | Column::Locality
            | Column::Company
            | Column::Domain => false,
        }
    }
}

/// The frequencies of a data set, and what its pairs taught about weights: enough to weigh any pair of its records as the
/// whole set would. Serialisable, so that a single record is weighed later without reading all others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Frequencies {
    /// How many records were counted.
    pub(crate) records: u64,
    /// What the candidate pairs taught about persons, where they were weighed.
    pub(crate) persons: Option<Learned>,
    /// What they taught about organisations.
    pub(crate) organizations: Option<Learned>,
    /// One for each of [`Column::ALL`], in that order.
    pub(crate) columns: Vec<ColumnFrequency>,
}

/// The frequencies of one column.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ColumnFrequency {
    /// How many values there are, one per record that has it.
    pub(crate) present: u64,
    /// In how many ordered pairs of records both have the same value.
    pub(crate) agreeing: u64,
    /// Hash of each value that more than one record has, and how common it is; ascending by hash.
    pub(crate) repeated: Vec<(u64, Holders)>,
}

impl Frequencies {
    /// No record has been counted: every value is taken for rare.
    pub fn empty() -> Self {
        Self {
            records: 0,
            persons: None,
            organizations: None,
            columns: vec![ColumnFrequency::default(); Column::ALL.len()],
        }
    }

    /// How many records were counted.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// What was learned about a kind of party; none before anything was.
    pub fn learned(&self, kind: PartyKind) -> Option<&Learned> {
        match kind {
            PartyKind::Person => self.persons.as_ref(),
            PartyKind::Organization => self.organizations.as_ref(),
        }
    }

    /// The prior that was learned for a kind.
    pub(crate) fn prior(&self, kind: PartyKind) -> Option<Prior> {
        self.learned(kind).map(|learned| learned.prior)
    }

    /// The model of a kind: what was learned, or else what was assumed.
    pub(crate) fn model<'a>(&'a self, assumed: &'a Model, kind: PartyKind) -> &'a ComparisonModel {
        self.learned(kind).map_or_else(|| assumed.of(kind), |learned| &learned.model)
    }

    /// The frequencies of a column; an unknown column has none.
    pub(crate) fn column(&self, column: Column) -> Option<&ColumnFrequency> {
        self.columns.get(column as usize)
    }
}

impl ColumnFrequency {
    /// How common the value with this hash is. A value that was not counted is one record's own.
    pub(crate) fn holders(&self, hash: u64) -> Holders {
        let found = self.repeated.binary_search_by_key(&hash, |entry| entry.0);
        found.map_or(Holders { others: 0, records: 1 }, |place| self.repeated[place].1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_their_place() {
        for (place, column) in Column::ALL.into_iter().enumerate() {
            assert_eq!(column as usize, place);
        }
    }
}
