//! WebSocket: the `graphql-transport-ws` protocol.
//!
//! Promises: a page of another site is refused unless its origin is configured; nobody listens who has not said in time who
//! they are; each operation is a task of its own and all share one bounded queue, so that a client who does not read stops
//! its own operations and nobody else's; what breaks the protocol closes the socket with the code that the protocol has for
//! it. Deliberately sends nothing that the client did not ask for but pings.

mod frame;
mod operations;

use super::caller::Caller;
use crate::http::Hub;
use crate::http::gate::{self, error_body};
use axum::Json;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::header::{AUTHORIZATION, ORIGIN};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use frame::{Close, Incoming, ack, pong};
use operations::Operations;
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, sleep_until, timeout};

const PROTOCOL: &str = "graphql-transport-ws";
/// Bytes of a message, as of a body that is posted.
const MAX_MESSAGE: usize = 1024 * 1024;
/// How long a client may take for one message before it is given up.
const SEND_WAIT: Duration = Duration::from_secs(30);
/// Heartbeats without an answer after which a client is given up.
const MISSED: u32 = 3;

/// What is read and written at once, in bytes. The library's own 128 KiB each make gigabytes of ten thousand sockets that say nothing;
/// a longer message takes more, for as long as it does.
const BUFFER: usize = 4 * 1024;

/// Opens a socket, if the page that asks may.
pub(super) fn open(hub: Hub, headers: HeaderMap, upgrade: WebSocketUpgrade) -> Response {
    if !is_welcome(&hub, &headers) {
        let message = "sockets are opened by the hub's own pages, by those whose origin is configured, and by programs";
        return refused(StatusCode::FORBIDDEN, "CROSS_SITE", message);
    }
    let upgrade = upgrade.protocols([PROTOCOL]);
    if upgrade.selected_protocol().is_none() {
        return refused(StatusCode::BAD_REQUEST, "BAD_REQUEST", "the socket speaks graphql-transport-ws alone");
    }
    let Some(place) = hub.edge.place() else {
        return refused(StatusCode::SERVICE_UNAVAILABLE, "TOO_MANY_STREAMS", "too many listen: try again later");
    };
    upgrade
        .max_message_size(MAX_MESSAGE)
        .max_frame_size(MAX_MESSAGE)
        .read_buffer_size(BUFFER)
        .write_buffer_size(BUFFER)
        .on_upgrade(move |socket| async move { Conversation::new(hub, headers, place).hold(socket).await })
}

/// Browsers say whose page asks; programs have no origin and show a token.
fn is_welcome(hub: &Hub, headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(ORIGIN) else { return true };
    hub.edge.allowed().contains(origin) || gate::own_address(hub, headers).is_some()
}

fn refused(status: StatusCode, code: &str, message: &str) -> Response {
    (status, Json(error_body(code, message))).into_response()
}

/// One socket from its opening to its close.
struct Conversation {
    hub: Hub,
    headers: HeaderMap,
    caller: Option<Arc<Caller>>,
    _place: OwnedSemaphorePermit,
}

impl Conversation {
    fn new(hub: Hub, headers: HeaderMap, place: OwnedSemaphorePermit) -> Self {
        Self { hub, headers, caller: None, _place: place }
    }

    async fn hold(mut self, mut socket: WebSocket) {
        let close = self.talk(&mut socket).await;
        if let Some(close) = close {
            let frame = CloseFrame { code: close.code(), reason: close.reason().into() };
            let _ = timeout(SEND_WAIT, socket.send(Message::Close(Some(frame)))).await;
        }
        // Whoever closes first is answered: without the answer a client takes the end for a broken connection.
        let _ = timeout(Duration::from_secs(2), async { while let Some(Ok(_)) = socket.recv().await {} }).await;
    }

    /// Comes back with the reason to close; none where the client has closed.
    async fn talk(&mut self, socket: &mut WebSocket) -> Option<Close> {
        let edge = self.hub.edge.clone();
        let settings = edge.settings();
        let init_until = Instant::now() + settings.init_wait;
        let mut operations = Operations::default();
        let mut beat = tokio::time::interval_at(Instant::now() + settings.heartbeat, settings.heartbeat);
        let mut unanswered = 0;
        loop {
            let answer = tokio::select! {
                message = socket.recv() => {
                    unanswered = 0;
                    match message? {
                        Err(_) | Ok(Message::Close(_)) => return None,
                        Ok(Message::Ping(_) | Message::Pong(_)) => continue,
                        Ok(Message::Binary(_)) => return Some(Close::Invalid("messages are text".to_owned())),
                        Ok(Message::Text(text)) => match self.take(text.as_str(), &mut operations).await {
                            Ok(answer) => answer,
                            Err(close) => return Some(close),
                        },
                    }
                }
                text = operations.next() => Some(text),
                _ = beat.tick() => {
                    unanswered += 1;
                    if unanswered > MISSED {
                        return None;
                    }
                    if !sent(socket, Message::Ping(Vec::new().into())).await {
                        return None;
                    }
                    continue;
                }
                () = sleep_until(init_until), if self.caller.is_none() => return Some(Close::InitTimeout),
                () = edge.stopped() => return Some(Close::GoingAway),
            };
            if let Some(text) = answer
                && !sent(socket, Message::Text(text.into())).await
            {
                return None;
            }
        }
    }

    /// What is answered at once.
    async fn take(&mut self, text: &str, operations: &mut Operations) -> Result<Option<String>, Close> {
        match Incoming::read(text)? {
            Incoming::Init(payload) => self.init(payload.as_ref()).await.map(Some),
            Incoming::Ping(payload) => Ok(Some(pong(payload))),
            Incoming::Pong => Ok(None),
            Incoming::Complete(id) => {
                operations.end(&id);
                Ok(None)
            }
            Incoming::Subscribe { id, ask } => {
                let Some(caller) = &self.caller else { return Err(Close::Unauthorized) };
                operations.begin(&self.hub, Arc::clone(caller), id, ask).await
            }
        }
    }

    async fn init(&mut self, payload: Option<&Map<String, Value>>) -> Result<String, Close> {
        if self.caller.is_some() {
            return Err(Close::TooManyInits);
        }
        let mut headers = self.headers.clone();
        let token = payload.and_then(|payload| payload.get("authorization").or_else(|| payload.get("Authorization")));
        if let Some(token) = token {
            let token = token.as_str().and_then(|token| HeaderValue::from_str(token).ok());
            headers.insert(AUTHORIZATION, token.ok_or_else(|| Close::Forbidden("TOKEN_MISSING".to_owned()))?);
        }
        let caller = Caller::new(self.hub.clone(), headers);
        caller.enter().await.map_err(|refusal| Close::Forbidden(refusal.code.to_owned()))?;
        self.caller = Some(Arc::new(caller));
        Ok(ack())
    }
}

async fn sent(socket: &mut WebSocket, message: Message) -> bool {
    matches!(timeout(SEND_WAIT, socket.send(message)).await, Ok(Ok(())))
}
