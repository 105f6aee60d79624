//! A card as an object.

use super::line::{Property, parts, text};
use chrono::{DateTime, NaiveDateTime};
use serde_json::{Map, Value, json};

/// An entry of a list, and how much it is preferred: less is more.
type Ranked = (u32, Value);

pub(super) fn read(properties: Vec<Property>) -> Map<String, Value> {
    let mut card = Map::new();
    let mut lists: Vec<(&'static str, Vec<Ranked>)> =
        ["EMAIL", "TEL", "ADR"].into_iter().map(|name| (name, Vec::new())).collect();
    card.insert("VCARD".to_owned(), Value::from(""));
    card.insert("KIND".to_owned(), Value::from("individual"));
    for property in properties {
        let value = property.value.as_str();
        match property.name.as_str() {
            "VERSION" => drop(card.insert("VCARD".to_owned(), Value::from(value.trim()))),
            "KIND" => drop(card.insert("KIND".to_owned(), Value::from(value.trim().to_lowercase()))),
            // What Apple writes instead of KIND.
            "X-ABSHOWAS" if value.trim().eq_ignore_ascii_case("COMPANY") => {
                card.insert("KIND".to_owned(), Value::from("org"));
            }
            "N" => insert_parts(&mut card, "N", &["family", "given", "middle", "prefix", "suffix"], value),
            "ORG" => insert_parts(&mut card, "ORG", &["name", "unit"], value),
            "BDAY" => insert_first(&mut card, "BDAY", day(&text(value))),
            "REV" => insert_first(&mut card, "REV", time(&text(value))),
            "FN" | "UID" | "TITLE" | "ROLE" | "NICKNAME" | "NOTE" | "TZ" | "LANG" => {
                insert_first(&mut card, &property.name, text(value));
            }
            "CATEGORIES" => push_all(&mut card, "CATEGORIES", parts(value, ',')),
            name => match lists.iter_mut().find(|(known, _)| *known == name) {
                Some((_, list)) => list.extend(entry(&property).map(|entry| (rank(&property), entry))),
                None => push_all(&mut card, name, vec![text(value)]),
            },
        }
    }
    for (name, mut list) in lists {
        // Those that are preferred alike stay in their order.
        list.sort_by_key(|(rank, _)| *rank);
        if !list.is_empty() {
            card.insert(name.to_owned(), list.into_iter().map(|(_, value)| value).collect());
        }
    }
    card
}

/// What tells a card from others.
pub(super) fn key(card: &Map<String, Value>) -> String {
    let text = |name: &str| card.get(name).and_then(Value::as_str).unwrap_or_default();
    let first = |name: &str| card.get(name).and_then(|list| list.get(0)?.get("value")?.as_str()).unwrap_or_default();
    let uid = text("UID");
    if !uid.is_empty() {
        return uid.to_owned();
    }
    let part = |name: &str| card.get("N").and_then(|n| n.get(name)?.as_str()).unwrap_or_default().to_owned();
    let name = if text("FN").is_empty() { part("given") + " " + &part("family") } else { text("FN").to_owned() };
    let address = if first("EMAIL").is_empty() { first("TEL") } else { first("EMAIL") };
    format!("{} / {}", name.trim(), address.to_lowercase())
}

fn insert_first(card: &mut Map<String, Value>, name: &str, value: String) {
    if !value.is_empty() && !card.contains_key(name) {
        card.insert(name.to_owned(), Value::from(value));
    }
}

fn insert_parts(card: &mut Map<String, Value>, name: &str, names: &[&str], value: &str) {
    let found = named(names, value);
    if !found.is_empty() && !card.contains_key(name) {
        card.insert(name.to_owned(), Value::Object(found));
    }
}

fn push_all(card: &mut Map<String, Value>, name: &str, values: Vec<String>) {
    let list = card.entry(name).or_insert_with(|| json!([]));
    if let Value::Array(list) = list {
        list.extend(values.into_iter().filter(|value| !value.is_empty()).map(Value::from));
    }
}

/// The parts of a value by name; several values of a part are one text.
fn named(names: &[&str], value: &str) -> Map<String, Value> {
    let parts = parts(value, ';');
    let filled = names.iter().zip(parts).filter(|(_, part)| !part.is_empty());
    filled.map(|(name, part)| ((*name).to_owned(), Value::from(part))).collect()
}

fn rank(property: &Property) -> u32 {
    let stated = property.parameter("PREF").and_then(|text| text.trim().parse().ok());
    let is_preferred = property.types().iter().any(|word| word == "pref");
    stated.unwrap_or(if is_preferred { 1 } else { 1000 })
}

fn entry(property: &Property) -> Option<Value> {
    let types = property.types();
    let purpose = ["work", "home"].into_iter().find(|word| types.iter().any(|known| known == word));
    let mut entry = if property.name == "ADR" {
        let names = ["box", "extended", "street", "locality", "region", "postalCode", "country"];
        named(&names, &property.value)
    } else {
        let value = text(&property.value);
        let value = ["tel:", "mailto:"].into_iter().fold(value.as_str(), |value, scheme| {
            let is_scheme = value.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
            if is_scheme { &value[scheme.len()..] } else { value }
        });
        // What follows in the address of a telephone is an extension or a context.
        let value = value.split(';').next().unwrap_or_default().trim();
        if value.is_empty() { Map::new() } else { Map::from_iter([("value".to_owned(), Value::from(value))]) }
    };
    if entry.is_empty() {
        return None;
    }
    entry.extend(purpose.map(|word| ("purpose".to_owned(), Value::from(word))));
    entry.insert("types".to_owned(), Value::from(types));
    Some(Value::Object(entry))
}

/// `19850412`, `1985-04-12T00:00:00Z` and `--0412` as days with dashes. What is neither stays as it is.
fn day(text: &str) -> String {
    let date = text.split(['T', ' ']).next().unwrap_or_default();
    let digits: Vec<char> = date.chars().filter(|c| *c != '-').collect();
    let is_number = digits.iter().all(char::is_ascii_digit);
    let part = |range: std::ops::Range<usize>| digits[range].iter().collect::<String>();
    match (date.starts_with("--"), digits.len()) {
        (false, 8) if is_number => format!("{}-{}-{}", part(0..4), part(4..6), part(6..8)),
        (false, 6) if is_number => format!("{}-{}", part(0..4), part(4..6)),
        (true, 4) if is_number => format!("--{}-{}", part(0..2), part(2..4)),
        _ => text.to_owned(),
    }
}

/// `19951031T222710Z` as RFC 3339. A time without a zone, or what is no time, stays as it is.
fn time(text: &str) -> String {
    if DateTime::parse_from_rfc3339(text).is_ok() {
        return text.to_owned();
    }
    let parsed = NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%SZ");
    parsed.map_or_else(|_| text.to_owned(), |at| at.and_utc().to_rfc3339())
}
