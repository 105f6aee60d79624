//! The parts that keys of given rules are made of, by the names that people write.
//!
//! Promises that a name which is unknown is refused with the nearest one that is known. Does not look at records; see
//! [`super::given`].

use crate::compare::edits;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

macro_rules! parts {
    ($($(#[doc = $doc:literal])* $part:ident = $word:literal),* $(,)?) => {
        /// Something of a record that two records may have to share.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum KeyPart { $($(#[doc = $doc])* $part),* }

        impl KeyPart {
            /// Every part, in order.
            pub const ALL: [KeyPart; [$($word),*].len()] = [$(KeyPart::$part),*];

            /// How it is written.
            pub fn as_str(self) -> &'static str {
                match self { $(KeyPart::$part => $word),* }
            }
        }
    };
}

// A new part comes last: the places are part of stored keys.
parts! {
    /// The mailbox.
    Email = "email",
    /// What stands before the `@`.
    EmailLocal = "email.local",
    /// What stands behind the `@`, where it is not a provider's.
    EmailDomain = "email.domain",
    /// The first two letters of the mailbox.
    EmailPrefix = "email.prefix",
    /// The telephone number.
    Phone = "phone",
    /// The identifier with its system.
    Identifier = "identifier",
    /// The house: number, street and town or post code.
    Address = "address",
    /// House number and street, of whatever town.
    AddressLine = "address.line",
    /// The post code.
    PostCode = "postCode",
    /// The first three characters of the post code.
    PostCodePrefix = "postCode.prefix",
    /// The town.
    Town = "town",
    /// Persons: the given name, or one used for it.
    Given = "given",
    /// Persons: the first letter of the given name.
    GivenInitial = "given.initial",
    /// Persons: the first three letters of the given name.
    GivenPrefix = "given.prefix",
    /// Persons: the given name in any spelling.
    GivenPhonetic = "given.phonetic",
    /// Persons: the family name, or the only name.
    Family = "family",
    /// Persons: the first letter of the family name.
    FamilyInitial = "family.initial",
    /// Persons: the first four letters of the family name.
    FamilyPrefix = "family.prefix",
    /// Persons: the family name in any spelling.
    FamilyPhonetic = "family.phonetic",
    /// Persons: the day of birth.
    Birth = "birth",
    /// Persons: the year of birth.
    BirthYear = "birth.year",
    /// Organisations: the name without its legal form, in any order of words.
    Organization = "organization",
    /// Organisations: one word of the name.
    OrganizationWord = "organization.word",
    /// Organisations: the first four letters of the name.
    OrganizationPrefix = "organization.prefix",
    /// Organisations: the name without spaces, in any spelling.
    OrganizationSpelling = "organization.spelling",
    /// Organisations: the internet domain.
    Domain = "domain",
}

/// A rule that was given: the parts that two records must share, all of them. Written as their names with ` + ` between
/// them, and in a list of rules as a list of names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GivenRule(u32);

/// Why a rule cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// A rule without a part would make one block of everything.
    #[error("a rule without a part would compare every record with every other: name at least one")]
    Empty,
    /// No such part.
    #[error("there is no key part {found:?}; the nearest is {nearest:?}")]
    Unknown {
        /// What was written.
        found: String,
        /// The known name that is most like it.
        nearest: &'static str,
    },
    /// No record has both: persons and organisations are never compared.
    #[error("no record has both {0:?} and {1:?}: one is of persons, the other of organisations")]
    TwoKinds(&'static str, &'static str),
}

impl KeyPart {
    fn bit(self) -> u32 {
        1 << self as u32
    }

    fn is_of_person(self) -> bool {
        (KeyPart::Given..=KeyPart::BirthYear).contains(&self)
    }

    fn is_of_organization(self) -> bool {
        self >= KeyPart::Organization
    }
}

