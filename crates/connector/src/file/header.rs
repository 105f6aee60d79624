//! Headers in one form, so that `E-mail`, `e_mail` and `E-Mail` are the same.

/// Lower case, words parted by one blank, without signs: `FirstName`, `first_name` and `First Name*` become `first name`.
pub(crate) fn normalise(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 4);
    let mut before = ' ';
    for c in text.chars() {
        if c.is_alphanumeric() {
            let humped = c.is_uppercase() && before.is_lowercase();
            let numbered = c.is_ascii_digit() && before.is_alphabetic();
            if humped || numbered {
                out.push(' ');
            }
            out.extend(c.to_lowercase());
        } else if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
        before = c;
    }
    out.truncate(out.trim_end().len());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_a_header_become_one() {
        for text in ["FirstName", "first_name", " First  Name* ", "first-name", "FIRST NAME"] {
            assert_eq!(normalise(text), "first name", "{text}");
        }
        assert_eq!(normalise("E-Mail"), "e mail");
        assert_eq!(normalise("Address1"), "address 1");
        assert_eq!(normalise("Straße"), "straße");
    }
}
