//! Telling the name of an organisation from that of a person, by its legal form.

/// Legal forms and the like, folded to lower case without dots. Compared with whole words only.
const FORMS: &[&str] = &[
    "ab",
    "ag",
    "as",
    "asa",
    "aps",
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
    "ev",
    "eg",
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
    "kg",
    "kgaa",
    "kk",
    "kft",
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
    "pty",
    "pte",
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
    let words: Vec<String> = name
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | '(' | ')' | '/'))
        .map(|word| word.chars().filter(|c| c.is_alphanumeric() || *c == '&').flat_map(char::to_lowercase).collect())
        .filter(|word: &String| !word.is_empty())
        .collect();
    if words.len() < 2 {
        return false;
    }
    let last = words.len() - 1;
    words
        .iter()
        .enumerate()
        .skip(1)
        .any(|(i, word)| FORMS.contains(&word.as_str()) && (i == last || !ONLY_AT_THE_END.contains(&word.as_str())))
        || name.to_lowercase().contains("s.p. z o.o")
        || name.to_lowercase().contains("sp. z o.o")
        || words.iter().any(|word| word == "&" || word == "gmbh")
}

#[cfg(test)]
mod tests {
    use super::*;

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
