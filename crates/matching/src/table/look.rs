//! What the values of a column look like, and whether that fits a role. A header may lie; values seldom do.

use super::date::{self, DateForm};
use super::names::{has_given_name, is_organization_like};
use super::role::Role;
use onefold_model::Email;
use std::collections::HashMap;

/// Counts over a sample of the values of a column that are not blank.
#[derive(Debug, Clone, Default)]
pub(super) struct Look {
    /// Rows that were looked at.
    pub(super) rows: usize,
    /// Of these the ones with a value.
    pub(super) filled: usize,
    distinct: usize,
    emails: usize,
    hosts: usize,
    phones: usize,
    formatted_phones: usize,
    /// Letters, and not only digits.
    words: usize,
    with_digit: usize,
    post_codes: usize,
    years: usize,
    months: usize,
    days: usize,
    moments: usize,
    /// Values that read as dates in the best form.
    dates: usize,
    long_ago: usize,
    titles: usize,
    states: usize,
    kinds: usize,
    given_names: usize,
    organizations: usize,
    two_to_four_words: usize,
    characters: usize,
    pub(super) form: Option<DateForm>,
}

/// Whether values fit a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// They could hardly be anything else.
    Yes,
    /// They say nothing against it.
    Perhaps,
    /// They are something else.
    No,
}

