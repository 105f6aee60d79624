//! Other thresholds, learned from what stewards decided: proposed with what they would change, and never applied by themselves.
//!
//! Promises that a lower threshold is proposed only where the decisions above it prove it: the interval of Wilson says with 95 %
//! that no more pairs are wrong than is allowed. Putting it in place is an edit of the configuration.

use super::{AppError, Session};
use crate::identity::{Estimate, ModelPlan, Probability, wilson};
use crate::store::{DecisionRow, LINK, NEVER_LINK, StoredParty};
use onefold_model::RecordId;
use std::collections::{BTreeMap, BTreeSet};

/// The latest decisions are looked at.
const MOST: usize = 20_000;

/// A threshold that decisions prove.
#[derive(Debug, Clone, PartialEq)]
pub struct ThresholdProposal {
    /// The threshold of automatic links as it is.
    pub now: f64,
    /// As it could be; none where the decisions prove no other.
    pub proposed: Option<f64>,
    /// Decisions about pairs that are at least so likely.
    pub decisions: usize,
    /// The share of those in which the two are one.
    pub right: Estimate,
    /// What it would change; none where nothing is proposed.
    pub plan: Option<ModelPlan>,
}

impl Session {
    /// The lowest threshold of automatic links of which the decisions prove that no larger share than this is wrong.
    pub async fn threshold_propose(&self, most_wrong: f64) -> Result<ThresholdProposal, AppError> {
        self.may_look_everywhere("to look at thresholds of matching")?;
        if !(0.000_1..=0.5).contains(&most_wrong) {
            return Err(AppError::Invalid("the share that may be wrong is between 0.0001 and 0.5".to_owned()));
        }
        let judge = self.app.identity.judge(self.store()).await?;
        let thresholds = judge.thresholds();
        let mut labels = Vec::new();
        let decisions = self.store().decision_list().await?;
        let about = |row: &&DecisionRow| row.kind == LINK || row.kind == NEVER_LINK;
        let recent: Vec<&DecisionRow> = decisions.iter().rev().filter(about).take(MOST).collect();
        let records: BTreeSet<RecordId> = recent.iter().flat_map(|row| [row.left, row.right]).collect();
        let parties = self.store().party_get(&records.into_iter().collect::<Vec<_>>()).await?;
        let parties: BTreeMap<RecordId, &StoredParty> = parties.iter().map(|party| (party.record, party)).collect();
        for row in recent {
            if let (Some(left), Some(right)) = (parties.get(&row.left), parties.get(&row.right)) {
                labels.push((judge.explain(left, right).probability, row.kind == LINK));
            }
        }
        let proved = lowest(labels, thresholds.review, most_wrong);
        let now = thresholds.auto_merge.get();
        let Some((proposed, decisions, right)) = proved.filter(|(at, _, _)| at.get() < now) else {
            let (decisions, right) = proved.map_or((0, wilson(0, 0)), |(_, decisions, right)| (decisions, right));
            return Ok(ThresholdProposal { now, proposed: None, decisions, right, plan: None });
        };
        let plan = self.app.identity.threshold_plan(self.store(), proposed).await?;
        Ok(ThresholdProposal { now, proposed: Some(proposed.get()), decisions, right, plan: Some(plan) })
    }
}

/// The lowest probability, not below `review`, from which on the labels prove that no larger share is wrong; with how many
/// labels there are from it on and what they say.
fn lowest(
    mut labels: Vec<(Probability, bool)>,
    review: Probability,
    most_wrong: f64,
) -> Option<(Probability, usize, Estimate)> {
    labels.sort_by(|a, b| b.0.get().total_cmp(&a.0.get()));
    let (mut same, mut found) = (0, None);
    for (place, (probability, is_same)) in labels.iter().enumerate() {
        same += u64::from(*is_same);
        // Pairs of one probability stand or fall together.
        let is_last = labels.get(place + 1).is_none_or(|next| next.0.get() < probability.get());
        let right = wilson(same, place as u64 + 1);
        if is_last && probability.get() >= review.get() && right.low >= 1.0 - most_wrong {
            found = Some((*probability, place + 1, right));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(probability: f64) -> Probability {
        Probability::new(probability).unwrap()
    }

    #[test]
    fn a_threshold_is_proposed_only_where_the_decisions_prove_it() {
        let agreeing = |count: usize| vec![(at(0.9), true); count];
        let half = at(0.5);
        assert_eq!(lowest(agreeing(50), half, 0.01), None, "so few prove nothing");
        let (found, of, right) = lowest(agreeing(400), half, 0.01).unwrap();
        assert!(found == at(0.9) && of == 400 && right.low > 0.99);
        let mut mixed = agreeing(400);
        mixed.extend(vec![(at(0.7), false); 40]);
        assert_eq!(lowest(mixed.clone(), half, 0.01).unwrap().0, at(0.9), "not down to where they err");
        mixed.extend(vec![(at(0.6), true); 20]);
        assert_eq!(lowest(mixed, half, 0.01).unwrap().0, at(0.9));
        assert_eq!(lowest(vec![(at(0.3), true); 900], half, 0.01), None, "nobody reviews so unlikely pairs");
    }
}
