//! The fold: `records, decisions -> customers`, and writing what changed of it.
//!
//! Safe to run twice: a fold over unchanged facts writes nothing. Two folds at once are kept apart by comparing the number of
//! the last one before and after: the later one begins again.

use super::Identity;
use super::assign::{Aliases, Assigned, Current, Retired, assign_beside, torn};
use super::contest::contested;
use super::golden::{golden, pins, record};
use super::model::Trained;
use super::survivorship::rules_now;
use crate::store::{
    ChangeEntry, ChangeKind, DecisionRow, FoldedCustomer, Forgotten, FoundCandidate, LINK, LinkChange, NEVER_LINK,
    Resolution as Write, Store, StoreError, StoredParty, fold_text,
};
use onefold_matching::{
    CutCause, Frequencies, LinkDecision, LinkDecisionKind, PartyRecord, Pin, Progress, ResolutionReport, ScoredPair,
    SurvivorshipRules, explain, resolve, resolve_with_frequencies,
};
use onefold_model::{Clock, CustomerId, MatchCandidateId, PartyKind, RecordId, Timestamp};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

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
    /// A model cannot be trained on nothing.
    #[error("there are no parties to learn a model from: sync or import some first")]
    NothingToLearn,
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
pub(super) const TRIES: u32 = 5;

/// What the facts amount to: all of them, or those around what changed.
pub(super) struct Resolved {
    pub facts: Facts,
    pub records: Vec<PartyRecord>,
    /// A partition of the records, or of those whose customers may be others now.
    pub clusters: Vec<Vec<RecordId>>,
    /// Pairs for review whose evidence may be new.
    pub review: Vec<ScoredPair>,
    pub forgotten: Forgotten,
    /// Customers elsewhere whose ids a new one might get.
    pub standing: BTreeSet<CustomerId>,
    pub totals: Totals,
    pub matching: ResolutionReport,
    pub model: Arc<Trained>,
}

/// What there is after a fold.
#[derive(Debug, Clone, Copy)]
pub(super) struct Totals {
    pub records: usize,
    pub customers: usize,
    pub candidates: usize,
}

/// What a fold reads.
pub(super) struct Facts {
    pub parties: Vec<StoredParty>,
    pub current: Current,
    pub decisions: Vec<LinkDecision>,
    /// Links that stand and whose records may contradict one another now.
    pub links: Vec<DecisionRow>,
    /// What is held fast, the latest first.
    pub pins: Vec<Pin>,
    /// By which rules values are chosen.
    pub rules: SurvivorshipRules,
    pub touched: HashSet<RecordId>,
    pub outbox_up_to: i64,
}

