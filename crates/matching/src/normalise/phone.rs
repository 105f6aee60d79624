//! Telephone numbers as digits that can be compared with and without a country code.
//!
//! Promises that the national and the international spelling of one number are compared by the same digits, whatever the
//! country. Does not know which numbers exist; the model has read those that it could ([`PhoneText::e164`]).

use super::placeholder::is_placeholder_digits;
use crate::record::PhoneText;

/// How many final digits of the number inside its country are compared: an area code and a number.
const COMPARED_DIGITS: usize = 9;
/// ITU-T E.164 allows no more digits; what has more is two numbers in one field.
const MOST_DIGITS: usize = 15;

/// The digits of a number, with `+` before a country code and without the signs of a long-distance call: from E.164 where
/// it is known, else from the original without extension, `00` and trunk `0`. `None` for fillers and for fewer than seven
/// digits.
pub(crate) fn phone_digits(phone: PhoneText<'_>) -> Option<String> {
    let mut digits = String::new();
    digits_into(phone, &mut digits);
    is_number(&digits).then_some(digits)
}

/// As [`phone_digits`], whether or not they are a number.
pub(crate) fn digits_into(phone: PhoneText<'_>, digits: &mut String) {
    digits.clear();
    match phone.e164 {
        "" => dialled_into(phone.original, digits),
        e164 => {
            digits.push('+');
            push_digits(e164, digits);
        }
    }
}

/// Whether digits are enough for a number, and no filler.
pub(crate) fn is_number(digits: &str) -> bool {
    let bare = digits.trim_start_matches('+');
    if bare.len() < 7 {
        return false;
    }
    let compared = compared(digits);
    compared.len() >= 5 && !is_placeholder_digits(bare) && !is_placeholder_digits(compared)
}

/// The final digits that decide whether two numbers are the same: those inside the country.
pub(crate) fn compared(digits: &str) -> &str {
    let national = match digits.strip_prefix('+') {
        // Italy writes the zero also behind the country code.
        Some(international) => international[country_code_len(international)..].trim_start_matches('0'),
        None => digits,
    };
    &national[national.len().saturating_sub(COMPARED_DIGITS)..]
}

fn dialled_into(original: &str, digits: &mut String) {
    if push_plain(original, digits) {
        mark_country(digits, original);
        return;
    }
    let first = first_number(original);
    // "+49 (0)221": the bracketed zero is dialled only inside the country.
    let head = without_extension(first).replace("(0)", "");
    match keypad(&head) {
        Some(dialled) => digits.push_str(&dialled),
        None => push_digits(&head, digits),
    }
    mark_country(digits, &head);
}

/// Adds the digits of one number without letters, of which nothing is to be left out but signs, as most are. False, and
/// nothing added, where it is not plain to see that it is one.
fn push_plain(original: &str, digits: &mut String) -> bool {
    let (mut found, mut len, mut has_bracket) = ([0; MOST_DIGITS], 0, false);
    for byte in original.bytes() {
        match byte {
            b'0'..=b'9' => {
                let Some(place) = found.get_mut(len) else { return false };
                *place = byte;
                len += 1;
            }
            b'(' => has_bracket = true,
            b' ' | b'+' | b'-' | b'.' | b'/' | b')' => {}
            _ => return false,
        }
    }
    if has_bracket && original.contains("(0)") {
        return false;
    }
    digits.push_str(std::str::from_utf8(&found[..len]).unwrap_or_default());
    true
}

/// Puts `+` for the signs of an international call, and takes away the trunk `0`.
fn mark_country(digits: &mut String, original: &str) {
    let zeros = digits.bytes().take_while(|byte| *byte == b'0').count();
    if original.trim_start().starts_with('+') {
        digits.replace_range(..zeros, "+");
        return;
    }
    let prefix = ["00", "011"].into_iter().find(|prefix| digits.starts_with(prefix)).map_or(0, str::len);
    let international = &digits[prefix..];
    if prefix > 0 && international.len() >= 9 && !international.starts_with('0') {
        digits.replace_range(..prefix, "+");
    } else if digits.len() == 11 && digits.starts_with('1') {
        // Eleven digits with a one in front are North American: no area code begins with it.
        digits.insert(0, '+');
    } else if zeros > 0 {
        digits.replace_range(..zeros, "");
    }
}

/// One of several numbers in one field.
fn first_number(original: &str) -> &str {
    if count_digits(original) <= MOST_DIGITS {
        return original;
    }
    let cut = original
        .char_indices()
        .find(|&(at, c)| matches!(c, '/' | ',' | ';' | '|') && count_digits(&original[..at]) >= 7);
    cut.map_or(original, |(at, _)| &original[..at])
}

