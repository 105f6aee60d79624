//! Words of persons' names that are no name, and names that have several spellings.

use super::Generation;

/// Without titles at the beginning: `Univ.-Prof. Dr. med.`.
pub(super) fn without_titles(mut words: Vec<&str>) -> Vec<&str> {
    let mut is_titled = false;
    while words.first().is_some_and(|first| is_title(first) || is_titled && words.len() > 1 && is_faculty(first)) {
        words.remove(0);
        is_titled = true;
    }
    words
}

/// Takes what follows a name off its end, and notes Jr. and Sr.
pub(super) fn take_suffixes(words: &mut Vec<&str>, generation: &mut Generation) {
    loop {
        if let [.., first, second] = words.as_slice()
            && words.len() > 2
            && matches!((*first, *second), ("ph", "d") | ("m" | "b", "sc") | ("ll", "m" | "b" | "d"))
        {
            words.truncate(words.len() - 2);
        } else if words.len() > 1 && words.last().is_some_and(|last| is_suffix(last)) {
            let found = words.pop().map_or(Generation::default(), Generation::of);
            *generation = if found.is_some() { found } else { *generation };
        } else {
            return;
        }
    }
}

/// The words with prefixes joined to what they belong to: `o brien`, `mc donald`, `abd al rahman`.
pub(super) fn spelled(words: &[&str]) -> Vec<String> {
    if words.len() < 2 {
        return joined_once(words);
    }
    let mut spelled = joined_once(words);
    // What was joined may be joined again: "o mc donald". Each pass leaves fewer words.
    loop {
        let words: Vec<&str> = spelled.iter().map(String::as_str).collect();
        let again = joined_once(&words);
        if again.len() == spelled.len() {
            return again;
        }
        spelled = again;
    }
}

fn joined_once(words: &[&str]) -> Vec<String> {
    let mut out: Vec<String> = Vec::with_capacity(words.len());
    let mut at = 0;
    while at < words.len() {
        let rest = &words[at..];
        let joined = match rest {
            [
                "abd" | "abdul" | "abdel" | "abdal" | "abdur" | "abdus",
                "al" | "el" | "ul" | "ar" | "ur" | "as" | "us",
                name,
                ..,
            ] => Some((3, format!("abdul{name}"))),
            ["abdul" | "abdel" | "abdal" | "abdur" | "abdus", name, ..] if name.len() >= 3 => {
                Some((2, format!("abdul{name}")))
            }
            // One letter before the whole of a short name may be an initial: "O King", "D King" are left.
            ["o", name] if at == 0 && is_irish(name) => Some((2, format!("o{name}"))),
            ["d" | "dall" | "dell", name, ..] if name.len() >= 4 && name.starts_with(['a', 'e', 'i', 'o', 'u']) => {
                Some((2, format!("{}{name}", rest[0])))
            }
            ["mc" | "mac" | "fitz", name, ..]
                if name.len() >= 3 && !is_particle(name) && !matches!(*name, "mc" | "mac" | "fitz") =>
            {
                Some((2, format!("{}{name}", rest[0])))
            }
            _ => None,
        };
        if let Some((len, word)) = joined {
            out.push(word);
            at += len;
            continue;
        }
        let word = match words[at] {
            "saint" | "sankt" | "sint" => "st",
            "ibn" => "bin",
            word => word,
        };
        out.push(word.to_owned());
        at += 1;
    }
    out
}

/// Whether a word follows a name and is none.
pub(super) fn is_suffix(word: &str) -> bool {
    word != "i" && Generation::of(word).is_some()
        || matches!(
            word,
            "phd"
                | "md"
                | "dds"
                | "esq"
                | "esquire"
                | "mba"
                | "msc"
                | "bsc"
                | "ma"
                | "ba"
                | "cpa"
                | "jd"
                | "obe"
                | "mbe"
                | "kbe"
                | "cbe"
                | "llm"
                | "llb"
                | "dipl"
                | "bed"
                | "beng"
                | "meng"
                | "rn"
                | "pmp"
                | "retd"
                | "emba"
                | "dvm"
        )
}

