//! The fold of what changed: the index stays in the process, and only the neighbourhood of a change is read and written.
//!
//! Promises the same rows as a fold of everything under the same model; a rebuild finds nothing to change. Another process
//! may fold the same store: its folds are noticed by their number, and then everything is read anew.

use super::Identity;
use super::assign::mintable;
use super::contest;
use super::fold::{Facts, FoldReport, Folded, IdentityError, Resolved, TRIES, Totals, aliases, decisions, work};
use super::golden::{pins, record};
use super::model::Trained;
use super::survivorship::rules_now;
use crate::store::{Forgotten, LINK, Store, StoredParty};
use onefold_matching::{BlockingReport, Index, LinkDecision, Operation, ResolutionReport, ScoredPair};
use onefold_model::{Clock, CustomerId, MatchCandidateId, RecordId};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

/// Where more than one in so many records changed, everything is read: that costs less.
const MANY: usize = 4;

/// What the last fold left.
#[derive(Debug)]
pub(super) struct Live {
    index: Index,
    decisions: Vec<LinkDecision>,
    model: Arc<Trained>,
    generation: i64,
    totals: Totals,
}

/// Where records would be.
pub(super) struct Supposed(Placed);

/// Where changed records were placed.
struct Placed {
    /// The clusters that changed or hold a record that did, by their smallest id.
    clusters: Vec<Vec<RecordId>>,
    /// Pairs for review whose evidence may be new.
    review: Vec<ScoredPair>,
    forgotten: Vec<MatchCandidateId>,
}

impl Identity {
    /// Folds what changed since the last fold. The first one, and one after another process has folded, reads everything.
    pub async fn fold_changes(
        &self,
        store: &Store,
        clock: &dyn Clock,
        actor: &str,
    ) -> Result<FoldReport, IdentityError> {
        let mut slot = self.live.lock().await;
        for _ in 0..TRIES {
            let Some(live) = slot.take() else {
                let folded = self.fold_all(store, clock, actor, |_| {}).await?;
                let (report, live) = Live::after(folded).await?;
                *slot = live;
                return Ok(report);
            };
            // What a fold around a few records holds is too large for the stack of whoever waits for it.
            let folded = Box::pin(self.fold_around(store, clock, actor, live));
            if let Some((report, live)) = folded.await? {
                *slot = Some(live);
                return Ok(report);
            }
        }
        Err(IdentityError::Contended(TRIES))
    }

    /// Folds the neighbourhood of what changed; nothing where what is in memory is not what is stored.
    async fn fold_around(
        &self,
        store: &Store,
        clock: &dyn Clock,
        actor: &str,
        mut live: Live,
    ) -> Result<Option<(FoldReport, Live)>, IdentityError> {
        let active = store.model_active().await?;
        if store.fold_generation().await? != live.generation || active.as_deref() != Some(live.model.version()) {
            return Ok(None);
        }
        // The outbox first: what arrives while the facts are read stays in it for the next fold.
        let (_, outbox_up_to) = store.outbox_depth().await?;
        let waiting = store.outbox_list(i64::MAX).await?.into_iter().filter(|row| row.seq <= outbox_up_to);
        let touched: BTreeSet<RecordId> = waiting.map(|row| row.record).collect();
        if touched.len() > live.index.len() / MANY {
            return Ok(None);
        }
        let changed: Vec<RecordId> = touched.iter().copied().collect();
        let parties = store.party_get(&changed).await?;
        let decisions = decisions(store).await?;
        let placing = tokio::task::spawn_blocking(move || {
            let placed = live.place(&changed, &parties, decisions);
            (live, placed)
        });
        let (mut live, placed) = placing.await.map_err(|_| IdentityError::Stopped)?;
        let mut resolved = surroundings(store, &live, placed, touched.into_iter().collect(), outbox_up_to).await?;
        contest::forget(store, &mut resolved).await?;
        let aliases = aliases(store, &resolved).await?;
        let (at, actor) = (clock.now(), actor.to_owned());
        let deriving = tokio::task::spawn_blocking(move || work(&resolved, &aliases, at, actor));
        let (write, report) = deriving.await.map_err(|_| IdentityError::Stopped)?;
        let mut tx = store.begin().await?;
        tx.identity_lock().await?;
        if tx.fold_generation().await? != live.generation || tx.model_active().await? != active {
            return Ok(None);
        }
        tx.resolution_apply(&write).await?;
        live.generation = tx.fold_generation().await?;
        tx.commit().await?;
        Ok(Some((report, live)))
    }
}

impl Live {
    /// Whether what is in memory is what this fold left.
    pub(super) fn is_of(&self, generation: i64, active: Option<&str>) -> bool {
        self.generation == generation && active == Some(self.model.version())
    }

    /// What is compared, to look a record up in.
    pub(super) fn index(&mut self) -> &mut Index {
        &mut self.index
    }

    /// Where records would be if these were the decisions. Leaves everything as it was.
    pub(super) fn suppose(&mut self, decisions: Vec<LinkDecision>) -> Supposed {
        let before = self.decisions.clone();
        let placed = self.place(&[], &[], decisions);
        self.place(&[], &[], before);
        Supposed(placed)
    }

