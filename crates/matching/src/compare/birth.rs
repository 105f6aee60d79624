//! Dates of birth. Typing errors, exchanged day and month, defaults in place of an unknown day, and dates with gaps.

use super::{Level, NOBODY, Outcome};
use crate::normalise::{Birth, Row};
use crate::values::ValueId;
use crate::weigh::{Column, Counts};

/// Two dates of birth.
pub(crate) fn births(counts: &Counts, a: &Row, b: &Row) -> Outcome {
    let level = level(a.birth, b.birth);
    let holders = if level == Level::Exact { counts.of(Column::BirthDate, a.birth_value) } else { NOBODY };
    Outcome { holders, ..Outcome::new(level, ValueId::NONE, ValueId::NONE) }
}

fn level(a: Birth, b: Birth) -> Level {
    if !a.is_some() || !b.is_some() {
        return Level::Missing;
    }
    if !a.is_full() || !b.is_full() {
        return level_with_gaps(a, b);
    }
    if a == b {
        return Level::Exact;
    }
    let same_year = a.year() == b.year();
    let exchanged = same_year && a.month() == b.day() && a.day() == b.month();
    let is_default = |date: Birth| date.month() == 1 && date.day() == 1;
    if exchanged
        || same_year && (is_default(a) || is_default(b))
        || may_be_one_edit(a, b) && is_one_edit(a.digits(), b.digits())
    {
        Level::Near
    } else if same_year {
        Level::SameYear
    } else {
        Level::Different
    }
}

fn level_with_gaps(a: Birth, b: Birth) -> Level {
    let parts = [(a.year(), b.year()), (a.month(), b.month()), (a.day(), b.day())];
    let known = || parts.iter().filter(|(left, right)| *left != 0 && *right != 0);
    if known().next().is_none() {
        Level::Missing
    } else if known().all(|(left, right)| left == right) {
        Level::Partial
    } else if a.year() == b.year() && a.year() != 0 {
        Level::SameYear
    } else {
        Level::Different
    }
}

/// Whether the difference of the two numbers is one that a replaced digit or two exchanged neighbours can make: up to 9,
/// or up to nine nines, and zeros behind. Spares most pairs the digits.
fn may_be_one_edit(a: Birth, b: Birth) -> bool {
    let mut difference = a.packed().abs_diff(b.packed());
    while difference >= 10 && difference.is_multiple_of(10) {
        difference /= 10;
    }
    difference <= 81
}

/// One digit replaced, or two neighbours exchanged.
fn is_one_edit(a: [u32; 8], b: [u32; 8]) -> bool {
    let mut differing = (0..8).filter(|&i| a[i] != b[i]);
    match (differing.next(), differing.next(), differing.next()) {
        (Some(_), None, _) => true,
        (Some(i), Some(j), None) => j == i + 1 && a[i] == b[j] && a[j] == b[i],
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(a: &str, b: &str) -> Level {
        let birth = |text: &str| Birth::new(Some(text.parse().unwrap()));
        assert_eq!(level(birth(a), birth(b)), level(birth(b), birth(a)));
        level(birth(a), birth(b))
    }

    #[test]
    fn the_difference_never_hides_an_edit() {
        for a in (19_000_101..20_001_231).step_by(7919) {
            for b in (19_000_101..20_001_231).step_by(7907) {
                let (a, b) = (Birth::of_packed(a), Birth::of_packed(b));
                assert!(may_be_one_edit(a, b) || !is_one_edit(a.digits(), b.digits()), "{a:?} {b:?}");
            }
        }
        for place in 0..7 {
            for (high, low) in (0..10).flat_map(|high| (0..10).map(move |low| (high, low))) {
                let tens = 10u32.pow(place);
                let (a, b) = ((10 * high + low) * tens, (10 * low + high) * tens);
                assert!(may_be_one_edit(Birth::of_packed(a), Birth::of_packed(b)));
                assert!(may_be_one_edit(Birth::of_packed(high * tens), Birth::of_packed(low * tens)));
            }
        }
    }

    #[test]
    fn errors_that_people_make_are_near() {
        assert_eq!(of("1984-03-07", "1984-03-07"), Level::Exact);
        assert_eq!(of("1984-03-07", "1984-07-03"), Level::Near);
        assert_eq!(of("1984-03-07", "1985-03-07"), Level::Near);
        assert_eq!(of("1984-03-07", "1948-03-07"), Level::Near);
        assert_eq!(of("1984-03-07", "1984-01-01"), Level::Near);
        assert_eq!(of("1984-03-07", "1984-11-25"), Level::SameYear);
        assert_eq!(of("1984-03-07", "1957-11-25"), Level::Different);
    }

    #[test]
    fn gaps_are_not_disagreements() {
        assert_eq!(of("1984", "1984-03-07"), Level::Partial);
        assert_eq!(of("--03-07", "1984-03-07"), Level::Partial);
        assert_eq!(of("--03-07", "1984"), Level::Missing);
        assert_eq!(of("--03-08", "1984-03-07"), Level::Different);
    }
}
