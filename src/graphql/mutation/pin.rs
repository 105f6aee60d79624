//! Holding a value fast, and letting it go.

use super::{UserError, user_error};
use crate::app::{AppError, PinAsk, Pinned, Session};
use crate::graphql::ids::typed_id;
use crate::graphql::types::{Customer, ValuePin, customer_of};
use async_graphql::{Context, ID, InputObject, Result, SimpleObject};
use onefold_model::Timestamp;

/// What is held fast.
#[derive(InputObject)]
pub struct ValuePinInput {
    /// The record whose word counts.
    record: ID,
    /// The field, as `provenance` names it: `displayName`, `email`.
    path: String,
    /// Until when; for ever without it.
    until: Option<Timestamp>,
    /// Why, in at most 1000 characters.
    reason: String,
    /// What names this request, at most 200 characters: sent again, it pins nothing twice.
    idempotency_key: String,
    /// The `version` of the record's customer that you looked at. Where it has another one by now nothing is pinned, and a
    /// `StaleVersionError` tells what became different.
    if_version: Option<i64>,
}

/// Which pin is taken back.
#[derive(InputObject)]
pub struct ValueUnpinInput {
    /// Its id.
    id: ID,
    /// Why, in at most 1000 characters.
    reason: String,
    /// The `version` of the record's customer that you looked at, as for `valuePin`.
    if_version: Option<i64>,
}

/// A pin, and whose value it holds.
#[derive(Default, SimpleObject)]
pub struct ValuePinPayload {
    /// The pin.
    pin: Option<ValuePin>,
    /// It stood before, or was taken back before: this request changed nothing.
    replayed: bool,
    /// It stands, and the customer does not show it yet: folding failed this time, and is tried again by itself.
    pending: bool,
    /// The customer of the record now.
    customer: Option<Customer>,
    /// Why nothing was done.
    user_errors: Vec<UserError>,
}

pub(super) async fn pin(ctx: &Context<'_>, input: ValuePinInput) -> Result<ValuePinPayload> {
    let ask = PinAsk {
        record: typed_id("input.record", &input.record)?,
        path: input.path,
        until: input.until,
        reason: input.reason,
        request: input.idempotency_key,
        if_version: input.if_version,
    };
    payload(ctx, Box::pin(ctx.data::<Session>()?.value_pin(&ask)).await).await
}

pub(super) async fn unpin(ctx: &Context<'_>, input: ValueUnpinInput) -> Result<ValuePinPayload> {
    let id = typed_id("input.id", &input.id)?;
    payload(ctx, Box::pin(ctx.data::<Session>()?.value_unpin(id, &input.reason, input.if_version)).await).await
}

async fn payload(ctx: &Context<'_>, done: Result<Pinned, AppError>) -> Result<ValuePinPayload> {
    Ok(match done {
        Ok(Pinned { pin, replayed, pending, customer }) => ValuePinPayload {
            pin: Some(ValuePin(pin)),
            replayed,
            pending,
            customer: customer_of(ctx, customer).await?,
            user_errors: Vec::new(),
        },
        Err(error) => ValuePinPayload { user_errors: vec![user_error(&error)?], ..ValuePinPayload::default() },
    })
}
