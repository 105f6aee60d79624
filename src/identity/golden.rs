//! Golden values: the pure survivorship over stored records.

use crate::store::StoredParty;
use onefold_matching::{Golden, PartyRecord, SurvivorshipRules, survive};
use std::sync::{Arc, LazyLock};

static RULES: LazyLock<SurvivorshipRules> = LazyLock::new(SurvivorshipRules::default);

/// The values of the customer that these records make. `None` of no records.
pub fn golden(members: &[StoredParty]) -> Option<Golden> {
    let records: Vec<PartyRecord> = members.iter().map(record).collect();
    survive(&records, &RULES)
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
