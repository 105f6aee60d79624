//! The fields of a party of which a customer shows one value.

use super::candidate::Candidate;
use crate::normalise::{self, is_placeholder_name};
use crate::record::PartyRecord;
use onefold_model::{Party, Timestamp};
use serde_json::Value;

/// A field and how its values are read.
pub(crate) struct Field {
    /// The name in the standardised party.
    pub(crate) path: &'static str,
    read: fn(&Party) -> Vec<Said>,
}

/// What a record says in a field.
struct Said {
    value: Value,
    key: String,
    is_placeholder: bool,
    verified: u32,
    completeness: u32,
}

/// The parts of a person's name, which should come from one record. The whole name is not among them: it is one value, and
/// the record that spells it best often does not tell its parts.
pub(crate) const NAME_FIELDS: [&str; 5] = ["givenName", "middleName", "familyName", "namePrefix", "nameSuffix"];

/// Every field, in the order of the standardised party.
pub(crate) const FIELDS: [Field; 17] = [
    Field { path: "displayName", read: |party| name(party.display_name.as_ref()) },
    Field { path: "givenName", read: |party| name(party.given_name.as_ref()) },
    Field { path: "middleName", read: |party| name(party.middle_name.as_ref()) },
    Field { path: "familyName", read: |party| name(party.family_name.as_ref()) },
    Field { path: "namePrefix", read: |party| text(party.name_prefix.as_ref()) },
    Field { path: "nameSuffix", read: |party| text(party.name_suffix.as_ref()) },
    Field { path: "nickname", read: |party| name(party.nickname.as_ref()) },
    Field { path: "legalName", read: |party| name(party.legal_name.as_ref()) },
    Field { path: "company", read: |party| name(party.company.as_ref()) },
    Field { path: "employer", read: employer },
    Field { path: "jobTitle", read: |party| text(party.job_title.as_ref()) },
    Field { path: "birthDate", read: birth_date },
    Field { path: "language", read: |party| text(party.language.as_ref()) },
    Field { path: "timeZone", read: |party| exact(party.time_zone.as_ref()) },
    Field { path: "email", read: emails },
    Field { path: "phone", read: phones },
    Field { path: "address", read: addresses },
];

impl Field {
    /// What a record says in this field, in its order.
    pub(crate) fn candidates(&self, record: &PartyRecord) -> Vec<Candidate> {
        (self.read)(&record.party).into_iter().map(|said| candidate(record, said)).collect()
    }
}

/// Given and family name of a record together, where it has both.
pub(crate) fn whole_name(record: &PartyRecord) -> Option<Candidate> {
    let (given, family) = (record.party.given_name.as_ref()?, record.party.family_name.as_ref()?);
    let (given, family) = (name(Some(given)).pop()?, name(Some(family)).pop()?);
    if given.is_placeholder || family.is_placeholder {
        return None;
    }
    let said = Said {
        value: Value::Null,
        key: format!("{} {}", given.key, family.key),
        is_placeholder: false,
        verified: 0,
        // An initial says less than a name, so that one long part does not make up for it.
        completeness: given.completeness.min(8) + family.completeness.min(8),
    };
    Some(candidate(record, said))
}

fn candidate(record: &PartyRecord, said: Said) -> Candidate {
    Candidate {
        value: said.value,
        key: said.key,
        record: record.id,
        source: record.source,
        said_at: said_at(record),
        is_placeholder: said.is_placeholder,
        verified: said.verified,
        completeness: said.completeness,
    }
}

/// When the record was last said to be so, by its own facts. When it arrived does not count: the same records in another
/// order would make other values.
fn said_at(record: &PartyRecord) -> Option<Timestamp> {
    record.updated_at.or(record.party.updated_at).or(record.party.created_at)
}

fn name(field: Option<&String>) -> Vec<Said> {
    let mut said = text(field);
    for said in &mut said {
        said.is_placeholder = is_placeholder_name(&said.key) && said.key.len() > 1;
    }
    said
}

fn text(field: Option<&String>) -> Vec<Said> {
    said_text(field, normalise::fold)
}

fn exact(field: Option<&String>) -> Vec<Said> {
    said_text(field, str::to_owned)
}

fn said_text(field: Option<&String>, key_of: fn(&str) -> String) -> Vec<Said> {
    let Some(text) = field.filter(|text| !text.trim().is_empty()) else { return Vec::new() };
    let key = key_of(text.trim());
    let length = u32::try_from(key.len()).unwrap_or(u32::MAX / 2);
    let is_mixed = text.chars().any(char::is_lowercase) && text.chars().any(char::is_uppercase);
    vec![Said {
        value: Value::String(text.clone()),
        // A text of other signs folds to nothing and is then its own key.
        key: if key.is_empty() { text.clone() } else { key },
        is_placeholder: false,
        verified: 0,
        completeness: length.min(1 << 20) * 2 + u32::from(is_mixed),
    }]
}

fn birth_date(party: &Party) -> Vec<Said> {
    let Some(date) = party.birth_date else { return Vec::new() };
    let known = [date.year().is_some(), date.month().is_some(), date.day().is_some()];
    vec![Said {
        value: Value::String(date.to_string()),
        key: date.to_string(),
        is_placeholder: !normalise::Birth::new(Some(date)).is_some(),
        verified: 0,
        completeness: known.into_iter().map(u32::from).sum(),
    }]
}

fn employer(party: &Party) -> Vec<Said> {
    let value = party.employer.as_ref().and_then(|employer| serde_json::to_value(employer).ok());
    value
        .map(|value| Said { key: value.to_string(), value, is_placeholder: false, verified: 0, completeness: 1 })
        .into_iter()
        .collect()
}

fn emails(party: &Party) -> Vec<Said> {
    let said = |email: &onefold_model::Email| {
        let mailbox = normalise::mailbox(&email.address);
        Said {
            value: Value::String(email.address.clone()),
            is_placeholder: mailbox.is_none(),
            key: mailbox.map_or_else(|| email.address.clone(), |mailbox| mailbox.address),
            verified: if email.verified { 2 } else { u32::from(email.primary) },
            completeness: 1,
        }
    };
    party.emails.iter().map(said).collect()
}

fn phones(party: &Party) -> Vec<Said> {
    let said = |phone: &onefold_model::Phone| {
        let digits = normalise::phone_digits(phone.into());
        let text = phone.e164.as_ref().unwrap_or(&phone.original);
        Said {
            value: Value::String(text.clone()),
            is_placeholder: digits.is_none(),
            key: digits.map_or_else(|| text.clone(), |digits| normalise::compared(&digits).to_owned()),
            verified: u32::from(phone.primary),
            // A number that can be dialled from anywhere says more.
            completeness: 1 + u32::from(phone.e164.is_some()),
        }
    };
    party.phones.iter().map(said).collect()
}

fn addresses(party: &Party) -> Vec<Said> {
    let mut found = Vec::new();
    for address in party.addresses.iter().filter(|address| !address.is_blank()) {
        let Ok(value) = serde_json::to_value(address) else { continue };
        let fields = [&address.locality, &address.postal_code, &address.country, &address.region];
        let known: u32 =
            fields.into_iter().map(|part| u32::from(part.as_deref().is_some_and(|part| !part.trim().is_empty()))).sum();
        let has_street = address.lines.iter().any(|line| !line.trim().is_empty());
        found.push(Said {
            value,
            key: normalise::fold(&address.to_line()),
            is_placeholder: false,
            verified: 0,
            completeness: known + 2 * u32::from(has_street),
        });
    }
    found
}
