//! Names of organisations in the form in which two spellings can be compared.
//!
//! Promises that what it makes is folded text without article, legal form and joining words, with abbreviations and
//! numbers in one spelling, and that normalising it again changes nothing. The legal form is not lost: it is told beside
//! the name, because `Acme GmbH` and `Acme AG` are two companies. Does not decide which words are common; see
//! [`crate::compare`].

mod country;
mod legal_form;
mod word;

use super::placeholder::{is_no_company, is_placeholder_name};
use super::text::{fold, fold_dotted, skeleton};
use crate::record::AddressText;
pub(crate) use country::{Country, country};
pub(crate) use legal_form::{LegalForm, says_organization};
use std::borrow::Cow;

/// One name under which an organisation is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct OrganizationName {
    /// The words that tell it from others; empty for placeholders.
    pub(crate) core: String,
    /// What the legal form says, where there is one.
    pub(crate) form: LegalForm,
}

/// The names that a field holds: one, or two where it says both (`Biller LLC dba Wexford`, `Wexford Data (WD)`). A line
/// for the post (`c/o`, `attn`) is left out.
pub(crate) fn organization_names(text: &str) -> Vec<OrganizationName> {
    let spelled = separated(text);
    let (outside, inside) = bracketed(&spelled);
    let folded = fold_dotted(&outside);
    let words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
    let mut names: Vec<OrganizationName> = Vec::new();
    for part in parts(&words) {
        let name = organization_name(&part.join(" "));
        if !name.core.is_empty() && !names.iter().any(|known| known.core == name.core) {
            names.push(name);
        }
    }
    // "Wexford Data Works (WDW)": the letters are a name of their own. Anything else in brackets is a part of the name.
    let inside = fold_dotted(&inside);
    if let Some(name) = names.first_mut().filter(|_| !inside.is_empty()) {
        if inside.len() >= 2 && acronym(&name.core) == inside {
            let short = OrganizationName { core: inside, form: LegalForm::default() };
            names.push(short);
        } else if inside.split(' ').next().is_some_and(|word| PARTS.contains(&word)) {
            let words: Vec<&str> = inside.split(' ').collect();
            names.extend(parts(&words).into_iter().map(|part| organization_name(&part.join(" "))));
        } else {
            let form = name.form;
            *name = organization_name(&format!("{} {inside}", name.core));
            name.form = name.form.or(form);
        }
    }
    names.retain(|name| !name.core.is_empty());
    names
}

/// The letters with which the words begin; empty where there is one word only.
pub(crate) fn acronym(core: &str) -> String {
    let letters: String = core
        .split(' ')
        .filter(|word| !matches!(*word, "of" | "for" | "de" | "la" | "du" | "des" | "fur" | "di" | "del"))
        .filter_map(|word| word.chars().next())
        .collect();
    if letters.len() >= 2 { letters } else { String::new() }
}

/// The words of a normalised name in the form in which they are counted: singular, without what only spelling tells.
pub(crate) fn key_words(core: &str) -> impl Iterator<Item = String> {
    core.split(' ').filter(|word| !word.is_empty() && !word::is_preposition(word)).map(|word| {
        let stem = word::singular(word);
        if stem.len() >= 4 { skeleton(stem) } else { stem.to_owned() }
    })
}

/// Whether a word of a normalised name says that its bearer owns others.
pub(crate) fn is_parent_word(word: &str) -> bool {
    matches!(
        word,
        "holding"
            | "group"
            | "beteiligung"
            | "beteiligungs"
            | "beteiligungen"
            | "verwaltung"
            | "verwaltungs"
            | "konzern"
            | "groupe"
            | "grupo"
            | "gruppo"
            | "groep"
            | "invest"
            | "parent"
            | "ventures"
    )
}

/// A name without brackets that only say where the record is anyway: `Wexford (Vienna)`, of Vienna.
pub(crate) fn without_own_place<'a>(name: &'a str, addresses: &[AddressText<'_>]) -> Cow<'a, str> {
    if addresses.is_empty() || !name.contains('(') {
        return Cow::Borrowed(name);
    }
    let (outside, inside) = bracketed(name);
    if inside.trim().is_empty() {
        return Cow::Borrowed(name);
    }
    let inside = fold(&inside);
    let says = |address: &AddressText<'_>| {
        let AddressText { street, more_lines: [second, third], locality, region, post_code, country } = *address;
        let line = fold(&[street, second, third, post_code, locality, region, country].join(", "));
        let words: Vec<&str> = line.split(' ').collect();
        inside.split(' ').all(|word| words.contains(&word))
    };
    if addresses.iter().any(says) { Cow::Owned(outside) } else { Cow::Borrowed(name) }
}