impl Look {
    /// Looks at the values of the rows; blank ones are counted, and nothing else.
    pub(super) fn of<'v>(values: impl Iterator<Item = &'v str>) -> Self {
        let mut look = Self::default();
        let mut seen: HashMap<&str, usize> = HashMap::new();
        for value in values {
            look.rows += 1;
            if is_blank(value) {
                continue;
            }
            look.filled += 1;
            *seen.entry(value).or_default() += 1;
        }
        look.distinct = seen.len();
        for (value, times) in &seen {
            look.count(value, *times);
        }
        let seen: Vec<&str> = seen.into_keys().collect();
        if let Some((form, read)) = date::form_of(&seen) {
            // Counted in distinct values, put to scale.
            look.dates = read * look.filled / seen.len().max(1);
            look.form = Some(form);
            let is_long_ago =
                |value: &&&str| date::day(value, form).is_some_and(|day| chrono::Datelike::year(&day) < 2000);
            look.long_ago = seen.iter().filter(is_long_ago).count() * look.filled / seen.len().max(1);
        }
        look
    }

    /// Counts a value that so many rows have.
    fn count(&mut self, value: &str, times: usize) {
        let of = |is_so: bool| if is_so { times } else { 0 };
        let digits = value.bytes().filter(u8::is_ascii_digit).count();
        let letters = value.chars().filter(|c| c.is_alphabetic()).count();
        let signs = value.chars().filter(|c| !c.is_alphanumeric() && !c.is_whitespace()).count();
        let number = value.strip_suffix(".0").unwrap_or(value).parse::<u32>().ok();
        let lower = value.to_lowercase();
        let word = lower.trim_end_matches('.');
        let is_phone = (6..=15).contains(&digits) && letters <= 4 && value.len() <= 30 && !is_day_like(value);
        let word_count = value.split_whitespace().count();
        self.characters += times * value.chars().count();
        self.emails += of(value.contains('@') && Email::parse(value).is_ok());
        self.hosts += of(is_host(&lower));
        self.phones += of(is_phone);
        self.formatted_phones += of(is_phone && (value.starts_with('+') || (signs >= 1 && digits >= 9)));
        self.words += of(letters >= 2 && letters > digits);
        self.with_digit += of(digits > 0);
        self.post_codes += of((3..=10).contains(&value.len()) && digits >= 2 && letters <= 5);
        self.years += of(number.is_some_and(|year| (1850..=2050).contains(&year)));
        self.months += of(number.is_some_and(|month| (1..=12).contains(&month)));
        self.days += of(number.is_some_and(|day| (1..=31).contains(&day)));
        self.moments += of(date::moment(value, None).is_some());
        self.titles += of(TITLES.contains(&word));
        self.states += of(STATES.contains(&word));
        self.kinds += of(kind_word(word).is_some());
        self.given_names += of(has_given_name(value));
        self.organizations += of(is_organization_like(value));
        self.two_to_four_words += of((2..=4).contains(&word_count) && digits == 0);
    }

    /// The share of rows with a value.
    pub(super) fn fill(&self) -> f64 {
        self.filled as f64 / self.rows.max(1) as f64
    }

    fn share(&self, count: usize) -> f64 {
        count as f64 / self.filled.max(1) as f64
    }

    /// Whether the values are what a role asks for.
    pub(super) fn fit(&self, role: Role) -> Fit {
        let at_least = |count: usize, share: f64| if self.share(count) >= share { Fit::Yes } else { Fit::No };
        let unless = |bad: bool| if bad { Fit::No } else { Fit::Perhaps };
        let length = self.share(self.characters);
        match role {
            Role::Email => at_least(self.emails, 0.5),
            Role::Domain => at_least(self.hosts, 0.5),
            Role::Phone => at_least(self.phones, 0.5),
            Role::BirthDate => at_least(self.dates, 0.5),
            Role::BirthYear => at_least(self.years, 0.6),
            Role::BirthMonth => at_least(self.months, 0.6),
            Role::BirthDay => at_least(self.days, 0.6),
            Role::UpdatedAt => at_least(self.dates.max(self.moments), 0.5),
            Role::PostCode => at_least(self.post_codes, 0.5),
            Role::HouseNumber => {
                if length <= 8.0 {
                    at_least(self.with_digit, 0.5)
                } else {
                    Fit::No
                }
            }
            Role::Identifier => {
                if length <= 30.0 {
                    at_least(self.with_digit, 0.5)
                } else {
                    Fit::No
                }
            }
            Role::Kind => at_least(self.kinds, 0.9),
            Role::NamePrefix => {
                if self.distinct <= 60 {
                    at_least(self.titles, 0.5)
                } else {
                    Fit::No
                }
            }
            Role::NameSuffix => unless(length > 8.0),
            Role::Gender => unless(self.distinct > 15),
            Role::Source => unless(self.distinct > 1000 || (self.filled > 20 && self.distinct * 5 > self.filled * 4)),
            Role::Region => unless(self.share(self.states) > 0.5 || self.share(self.emails) > 0.2),
            Role::FullName | Role::GivenName | Role::FamilyName | Role::MiddleName | Role::Nickname => {
                let letters = if role == Role::MiddleName { 0.0 } else { 0.5 };
                unless(self.share(self.words) < letters || self.share(self.emails.max(self.phones)) > 0.2)
            }
            Role::Company | Role::OrganizationName | Role::JobTitle | Role::Locality | Role::BirthPlace => {
                unless(self.share(self.words) < 0.5 || self.share(self.emails.max(self.hosts)) > 0.5)
            }
            Role::StreetLine => unless(self.share(self.emails.max(self.hosts)) > 0.2),
            Role::RecordId | Role::Unit | Role::Country | Role::Ignored => Fit::Perhaps,
        }
    }

    /// A role that the values alone give away. A column that few rows have is not worth the risk.
    pub(super) fn alone(&self) -> Option<Role> {
        if self.fill() < 0.1 {
            return None;
        }
        if self.share(self.emails) >= 0.8 {
            return Some(Role::Email);
        }
        // Days of other things are seldom of the last century.
        if self.share(self.dates) >= 0.9 && self.share(self.long_ago) >= 0.3 && self.distinct > 10 {
            return Some(Role::BirthDate);
        }
        (self.share(self.formatted_phones) >= 0.9 && self.distinct > 2).then_some(Role::Phone)
    }

    /// Whether names are those of persons, as far as names alone tell.
    pub(super) fn is_of_persons(&self) -> bool {
        let (given, organizations) = (self.share(self.given_names), self.share(self.organizations));
        if organizations >= 0.08 && given < 0.3 {
            return false;
        }
        given >= 0.1 || self.share(self.two_to_four_words) >= 0.8
    }
}

