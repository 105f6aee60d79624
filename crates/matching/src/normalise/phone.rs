//! Telephone numbers as digits that can be compared with and without a country code.

use super::placeholder::is_placeholder_digits;
use crate::record::PhoneText;

/// How many final digits two spellings of one number share: an area code and a number, without country and trunk code.
pub(crate) const COMPARED_DIGITS: u32 = 9;

/// The digits of a number without the signs of a long-distance call: from E.164 where it is known, else from the
/// original without extension, `00` and trunk `0`. `None` for fillers and for fewer than seven digits.
pub(crate) fn phone_digits(phone: PhoneText<'_>) -> Option<String> {
    let digits = match phone.e164 {
        "" => national(phone.original),
        e164 => e164.chars().filter(char::is_ascii_digit).collect::<String>(),
    };
    is_number(&digits).then_some(digits)
}

/// Whether digits are enough for a number, and no filler.
pub(crate) fn is_number(digits: &str) -> bool {
    digits.len() >= 7 && !is_placeholder_digits(digits) && !is_placeholder_digits(compared(digits))
}

/// Whether a text is nothing but the digits that [`phone_digits`] would read.
pub(crate) fn is_plain(text: &str) -> bool {
    !text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit())
}

/// The final digits that decide whether two numbers are the same.
pub(crate) fn compared(digits: &str) -> &str {
    &digits[digits.len().saturating_sub(COMPARED_DIGITS as usize)..]
}

fn national(original: &str) -> String {
    // Most numbers have no letters, and nothing to leave out but signs.
    if original.bytes().all(|b| matches!(b, b'0'..=b'9' | b' ' | b'+' | b'-' | b'.' | b'/' | b'(' | b')'))
        && !original.contains("(0)")
    {
        let mut digits = String::with_capacity(original.len());
        digits.extend(original.chars().filter(char::is_ascii_digit).skip_while(|digit| *digit == '0'));
        return digits;
    }
    let lower = original.to_ascii_lowercase();
    let end = lower.find(['x', '#']).or_else(|| lower.find("ext")).or_else(|| lower.find(';')).unwrap_or(lower.len());
    let head = if lower[..end].chars().filter(char::is_ascii_digit).count() >= 7 { &lower[..end] } else { &lower };
    // "+49 (0)221": the bracketed zero is dialled only inside the country.
    let head = head.replace("(0)", "");
    let digits: String = head.chars().filter(char::is_ascii_digit).collect();
    digits.trim_start_matches('0').to_owned()
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
            assert_eq!(national(text), national(&format!("{text};")), "{text}");
        }
    }

    #[test]
    fn extensions_and_fillers_are_no_numbers() {
        for text in ["123", "0000000000", "1234567890", "n/a", "9999999999", "+1 000 000 0000"] {
            assert_eq!(key(text), None, "{text}");
        }
    }
}
