//! The fold: `records, decisions -> customers`, and writing what changed of it.
//!
//! Safe to run twice: a fold over unchanged facts writes nothing. Two folds at once are kept apart by comparing the number of
//! the last one before and after: the later one begins again.

use super::Identity;
use super::assign::{Aliases, Assigned, Current, Retired, assign, torn};
use super::golden::{golden, record};
use crate::store::{
    ChangeEntry, ChangeKind, FoldedCustomer, FoundCandidate, LinkChange, Resolution as Write, Store, StoreError,
    StoredParty, fold_text,
};
use onefold_matching::{
    LinkDecision, LinkDecisionKind, PartyRecord, Progress, Resolution, ResolutionReport, explain, resolve,
};
use onefold_model::{Clock, CustomerId, MatchCandidateId, PartyKind, RecordId, Timestamp};
use std::collections::{BTreeSet, HashMap, HashSet};

/// Why a fold did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The store failed.
    #[error("could not read or write what a fold needs")]
    Store(#[from] StoreError),
    /// The process ended the fold.
    #[error("the fold was stopped before its end")]
    Stopped,
    /// Other folds came in between, again and again.
    #[error("other folds came in between {0} times: run one at a time")]
    Contended(u32),
}

/// What a fold found and changed.
#[derive(Debug, Clone)]
pub struct FoldReport {
    /// Records of parties.
    pub records: usize,
    /// Customers that they make.
    pub customers: usize,
    /// Records that belong elsewhere now, or for the first time.
    pub relinked: usize,
    /// Customers that changed or are new.
    pub changed: usize,
    /// Pairs for review.
    pub candidates: usize,
    /// What matching did.
    pub matching: ResolutionReport,
}

/// A fold that others overtake is begun again so often.
const TRIES: u32 = 5;

/// What the facts amount to.
struct Resolved {
    facts: Facts,
    records: Vec<PartyRecord>,
    resolution: Resolution,
}

/// What a fold reads.
struct Facts {
    parties: Vec<StoredParty>,
    current: Current,
    decisions: Vec<LinkDecision>,
    touched: HashSet<RecordId>,
    outbox_up_to: i64,
}

impl Identity {
    /// Folds everything there is. `progress` is called from another thread.
    pub async fn fold(
        &self,
        store: &Store,
        clock: &dyn Clock,
        actor: &str,
        progress: impl Fn(Progress) + Send + Sync + Clone + 'static,
    ) -> Result<FoldReport, IdentityError> {
        for _ in 0..TRIES {
            let generation = store.fold_generation().await?;
            let facts = read(store).await?;
            let (identity, progress) = (self.clone(), progress.clone());
            // Matching takes seconds of pure computing: it must not hold up the threads that answer requests.
            let work = tokio::task::spawn_blocking(move || identity.resolve(facts, progress));
            let resolved = work.await.map_err(|_| IdentityError::Stopped)?;
            let aliases = aliases(store, &resolved).await?;
            let (identity, at, actor) = (self.clone(), clock.now(), actor.to_owned());
            let work = tokio::task::spawn_blocking(move || identity.work(&resolved, &aliases, at, actor));
            let (write, report) = work.await.map_err(|_| IdentityError::Stopped)?;
            let mut tx = store.begin().await?;
            tx.identity_lock().await?;
            if tx.fold_generation().await? != generation {
                continue;
            }
            tx.resolution_apply(&write).await?;
            tx.commit().await?;
            return Ok(report);
        }
        Err(IdentityError::Contended(TRIES))
    }

    /// The first pure part: which records belong together.
    fn resolve(&self, facts: Facts, progress: impl Fn(Progress)) -> Resolved {
        let records: Vec<PartyRecord> = facts.parties.iter().map(record).collect();
        let resolution = resolve(&records, &facts.decisions, &self.settings, &mut |step| progress(step));
        Resolved { facts, records, resolution }
    }

    /// The second pure part: what is to be written.
    fn work(&self, resolved: &Resolved, aliases: &Aliases, at: Timestamp, actor: String) -> (Write, FoldReport) {
        let Resolved { facts, records, resolution } = resolved;
        let assigned = assign(&resolution.clusters, &facts.current, aliases);
        let candidates = self.candidates(records, resolution);
        let write = self.write(facts, resolution, &assigned, candidates, at, actor);
        let report = FoldReport {
            records: records.len(),
            customers: resolution.clusters.len(),
            relinked: write.links.len(),
            changed: write.customers.len(),
            candidates: write.candidates.len(),
            matching: resolution.report.clone(),
        };
        (write, report)
    }

    fn candidates(&self, records: &[PartyRecord], resolution: &Resolution) -> Vec<FoundCandidate> {
        let by_id: HashMap<RecordId, &PartyRecord> = records.iter().map(|record| (record.id, record)).collect();
        let found = resolution.review.iter().filter_map(|pair| {
            let (left, right) = (by_id.get(&pair.left)?, by_id.get(&pair.right)?);
            let explanation = explain(left, right, &resolution.frequencies, &self.settings);
            Some(FoundCandidate {
                id: MatchCandidateId::derive(pair.left, pair.right),
                left: pair.left,
                right: pair.right,
                probability: pair.probability.get(),
                weight: pair.weight.0,
                evidence: serde_json::to_string(&explanation).ok()?,
            })
        });
        found.collect()
    }