    /// Reads what is stored around what was supposed.
    pub(super) async fn around(
        &self,
        store: &Store,
        Supposed(placed): Supposed,
        outbox_up_to: i64,
    ) -> Result<Resolved, IdentityError> {
        surroundings(store, self, placed, HashSet::new(), outbox_up_to).await
    }

    /// What a fold of everything leaves, where the model is frozen.
    async fn after(folded: Folded) -> Result<(FoldReport, Option<Live>), IdentityError> {
        let Folded { report, resolved, generation, frozen } = folded;
        if frozen.is_none() {
            return Ok((report, None));
        }
        let build = move || {
            let Resolved { facts, records, totals, model, .. } = resolved;
            let index =
                Index::build(&records, &facts.decisions, model.settings.clone(), Arc::clone(&model.frequencies));
            Live { index, decisions: facts.decisions, model, generation, totals }
        };
        let live = tokio::task::spawn_blocking(build).await.map_err(|_| IdentityError::Stopped)?;
        Ok((report, Some(live)))
    }

    /// Places what changed. A record that changed and is no party goes.
    fn place(&mut self, changed: &[RecordId], parties: &[StoredParty], decisions: Vec<LinkDecision>) -> Placed {
        let there: HashSet<RecordId> = parties.iter().map(|party| party.record).collect();
        let gone = changed.iter().filter(|id| !there.contains(id)).map(|id| Operation::Remove(*id));
        let mut operations: Vec<Operation> = gone.collect();
        operations.extend(parties.iter().map(|party| Operation::Upsert(record(party))));
        let (before, now): (HashSet<_>, HashSet<_>) =
            (self.decisions.iter().copied().collect(), decisions.iter().copied().collect());
        operations.extend(self.decisions.iter().filter(|old| !now.contains(old)).map(|old| Operation::Revoke(*old)));
        operations.extend(decisions.iter().filter(|new| !before.contains(new)).map(|new| Operation::Decide(*new)));
        self.decisions = decisions;
        let change = self.index.apply(&operations);

        let mut clusters: BTreeMap<RecordId, Vec<RecordId>> = BTreeMap::new();
        let touched = parties.iter().map(|party| self.index.cluster_of(party.record));
        for cluster in change.after.iter().cloned().chain(touched) {
            if let Some(first) = cluster.first() {
                clusters.insert(*first, cluster);
            }
        }
        let mut review: BTreeMap<(RecordId, RecordId), ScoredPair> = BTreeMap::new();
        let of_changed = parties.iter().flat_map(|party| self.index.review_of(party.record));
        review
            .extend(change.review.added.iter().copied().chain(of_changed).map(|pair| ((pair.left, pair.right), pair)));
        let forgotten = change.review.removed.iter().filter(|pair| !review.contains_key(&(pair.left, pair.right)));
        let forgotten = forgotten.map(|pair| MatchCandidateId::derive(pair.left, pair.right)).collect();

        self.totals.records = self.index.len();
        self.totals.customers = self.totals.customers + change.after.len() - change.before.len();
        self.totals.candidates = self.totals.candidates + change.review.added.len() - change.review.removed.len();
        Placed { clusters: clusters.into_values().collect(), review: review.into_values().collect(), forgotten }
    }
}

/// Reads what is stored around changed records.
async fn surroundings(
    store: &Store,
    live: &Live,
    placed: Placed,
    touched: HashSet<RecordId>,
    outbox_up_to: i64,
) -> Result<Resolved, IdentityError> {
    let members: Vec<RecordId> = placed.clusters.iter().flatten().copied().collect();
    let standing = store.decision_list().await?.into_iter();
    let is_touched = |record: &RecordId| touched.contains(record);
    let links = standing.filter(|row| row.kind == LINK && (is_touched(&row.left) || is_touched(&row.right)));
    let links: Vec<_> = links.collect();
    let of_pairs = placed.review.iter().flat_map(|pair| [pair.left, pair.right]);
    let of_links = links.iter().flat_map(|row| [row.left, row.right]);
    let needed: BTreeSet<RecordId> = members.iter().copied().chain(of_pairs).chain(of_links).collect();
    let parties = store.party_get(&needed.into_iter().collect::<Vec<_>>()).await?;
    let homes = store.link_get(&members).await?;
    let current: super::assign::Current =
        homes.into_iter().map(|(record, customer, since)| (RecordId(record), (customer, since))).collect();
    let here: HashSet<CustomerId> = current.values().map(|(customer, _)| *customer).collect();
    let standing = store.customer_standing(&mintable(&placed.clusters)).await?;
    Ok(Resolved {
        records: parties.iter().map(record).collect(),
        facts: Facts {
            parties,
            current,
            decisions: Vec::new(),
            links,
            pins: pins(&store.pin_of(&members).await?),
            rules: rules_now(store).await?,
            touched,
            outbox_up_to,
        },
        clusters: placed.clusters,
        review: placed.review,
        forgotten: Forgotten::These(placed.forgotten),
        standing: standing.into_iter().filter(|customer| !here.contains(customer)).collect(),
        totals: live.totals,
        matching: ResolutionReport {
            model: live.model.version().to_owned(),
            records: live.totals.records as u64,
            blocking: BlockingReport::default(),
            cuts: Vec::new(),
            refused_links: Vec::new(),
        },
        model: Arc::clone(&live.model),
    })
}
