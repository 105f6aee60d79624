//! What subscribers are told over HTTP: each entry of the change log as their own subscription selects it.
//!
//! Promises: what is told is what a subscription with the same document would tell whoever registered it at that moment; a
//! subscriber that may see nothing any more, or whose document the schema has no place for any more, ends with a reason; a slow
//! receiver holds up nobody else. Deliberately does not know how it is sent, nor how often.

use super::error::coded;
use super::subscription::{Event, Turn, Wanted};
use super::types::cursor_of;
use super::{HubSchema, variables, was_run};
use crate::app::{App, AppError, ChangeAsk, OutgoingHeld, OutgoingRow, OutgoingTurn, Session};
use async_graphql::parser::parse_query;
use async_graphql::parser::types::{DocumentOperations, OperationType, Selection};
use async_graphql::{Request, Result, ServerError};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// How soon what was committed is told.
const LOOK: Duration = Duration::from_secs(1);
/// Subscribers that are told at once.
const AT_ONCE: usize = 16;
/// Entries that are told to one subscriber before others have their turn.
const IN_A_ROW: usize = 100;

/// What comes next in the log for a subscriber.
enum Next {
    /// An entry, at this place, and what is told of it.
    Entry(i64, String),
    /// Nothing up to this place.
    Nothing(i64),
    /// The hub could not answer just now.
    Later,
    /// Nothing ever more, and why.
    Never(String),
}

impl HubSchema {
    /// Whether a document can be what a subscriber is told by: one subscription to `changes`, which the caller may run.
    pub(super) fn webhook_check(&self, session: &Session, document: &str, values: &Map<String, Value>) -> Result<()> {
        let request = request(document, values);
        if !self.stays(&request) || !is_changes(document) {
            let message = "input.document: one subscription to `changes` is taken, and nothing else";
            return Err(coded("INVALID_INPUT", message));
        }
        self.prepare(session, request).map(drop).map_err(|errors| {
            let first = errors.into_iter().next().map(|error| error.message).unwrap_or_default();
            coded("INVALID_INPUT", format!("input.document: {first}"))
        })
    }

    /// Tells a subscriber what waits for it, until nothing does, it does not take it, or others should have their turn.
    async fn webhook_turn(&self, app: &Arc<App>, mut held: OutgoingHeld) -> Result<usize, AppError> {
        let mut taken = 0;
        for _ in 0..IN_A_ROW {
            let session = app.outgoing_session(&held.row);
            match self.webhook_next(&session, &held.row).await? {
                Next::Entry(seq, body) => match app.outgoing_tell(&mut held, seq, &cursor_of(seq), body).await? {
                    OutgoingTurn::Taken => taken += 1,
                    OutgoingTurn::GivenUp => {}
                    OutgoingTurn::Later | OutgoingTurn::Over => return Ok(taken),
                },
                Next::Nothing(up_to) => {
                    app.outgoing_pass(&held, up_to).await?;
                    return Ok(taken);
                }
                Next::Later => break,
                Next::Never(why) => {
                    app.outgoing_end(&held, &why).await?;
                    return Ok(taken);
                }
            }
        }
        app.outgoing_pass(&held, held.row.place).await?;
        Ok(taken)
    }

    /// The next entry that a subscriber may see, as its document shows it.
    async fn webhook_next(&self, session: &Session, row: &OutgoingRow) -> Result<Next, AppError> {
        let none = Map::new();
        let values = row.variables.as_object().unwrap_or(&none);
        let ask = match self.webhook_wanted(session, &row.document, values).await {
            Ok(ask) => ask,
            Err(why) => return Ok(Next::Never(why)),
        };
        let mut place = row.place;
        loop {
            let step = session.change_step(place, &ask).await?;
            if let Some(view) = step.told.into_iter().next() {
                let seq = view.seq;
                let turn = Arc::new(Turn::Tell(Event::Change(view)));
                let Some(response) = self.tell(session.clone(), request(&row.document, values), turn).await else {
                    return Ok(Next::Never("the document asks for nothing".to_owned()));
                };
                if response.errors.iter().any(is_internal) {
                    return Ok(Next::Later);
                }
                if !was_run(&response) {
                    return Ok(Next::Never(said(&response.errors)));
                }
                let mut body = json!({"cursor": cursor_of(seq), "data": response.data});
                if !response.errors.is_empty() {
                    body["errors"] = json!(response.errors);
                }
                return Ok(Next::Entry(seq, body.to_string()));
            }
            place = step.up_to;
            if !step.has_more {
                return Ok(Next::Nothing(place));
            }
        }
    }

