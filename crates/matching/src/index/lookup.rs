//! Looking at where a record would go, without putting it there.

use super::Index;
use crate::record::PartyRecord;
use crate::weigh::{MatchWeight, Probability};
use onefold_model::RecordId;
use serde::{Deserialize, Serialize};

/// A record that may be one party with the one that was looked up.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Candidate {
    /// Which record.
    pub record: RecordId,
    /// The smallest record of its cluster: equal for records of one party.
    pub cluster: RecordId,
    /// The evidence, in bits.
    pub weight: MatchWeight,
    /// The same as a probability.
    pub probability: Probability,
}

impl Index {
    /// The records that would make a pair for review or for linking with this one if it came now, the likeliest first, ties
    /// by id. If a record with its id is there, it is as if that one were not.
    ///
    /// Takes the index for itself, because the record is in it until the answer is found. Values that were never seen before
    /// stay, as those of a record that was removed do; no answer depends on them.
    pub fn lookup(&mut self, record: &PartyRecord) -> Vec<Candidate> {
        let probe = u32::try_from(self.frozen.places()).unwrap_or(u32::MAX);
        self.frozen.put(probe, record);
        let own = self.place(record.id);
        let mut places = Vec::new();
        for key in self.keys(probe) {
            let members = self.blocks.members(key);
            let others = members.len() - usize::from(own.is_some_and(|own| members.binary_search(&own).is_ok()));
            if self.blocks.is_compared(others + 1) {
                places.extend(members.iter().copied().filter(|&member| Some(member) != own));
            }
        }
        places.sort_unstable();
        places.dedup();
        let mut found = Vec::new();
        for place in places {
            let id = self.ids[place as usize];
            let (left, right) = if record.id < id { (probe, place) } else { (place, probe) };
            if let Some(weight) = self.frozen.weigh_likely(left, right) {
                let probability = weight.probability();
                found.push(Candidate { record: id, cluster: self.name_of(place), weight, probability });
            }
        }
        self.frozen.pop();
        found.sort_unstable_by(|a, b| b.weight.0.total_cmp(&a.weight.0).then(a.record.cmp(&b.record)));
        found
    }
}
