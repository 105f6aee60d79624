//! WebSocket and server-sent events as they travel: who may open them, and how they close. What the protocols demand beyond
//! that is asked by their own clients in `web/e2e/live.test.mjs`.

use super::hub::*;
use super::served::{NOW, SECRET, Served, answer, header, token, tokens};
use super::story::filled;
use crate::harness::on_both;
use crate::store::fixture::time;
use futures_util::{SinkExt, StreamExt};
use onefold::http::{Edge, EdgeSettings};
use onefold::issuer::Issuers;
use onefold_model::{Clock, Timestamp};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// Generous: a machine under load is slow.
const PATIENCE: Duration = Duration::from_mins(3);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Opens a socket with these headers. An error is the status.
async fn open(served: &Served, headers: &[(&'static str, String)]) -> Result<Socket, u16> {
    let url = format!("{}/graphql", served.base.replace("http://", "ws://"));
    let mut request = url.into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    match connect_async(request).await {
        Ok((socket, _)) => Ok(socket),
        Err(Error::Http(response)) => Err(response.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}

fn protocol() -> (&'static str, String) {
    ("sec-websocket-protocol", "graphql-transport-ws".to_owned())
}

async fn say(socket: &mut Socket, message: &Value) {
    socket.send(Message::text(message.to_string())).await.unwrap();
}

/// The next message. An error is the code with which the socket was closed.
async fn hear(socket: &mut Socket) -> Result<Value, u16> {
    loop {
        let message = tokio::time::timeout(PATIENCE, socket.next()).await.expect("something comes in time");
        match message {
            Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(text.as_str()).unwrap()),
            Some(Ok(Message::Close(frame))) => return Err(frame.map_or(1005, |frame| frame.code.into())),
            Some(Ok(_)) => {}
            other => panic!("the socket broke: {other:?}"),
        }
    }
}

fn init(departments: &[&str]) -> Value {
    json!({"type": "connection_init", "payload": {"authorization": format!("Bearer {}", Served::token(departments))}})
}

async fn greeted(served: &Served, departments: &[&str]) -> Socket {
    let mut socket = open(served, &[protocol()]).await.unwrap();
    say(&mut socket, &init(departments)).await;
    assert_eq!(hear(&mut socket).await, Ok(json!({"type": "connection_ack"})));
    socket
}

#[tokio::test]
async fn a_page_of_another_site_opens_no_socket() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        let origins = vec!["https://app.example".to_owned()];
        let edge = Edge::new(EdgeSettings { origins, ..EdgeSettings::default() }).unwrap();
        let served = Served::with_edge(&hub, edge).await;
        let from = |origin: &str| [protocol(), ("origin", origin.to_owned())];
        for other in ["https://evil.example", "null", "http://app.example", "https://app.example.evil.example"] {
            assert_eq!(open(&served, &from(other)).await.err(), Some(403), "{other}");
        }
        for good in ["https://app.example", served.base.as_str()] {
            assert!(open(&served, &from(good)).await.is_ok(), "{good}");
        }
        assert_eq!(open(&served, &[]).await.err(), Some(400), "a socket speaks the one protocol");
        let other = [("sec-websocket-protocol", "graphql-ws".to_owned())];
        assert_eq!(open(&served, &other).await.err(), Some(400));
        served.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_socket_closes_with_the_code_of_the_protocol() {
    on_both(|store| async move {
        let served = Served::start(&Hub::open(&store).await).await;
        let forever = json!({"id": "1", "type": "subscribe", "payload": {"query": "subscription { changes { id } }"}});
        for (messages, code) in [
            (vec![forever.clone()], 4401),
            (vec![json!({"type": "connection_init"})], 4403),
            (vec![json!({"type": "connection_init", "payload": {"authorization": "Bearer rubbish"}})], 4403),
            (vec![init(&["billing"]), init(&["billing"])], 4429),
            (vec![init(&["billing"]), forever.clone(), forever.clone()], 4409),
            (vec![init(&["billing"]), json!({"type": "nosuch"})], 4400),
            (vec![init(&["billing"]), json!({"type": "subscribe", "payload": {"query": "{ a }"}})], 4400),
        ] {
            let mut socket = open(&served, &[protocol()]).await.unwrap();
            for message in &messages {
                say(&mut socket, message).await;
            }
            let closed = loop {
                match hear(&mut socket).await {
                    Ok(_) => {}
                    Err(code) => break code,
                }
            };
            assert_eq!(closed, code, "{messages:?}");
        }
        served.stop().await;
        let edge = Edge::new(EdgeSettings { init_wait: Duration::from_millis(50), ..EdgeSettings::default() }).unwrap();
        let served = Served::with_edge(&Hub::open(&store).await, edge).await;
        let mut silent = open(&served, &[protocol()]).await.unwrap();
        assert_eq!(hear(&mut silent).await, Err(4408));
        served.stop().await;
    })
    .await;
}

#[tokio::test]
async fn operations_of_one_socket_do_not_disturb_each_other() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 1).await;
        let served = Served::start(&hub).await;
        let mut socket = greeted(&served, &["billing", "support", "marketing"]).await;
        let ask = |id: &str, query: &str| json!({"id": id, "type": "subscribe", "payload": {"query": query}});
        say(&mut socket, &ask("stream", "subscription { changes(from: BEGINNING) { cursor kind } }")).await;
        say(&mut socket, &ask("once", "{ viewer { subject } }")).await;
        say(&mut socket, &ask("wrong", "{ nosuch }")).await;
        let (mut streamed, mut once, mut wrong) = (0, Vec::new(), Vec::new());
        while once.len() < 2 || wrong.is_empty() || streamed < 3 {
            let message = hear(&mut socket).await.unwrap();
            match message["id"].as_str().unwrap() {
                "stream" => streamed += 1,
                "once" => once.push(message["type"].clone()),
                _ => wrong.push(message["type"].clone()),
            }
        }
        assert_eq!((once, wrong), (vec![json!("next"), json!("complete")], vec![json!("error")]));
        say(&mut socket, &json!({"id": "stream", "type": "complete"})).await;
        // The name is free again, and what the first one still had to say is not said under it.
        say(&mut socket, &ask("stream", "{ viewer { subject } }")).await;
        loop {
            let message = hear(&mut socket).await.unwrap();
            assert_eq!(message["id"], "stream");
            if message["type"] == "complete" {
                break;
            }
        }
        served.stop().await;
        assert_eq!(hear(&mut socket).await, Err(1001), "the hub stops, and says so");
    })
    .await;
}

