//! The audit as the use cases know it: deeds, refusals, what was read, and who may look.
//!
//! A deed's entry belongs into the deed's own transaction ([`Tx::audit_append`]); where there
//! is none, [`App::audit`] writes one. Deliberately never sees a value: whoever calls gives ids, kinds and figures.

mod kind;
mod reads;
mod writer;

pub use kind::ReadKind;
pub(super) use reads::Reads;
pub use reads::{CUSTOMER_READ, RECORD_READ};
pub(super) use writer::Writer;

use super::{App, AppError, Session};
use crate::auth::{Action, Permission};
use crate::config::AuditReads;
use crate::store::{AuditEntry, AuditFilter, AuditHead, AuditRow, AuditVerdict, PageAsk, Slice, SourceRow, Tx};
use onefold_model::{CustomerId, NodeId, SourceId, SourceKey};
use std::sync::Arc;

/// The action of an entry about policies that were put in place.
pub const POLICY_CHANGED: &str = "policy.change";
/// The action of an entry about something that somebody was not allowed to do.
pub const RIGHT_REFUSED: &str = "right.refused";

impl App {
    /// Writes an entry in a transaction of its own: for what has none, such as a login or a key that was given out.
    pub async fn audit(
        &self,
        actor: &str,
        action: &'static str,
        target: &str,
        detail: Option<String>,
    ) -> Result<(), AppError> {
        let (at, actor, target) = (self.clock.now(), actor.to_owned(), target.to_owned());
        let mut tx = self.store.begin().await?;
        tx.audit_append(&AuditEntry { at, actor, action, target, detail }).await?;
        Ok(tx.commit().await?)
    }

    /// Notes that other policies hold from now on: which set, by name or fingerprint, and what changed, in figures.
    pub async fn policy_changed(&self, actor: &str, set: &str, detail: Option<String>) -> Result<(), AppError> {
        self.audit(actor, POLICY_CHANGED, set, detail).await
    }

    /// Counts a token that was refused, by its code alone.
    pub fn token_refused(&self, code: &'static str) {
        self.audit.count_refused(code);
    }

    /// Comes back when everything that was asked of the writer is committed: before the process ends.
    pub async fn audit_settled(&self) -> Result<(), AppError> {
        self.audit.write(Vec::new()).await
    }

    /// Where the chain ends.
    pub async fn audit_head(&self) -> Result<AuditHead, AppError> {
        Ok(self.store.audit_head().await?)
    }

    /// Reads the whole chain, see [`Store::audit_verify`](crate::store::Store::audit_verify).
    pub async fn audit_verify(
        &self,
        exported: Option<AuditHead>,
        tick: impl FnMut(u64, i64),
    ) -> Result<AuditVerdict, AppError> {
        Ok(self.store.audit_verify(exported, tick).await?)
    }

    /// What notes the reads of a session.
    pub(super) fn reads(&self) -> Option<Arc<Reads>> {
        (self.audit_reads != AuditReads::None).then(|| Arc::new(Reads::new(self.audit_reads)))
    }
}

impl Session {
    /// Commits with an entry of what the caller did.
    pub(super) async fn commit_noted(
        &self,
        mut tx: Tx,
        action: &'static str,
        target: String,
        detail: Option<String>,
    ) -> Result<(), AppError> {
        let actor = self.scope().actor().subject().to_owned();
        tx.audit_append(&AuditEntry { at: self.app.clock.now(), actor, action, target, detail }).await?;
        Ok(tx.commit().await?)
    }

    /// Whether anything that the session reads is written down.
    pub fn notes_reads(&self) -> bool {
        self.reads.is_some()
    }

