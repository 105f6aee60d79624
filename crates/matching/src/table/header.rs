//! The words of a header, and the roles that they may stand for.
//!
//! Word order, case, signs and accents do not matter: `PRIMARY_NAME_LAST`, `lastName` and `Last name*` are one. Words that
//! say whose or which (`customer`, `primary`, `2`) are put aside, words that say what for (`billing`) become a group.

use super::role::Role;
use super::words::{FILLERS, PHRASES, PURPOSES};
use crate::normalise::fold;
use std::collections::HashMap;
use std::sync::LazyLock;

/// How well a header names a role, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Naming {
    /// Nothing else is in it.
    Exact,
    /// What else is in it says whose or what for.
    Qualified,
    /// Something else is in it that is not understood.
    Partial,
}

/// A role that a header may stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) role: Role,
    pub(super) naming: Naming,
    /// The place among the phrases of the role: the usual word comes first.
    pub(super) rank: usize,
    /// Who issues the identifier.
    pub(super) system: Option<&'static str>,
}

/// What a header says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Reading {
    /// The roles, the likeliest first.
    pub(super) candidates: Vec<Candidate>,
    /// What it is used for: `billing`.
    pub(super) purpose: Option<&'static str>,
}

struct Entry {
    role: Role,
    rank: usize,
    system: Option<&'static str>,
}

/// The phrases by their words in order of the alphabet, and by their words written as one.
static KNOWN: LazyLock<HashMap<String, Vec<Entry>>> = LazyLock::new(|| {
    let mut known: HashMap<String, Vec<Entry>> = HashMap::new();
    for (role, system, phrases) in PHRASES {
        for (rank, phrase) in phrases.split(',').map(str::trim).enumerate() {
            let words: Vec<&str> = phrase.split(' ').collect();
            let entry = || Entry { role: *role, rank, system: *system };
            known.entry(bag(&words)).or_default().push(entry());
            if words.len() > 1 {
                known.entry(words.concat()).or_default().push(entry());
            }
        }
    }
    known
});

fn bag(words: &[&str]) -> String {
    let mut sorted = words.to_vec();
    sorted.sort_unstable();
    sorted.join(" ")
}

/// Reads a header.
pub(super) fn read(header: &str) -> Reading {
    let text = words_of(header);
    let words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
    let purpose = words.iter().find_map(|word| PURPOSES.iter().find(|purpose| *purpose == word).copied());
    let mut reading = Reading { candidates: found(&words, Naming::Exact), purpose: None };
    if !reading.candidates.is_empty() {
        return reading;
    }
    reading.purpose = purpose;
    let is_aside =
        |word: &&&str| PURPOSES.contains(*word) || FILLERS.contains(*word) || word.bytes().all(|b| b.is_ascii_digit());
    let bare: Vec<&str> = words.iter().filter(|word| !is_aside(word)).copied().collect();
    // One at a time too: `customer name` is a name, `customer number` is not a number.
    let fewer =
        (0..words.len()).filter(|&at| is_aside(&&words[at])).map(|at| [&words[..at], &words[at + 1..]].concat());
    let mut tries: Vec<Vec<&str>> = fewer.collect();
    tries.push(bare.clone());
    if let Some(candidates) = tries.iter().map(|words| found(words, Naming::Qualified)).find(|found| !found.is_empty())
    {
        reading.candidates = candidates;
        return reading;
    }
    reading.candidates = longest_part(&bare);
    reading
}

fn found(words: &[&str], naming: Naming) -> Vec<Candidate> {
    if words.is_empty() {
        return Vec::new();
    }
    let entries = KNOWN.get(&bag(words)).or_else(|| KNOWN.get(&words.concat()));
    let candidate = |entry: &Entry| Candidate { role: entry.role, naming, rank: entry.rank, system: entry.system };
    entries.map_or_else(Vec::new, |entries| entries.iter().map(candidate).collect())
}

/// The phrases inside a header that is not understood as a whole, the longest only.
fn longest_part(words: &[&str]) -> Vec<Candidate> {
    let runs = (1..words.len()).rev().flat_map(|len| words.windows(len));
    for run in runs {
        let candidates = found(run, Naming::Partial);
        if !candidates.is_empty() {
            return candidates;
        }
    }
    Vec::new()
}

/// Folded words, parted where case or kind of sign changes: `FirstName2` is `first name 2`.
fn words_of(header: &str) -> String {
    let mut parted = String::with_capacity(header.len() + 4);
    let mut before = ' ';
    for c in header.chars() {
        let is_hump = c.is_uppercase() && before.is_lowercase();
        let is_number = c.is_ascii_digit() != before.is_ascii_digit() && before.is_alphanumeric();
        if is_hump || is_number {
            parted.push(' ');
        }
        parted.push(if c.is_alphanumeric() { c } else { ' ' });
        before = c;
    }
    fold(&parted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(header: &str) -> Option<Role> {
        read(header).candidates.first().map(|candidate| candidate.role)
    }

    #[test]
    fn spellings_of_a_header_are_one() {
        for header in ["first_name", "FirstName", " First  Name* ", "NAME_FIRST", "fname_c1", "Vorname", "prénom"] {
            assert_eq!(role(header), Some(Role::GivenName), "{header}");
        }
        for header in ["surname", "PRIMARY_NAME_LAST", "Nachname", "customerLastName", "lname", "apellidos"] {
            assert_eq!(role(header), Some(Role::FamilyName), "{header}");
        }
        for header in ["E-Mail", "email_address", "Primary Email", "courriel", "emailaddress"] {
            assert_eq!(role(header), Some(Role::Email), "{header}");
        }
        for header in ["postcode_fake", "Zip", "PLZ", "ADDR_POSTAL_CODE", "zip5"] {
            assert_eq!(role(header), Some(Role::PostCode), "{header}");
        }
        assert_eq!(role("Geburtsdatum"), Some(Role::BirthDate));
        assert_eq!(role("dateOfBirth"), Some(Role::BirthDate));
        assert_eq!(role("Straße"), Some(Role::StreetLine));
        assert_eq!(role("mystery"), None);
    }

    #[test]
    fn what_an_address_is_for_is_kept_apart() {
        let reading = read("Billing City");
        assert_eq!((reading.candidates[0].role, reading.purpose), (Role::Locality, Some("billing")));
        assert_eq!(read("mail").candidates[0].role, Role::Email);
    }

    #[test]
    fn numbers_of_customers_are_not_numbers_of_houses() {
        assert_eq!(role("customer number"), Some(Role::RecordId));
        assert_eq!(role("street_number"), Some(Role::HouseNumber));
        assert_eq!(read("soc_sec_id").candidates[0].system, Some("ssn"));
    }

    #[test]
    fn words_that_are_not_understood_make_a_header_weaker() {
        let reading = read("Program Name");
        assert!(reading.candidates.iter().all(|candidate| candidate.naming == Naming::Partial), "{reading:?}");
    }
}
