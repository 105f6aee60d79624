//! Contact points: the original text and, beside it, the form in which two of them can be compared.

mod numbering;

use numbering::Unread;
use serde::{Deserialize, Serialize};

/// Why a text is not a contact point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ContactError {
    /// Not of the form `local@domain`.
    #[error("not an e-mail address")]
    Email,
    /// No digits to dial.
    #[error("not a telephone number")]
    Phone,
}

/// An e-mail address.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Email {
    /// Trimmed and in lower case. Tags (`+news`) and dots are kept: only some providers ignore them, so they are
    /// matching's business.
    pub address: String,
    /// As the source said it.
    pub original: String,
    /// The source calls it the main address.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub primary: bool,
    /// The source has seen it work (confirmed, delivered).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub verified: bool,
}

impl Email {
    /// Reads an address. Accepts `Name <a@b>` and `mailto:`; asks for one `@`, a local part of at most 64 and a domain
    /// of at most 255 bytes (RFC 5321, 4.5.3.1) with a dot or in brackets.
    pub fn parse(text: &str) -> Result<Self, ContactError> {
        let inner = match (text.find('<'), text.rfind('>')) {
            (Some(open), Some(close)) if open < close => &text[open + 1..close],
            _ => text,
        };
        let inner = inner.trim();
        let inner = inner.strip_prefix("mailto:").unwrap_or(inner);
        let address = inner.to_lowercase();
        let (local, domain) = address.rsplit_once('@').ok_or(ContactError::Email)?;
        let plausible = !local.is_empty()
            && local.len() <= 64
            && domain.len() <= 255
            && !local.contains('@')
            && !address.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, ',' | ';' | '<' | '>'))
            && (domain.starts_with('[') || domain.split('.').count() >= 2)
            && domain.split('.').all(|label| !label.is_empty());
        if !plausible {
            return Err(ContactError::Email);
        }
        Ok(Self { address, original: text.to_owned(), primary: false, verified: false })
    }

    /// The part after the `@`.
    pub fn domain(&self) -> &str {
        self.address.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

/// A telephone number.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Phone {
    /// ITU-T E.164, for example `+436601234567`. Missing where the country could not be told or the number is not
    /// possible there: the original is kept all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub e164: Option<String>,
    /// As the source said it.
    pub original: String,
    /// The source calls it the main number.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub primary: bool,
}

impl Phone {
    /// Reads a number; `region` is the ISO 3166-1 alpha-2 country of numbers without an international prefix.
    pub fn parse(text: &str, region: Option<&str>) -> Result<Self, ContactError> {
        if text.chars().filter(char::is_ascii_digit).count() < 3 {
            return Err(ContactError::Phone);
        }
        // A number with its own country says all: the national prefix of another one must not be looked for in it.
        let region = region.filter(|_| !text.trim_start().starts_with('+'));
        let e164 = match numbering::e164(text, region) {
            Ok(number) => Some(number),
            Err(Unread::NoNumber) => None,
            Err(Unread::Undecided) => by_the_library(text, region),
        };
        Ok(Self { e164, original: text.to_owned(), primary: false })
    }
}

fn by_the_library(text: &str, region: Option<&str>) -> Option<String> {
    let country = region.and_then(|code| code.trim().to_ascii_uppercase().parse().ok());
    let number = phonenumber::parse(country, text).ok().filter(phonenumber::is_valid)?;
    // Its formatter looks through the formats of the country first, and uses none of them for E.164.
    Some(format!("+{}{}", number.country().code(), number.national()))
}

/// A postal address, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PostalAddress {
    /// Street and house number, and what else stands above the town.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<String>,
    /// Town.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// State, province or county.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Post code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// ISO 3166-1 alpha-2 where the source gives it, else its text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// What the source uses it for: `billing`, `shipping`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
}

impl PostalAddress {
    /// No part is known.
    pub fn is_blank(&self) -> bool {
        self.lines.iter().all(|line| line.trim().is_empty())
            && [&self.locality, &self.region, &self.postal_code].iter().all(|part| part.is_none())
    }

    /// The address on one line.
    pub fn to_line(&self) -> String {
        let town = [self.postal_code.as_deref(), self.locality.as_deref()].into_iter().flatten().collect::<Vec<_>>();
        let mut parts: Vec<String> = self.lines.iter().filter(|line| !line.trim().is_empty()).cloned().collect();
        parts.extend((!town.is_empty()).then(|| town.join(" ")));
        parts.extend(self.region.clone());
        parts.extend(self.country.clone());
        parts.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn addresses_are_compared_in_lower_case_and_kept_as_written() {
        let email = Email::parse(" Jürgen Biller <J.Biller@Biller.Example> ").unwrap();
        assert_eq!(email.address, "j.biller@biller.example");
        assert_eq!(email.original, " Jürgen Biller <J.Biller@Biller.Example> ");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["", "@", "a@b", "a b@c.d", "a@@b.c", "a@b..c", "one@a.b; two@a.b", "plain"] {
            assert!(Email::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn numbers_take_the_country_from_their_context() {
        let e164 = |text, region| Phone::parse(text, region).unwrap().e164;
        assert_eq!(e164("(0221) 9922-134", Some("DE")).as_deref(), Some("+492219922134"));
        assert_eq!(e164("+43 660 1234567", None).as_deref(), Some("+436601234567"));
        assert_eq!(
            e164("+49 170 5550199", Some("US")).as_deref(),
            Some("+491705550199"),
            "a number with its own country"
        );
        assert_eq!(e164("0660 1234567", None), None);
        assert!(Phone::parse("n/a", Some("DE")).is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_the_readers_panic(text in ".{0,40}", region in "[A-Z]{2}") {
            let _ = Email::parse(&text);
            let _ = Phone::parse(&text, Some(&region));
        }

        #[test]
        fn reading_an_address_again_changes_nothing(text in "[A-Za-z0-9.+]{1,20}@[A-Za-z0-9]{1,10}[.][a-z]{2,5}") {
            let once = Email::parse(&text).unwrap();
            prop_assert_eq!(Email::parse(&once.address).unwrap().address, once.address);
        }
    }
}
