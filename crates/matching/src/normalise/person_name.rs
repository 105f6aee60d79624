//! Names of persons: given, middle and family name, what friends say, and Jr. or Sr.
//!
//! Parts that a source gives are taken as they are (without titles and suffixes); parts that are missing are read from
//! the display name. Reading a display name is a guess by position, by capitals (`TROOST Niels`) and by a few surnames
//! that tell their order; it never changes a part that was given.

mod script;
mod word;

use super::placeholder::is_placeholder_name;
use super::text::fold;
use crate::record::RecordText;
use word::{is_iberian_surname, is_particle, is_suffix, is_vietnamese_surname, spelled, take_suffixes, without_titles};

/// Which of several bearers of one name: `Jr.` and `Sr.`, `II` and `III`. 0 where nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, PartialOrd, Ord)]
pub(crate) struct Generation(u8);

impl Generation {
    /// A number for each; 0 for none.
    pub(crate) fn number(self) -> u64 {
        u64::from(self.0)
    }

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
    if let Some((family, given)) = script::family_first(&text) {
        return PersonName { given: fold(&given).replace(' ', ""), family: fold(&family), ..PersonName::default() };
    }
    let text = script::spaced(&text);
    let mut name = PersonName { alias: without_placeholder(fold(&quoted)), ..PersonName::default() };
    if let Some((family, given)) = script::family_in_capitals(&text) {
        family_into(&family, &mut name);
        given_into(&given, &mut name);
        if let Some((first, middle)) = name.given.clone().split_once(' ').filter(|_| name.middle.is_empty()) {
            (name.given, name.middle) = (first.to_owned(), middle.to_owned());
        }
        return name;
    }
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
            if rest.len() >= 3 && is_vietnamese_surname(rest[0]) && !is_vietnamese_surname(rest[start]) {
                // "Nguyen Van An"
                rest.rotate_left(1);
                let last = rest.len() - 2;
                rest[..=last].rotate_right(1);
                start = rest.len() - 1;
            } else {
                // "Gabriel Garcia Marquez" has two family names.
                if start > 1 && is_iberian_surname(rest[start - 1]) {
                    start -= 1;
                }
                while start > 1 && is_particle(rest[start - 1]) {
                    start -= 1;
                }
            }
            name.family = without_placeholder(spelled(&rest.split_off(start)).join(" "));
        }
    }
    if let Some((first, middle)) = spelled(&rest).split_first() {
        name.given = without_placeholder(first.clone());
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
    loop {
        let before = parts.len();
        take_suffixes(&mut parts, &mut name.generation);
        // "John A": a final initial is a middle name.
        while parts.len() > 1 && parts.last().is_some_and(|last| last.len() == 1) && parts[0].len() > 1 {
            name.middle = parts.pop().unwrap_or("").to_owned();
        }
        if parts.len() == before {
            break;
        }
    }
    let given = spelled(&parts).join(" ");
    // Parts that are written together now may be followed by an initial that was none before.
    if given.len() < folded.len()
        && parts.len() > 1
        && parts[0].len() == 1
        && !given.starts_with(&format!("{} ", parts[0]))
    {
        return given_into(&given, name);
    }
    name.given = without_placeholder(given);
}

fn family_into(text: &str, name: &mut PersonName) {
    let folded = fold(text);
    let mut parts = words(&folded);
    take_suffixes(&mut parts, &mut name.generation);
    name.family = without_placeholder(spelled(&parts).join(" "));
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
        assert_eq!(read("Univ.-Prof. Dr. med. Ada King, MSc"), ["ada", "", "king", ""]);
        assert_eq!(read("Prof. Dr. h.c. Ada King"), ["ada", "", "king", ""]);
        assert_eq!(read("Señora Ada King Ph.D."), ["ada", "", "king", ""]);
        assert_eq!(read("AdaKing"), ["ada", "", "king", ""]);
        assert_eq!(read("Ada McDonald"), ["ada", "", "mcdonald", ""]);
        assert_eq!(read("McDonald"), ["mcdonald", "", "", ""]);
    }

    #[test]
    fn names_of_many_countries_are_read_in_their_order() {
        assert_eq!(read("Gabriel García Márquez"), ["gabriel", "", "garcia marquez", ""]);
        assert_eq!(read("Ana María de la Cruz"), ["ana", "maria", "de la cruz", ""]);
        assert_eq!(read("Niels Oscar TROOST"), ["niels", "oscar", "troost", ""]);
        assert_eq!(read("RAZAFIMAHATRATRA Jean Daniel"), ["jean", "daniel", "razafimahatratra", ""]);
        assert_eq!(read("ADA KING"), ["ada", "", "king", ""]);
        assert_eq!(read("Nguyễn Văn An"), ["an", "van", "nguyen", ""]);
        assert_eq!(read("习近平"), ["jinping", "", "xi", ""]);
        assert_eq!(read("Владимир Путин"), ["vladimir", "", "putin", ""]);
        assert_eq!(read("Mohammed bin Salman"), ["mohammed", "", "bin salman", ""]);
        assert_eq!(read("Abd al-Rahman King"), read("Abdul Rahman King"));
        assert_eq!(read("Κυριάκος Μητσοτάκης")[0], "kyriakos");
    }

    #[test]
    fn hyphens_spaces_and_apostrophes_are_one() {
        let family = |text: &str| family_name(text).family;
        assert_eq!(family("O'Brien"), family("O Brien"));
        assert_eq!(family("O\u{2019}Brien"), family("OBrien"));
        assert_eq!(family("Mc Donald"), family("McDonald"));
        assert_eq!(family("D'Angelo"), family("d Angelo"));
        assert_eq!(family("Saint John"), family("St. John"));
        assert_eq!(family("King-Hall"), family("King Hall"));
        assert_eq!(family("Ibn Saud"), family("bin Saud"));
        assert_eq!(given_name("Jean-Claude").given, given_name("Jean Claude").given);
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

        #[test]
        fn a_part_that_was_read_reads_as_itself(text in "\\PC{0,24}|((Dr|von|Abd|al|O|Mc|St|Ada|King|ibn|Jr|M)[ .'-]{1,2}){0,5}") {
            let once = given_name(&text).given;
            prop_assert_eq!(&given_name(&once).given, &once);
            let once = family_name(&text).family;
            prop_assert_eq!(&family_name(&once).family, &once);
        }
    }
}
