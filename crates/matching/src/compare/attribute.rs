//! The words of a comparison: what is compared and how well it can agree.

use onefold_model::PartyKind;
use serde::{Deserialize, Serialize};

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Attribute {
    /// Given name of a person.
    GivenName,
    /// Family name of a person.
    FamilyName,
    /// Middle name or initial.
    MiddleName,
    /// Jr. or Sr.
    NameSuffix,
    /// Day of birth.
    BirthDate,
    /// E-mail addresses, the best pair of them.
    Email,
    /// Telephone numbers, the best pair of them.
    Phone,
    /// Postal addresses, the best pair of them.
    Address,
    /// The organisation that a person belongs to.
    Company,
    /// Numbers that somebody issued: tax number, number in another system.
    Identifier,
    /// Name of an organisation.
    OrganizationName,
    /// Internet domain of an organisation.
    Domain,
    /// Not an attribute of its own: what the others say together about two people of one household, or two
    /// organisations of one group.
    Household,
}

impl Attribute {
    /// What is compared of persons, in the order of an explanation.
    pub const PERSON: [Attribute; 10] = [
        Attribute::GivenName,
        Attribute::FamilyName,
        Attribute::MiddleName,
        Attribute::NameSuffix,
        Attribute::BirthDate,
        Attribute::Email,
        Attribute::Phone,
        Attribute::Address,
        Attribute::Company,
        Attribute::Identifier,
    ];

    /// What is compared of organisations, in the order of an explanation.
    pub const ORGANIZATION: [Attribute; 6] = [
        Attribute::OrganizationName,
        Attribute::Domain,
        Attribute::Email,
        Attribute::Phone,
        Attribute::Address,
        Attribute::Identifier,
    ];

    /// Whether relatives are told apart by it: nobody shares it with the household, and no company with its group. What
    /// is assumed of it among relatives is not learned, because it is what the class means.
    pub(crate) fn tells_relatives_apart(self) -> bool {
        match self {
            Attribute::GivenName
            | Attribute::MiddleName
            | Attribute::NameSuffix
            | Attribute::BirthDate
            | Attribute::Identifier
            | Attribute::OrganizationName => true,
            Attribute::FamilyName
            | Attribute::Email
            | Attribute::Phone
            | Attribute::Address
            | Attribute::Company
            | Attribute::Domain
            | Attribute::Household => false,
        }
    }

    /// Whether it tells two people of one name apart.
    pub(crate) fn tells_by_itself(self) -> bool {
        matches!(self, Attribute::BirthDate | Attribute::Identifier)
    }

    /// What is often made of the name of a party of this kind, so that it says less about two of one name.
    pub(crate) fn follows_name(kind: PartyKind) -> Option<Attribute> {
        match kind {
            PartyKind::Person => Some(Attribute::Email),
            PartyKind::Organization => None,
        }
    }

    /// What is compared of parties of this kind.
    pub fn of(kind: PartyKind) -> &'static [Attribute] {
        match kind {
            PartyKind::Person => &Self::PERSON,
            PartyKind::Organization => &Self::ORGANIZATION,
        }
    }
}

/// How well an attribute agrees, best first. Not every attribute knows every level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Level {
    /// The same after normalisation.
    Exact,
    /// Given and family name agree crosswise.
    Swapped,
    /// Another spelling of the same: `Müller` and `Mueller`.
    Canonical,
    /// Names used for one another: `Bill` and `William`.
    Nickname,
    /// A typing error apart.
    Near,
    /// The words of the name agree that few others have; the common ones differ.
    RareWords,
    /// A part agrees: one of two family names, the known parts of a date.
    Partial,
    /// Names of one group: another legal form, or one of them a holding.
    Group,
    /// One side is an initial, or an acronym, and fits the other.
    Initial,
    /// Both use the same office mailbox: `info@`.
    SharedMailbox,
    /// The same part before the `@`, at different domains.
    SameLocalPart,
    /// The same domain that is not a provider's.
    SameDomain,
    /// The same post code, and one side says no more.
    PostCode,
    /// The same post code, and different streets.
    Area,
    /// The same town, and no more.
    Locality,
    /// The same year, another day.
    SameYear,
    /// Somewhat alike: more than chance, less than a typing error.
    Similar,
    /// Two different values.
    Different,
    /// The other attributes say that the two belong together without being one.
    Related,
    /// One side says nothing.
    Missing,
}

impl Level {
    /// How many levels there are.
    pub(crate) const COUNT: usize = Level::Missing as usize + 1;
}