    /// Tells which fields of customers the request asks for, by name. Those that the caller may see of nobody do not count.
    pub fn reads_selected<'a>(&self, fields: impl IntoIterator<Item = &'a str>) {
        let Some(reads) = &self.reads else { return };
        for field in fields {
            let Some(kind) = ReadKind::of_customer_field(field) else { continue };
            let shown = |row: &SourceRow| !self.scope.field("Customer", field, Some(&row.department)).is_hidden();
            if self.app.sources.values().any(shown) {
                reads.select(kind);
            }
        }
    }

    /// Comes back when what the request has read is written down. Before that, nothing may be answered.
    pub async fn reads_written(&self) -> Result<(), AppError> {
        let Some(reads) = &self.reads else { return Ok(()) };
        let told = reads.take(self.scope.actor().subject(), self.app.clock.now());
        if told.is_empty() { Ok(()) } else { self.app.audit.write(told).await }
    }

    /// The values of these customers were read: of the kinds that the request selects.
    pub(super) fn read_values(&self, customers: &[CustomerId]) {
        if let Some(reads) = &self.reads {
            reads.values(customers);
        }
    }

    /// Something of these customers was read.
    pub(super) fn read(&self, customers: impl IntoIterator<Item = CustomerId>, kind: ReadKind) {
        if let Some(reads) = &self.reads {
            for customer in customers {
                reads.note(customer, kind);
            }
        }
    }

    /// Something was read that belongs to no customer that is known.
    pub(super) fn read_other(&self, object: impl Into<NodeId>, kind: ReadKind) {
        if let Some(reads) = &self.reads {
            reads.note_other(object, kind);
        }
    }

    /// Whether reads are written down, for whoever would have to ask the store what was read.
    pub(super) fn is_read_noted(&self, kind: ReadKind) -> bool {
        self.reads.is_some() && kind.is_wanted(self.app.audit_reads)
    }

    /// Writes down a refusal, and gives it back.
    pub(super) async fn refused(&self, error: AppError) -> AppError {
        let (target, detail) = match &error {
            AppError::Forbidden { what, policy } => (what.clone(), policy.as_ref().map(|id| format!("policy {id}"))),
            AppError::FieldForbidden { type_name, field, usage } => (format!("{type_name}.{field} in {usage}"), None),
            AppError::Invalid(_)
            | AppError::Missing(_)
            | AppError::Conflict(_)
            | AppError::Stale(_)
            | AppError::Paused(_)
            | AppError::Erased(_)
            | AppError::ReasonNeeded(_)
            | AppError::Unaudited
            | AppError::Store(_)
            | AppError::Invariant(_) => return error,
        };
        let actor = self.scope.actor().subject();
        match self.app.audit(actor, RIGHT_REFUSED, &target, detail).await {
            Ok(()) => error,
            Err(failed) => failed,
        }
    }

    /// As [`Session::source_for`], and a refusal is written down: also one that is told as if there were no such source.
    pub(super) async fn source_allowed(&self, key: &SourceKey, action: Action) -> Result<&SourceRow, AppError> {
        let error = match self.source_for(key, action) {
            Ok(row) => return Ok(row),
            Err(error) => error,
        };
        if matches!(error, AppError::Missing(_)) && self.source(SourceId::derive(key)).is_some() {
            let what = format!("to {} for the source {key}", action.as_str());
            return Err(match self.refused(AppError::Forbidden { what, policy: None }).await {
                AppError::Forbidden { .. } => error,
                failed => failed,
            });
        }
        Err(self.refused(error).await)
    }

    /// Whether the caller may do this in the whole hub: in every department. Nobody may where there is none.
    pub(super) async fn require(&self, action: Action, what: &str) -> Result<(), AppError> {
        if self.scope.is_system() {
            return Ok(());
        }
        let mut is_known = false;
        for row in self.app.sources.values() {
            is_known = true;
            if let Permission::Denied { policy } = self.scope.may(action, &row.department) {
                let policy = policy.as_ref().map(ToString::to_string);
                return Err(self.refused(AppError::Forbidden { what: what.to_owned(), policy }).await);
            }
        }
        if is_known {
            return Ok(());
        }
        Err(self.refused(AppError::Forbidden { what: what.to_owned(), policy: None }).await)
    }

    /// A page of the audit, the latest first. For the privacy officer; the look itself is written down.
    pub async fn audit_list(&self, mut filter: AuditFilter, ask: &PageAsk) -> Result<Slice<AuditRow>, AppError> {
        self.require(Action::Audit, "to read the audit").await?;
        if let Some(customers) = &filter.customers {
            filter.customers = Some(self.every_id(customers).await?);
        }
        let slice = self.store().audit_list(&filter, ask).await?;
        let entry = AuditEntry {
            at: self.app.clock.now(),
            actor: self.scope.actor().subject().to_owned(),
            action: "audit.read",
            target: "audit".to_owned(),
            detail: Some(format!("{} entries", slice.rows.len())),
        };
        let mut tx = self.store().begin().await?;
        tx.audit_append_about(&entry, filter.customers.as_deref().unwrap_or_default()).await?;
        tx.commit().await?;
        Ok(slice)
    }

    /// Every id that these customers ever had: an entry keeps the one of its time.
    pub(super) async fn every_id(&self, ids: &[CustomerId]) -> Result<Vec<CustomerId>, AppError> {
        let scope = crate::auth::Scope::system("audit");
        let mut now: Vec<CustomerId> =
            self.store().customer_get(&scope, ids).await?.into_values().map(|row| row.id).collect();
        now.sort_unstable();
        now.dedup();
        let mut all = ids.to_vec();
        if !now.is_empty() {
            all.extend(self.store().customer_aliases(&scope, &now).await?.into_iter().map(|(_, retired)| retired));
        }
        all.extend(now);
        all.sort_unstable();
        all.dedup();
        Ok(all)
    }
}