/// One name, from folded words.
fn organization_name(folded: &str) -> OrganizationName {
    if is_no_company(folded) || is_placeholder_name(folded) && !folded.bytes().any(|b| b.is_ascii_digit()) {
        return OrganizationName::default();
    }
    let mut form = LegalForm::default();
    let mut core = folded.to_owned();
    // What one pass makes may read as a legal form in the next; each pass makes the name shorter or leaves it.
    for _ in 0..8 {
        let next = pass(&core, &mut form);
        if next == core {
            break;
        }
        core = next;
    }
    // "Test GmbH"
    if is_no_company(&core) || is_placeholder_name(&core) && core.bytes().any(|b| b.is_ascii_alphabetic()) {
        return OrganizationName::default();
    }
    OrganizationName { core, form }
}

fn pass(text: &str, form: &mut LegalForm) -> String {
    let words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
    let plain: Vec<&str> = (0..words.len()).filter(|&at| !word::is_joiner(&words, at)).map(|at| words[at]).collect();
    let plain = if plain.is_empty() { words } else { plain };
    let joined = word::letters_joined(&plain);
    let words: Vec<&str> = joined.iter().map(String::as_str).collect();
    let (kept, found) = legal_form::without_legal_form(&words);
    *form = form.or(found);
    word::canonical(kept).join(" ")
}

/// Signs that stand for words, as words; a lower-case letter before a legal form in capitals ends a word (`BillerAG`).
fn separated(text: &str) -> String {
    let mut spelled = String::with_capacity(text.len());
    for token in text.split_whitespace() {
        if !spelled.is_empty() {
            spelled.push(' ');
        }
        // "Amazon.com, Inc."
        let (token, address) = match token.trim_end_matches([',', '.', ';']).rsplit_once('.') {
            Some((name, end)) if word::is_internet_ending(end) && name.len() >= 3 => (name, true),
            _ => (token, false),
        };
        match token.to_lowercase().as_str() {
            "d/b/a" | "d/b/a:" | "t/a" | "o/a" | "dba:" => spelled.push_str("dba"),
            "f/k/a" | "n/k/a" | "a/k/a" => spelled.push_str("aka"),
            "c/o" | "p/a" | "z.hd." | "z.h." | "attn" | "attn." | "attn:" | "att:" => spelled.push_str("attn"),
            "&" | "+" => spelled.push_str("and"),
            _ => match glued_form(token).filter(|_| !address) {
                Some((name, form)) => spelled.extend([name, " ", form]),
                None => spelled.push_str(token),
            },
        }
    }
    spelled
}

fn glued_form(token: &str) -> Option<(&str, &str)> {
    let mut was_lower = false;
    for (at, c) in token.char_indices() {
        if was_lower && c.is_uppercase() && at >= 3 {
            let (name, form) = token.split_at(at);
            let bare = form.trim_end_matches(['.', ',']).to_ascii_lowercase();
            if legal_form::is_short_form(&bare) {
                return Some((name, form));
            }
        }
        was_lower = c.is_lowercase();
    }
    None
}

/// What stands outside and inside of the first brackets; unclosed ones are signs like any other.
fn bracketed(text: &str) -> (String, String) {
    if let Some((before, rest)) = text.split_once('(')
        && let Some((inside, after)) = rest.split_once(')')
        && !before.trim().is_empty()
    {
        return (format!("{before} {after}"), inside.to_owned());
    }
    (text.to_owned(), String::new())
}

/// Words that begin another name.
const PARTS: [&str; 9] = ["dba", "aka", "fka", "formerly", "vormals", "ehemals", "previously", "anciennement", "attn"];

