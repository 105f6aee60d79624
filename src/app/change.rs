//! The change log as one caller may read it: what became different, in the order in which it was committed.
//!
//! Promises: an entry is told to whoever may see its object at the moment of telling, and to nobody else; an entry of what is
//! no longer there is told to whoever may see all that its source says, unless a condition on rows might have hidden it; a place
//! in the log is a number, so that reading goes on where it stopped. Deliberately does not wait: see [`App::change_watch`].

use super::{App, AppError, Session};
use crate::store::{ChangeKind, ChangeRow};
use onefold_model::{CustomerId, DepartmentKey, NodeId, RecordId, RecordKind, Timestamp};
use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::watch;

/// How soon others' entries are noticed: those of another process over the same store come without a call.
const LOOK: Duration = Duration::from_millis(200);

/// Entries that are looked at in one step.
const STEP: i64 = 100;

/// Which entries are asked for.
#[derive(Debug, Clone, Default)]
pub struct ChangeAsk {
    /// Of these kinds; of all where none is named.
    pub kinds: Vec<ChangeKind>,
    /// Only what concerns this customer.
    pub customer: Option<CustomerId>,
}

/// An entry that the caller may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeView {
    /// Its place in the log.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// What became different.
    pub kind: ChangeKind,
    /// Of what.
    pub node: NodeId,
    /// The other customer of a merge or a split, where the caller may see it.
    pub other: Option<NodeId>,
}

/// A step through the log.
#[derive(Debug)]
pub struct ChangeStep {
    /// What the caller may see of it.
    pub told: Vec<ChangeView>,
    /// The place up to which it went.
    pub up_to: i64,
    /// Whether the log may go on behind it.
    pub has_more: bool,
}

/// What entries hold on to: who reads the log shares one look at its end.
#[derive(Debug, Default)]
pub(super) struct Watched(Mutex<Option<watch::Receiver<i64>>>);

impl Session {
    /// Whether any entry could ever be shown to the caller.
    pub fn change_readable(&self) -> bool {
        self.shows_type("Customer") || self.shows_type("SourceRecord")
    }

    /// The place of the newest entry.
    pub async fn change_last(&self) -> Result<i64, AppError> {
        Ok(self.store().change_last().await?)
    }

    /// The next entries after a place.
    pub async fn change_step(&self, after: i64, ask: &ChangeAsk) -> Result<ChangeStep, AppError> {
        let rows = self.store().change_list(after, STEP).await?;
        let up_to = rows.last().map_or(after, |row| row.seq);
        let has_more = i64::try_from(rows.len()).is_ok_and(|count| count >= STEP);
        let wanted = rows.into_iter().filter(|row| ask.wants(row)).collect();
        Ok(ChangeStep { told: self.change_shown(wanted).await?, up_to, has_more })
    }

    /// The entry, if the caller may still see it.
    pub async fn change_again(&self, view: &ChangeView, ask: &ChangeAsk) -> Result<Option<ChangeView>, AppError> {
        let row = self.store().change_list(view.seq - 1, 1).await?.pop();
        let row = row.filter(|row| row.seq == view.seq && ask.wants(row));
        Ok(self.change_shown(row.into_iter().collect()).await?.pop())
    }