impl FromStr for KeyPart {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        let is_it = |part: &KeyPart| part.as_str().eq_ignore_ascii_case(text.trim());
        if let Some(part) = Self::ALL.into_iter().find(is_it) {
            return Ok(part);
        }
        // Of several that are as near, the first.
        let distance = |part: &KeyPart| edits(&part.as_str().to_lowercase(), &text.trim().to_lowercase());
        let nearest = Self::ALL.into_iter().min_by_key(distance).unwrap_or(KeyPart::Email);
        Err(RuleError::Unknown { found: text.to_owned(), nearest: nearest.as_str() })
    }
}

impl GivenRule {
    /// A rule of these parts, in any order.
    pub fn new(parts: impl IntoIterator<Item = KeyPart>) -> Result<Self, RuleError> {
        let rule = Self(parts.into_iter().fold(0, |bits, part| bits | part.bit()));
        let first = |is_it: fn(KeyPart) -> bool| rule.parts().find(|part| is_it(*part));
        match (first(KeyPart::is_of_person), first(KeyPart::is_of_organization)) {
            _ if rule.0 == 0 => Err(RuleError::Empty),
            (Some(one), Some(other)) => Err(RuleError::TwoKinds(one.as_str(), other.as_str())),
            _ => Ok(rule),
        }
    }

    /// A rule of the parts with these names.
    pub fn of_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, RuleError> {
        Self::new(names.into_iter().map(str::parse).collect::<Result<Vec<KeyPart>, _>>()?)
    }

    /// Its parts, in order.
    pub fn parts(self) -> impl Iterator<Item = KeyPart> {
        KeyPart::ALL.into_iter().filter(move |part| self.has(*part))
    }

    /// Whether this is one of its parts.
    pub(super) fn has(self, part: KeyPart) -> bool {
        self.0 & part.bit() != 0
    }

    /// A number that no other rule has, also none of the known ones.
    pub(super) fn number(self) -> u64 {
        1 << 32 | u64::from(self.0)
    }
}

impl fmt::Display for GivenRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, part) in self.parts().enumerate() {
            f.write_str(if place == 0 { "" } else { " + " })?;
            f.write_str(part.as_str())?;
        }
        Ok(())
    }
}

impl Serialize for GivenRule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.parts().map(KeyPart::as_str))
    }
}

impl<'de> Deserialize<'de> for GivenRule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Each name is read by itself, so that a mistake is told with its own place in the text.
        let parts = Vec::<PartName>::deserialize(deserializer)?;
        Self::new(parts.into_iter().map(|part| part.0)).map_err(D::Error::custom)
    }
}

struct PartName(KeyPart);

impl<'de> Deserialize<'de> for PartName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map(Self).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_reads_back_and_has_its_parts_in_order() {
        let rule = GivenRule::of_names(["birth.year", "family.phonetic"]).unwrap();
        assert_eq!(rule.to_string(), "family.phonetic + birth.year");
        let text = serde_json::to_string(&rule).unwrap();
        assert_eq!(text, "[\"family.phonetic\",\"birth.year\"]");
        assert_eq!(serde_json::from_str::<GivenRule>(&text).unwrap(), rule);
        assert_eq!(GivenRule::of_names(["postcode"]).unwrap().to_string(), "postCode");
    }

    #[test]
    fn an_unknown_part_is_refused_with_its_place_and_the_nearest_name() {
        let error = serde_json::from_str::<Vec<GivenRule>>("[[\"email\"],\n [\"famly.phonetic\"]]").unwrap_err();
        let message = error.to_string();
        assert!(message.contains("\"famly.phonetic\"; the nearest is \"family.phonetic\""), "{message}");
        assert_eq!(error.line(), 2);
    }

    #[test]
    fn what_finds_everything_or_nothing_is_refused() {
        assert_eq!(GivenRule::of_names([]), Err(RuleError::Empty));
        let both = GivenRule::of_names(["birth", "domain"]);
        assert_eq!(both, Err(RuleError::TwoKinds("birth", "domain")));
    }
}
