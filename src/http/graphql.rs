//! The edge of GraphQL: method, media type, size and token are checked before a document is looked at.

mod ask;
mod caller;
mod events;
mod heard;
mod reply;
mod socket;
mod view_as;

use super::gate::{Refusal, enter};
use super::{Hub, explorer};
use crate::app::Session;
use crate::graphql::{Answer, Ended, Standing, was_run};
use crate::http::metrics::{MAX_NAME, Outcome};
use crate::telemetry;
use ask::{Ask, Unasked};
use async_graphql::Request;
use axum::body::{Body, to_bytes};
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{RawQuery, State};
use axum::http::header::{CONTENT_TYPE, SEC_WEBSOCKET_KEY, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use caller::Caller;
use futures_util::future::BoxFuture;
use heard::Heard;
use reply::{Media, answered, refused};
use std::sync::Arc;
use std::time::Instant;
use tracing::Instrument;

/// Bytes of a request body that are read.
const MAX_BODY: usize = 1024 * 1024;

/// Runs a document that was posted as JSON.
pub(super) async fn post(State(hub): State<Hub>, headers: HeaderMap, body: Body) -> Response {
    let Some(form) = Form::accepted(&headers) else { return not_acceptable() };
    let media = form.media();
    let session = match enter(&hub, &headers).await {
        Ok(session) => session,
        Err(refusal) => return turned_away(media, &refusal),
    };
    // Forms and plain text can be sent by any page of the web on behalf of its reader; JSON cannot.
    let content = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if content.split(';').next().unwrap_or("").trim() != "application/json" {
        let message = "send the document as JSON with the header content-type: application/json";
        return refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, media, "UNSUPPORTED_MEDIA_TYPE", message);
    }
    let Ok(bytes) = to_bytes(body, MAX_BODY).await else {
        let message = format!("the request is larger than {MAX_BODY} bytes");
        return refused(StatusCode::PAYLOAD_TOO_LARGE, media, "REQUEST_TOO_LARGE", &message);
    };
    match Ask::read(&bytes).and_then(|ask| ask.request(&hub.schema, &session)) {
        Ok(request) => executed(&hub, form, session, headers, request).await,
        Err(unasked) => not_asked(media, unasked),
    }
}

/// Opens a socket, runs a query that stands in the address, or shows the explorer to a person.
pub(super) async fn get(
    State(hub): State<Hub>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    if headers.contains_key(SEC_WEBSOCKET_KEY) {
        return match upgrade {
            Ok(upgrade) => socket::open(hub, headers, upgrade),
            Err(rejection) => rejection.into_response(),
        };
    }
    if explorer::is_wanted(&headers) {
        return explorer::page().into_response();
    }
    let Some(form) = Form::accepted(&headers) else { return not_acceptable() };
    let media = form.media();
    let session = match enter(&hub, &headers).await {
        Ok(session) => session,
        Err(refusal) => return turned_away(media, &refusal),
    };
    let request = match Ask::of_address(query.as_deref()).and_then(|ask| ask.request(&hub.schema, &session)) {
        Ok(request) => request,
        Err(unasked) => return not_asked(media, unasked),
    };
    let is_told = form == Form::Events && hub.schema.stays(&request);
    if !is_told && !hub.schema.only_reads(&request) {
        let message = "a mutation must be sent with POST";
        return refused(StatusCode::METHOD_NOT_ALLOWED, media, "METHOD_NOT_ALLOWED", message);
    }
    executed(&hub, form, session, headers, request).await
}

/// In which form an answer is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Once.
    Once(Media),
    /// As events, of which there may be more.
    Events,
}

impl Form {
    fn accepted(headers: &HeaderMap) -> Option<Self> {
        if events::is_wanted(headers) { Some(Self::Events) } else { Media::accepted(headers).map(Self::Once) }
    }

    /// The form of a refusal.
    fn media(self) -> Media {
        match self {
            Self::Once(media) => media,
            Self::Events => Media::Json,
        }
    }
}

/// Runs the document for the caller, or for the view that a header asks for.
async fn executed(hub: &Hub, form: Form, session: Session, headers: HeaderMap, request: Request) -> Response {
    let session = match view_as::viewed(&hub.schema, session, &headers, &request) {
        Ok(session) => session,
        Err((status, code, message)) => return refused(status, form.media(), code, &message),
    };
    match form {
        Form::Once(media) => answered(media, counted(hub, session, request).await),
        Form::Events => told(hub, session, headers, request),
    }
}

/// Runs an operation, and counts it under its name.
async fn counted(hub: &Hub, session: Session, request: Request) -> Answer {
    let (name, kind) = hub.schema.operation(&request).unwrap_or((None, "none"));
    let began = Instant::now();
    let span = tracing::info_span!("operation", otel.name = spanned(kind, name.as_deref()));
    let answer = crate::graphql::respond(&hub.schema, session, request).instrument(span.clone()).await;
    let outcome = match &answer {
        Answer::Planned(_) => Outcome::Good,
        Answer::Executed(response) => outcome(response),
    };
    telemetry::tell(&span, "graphql.operation.type", kind);
    telemetry::tell(&span, "onefold.outcome", outcome.as_str());
    hub.edge.metrics().operation(name.as_deref(), kind, outcome, began.elapsed());
    answer
}

/// What became of an operation, by its response.
fn outcome(response: &async_graphql::Response) -> Outcome {
    if response.errors.is_empty() {
        Outcome::Good
    } else if was_run(response) {
        Outcome::Partial
    } else {
        Outcome::Refused
    }
}

/// What an operation is called in a trace: as the conventions of OpenTelemetry want it.
fn spanned(kind: &str, name: Option<&str>) -> String {
    let name = name.unwrap_or_default();
    let end = name.char_indices().nth(MAX_NAME).map_or(name.len(), |(at, _)| at);
    format!("{kind} {}", &name[..end]).trim_end().to_owned()
}

/// The answers of an operation as events. A view is looked through once; who listens is asked again each time.
fn told(hub: &Hub, session: Session, headers: HeaderMap, request: Request) -> Response {
    let Some(place) = hub.edge.place() else {
        let message = "too many listen: try again later";
        return refused(StatusCode::SERVICE_UNAVAILABLE, Media::Json, "TOO_MANY_STREAMS", message);
    };
    let resume = events::resumes_after(&headers);
    let standing: Arc<dyn Standing> =
        if hub.schema.stays(&request) { Arc::new(Caller::new(hub.clone(), headers)) } else { Arc::new(Once(session)) };
    events::streamed(&hub.edge, Heard::new(&hub.edge, &hub.schema, standing, request, resume), place)
}

/// Somebody who asks once.
struct Once(Session);

impl Standing for Once {
    fn session(&self) -> BoxFuture<'_, Result<Session, Ended>> {
        Box::pin(async { Ok(self.0.clone()) })
    }
}

fn not_asked(media: Media, unasked: Unasked) -> Response {
    match unasked {
        Unasked::Unreadable(message) => refused(StatusCode::BAD_REQUEST, media, "BAD_REQUEST", &message),
        Unasked::Refused(error) => answered(media, Answer::Executed(async_graphql::Response::from_errors(vec![error]))),
    }
}

fn turned_away(media: Media, refusal: &Refusal) -> Response {
    let mut response = refused(refusal.status, media, refusal.code, &refusal.message);
    if let Some(challenge) = refusal.challenge() {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}

fn not_acceptable() -> Response {
    let message = "the hub answers in application/graphql-response+json or application/json";
    refused(StatusCode::NOT_ACCEPTABLE, Media::Json, "NOT_ACCEPTABLE", message)
}
