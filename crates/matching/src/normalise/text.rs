//! Text in a form in which two spellings can be compared: Latin letters, lower case, single spaces.
//!
//! Promises that the result holds only `a`–`z`, `0`–`9` and single spaces, and that folding twice changes nothing.
//! Does not decide what a text means.

use deunicode::deunicode_char;

/// Folds a text: transliterates every script to Latin letters, drops accents and apostrophes, turns every other sign
/// into a space.
pub(crate) fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    if text.is_ascii() {
        fold_ascii(text, &mut out);
        return out;
    }
    for c in text.chars() {
        if c.is_ascii() {
            push_ascii(&mut out, c);
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

/// The spelling that variants share: `mueller`, `müller` and `muller`; `philipp` and `filip`; `schmidt` and `schmitt`.
/// Takes folded text. It is a bucket of look-alikes, not a pronunciation.
pub(crate) fn skeleton(folded: &str) -> String {
    let mut out = String::with_capacity(folded.len());
    let mut rest = folded;
    'next: while let Some(first) = rest.chars().next() {
        for (from, to) in SPELLINGS.iter().filter(|(from, _)| from.as_bytes()[0] == rest.as_bytes()[0]) {
            if let Some(after) = rest.strip_prefix(from) {
                push_once(&mut out, *to);
                rest = after;
                continue 'next;
            }
        }
        if first != ' ' {
            push_once(&mut out, first);
        }
        rest = &rest[first.len_utf8()..];
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

// Longest first. The rules undo ways of writing one name in two alphabets or two countries.
const SPELLINGS: &[(&str, char)] = &[
    ("sch", 's'),
    ("tsch", 'c'),
    ("ae", 'a'),
    ("oe", 'o'),
    ("ue", 'u'),
    ("ph", 'f'),
    ("th", 't'),
    ("dt", 't'),
    ("ck", 'k'),
    ("kh", 'k'),
    ("ks", 'x'),
    ("ts", 'z'),
    ("tz", 'z'),
    ("ei", 'i'),
    ("ai", 'i'),
    ("ie", 'i'),
    ("y", 'i'),
    ("j", 'i'),
    ("c", 'k'),
    ("w", 'v'),
];

fn push_ascii(out: &mut String, c: char) {
    match c {
        'a'..='z' | '0'..='9' => out.push(c),
        'A'..='Z' => out.push(c.to_ascii_lowercase()),
        '\'' | '`' => {}
        _ if !out.is_empty() && !out.ends_with(' ') => out.push(' '),
        _ => {}
    }
}

fn push_once(out: &mut String, c: char) {
    if !out.ends_with(c) {
        out.push(c);
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
        for (one, other) in
            [("mueller", "müller"), ("Philipp", "Filip"), ("Schmidt", "Schmitt"), ("Wladimir", "Владимир")]
        {
            assert_eq!(skeleton(&fold(one)), skeleton(&fold(other)), "{one} {other}");
        }
        assert_ne!(skeleton("meier"), skeleton("moser"));
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
