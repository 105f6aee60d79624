//! Names of persons: given, middle and family name, what friends say, and Jr. or Sr.
//!
//! Parts that a source gives are taken as they are (without titles and suffixes); parts that are missing are read from
//! the display name. Reading a display name is a guess by position; it never changes a part that was given.

use super::placeholder::is_placeholder_name;
use super::text::fold;
use crate::record::RecordText;

/// Which of several bearers of one name: `Jr.` and `Sr.`, `II` and `III`. 0 where nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, PartialOrd, Ord)]
pub(crate) struct Generation(u8);

impl Generation {
    /// Something is said.
    pub(crate) fn is_some(self) -> bool {
        self.0 != 0
    }

    /// The suffix with this word: senior and the first are one, junior and the second are one.
    fn of(word: &str) -> Self {
        Self(match word {
            "sr" | "snr" | "senior" | "i" => 1,
            "jr" | "jnr" | "junior" | "ii" | "2nd" => 2,
            "iii" | "3rd" => 3,
            "iv" | "4th" => 4,
            _ => 0,
        })
    }
}

/// A name in parts, folded; a missing part is empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct PersonName {
    /// Given name or names.
    pub(crate) given: String,
    /// Middle names or initials.
    pub(crate) middle: String,
    /// Family name with its particles.
    pub(crate) family: String,
    /// What friends say, where it is not the given name.
    pub(crate) alias: String,
    /// Jr. or Sr.
    pub(crate) generation: Generation,
}

/// What a field for given names says.
pub(crate) fn given_name(text: &str) -> PersonName {
    let mut name = PersonName::default();
    given_into(text, &mut name);
    name
}

/// What a field for family names says.
pub(crate) fn family_name(text: &str) -> PersonName {
    let mut name = PersonName::default();
    family_into(text, &mut name);
    name
}

/// What a field for middle names says.
pub(crate) fn middle_name(text: &str) -> String {
    without_placeholder(fold(text))
}

/// The name of a person in parts.
pub(crate) fn person_name(record: &RecordText<'_>) -> PersonName {
    let mut name = PersonName::default();
    let (given, family) = (record.given_name.trim(), record.family_name.trim());
    given_into(given, &mut name);
    family_into(family, &mut name);
    if !record.middle_name.is_empty() {
        name.middle = middle_name(record.middle_name);
    }
    if name.given.is_empty() || name.family.is_empty() {
        let shown = if record.display_name.contains('@') { "" } else { record.display_name };
        // A source with one name field often puts the whole name into it.
        let whole = [shown, given, family].into_iter().find(|text| text.trim().contains([' ', ',']));
        if let Some(whole) = whole.or((!shown.is_empty()).then_some(shown)) {
            complete(&mut name, read_display_name(whole));
        }
    }
    if !record.nickname.is_empty() {
        let alias = without_placeholder(fold(record.nickname));
        if name.given.is_empty() {
            name.given = alias;
        } else if alias != name.given {
            name.alias = alias;
        }
    }
    if !record.name_suffix.is_empty() {
        let generation = fold(record.name_suffix).split(' ').map(Generation::of).find(|g| g.is_some());
        name.generation = generation.unwrap_or(name.generation);
    }
    name
}

/// Reads a name that stands in one field: `Dr. Ada Maria King`, `King, Ada M.`, `William "Bill" Gates III`.
pub(crate) fn read_display_name(text: &str) -> PersonName {
    let (text, quoted) = without_quoted(text);
    let mut name = PersonName { alias: without_placeholder(fold(&quoted)), ..PersonName::default() };
    let mut parts = text.splitn(2, ',');
    let (before, after) = (fold(parts.next().unwrap_or("")), fold(parts.next().unwrap_or("")));
    let after_words: Vec<&str> = words(&after);
    let mut rest;
    if after_words.iter().any(|word| !is_suffix(word)) {
        // "King, Ada Maria": the family name comes first.
        family_into(&before, &mut name);
        rest = without_titles(after_words);
        take_suffixes(&mut rest, &mut name.generation);
    } else {
        rest = without_titles(words(&before));
        for word in after_words {
            let generation = Generation::of(word);
            name.generation = if generation.is_some() { generation } else { name.generation };
        }
        take_suffixes(&mut rest, &mut name.generation);
        if rest.len() >= 2 {
            let mut start = rest.len() - 1;
            while start > 1 && is_particle(rest[start - 1]) {
                start -= 1;
            }
            name.family = without_placeholder(rest.split_off(start).join(" "));
        }
    }
    if let Some((first, middle)) = rest.split_first() {
        name.given = without_placeholder((*first).to_owned());
        name.middle = middle.join(" ");
    }
    if is_placeholder_name(&before) && after.is_empty() {
        return PersonName::default();
    }
    name
}

fn given_into(text: &str, name: &mut PersonName) {
    let folded = fold(text);
    let mut parts = without_titles(words(&folded));
    take_suffixes(&mut parts, &mut name.generation);
    // "John A": a final initial is a middle name.
    while parts.len() > 1 && parts.last().is_some_and(|last| last.len() == 1) && parts[0].len() > 1 {
        name.middle = parts.pop().unwrap_or("").to_owned();
    }
    name.given = without_placeholder(parts.join(" "));
}

fn family_into(text: &str, name: &mut PersonName) {
    let folded = fold(text);
    let mut parts = words(&folded);
    take_suffixes(&mut parts, &mut name.generation);
    name.family = without_placeholder(parts.join(" "));
}

