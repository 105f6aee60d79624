//! Text in a form in which two spellings can be compared: Latin letters, lower case, single spaces.
//!
//! Promises that the result holds only `a`–`z`, `0`–`9` and single spaces, and that folding twice changes nothing.
//! Does not decide what a text means.

use deunicode::deunicode_char;
use std::sync::LazyLock;

/// Folds a text: transliterates every script to Latin letters, drops accents and apostrophes, turns every other sign
/// into a space.
pub(crate) fn fold(text: &str) -> String {
    if is_folded(text) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    if text.is_ascii() {
        fold_ascii(text, &mut out);
        return out;
    }
    for c in text.chars() {
        if c.is_ascii() {
            push_ascii(&mut out, c);
        } else if let Some(latin) = greek(c, &out) {
            out.push_str(latin);
        } else if c != '\u{2019}' && c != '\u{2018}' && c != '\u{b4}' {
            // deunicode writes some scripts as "Bei " with a space per character: keep it, tokens stay apart.
            for latin in deunicode_char(c).unwrap_or("").chars() {
                push_ascii(&mut out, latin);
            }
        }
    }
    if out.ends_with(' ') {
        out.pop();
    }
    out
}

/// Whether folding leaves a text as it is.
fn is_folded(text: &str) -> bool {
    let mut before = b' ';
    for byte in text.bytes() {
        let is_kept = byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b' ' && before != b' ';
        if !is_kept {
            return false;
        }
        before = byte;
    }
    before != b' ' || text.is_empty()
}

/// As [`fold`], byte by byte.
fn fold_ascii(text: &str, out: &mut String) {
    let mut is_apart = false;
    for byte in text.bytes() {
        let kept = match byte {
            b'a'..=b'z' | b'0'..=b'9' => byte,
            b'A'..=b'Z' => byte | 0x20,
            b'\'' | b'`' => continue,
            _ => {
                is_apart = true;
                continue;
            }
        };
        if is_apart && !out.is_empty() {
            out.push(' ');
        }
        is_apart = false;
        out.push(char::from(kept));
    }
}

// As passports write them (ELOT 743), where the common transliteration goes by ancient Greek: `Kyriakos`, `Mitsotakis`.
fn greek(c: char, before: &str) -> Option<&'static str> {
    Some(match c {
        'η' | 'ή' | 'Η' | 'Ή' => "i",
        'υ' | 'ύ' | 'Υ' | 'Ύ' if before.ends_with(['a', 'e', 'o']) => "u",
        'υ' | 'ύ' | 'Υ' | 'Ύ' => "y",
        'χ' | 'Χ' => "ch",
        _ => return None,
    })
}

/// Folds the name of an organisation: as [`fold`], and dots between single letters vanish, so `S.A.` is `sa`.
pub(crate) fn fold_dotted(text: &str) -> String {
    if !text.contains('.') {
        return fold(text);
    }
    let mut joined = String::with_capacity(text.len());
    let mut letters_before_dot = 0;
    for c in text.chars() {
        if c == '.' && (1..=2).contains(&letters_before_dot) {
            letters_before_dot = 0;
            continue;
        }
        letters_before_dot = if c.is_alphanumeric() { letters_before_dot + 1 } else { 0 };
        joined.push(c);
    }
    fold(&joined)
}

/// The sound that variants of a name share, for names from English, German, Romance and Slavic languages: `mueller`,
/// `müller` and `muller`; `philipp` and `filip`; `schmidt` and `schmitt`; `ivanov` and `iwanoff`. Takes folded text and
/// leaves out spaces. Coarse on purpose: it groups look-alikes, which are then compared letter by letter.
pub(crate) fn skeleton(folded: &str) -> String {
    let spellings = &*SPELLINGS_BY_FIRST;
    let mut out = String::with_capacity(folded.len());
    for word in folded.split(' ') {
        let begin = out.len();
        let mut rest = word;
        'next: while let Some(first) = rest.chars().next() {
            let at_begin = rest.len() == word.len();
            for (from, to) in &spellings[usize::from(rest.as_bytes()[0])] {
                if let Some(after) = rest.strip_prefix(from) {
                    push_once(&mut out, to);
                    rest = after;
                    continue 'next;
                }
            }
            let after = &rest[first.len_utf8()..];
            let next = after.chars().next();
            match first {
                // Silent: "Johnson", "Lehmann", "Sarah", "Vaughn".
                'h' if !at_begin && !next.is_some_and(is_vowel) => {}
                // "Christian" and "Kristian", but "Charles" and "Czarles".
                'c' if after.starts_with('h') => {
                    let is_hard = after[1..].starts_with(['r', 'l', 'm', 'n', 's', 't']);
                    push_once(&mut out, if is_hard { "k" } else { "c" });
                    rest = &after[1..];
                    continue 'next;
                }
                'c' => push_once(&mut out, if next.is_some_and(|next| "eiy".contains(next)) { "s" } else { "k" }),
                // "Ivanov", "Ivanoff", "Iwanow".
                'v' | 'w' => push_once(&mut out, if after.is_empty() { "f" } else { "v" }),
                // "Clarke", "Anne"; "Lee" and "Joe" keep theirs.
                'e' if after.is_empty() && word.len() > 3 && !out.ends_with(is_vowel) => {}
                _ => push_once(&mut out, first.encode_utf8(&mut [0; 4])),
            }
            rest = after;
        }
        if out.len() == begin {
            out.push_str(word);
        }
    }
    out
}

