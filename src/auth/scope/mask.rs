//! Masks: what is left of a value that may be seen in part.
//!
//! Promises: a mask never shows more than its name says; a value that is too short to be cut, or not of the form that the
//! mask is for, shows nothing at all. Deliberately does not keep lengths: `…` stands for any number of characters.

use super::PseudonymKey;
use onefold_model::{Email, PartialDate, PostalAddress};
use std::fmt;

/// What stands for all that is not shown.
const REST: &str = "…";

/// How a value is cut. In order of what it shows, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mask {
    /// No letter of it, but a name that is the same for the same value within one department: what belongs together can be
    /// joined and counted. Of a postal address its name stands in the place of the street.
    Pseudonym(PseudonymKey),
    /// Town, region and country of a postal address, not the street nor the post code. Nothing of a text, in which they
    /// cannot be told apart.
    Town,
    /// The first letter: `R…`. Nothing of a single letter.
    Initial,
    /// The year of a date: `1984`. Nothing where the year is not known.
    YearOnly,
    /// The last four letters and digits: `…4567`. Nothing of fewer than eight, so that at least half stays hidden.
    LastFour,
    /// The first letter and the domain of an e-mail address: `r…@example.com`. Only the domain where the part before the
    /// `@` has fewer than three characters.
    Email,
}

impl Mask {
    /// The words of all masks in policies, in the same order.
    pub const WORDS: [&str; 6] = [Self::PSEUDONYM, "town", "initial", "yearOnly", "lastFour", "email"];

    /// The word of the mask that needs a key.
    pub const PSEUDONYM: &str = "pseudonym";

    /// The mask that a policy names. Nothing where there is no such mask, and for a pseudonym without its key.
    pub fn named(word: &str, key: Option<PseudonymKey>) -> Option<Self> {
        match word {
            Self::PSEUDONYM => key.map(Self::Pseudonym),
            "town" => Some(Self::Town),
            "initial" => Some(Self::Initial),
            "yearOnly" => Some(Self::YearOnly),
            "lastFour" => Some(Self::LastFour),
            "email" => Some(Self::Email),
            _ => None,
        }
    }

    /// Its place in the order of what is shown, the least first.
    pub(in crate::auth) fn rank(self) -> usize {
        Self::WORDS.iter().position(|word| *word == self.as_str()).unwrap_or_default()
    }

    /// The word in policies.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pseudonym(_) => Self::PSEUDONYM,
            Self::Town => "town",
            Self::Initial => "initial",
            Self::YearOnly => "yearOnly",
            Self::LastFour => "lastFour",
            Self::Email => "email",
        }
    }

    /// What is left of a postal address.
    pub fn apply_to_address(self, address: &PostalAddress) -> Option<PostalAddress> {
        if let Self::Pseudonym(key) = self {
            let name = key.name(&address.to_line())?;
            return Some(PostalAddress { lines: vec![name], ..PostalAddress::default() });
        }
        let town = PostalAddress {
            lines: Vec::new(),
            locality: address.locality.clone(),
            region: address.region.clone(),
            postal_code: None,
            country: address.country.clone(),
            purpose: address.purpose.clone(),
        };
        let is_told = town.locality.is_some() || town.region.is_some() || town.country.is_some();
        (self == Self::Town && is_told).then_some(town)
    }

    /// What is left of a text.
    pub fn apply(self, value: &str) -> String {
        let left = match self {
            Self::Pseudonym(key) => key.name(value),
            Self::Town => None,
            Self::Initial => initial(value.trim()),
            Self::YearOnly => year(value.trim()),
            Self::LastFour => last_four(value),
            Self::Email => email(value),
        };
        left.unwrap_or_else(|| REST.to_owned())
    }
}

impl fmt::Display for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

fn initial(value: &str) -> Option<String> {
    let first = value.chars().next()?;
    let letters = value.chars().filter(|c| c.is_alphanumeric()).count();
    (letters > 1 && first.is_alphanumeric()).then(|| format!("{first}{REST}"))
}

fn year(value: &str) -> Option<String> {
    // A date-time begins with its date, before a T (RFC 3339) or a space.
    let date = value.split(['T', 't', ' ']).next()?;
    let year = date.parse::<PartialDate>().ok()?.year()?;
    Some(format!("{year:04}"))
}

fn last_four(value: &str) -> Option<String> {
    let shown: Vec<char> = value.chars().filter(|c| c.is_alphanumeric()).collect();
    let at = shown.len().checked_sub(4).filter(|hidden| *hidden >= 4)?;
    Some(format!("{REST}{}", shown[at..].iter().collect::<String>()))
}

