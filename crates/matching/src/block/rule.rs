//! The blocking rules: each finds pairs that the others miss when one attribute is missing or wrong.

use super::part::GivenRule;
use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! rules {
    ($($(#[doc = $doc:literal])* $rule:ident = $word:literal),* $(,)?) => {
        /// What two records must share to be compared. The first group applies to both kinds of party, which never mix.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum BlockingRule { $($(#[doc = $doc])* #[serde(rename = $word)] $rule),* }

        impl BlockingRule {
            /// Every rule, in order.
            pub const ALL: [BlockingRule; [$($word),*].len()] = [$(BlockingRule::$rule),*];

            /// The word in reports and in the store.
            pub fn as_str(self) -> &'static str {
                match self { $(BlockingRule::$rule => $word),* }
            }
        }
    };
}

rules! {
    /// The same mailbox.
    Email = "EMAIL",
    /// The same telephone number.
    Phone = "PHONE",
    /// The same identifier of the same system.
    Identifier = "IDENTIFIER",
    /// The same house.
    Place = "PLACE",
    /// Persons: how the family name begins, and day of birth.
    FamilyBirth = "FAMILY_BIRTH",
    /// Persons: given name, or one used for it, and day of birth.
    GivenBirth = "GIVEN_BIRTH",
    /// Persons: initial of the given name, and day of birth.
    InitialBirth = "INITIAL_BIRTH",
    /// Persons: the two names in any order, and day of birth.
    SwappedBirth = "SWAPPED_BIRTH",
    /// Persons: day of birth and post code.
    BirthPostCode = "BIRTH_POST_CODE",
    /// Persons: family name and post code.
    FamilyPostCode = "FAMILY_POST_CODE",
    /// Persons: given name, or one used for it, and post code.
    GivenPostCode = "GIVEN_POST_CODE",
    /// Persons: given name, family name and town.
    NameLocality = "NAME_LOCALITY",
    /// Persons: given name and family name, each in any spelling.
    Name = "NAME",
    /// Persons: the two names in any order.
    SwappedName = "SWAPPED_NAME",
    /// Persons: initial of the given name, family name in any spelling, and town.
    InitialFamilyLocality = "INITIAL_FAMILY_LOCALITY",
    /// Persons: how both names and the post code begin.
    PrefixPostCode = "PREFIX_POST_CODE",
    /// Persons: house number and street, and how the family name begins.
    LineFamily = "LINE_FAMILY",
    /// Persons: what stands before the `@`.
    LocalPart = "LOCAL_PART",
    /// Persons: the domain of the e-mail, where it is not a provider's, and how the address begins.
    EmailPrefix = "EMAIL_PREFIX",
    /// Persons: initial, family name and year of birth.
    InitialFamilyYear = "INITIAL_FAMILY_YEAR",
    /// Persons: how the family name begins, year of birth, and how the post code begins.
    PrefixYearPostCode = "PREFIX_YEAR_POST_CODE",
    /// Organisations: the name without its legal form, in any order of words.
    OrganizationName = "ORGANIZATION_NAME",
    /// Organisations: the internet domain.
    Domain = "DOMAIN",
    /// Organisations: one word of the name that few have.
    OrganizationWord = "ORGANIZATION_WORD",
    /// Organisations: how the name begins, and the post code.
    OrganizationPostCode = "ORGANIZATION_POST_CODE",
    /// Organisations: the name without spaces, or the internet domain without its ending, in any spelling.
    OrganizationSpelling = "ORGANIZATION_SPELLING",
    /// Organisations: house number and street, and one word of the name.
    OrganizationLine = "ORGANIZATION_LINE",
    /// Persons of whom little is known: day of birth.
    OnlyBirth = "ONLY_BIRTH",
    /// Persons of whom little is known: post code.
    OnlyPostCode = "ONLY_POST_CODE",
    /// Persons of whom little is known: family name, or the only name, in any spelling, and town.
    FamilyTown = "FAMILY_TOWN",
    /// Persons of whom little is known: given name, or one used for it, and town.
    GivenTown = "GIVEN_TOWN",
    /// Persons of whom little is known: day of birth and town.
    BirthTown = "BIRTH_TOWN",
    /// Persons of whom little is known: how both names begin.
    NamePrefixes = "NAME_PREFIXES",
}

impl BlockingRule {
    /// Whether it finds persons of whom little is known, and nobody else.
    pub(super) fn is_wide(self) -> bool {
        matches!(
            self,
            BlockingRule::OnlyBirth
                | BlockingRule::OnlyPostCode
                | BlockingRule::FamilyTown
                | BlockingRule::GivenTown
                | BlockingRule::BirthTown
                | BlockingRule::NamePrefixes
        )
    }
}

impl fmt::Display for BlockingRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A rule of either kind. Known ones are written as their word, given ones as the list of their parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum AnyRule {
    /// One that the matcher knows.
    Known(BlockingRule),
    /// One that was given.
    Given(GivenRule),
}

impl fmt::Display for AnyRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AnyRule::Known(rule) => rule.fmt(f),
            AnyRule::Given(rule) => rule.fmt(f),
        }
    }
}
