//! What did not fit: tried again, discarded, and that taken back.

use super::{UserError, signed, source_key, user_error};
use crate::app::{DiscardAsk, Discarded, QuarantineCause, QuarantineRetried, Session};
use crate::graphql::ids::typed_id;
use crate::graphql::types::QuarantineDiscard;
use async_graphql::{ID, InputObject, Result, SimpleObject};
use onefold_model::Timestamp;

/// Why payloads of one stream do not fit, as `quarantineGroups` tells it.
#[derive(InputObject)]
pub struct QuarantineCauseInput {
    /// The stream.
    stream: String,
    /// The stable code.
    code: String,
    /// The field that did not fit; none where the cause names none.
    path: Option<String>,
}

impl From<QuarantineCauseInput> for QuarantineCause {
    fn from(input: QuarantineCauseInput) -> Self {
        Self { stream: input.stream, code: input.code, path: input.path }
    }
}

/// Of which source to try again what waits in quarantine.
#[derive(InputObject)]
pub struct QuarantineRetryInput {
    /// The key of the source.
    source: String,
    /// Only what has this cause.
    cause: Option<QuarantineCauseInput>,
}

/// What became of the payloads that were tried again.
#[derive(Default, SimpleObject)]
pub struct QuarantineRetryPayload {
    /// Those that fit now and are stored.
    resolved: i64,
    /// Those that still do not fit.
    unfit: i64,
    /// Those that only their sender can deliver again: pushed records, rows of files, and payloads without a key.
    left: i64,
    /// Why none was tried.
    user_errors: Vec<UserError>,
}

/// Which payloads are not to be taken, and why.
#[derive(InputObject)]
pub struct QuarantineDiscardInput {
    /// The key of the source.
    source: String,
    /// What they have in common.
    cause: QuarantineCauseInput,
    /// Only those that were last seen by then: `lastSeenAt` of the group that was looked at. Later ones wait on.
    up_to: Timestamp,
    /// Why, in at most 1000 characters.
    reason: String,
    /// What names this request, at most 200 characters: sent again, it discards nothing twice.
    idempotency_key: String,
}

/// Which discard is taken back.
#[derive(InputObject)]
pub struct QuarantineDiscardUndoInput {
    /// Its id.
    id: ID,
    /// Why, in at most 1000 characters.
    reason: String,
}

/// The discard.
#[derive(Default, SimpleObject)]
pub struct QuarantineDiscardPayload {
    /// The discard.
    discard: Option<QuarantineDiscard>,
    /// It stood before, or was taken back before: this request changed nothing.
    replayed: bool,
    /// How many payloads wait again, where it was taken back now.
    waiting_again: i64,
    /// Why nothing was discarded or taken back.
    user_errors: Vec<UserError>,
}

pub(super) async fn retry(session: &Session, input: QuarantineRetryInput) -> Result<QuarantineRetryPayload> {
    let cause = input.cause.map(QuarantineCause::from);
    Ok(match session.quarantine_retry(&source_key(input.source)?, cause.as_ref()).await {
        Ok(QuarantineRetried { resolved, unfit, left }) => QuarantineRetryPayload {
            resolved: signed(resolved),
            unfit: signed(unfit),
            left: signed(left),
            user_errors: Vec::new(),
        },
        Err(error) => {
            QuarantineRetryPayload { user_errors: vec![user_error(&error)?], ..QuarantineRetryPayload::default() }
        }
    })
}

pub(super) async fn discard(session: &Session, input: QuarantineDiscardInput) -> Result<QuarantineDiscardPayload> {
    let ask = DiscardAsk {
        source: source_key(input.source)?,
        cause: input.cause.into(),
        up_to: input.up_to,
        reason: input.reason,
        request: input.idempotency_key,
    };
    payload(session.quarantine_discard(&ask).await)
}

pub(super) async fn undo(session: &Session, input: QuarantineDiscardUndoInput) -> Result<QuarantineDiscardPayload> {
    let id = typed_id("input.id", &input.id)?;
    payload(session.quarantine_discard_undo(id, &input.reason).await)
}

fn payload(done: Result<Discarded, crate::app::AppError>) -> Result<QuarantineDiscardPayload> {
    Ok(match done {
        Ok(Discarded { discard, replayed, waiting_again }) => QuarantineDiscardPayload {
            discard: Some(QuarantineDiscard(discard)),
            replayed,
            waiting_again: signed(waiting_again),
            user_errors: Vec::new(),
        },
        Err(error) => {
            QuarantineDiscardPayload { user_errors: vec![user_error(&error)?], ..QuarantineDiscardPayload::default() }
        }
    })
}
