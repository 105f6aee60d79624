//! Words of addresses: kinds of streets, units, floors, directions and ordinals in several languages.

use crate::values::Values;
use std::sync::LazyLock;

/// Whether this is a number in a row: `7th`.
pub(super) fn is_ordinal(token: &str) -> bool {
    token.as_bytes()[0].is_ascii_digit()
        && ["st", "nd", "rd", "th"].iter().any(|end| token.len() > 2 && token.ends_with(end))
}

/// A number in a row that is written as a word.
pub(super) fn ordinal(token: &str) -> Option<&'static str> {
    Some(match token {
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
        "eleventh" => "11th",
        "twelfth" => "12th",
        _ => return None,
    })
}

/// A direction as one or two letters.
pub(super) fn direction(token: &str) -> Option<&'static str> {
    Some(match token {
        "north" => "n",
        "south" => "s",
        "east" => "e",
        "west" => "w",
        "northeast" => "ne",
        "northwest" => "nw",
        "southeast" => "se",
        "southwest" => "sw",
        _ => return None,
    })
}

/// Whether this is a direction in letters.
pub(super) fn is_direction(word: &str) -> bool {
    matches!(word, "n" | "s" | "e" | "w" | "ne" | "nw" | "se" | "sw")
}

/// Whether the word before it names a storey.
pub(super) fn is_floor(token: &str) -> bool {
    matches!(token, "floor" | "fl" | "flr" | "stock" | "stiege" | "og" | "etage" | "level" | "piso" | "piano")
}

/// Words of a list. Most others are told from them by their first letter and their length.
struct Words {
    list: Values,
    /// By the lower five bits of the first letter: a bit for each length.
    lengths: [u32; 32],
}

impl Words {
    fn of(text: &str) -> Self {
        let mut lengths = [0; 32];
        for word in text.split_ascii_whitespace() {
            lengths[first_letter(word)] |= length(word);
        }
        Self { list: text.split_ascii_whitespace().collect(), lengths }
    }

    fn has(&self, word: &str) -> bool {
        self.lengths[first_letter(word)] & length(word) != 0 && self.list.find(word).is_some()
    }
}

fn first_letter(word: &str) -> usize {
    word.bytes().next().map_or(0, |byte| usize::from(byte & 31))
}

/// A bit for the length; the last one for all that are longer.
fn length(word: &str) -> u32 {
    1 << word.len().min(31)
}

/// Whether the word behind it is a unit.
pub(super) fn is_unit_word(token: &str) -> bool {
    UNIT_WORDS.has(token)
}

static UNIT_WORDS: LazyLock<Words> = LazyLock::new(|| {
    Words::of(
        "apt apartment unit flat suite ste room rm top stiege whg app floor fl level bldg building block lot \
    office door tur wohnung piso puerta depto dpto bat batiment lgh interno scala kv byt",
    )
});

/// A street without its kind, where both are one word: `Hauptstraße`, `Hauptstr.`, `Storgatan`.
pub(super) fn street_stem(token: &str) -> &str {
    for end in ["strasse", "str", "gasse", "weg", "platz", "allee", "straat", "laan", "gatan", "vagen"] {
        if let Some(stem) = token.strip_suffix(end)
            && stem.len() >= 3
        {
            return stem;
        }
    }
    token
}

/// Whether a word says only what kind of street it is.
pub(super) fn is_street_type(word: &str) -> bool {
    STREET_TYPES.has(word)
}

static STREET_TYPES: LazyLock<Words> = LazyLock::new(|| {
    Words::of(
        "street st avenue ave av road rd lane ln drive dr court ct crt boulevard blvd bd place pl close cl way wy \
    terrace tce ter crescent cres cr circuit cct circle cir parade pde square sq highway hwy parkway pkwy \
    grove gr trail trl loop row mews strasse str gasse weg platz allee rue chemin impasse calle avenida avda \
    plaza paseo via viale piazza corso rua route quai cours carrer carretera ctra camino c strada largo \
    vicolo travessa praca estrada straat laan gata gatan vagen vej gade ul ulica ulice ulitsa aleja prospekt \
    trg namesti streets sts nr no",
    )
});
