//! Telephone numbers as digits that can be compared with and without a country code.

use super::placeholder::is_placeholder_digits;
use crate::record::PhoneText;

/// How many final digits two spellings of one number share: an area code and a number, without country and trunk code.
pub(crate) const COMPARED_DIGITS: u32 = 9;

/// The digits of a number without the signs of a long-distance call: from E.164 where it is known, else from the
/// original without extension, `00` and trunk `0`. `None` for fillers and for fewer than seven digits.
pub(crate) fn phone_digits(phone: PhoneText<'_>) -> Option<String> {
    let mut digits = String::new();
    digits_into(phone, &mut digits);
    is_number(&digits).then_some(digits)
}

/// As [`phone_digits`], whether or not they are a number.
pub(crate) fn digits_into(phone: PhoneText<'_>, digits: &mut String) {
    digits.clear();
    match phone.e164 {
        "" => national_into(phone.original, digits),
        e164 => digits.extend(e164.chars().filter(char::is_ascii_digit)),
    }
}

/// Whether digits are enough for a number, and no filler.
pub(crate) fn is_number(digits: &str) -> bool {
    digits.len() >= 7 && !is_placeholder_digits(digits) && !is_placeholder_digits(compared(digits))
}

/// The final digits that decide whether two numbers are the same.
pub(crate) fn compared(digits: &str) -> &str {
    &digits[digits.len().saturating_sub(COMPARED_DIGITS as usize)..]
}

fn national_into(original: &str, digits: &mut String) {
    // Most numbers have no letters, and nothing to leave out but signs.
    let is_plain = |b: u8| matches!(b, b'0'..=b'9' | b' ' | b'+' | b'-' | b'.' | b'/' | b'(' | b')');
    if original.bytes().all(is_plain) && !original.contains("(0)") {
        push_digits(original, digits);
        return;
    }
    let lower = original.to_ascii_lowercase();
    let end = lower.find(['x', '#']).or_else(|| lower.find("ext")).or_else(|| lower.find(';')).unwrap_or(lower.len());
    let head = if lower[..end].chars().filter(char::is_ascii_digit).count() >= 7 { &lower[..end] } else { &lower };
    // "+49 (0)221": the bracketed zero is dialled only inside the country.
    push_digits(&head.replace("(0)", ""), digits);
}

fn push_digits(text: &str, digits: &mut String) {
    for byte in text.bytes().filter(u8::is_ascii_digit).skip_while(|digit| *digit == b'0') {
        digits.push(char::from(byte));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Option<String> {
        phone_digits(PhoneText { e164: "", original: text }).map(|digits| compared(&digits).to_owned())
    }

    #[test]
    fn spellings_of_one_number_agree() {
        let key_of = key("(260) 599-1749");
        for text in ["2605991749", "+1 260 599 1749", "260.599.1749", "001 260 599 1749", "260-599-1749 x12"] {
            assert_eq!(key(text), key_of, "{text}");
        }
        assert_eq!(key("+49 (0)221 9922134"), key("0221/9922-134"));
    }

    #[test]
    fn plain_numbers_are_read_as_any_other() {
        for text in ["(260) 599-1749", "+1 260 599 1749", "001/260 599.1749", "0221 9922-134", "000"] {
            let read = |text: &str| {
                let mut digits = String::new();
                national_into(text, &mut digits);
                digits
            };
            assert_eq!(read(text), read(&format!("{text};")), "{text}");
        }
    }

    #[test]
    fn extensions_and_fillers_are_no_numbers() {
        for text in ["123", "0000000000", "1234567890", "n/a", "9999999999", "+1 000 000 0000"] {
            assert_eq!(key(text), None, "{text}");
        }
    }
}
