//! What a column can be.

use std::fmt;
use std::str::FromStr;

macro_rules! roles {
    ($($(#[doc = $doc:literal])* $role:ident = $word:literal),* $(,)?) => {
        /// What the values of a column are about.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Role { $($(#[doc = $doc])* $role),* }

        impl Role {
            /// Every role, in order.
            pub const ALL: [Role; [$($word),*].len()] = [$(Role::$role),*];

            /// The word by which it is shown and given.
            pub fn as_str(self) -> &'static str {
                match self { $(Role::$role => $word),* }
            }
        }
    };
}

roles! {
    /// Which row it is. Never compared.
    RecordId = "record-id",
    /// The system that a row comes from. Never compared.
    Source = "source",
    /// Whether a row is of a person or of an organisation.
    Kind = "kind",
    /// The whole name of a person.
    FullName = "full-name",
    /// Given name or names.
    GivenName = "given-name",
    /// Middle name or initial.
    MiddleName = "middle-name",
    /// Family name or names.
    FamilyName = "family-name",
    /// The name used among friends.
    Nickname = "nickname",
    /// Title before the name.
    NamePrefix = "name-prefix",
    /// What follows the name: Jr., PhD.
    NameSuffix = "name-suffix",
    /// Day of birth.
    BirthDate = "birth-date",
    /// Year of birth, where it stands alone.
    BirthYear = "birth-year",
    /// Month of birth, where it stands alone.
    BirthMonth = "birth-month",
    /// Day of the month of birth, where it stands alone.
    BirthDay = "birth-day",
    /// E-mail address.
    Email = "email",
    /// Telephone number.
    Phone = "phone",
    /// Street, or any other line of an address.
    StreetLine = "street",
    /// House number, where it stands alone.
    HouseNumber = "house-number",
    /// Flat, floor, staircase.
    Unit = "unit",
    /// Town.
    Locality = "locality",
    /// Where somebody was born. Compared as a town where no other is known.
    BirthPlace = "birth-place",
    /// State, province, county.
    Region = "region",
    /// Post code.
    PostCode = "post-code",
    /// Country.
    Country = "country",
    /// The organisation that a person belongs to.
    Company = "company",
    /// What a person does.
    JobTitle = "job-title",
    /// Gender. Shown, and not compared: parties have no such field.
    Gender = "gender",
    /// A number that somebody issued to one party.
    Identifier = "identifier",
    /// Name of an organisation.
    OrganizationName = "organization-name",
    /// Web site or internet domain.
    Domain = "domain",
    /// When the source last changed the row.
    UpdatedAt = "updated-at",
    /// Nothing that is compared.
    Ignored = "ignore",
}

/// A word that is no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no role of a column; the roles are {list}", list = Role::ALL.map(Role::as_str).join(", "))]
pub struct UnknownRole(String);

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Role::ALL.into_iter().find(|role| role.as_str() == text).ok_or_else(|| UnknownRole(text.to_owned()))
    }
}
