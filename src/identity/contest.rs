//! Links of stewards that new facts contradict: they stand, and come back for review.
//!
//! A link is contested where one of its records became different after it was decided and the two, compared now, contradict one
//! another as strongly as cuts a cluster. Whoever decides once more has seen those facts. Promises that nothing is overridden,
//! and the same pairs whether everything was folded or what changed.

use super::fold::{IdentityError, Resolved};
use crate::store::{DecisionRow, Forgotten, FoundCandidate, Store, StoredParty};
use onefold_matching::{PartyRecord, explain};
use onefold_model::{MatchCandidateId, RecordId};
use std::collections::{HashMap, HashSet};

/// The links of a fold that are contested.
pub(super) fn contested(resolved: &Resolved) -> Vec<FoundCandidate> {
    let links = &resolved.facts.links;
    if links.is_empty() {
        return Vec::new();
    }
    let parties: HashMap<RecordId, &StoredParty> =
        resolved.facts.parties.iter().map(|party| (party.record, party)).collect();
    let records: HashMap<RecordId, &PartyRecord> = resolved.records.iter().map(|record| (record.id, record)).collect();
    let is_new = |link: &DecisionRow| {
        let changed = [link.left, link.right].map(|record| parties.get(&record).map(|party| party.changed_at));
        changed.into_iter().flatten().any(|changed_at| changed_at > link.made_at)
    };
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    for link in links.iter().filter(|link| is_new(link)) {
        let (Some(left), Some(right)) = (records.get(&link.left), records.get(&link.right)) else { continue };
        let explanation = explain(left, right, &resolved.model.frequencies, &resolved.model.settings);
        let id = MatchCandidateId::derive(link.left, link.right);
        if explanation.total > resolved.model.settings.contradiction || !seen.insert(id) {
            continue;
        }
        let Ok(evidence) = serde_json::to_string(&explanation) else { continue };
        found.push(FoundCandidate {
            id,
            left: link.left,
            right: link.right,
            probability: explanation.probability.get(),
            weight: explanation.total.0,
            evidence,
            contests: Some(link.id),
            cause: None,
        });
    }
    found
}

/// Of a fold of what changed: pairs that were contested, about records that it touched, are for review no longer unless they
/// are found again.
pub(super) async fn forget(store: &Store, resolved: &mut Resolved) -> Result<(), IdentityError> {
    let touched: Vec<RecordId> = resolved.facts.touched.iter().copied().collect();
    let before = store.contested_of(&touched).await?;
    if let Forgotten::These(ids) = &mut resolved.forgotten {
        ids.extend(before);
    }
    Ok(())
}
