//! Postal addresses taken apart: house number, words of the street, unit, post code, town.
//!
//! Promises parts in folded text, in which the house number is the same before and behind the street and words that say
//! only what kind of street it is are gone. Knows no register of streets: it reads by position and by words.

mod word;

use super::placeholder::is_placeholder_digits;
use super::text::fold;
use std::borrow::Cow;
use word::{direction, is_direction, is_floor, is_ordinal, is_street_type, is_unit_word, ordinal, street_stem};

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
    let folded = fold(&spelled(line));
    let mut tokens: Vec<&str> = Vec::with_capacity(8);
    tokens.extend(folded.split(' ').filter(|token| !token.is_empty()));
    if let Some(number) = post_box(&tokens) {
        return StreetParts { number, street: "po box".to_owned(), ..StreetParts::default() };
    }
    let mut parts = StreetParts { street: String::with_capacity(folded.len()), ..StreetParts::default() };
    let mut words: Vec<Cow<'_, str>> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        let token = tokens[at];
        let next = tokens.get(at + 1).copied();
        at += 1;
        let is_numeric = token.as_bytes()[0].is_ascii_digit();
        let has_begun = !words.is_empty() || !parts.number.is_empty();
        if matches!(token, "between" | "near" | "corner") && !words.is_empty() {
            // "747 9th Ave. between 50th and 51st": how to find it, not where it is.
            break;
        }
        if has_begun && next.is_some_and(is_floor) && (is_numeric || is_floor_name(token)) {
            ordinal(token).unwrap_or(token).clone_into(&mut parts.unit);
            at += 1;
        } else if is_unit_word(token)
            && let Some(next) = next
            && (has_begun || next.len() == 1 || next.as_bytes()[0].is_ascii_digit())
        {
            next.clone_into(&mut parts.unit);
            at += 1;
        } else if is_numeric && parts.number.is_empty() && !is_ordinal(token) {
            token.clone_into(&mut parts.number);
            // "17 a" is 17a.
            if !words.is_empty()
                && let Some(letter) = next.filter(|next| next.len() == 1 && next.as_bytes()[0].is_ascii_alphabetic())
            {
                parts.number.push_str(letter);
                at += 1;
            }
        } else if is_numeric && words.is_empty() && !is_ordinal(token) && next.is_some_and(is_street_type) {
            // "112 East 51 Street" is in 51st Street.
            words.push(Cow::Owned(as_ordinal(token)));
        } else if is_numeric
            && !is_ordinal(token)
            && words.iter().all(|word| is_direction(word))
            && next.is_some_and(is_street_type)
        {
            words.push(Cow::Owned(as_ordinal(token)));
        } else if is_numeric && !words.is_empty() && parts.unit.is_empty() && !is_ordinal(token) {
            token.clone_into(&mut parts.unit);
        } else {
            let token = ordinal(token).unwrap_or(token);
            words.push(Cow::Borrowed(direction(token).unwrap_or_else(|| street_stem(token))));
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
    // "A-1070", "D-10115": the country of the letter.
    let text = match text.trim().split_once('-') {
        Some((country, code))
            if (1..=2).contains(&country.len())
                && country.bytes().all(|b| b.is_ascii_alphabetic())
                && code.trim().bytes().next().is_some_and(|b| b.is_ascii_digit()) =>
        {
            code
        }
        _ => text,
    };
    let mut code = fold(text);
    code.retain(|c| c != ' ');
    // ZIP+4: the five digits are what everybody writes.
    if code.len() == 9 && code.bytes().all(|b| b.is_ascii_digit()) {
        code.truncate(5);
    }
    if code.len() < 3 || is_placeholder_digits(&code) { String::new() } else { code }
}