fn complete(name: &mut PersonName, read: PersonName) {
    if name.given.is_empty() && name.family.is_empty() {
        let middle = std::mem::take(&mut name.middle);
        *name = read;
        if !middle.is_empty() {
            name.middle = middle;
        }
        return;
    }
    // One part was given: the other is whatever the display name has besides it. A field that holds the whole name
    // is replaced by its parts.
    if name.family.is_empty() && !read.family.is_empty() {
        if name.given.contains(' ') {
            (name.given, name.middle) = (read.given, read.middle);
            name.family = read.family;
        } else if read.given == name.given {
            name.family = read.family;
        }
    } else if name.given.is_empty()
        && !read.given.is_empty()
        && (name.family.contains(' ') || read.family == name.family)
    {
        name.given = read.given;
        name.family = read.family;
        if name.middle.is_empty() {
            name.middle = read.middle;
        }
    }
    if name.alias.is_empty() {
        name.alias = read.alias;
    }
    if !name.generation.is_some() {
        name.generation = read.generation;
    }
}

fn words(folded: &str) -> Vec<&str> {
    folded.split(' ').filter(|word| !word.is_empty()).collect()
}

fn without_titles(mut words: Vec<&str>) -> Vec<&str> {
    while words.first().is_some_and(|first| is_title(first)) {
        words.remove(0);
    }
    words
}

fn take_suffixes(words: &mut Vec<&str>, generation: &mut Generation) {
    while words.len() > 1 && words.last().is_some_and(|last| is_suffix(last)) {
        let found = words.pop().map_or(Generation(0), Generation::of);
        *generation = if found.is_some() { found } else { *generation };
    }
}

fn without_placeholder(folded: String) -> String {
    // One letter is an initial, also "x".
    if folded.len() > 1 && is_placeholder_name(&folded) || folded.bytes().all(|b| b.is_ascii_digit()) {
        String::new()
    } else {
        folded
    }
}

// 'William "Bill" Gates', 'William (Bill) Gates'
fn without_quoted(text: &str) -> (String, String) {
    for (open, close) in [('"', '"'), ('(', ')'), ('\u{201c}', '\u{201d}')] {
        if let Some((before, rest)) = text.split_once(open)
            && let Some((inside, after)) = rest.split_once(close)
            && !before.trim().is_empty()
        {
            return (format!("{before} {after}"), inside.to_owned());
        }
    }
    (text.to_owned(), String::new())
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
            | "prof"
            | "professor"
            | "sir"
            | "lord"
            | "lady"
            | "rev"
            | "herr"
            | "frau"
            | "dipl"
            | "ing"
            | "mag"
            | "monsieur"
            | "madame"
            | "mme"
            | "mlle"
            | "senor"
            | "senora"
            | "sra"
            | "doctor"
            | "dott"
            | "captain"
            | "sgt"
    )
}

fn is_suffix(word: &str) -> bool {
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
        )
}

fn is_particle(word: &str) -> bool {
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
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> [String; 4] {
        let name = read_display_name(text);
        [name.given, name.middle, name.family, name.alias]
    }

    #[test]
    fn display_names_are_read_by_position() {
        assert_eq!(read("Dr. Ada Maria King"), ["ada", "maria", "king", ""]);
        assert_eq!(read("King, Ada M."), ["ada", "m", "king", ""]);
        assert_eq!(read("Ludwig van Beethoven"), ["ludwig", "", "van beethoven", ""]);
        assert_eq!(read("William \"Bill\" Gates III"), ["william", "", "gates", "bill"]);
        assert_eq!(read("Martin King, Jr."), ["martin", "", "king", ""]);
        assert_eq!(read("Madonna"), ["madonna", "", "", ""]);
        assert_eq!(read("n/a"), ["", "", "", ""]);
    }

    #[test]
    fn junior_and_senior_differ() {
        let jr = read_display_name("Martin King, Jr.").generation;
        let sr = read_display_name("Martin King Sr").generation;
        assert!(jr.is_some() && sr.is_some() && jr != sr);
        assert_eq!(jr, read_display_name("King Jr., Martin").generation);
    }

    #[test]
    fn missing_parts_come_from_the_display_name() {
        let name = person_name(&RecordText { display_name: "Ada King", family_name: "King", ..RecordText::PERSON });
        assert_eq!((name.given.as_str(), name.family.as_str()), ("ada", "king"));
        let name = person_name(&RecordText { given_name: "Dr. Ada King", ..RecordText::PERSON });
        assert_eq!((name.given.as_str(), name.family.as_str()), ("ada", "king"));
        let name = person_name(&RecordText {
            display_name: "ada@biller.example",
            given_name: "Unknown",
            ..RecordText::PERSON
        });
        assert_eq!(name, PersonName::default());
    }

    #[test]
    fn given_parts_win_over_the_display_name() {
        let name = person_name(&RecordText {
            display_name: "The Kings",
            given_name: "Mary Ann J.",
            family_name: "King-Hall Jr.",
            ..RecordText::PERSON
        });
        assert_eq!((name.given.as_str(), name.middle.as_str(), name.family.as_str()), ("mary ann", "j", "king hall"));
        assert!(name.generation.is_some());
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in ".{0,40}") {
            let _ = read_display_name(&text);
        }
    }
}