/// A clock that tests move.
struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        time(self.0.load(Ordering::Acquire))
    }
}

#[tokio::test]
async fn a_token_that_runs_out_ends_what_it_opened() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 1).await;
        let hand = Arc::new(Hand(AtomicI64::new(NOW)));
        let issuers = Issuers::none(Arc::new(tokens(SECRET, "onefold", "onefold")));
        let clock: Arc<dyn Clock> = Arc::<Hand>::clone(&hand);
        let served = Served::with(&hub, Arc::new(issuers), clock).await;
        let mut socket = greeted(&served, &["billing"]).await;
        let query = "subscription { changes(from: BEGINNING) { kind } }";
        say(&mut socket, &json!({"id": "1", "type": "subscribe", "payload": {"query": query}})).await;
        assert_eq!(hear(&mut socket).await.unwrap()["type"], "next");
        hand.0.store(NOW + 3_600, Ordering::Release);
        let ended = loop {
            let message = hear(&mut socket).await.unwrap();
            if message["type"] != "next" {
                break message;
            }
            hub.push_all(super::story::person(9)).await;
        };
        assert_eq!(ended["type"], "error");
        assert_eq!(ended["payload"][0]["extensions"]["code"], "TOKEN_EXPIRED");
        served.stop().await;
    })
    .await;
}

/// The events of a stream, until it ends or so many have come.
async fn events(request: reqwest::RequestBuilder, count: usize) -> String {
    let mut response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(header(&response, "content-type").starts_with("text/event-stream"));
    assert_eq!(header(&response, "cache-control"), "no-cache");
    let mut text = String::new();
    while text.matches("event: ").count() < count {
        match tokio::time::timeout(PATIENCE, response.chunk()).await.expect("something comes in time").unwrap() {
            Some(part) => text.push_str(std::str::from_utf8(&part).unwrap()),
            None => break,
        }
    }
    text
}

