//! Sockets that are open and say nothing: what they cost the others.

use super::served::Served;
use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use std::error::Error;
use tokio::task::JoinSet;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;

/// So many are opened at once.
const AT_ONCE: usize = 100;

/// Opens so many sockets that were let in, and holds them until what it gives is dropped.
pub async fn held(served: &Served, count: usize) -> Result<JoinSet<()>, Box<dyn Error>> {
    let mut held = JoinSet::new();
    while held.len() < count {
        let opened = (0..AT_ONCE.min(count - held.len())).map(|_| open(served));
        for socket in futures_util::future::try_join_all(opened).await? {
            // Reading answers the heartbeats of the hub.
            held.spawn(socket.for_each(|_| std::future::ready(())));
        }
    }
    Ok(held)
}

async fn open(
    served: &Served,
) -> Result<
    impl futures_util::Stream<Item = Result<Message, tokio_tungstenite::tungstenite::Error>> + use<>,
    Box<dyn Error>,
> {
    let mut request = served.url("ws").into_client_request()?;
    request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static("graphql-transport-ws"));
    let (mut socket, _) = connect_async(request).await?;
    let token = format!("Bearer {}", served.token());
    let init = json!({"type": "connection_init", "payload": {"Authorization": token}});
    socket.send(Message::text(init.to_string())).await?;
    match socket.next().await {
        Some(Ok(Message::Text(text))) if text.contains("connection_ack") => Ok(socket),
        other => Err(format!("a socket was not let in: {other:?}").into()),
    }
}
