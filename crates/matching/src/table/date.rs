//! Days as people write them. The form of a column is found from its values, because 03/04/1984 alone says too little.

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use onefold_model::{PartialDate, Timestamp};

/// How the dates of a column are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DateForm(usize);

/// Of forms that read as many values, the earlier one is chosen: a month before a day only where the values say so, but
/// with slashes, where most exports are American.
const FORMS: [&str; 14] = [
    "%Y-%m-%d",
    "%Y%m%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%d.%m.%Y",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%d %b %Y",
    "%d-%b-%Y",
    "%b %d, %Y",
    "%d%m%Y",
    "%m%d%Y",
];

/// The form that reads most of the values, and how many it reads.
pub(super) fn form_of(values: &[&str]) -> Option<(DateForm, usize)> {
    let signs: Vec<u8> = values.iter().map(|value| signs_of(without_time(value))).collect();
    let read = |place: usize| {
        let needed = signs_needed(FORMS[place]);
        let may_be = values.iter().zip(&signs).filter(|(_, signs)| **signs & needed == needed);
        may_be.filter(|(value, _)| day(value, DateForm(place)).is_some()).count()
    };
    let counts = (0..FORMS.len()).map(|place| (DateForm(place), read(place)));
    counts.filter(|(_, count)| *count > 0).max_by_key(|(form, count)| (*count, std::cmp::Reverse(form.0)))
}

/// Signs that stand in a form as they are.
const SIGNS: [u8; 4] = [b'-', b'/', b'.', b','];
/// Beside a bit for each of [`SIGNS`].
const DIGITS: u8 = 1 << 4;
const LETTERS: u8 = 1 << 5;

/// What a text has of the signs of dates, as bits: most texts of a table are no dates, and need no reading to tell.
fn signs_of(text: &str) -> u8 {
    let (mut signs, mut digits) = (0, 0);
    for byte in text.bytes() {
        if byte.is_ascii_digit() {
            digits += 1;
        } else if byte.is_ascii_alphabetic() {
            signs |= LETTERS;
        } else if let Some(place) = SIGNS.iter().position(|sign| *sign == byte) {
            signs |= 1 << place;
        }
    }
    // Four of the year and one of the day, where the month is a word.
    if digits >= 5 { signs | DIGITS } else { signs }
}

/// What every date in a form has.
fn signs_needed(pattern: &str) -> u8 {
    let signs = (0..SIGNS.len()).filter(|&place| pattern.as_bytes().contains(&SIGNS[place]));
    let month = if pattern.contains("%b") { LETTERS } else { 0 };
    signs.fold(DIGITS | month, |needed, place| needed | 1 << place)
}

/// A whole date in the given form. What follows the day (a time) is left out.
pub(super) fn day(text: &str, form: DateForm) -> Option<NaiveDate> {
    let pattern = FORMS[form.0];
    let text = without_time(text);
    // `%Y%m%d` would read five or six digits too.
    if !pattern.contains([' ', '-', '/', '.']) && (text.len() != 8 || !text.bytes().all(|b| b.is_ascii_digit())) {
        return None;
    }
    let day = match iso_parts(text) {
        // What most exports write is read without the cost of a pattern.
        Some((year, month, day)) if form.0 == 0 => NaiveDate::from_ymd_opt(year, month, day)?,
        _ => NaiveDate::parse_from_str(text, pattern).ok()?,
    };
    // A year of two digits reads as one of the first century.
    (chrono::Datelike::year(&day) >= 1000 && chrono::Datelike::year(&day) <= 9999).then_some(day)
}

/// Year, month and day of a text that is eight digits with `-` where the first of [`FORMS`] has it.
fn iso_parts(text: &str) -> Option<(i32, u32, u32)> {
    let is_iso = text.len() == 10
        && text.bytes().enumerate().all(|(at, b)| if matches!(at, 4 | 7) { b == b'-' } else { b.is_ascii_digit() });
    if !is_iso {
        return None;
    }
    Some((text[..4].parse().ok()?, text[5..7].parse().ok()?, text[8..].parse().ok()?))
}

fn without_time(text: &str) -> &str {
    let text = text.trim();
    let rest = text.get(10..).unwrap_or_default();
    let is_time = rest.starts_with(['T', ' ']) && rest[1..].starts_with(|c: char| c.is_ascii_digit());
    if is_time { &text[..10] } else { text }
}

