//! Telling the name of an organisation from that of a person, by its legal form.

/// Legal forms and the like, folded to lower case without dots, in the order of the alphabet. Compared with whole words only.
const FORMS: &[&str] = &[
    "ab",
    "ag",
    "aps",
    "as",
    "asa",
    "association",
    "bank",
    "bhd",
    "bv",
    "bvba",
    "church",
    "club",
    "co",
    "college",
    "company",
    "corp",
    "corporation",
    "eg",
    "ev",
    "foundation",
    "gbr",
    "gesellschaft",
    "gmbh",
    "group",
    "holding",
    "holdings",
    "inc",
    "incorporated",
    "institute",
    "kft",
    "kg",
    "kgaa",
    "kk",
    "lda",
    "limited",
    "llc",
    "llp",
    "lp",
    "ltd",
    "ltda",
    "nv",
    "oe",
    "og",
    "ohg",
    "oy",
    "oyj",
    "partners",
    "plc",
    "pte",
    "pty",
    "sa",
    "sarl",
    "sas",
    "sasu",
    "school",
    "se",
    "sia",
    "sl",
    "snc",
    "spa",
    "spzoo",
    "srl",
    "sro",
    "stiftung",
    "trust",
    "ug",
    "university",
    "verein",
    "zrt",
];

/// Forms that are also family names or initials, and count only as the last word.
const ONLY_AT_THE_END: &[&str] = &["ab", "as", "co", "eg", "ev", "kk", "og", "oe", "sa", "se", "sl", "lp", "church"];

pub(crate) fn is_organization(name: &str) -> bool {
    let mut count = 0;
    let mut has_form = false;
    let mut ends_in_form = false;
    let mut word = String::with_capacity(name.len());
    for written in name.split(|c: char| c.is_whitespace() || matches!(c, ',' | '(' | ')' | '/')) {
        fold(written, &mut word);
        if word.is_empty() {
            continue;
        }
        let is_form = count > 0 && FORMS.binary_search(&word.as_str()).is_ok();
        ends_in_form = is_form;
        has_form |= word == "&" || word == "gmbh" || (is_form && !ONLY_AT_THE_END.contains(&word.as_str()));
        count += 1;
    }
    count >= 2 && (has_form || ends_in_form || is_polish(name))
}

/// The letters and digits of a word in lower case.
fn fold(written: &str, word: &mut String) {
    word.clear();
    for c in written.chars() {
        if c.is_ascii() {
            word.extend((c.is_ascii_alphanumeric() || c == '&').then(|| c.to_ascii_lowercase()));
        } else if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
    }
}

/// The one form that is several words.
fn is_polish(name: &str) -> bool {
    // Hardly a name has a word of this one letter, and the others need no second look.
    if !name.as_bytes().windows(3).any(|letters| letters.eq_ignore_ascii_case(b" z ")) {
        return false;
    }
    let name = name.to_lowercase();
    name.contains("s.p. z o.o") || name.contains("sp. z o.o")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// As the rule is said: by its words, all at once.
    fn is_organization_by_words(name: &str) -> bool {
        let words: Vec<String> = name
            .split(|c: char| c.is_whitespace() || matches!(c, ',' | '(' | ')' | '/'))
            .map(|word| {
                word.chars().filter(|c| c.is_alphanumeric() || *c == '&').flat_map(char::to_lowercase).collect()
            })
            .filter(|word: &String| !word.is_empty())
            .collect();
        if words.len() < 2 {
            return false;
        }
        let last = words.len() - 1;
        let counts = |i: usize, word: &str| i == last || !ONLY_AT_THE_END.contains(&word);
        words.iter().enumerate().skip(1).any(|(i, word)| FORMS.contains(&word.as_str()) && counts(i, word))
            || name.to_lowercase().contains("s.p. z o.o")
            || name.to_lowercase().contains("sp. z o.o")
            || words.iter().any(|word| word == "&" || word == "gmbh")
    }

    fn name() -> impl Strategy<Value = String> {
        let word = prop_oneof![
            proptest::sample::select(FORMS).prop_map(str::to_owned),
            proptest::sample::select(&["&", "sp. z o.o.", "S.P. Z O.O", "G.m.b.H.", "İnc", "\u{212a}g", "ß"][..])
                .prop_map(str::to_owned),
            "\\PC{0,6}",
            "[A-Z][a-z.]{0,5}",
        ];
        let case = (word, any::<bool>()).prop_map(|(word, upper)| if upper { word.to_uppercase() } else { word });
        (proptest::collection::vec(case, 0..5), "[ ,(/]{1,2}").prop_map(|(words, between)| words.join(&between))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2048))]

        #[test]
        fn a_name_is_told_as_by_its_words(name in name()) {
            prop_assert_eq!(is_organization(&name), is_organization_by_words(&name));
        }
    }

    #[test]
    fn forms_are_in_the_order_of_the_alphabet() {
        assert!(FORMS.is_sorted());
    }

    #[test]
    fn legal_forms_make_an_organisation() {
        for name in ["Acme GmbH", "Biller & Söhne GmbH", "Example, Inc.", "Foo S.p.A.", "Bar Sp. z o.o.", "Tennis e.V."]
        {
            assert!(is_organization(name), "{name}");
        }
        for name in ["Ada Lovelace", "Jürgen Biller", "Se Young Kim", "Co Nguyen Van", "Acme", "Søren Ødegård"] {
            assert!(!is_organization(name), "{name}");
        }
    }
}
