//! What the script of a name tells about its parts: names without spaces, family names in capitals.

/// A name in Chinese or Korean characters: the family name is the first, of four characters the first two. `None` for
/// every other text.
pub(super) fn family_first(text: &str) -> Option<(String, String)> {
    let text = text.trim();
    let count = text.chars().count();
    if !(2..=4).contains(&count) || !text.chars().all(is_ideograph) {
        return None;
    }
    let family = if count == 4 { 2 } else { 1 };
    Some((text.chars().take(family).collect(), text.chars().skip(family).collect()))
}

/// The text with a space where two words were written as one (`AdaKing`), and with the dot that joins foreign names in
/// Chinese and Japanese as a space; characters of one word stay together.
pub(super) fn spaced(text: &str) -> String {
    if text.is_ascii() {
        return glued(text).map_or_else(|| text.to_owned(), |at| format!("{} {}", &text[..at], &text[at..]));
    }
    if !text.chars().any(is_ideograph) {
        return text.to_owned();
    }
    let words = text.split(['\u{b7}', '\u{30fb}', '\u{2027}', ' ']).filter(|word| !word.is_empty());
    let written = words
        .map(|word| if word.chars().all(is_ideograph) { super::fold(word).replace(' ', "") } else { word.to_owned() });
    written.collect::<Vec<_>>().join(" ")
}

/// The family name and the rest, where the family name alone is in capitals, before or behind the others:
/// `TROOST Niels`, `Niels TROOST`.
pub(super) fn family_in_capitals(text: &str) -> Option<(String, String)> {
    if text.contains(',') {
        return None;
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_loud =
        |word: &&str| word.chars().filter(|c| c.is_alphabetic()).count() >= 3 && !word.chars().any(char::is_lowercase);
    let loud = words.iter().filter(|word| is_loud(word)).count();
    let has_quiet = words.iter().any(|word| word.chars().any(char::is_lowercase) && word.chars().count() >= 3);
    if loud == 0 || !has_quiet || words.len() > 6 {
        return None;
    }
    let (family, given) = if words[..loud].iter().all(is_loud) {
        words.split_at(loud)
    } else if words[words.len() - loud..].iter().all(is_loud) {
        let (given, family) = words.split_at(words.len() - loud);
        (family, given)
    } else {
        return None;
    };
    // "Ada King PHD", "Ada King III"
    let is_name = |word: &&str| !super::is_suffix(&super::fold(word));
    (family.iter().all(is_name) && !given.is_empty()).then(|| (family.join(" "), given.join(" ")))
}

/// Where the second of two words begins that were written as one.
fn glued(text: &str) -> Option<usize> {
    let text = text.trim_end();
    let bytes = text.as_bytes();
    if bytes.len() < 6 || !bytes[0].is_ascii_uppercase() || !bytes.iter().all(u8::is_ascii_alphabetic) {
        return None;
    }
    let mut capitals = (1..bytes.len()).filter(|&at| bytes[at].is_ascii_uppercase());
    let at = capitals.next()?;
    let is_prefix =
        matches!(&text[..at], "Mac" | "Van" | "Von" | "Del" | "Fitz" | "Mc" | "De" | "La" | "Le" | "Di" | "Da");
    (capitals.next().is_none() && at >= 3 && bytes.len() - at >= 3 && !is_prefix).then_some(at)
}

fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_family_name_is_in_capitals() {
        assert!(family_in_capitals("Ada KING").is_some() && family_in_capitals("VAN DYCK Ada").is_some());
        for text in ["ADA KING", "Ada King", "Ada King PHD", "Ada M. King", "DR Ada King II"] {
            assert_eq!(family_in_capitals(text), None, "{text}");
        }
    }

    #[test]
    fn words_written_as_one_are_taken_apart() {
        assert_eq!(spaced("AdaKing"), "Ada King");
        assert_eq!(
            (spaced("McDonald"), spaced("MacDonald"), spaced("Vladimir")),
            ("McDonald".into(), "MacDonald".into(), "Vladimir".into())
        );
    }
}
