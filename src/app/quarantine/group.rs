//! What waits by its cause, and causes that are not to be taken.
//!
//! Promises: causes are told to whoever may read them as they are, because a group tells them of every payload in it; a
//! decision to discard is written with its audit entry in one transaction, names what its maker had seen, deletes nothing and
//! can be taken back; a request that comes again decides nothing twice.

use super::super::decision::{check_reason, check_request};
use super::super::{AppError, Session};
use super::retry::told;
use crate::auth::Action;
use crate::store::{
    AuditEntry, PageAsk, QuarantineCause, QuarantineDiscard, QuarantineGroup, Slice, SourceRow, Tx, Undone,
};
use onefold_model::{QuarantineDiscardId, SourceId, SourceKey, Timestamp};
use uuid::Uuid;

/// The fields of which a cause is made.
const CAUSE: [&str; 3] = ["code", "path", "stream"];

/// What is to be discarded.
#[derive(Debug, Clone)]
pub struct DiscardAsk {
    /// Of which source.
    pub source: SourceKey,
    /// Payloads with this cause.
    pub cause: QuarantineCause,
    /// That were last seen by then.
    pub up_to: Timestamp,
    /// Why.
    pub reason: String,
    /// What names the request.
    pub request: String,
}

/// A decision to discard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discarded {
    /// The decision.
    pub discard: QuarantineDiscard,
    /// It stood before, or was taken back before.
    pub replayed: bool,
    /// How many payloads wait again, where it was taken back now.
    pub waiting_again: u64,
}

impl Session {
    /// What waits by cause, most payloads first; of one source, or of all whose causes the caller may read.
    pub async fn quarantine_groups(&self, source: Option<SourceId>) -> Result<Vec<QuarantineGroup>, AppError> {
        let sources = self.cause_sources(source);
        if sources.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.store().quarantine_groups(&sources).await?)
    }

    /// What was discarded, the latest first; of one source, or of all whose causes the caller may read.
    pub async fn quarantine_discard_list(
        &self,
        source: Option<SourceId>,
        ask: &PageAsk,
    ) -> Result<Slice<QuarantineDiscard>, AppError> {
        let sources = self.cause_sources(source);
        if sources.is_empty() {
            return Ok(Slice::empty());
        }
        Ok(self.store().quarantine_discards(&sources, ask).await?)
    }

    /// Discards what waits for one cause.
    pub async fn quarantine_discard(&self, ask: &DiscardAsk) -> Result<Discarded, AppError> {
        let source = self.source_allowed(&ask.source, Action::Sync).await?;
        self.causes_shown(source).await?;
        let reason = ask.reason.trim();
        check_reason(reason)?;
        check_request(&ask.request)?;
        let mut discard = QuarantineDiscard {
            id: QuarantineDiscardId(Uuid::now_v7()),
            source: source.id,
            cause: ask.cause.clone(),
            up_to: ask.up_to,
            payloads: 0,
            actor: self.scope().actor().subject().to_owned(),
            reason: reason.to_owned(),
            request: ask.request.clone(),
            made_at: self.app.clock.now(),
            undone: None,
        };
        let mut tx = self.store().begin().await?;
        tx.quarantine_lock(source.id).await?;
        if let Some(before) = tx.quarantine_discard_of_request(&discard.actor, &ask.request).await? {
            return replayed(&discard, before);
        }
        let payloads = tx.quarantine_discard(&discard).await?;
        if payloads == 0 {
            return Err(AppError::Missing(format!(
                "nothing waits of source {} with this cause that was last seen by {}: `quarantineGroups` lists what does",
                ask.source, ask.up_to
            )));
        }
        discard.payloads = i64::try_from(payloads).unwrap_or(i64::MAX);
        self.discard_commit(tx, &discard, "quarantine.discard", discard.made_at, payloads).await?;
        Ok(Discarded { discard, replayed: false, waiting_again: 0 })
    }

    /// Takes a decision to discard back: what has not been delivered since waits again. Safe to repeat.
    pub async fn quarantine_discard_undo(&self, id: QuarantineDiscardId, reason: &str) -> Result<Discarded, AppError> {
        let missing = || AppError::Missing(format!("there is no discard {id}: `quarantineDiscards` lists them"));
        let reason = reason.trim();
        check_reason(reason)?;
        let discard = self.store().quarantine_discard_get(id).await?.ok_or_else(missing)?;
        let source = self.source(discard.source).ok_or_else(missing)?;
        // Whoever may not see the source is told what is told of a discard that does not exist.
        self.source_allowed(&source.key, Action::Sync).await.map_err(|error| match error {
            AppError::Missing(_) => missing(),
            error => error,
        })?;
        self.causes_shown(source).await?;
        let by = self.scope().actor().subject().to_owned();
        let undone = Undone { at: self.app.clock.now(), by, reason: reason.to_owned() };
        let mut tx = self.store().begin().await?;
        tx.quarantine_lock(source.id).await?;
        let Some(waiting_again) = tx.quarantine_discard_undo(id, &undone).await? else {
            drop(tx);
            let discard = self.store().quarantine_discard_get(id).await?.ok_or_else(missing)?;
            return Ok(Discarded { discard, replayed: true, waiting_again: 0 });
        };
        let at = undone.at;
        let discard = QuarantineDiscard { undone: Some(undone), ..discard };
        self.discard_commit(tx, &discard, "quarantine.undo", at, waiting_again).await?;
        Ok(Discarded { discard, replayed: false, waiting_again })
    }

    /// Commits a decision with its entry.
    async fn discard_commit(
        &self,
        mut tx: Tx,
        discard: &QuarantineDiscard,
        action: &'static str,
        at: Timestamp,
        payloads: u64,
    ) -> Result<(), AppError> {
        let source = self.source(discard.source).map_or_else(String::new, |row| row.key.to_string());
        let entry = AuditEntry {
            at,
            actor: self.scope().actor().subject().to_owned(),
            action,
            target: discard.id.to_string(),
            detail: Some(format!("{payloads} of {source}: {}", told(&discard.cause))),
        };
        tx.audit_append(&entry).await?;
        Ok(tx.commit().await?)
    }

    /// Refuses whoever may not read the causes of a source: what they choose by would tell them.
    pub(super) async fn causes_shown(&self, source: &SourceRow) -> Result<(), AppError> {
        let hidden = |field: &&&str| !self.scope().field("Quarantine", field, Some(&source.department)).is_read();
        match CAUSE.iter().find(hidden) {
            None => Ok(()),
            Some(field) => {
                let error = AppError::FieldForbidden { type_name: "Quarantine", field, usage: "filter" };
                Err(self.refused(error).await)
            }
        }
    }

    fn cause_sources(&self, source: Option<SourceId>) -> Vec<SourceId> {
        let mut sources = self.visible_sources("Quarantine");
        sources.retain(|id| {
            let owner = self.source(*id).map(|row| &row.department);
            source.is_none_or(|wanted| wanted == *id)
                && CAUSE.iter().all(|field| self.scope().field("Quarantine", field, owner).is_read())
        });
        sources
    }
}

fn replayed(ask: &QuarantineDiscard, before: QuarantineDiscard) -> Result<Discarded, AppError> {
    if (before.source, &before.cause, before.up_to) != (ask.source, &ask.cause, ask.up_to) {
        let request = &ask.request;
        let text = format!("the idempotency key {request:?} was used for another discard: give each its own");
        return Err(AppError::Conflict(text));
    }
    Ok(Discarded { discard: before, replayed: true, waiting_again: 0 })
}
