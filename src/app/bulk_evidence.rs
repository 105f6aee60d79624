//! What stands behind deciding many pairs alike: what stewards said before, one by one, of pairs like these.
//!
//! Promises the bound of Clopper and Pearson (1934), one-sided at 95 %: where nobody disagreed it is the rule of three, so that
//! 299 decisions that agree prove that at most one pair in a hundred is decided wrongly. Counts only decisions about records that
//! the caller sees and reviews. Deliberately leaves out what was decided for many at once: it would prove itself.

use super::{AppError, BulkAsk, Session, Verdict};
use crate::store::{CandidateFilter, DecisionFilter, DecisionRow, LINK, NEVER_LINK, PageAsk, StoredParty};
use onefold_model::RecordId;
use std::collections::{BTreeMap, BTreeSet};

/// So large a share may be wrong.
const MOST_WRONG: f64 = 0.01;
/// What is proved is wrong with this probability.
const DOUBT: f64 = 0.05;
/// The latest decisions are looked at.
const MOST_DECISIONS: usize = 5_000;
const PAGE: u32 = 200;

/// What earlier decisions prove of deciding pairs like these alike.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BulkEvidence {
    /// Decisions that stand, made one by one, about pairs that the filter would have found.
    pub decided: usize,
    /// How many of them say what is to be said of all.
    pub agreeing: usize,
    /// At most this share is wrong, at 95 %; 1 where nobody has decided yet.
    pub most_wrong: f64,
    /// So many more that agree would prove enough; 0 where nothing is missing.
    pub missing: usize,
}

impl BulkEvidence {
    /// Of so many decisions, of which so many agree.
    fn of(decided: usize, agreeing: usize) -> Self {
        let wrong = decided - agreeing.min(decided);
        Self { decided, agreeing, most_wrong: most_wrong(wrong, decided), missing: missing(wrong, decided) }
    }

    /// Where nothing has to be proved: what is put off is decided later.
    pub(super) fn unneeded() -> Self {
        Self { missing: 0, ..Self::of(0, 0) }
    }
}

impl Session {
    /// What stewards decided one by one about pairs that this would have found, and how many of them say the same.
    pub(super) async fn bulk_evidence(&self, ask: &BulkAsk) -> Result<BulkEvidence, AppError> {
        let wanted = match ask.verdict {
            Verdict::Link => LINK,
            Verdict::NeverLink => NEVER_LINK,
            Verdict::Later => return Ok(BulkEvidence::unneeded()),
        };
        let made = self.decided_singly().await?;
        let records: BTreeSet<RecordId> = made.iter().flat_map(|row| [row.left, row.right]).collect();
        let parties = self.store().party_get(&records.into_iter().collect::<Vec<_>>()).await?;
        let parties: BTreeMap<RecordId, &StoredParty> = parties.iter().map(|party| (party.record, party)).collect();
        let judge = self.app.identity.judge(self.store()).await?;
        let (mut decided, mut agreeing) = (0, 0);
        for row in made {
            let (Some(left), Some(right)) = (parties.get(&row.left), parties.get(&row.right)) else { continue };
            if is_alike(&ask.filter, [*left, *right], || judge.explain(left, right).probability.get()) {
                decided += 1;
                agreeing += usize::from(row.kind == wanted);
            }
        }
        Ok(BulkEvidence::of(decided, agreeing))
    }

    /// Decisions that stand and were made of one pair each, the latest first.
    async fn decided_singly(&self) -> Result<Vec<DecisionRow>, AppError> {
        let filter = DecisionFilter {
            departments: self.reviewed_departments(),
            customer: None,
            among: Vec::new(),
            standing: Some(true),
        };
        let mut made = Vec::new();
        let mut after = None;
        loop {
            let ask = PageAsk::Forward { count: PAGE, after };
            let slice = self.store().decision_page(self.scope(), &filter, &ask).await?;
            after = slice.rows.last().map(|(cursor, _)| cursor.clone());
            let singly = |row: &DecisionRow| row.plan.is_none() && (row.kind == LINK || row.kind == NEVER_LINK);
            made.extend(slice.rows.into_iter().map(|(_, row)| row).filter(singly));
            if !slice.has_next || made.len() >= MOST_DECISIONS {
                return Ok(made);
            }
        }
    }
}

