//! Labelled sets of records: a `records.csv` as parties, a `truth.csv`, and how well clusters agree with it.

use onefold_matching::{PartyRecord, Resolution};
use onefold_model::{
    Email, Identifier, Party, PartyKind, Phone, PostalAddress, RecordId, SourceId, SourceKey, Timestamp,
};
use std::collections::HashMap;
use std::error::Error;
use std::path::Path;
use std::sync::Arc;

/// Records with the cluster that each belongs to.
pub(crate) struct LabelledSet {
    pub(crate) records: Vec<PartyRecord>,
    pub(crate) truth: Truth,
}

/// The cluster that each record belongs to.
pub(crate) struct Truth(HashMap<RecordId, String>);

/// Pairwise measures: of all pairs that are together in the result or in the truth.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Score {
    pub(crate) precision: f64,
    pub(crate) recall: f64,
    pub(crate) f1: f64,
}

impl LabelledSet {
    pub(crate) fn read(records: &Path, truth: &Path) -> Result<Self, Box<dyn Error>> {
        let mut set = Vec::new();
        read_each(records, |record| set.push(record))?;
        Ok(Self { records: set, truth: Truth::read(records, truth)? })
    }

    pub(crate) fn score(&self, resolution: &Resolution) -> Score {
        self.truth.score(resolution)
    }
}

impl Truth {
    pub(crate) fn read(records: &Path, truth: &Path) -> Result<Self, Box<dyn Error>> {
        let mut by_key: HashMap<String, String> = HashMap::new();
        for row in csv::Reader::from_path(truth)?.records() {
            let row = row?;
            by_key.insert(row[0].to_owned(), row[1].to_owned());
        }
        let mut of_record = HashMap::new();
        let mut reader = csv::Reader::from_path(records)?;
        let place = |name: &str, headers: &csv::StringRecord| headers.iter().position(|header| header == name);
        let headers = reader.headers()?.clone();
        let key = place("record_id", &headers).ok_or("the table has no record_id")?;
        let source = place("source", &headers);
        for row in reader.records() {
            let row = row?;
            let source = SourceKey::new(
                source.map(|column| &row[column]).filter(|text| !text.is_empty()).unwrap_or("labelled"),
            )?;
            if let Some(cluster) = by_key.remove(&row[key]) {
                of_record.insert(RecordId::derive(&source, "people", &row[key]), cluster);
            }
        }
        Ok(Self(of_record))
    }

    pub(crate) fn score(&self, resolution: &Resolution) -> Score {
        let pairs = |n: u64| n * n.saturating_sub(1) / 2;
        let mut truth_sizes: HashMap<&str, u64> = HashMap::new();
        for cluster in self.0.values() {
            *truth_sizes.entry(cluster).or_default() += 1;
        }
        let (mut found, mut right) = (0, 0);
        for cluster in &resolution.clusters {
            let mut parts: HashMap<&str, u64> = HashMap::new();
            for id in cluster {
                *parts.entry(&self.0[id]).or_default() += 1;
            }
            found += pairs(cluster.len() as u64);
            right += parts.values().map(|&n| pairs(n)).sum::<u64>();
        }
        let expected: u64 = truth_sizes.values().map(|&n| pairs(n)).sum();
        let precision = right as f64 / found.max(1) as f64;
        let recall = right as f64 / expected.max(1) as f64;
        Score { precision, recall, f1: 2.0 * precision * recall / (precision + recall).max(f64::MIN_POSITIVE) }
    }
}

/// Reads records one after the other, so that they need not be in memory at once.
pub(crate) fn read_each(records: &Path, mut each: impl FnMut(PartyRecord)) -> Result<(), Box<dyn Error>> {
    let mut reader = csv::Reader::from_path(records)?;
    let headers: Vec<String> = reader.headers()?.iter().map(str::to_owned).collect();
    for row in reader.records() {
        let row = row?;
        let fields: HashMap<&str, &str> =
            headers.iter().map(String::as_str).zip(row.iter()).filter(|(_, value)| !value.trim().is_empty()).collect();
        each(record(&fields)?);
    }
    Ok(())
}

fn record(fields: &HashMap<&str, &str>) -> Result<PartyRecord, Box<dyn Error>> {
    let text = |names: &[&str]| names.iter().find_map(|name| fields.get(name)).map(|value| (*value).to_owned());
    let source = SourceKey::new(text(&["source"]).unwrap_or_else(|| "labelled".to_owned()))?;
    let street = text(&["street", "address_1", "street_name", "Address", "addr"]);
    let lines = match (text(&["street_number"]), street, text(&["unit"])) {
        (None, None, _) => Vec::new(),
        (number, street, unit) => vec![[number, street, unit].into_iter().flatten().collect::<Vec<_>>().join(" ")],
    };
    let address = PostalAddress {
        lines: lines.into_iter().chain(text(&["address_2"])).collect(),
        locality: text(&["city", "suburb", "birth_place"]),
        region: text(&["state"]),
        postal_code: text(&["postcode", "zipcode", "postcode_fake", "Zip"]),
        ..PostalAddress::default()
    };
    let organization = text(&["Site name", "name"]);
    let party = Party {
        kind: if organization.is_some() { PartyKind::Organization } else { PartyKind::Person },
        display_name: text(&["full_name"]).or(organization),
        given_name: text(&["first_name", "given_name"]),
        middle_name: text(&["middle"]),
        family_name: text(&["last_name", "surname"]),
        company: text(&["company", "employer"]),
        job_title: text(&["occupation"]),
        birth_date: text(&["dob", "date_of_birth"]).and_then(|date| {
            let iso = if date.len() == 8 { format!("{}-{}-{}", &date[..4], &date[4..6], &date[6..]) } else { date };
            iso.parse().ok()
        }),
        emails: text(&["email"]).and_then(|email| Email::parse(&email).ok()).into_iter().collect(),
        phones: text(&["phone", "Phone"])
            .map(|original| Phone { e164: None, original, primary: false })
            .into_iter()
            .collect(),
        addresses: if address.is_blank() { Vec::new() } else { vec![address] },
        identifiers: text(&["ssn", "soc_sec_id"])
            .map(|value| Identifier { system: "ssn".to_owned(), value })
            .into_iter()
            .collect(),
        ..serde_json::from_value(serde_json::json!({ "kind": "PERSON" }))?
    };
    Ok(PartyRecord {
        id: RecordId::derive(&source, "people", fields["record_id"]),
        source: SourceId::derive(&source),
        party: Arc::new(party),
        seen_at: Timestamp::UNIX_EPOCH,
        updated_at: None,
        deleted: false,
    })
}