    async fn change_shown(&self, rows: Vec<ChangeRow>) -> Result<Vec<ChangeView>, AppError> {
        let nodes = || rows.iter().flat_map(|row| [Some(row.node), row.detail]).flatten();
        let customers: BTreeSet<CustomerId> = nodes().filter_map(|node| node.try_into().ok()).collect();
        let records: BTreeSet<RecordId> = nodes().filter_map(|node| node.try_into().ok()).collect();
        let customers: Vec<CustomerId> = customers.into_iter().collect();
        let records: Vec<RecordId> = records.into_iter().collect();
        let mut shown: HashSet<NodeId> = HashSet::new();
        let mut gone: HashSet<NodeId> = HashSet::new();
        if !customers.is_empty() {
            // Whoever was shown nothing but an id was not shown what an audit of reads would note.
            shown.extend(self.store().customer_get(self.scope(), &customers).await?.into_keys().map(NodeId::from));
        }
        if !records.is_empty() {
            let found = self.store().record_get(self.scope(), &records).await?;
            let found = found.into_iter().filter(|row| self.shows_record(row.kind, Some(&row.department)));
            shown.extend(found.map(|row| NodeId::from(row.id)));
            let standing: HashSet<RecordId> = self.store().record_standing(&records).await?.into_iter().collect();
            gone.extend(records.iter().filter(|id| !standing.contains(id)).map(|id| NodeId::from(*id)));
        }
        let mut told: Vec<ChangeView> = Vec::new();
        for row in rows {
            let is_shown = match row.kind {
                ChangeKind::CustomerErased => self.shows_gone("Customer", &row),
                ChangeKind::RecordDeleted if gone.contains(&row.node) => self.shows_gone("SourceRecord", &row),
                ChangeKind::RecordDeleted
                | ChangeKind::RecordCreated
                | ChangeKind::RecordUpdated
                | ChangeKind::CustomerCreated
                | ChangeKind::CustomerUpdated
                | ChangeKind::CustomerMerged
                | ChangeKind::CustomerSplit => shown.contains(&row.node),
            };
            // Of somebody erased there is an entry for each source that spoke of them.
            let is_told = told.last().is_some_and(|last| {
                row.kind == ChangeKind::CustomerErased && last.kind == row.kind && last.node == row.node
            });
            if is_shown && !is_told {
                let ChangeRow { seq, at, kind, node, detail, .. } = row;
                told.push(ChangeView { seq, at, kind, node, other: detail.filter(|node| shown.contains(node)) });
            }
        }
        Ok(told)
    }

    /// A record is told of where the thing that it says may be seen: an invoice, a ticket.
    fn shows_record(&self, kind: RecordKind, department: Option<&DepartmentKey>) -> bool {
        kind == RecordKind::Party || self.scope().type_owners(kind.type_name()).includes(department)
    }

    /// What is not there any more can be held against no condition on rows: who has one is not told. Of a record, nobody knows
    /// any more what it was of: it is told to whoever may see all kinds of that source.
    pub(super) fn shows_gone(&self, type_name: &str, row: &ChangeRow) -> bool {
        let department = row.source.and_then(|id| self.source(id)).map(|source| &source.department);
        let is_owner = department.is_some() && self.scope().type_owners(type_name).includes(department);
        let is_any_kind = row.kind == ChangeKind::CustomerErased
            || RecordKind::ALL.iter().all(|kind| self.shows_record(*kind, department));
        is_owner && is_any_kind && self.scope().rows("Customer").is_always()
    }
}

impl ChangeAsk {
    fn wants(&self, row: &ChangeRow) -> bool {
        let of_kind = self.kinds.is_empty() || self.kinds.contains(&row.kind);
        let of_customer = self.customer.is_none_or(|customer| {
            let node = NodeId::from(customer);
            row.node == node || row.detail == Some(node)
        });
        of_kind && of_customer
    }
}

impl App {
    /// Tells when the log has become longer. One look at the store serves all who wait, as long as somebody does.
    pub fn change_watch(self: &Arc<Self>) -> watch::Receiver<i64> {
        let mut watched = self.watched.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = watched.as_ref().filter(|known| known.has_changed().is_ok()) {
            return known.clone();
        }
        let (tell, ends) = watch::channel(0);
        *watched = Some(ends.clone());
        tokio::spawn(look(Arc::downgrade(self), tell));
        ends
    }
}

impl Session {
    /// As [`App::change_watch`].
    pub fn change_watch(&self) -> watch::Receiver<i64> {
        self.app.change_watch()
    }

    /// One more with each set of policies that was put in place.
    pub fn policy_generation(&self) -> u64 {
        self.app.policies.state().generation
    }
}

/// Ends with the hub, and when nobody but the hub itself holds the other end.
async fn look(app: Weak<App>, tell: watch::Sender<i64>) {
    loop {
        {
            let Some(app) = app.upgrade() else { return };
            match app.store.change_last().await {
                Ok(last) => {
                    tell.send_if_modified(|known| std::mem::replace(known, last) != last);
                }
                Err(error) => tracing::error!(%error, "the end of the change log could not be read"),
            }
            let mut watched = app.watched.0.lock().unwrap_or_else(PoisonError::into_inner);
            if tell.receiver_count() <= 1 {
                *watched = None;
                return;
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}
