//! What an export is to look at: everybody, or who changed since; and what became of those who are gone.
//!
//! Promises: in the order of their ids, each once; nobody is told of who was never theirs to see.

use super::super::{App, AppError, Session};
use crate::store::{ChangeKind, CustomerFilter, ExportRow};
use onefold_model::{CustomerId, RecordId};
use std::collections::{BTreeMap, BTreeSet};

/// Entries of the log that are looked at in one step.
const STEP: i64 = 1_000;

/// Customers that a step through the log has found.
#[derive(Debug)]
pub struct ExportFound {
    /// Each once, and whether the caller is told that they were erased.
    pub customers: Vec<(CustomerId, bool)>,
    /// The place up to which it went.
    pub up_to: i64,
}

/// Why somebody is not among the customers any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportGone {
    /// They went into this one.
    Merged(CustomerId),
    /// They were erased.
    Erased,
    /// The caller sees them no more.
    Hidden,
}

/// What is to be written of somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportLine {
    /// What they are now.
    Here(CustomerId),
    /// That they are gone.
    Gone(CustomerId, ExportGone),
}

/// What is to be written next.
#[derive(Debug)]
pub struct ExportNext {
    /// In the order of their ids.
    pub lines: Vec<ExportLine>,
    /// Who was looked at last.
    pub last: Option<CustomerId>,
    /// Whether there may be more behind them.
    pub has_more: bool,
}

impl App {
    /// What is to be written next of an export whose place in the log is known, as its owner may see it.
    pub async fn export_next(&self, session: &Session, row: &ExportRow, count: i64) -> Result<ExportNext, AppError> {
        if row.after.is_none() {
            return session.export_everybody(row.last, count).await;
        }
        let found = self.store.export_found(row.id, row.last, count).await?;
        session.export_lines(&found, count).await
    }

    /// How many customers such an export is to look at.
    pub async fn export_total(&self, session: &Session, row: &ExportRow) -> Result<i64, AppError> {
        if row.after.is_none() {
            return session.export_everybody_count().await;
        }
        Ok(self.store.export_found_count(row.id).await?)
    }
}

impl Session {
    /// The next customers of everybody that the caller may see.
    pub async fn export_everybody(&self, after: Option<CustomerId>, count: i64) -> Result<ExportNext, AppError> {
        let ids = self.store().customer_ids(self.scope(), after, count).await?;
        let (last, has_more) = (ids.last().copied(), i64::try_from(ids.len()).is_ok_and(|found| found >= count));
        Ok(ExportNext { lines: ids.into_iter().map(ExportLine::Here).collect(), last, has_more })
    }

    /// How many customers the caller may see.
    pub async fn export_everybody_count(&self) -> Result<i64, AppError> {
        Ok(self.store().customer_count(self.scope(), &CustomerFilter::default()).await?)
    }

    /// Who the next entries of the log are about, up to a place. Of what happened with somebody, both whose it is now and whose
    /// it was.
    pub async fn export_found(&self, after: i64, until: i64) -> Result<ExportFound, AppError> {
        let rows = self.store().change_list(after, STEP.min(until - after)).await?;
        let rows: Vec<_> = rows.into_iter().filter(|row| row.seq <= until).collect();
        let up_to = rows.last().map_or(until, |row| row.seq);
        let (mut found, mut records, mut changed) = (BTreeMap::new(), BTreeSet::new(), BTreeSet::new());
        for row in rows {
            let is_erased = row.kind == ChangeKind::CustomerErased && self.shows_gone("Customer", &row);
            for node in [Some(row.node), row.detail].into_iter().flatten() {
                if let Ok(customer) = CustomerId::try_from(node) {
                    let erased = found.entry(customer).or_insert(false);
                    *erased |= is_erased && node == row.node;
                } else if let Ok(record) = RecordId::try_from(node) {
                    records.insert(record);
                    if row.kind == ChangeKind::RecordUpdated {
                        changed.insert(record);
                    }
                }
            }
        }
        let records: Vec<RecordId> = records.into_iter().collect();
        let changed: Vec<RecordId> = changed.into_iter().collect();
        let now = self.store().record_customers(&records).await?;
        let before = self.store().record_customers_before(&changed).await?;
        for customer in now.into_iter().chain(before) {
            found.entry(customer).or_insert(false);
        }
        Ok(ExportFound { customers: found.into_iter().collect(), up_to })
    }

    /// What is to be written of those who were found, in their order. Of whom nothing is to be said, nothing is.
    pub async fn export_lines(&self, found: &[(CustomerId, bool)], count: i64) -> Result<ExportNext, AppError> {
        let ids: Vec<CustomerId> = found.iter().map(|(id, _)| *id).collect();
        let standing = self.store().customer_get(self.scope(), &ids).await?;
        let missing: Vec<CustomerId> = ids.iter().filter(|id| !standing.contains_key(id)).copied().collect();
        let once = self.store().customer_shown_once(self.scope(), &missing).await?;
        let once: BTreeSet<CustomerId> = once.into_iter().collect();
        let line = |(id, is_erased): &(CustomerId, bool)| match standing.get(id) {
            Some(row) if row.id == *id => Some(ExportLine::Here(*id)),
            Some(row) => Some(ExportLine::Gone(*id, ExportGone::Merged(row.id))),
            None if *is_erased => Some(ExportLine::Gone(*id, ExportGone::Erased)),
            None if once.contains(id) => Some(ExportLine::Gone(*id, ExportGone::Hidden)),
            None => None,
        };
        let (last, has_more) = (ids.last().copied(), i64::try_from(ids.len()).is_ok_and(|found| found >= count));
        Ok(ExportNext { lines: found.iter().filter_map(line).collect(), last, has_more })
    }
}
