//! Finding the form of dates from examples. Where several forms fit and mean different days, none is chosen.

use chrono::{DateTime, NaiveDate, NaiveDateTime};

const DAYS: &[&str] = &["%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%Y/%m/%d", "%d-%m-%Y", "%Y%m%d"];

const TIMES: &[&str] = &[
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%m/%d/%Y %I:%M:%S %p",
    "%d/%m/%Y %I:%M:%S %p",
    "%m/%d/%Y %H:%M",
    "%d/%m/%Y %H:%M",
];

const NONE: &str = "no form of date fits all of its values";
const SEVERAL: &str = "day and month cannot be told apart from its values";
const EMPTY: &str = "the rows that were looked at have no value there";

/// The form that fits every value.
pub(super) fn day<'v>(values: impl Iterator<Item = &'v str>) -> Result<&'static str, &'static str> {
    let values: Vec<&str> = values.collect();
    let parse = |form: &str| -> Option<Vec<NaiveDate>> {
        values.iter().map(|value| NaiveDate::parse_from_str(value, form).ok()).collect()
    };
    choose(&values, DAYS, parse)
}

/// The function that reads every value as a point in time. Without a zone in the value, UTC is written into the map,
/// where it can be seen and changed.
pub(super) fn time<'v>(values: impl Iterator<Item = &'v str>) -> Result<String, &'static str> {
    let values: Vec<&str> = values.collect();
    if !values.is_empty() && values.iter().all(|value| DateTime::parse_from_rfc3339(value).is_ok()) {
        return Ok("rfc3339".to_owned());
    }
    let parse = |form: &str| -> Option<Vec<NaiveDateTime>> {
        values.iter().map(|value| NaiveDateTime::parse_from_str(value, form).ok()).collect()
    };
    let form = match choose(&values, TIMES, parse) {
        Err(NONE) => day(values.iter().copied())?,
        found => found?,
    };
    Ok(format!("datetime(\"{form}\", UTC)"))
}

fn choose<T: PartialEq>(
    values: &[&str],
    forms: &'static [&'static str],
    parse: impl Fn(&str) -> Option<Vec<T>>,
) -> Result<&'static str, &'static str> {
    if values.is_empty() {
        return Err(EMPTY);
    }
    let fitting: Vec<(&'static str, Vec<T>)> = forms.iter().filter_map(|form| Some((*form, parse(form)?))).collect();
    match fitting.as_slice() {
        [] => Err(NONE),
        [(form, first), others @ ..] if others.iter().all(|(_, other)| other == first) => Ok(form),
        _ => Err(SEVERAL),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_chosen_only_where_it_is_the_only_one() {
        assert_eq!(day(["03.01.2024", "14.12.2023"].into_iter()), Ok("%d.%m.%Y"));
        assert_eq!(day(["1/5/2024"].into_iter()), Err(SEVERAL));
        assert_eq!(day(["1/5/2024", "3/14/2009"].into_iter()), Ok("%m/%d/%Y"));
        assert_eq!(day(["5/5/2024"].into_iter()), Ok("%m/%d/%Y"), "both forms mean the same day");
        assert_eq!(day(["soon"].into_iter()), Err(NONE));
        assert_eq!(day([].into_iter()), Err(EMPTY));
        assert_eq!(time(["2009-03-14 09:05:00"].into_iter()).as_deref(), Ok("datetime(\"%Y-%m-%d %H:%M:%S%.f\", UTC)"));
        assert_eq!(time(["2026-09-20 14:03:11-07:00"].into_iter()).as_deref(), Ok("rfc3339"));
    }
}
