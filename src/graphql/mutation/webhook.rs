//! Subscribers are registered, changed, told once more, and forgotten.

use super::{UserError, user_error};
use crate::app::{OutgoingState, SecretChange, Session, WebhookAsk, WebhookChange};
use crate::graphql::error::coded;
use crate::graphql::ids::typed_id;
use crate::graphql::scalars::Json;
use crate::graphql::types::{Webhook, WebhookState, cursor_read};
use crate::graphql::{DocumentAsk, HubSchema};
use async_graphql::{Context, ID, InputObject, Result, SimpleObject};
use onefold_model::WebhookId;
use serde_json::{Map, Value};

/// A subscriber to be registered.
#[derive(InputObject)]
pub struct WebhookCreateInput {
    /// Where it is told: an address of the internet, over HTTPS, unless the operator allows others.
    url: String,
    /// One subscription to `changes`, whose selection shapes what is told. Where only registered documents are run, one of
    /// those.
    document: Option<String>,
    /// The id of a registered document instead.
    document_id: Option<String>,
    /// The variables of the document.
    variables: Option<Json>,
    /// Behind the entry with this cursor; without one from now on. Arguments of the document that say where to begin are not
    /// regarded.
    after: Option<String>,
    /// For how many days, at most 366.
    #[graphql(default = 90)]
    days: i32,
}

/// A subscriber, or why there is none.
#[derive(Default, SimpleObject)]
pub struct WebhookCreatePayload {
    /// The subscriber.
    webhook: Option<Webhook>,
    /// By which deliveries are signed. Shown this once.
    secret: Option<String>,
    /// Why there is none.
    user_errors: Vec<UserError>,
}

/// What is to be changed of a subscriber.
#[derive(InputObject)]
pub struct WebhookUpdateInput {
    /// Its id.
    id: ID,
    /// Where it is told from now on.
    url: Option<String>,
    /// Whether it is told: `ACTIVE` or `PAUSED`. Resuming also tries at once what waits for its time.
    state: Option<WebhookState>,
    /// Whether it gets another secret; the old one signs nothing any more.
    #[graphql(default)]
    renew_secret: bool,
}

/// Which subscriber is told once more, and from where.
#[derive(InputObject)]
pub struct WebhookReplayInput {
    /// Its id.
    id: ID,
    /// Behind the entry with this cursor.
    after: String,
}

/// Which subscriber is forgotten.
#[derive(InputObject)]
pub struct WebhookDeleteInput {
    /// Its id.
    id: ID,
}

/// Whether a subscriber was forgotten.
#[derive(SimpleObject)]
pub struct WebhookDeletePayload {
    /// The id that it had.
    deleted_id: Option<ID>,
    /// Why it was not.
    user_errors: Vec<UserError>,
}

pub(super) async fn create(ctx: &Context<'_>, input: WebhookCreateInput) -> Result<WebhookCreatePayload> {
    let (session, schema) = (ctx.data::<Session>()?, ctx.data::<HubSchema>()?);
    let ask = match (input.document, input.document_id) {
        (Some(text), None) => DocumentAsk::Text(text),
        (None, Some(id)) => DocumentAsk::Id(id),
        (Some(_), Some(_)) | (None, None) => {
            return Err(coded("INVALID_INPUT", "give either input.document or input.documentId"));
        }
    };
    let document = trusted(schema, session, ask)?;
    let variables = match input.variables {
        None => Map::new(),
        Some(Json(Value::Object(variables))) => variables,
        Some(_) => return Err(coded("INVALID_INPUT", "input.variables: an object is expected")),
    };
    schema.webhook_check(session, &document, &variables)?;
    let after = input.after.map(|cursor| cursor_read("input.after", &cursor)).transpose()?;
    let days = u32::try_from(input.days).unwrap_or(0);
    let ask = WebhookAsk { url: input.url, document, variables, after, days };
    Ok(match session.webhook_create(ask).await {
        Ok((row, secret)) => {
            WebhookCreatePayload { webhook: Some(Webhook(row)), secret: Some(secret), user_errors: Vec::new() }
        }
        Err(error) => refused(user_error(&error)?),
    })
}

pub(super) async fn update(session: &Session, input: WebhookUpdateInput) -> Result<WebhookCreatePayload> {
    let id: WebhookId = typed_id("input.id", &input.id)?;
    let state: Option<OutgoingState> = input.state.map(Into::into);
    if state == Some(OutgoingState::Ended) {
        return Err(coded("INVALID_INPUT", "input.state: ACTIVE or PAUSED; webhookDelete ends one for good"));
    }
    let secret = if input.renew_secret { SecretChange::Renew } else { SecretChange::Keep };
    let change = WebhookChange { url: input.url, state, secret };
    Ok(match session.webhook_update(id, change).await {
        Ok((row, secret)) => WebhookCreatePayload { webhook: Some(Webhook(row)), secret, user_errors: Vec::new() },
        Err(error) => refused(user_error(&error)?),
    })
}

pub(super) async fn replay(session: &Session, input: WebhookReplayInput) -> Result<WebhookCreatePayload> {
    let id: WebhookId = typed_id("input.id", &input.id)?;
    let after = cursor_read("input.after", &input.after)?;
    Ok(match session.webhook_replay(id, after).await {
        Ok(row) => WebhookCreatePayload { webhook: Some(Webhook(row)), secret: None, user_errors: Vec::new() },
        Err(error) => refused(user_error(&error)?),
    })
}

pub(super) async fn delete(session: &Session, input: WebhookDeleteInput) -> Result<WebhookDeletePayload> {
    let id: WebhookId = typed_id("input.id", &input.id)?;
    Ok(match session.webhook_delete(id).await {
        Ok(()) => WebhookDeletePayload { deleted_id: Some(input.id), user_errors: Vec::new() },
        Err(error) => WebhookDeletePayload { deleted_id: None, user_errors: vec![user_error(&error)?] },
    })
}

/// The text of a document that is kept for later, if the caller may run it.
pub(super) fn trusted(schema: &HubSchema, session: &Session, ask: DocumentAsk) -> Result<String> {
    schema.document(session, ask).map_err(|error| {
        let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code"));
        let code = match code {
            Some(async_graphql::Value::String(code)) if code == "DOCUMENT_NOT_TRUSTED" => "DOCUMENT_NOT_TRUSTED",
            _ => "INVALID_INPUT",
        };
        coded(code, format!("input.document: {}", error.message))
    })
}

fn refused(error: UserError) -> WebhookCreatePayload {
    WebhookCreatePayload { user_errors: vec![error], ..WebhookCreatePayload::default() }
}