/// Whether a pair is one of those that a filter is about: by its score, whose it is and what it is. Whose desk it lay on and when
/// it was found say nothing of the pair.
fn is_alike(filter: &CandidateFilter, sides: [&StoredParty; 2], probability: impl FnOnce() -> f64) -> bool {
    let of_one = |is_it: &dyn Fn(&StoredParty) -> bool| sides.iter().any(|side| is_it(side));
    if filter.source.is_some_and(|source| !of_one(&|side| side.source == source)) {
        return false;
    }
    if filter.department.as_ref().is_some_and(|department| !of_one(&|side| side.department == *department)) {
        return false;
    }
    if filter.kind.is_some_and(|kind| sides.iter().any(|side| side.party.kind != kind)) {
        return false;
    }
    if filter.min_probability.is_none() && filter.max_probability.is_none() {
        return true;
    }
    let probability = probability();
    filter.min_probability.is_none_or(|least| probability >= least)
        && filter.max_probability.is_none_or(|most| probability <= most)
}

/// The largest share of wrong ones with which so few wrong among so many are not unlikely. 1 of none.
fn most_wrong(wrong: usize, of: usize) -> f64 {
    if wrong >= of {
        return 1.0;
    }
    let (mut low, mut high) = (0.0, 1.0);
    // Each round halves what is unknown; so many leave nothing that a number could hold.
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if at_most(wrong, of, middle) > DOUBT { low = middle } else { high = middle }
    }
    high
}

/// How likely it is that at most so many of so many are wrong, where each is with this probability.
fn at_most(wrong: usize, of: usize, each: f64) -> f64 {
    let (odds, all) = ((each / (1.0 - each)).ln(), count(of));
    let mut term = all * (-each).ln_1p();
    let mut sum = term.exp();
    for n in 0..wrong {
        term += ((all - count(n)) / (count(n) + 1.0)).ln() + odds;
        sum += term.exp();
    }
    sum
}

/// How many more that agree would prove enough.
fn missing(wrong: usize, of: usize) -> usize {
    // The bound is not above the limit just where so few wrong would be unlikely at the limit.
    let proves = |more: usize| at_most(wrong, of + more, MOST_WRONG) <= DOUBT;
    let mut high = 1;
    if proves(0) {
        return 0;
    }
    while !proves(high) {
        high *= 2;
    }
    let mut low = high / 2;
    while high - low > 1 {
        let middle = usize::midpoint(low, high);
        if proves(middle) { high = middle } else { low = middle }
    }
    high
}

#[expect(clippy::cast_precision_loss, reason = "decisions are counted in fewer digits than a number has")]
fn count(decisions: usize) -> f64 {
    decisions as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_is_that_of_clopper_and_pearson() {
        assert!((most_wrong(0, 0) - 1.0).abs() < f64::EPSILON, "nobody has decided");
        // Without a wrong one it is 1 - 0.05^(1/n): the rule of three.
        for of in [20, 298, 299, 3_000] {
            let exact = 1.0 - 0.05_f64.powf(1.0 / count(of));
            assert!((most_wrong(0, of) - exact).abs() < 1e-9, "{of}");
        }
        // Tables of acceptance sampling: 473 with one wrong, 628 with two.
        for (wrong, of) in [(0, 299), (1, 473), (2, 628)] {
            assert!(most_wrong(wrong, of) <= MOST_WRONG && most_wrong(wrong, of - 1) > MOST_WRONG, "{wrong} of {of}");
        }
        assert!((most_wrong(5, 5) - 1.0).abs() < f64::EPSILON && most_wrong(4, 5) < 1.0);
    }

    #[test]
    fn how_many_are_missing_is_exact() {
        assert_eq!(missing(0, 0), 299);
        assert_eq!(missing(0, 298), 1);
        assert_eq!(missing(0, 299), 0);
        assert_eq!(missing(1, 299), 473 - 299);
        assert_eq!(BulkEvidence::of(300, 299).missing, 173);
        assert!(missing(250, 500) > 20_000, "half of them wrong is far from enough, and is worked out all the same");
    }
}