    fn write(
        &self,
        facts: &Facts,
        resolution: &Resolution,
        assigned: &Assigned,
        candidates: Vec<FoundCandidate>,
        at: Timestamp,
        actor: String,
    ) -> Write {
        let parties: HashMap<RecordId, &StoredParty> =
            facts.parties.iter().map(|party| (party.record, party)).collect();
        let known: BTreeSet<CustomerId> = facts.current.values().map(|(customer, _)| *customer).collect();
        let mut write = Write {
            model: self.settings.model.version.clone(),
            at,
            links: Vec::new(),
            customers: Vec::new(),
            retired: assigned.retired.iter().chain(&assigned.moved).copied().collect(),
            candidates,
            changes: Vec::new(),
            outbox_up_to: facts.outbox_up_to,
            actor,
        };
        let lost: HashSet<CustomerId> = left_behind(&resolution.clusters, assigned, &facts.current);
        for (cluster, customer) in resolution.clusters.iter().zip(&assigned.customers) {
            let moved: Vec<RecordId> = cluster
                .iter()
                .copied()
                .filter(|id| facts.current.get(id).map(|(home, _)| home) != Some(customer))
                .collect();
            let is_touched = cluster.iter().any(|id| facts.touched.contains(id));
            if moved.is_empty() && !is_touched && !lost.contains(customer) {
                continue;
            }
            write.links.extend(moved.into_iter().map(|record| LinkChange { record, customer: *customer }));
            write.customers.push(folded(*customer, cluster, &parties));
            let kind = if known.contains(customer) { ChangeKind::CustomerUpdated } else { ChangeKind::CustomerCreated };
            let split = assigned.split.iter().find(|(new, _)| new == customer).map(|(_, before)| *before);
            write.changes.push(ChangeEntry {
                kind: if split.is_some() { ChangeKind::CustomerSplit } else { kind },
                node: (*customer).into(),
                source: None,
                detail: split.map(Into::into),
            });
        }
        write.changes.extend(assigned.retired.iter().map(|(retired, into)| ChangeEntry {
            kind: ChangeKind::CustomerMerged,
            node: (*retired).into(),
            source: None,
            detail: Some((*into).into()),
        }));
        write
    }
}

async fn read(store: &Store) -> Result<Facts, StoreError> {
    // The outbox first: what arrives while the facts are read stays in it for the next fold.
    let (_, outbox_up_to) = store.outbox_depth().await?;
    let touched = store.outbox_list(i64::MAX).await?.into_iter().filter(|row| row.seq <= outbox_up_to);
    let touched = touched.map(|row| row.record).collect();
    let parties = store.party_list().await?;
    let links = store.link_list().await?;
    let current = links.into_iter().map(|(record, customer, since)| (RecordId(record), (customer, since))).collect();
    let decisions = store.decision_list().await?.into_iter().map(|decision| LinkDecision {
        kind: if decision.kind == "LINK" { LinkDecisionKind::Link } else { LinkDecisionKind::NeverLink },
        left: decision.left,
        right: decision.right,
    });
    Ok(Facts { parties, current, decisions: decisions.collect(), touched, outbox_up_to })
}

/// The ids that were retired into customers whose records no longer are together.
async fn aliases(store: &Store, resolved: &Resolved) -> Result<Aliases, StoreError> {
    let mut aliases = Aliases::new();
    for torn in torn(&resolved.resolution.clusters, &resolved.facts.current).chunks(512) {
        for (customer, id, since) in store.customer_retirements(torn).await? {
            aliases.entry(customer).or_default().push(Retired { id, since });
        }
    }
    Ok(aliases)
}

/// Customers that keep their id and lose a record: their links do not show it, their values do.
fn left_behind(clusters: &[Vec<RecordId>], assigned: &Assigned, current: &Current) -> HashSet<CustomerId> {
    let mut lost = HashSet::new();
    for (cluster, customer) in clusters.iter().zip(&assigned.customers) {
        let before = cluster.iter().filter_map(|record| current.get(record)).map(|(home, _)| *home);
        lost.extend(before.filter(|home| home != customer));
    }
    lost
}

/// What is kept of a customer's values, so that lists can be ordered by it.
fn folded(id: CustomerId, cluster: &[RecordId], parties: &HashMap<RecordId, &StoredParty>) -> FoldedCustomer {
    let members: Vec<StoredParty> =
        cluster.iter().filter_map(|id| parties.get(id)).map(|party| (*party).clone()).collect();
    let golden = golden(&members);
    let text = |path: &str| -> Option<String> {
        let field = golden.as_ref()?.fields.iter().find(|field| field.path == path)?;
        field.value.as_str().map(str::to_owned)
    };
    FoldedCustomer {
        id,
        kind: golden.as_ref().map_or(PartyKind::Person, |golden| golden.kind),
        record_count: i64::try_from(cluster.len()).unwrap_or(i64::MAX),
        // An index takes no more than a few thousand bytes.
        sort_name: text("displayName").map(|name| fold_text(&name).chars().take(200).collect()),
        email: text("email"),
        phone: text("phone"),
    }
}
