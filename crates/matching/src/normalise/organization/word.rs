//! Words of organisations' names in one spelling: abbreviations, numbers, single letters.
//!
//! Does not translate: `Bank` and `Banque` stay two words.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Whether the word at this place only joins its neighbours, or is an article. Single letters join only between longer
/// words: `E Trade` begins with a letter.
pub(crate) fn is_joiner(words: &[&str], at: usize) -> bool {
    let is_inside = at > 0 && at + 1 < words.len();
    match words[at] {
        "and" | "und" | "the" => true,
        "et" | "og" | "och" | "ja" => is_inside,
        "y" | "e" | "i" | "a" | "n" => is_inside && words[at - 1].len() > 2 && words[at + 1].len() > 2,
        "die" | "der" | "das" | "firma" | "la" | "le" | "les" | "el" | "los" | "las" | "il" => {
            at == 0 && words.len() > 1
        }
        _ => false,
    }
}

/// Words that join parts of a name and are in thousands of names.
pub(crate) fn is_preposition(word: &str) -> bool {
    matches!(
        word,
        "of" | "for"
            | "in"
            | "at"
            | "on"
            | "to"
            | "de"
            | "la"
            | "le"
            | "les"
            | "du"
            | "des"
            | "di"
            | "del"
            | "della"
            | "da"
            | "do"
            | "dos"
            | "der"
            | "die"
            | "das"
            | "fur"
            | "im"
            | "am"
            | "von"
            | "van"
            | "voor"
            | "el"
            | "al"
    )
}

/// Single letters that follow one another as one word: `a b c` is `abc`.
pub(crate) fn letters_joined(words: &[&str]) -> Vec<String> {
    let mut joined: Vec<String> = Vec::with_capacity(words.len());
    let mut is_run = false;
    for word in words {
        let is_letter = word.len() == 1 && word.as_bytes()[0].is_ascii_alphabetic();
        match joined.last_mut() {
            Some(last) if is_run && is_letter => last.push_str(word),
            _ => joined.push((*word).to_owned()),
        }
        is_run = is_letter;
    }
    joined
}

/// The words with abbreviations written out and numbers in digits.
pub(crate) fn canonical(words: Vec<&str>) -> Vec<String> {
    let count = words.len();
    let mut out: Vec<String> = Vec::with_capacity(count);
    let mut tens = false;
    for (at, word) in words.into_iter().enumerate() {
        let digit =
            number(word).or_else(|| (at > 0 && (word.len() > 1 || at + 1 == count)).then(|| roman(word)).flatten());
        let text = digit.or_else(|| WORDS.get(word).copied()).unwrap_or(word);
        let is_unit = text.len() == 1 && text != "0" && text.as_bytes()[0].is_ascii_digit();
        // "forty four"
        match out.last_mut() {
            Some(last) if tens && is_unit => last.replace_range(1.., text),
            _ => out.push(text.to_owned()),
        }
        tens = text.len() == 2 && text.ends_with('0') && digit.is_some();
    }
    out
}

/// A word without the ending of the plural.
pub(crate) fn singular(word: &str) -> &str {
    match word.strip_suffix('s') {
        Some(stem) if stem.len() >= 4 && !stem.ends_with(['s', 'u', 'i']) => stem,
        _ => word,
    }
}

/// Whether this is how internet addresses of organisations end.
pub(crate) fn is_internet_ending(text: &str) -> bool {
    matches!(text.to_ascii_lowercase().as_str(), "com" | "net" | "org" | "io" | "biz" | "info")
}

fn number(word: &str) -> Option<&'static str> {
    Some(match word {
        "zero" => "0",
        "one" => "1",
        "two" => "2",
        "three" => "3",
        "four" => "4",
        "five" => "5",
        "six" => "6",
        "seven" => "7",
        "eight" => "8",
        "nine" => "9",
        "ten" => "10",
        "eleven" => "11",
        "twelve" => "12",
        "twenty" => "20",
        "thirty" => "30",
        "forty" | "fourty" => "40",
        "fifty" => "50",
        "sixty" => "60",
        "seventy" => "70",
        "eighty" => "80",
        "ninety" => "90",
        "first" => "1st",
        "second" => "2nd",
        "third" => "3rd",
        "fourth" => "4th",
        "fifth" => "5th",
        "sixth" => "6th",
        "seventh" => "7th",
        "eighth" => "8th",
        "ninth" => "9th",
        "tenth" => "10th",
        _ => return None,
    })
}

