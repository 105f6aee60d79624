//! Postal addresses taken apart: house number, words of the street, unit, post code, town.

use super::placeholder::is_placeholder_digits;
use super::text::fold;
use crate::values::Values;
use std::sync::LazyLock;

/// A line of an address in parts; a missing part is empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct StreetParts {
    /// House number, with its letter: `17a`.
    pub(crate) number: String,
    /// The words of the street without its type: `field` of `Field Close`.
    pub(crate) street: String,
    /// Flat or unit.
    pub(crate) unit: String,
}

/// House number, street and unit of one line.
pub(crate) fn street_parts(line: &str) -> StreetParts {
    let folded = fold(line);
    let mut parts = StreetParts::default();
    let mut words: Vec<&str> = Vec::with_capacity(8);
    let mut tokens = folded.split_ascii_whitespace().peekable();
    while let Some(token) = tokens.next() {
        let is_numeric = token.as_bytes()[0].is_ascii_digit();
        if (!words.is_empty() || !parts.number.is_empty()) && tokens.peek().is_some() && is_unit_word(token) {
            tokens.next().unwrap_or("").clone_into(&mut parts.unit);
        } else if is_numeric && parts.number.is_empty() && !is_ordinal(token) {
            token.clone_into(&mut parts.number);
            // "17 a" is 17a.
            if let Some(letter) =
                tokens.next_if(|next| next.len() == 1 && next.as_bytes()[0].is_ascii_alphabetic() && !words.is_empty())
            {
                parts.number.push_str(letter);
            }
        } else if is_numeric && !words.is_empty() && parts.unit.is_empty() && !is_ordinal(token) {
            token.clone_into(&mut parts.unit);
        } else {
            words.push(street_stem(token));
        }
    }
    for word in words.iter().filter(|word| !word.is_empty() && !is_street_type(word)) {
        parts.street.extend([if parts.street.is_empty() { "" } else { " " }, word]);
    }
    // "The Avenue" has no other word: then the type is the name.
    if parts.street.is_empty() {
        words.join(" ").trim().clone_into(&mut parts.street);
    }
    parts
}

/// A post code without spaces, in lower case; empty for fillers such as 00000.
pub(crate) fn post_code(text: &str) -> String {
    let mut code = fold(text);
    code.retain(|c| c != ' ');
    // ZIP+4: the five digits are what everybody writes.
    if code.len() == 9 && code.bytes().all(|b| b.is_ascii_digit()) {
        code.truncate(5);
    }
    if code.len() < 3 || is_placeholder_digits(&code) { String::new() } else { code }
}

fn is_ordinal(token: &str) -> bool {
    ["st", "nd", "rd", "th"].iter().any(|end| token.len() > 2 && token.ends_with(end))
}

fn is_unit_word(word: &str) -> bool {
    UNIT_WORDS.find(word).is_some()
}

static UNIT_WORDS: LazyLock<Values> = LazyLock::new(|| {
    "apt apartment unit flat suite ste room rm top stiege whg app floor".split_ascii_whitespace().collect()
});

// German streets are written as one word: "Hauptstraße", "Hauptstr."
fn street_stem(token: &str) -> &str {
    for end in ["strasse", "str", "gasse", "weg", "platz", "allee"] {
        if let Some(stem) = token.strip_suffix(end)
            && stem.len() >= 3
        {
            return stem;
        }
    }
    token
}

fn is_street_type(word: &str) -> bool {
    STREET_TYPES.find(word).is_some()
}

static STREET_TYPES: LazyLock<Values> = LazyLock::new(|| {
    "street st avenue ave av road rd lane ln drive dr court ct crt boulevard blvd bd place pl close cl way wy \
        terrace tce ter crescent cres cr circuit cct circle cir parade pde square sq highway hwy parkway pkwy grove \
        gr trail trl loop row mews strasse str gasse weg platz allee rue chemin impasse calle avenida avda plaza \
        paseo via viale piazza corso rua nr no"
        .split_ascii_whitespace()
        .collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(line: &str) -> (String, String, String) {
        let parts = street_parts(line);
        (parts.number, parts.street, parts.unit)
    }

    fn expect(number: &str, street: &str, unit: &str) -> (String, String, String) {
        (number.to_owned(), street.to_owned(), unit.to_owned())
    }

    #[test]
    fn spellings_of_one_street_agree() {
        assert_eq!(parts("17 Field Close"), expect("17", "field", ""));
        assert_eq!(parts("17 FIELD CL"), expect("17", "field", ""));
        assert_eq!(parts("Hauptstraße 5 a"), expect("5a", "haupt", ""));
        assert_eq!(parts("Hauptstr. 5a"), expect("5a", "haupt", ""));
        assert_eq!(parts("121 Guerra Close Apt 45"), expect("121", "guerra", "45"));
        assert_eq!(parts("5, rue de la Paix"), expect("5", "de la paix", ""));
        assert_eq!(parts("12 East 7th Street"), expect("12", "east 7th", ""));
        assert_eq!(parts("The Avenue"), expect("", "the", ""));
        assert_eq!(parts(""), expect("", "", ""));
    }

    #[test]
    fn post_codes_lose_spaces_and_fillers() {
        assert_eq!(post_code("TQ13 8DF"), "tq138df");
        assert_eq!(post_code("98101-1234"), "98101");
        assert_eq!(post_code("00000"), "");
    }
}