#[tokio::test]
async fn a_stream_of_events_goes_on_behind_the_last_that_came() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 1).await;
        let served = Served::start(&hub).await;
        let stream =
            |query: &str| served.post(json!({"query": query}).to_string()).header("accept", "text/event-stream");
        let all = "subscription { changes(from: BEGINNING) { cursor } }";
        let first = events(stream(all), 3).await;
        let ids: Vec<&str> = first.lines().filter_map(|line| line.strip_prefix("id: ")).collect();
        assert!(ids.len() >= 3, "{first}");
        let resumed = events(stream("subscription { changes { cursor } }").header("last-event-id", ids[0]), 1).await;
        assert!(resumed.contains(&format!("id: {}\n", ids[1])), "{resumed}");
        let once = events(stream("{ viewer { subject } }"), 9).await;
        assert!(once.starts_with("event: next\ndata: {\"data\":{\"viewer\":{\"subject\":\"ann\"}}"), "{once}");
        assert!(once.ends_with("event: complete\ndata:\n\n"), "{once}");
        let wrong = events(stream("{ nosuch }"), 9).await;
        assert!(wrong.contains("INVALID_DOCUMENT") && wrong.ends_with("event: complete\ndata:\n\n"), "{wrong}");
        let get = served.bare("GET", "/graphql").bearer_auth(Served::token(&["billing"])).query(&[("query", all)]);
        assert!(events(get.header("accept", "text/event-stream"), 1).await.contains("event: next"));
        let mutation = served.bare("GET", "/graphql").bearer_auth(Served::token(&["billing"]));
        let mutation = mutation.query(&[("query", "mutation { __typename }")]).header("accept", "text/event-stream");
        assert_eq!(answer(mutation).await.0, 405);
        let strange = served.bare("POST", "/graphql").header("accept", "text/event-stream").body("{}");
        assert_eq!(answer(strange).await.0, 401);
        let late = token(&tokens(SECRET, "onefold", "onefold"), &["billing"], NOW - 601);
        let expired = served.bare("GET", "/graphql").bearer_auth(late).query(&[("query", all)]);
        assert_eq!(answer(expired.header("accept", "text/event-stream")).await.0, 401);
        served.stop().await;
    })
    .await;
}

#[tokio::test]
async fn what_is_told_is_counted_under_the_name_of_its_operation() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 1).await;
        let served = Served::start(&hub).await;
        let stream =
            |query: &str| served.post(json!({"query": query}).to_string()).header("accept", "text/event-stream");
        events(stream("subscription Feed { changes(from: BEGINNING) { cursor } }"), 3).await;
        events(stream("query Once { viewer { subject } }"), 9).await;
        let mut socket = greeted(&served, &["billing"]).await;
        for (document, last) in
            [("query Socketed { viewer { subject } }", "complete"), ("query Bad { nosuch }", "error")]
        {
            say(&mut socket, &json!({"type": "subscribe", "id": "1", "payload": {"query": document}})).await;
            while hear(&mut socket).await.unwrap()["type"] != last {}
        }
        let shown = served.bare("GET", "/metrics").bearer_auth(super::watched::operator()).send().await.unwrap();
        let text = shown.text().await.unwrap();
        for line in [
            "onefold_graphql_operations_total{operation=\"Once\",kind=\"query\",outcome=\"good\"} 1",
            "onefold_graphql_operations_total{operation=\"Socketed\",kind=\"query\",outcome=\"good\"} 1",
            "onefold_graphql_duration_seconds_count{operation=\"Socketed\",kind=\"query\"} 1",
            "onefold_graphql_operations_total{operation=\"(none)\",kind=\"none\",outcome=\"refused\"} 1",
        ] {
            assert!(text.lines().any(|told| told == line), "{line} is not in\n{text}");
        }
        let told = "onefold_graphql_events_total{operation=\"Feed\",outcome=\"good\"} ";
        let told = text.lines().find_map(|line| line.strip_prefix(told)).expect("what was told is counted");
        assert!(told.parse::<u64>().unwrap() >= 3, "{text}");
        assert!(!text.contains("kind=\"subscription\""), "how long one waits for an event is no duration: {text}");
        served.stop().await;
    })
    .await;
}