/// What a fold of everything leaves.
pub(super) struct Folded {
    pub report: FoldReport,
    pub resolved: Resolved,
    /// Its number.
    pub generation: i64,
    /// Whether the next fold has the same model.
    pub frozen: Option<String>,
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
        Ok(self.fold_all(store, clock, actor, progress).await?.report)
    }

    pub(super) async fn fold_all(
        &self,
        store: &Store,
        clock: &dyn Clock,
        actor: &str,
        progress: impl Fn(Progress) + Send + Sync + Clone + 'static,
    ) -> Result<Folded, IdentityError> {
        for _ in 0..TRIES {
            let generation = store.fold_generation().await?;
            let active = store.model_active().await?;
            let trained = self.trained(store, active.as_deref()).await?;
            let next_version = if active.is_none() { self.next_version(store).await? } else { String::new() };
            let facts = read(store).await?;
            let (identity, progress) = (self.clone(), progress.clone());
            // Matching takes seconds of pure computing: it must not hold up the threads that answer requests.
            let resolving =
                tokio::task::spawn_blocking(move || identity.resolve(facts, trained, next_version, progress));
            let resolved = resolving.await.map_err(|_| IdentityError::Stopped)?;
            let aliases = aliases(store, &resolved).await?;
            let (at, actor) = (clock.now(), actor.to_owned());
            let writing = tokio::task::spawn_blocking(move || {
                let (write, report) = work(&resolved, &aliases, at, actor);
                (resolved, write, report)
            });
            let (resolved, write, report) = writing.await.map_err(|_| IdentityError::Stopped)?;
            let is_frozen = active.is_some() || resolved.records.len() >= self.frozen_from;
            let frozen = is_frozen.then(|| resolved.model.version().to_owned());
            let mut tx = store.begin().await?;
            tx.identity_lock().await?;
            if tx.fold_generation().await? != generation || tx.model_active().await? != active {
                continue;
            }
            if active.is_none() && is_frozen {
                resolved.model.insert(&mut tx, at, Some(at)).await?;
            }
            tx.resolution_apply(&write).await?;
            let generation = tx.fold_generation().await?;
            tx.commit().await?;
            self.judge_keep(frozen.as_deref(), generation, &resolved.model).await;
            return Ok(Folded { report, resolved, generation, frozen });
        }
        Err(IdentityError::Contended(TRIES))
    }

    /// The first pure part: which records belong together. Without a trained model they train one, if there are enough.
    pub(super) fn resolve(
        &self,
        facts: Facts,
        trained: Option<Trained>,
        next_version: String,
        progress: impl Fn(Progress),
    ) -> Resolved {
        let records: Vec<PartyRecord> = facts.parties.iter().map(record).collect();
        let mut tell = |step| progress(step);
        let (resolution, model) = if let Some(trained) = trained {
            let (settings, frequencies) = (&trained.settings, &trained.frequencies);
            (resolve_with_frequencies(&records, &facts.decisions, settings, frequencies, &mut tell), trained)
        } else {
            let mut settings = self.settings.clone();
            if records.len() >= self.frozen_from {
                settings.model.version = next_version;
            }
            let mut resolution = resolve(&records, &facts.decisions, &settings, &mut tell);
            let frequencies = std::mem::replace(&mut resolution.frequencies, Frequencies::empty());
            (resolution, Trained { settings, frequencies: Arc::new(frequencies) })
        };
        let totals = Totals {
            records: records.len(),
            customers: resolution.clusters.len(),
            candidates: resolution.review.len(),
        };
        Resolved {
            facts,
            records,
            clusters: resolution.clusters,
            review: resolution.review,
            forgotten: Forgotten::AllOthers,
            standing: BTreeSet::new(),
            totals,
            matching: resolution.report,
            model: Arc::new(model),
        }
    }
}

/// The second pure part: what is to be written.
pub(super) fn work(resolved: &Resolved, aliases: &Aliases, at: Timestamp, actor: String) -> (Write, FoldReport) {
    let assigned = assign_beside(&resolved.clusters, &resolved.facts.current, aliases, &resolved.standing);
    let write = write(resolved, &assigned, candidates(resolved), at, actor);
    let report = FoldReport {
        records: resolved.totals.records,
        customers: resolved.totals.customers,
        relinked: write.links.len(),
        changed: write.customers.len(),
        candidates: resolved.totals.candidates,
        matching: resolved.matching.clone(),
    };
    (write, report)
}

fn candidates(resolved: &Resolved) -> Vec<FoundCandidate> {
    let by_id: HashMap<RecordId, &PartyRecord> = resolved.records.iter().map(|record| (record.id, record)).collect();
    let found = resolved.review.iter().filter_map(|pair| {
        let (left, right) = (by_id.get(&pair.left)?, by_id.get(&pair.right)?);
        let explanation = explain(left, right, &resolved.model.frequencies, &resolved.model.settings);
        Some(FoundCandidate {
            id: MatchCandidateId::derive(pair.left, pair.right),
            left: pair.left,
            right: pair.right,
            probability: pair.probability.get(),
            weight: pair.weight.0,
            evidence: serde_json::to_string(&explanation).ok()?,
            contests: None,
            cause: pair.cut.and_then(word),
        })
    });
    let mut found: Vec<FoundCandidate> = found.collect();
    let known: HashSet<MatchCandidateId> = found.iter().map(|candidate| candidate.id).collect();
    found.extend(contested(resolved).into_iter().filter(|candidate| !known.contains(&candidate.id)));
    found
}