/// Whether a word belongs to the family name that follows it.
pub(super) fn is_particle(word: &str) -> bool {
    matches!(
        word,
        "von"
            | "van"
            | "vom"
            | "zu"
            | "zum"
            | "zur"
            | "den"
            | "der"
            | "de"
            | "del"
            | "della"
            | "di"
            | "da"
            | "dos"
            | "das"
            | "do"
            | "du"
            | "des"
            | "la"
            | "le"
            | "los"
            | "las"
            | "ter"
            | "ten"
            | "bin"
            | "ibn"
            | "al"
            | "el"
            | "st"
            | "san"
            | "santa"
            | "mac"
            | "mc"
            | "of"
            | "dalla"
            | "dello"
            | "degli"
            | "ben"
            | "bint"
            | "af"
            | "av"
            | "op"
            | "het"
            | "te"
            | "saint"
            | "sankt"
            | "ul"
            | "ad"
    )
}

/// Family names that are the first of two so often that they are read as such.
pub(super) fn is_iberian_surname(word: &str) -> bool {
    matches!(
        word,
        "garcia"
            | "gonzalez"
            | "gonzales"
            | "rodriguez"
            | "fernandez"
            | "lopez"
            | "martinez"
            | "sanchez"
            | "perez"
            | "gomez"
            | "hernandez"
            | "jimenez"
            | "ruiz"
            | "diaz"
            | "alvarez"
            | "munoz"
            | "gutierrez"
            | "ramirez"
            | "suarez"
            | "dominguez"
            | "vazquez"
            | "vasquez"
            | "nunez"
            | "mendez"
            | "chavez"
            | "rojas"
            | "vargas"
            | "castillo"
            | "ortega"
            | "marquez"
            | "cortes"
            | "velasquez"
            | "velazquez"
            | "ibanez"
            | "benitez"
            | "juarez"
            | "bermudez"
            | "ordonez"
            | "ribeiro"
            | "ferreira"
            | "pereira"
            | "oliveira"
            | "carvalho"
            | "rodrigues"
            | "fernandes"
            | "goncalves"
            | "martins"
            | "lopes"
            | "alves"
            | "gomes"
            | "teixeira"
            | "moreira"
    )
}

/// Family names of Vietnam, which stand first there.
pub(super) fn is_vietnamese_surname(word: &str) -> bool {
    matches!(word, "nguyen" | "tran" | "pham" | "hoang" | "huynh" | "phan" | "truong" | "dinh" | "duong")
}

// "Don" and "Gen" are left out: they are given names too.
fn is_title(word: &str) -> bool {
    matches!(
        word,
        "mr" | "mrs"
            | "ms"
            | "miss"
            | "mx"
            | "dr"
            | "drs"
            | "prof"
            | "professor"
            | "professora"
            | "sir"
            | "lord"
            | "lady"
            | "dame"
            | "rev"
            | "reverend"
            | "hon"
            | "herr"
            | "herrn"
            | "frau"
            | "familie"
            | "univ"
            | "dipl"
            | "ing"
            | "mag"
            | "dkfm"
            | "mmag"
            | "ddr"
            | "monsieur"
            | "madame"
            | "mademoiselle"
            | "mme"
            | "mlle"
            | "senor"
            | "senora"
            | "senorita"
            | "sra"
            | "srta"
            | "senhor"
            | "senhora"
            | "doctor"
            | "doktor"
            | "dott"
            | "dottore"
            | "dottoressa"
            | "signor"
            | "signora"
            | "avv"
            | "arq"
            | "captain"
            | "capt"
            | "sgt"
            | "sergeant"
            | "colonel"
            | "major"
            | "general"
            | "president"
            | "prasident"
            | "presidente"
            | "minister"
            | "senator"
            | "sheikh"
            | "shaikh"
            | "sheik"
            | "shaykh"
            | "mullah"
            | "maulvi"
            | "haji"
            | "hajji"
            | "pan"
            | "pani"
            | "gospodin"
            | "gospoda"
            | "fru"
            | "hr"
            | "mevrouw"
            | "meneer"
            | "dhr"
            | "mevr"
            | "ir"
    )
}

// Only behind a title: "Phil" and "Nat" are names.
fn is_faculty(word: &str) -> bool {
    matches!(
        word,
        "med"
            | "dent"
            | "vet"
            | "rer"
            | "nat"
            | "jur"
            | "iur"
            | "phil"
            | "habil"
            | "techn"
            | "pol"
            | "oec"
            | "theol"
            | "hc"
            | "h"
            | "c"
            | "fh"
            | "tu"
            | "ssa"
            | "in"
    )
}

// After "O": the names that are written so.
fn is_irish(name: &str) -> bool {
    name.len() >= 4
}
