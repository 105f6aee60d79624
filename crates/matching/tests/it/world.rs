//! A small world of invented people, none of whose traits has to do with another.

use crate::party::record;
use onefold_matching::PartyRecord;
use serde_json::json;

const GIVEN: [&str; 12] =
    ["Ada", "Bruno", "Clara", "Dora", "Emil", "Frida", "Georg", "Hanna", "Ivo", "Jana", "Karl", "Lena"];

/// So many people, each in two systems: every `error`-th time another day of birth is on file.
pub(crate) fn people(count: usize, error: usize) -> Vec<PartyRecord> {
    let person = |source: &str, i: usize| {
        let trait_of = |salt: usize, of: usize| mixed(i * 8 + salt) % of;
        let day = if source == "support" && i.is_multiple_of(error) { 28 } else { 1 + trait_of(1, 27) };
        let (year, month) = (40 + trait_of(2, 60), 1 + trait_of(3, 12));
        record(
            source,
            &format!("p{i}"),
            json!({
                "givenName": GIVEN[trait_of(4, 12)], "familyName": word(trait_of(5, 400)),
                "email": format!("{}@{}.example", word(mixed(i * 8 + 6)), word(trait_of(7, 50))),
                "phone": format!("+43 1 {:07}", mixed(i * 8) % 10_000_000), "street": format!("Weg {}", i * 37 % 997),
                "birthDate": format!("19{year:02}-{month:02}-{day:02}")
            }),
        )
    };
    (0..count).flat_map(|i| [person("billing", i), person("support", i)]).collect()
}

/// A pronounceable word for a number.
fn word(number: usize) -> String {
    let mut number = mixed(number);
    let mut word = String::new();
    for _ in 0..4 {
        word.push(['b', 'd', 'f', 'g', 'k', 'l', 'm', 'n', 'r', 's', 't', 'w'][number % 12]);
        word.push(['a', 'e', 'i', 'o', 'u'][number / 12 % 5]);
        number /= 60;
    }
    word
}

/// A number that has nothing to do with its neighbours' (SplitMix64: Steele, Lea, Flood 2014).
fn mixed(number: usize) -> usize {
    let mixed = (number as u64).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    usize::try_from((mixed ^ mixed >> 27) >> 16).unwrap()
}
