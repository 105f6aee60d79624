//! From what is asked to the decisions that would bring it about.
//!
//! Promises that whatever makes no sense is refused before anything is looked at: records or customers that are not there,
//! that were erased, that are of two kinds, that are one already, or for which the caller does not review.

use super::super::{AppError, Session};
use super::{PlanAsk, PlanKind, PlannedDecision, apart, star};
use crate::auth::Scope;
use crate::identity::Foresight;
use crate::store::{CustomerRow, DecisionRow, LINK, NEVER_LINK, StoredParty};
use onefold_model::{CustomerId, RecordId};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// At most so many customers are merged, or groups made, at once.
const MOST_PARTS: usize = 20;
/// At most so many records: a customer of more is a defect of the data.
const MOST_RECORDS: usize = 1_000;

/// Decisions that would bring about what is asked.
pub(super) struct Draft {
    pub kind: PlanKind,
    /// The customers that are asked about, as they are.
    pub customers: Vec<CustomerId>,
    /// What would have to come out: each group one customer, no two groups the same.
    groups: Vec<Vec<RecordId>>,
    /// What to decide: the fewest decisions first, then more where those are not enough.
    pub ladder: Vec<Vec<PlannedDecision>>,
    /// Links that stand in the way.
    pub takes_back: Vec<DecisionRow>,
    /// Who has which record now.
    current: HashMap<RecordId, CustomerId>,
}

impl Draft {
    /// Whether what would be is what was asked for.
    pub fn is_met(&self, foresight: &Foresight) -> bool {
        let mut of: HashMap<RecordId, CustomerId> = self.current.clone();
        for (customer, records) in &foresight.after {
            of.extend(records.iter().map(|record| (*record, *customer)));
        }
        let homes: Vec<BTreeSet<Option<CustomerId>>> =
            self.groups.iter().map(|group| group.iter().map(|record| of.get(record).copied()).collect()).collect();
        let distinct: BTreeSet<_> = homes.iter().collect();
        homes.iter().all(|home| home.len() == 1) && distinct.len() == homes.len()
    }
}

impl Session {
    pub(super) async fn draft(&self, ask: &PlanAsk) -> Result<Draft, AppError> {
        match ask {
            PlanAsk::Merge(customers) => self.draft_merge(customers).await,
            PlanAsk::Split(customer, groups) => self.draft_split(*customer, groups).await,
        }
    }

    async fn draft_merge(&self, asked: &[CustomerId]) -> Result<Draft, AppError> {
        if !(2..=MOST_PARTS).contains(&asked.len()) {
            return Err(AppError::Invalid(format!("between 2 and {MOST_PARTS} customers are merged at once")));
        }
        let rows = self.customers_known(asked).await?;
        let ids: Vec<CustomerId> = rows.iter().map(|row| row.id).collect();
        if ids.iter().collect::<BTreeSet<_>>().len() < ids.len() {
            return Err(AppError::Invalid("two of these ids lead to one customer, which is merged already".to_owned()));
        }
        if rows.iter().any(|row| row.kind != rows[0].kind) {
            return Err(AppError::Invalid("a person and an organisation are never one customer".to_owned()));
        }
        let members = self.members_reviewed(&ids).await?;
        let standing = self.store().decision_among(&ids).await?;
        if let Some(never) = standing.iter().find(|row| row.kind == NEVER_LINK) {
            return Err(super::super::decision::contradicted(never));
        }
        let all: Vec<RecordId> = in_order(members.values().flatten());
        let first: Vec<RecordId> =
            ids.iter().filter_map(|id| in_order(members.get(id)?.iter()).first().copied()).collect();
        let ladder = vec![undecided(star(&first), &standing), undecided(star(&all), &standing)];
        Ok(Draft {
            kind: PlanKind::Merge,
            groups: vec![all],
            ladder,
            takes_back: Vec::new(),
            current: current(&members),
            customers: ids,
        })
    }