/// The word of a cause, which is the word of the graph.
fn word(cause: CutCause) -> Option<String> {
    serde_json::to_value(cause).ok()?.as_str().map(str::to_owned)
}

fn write(
    resolved: &Resolved,
    assigned: &Assigned,
    candidates: Vec<FoundCandidate>,
    at: Timestamp,
    actor: String,
) -> Write {
    let Resolved { facts, clusters, .. } = resolved;
    let parties: HashMap<RecordId, &StoredParty> = facts.parties.iter().map(|party| (party.record, party)).collect();
    let known: BTreeSet<CustomerId> = facts.current.values().map(|(customer, _)| *customer).collect();
    let mut write = Write {
        model: resolved.model.version().to_owned(),
        at,
        links: Vec::new(),
        customers: Vec::new(),
        retired: assigned.retired.iter().chain(&assigned.moved).copied().collect(),
        candidates,
        forgotten: resolved.forgotten.clone(),
        changes: Vec::new(),
        outbox_up_to: facts.outbox_up_to,
        actor,
    };
    let lost: HashSet<CustomerId> = left_behind(clusters, assigned, &facts.current);
    for (cluster, customer) in clusters.iter().zip(&assigned.customers) {
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
        write.customers.push(folded(*customer, cluster, &parties, facts));
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

pub(super) async fn read(store: &Store) -> Result<Facts, StoreError> {
    // The outbox first: what arrives while the facts are read stays in it for the next fold.
    let (_, outbox_up_to) = store.outbox_depth().await?;
    let touched = store.outbox_list(i64::MAX).await?.into_iter().filter(|row| row.seq <= outbox_up_to);
    let touched = touched.map(|row| row.record).collect();
    let parties = store.party_list().await?;
    let links = store.link_list().await?;
    let current = links.into_iter().map(|(record, customer, since)| (RecordId(record), (customer, since))).collect();
    let standing = store.decision_list().await?;
    let decisions = as_links(&standing);
    let links = standing.into_iter().filter(|row| row.kind == LINK).collect();
    let pins = pins(&store.pin_list().await?);
    let rules = rules_now(store).await?;
    Ok(Facts { parties, current, decisions, links, pins, rules, touched, outbox_up_to })
}

/// What stands of people's decisions, as matching takes it.
pub async fn decisions(store: &Store) -> Result<Vec<LinkDecision>, StoreError> {
    Ok(as_links(&store.decision_list().await?))
}

/// Decisions as matching takes them. That a pair is looked at later is none of its business.
pub fn as_links(rows: &[DecisionRow]) -> Vec<LinkDecision> {
    let link = |row: &DecisionRow| {
        let kind = match row.kind.as_str() {
            LINK => LinkDecisionKind::Link,
            NEVER_LINK => LinkDecisionKind::NeverLink,
            _ => return None,
        };
        Some(LinkDecision { kind, left: row.left, right: row.right })
    };
    rows.iter().filter_map(link).collect()
}

/// The ids that were retired into customers whose records no longer are together.
pub(super) async fn aliases(store: &Store, resolved: &Resolved) -> Result<Aliases, StoreError> {
    let mut aliases = Aliases::new();
    for torn in torn(&resolved.clusters, &resolved.facts.current).chunks(512) {
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
fn folded(
    id: CustomerId,
    cluster: &[RecordId],
    parties: &HashMap<RecordId, &StoredParty>,
    facts: &Facts,
) -> FoldedCustomer {
    let members: Vec<StoredParty> =
        cluster.iter().filter_map(|id| parties.get(id)).map(|party| (*party).clone()).collect();
    let golden = golden(&members, &facts.pins, &facts.rules);
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
