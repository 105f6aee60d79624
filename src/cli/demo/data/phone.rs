//! Telephone numbers that ring nowhere: ranges kept for fiction, or where a country keeps none, numbers that begin
//! with a digit it does not hand out.
//!
//! Sources: NANPA 555-0100 to 0199; Ofcom, numbers for drama; Bundesnetzagentur, Mitteilung 148/2021; PTS, nummer för
//! böcker och film; Arcep, décision 2018-0881. Austria and Croatia keep no range: their numbers here begin with 0 behind
//! the area.

use std::collections::BTreeMap;

/// How a number is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    /// +44 20 7946 0018
    International,
    /// +442079460018
    Compact,
    /// +44 (0)20 7946-0018
    WithTrunk,
    /// 020 7946 0018
    National,
    /// 020.7946.0018, (202) 555-0118
    Local,
}

/// One telephone number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Number {
    country: &'static str,
    trunk: &'static str,
    groups: Vec<String>,
}

impl Number {
    pub(super) fn spelled(&self, spelling: Spelling) -> String {
        let Self { country, trunk, groups } = self;
        match spelling {
            Spelling::International => format!("+{country} {}", groups.join(" ")),
            Spelling::Compact => format!("+{country}{}", groups.concat()),
            Spelling::WithTrunk if trunk.is_empty() => format!("+{country}-{}", groups.join("-")),
            Spelling::WithTrunk => format!("+{country} ({trunk}){}", groups.join("-")),
            Spelling::National => format!("{trunk}{}", groups.join(" ")),
            Spelling::Local if trunk.is_empty() => format!("({}) {}", groups[0], groups[1..].join("-")),
            Spelling::Local => format!("{trunk}{}", groups.join(".")),
        }
    }
}

/// What a number is for; some countries have other ranges for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Line {
    Mobile,
    Fixed,
}

