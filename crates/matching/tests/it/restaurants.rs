//! Two guides to restaurants, linked: names, addresses and telephone numbers only. Skipped visibly where they are absent.

use crate::party::resolved;
use onefold_matching::PartyRecord;
use onefold_model::{RecordId, SourceId, SourceKey, Timestamp};
use serde_json::json;
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

#[test]
fn two_guides_agree_on_their_restaurants() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/matching/fodors_zagats"));
    if !folder.join("pairs.csv").exists() {
        eprintln!("skipped: the labelled set fodors_zagats is not beside the repository");
        return;
    }
    let mut records: Vec<PartyRecord> = Vec::new();
    let id = |source: &str, key: &str| RecordId::derive(&SourceKey::new(source).unwrap(), "restaurants", key);
    for source in ["a", "b"] {
        let mut reader = csv::Reader::from_path(folder.join(format!("{source}.csv"))).unwrap();
        for row in reader.deserialize::<HashMap<String, String>>() {
            let row = row.unwrap();
            let party = json!({
                "kind": "ORGANIZATION",
                "displayName": row["name"],
                "phones": [{ "original": row["phone"] }],
                "addresses": [{ "lines": [row["addr"]], "locality": row["city"] }]
            });
            records.push(PartyRecord {
                id: id(source, &row["record_id"]),
                source: SourceId::derive(&SourceKey::new(source).unwrap()),
                party: Arc::new(serde_json::from_value(party).unwrap()),
                seen_at: Timestamp::UNIX_EPOCH,
                updated_at: None,
                deleted: false,
            });
        }
    }
    let mut truth: HashSet<(RecordId, RecordId)> = HashSet::new();
    for row in csv::Reader::from_path(folder.join("pairs.csv")).unwrap().records() {
        let row = row.unwrap();
        truth.insert((id("a", &row[0]), id("b", &row[1])));
    }
    let is_first: HashSet<RecordId> =
        records.iter().filter(|record| record.source == records[0].source).map(|record| record.id).collect();
    let mut found: HashSet<(RecordId, RecordId)> = HashSet::new();
    for cluster in resolved(&records).clusters {
        let (first, second): (Vec<RecordId>, Vec<RecordId>) = cluster.iter().partition(|id| is_first.contains(id));
        found.extend(first.iter().flat_map(|&one| second.iter().map(move |&other| (one, other))));
    }
    let right = found.intersection(&truth).count() as f64;
    let (precision, recall) = (right / found.len() as f64, right / truth.len() as f64);
    let f1 = 2.0 * precision * recall / (precision + recall);
    eprintln!("fodors_zagats: precision {precision:.4}, recall {recall:.4}, F1 {f1:.4}");
    assert!(f1 >= 0.96, "precision {precision}, recall {recall}, F1 {f1}");
}