    async fn draft_split(&self, customer: CustomerId, groups: &[Vec<RecordId>]) -> Result<Draft, AppError> {
        let ids: Vec<CustomerId> = self.customers_known(&[customer]).await?.iter().map(|row| row.id).collect();
        let members = self.members_reviewed(&ids).await?;
        let groups = grouped(&members, groups)?;
        let standing = self.store().decision_among(&ids).await?;
        let group_of = |record: RecordId| groups.iter().position(|group| group.contains(&record));
        let is_across = |row: &&DecisionRow| row.kind == LINK && group_of(row.left) != group_of(row.right);
        let takes_back: Vec<DecisionRow> = standing.iter().filter(is_across).cloned().collect();
        let firsts: Vec<RecordId> = groups.iter().filter_map(|group| group.first().copied()).collect();
        let never = apart(&firsts);
        let whole = groups.iter().flat_map(|group| star(group)).chain(never.iter().copied());
        // Where each group holds together by itself, keeping the first ones apart is all that it takes.
        let ladder = vec![undecided(never.iter().copied(), &standing), undecided(whole, &standing)];
        Ok(Draft { kind: PlanKind::Split, customers: ids, groups, ladder, takes_back, current: current(&members) })
    }

    /// The customers with these ids, in their order.
    async fn customers_known(&self, asked: &[CustomerId]) -> Result<Vec<CustomerRow>, AppError> {
        let mut found = self.customer_get(asked).await?;
        let mut rows = Vec::new();
        for id in asked {
            match found.remove(id).or_else(|| rows.iter().find(|row: &&CustomerRow| row.id == *id).cloned()) {
                Some(row) => rows.push(row),
                None if self.store().customer_was_erased(*id).await? => {
                    return Err(AppError::Erased(format!("the customer {id} was erased on request")));
                }
                None => return Err(AppError::Missing(format!("there is no customer {id}"))),
            }
        }
        Ok(rows)
    }

    /// The records of these customers, if the caller reviews for all of them.
    async fn members_reviewed(&self, ids: &[CustomerId]) -> Result<BTreeMap<CustomerId, Vec<StoredParty>>, AppError> {
        let mut members: BTreeMap<CustomerId, Vec<StoredParty>> = BTreeMap::new();
        let found = self.store().customer_members(&Scope::system("plan"), ids).await?;
        if found.len() > MOST_RECORDS {
            let text = format!("{} records are too many for one plan: at most {MOST_RECORDS}", found.len());
            return Err(AppError::Invalid(text));
        }
        for member in found {
            members.entry(member.customer).or_default().push(member.party);
        }
        for parties in members.values() {
            self.may_review(parties).await?;
        }
        Ok(members)
    }
}

/// Records in the order in which they stand for a group: those that are still in their source first, then by id.
fn in_order<'p>(parties: impl Iterator<Item = &'p StoredParty>) -> Vec<RecordId> {
    let mut records: Vec<(bool, RecordId)> = parties.map(|party| (party.deleted, party.record)).collect();
    records.sort_unstable();
    records.into_iter().map(|(_, record)| record).collect()
}

fn current(members: &BTreeMap<CustomerId, Vec<StoredParty>>) -> HashMap<RecordId, CustomerId> {
    members.iter().flat_map(|(id, parties)| parties.iter().map(move |party| (party.record, *id))).collect()
}

/// Those of these decisions that do not stand yet.
fn undecided(made: impl Iterator<Item = PlannedDecision>, standing: &[DecisionRow]) -> Vec<PlannedDecision> {
    let stands = |made: &PlannedDecision| {
        standing.iter().any(|row| (row.left, row.right) == (made.left, made.right) && row.kind == made.kind)
    };
    made.filter(|made| !stands(made)).collect()
}

/// The groups of a split, each in order; records that were not named are the last one.
fn grouped(
    members: &BTreeMap<CustomerId, Vec<StoredParty>>,
    asked: &[Vec<RecordId>],
) -> Result<Vec<Vec<RecordId>>, AppError> {
    let parties: BTreeMap<RecordId, &StoredParty> =
        members.values().flatten().map(|party| (party.record, party)).collect();
    let mut left: BTreeSet<RecordId> = parties.keys().copied().collect();
    let mut groups = Vec::new();
    for group in asked {
        if group.is_empty() {
            return Err(AppError::Invalid("a group has at least one record".to_owned()));
        }
        for record in group {
            if !parties.contains_key(record) {
                return Err(AppError::Missing(format!("the customer has no record {record}")));
            }
            if !left.remove(record) {
                return Err(AppError::Invalid(format!("the record {record} is in two groups")));
            }
        }
        groups.push(in_order(group.iter().filter_map(|record| parties.get(record).copied())));
    }
    if !left.is_empty() {
        groups.push(in_order(left.iter().filter_map(|record| parties.get(record).copied())));
    }
    if !(2..=MOST_PARTS).contains(&groups.len()) {
        let text = format!("a split makes between 2 and {MOST_PARTS} groups, and this one {}", groups.len());
        return Err(AppError::Invalid(text));
    }
    Ok(groups)
}