    /// Which entries a document asks for, or why it can ask for none any more.
    async fn webhook_wanted(
        &self,
        session: &Session,
        document: &str,
        values: &Map<String, Value>,
    ) -> Result<ChangeAsk, String> {
        if !session.change_readable() {
            return Err("who registered it may see neither customers nor records any more".to_owned());
        }
        let turn = Turn::begin();
        let answer = self.tell(session.clone(), request(document, values), Arc::clone(&turn)).await;
        match turn.wanted() {
            Some(Wanted::Changes { ask, .. }) => Ok(ask),
            Some(Wanted::Run(_) | Wanted::Export(_)) => Err("only `changes` are told".to_owned()),
            None => Err(answer.map(|response| said(&response.errors)).unwrap_or_default()),
        }
    }
}

/// Tells whoever is to be told something now, one after the other, and says how many deliveries were taken.
pub async fn webhooks_tell(schema: &HubSchema, app: &Arc<App>) -> Result<usize, AppError> {
    let mut taken = 0;
    for row in app.outgoing_due().await? {
        if let Some(held) = app.outgoing_take(row).await? {
            taken += Box::pin(schema.webhook_turn(app, held)).await?;
        }
    }
    Ok(taken)
}

/// Tells subscribers as long as the hub is served, side by side.
pub async fn webhooks_forever(schema: HubSchema, app: Arc<App>) {
    let mut turns: JoinSet<()> = JoinSet::new();
    loop {
        while turns.try_join_next().is_some() {}
        if let Err(error) = begin(&schema, &app, &mut turns).await {
            tracing::error!(error = %error, "could not see which webhooks are to be told: tried again");
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn begin(schema: &HubSchema, app: &Arc<App>, turns: &mut JoinSet<()>) -> Result<(), AppError> {
    for row in app.outgoing_due().await? {
        if turns.len() >= AT_ONCE {
            break;
        }
        let Some(held) = app.outgoing_take(row).await? else { continue };
        let (schema, app, id) = (schema.clone(), Arc::clone(app), held.row.id);
        turns.spawn(async move {
            if let Err(error) = schema.webhook_turn(&app, held).await {
                tracing::error!(webhook = %id, error = %error, "a webhook could not be told: tried again in a minute");
            }
        });
    }
    Ok(())
}

pub(super) fn request(document: &str, values: &Map<String, Value>) -> Request {
    Request::new(document).variables(variables(values.clone()))
}

pub(super) fn said(errors: &[ServerError]) -> String {
    let none = || "the document cannot be run any more".to_owned();
    errors.first().map_or_else(none, |error| error.message.clone())
}

/// Whether the hub could not answer, which is no fault of the document.
pub(super) fn is_internal(error: &ServerError) -> bool {
    let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code"));
    ["INTERNAL", "AUDIT_UNAVAILABLE"].iter().any(|word| code == Some(&async_graphql::Value::from(*word)))
}

/// Whether a document is one subscription to `changes`.
fn is_changes(document: &str) -> bool {
    let Ok(parsed) = parse_query(document) else { return false };
    let operation = match &parsed.operations {
        DocumentOperations::Single(operation) => operation,
        DocumentOperations::Multiple(operations) if operations.len() == 1 => {
            let Some(operation) = operations.values().next() else { return false };
            operation
        }
        DocumentOperations::Multiple(_) => return false,
    };
    let is_changes = |selection: &Selection| match selection {
        Selection::Field(field) => field.node.name.node == "changes",
        Selection::FragmentSpread(_) | Selection::InlineFragment(_) => false,
    };
    let operation = &operation.node;
    let items = &operation.selection_set.node.items;
    operation.ty == OperationType::Subscription && items.len() == 1 && items.iter().all(|item| is_changes(&item.node))
}

#[cfg(test)]
mod tests {
    use super::is_changes;

    #[test]
    fn one_subscription_to_changes_is_taken() {
        for taken in [
            "subscription { changes { id } }",
            "subscription S($k: [ChangeKind!]) { all: changes(kinds: $k) { cursor } }",
        ] {
            assert!(is_changes(taken), "{taken}");
        }
        for refused in [
            "{ viewer { subject } }",
            "mutation { syncStart(input: {source: \"x\"}) { run { id } } }",
            "subscription { syncRun(id: \"x\") { id } }",
            "subscription A { changes { id } } subscription B { changes { id } }",
            "subscription { ...F } fragment F on SubscriptionRoot { changes { id } }",
            "subscription { changes { id } more: changes { id } }",
            "subscription {",
        ] {
            assert!(!is_changes(refused), "{refused}");
        }
    }
}