// Only behind a name: "II" of "Fund II", but "VI" and "IX" may be names.
fn roman(word: &str) -> Option<&'static str> {
    Some(match word {
        "i" => "1",
        "ii" => "2",
        "iii" => "3",
        "iv" => "4",
        "vi" => "6",
        "vii" => "7",
        "viii" => "8",
        _ => return None,
    })
}

static WORDS: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
    let lines = TABLE.lines().filter_map(|line| line.split_once(": "));
    lines.flat_map(|(word, short)| short.split_ascii_whitespace().map(move |short| (short, word))).collect()
});

// The word, then how it is shortened. A short form that is a word or a name of its own ("dist", "comm", "chem") is left.
const TABLE: &str = "\
academy: acad
administration: admin admn
agriculture: agri agric
american: amer
architects: archs
associates: assocs
association: assn assoc assoctn asso
authority: auth
brothers: bros
builders: bldrs
building: bldg bldng
center: centre cntr ctr centr
chemical: chem chemicals
college: coll
commission: commn
communication: communications comms commns
community: commty comnty
construction: constr constn
consulting: consltg
cooperative: coop
corporation: corpn
council: cncl
county: cnty
department: dept
development: devel devt dvlpmt
distribution: distrib distr
division: div
education: educ
electric: elec elect
electronics: elex
elementary: elem
engineering: engg engrg engr
enterprises: enterprise entps ents entpr
environmental: environ
equipment: equip eqpt
exchange: exch
federal: fedl
federation: fedn
finance: fin
foundation: fndn fdn fndtn found
general: gen genl
government: govt
group: grp gruppe
holding: holdings hldg hldgs
hospital: hosp hsptl
house: hse
industries: ind inds indus industry
information: info
institute: inst instit
insurance: ins insur insce
international: intl internatl internat
investment: invest investments invmt
laboratory: lab labs laboratories
library: libr
logistics: logis
machinery: mach
maintenance: maint
management: mgmt mgt mngmt
manufacturing: mfg mfrg manuf manufg
manufacturer: mfr manufr
marketing: mktg mkting
medical: med
memorial: meml
mount: mt
municipal: mun munic
national: natl
organization: org orgn organisation
pharmaceutical: pharma pharm pharmaceuticals
products: prod prods
production: prodn
professional: prof
properties: prop props property
publishing: publ pubg
railway: rly
real: rl
research: rsch
restaurant: rest restaurants rstrnt
road: rd
saint: st ste sankt sainte
school: schl sch
science: sci
service: services svc svcs serv srvc srvcs
society: soc
software: sw
solution: solutions soln solns
station: sta
street: str
superintendent: supt
supply: supplies
system: systems sys
technology: technologies tech techs technol
telecommunication: telecommunications telecom telecoms
trading: trdg
transportation: transport transp trans
university: univ
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_digits() {
        assert_eq!(canonical(vec!["forty", "four"]), ["44"]);
        assert_eq!(canonical(vec!["forty", "4"]), ["44"]);
        assert_eq!(canonical(vec!["40", "4"]), ["40", "4"]);
        assert_eq!(canonical(vec!["fund", "ii"]), ["fund", "2"]);
        assert_eq!(canonical(vec!["ii", "fund"]), ["ii", "fund"]);
        assert_eq!(canonical(vec!["twenty", "first"]), ["20", "1st"]);
    }

    #[test]
    fn a_plural_loses_its_ending_and_a_name_does_not() {
        assert_eq!(
            (singular("systems"), singular("glass"), singular("airbus"), singular("ubs")),
            ("system", "glass", "airbus", "ubs")
        );
    }

    #[test]
    fn written_out_words_are_no_abbreviations() {
        for word in WORDS.values() {
            assert!(!WORDS.contains_key(word), "{word} would be written out again");
        }
    }
}