const TITLES: [&str; 24] = [
    "mr", "mrs", "ms", "miss", "dr", "prof", "mx", "sir", "herr", "frau", "fr", "hr", "mag", "ing", "dipl-ing", "m",
    "mme", "mlle", "sr", "sra", "srta", "sig", "dott", "rev",
];

const STATES: [&str; 10] =
    ["active", "inactive", "open", "closed", "pending", "new", "enabled", "disabled", "true", "false"];

/// Whether a word says that a row is of a person (`true`) or of an organisation (`false`).
pub(super) fn kind_word(word: &str) -> Option<onefold_model::PartyKind> {
    use onefold_model::PartyKind::{Organization, Person};
    match word.to_lowercase().as_str() {
        "person" | "individual" | "human" | "consumer" | "natural person" | "private" | "privat" | "b2c"
        | "privatkunde" => Some(Person),
        "organization" | "organisation" | "company" | "business" | "legal entity" | "corporate" | "firma" | "b2b"
        | "firmenkunde" => Some(Organization),
        _ => None,
    }
}

/// What programs write where there is nothing.
pub(super) fn is_blank(value: &str) -> bool {
    matches!(
        value,
        "" | "NULL"
            | "null"
            | "\\N"
            | "NaN"
            | "nan"
            | "N/A"
            | "n/a"
            | "#N/A"
            | "NA"
            | "None"
            | "-"
            | "--"
            | "?"
            | "<NA>"
            | "NaT"
    )
}

/// Three short numbers with one sign between them: a day, also one that no form reads.
fn is_day_like(value: &str) -> bool {
    ['/', '.', '-'].iter().any(|sign| {
        let parts: Vec<&str> = value.split(*sign).collect();
        let is_number = |part: &&str| matches!(part.len(), 1 | 2 | 4) && part.bytes().all(|b| b.is_ascii_digit());
        parts.len() == 3 && parts.iter().all(is_number)
    })
}

fn is_host(lower: &str) -> bool {
    let rest = lower.split_once("://").map_or(lower, |(_, rest)| rest);
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    let end = host.rsplit_once('.').map_or("", |(_, end)| end);
    !lower.contains('@')
        && !host.contains(char::is_whitespace)
        && end.len() >= 2
        && end.bytes().all(|b| b.is_ascii_lowercase())
        && host.bytes().filter(|b| *b == b'.').count() <= 4
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(values: &[&'static str]) -> Look {
        Look::of(values.iter().copied())
    }

    #[test]
    fn values_overrule_a_header_that_lies() {
        let dates = look(&["10/01/15", "08/01/17", "04/30/15"]);
        assert_eq!((dates.fit(Role::Email), dates.fit(Role::Phone)), (Fit::No, Fit::No));
        let sites = look(&["www.cps.edu", "http://www.chicagosinai.org", "No"]);
        assert_eq!((sites.fit(Role::Domain), sites.fit(Role::FullName)), (Fit::Yes, Fit::Perhaps));
        let numbers = look(&["310/246-1501", "2605991749", "+43 660 1234567", "(02) 3456-7890 ext 3"]);
        assert_eq!((numbers.fit(Role::Phone), numbers.fit(Role::GivenName)), (Fit::Yes, Fit::No));
    }

    #[test]
    fn some_values_need_no_header() {
        assert_eq!(look(&["a@b.example", "c@d.example", "e@f.example"]).alone(), Some(Role::Email));
        assert_eq!(look(&["+43 660 1234567", "(310) 246-1501", "+1-202-555-0100"]).alone(), Some(Role::Phone));
        assert_eq!(look(&["2605991749", "6656041294"]).alone(), None);
    }

    #[test]
    fn names_of_persons_and_of_organisations_are_told_apart() {
        assert!(look(&["Mary Lattus", "Trombley, Robert", "Wu Xiaoming"]).is_of_persons());
        assert!(!look(&["Apple Pan Cafe", "Baja Fresh Grill", "Biller GmbH", "Spago"]).is_of_persons());
    }
}
