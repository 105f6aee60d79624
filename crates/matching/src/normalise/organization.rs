//! Names of organisations without the words that say only which legal form they have.

use super::placeholder::is_placeholder_name;
use super::text::fold_dotted;

/// The name in folded words, without article and legal form; empty for placeholders. `The Biller & Söhne GmbH & Co. KG`
/// is `biller sohne`. A name that is nothing but a legal form stays as it is.
pub(crate) fn organization_name(text: &str) -> String {
    let folded = fold_dotted(text);
    if is_placeholder_name(&folded) && !folded.bytes().any(|b| b.is_ascii_digit()) {
        return String::new();
    }
    let all: Vec<&str> = folded.split(' ').collect();
    let mut words = all.as_slice();
    while let [first, rest @ ..] = words
        && !rest.is_empty()
        && matches!(*first, "the" | "die" | "der" | "das" | "firma" | "la" | "le" | "les" | "el" | "los")
        && rest.iter().any(|word| !is_legal_form(word))
    {
        words = rest;
    }
    while let [rest @ .., last] = words
        && !rest.is_empty()
        && (is_legal_form(last) || is_joiner(last))
    {
        words = rest;
    }
    let kept: Vec<&str> = words.iter().copied().filter(|word| !is_joiner(word)).collect();
    if kept.is_empty() { folded } else { kept.join(" ") }
}

fn is_joiner(word: &str) -> bool {
    matches!(word, "and" | "und" | "et" | "y" | "e" | "i")
}

fn is_legal_form(word: &str) -> bool {
    matches!(
        word,
        "gmbh"
            | "mbh"
            | "ggmbh"
            | "ag"
            | "kg"
            | "kgaa"
            | "ohg"
            | "gbr"
            | "ug"
            | "ev"
            | "eg"
            | "ek"
            | "co"
            | "cie"
            | "haftungsbeschrankt"
            | "ltd"
            | "limited"
            | "inc"
            | "incorporated"
            | "llc"
            | "llp"
            | "lp"
            | "plc"
            | "corp"
            | "corporation"
            | "company"
            | "pllc"
            | "pc"
            | "sa"
            | "sas"
            | "sasu"
            | "sarl"
            | "eurl"
            | "sci"
            | "snc"
            | "srl"
            | "srls"
            | "spa"
            | "sl"
            | "slu"
            | "sau"
            | "scp"
            | "sapi"
            | "bv"
            | "nv"
            | "bvba"
            | "vof"
            | "ab"
            | "as"
            | "asa"
            | "oy"
            | "oyj"
            | "aps"
            | "kft"
            | "zrt"
            | "doo"
            | "dd"
            | "sro"
            | "sp"
            | "zoo"
            | "pty"
            | "kk"
            | "pte"
            | "bhd"
            | "sdn"
            | "pvt"
            | "private"
            | "ooo"
            | "oao"
            | "zao"
            | "pao"
            | "jsc"
            | "ltda"
            | "cv"
            | "rl"
            | "se"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn legal_forms_say_nothing() {
        for text in ["Biller & Söhne GmbH & Co. KG", "Biller und Sohne", "The Biller, Sohne Ltd.", "BILLER SÖHNE S.A."]
        {
            assert_eq!(organization_name(text), "biller sohne", "{text}");
        }
        assert_eq!(organization_name("GmbH"), "gmbh");
        assert_eq!(organization_name("n/a"), "");
        assert_eq!(organization_name("3M Company"), "3m");
        assert_eq!(organization_name("1337"), "1337");
    }
}