fn email(value: &str) -> Option<String> {
    let address = Email::parse(value).ok()?.address;
    let (local, domain) = address.rsplit_once('@')?;
    let first = local.chars().next().filter(|first| first.is_alphanumeric() && local.chars().count() >= 3);
    Some(match first {
        Some(first) => format!("{first}{REST}@{domain}"),
        None => format!("{REST}@{domain}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Every mask but the pseudonym, which has tests of its own.
    const CUTS: [Mask; 5] = [Mask::Town, Mask::Initial, Mask::YearOnly, Mask::LastFour, Mask::Email];

    #[test]
    fn every_word_names_its_mask() {
        let key = PseudonymKey::of(&[7; 32], "support");
        let named = Mask::WORDS.map(|word| Mask::named(word, key).unwrap());
        assert_eq!(named.map(Mask::as_str), Mask::WORDS);
        assert_eq!(named.map(Mask::rank), [0, 1, 2, 3, 4, 5]);
        assert_eq!(Mask::named("pseudonym", None), None);
        assert_eq!(Mask::named("Email", key), None);
    }

    #[test]
    fn a_mask_shows_what_its_name_says() {
        assert_eq!(Mask::Email.apply("Roland.Biller@Example.com"), "r…@example.com");
        assert_eq!(Mask::Email.apply("Roland <roland@example.com>"), "r…@example.com");
        assert_eq!(Mask::LastFour.apply("+43 660 123 45-67"), "…4567");
        assert_eq!(Mask::YearOnly.apply("1984-03-07"), "1984");
        assert_eq!(Mask::YearOnly.apply("1984"), "1984");
        assert_eq!(Mask::YearOnly.apply("1984-03-07T10:00:00Z"), "1984");
        assert_eq!(Mask::Initial.apply("Roland"), "R…");
        assert_eq!(Mask::Initial.apply("Österreicher"), "Ö…");
    }

    #[test]
    fn of_an_address_only_the_town_is_shown_and_only_by_its_own_mask() {
        let text = |text: &str| Some(text.to_owned());
        let whole = PostalAddress {
            lines: vec!["Burggasse 12".to_owned()],
            locality: text("Wien"),
            region: text("W"),
            postal_code: text("1070"),
            country: text("AT"),
            purpose: text("billing"),
        };
        let town = PostalAddress { lines: Vec::new(), postal_code: None, ..whole.clone() };
        for mask in CUTS {
            assert_eq!(mask.apply_to_address(&whole), (mask == Mask::Town).then(|| town.clone()), "{mask}");
        }
        let street = PostalAddress { lines: whole.lines.clone(), ..PostalAddress::default() };
        assert_eq!(Mask::Town.apply_to_address(&street), None, "what is not told apart is not shown");
        assert_eq!(Mask::Town.apply("Burggasse 12, 1070 Wien"), "…");
    }

    #[test]
    fn a_short_value_shows_nothing() {
        assert_eq!(Mask::Email.apply("r@example.com"), "…@example.com");
        assert_eq!(Mask::Email.apply("ro@example.com"), "…@example.com");
        assert_eq!(Mask::Email.apply("rob@example.com"), "r…@example.com");
        assert_eq!(Mask::LastFour.apply("1234567"), "…");
        assert_eq!(Mask::LastFour.apply("12-34"), "…");
        assert_eq!(Mask::LastFour.apply("12345678"), "…5678");
        assert_eq!(Mask::Initial.apply("R"), "…");
        assert_eq!(Mask::Initial.apply("R."), "…");
        assert_eq!(Mask::Initial.apply("Ro"), "R…");
        for mask in CUTS {
            assert_eq!(mask.apply(""), "…", "{mask}");
            assert_eq!(mask.apply("  "), "…", "{mask}");
        }
    }

    #[test]
    fn a_value_of_another_form_shows_nothing() {
        for text in ["Roland Biller", "roland@", "@example.com", "roland@localhost", "a@b.c, d@e.f"] {
            assert_eq!(Mask::Email.apply(text), "…", "{text}");
        }
        for text in ["--03-07", "07.03.1984", "84", "19840307", "1984-13-01", "secret", "12345"] {
            assert_eq!(Mask::YearOnly.apply(text), "…", "{text}");
        }
        assert_eq!(Mask::LastFour.apply("…………………"), "…");
    }

    proptest! {
        #[test]
        fn a_mask_never_shows_more_than_it_says(text in ".{0,30}|[a-z0-9+.]{1,9}@[a-z]{1,9}[.][a-z]{2,3}|[0-9]{4}-[0-9]{2}-[0-9]{2}") {
            let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
            prop_assert!(letters(&Mask::Initial.apply(&text)) <= 1);
            prop_assert!(letters(&Mask::LastFour.apply(&text)) <= 4.min(letters(&text) / 2));
            let year = Mask::YearOnly.apply(&text);
            prop_assert!(year == "…" || (year.len() == 4 && text.trim().starts_with(&year)));
            let email = Mask::Email.apply(&text);
            prop_assert!(email == "…" || email.split('…').next().is_some_and(|shown| shown.chars().count() <= 1));
        }
    }
}