fn parts<'a>(words: &[&'a str]) -> Vec<Vec<&'a str>> {
    const PHRASES: [(&str, &str); 4] =
        [("trading", "as"), ("doing", "business"), ("operating", "as"), ("also", "known")];
    let mut parts: Vec<Vec<&str>> = vec![Vec::new()];
    let mut is_post = false;
    let mut at = 0;
    while at < words.len() {
        let next = words.get(at + 1).copied().unwrap_or("");
        let is_phrase = PHRASES.contains(&(words[at], next));
        if is_phrase || PARTS.contains(&words[at]) {
            let is_first = parts.iter().all(Vec::is_empty);
            is_post = words[at] == "attn" && !is_first;
            at += if is_phrase { 2 } else { 1 };
            while matches!(words.get(at), Some(&("as" | "known"))) {
                at += 1;
            }
            parts.push(Vec::new());
            continue;
        }
        if !is_post && let Some(part) = parts.last_mut() {
            part.push(words[at]);
        }
        at += 1;
    }
    parts.retain(|part| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cores(text: &str) -> Vec<String> {
        organization_names(text).into_iter().map(|name| name.core).collect()
    }

    #[track_caller]
    fn one(texts: &[&str], core: &str) {
        for text in texts {
            assert_eq!(cores(text), [core], "{text}");
        }
    }

    #[test]
    fn legal_forms_say_nothing() {
        one(
            &["Biller & Söhne GmbH & Co. KG", "Biller und Sohne", "The Biller, Sohne Ltd.", "BILLER SÖHNE S.A."],
            "biller sohne",
        );
        one(
            &["Wexford GmbH", "Wexford G.m.b.H.", "WexfordGmbH", "Wexford Gesellschaft mbH", "Wexford Ges.m.b.H."],
            "wexford",
        );
        one(
            &["Wexford Sp. z o.o.", "Wexford spółka z o.o.", "Wexford s.r.o.", "Wexford A/S", "OOO Wexford"],
            "wexford",
        );
        one(&["Gazprom JSC", "Open Joint Stock Company Gazprom", "ОАО Газпром", "OAO «Gazprom»"], "gazprom");
        one(&["Wexford S.A. de C.V.", "Wexford, Inc.", "Wexford Pty Ltd", "Wexford (Pty) Ltd"], "wexford");
        one(&["Societatea cu Răspundere Limitată Wexford", "SRL Wexford"], "wexford");
        one(&["GmbH"], "gmbh");
        one(&["3M Company"], "3m");
        one(&["1337"], "1337");
        assert!(cores("n/a").is_empty() && cores("").is_empty() && cores("Unknown").is_empty());
    }

    #[test]
    fn one_organisation_has_one_spelling() {
        one(
            &["Wexford Intl Mfg", "Wexford International Manufacturing Inc", "Wexford Int'l Mfg. Co."],
            "wexford international manufacturing",
        );
        one(&["First Bank", "1st Bank", "The First Bank, N.A."], "1st bank");
        one(&["Brigade Forty-Four", "Brigade 44", "Brigade Forty 4"], "brigade 44");
        one(&["St. Mary Hospital", "Saint Mary Hosp."], "saint mary hospital");
        one(&["J & J", "J&J", "J+J"], "jj");
        one(&["Apple Pan, The", "apple pan  the"], "apple pan");
        one(&["Amazon.com, Inc.", "Amazon Inc"], "amazon");
        one(&["Fund II Ltd.", "Fund 2"], "fund 2");
        one(&["A.B.C. Company", "ABC Co.", "A B C Company"], "abc");
    }

    #[test]
    fn a_field_may_hold_two_names_and_a_line_for_the_post() {
        assert_eq!(cores("Biller LLC dba Wexford Bikes"), ["biller", "wexford bikes"]);
        assert_eq!(cores("Biller LLC t/a Wexford Bikes"), ["biller", "wexford bikes"]);
        assert_eq!(cores("Biller trading as Wexford"), ["biller", "wexford"]);
        assert_eq!(cores("Biller GmbH (formerly known as Wexford AG)"), ["biller", "wexford"]);
        assert_eq!(cores("Wexford Data Works (WDW)"), ["wexford data works", "wdw"]);
        assert_eq!(cores("Deutsche Bank (Schweiz) AG"), ["deutsche bank schweiz"]);
        let vienna = AddressText { locality: "Vienna", ..AddressText::default() };
        assert_eq!(without_own_place("Wexford (Vienna)", std::slice::from_ref(&vienna)).trim(), "Wexford");
        assert_eq!(without_own_place("Wexford (Graz)", &[vienna]), "Wexford (Graz)");
        assert_eq!(cores("Biller GmbH c/o Ada King"), ["biller"]);
        assert_eq!(cores("c/o Biller GmbH"), ["biller"]);
    }

    #[test]
    fn the_form_is_told_beside_the_name() {
        let form = |text: &str| organization_names(text)[0].form;
        assert!(form("Acme GmbH").contradicts(form("Acme AG")));
        assert!(form("Acme Srl").contradicts(form("Acme SpA")));
        assert!(!form("Acme GmbH").contradicts(form("Acme")));
        assert!(!form("Acme GmbH").contradicts(form("Acme Ltd")));
        assert!(!form("Acme Inc").contradicts(form("Acme LLC")), "in America the two are confused every day");
        assert!(!form("OAO Gazprom").contradicts(form("Gazprom JSC")));
    }

    #[test]
    fn words_are_counted_in_the_singular_and_by_their_sound() {
        let words = |core: &str| key_words(core).collect::<Vec<_>>();
        assert_eq!(words("moller systems"), words("moeller system"));
        assert_eq!(words("academy of science"), words("academy sciences"));
        assert_ne!(words("meyer"), words("moser"));
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing(text in "\\PC{0,40}|[a-zA-Z0-9&.,/ ()]{0,30}|((the|of|gmbh|co|kg|and|sa|s|a|de|cv|first|forty|4|ii|intl|llc|limited|joint|stock|company|dba|Acme)[ .,&-]{1,2}){0,7}") {
            for name in organization_names(&text) {
                let again = organization_name(&name.core);
                prop_assert_eq!(&again.core, &name.core, "{}", text);
                prop_assert!(!name.core.is_empty() && name.core.trim() == name.core && !name.core.contains("  "));
            }
        }
    }
}
