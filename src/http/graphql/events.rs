//! Server-sent events: the distinct connections mode of the GraphQL over SSE protocol. One request, one operation, one stream
//! of `next` events and a `complete` at its end.
//!
//! Promises: at most one answer is made ahead of what the client takes; each event of a change has its cursor as `id`, so
//! that a browser's `EventSource`, which sends it back as `Last-Event-ID`, goes on where it stopped; a stream ends when the
//! client goes, and when the hub stops.

use super::heard::Heard;
use crate::graphql::Told;
use crate::http::edge::Edge;
use axum::body::{Body, Bytes};
use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;
use futures_util::stream::unfold;
use serde_json::json;
use std::convert::Infallible;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::timeout;

const EVENT_STREAM: &str = "text/event-stream";

/// Whether the client asks for events before anything else.
pub(super) fn is_wanted(headers: &HeaderMap) -> bool {
    let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let first = accept.split(',').next().unwrap_or_default();
    first.split(';').next().unwrap_or_default().trim() == EVENT_STREAM
}

/// The cursor of the last event that an earlier connection brought.
pub(super) fn resumes_after(headers: &HeaderMap) -> Option<String> {
    let id = headers.get("last-event-id")?.to_str().ok()?;
    (!id.is_empty()).then(|| id.to_owned())
}

/// The stream of an operation.
pub(super) fn streamed(edge: &Edge, live: Heard, place: OwnedSemaphorePermit) -> Response {
    let (tell, told) = mpsc::channel::<String>(1);
    tokio::spawn(drive(edge.clone(), live, tell, place));
    let heartbeat = edge.settings().heartbeat;
    let body = unfold(told, move |mut told| async move {
        let part = match timeout(heartbeat, told.recv()).await {
            Ok(None) => return None,
            Ok(Some(event)) => event,
            // A comment, which keeps proxies from taking the silence for the end.
            Err(_) => ":\n\n".to_owned(),
        };
        Some((Ok::<Bytes, Infallible>(part.into()), told))
    });
    let mut response = Response::new(Body::from_stream(body));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    // Otherwise nginx collects events until its buffer is full.
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response
}

/// Ends with the operation, with the client and with the hub.
async fn drive(edge: Edge, mut live: Heard, tell: mpsc::Sender<String>, _place: OwnedSemaphorePermit) {
    loop {
        let told = tokio::select! {
            told = live.next() => told,
            () = tell.closed() => return,
            () = edge.stopped() => return,
        };
        let event = match told {
            None => break,
            Some(Told::Answer(response, cursor)) => next(&json!(response), cursor.as_deref()),
            Some(Told::Refused(errors)) => next(&json!({"errors": errors}), None),
        };
        if tell.send(event).await.is_err() {
            return;
        }
    }
    let _ = tell.send("event: complete\ndata:\n\n".to_owned()).await;
}

fn next(payload: &serde_json::Value, cursor: Option<&str>) -> String {
    let id = cursor.map(|cursor| format!("id: {cursor}\n")).unwrap_or_default();
    // JSON on one line: no character of it ends a line of the stream.
    format!("event: next\n{id}data: {payload}\n\n")
}