/// Hands out each number once.
#[derive(Debug, Default)]
pub(super) struct PhoneBook(BTreeMap<(&'static str, Line), usize>);

impl PhoneBook {
    /// The next number of a country; `None` where it has no range or the range is used up.
    pub(super) fn next(&mut self, region: &'static str, line: Line) -> Option<Number> {
        let used = self.0.entry((region, line)).or_default();
        let number = number(region, line, *used)?;
        *used += 1;
        Some(number)
    }
}

const US_AREAS: &[&str] = &[
    "202", "206", "212", "213", "214", "215", "216", "303", "305", "312", "313", "314", "404", "408", "410", "412",
    "415", "503", "504", "512", "602", "612", "614", "615", "617", "619", "702", "704", "713", "720", "718", "801",
    "803", "804", "808", "813", "816", "901", "919", "972",
];
const GB_FIXED: &[(&str, &str)] = &[
    ("20", "7946 0"),
    ("121", "496 0"),
    ("131", "496 0"),
    ("141", "496 0"),
    ("151", "496 0"),
    ("161", "496 0"),
    ("113", "496 0"),
    ("117", "496 0"),
];
const DE_FIXED: &[(&str, &str)] =
    &[("30", "23125"), ("40", "66969"), ("69", "90009"), ("221", "4710"), ("89", "99998")];
const SE_FIXED: &[(&str, &str)] = &[("8", "465 004"), ("31", "390 06"), ("40", "628 04"), ("980", "3192")];

/// Where both kinds share a range, mobile phones have its upper half.
fn upper_half(line: Line, half: usize) -> usize {
    match line {
        Line::Mobile => half,
        Line::Fixed => 0,
    }
}

/// Where a range is large its numbers do not come in a row: a run of zeros would look like a placeholder. Each comes once
/// because the factor shares no divisor with a power of ten.
fn scattered(n: usize, size: usize) -> Option<usize> {
    (n < size).then(|| (n * 7919 + 41_783) % size)
}

/// The `n`th number of a range; the areas take turns.
fn number(region: &'static str, line: Line, n: usize) -> Option<Number> {
    let area = |list: &[(&'static str, &'static str)], per_area: usize| {
        let (area, head) = *list.get(n % list.len())?;
        (n / list.len() < per_area).then_some((area, head, n / list.len()))
    };
    let (country, trunk, groups) = match (region, line) {
        ("US", line) => {
            let at = n / US_AREAS.len();
            let number = format!("01{:02}", at + upper_half(line, 50));
            ("1", "", (at < 50).then(|| vec![US_AREAS[n % US_AREAS.len()].to_owned(), "555".to_owned(), number])?)
        }
        // The range for mobile phones (07700 900) is not valid to libphonenumber.
        ("GB", line) => {
            let (area, head, at) = area(GB_FIXED, 500)?;
            let (first, second) = head.split_once(' ')?;
            let number = format!("{second}{:03}", at + upper_half(line, 500));
            ("44", "0", vec![area.to_owned(), first.to_owned(), number])
        }
        ("DE", line) => {
            let (area, head, at) = area(DE_FIXED, 500)?;
            ("49", "0", vec![area.to_owned(), format!("{head}{:03}", at + upper_half(line, 500))])
        }
        ("AT", Line::Mobile) => ("43", "0", vec!["660".to_owned(), format!("0{:06}", scattered(n, 1_000_000)?)]),
        ("AT", Line::Fixed) => ("43", "0", vec!["720".to_owned(), format!("0{:05}", scattered(n, 100_000)?)]),
        ("HR", Line::Mobile) => {
            let at = scattered(n, 1_000_000)?;
            ("385", "0", vec!["91".to_owned(), format!("0{:02}", at / 10_000), format!("{:04}", at % 10_000)])
        }
        ("HR", Line::Fixed) => {
            let at = scattered(n, 1_000_000)?;
            ("385", "0", vec!["1".to_owned(), format!("0{:03}", at / 1000), format!("{:03}", at % 1000)])
        }
        ("SE", Line::Mobile) => {
            ("46", "0", (n < 95).then(|| vec!["70".into(), "174".into(), "06".into(), format!("{:02}", n + 5)])?)
        }
        ("SE", Line::Fixed) => {
            let (area, head, at) = area(SE_FIXED, 100)?;
            ("46", "0", vec![area.to_owned(), format!("{}{at:02}", head.replace(' ', ""))])
        }
        ("FR", line) => {
            let (area, head) = if line == Line::Fixed { ("1", "9900") } else { ("2", "6191") };
            let digits = format!("{head}{n:04}");
            let pairs = (0..4).map(|pair| digits[pair * 2..pair * 2 + 2].to_owned());
            ("33", "0", (n < 10_000).then(|| std::iter::once(area.to_owned()).chain(pairs).collect())?)
        }
        _ => return None,
    };
    Some(Number { country, trunk, groups })
}

#[cfg(test)]
mod tests {
    use super::*;
    use onefold_model::Phone;

    #[test]
    fn every_spelling_of_a_number_reads_as_the_same_number() {
        for region in ["US", "GB", "DE", "AT", "HR", "SE", "FR"] {
            for line in [Line::Mobile, Line::Fixed] {
                let mut book = PhoneBook::default();
                let numbers: Vec<Number> = std::iter::from_fn(|| book.next(region, line)).take(120).collect();
                for number in numbers.iter().step_by(7) {
                    let compact = number.spelled(Spelling::Compact);
                    for spelling in [
                        Spelling::International,
                        Spelling::Compact,
                        Spelling::WithTrunk,
                        Spelling::National,
                        Spelling::Local,
                    ] {
                        let text = number.spelled(spelling);
                        let read = Phone::parse(&text, Some(region)).unwrap();
                        assert_eq!(read.e164.as_deref(), Some(compact.as_str()), "{text} in {region}");
                    }
                }
                assert!(numbers.len() >= 95, "{region} has only {} numbers", numbers.len());
            }
        }
    }

    #[test]
    fn no_number_is_handed_out_twice() {
        let mut book = PhoneBook::default();
        let mut seen = std::collections::BTreeSet::new();
        for region in ["US", "GB", "DE", "AT", "HR", "SE", "FR"] {
            for line in [Line::Mobile, Line::Fixed] {
                for number in std::iter::from_fn(|| book.next(region, line)).take(5000) {
                    assert!(seen.insert(number.spelled(Spelling::Compact)), "{number:?}");
                }
            }
        }
        assert_eq!(book.next("JP", Line::Mobile), None);
    }
}