/// A date of birth: in the form of the column, else with gaps as ISO 8601 writes them. `None` for what is no day.
pub(super) fn birth(text: &str, form: Option<DateForm>) -> Option<PartialDate> {
    let whole = form.and_then(|form| day(text, form)).map(PartialDate::from);
    whole.or_else(|| without_time(text).parse().ok())
}

/// A point in time; a day is its first moment in UTC.
pub(super) fn moment(text: &str, form: Option<DateForm>) -> Option<Timestamp> {
    // Every form with a time has one; most texts need no reading to tell.
    let has_time = text.contains(':');
    if let Some(time) = has_time.then(|| DateTime::parse_from_rfc3339(text).ok()).flatten() {
        return Some(time.to_utc());
    }
    let local = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M"];
    let mut local = local.iter().filter(|_| has_time);
    let local = local.find_map(|pattern| NaiveDateTime::parse_from_str(text, pattern).ok());
    let local = local.or_else(|| form.and_then(|form| day(text, form)).map(|day| day.and_time(chrono::NaiveTime::MIN)));
    local.map(|local| local.and_utc())
}

/// Year, month and day from columns of their own.
pub(super) fn birth_of_parts(year: &str, month: &str, day: &str) -> Option<PartialDate> {
    let number = |text: &str| text.strip_suffix(".0").unwrap_or(text).parse::<u32>().ok();
    let year = number(year).and_then(|year| i32::try_from(year).ok());
    let (month, day) = (number(month), number(day));
    PartialDate::new(year, month, day).or_else(|| PartialDate::new(year, month, None)).or_else(|| {
        let year = year?;
        PartialDate::new(Some(year), None, None)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_short_way_reads_what_the_pattern_reads(text in "[0-9]{4}-[01][0-9]-[0-3][0-9]|[0-9-]{8,11}") {
            let by_pattern = NaiveDate::parse_from_str(&text, FORMS[0]).ok();
            let by_pattern = by_pattern.filter(|day| (1000..=9999).contains(&chrono::Datelike::year(day)));
            prop_assert_eq!(day(&text, DateForm(0)), by_pattern);
        }
    }

    proptest! {
        #[test]
        fn no_date_lacks_the_signs_of_its_form(
            text in "[ +]?[0-9]{1,4}[-/. ]{0,2}([0-9]{1,2}|Mar|jan )[-/., ]{0,2}[0-9]{1,4}|[A-Z][a-z]{2} [0-9]{1,2}, [0-9]{4}",
        ) {
            for (place, form) in FORMS.iter().enumerate() {
                if day(&text, DateForm(place)).is_some() {
                    let needed = signs_needed(form);
                    prop_assert_eq!(signs_of(without_time(&text)) & needed, needed);
                }
            }
        }
    }

    fn read(values: &[&str]) -> Vec<String> {
        let form = form_of(values).map(|(form, _)| form);
        values.iter().map(|value| birth(value, form).map_or_else(String::new, |date| date.to_string())).collect()
    }

    #[test]
    fn the_form_of_a_column_is_found_from_its_values() {
        assert_eq!(read(&["19081209", "19990219", "19081309"]), ["1908-12-09", "1999-02-19", ""]);
        assert_eq!(read(&["3/4/1984", "12/31/1990"]), ["1984-03-04", "1990-12-31"]);
        assert_eq!(read(&["3/4/1984", "31/12/1990"]), ["1984-04-03", "1990-12-31"]);
        assert_eq!(read(&["07.03.1984", "1984"]), ["1984-03-07", "1984"]);
        assert_eq!(read(&["1984-03-07 00:00:00", "1984-03"]), ["1984-03-07", "1984-03"]);
        assert_eq!(read(&["7 Mar 1984", "Mar 7, 1984"]), ["1984-03-07", ""]);
        assert_eq!(read(&["no date", "12345", "7/3/84"]), ["", "", ""]);
    }

    #[test]
    fn parts_of_a_date_become_as_much_of_it_as_there_is() {
        let text = |y, m, d| birth_of_parts(y, m, d).map(|date| date.to_string());
        assert_eq!(text("1984", "3", "7").as_deref(), Some("1984-03-07"));
        assert_eq!(text("1984.0", "", "").as_deref(), Some("1984"));
        assert_eq!(text("1984", "2", "31").as_deref(), Some("1984-02"));
        assert_eq!(text("", "", ""), None);
    }
}