/// Without what follows the number: `x12`, `ext. 12`, `DW 12`, `#12`.
fn without_extension(original: &str) -> &str {
    let mut digits = 0;
    for (at, c) in original.char_indices() {
        if c.is_ascii_digit() {
            digits += 1;
        } else if digits >= 7 && (c.is_alphabetic() || matches!(c, '#' | ';')) {
            return &original[..at];
        }
    }
    original
}

/// `1-800-FLOWERS`: letters of an American keypad, where the number is as long as one there.
fn keypad(head: &str) -> Option<String> {
    let signs: String = head.chars().filter(char::is_ascii_alphanumeric).collect();
    let letters = signs.bytes().filter(u8::is_ascii_alphabetic).count();
    if letters < 3 || !matches!(signs.len(), 10 | 11) || !signs.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let key = |c: char| match c.to_ascii_lowercase() {
        'a'..='c' => '2',
        'd'..='f' => '3',
        'g'..='i' => '4',
        'j'..='l' => '5',
        'm'..='o' => '6',
        'p'..='s' => '7',
        't'..='v' => '8',
        'w'..='z' => '9',
        digit => digit,
    };
    Some(signs.chars().map(key).collect())
}

/// How long the country code is at the beginning of an international number (ITU-T E.164, annex: list of assigned codes).
fn country_code_len(international: &str) -> usize {
    let code = |len: usize| international.get(..len).and_then(|code| code.parse::<u16>().ok()).unwrap_or(0);
    let len = match (code(1), code(2)) {
        (1 | 7, _) => 1,
        (_, 20 | 27 | 30..=34 | 36 | 39 | 40 | 41 | 43..=49 | 51..=58 | 60..=66 | 81 | 82 | 84 | 86 | 90..=95 | 98) => {
            2
        }
        _ => 3,
    };
    len.min(international.len())
}

fn count_digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

fn push_digits(text: &str, digits: &mut String) {
    // A part at a time: to add each digit by itself takes longer.
    let mut part = [0; 32];
    for bytes in text.as_bytes().chunks(part.len()) {
        let mut len = 0;
        for byte in bytes.iter().filter(|byte| byte.is_ascii_digit()) {
            part[len] = *byte;
            len += 1;
        }
        digits.push_str(std::str::from_utf8(&part[..len]).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(text: &str) -> Option<String> {
        phone_digits(PhoneText { e164: "", original: text }).map(|digits| compared(&digits).to_owned())
    }

    #[test]
    fn spellings_of_one_number_agree() {
        for spellings in [
            &[
                "(260) 599-1749",
                "2605991749",
                "+1 260 599 1749",
                "260.599.1749",
                "001 260 599 1749",
                "260-599-1749 x12",
                "1-260-599-1749",
                "011 1 260 599 1749",
                "260/ 599-1749",
                "260 599 1749 ext. 12",
                "tel: 260 599 1749",
            ][..],
            &["+49 (0)221 9922134", "0221/9922-134", "0049 221 9922134", "+49221 9922134", "0221 9922134 DW 12"],
            // Shorter than what is compared: a key of final digits alone would hold a part of the country code.
            &["+43 1 5237765", "01 5237765", "0043 1 5237765", "01/523 77 65", "+43 (0)1 5237765"],
            &["+39 06 12345678", "06 12345678", "0039 06 12345678"],
            &["+385 1 0097 216", "01 0097 216"],
            &["+44 20 7946 0018", "020 7946 0018", "(020) 79460018"],
            &["1-800-FLOWERS", "+1 800 356 9377"],
            &["030 23125003 / 0171 1234567", "030 23125003"],
        ] {
            for text in spellings {
                assert_eq!(key(text), key(spellings[0]), "{text}");
                assert!(key(text).is_some(), "{text}");
            }
        }
        let read = PhoneText { e164: "+4315237765", original: "01 5237765" };
        assert_eq!(phone_digits(read).map(|digits| compared(&digits).to_owned()), key("01 5237765"));
    }

    #[test]
    fn plain_numbers_are_read_as_any_other() {
        for text in
            ["(260) 599-1749", "+1 260 599 1749", "001/260 599.1749", "0221 9922-134", "12605991749", "000", "+00"]
        {
            let read = |text: &str| {
                let mut digits = String::new();
                dialled_into(text, &mut digits);
                digits
            };
            assert_eq!(read(text), read(&format!("{text};")), "{text}");
        }
    }

    #[test]
    fn extensions_and_fillers_are_no_numbers() {
        for text in ["123", "0000000000", "1234567890", "n/a", "9999999999", "+1 000 000 0000", "ext 12", ""] {
            assert_eq!(key(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn digits_of_digits_are_themselves(text in "\\PC{0,24}|[+0-9()/ .x-]{0,24}") {
            let read = |original: &str| phone_digits(PhoneText { e164: "", original });
            if let Some(digits) = read(&text) {
                let again = read(&digits).unwrap_or_default();
                prop_assert_eq!(compared(&again), compared(&digits));
            }
        }
    }
}
