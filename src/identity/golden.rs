//! Golden values: the pure survivorship over stored records.

use crate::store::{PinRow, StoredParty};
use onefold_matching::{Golden, GoldenField, PartyRecord, Pin, SurvivorshipRules, survive_only, survive_pinned};
use std::sync::Arc;

/// The values of the customer that these records make, with what is held fast of them, the latest pin first. `None` of no
/// records.
pub fn golden(members: &[StoredParty], pins: &[Pin], rules: &SurvivorshipRules) -> Option<Golden> {
    let records: Vec<PartyRecord> = members.iter().map(record).collect();
    survive_pinned(&records, rules, pins)
}

/// As [`golden`], of the wanted fields alone.
pub fn golden_only(
    members: &[StoredParty],
    pins: &[Pin],
    rules: &SurvivorshipRules,
    wanted: impl Fn(&str) -> bool,
) -> Vec<GoldenField> {
    let records: Vec<PartyRecord> = members.iter().map(record).collect();
    survive_only(&records, rules, pins, wanted)
}

/// Pins as survivorship takes them.
pub fn pins(rows: &[PinRow]) -> Vec<Pin> {
    rows.iter().map(|row| Pin { path: row.path.clone(), record: row.record }).collect()
}

/// A stored party as matching takes it.
pub(super) fn record(stored: &StoredParty) -> PartyRecord {
    PartyRecord {
        id: stored.record,
        source: stored.source,
        party: Arc::new(stored.party.clone()),
        seen_at: stored.changed_at,
        updated_at: stored.party.updated_at,
        deleted: stored.deleted,
    }
}