/// Which letters and digits occur, as bits: a cheap bound before a string distance.
pub(crate) fn letters(folded: &str) -> u64 {
    folded.bytes().fold(0, |mask, byte| {
        mask | 1
            << match byte {
                b'a'..=b'z' => byte - b'a',
                b'0'..=b'9' => byte - b'0' + 26,
                _ => 36,
            }
    })
}

// Longest first. The rules undo ways of writing one sound in two alphabets or two countries.
const SPELLINGS: &[(&str, &str)] = &[
    ("tsch", "c"),
    ("tch", "c"),
    ("sch", "s"),
    ("cz", "c"),
    ("sh", "s"),
    ("sz", "s"),
    ("ae", "a"),
    ("oe", "o"),
    ("ue", "u"),
    ("ou", "u"),
    ("oo", "u"),
    ("ee", "i"),
    ("ph", "f"),
    ("th", "t"),
    ("dt", "t"),
    ("ck", "k"),
    ("kh", "k"),
    ("ks", "x"),
    ("ts", "s"),
    ("tz", "s"),
    ("ei", "i"),
    ("ey", "i"),
    ("ai", "i"),
    ("ay", "i"),
    ("ie", "i"),
    ("q", "k"),
    ("z", "s"),
    ("y", "i"),
    ("j", "i"),
];

/// The same by the first byte: most letters begin none of them, and most texts are short.
static SPELLINGS_BY_FIRST: LazyLock<Vec<Vec<(&str, &str)>>> = LazyLock::new(|| {
    let of = |first: u8| SPELLINGS.iter().copied().filter(|(from, _)| from.as_bytes()[0] == first).collect();
    (0..=u8::MAX).map(of).collect()
});

fn is_vowel(c: char) -> bool {
    matches!(c, 'a' | 'e' | 'i' | 'o' | 'u' | 'y')
}

fn push_ascii(out: &mut String, c: char) {
    match c {
        'a'..='z' | '0'..='9' => out.push(c),
        'A'..='Z' => out.push(c.to_ascii_lowercase()),
        '\'' | '`' => {}
        _ if !out.is_empty() && !out.ends_with(' ') => out.push(' '),
        _ => {}
    }
}

fn push_once(out: &mut String, sound: &str) {
    if !out.ends_with(sound) {
        out.push_str(sound);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn scripts_and_accents_fold_to_latin_letters() {
        assert_eq!(fold("  Müller-Lüdenscheidt "), "muller ludenscheidt");
        assert_eq!(fold("Владимир"), "vladimir");
        assert_eq!(fold("O'Brien"), "obrien");
        assert_eq!(fold("O\u{2019}Brien"), "obrien");
        assert_eq!(fold("Jose\u{301}"), "jose");
        assert_eq!(fold("Straße"), "strasse");
        assert_eq!(fold("Κυριάκος Μητσοτάκης"), "kyriakos mitsotakis");
        assert_eq!(fold("…"), "");
    }

    #[test]
    fn dotted_legal_forms_close_up() {
        assert_eq!(fold_dotted("Acme S.A."), "acme sa");
        assert_eq!(fold_dotted("Biller G.m.b.H."), "biller gmbh");
        assert_eq!(fold_dotted("Amazon.com Inc."), "amazon com inc");
    }

    #[test]
    fn spellings_of_one_name_share_a_skeleton() {
        for (one, other) in [
            ("mueller", "müller"),
            ("Philipp", "Filip"),
            ("Schmidt", "Schmitt"),
            ("Schulz", "Schultz"),
            ("Meyer", "Mayer"),
            ("Meier", "Maier"),
            ("Lehmann", "Leman"),
            ("Clark", "Clarke"),
            ("Johnson", "Jonson"),
            ("Christian", "Kristian"),
            ("Wladimir", "Владимир"),
            ("Ivanov", "Iwanoff"),
            ("Chaikovsky", "Tschaikowski"),
            ("Kowalczyk", "Kovalchik"),
            ("Shevchenko", "Szewczenko"),
            ("Gazprom", "Gasprom"),
            ("Nooristani", "Nuristani"),
            ("Sarah", "Sara"),
            ("Ann", "Anne"),
        ] {
            assert_eq!(skeleton(&fold(one)), skeleton(&fold(other)), "{one} {other}");
        }
        for (one, other) in
            [("meier", "moser"), ("lee", "li anna"), ("braun", "brand"), ("charles", "karl"), ("king", "kong")]
        {
            assert_ne!(skeleton(one), skeleton(other), "{one} {other}");
        }
    }

    proptest! {
        #[test]
        fn bytes_fold_as_characters_do(text in "[ -~]{0,40}") {
            let mut expected = String::new();
            text.chars().for_each(|c| push_ascii(&mut expected, c));
            prop_assert_eq!(fold(&text), expected.trim_end());
        }

        #[test]
        fn folding_twice_changes_nothing(text in ".{0,40}") {
            let once = fold(&text);
            prop_assert!(once.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b' '), "{once:?}");
            prop_assert!(!once.contains("  ") && once.trim() == once);
            prop_assert_eq!(fold(&once), once.clone());
            let _ = (skeleton(&once), fold_dotted(&text), letters(&once));
        }
    }
}