/// A town in one spelling: `St. Pölten` and `Sankt Pölten`.
pub(crate) fn locality(text: &str) -> String {
    let folded = fold(text);
    let words = folded.split(' ').map(|word| match word {
        "saint" | "sankt" | "sint" => "st",
        "sainte" => "ste",
        "mount" => "mt",
        "fort" => "ft",
        other => other,
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Signs between numbers as they are meant: `1710-1718` is 1710, `5/12 Smith Street` is flat 5 of 12.
fn spelled(line: &str) -> Cow<'_, str> {
    if !line.bytes().any(|byte| matches!(byte, b'-' | b'/')) {
        return Cow::Borrowed(line);
    }
    let mut spelled = String::with_capacity(line.len());
    for token in line.split_whitespace() {
        if !spelled.is_empty() {
            spelled.push(' ');
        }
        let bare = token.trim_end_matches([',', '.', ';']);
        let numbers = |sign| {
            let (first, second) = bare.split_once(sign)?;
            let (first_number, second_number) = (first.parse::<u32>().ok()?, second.parse::<u32>().ok()?);
            Some((first, second, first_number, second_number))
        };
        if let Some((first, _, low, high)) = numbers('-')
            && (low..=low.saturating_add(100)).contains(&high)
        {
            spelled.push_str(first);
        } else if let Some((unit, number, _, _)) = numbers('/').filter(|_| spelled.is_empty()) {
            spelled.extend([number, " unit ", unit]);
        } else {
            spelled.push_str(token);
        }
    }
    Cow::Owned(spelled)
}

fn post_box(tokens: &[&str]) -> Option<String> {
    let number_at = match tokens {
        ["po" | "post" | "gpo", "box", ..] | ["apartado", "postal", ..] => 2,
        ["p", "o", "box", ..] | ["post", "office", "box", ..] => 3,
        ["pobox" | "postfach" | "pf" | "postbus" | "bp" | "apartado" | "apdo" | "casilla" | "postboks" | "box", ..] => {
            1
        }
        _ => return None,
    };
    let number = tokens[number_at..].concat();
    number.bytes().next().is_some_and(|b| b.is_ascii_digit()).then_some(number)
}

fn is_floor_name(token: &str) -> bool {
    ordinal(token).is_some() || is_ordinal(token) || matches!(token, "ground" | "main" | "lower" | "upper" | "top")
}

fn as_ordinal(number: &str) -> String {
    let end =
        match (number.len() >= 2 && number.as_bytes()[number.len() - 2] == b'1', number.as_bytes()[number.len() - 1]) {
            (false, b'1') => "st",
            (false, b'2') => "nd",
            (false, b'3') => "rd",
            _ => "th",
        };
    format!("{number}{end}")
}

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
        assert_eq!(parts("12 East 7th Street"), expect("12", "e 7th", ""));
        assert_eq!(parts("The Avenue"), expect("", "the", ""));
        assert_eq!(parts("7th Avenue 12"), expect("12", "7th", ""));
        assert_eq!(parts("12 Seventh Ave"), expect("12", "7th", ""));
        assert_eq!(parts("410 North Monticello Avenue"), parts("410 N. Monticello"));
        assert_eq!(parts("112 East 51 Street"), parts("112 E 51st St"));
        assert_eq!(parts("747 9th Ave. between 50th and 51st Sts."), parts("747 Ninth Ave"));
        assert_eq!(parts("Storgatan 12"), expect("12", "stor", ""));
        assert_eq!(parts("Kalverstraat 12"), expect("12", "kalver", ""));
        assert_eq!(parts("ul. Długa 5"), parts("Długa 5"));
        assert_eq!(parts("Calle Mayor, 5"), parts("C. Mayor 5"));
        assert_eq!(parts(""), expect("", "", ""));
    }

    #[test]
    fn units_ranges_and_boxes_are_read() {
        assert_eq!(parts("Burggasse 12/4"), expect("12", "burg", "4"));
        assert_eq!(parts("Burggasse 12 Top 4"), expect("12", "burg", "4"));
        assert_eq!(parts("5/12 Smith Street"), expect("12", "smith", "5"));
        assert_eq!(parts("1710-1718 S. Loomis"), expect("1710", "s loomis", ""));
        assert_eq!(parts("10001 South Woodlawn Avenue First Floor"), expect("10001", "s woodlawn", "1st"));
        assert_eq!(parts("12 Main St, 2nd Fl"), expect("12", "main", "2nd"));
        assert_eq!(parts("P.O. Box 123"), expect("123", "po box", ""));
        assert_eq!(parts("Postfach 12 34"), expect("1234", "po box", ""));
        assert_eq!(parts("446 East Ontario Suite 150"), expect("446", "e ontario", "150"));
    }

    #[test]
    fn post_codes_lose_spaces_and_fillers() {
        assert_eq!(post_code("TQ13 8DF"), "tq138df");
        assert_eq!(post_code("98101-1234"), "98101");
        assert_eq!(post_code("00000"), "");
        assert_eq!(locality("Sankt Pölten"), locality("St. Pölten"));
        assert_eq!(
            (post_code("A-1070"), post_code("D-10115"), post_code("00-950")),
            ("1070".into(), "10115".into(), "00950".into())
        );
    }
}
