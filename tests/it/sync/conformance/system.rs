//! A system that a folder's manifest and fixtures describe: it has five records of one stream and gives them two at a time, in
//! the way of the system, and does what a test says at a request.

use super::{Subject, root};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, NaiveDate, TimeDelta};
use futures_util::stream;
use onefold_model::{Clock, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Records of a page.
const PAGE: usize = 2;
/// Records at the beginning: three pages.
pub(super) const RECORDS: usize = 5;

/// What the system does at a request.
#[derive(Debug, Clone)]
pub(super) enum Deed {
    Status(u16),
    Cut,
    Slow,
    Hang,
    /// Somebody adds a record at the front before it is answered.
    Insert,
}

pub(super) struct System {
    subject: Subject,
    body: Value,
    at: String,
    pub(super) records: Mutex<Vec<Value>>,
    /// The record that changed, and when: left out where only what is younger is asked for.
    changed: Mutex<Option<(usize, Timestamp)>>,
    pub(super) deeds: Mutex<BTreeMap<usize, Deed>>,
    always: Mutex<Option<Deed>>,
    requests: Mutex<Vec<String>>,
    tokens: AtomicUsize,
    base: Mutex<String>,
    clock: Arc<dyn Clock>,
    /// Seconds by which its clock is ahead.
    pub(super) ahead: AtomicI64,
}

/// Where the records stand in an answer.
fn records_at(subject: &Subject) -> String {
    let Subject { folder, stream } = subject;
    let capital = |text: &str| format!("{}{}", text[..1].to_uppercase(), &text[1..]);
    match (folder.as_str(), stream.as_str()) {
        ("marketing/hubspot", _) => "/results".to_owned(),
        ("billing/chargebee", _) => "/list".to_owned(),
        ("support/freshdesk", _) => String::new(),
        ("support/intercom", "conversations" | "tickets") | ("marketing/eventbrite", _) => format!("/{stream}"),
        ("support/intercom" | "marketing/klaviyo" | "crm/zoho_crm", _) => "/data".to_owned(),
        ("billing/xero", _) => format!("/{}", capital(stream)),
        ("billing/quickbooks", _) => format!("/QueryResponse/{}", capital(&stream[..stream.len() - 1])),
        ("crm/salesforce", _) => "/records".to_owned(),
        ("marketing/google_analytics", _) => "/rows".to_owned(),
        _ => panic!("{folder} is new here: say where its records stand"),
    }
}

/// A record under another key.
fn numbered(subject: &Subject, mut record: Value, i: usize) -> Value {
    let id = json!(format!("{i:05}"));
    let stream = subject.stream.as_str();
    match (subject.folder.as_str(), stream) {
        ("billing/chargebee", _) => {
            let inner = if stream == "payments" { "transaction" } else { &stream[..stream.len() - 1] };
            record[inner]["id"] = id;
        }
        ("billing/xero", _) => {
            record[format!("{}{}ID", stream[..1].to_uppercase(), &stream[1..stream.len() - 1])] = id;
        }
        ("billing/quickbooks" | "crm/salesforce", _) => record["Id"] = id,
        ("marketing/google_analytics", "users") => record["dimensionValues"][0]["value"] = id,
        ("marketing/google_analytics", _) => record["dimensionValues"][1]["value"] = id,
        _ => record["id"] = id,
    }
    record
}

impl System {
    pub(super) async fn start(subject: &Subject, clock: Arc<dyn Clock>) -> Arc<Self> {
        let path = root().join(&subject.folder).join("fixtures").join(format!("{}.json", subject.stream));
        let fixture: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let (body, at) = (fixture["body"].clone(), records_at(subject));
        let first = body.pointer(&at).unwrap().as_array().unwrap()[0].clone();
        let records = (0..RECORDS).map(|i| numbered(subject, first.clone(), i)).collect();
        let system = Arc::new(Self {
            subject: subject.clone(),
            body,
            at,
            records: Mutex::new(records),
            changed: Mutex::default(),
            deeds: Mutex::default(),
            always: Mutex::default(),
            requests: Mutex::default(),
            tokens: AtomicUsize::new(0),
            base: Mutex::default(),
            clock,
            ahead: AtomicI64::new(0),
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        *system.base.lock().unwrap() = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new().fallback(answer).with_state(Arc::clone(&system));
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        system
    }

    pub(super) fn base(&self) -> String {
        self.base.lock().unwrap().clone()
    }

    /// Requests for data so far.
    pub(super) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    /// Access tokens that were given.
    pub(super) fn tokens(&self) -> usize {
        self.tokens.load(Ordering::SeqCst)
    }

    /// At the request of this number, from 1, counted from now.
    pub(super) fn at(&self, nth: usize, deed: Deed) {
        let asked = self.requests.lock().unwrap().len();
        self.deeds.lock().unwrap().insert(asked + nth, deed);
    }

    pub(super) fn always(&self, deed: Option<Deed>) {
        *self.always.lock().unwrap() = deed;
    }

    /// By its own clock.
    pub(super) fn now(&self) -> Timestamp {
        self.clock.now() + TimeDelta::seconds(self.ahead.load(Ordering::SeqCst))
    }

    /// A record says something more from now on.
    pub(super) fn change(&self, place: usize) {
        self.records.lock().unwrap()[place]["zz_changed"] = json!(true);
        *self.changed.lock().unwrap() = Some((place, self.now()));
    }

    /// The answer to a request, and what else is to be done with it.
    fn page(&self, path: &str, query: &BTreeMap<String, String>, asked: &Value) -> (Value, Vec<(String, String)>) {
        let page = self.page_of(path, query, asked);
        let since = earliest(&format!("{query:?} {asked}"));
        let changed = *self.changed.lock().unwrap();
        let records = self.records.lock().unwrap();
        let is_asked = |place: &usize| match (changed, since) {
            (Some((which, at)), Some(since)) if which == *place => at >= since,
            _ => true,
        };
        let listed: Vec<&Value> =
            records.iter().enumerate().filter(|(place, _)| is_asked(place)).map(|(_, record)| record).collect();
        let start = page * PAGE;
        let shown: Vec<Value> = listed.iter().skip(start).take(PAGE).map(|record| (*record).clone()).collect();
        let (count, next) = (listed.len(), (page + 1).to_string());
        let more = start + shown.len() < count;
        let mut body = self.body.clone();
        *body.pointer_mut(&self.at).unwrap() = Value::Array(shown);
        let mut headers = Vec::new();
        let url = format!("{}{path}", self.base());
        match self.subject.folder.as_str() {
            "marketing/hubspot" if more => body["paging"] = json!({"next": {"after": next}}),
            "billing/chargebee" => body["next_offset"] = if more { json!(next) } else { Value::Null },
            "support/freshdesk" if more => {
                headers.push(("link".to_owned(), format!("<{url}?page={next}>; rel=\"next\"")));
            }
            "support/intercom" if path.ends_with("/scroll") => body["scroll_param"] = json!(format!("s{next}")),
            "support/intercom" if more => body["pages"]["next"] = json!({"starting_after": next}),
            "marketing/klaviyo" if more => body["links"]["next"] = json!(format!("{url}?page[cursor]={next}")),
            "crm/zoho_crm" => body["info"] = json!({"more_records": more, "next_page_token": more.then_some(next)}),
            "billing/xero" => body["pagination"] = json!({"page": page + 1, "itemCount": count}),
            "billing/quickbooks" => body["QueryResponse"]["startPosition"] = json!(start + 1),
            "crm/salesforce" => {
                body["done"] = json!(!more);
                let next = format!("/services/data/v62.0/query/01g-{next}");
                body["nextRecordsUrl"] = if more { json!(next) } else { Value::Null };
            }
            "marketing/eventbrite" => body["pagination"] = json!({"has_more_items": more, "continuation": next}),
            "marketing/google_analytics" => body["rowCount"] = json!(count),
            _ => {}
        }
        (body, headers)
    }

    /// The page that a request asks for, from 0.
    fn page_of(&self, path: &str, query: &BTreeMap<String, String>, body: &Value) -> usize {
        let number = |text: &str| -> usize {
            text.chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap_or_default()
        };
        let given = |name: &str| query.get(name).cloned();
        let within = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let place = match self.subject.folder.as_str() {
            "marketing/hubspot" => given("after").or(within("/after")),
            "billing/chargebee" => given("offset"),
            "support/freshdesk" => given("page"),
            "marketing/klaviyo" => given("page[cursor]"),
            "support/intercom" => {
                given("scroll_param").or(given("starting_after")).or(within("/pagination/starting_after"))
            }
            "crm/zoho_crm" => given("page_token"),
            "billing/xero" => return number(&query["page"]) - 1,
            "billing/quickbooks" => {
                let asked = query["query"].to_lowercase();
                let from = asked.split("startposition ").nth(1).unwrap();
                return (number(from.split(' ').next().unwrap()) - 1) / PAGE;
            }
            "crm/salesforce" => path.split("01g-").nth(1).map(str::to_owned),
            "marketing/eventbrite" => given("continuation"),
            "marketing/google_analytics" => body.pointer("/offset").map(ToString::to_string).map(|at| {
                let at: usize = at.trim_matches('"').parse().unwrap();
                (at / PAGE).to_string()
            }),
            folder => panic!("{folder}"),
        };
        place.map_or(0, |text| number(&text))
    }
}

/// The earliest time that a request names: from then on, what has changed is asked for.
fn earliest(text: &str) -> Option<Timestamp> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-:.+".contains(c);
    let read = |word: &str| {
        let whole = word.parse::<i64>().ok();
        let seconds =
            whole.filter(|n| (1_000_000_000..5_000_000_000).contains(n)).and_then(DateTime::from_timestamp_secs);
        let millis = whole.filter(|n| *n > 1_000_000_000_000).and_then(DateTime::from_timestamp_millis);
        let day = |text: &str| Some(text.parse::<NaiveDate>().ok()?.and_time(chrono::NaiveTime::MIN).and_utc());
        let zoned = DateTime::parse_from_rfc3339(word).ok().map(|at| at.to_utc());
        zoned.or(seconds).or(millis).or_else(|| day(word.get(..10)?))
    };
    text.split(|c| !is_part(c)).filter_map(read).min()
}

async fn answer(
    State(system): State<Arc<System>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    let date = system.now().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    if method == Method::POST && uri.path().contains("token") {
        let given = system.tokens.fetch_add(1, Ordering::SeqCst) + 1;
        let body = json!({"access_token": format!("t{given}"), "token_type": "Bearer", "expires_in": 36_000_000,
            "refresh_token": "r", "instance_url": system.base(), "api_domain": system.base()});
        return ([(header::DATE, date)], axum::Json(body)).into_response();
    }
    let mut query: BTreeMap<String, String> =
        reqwest::Url::parse(&format!("http://system{uri}")).unwrap().query_pairs().into_owned().collect();
    // What is asked for may stand in a header too.
    let since = headers.get(header::IF_MODIFIED_SINCE).and_then(|value| value.to_str().ok());
    query.extend(since.map(|since| ("if-modified-since".to_owned(), since.to_owned())));
    let asked: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let nth = {
        let mut requests = system.requests.lock().unwrap();
        requests.push(format!("{} {query:?} {asked}", uri.path()));
        requests.len()
    };
    let deed = system.always.lock().unwrap().clone().or_else(|| system.deeds.lock().unwrap().get(&nth).cloned());
    if matches!(deed, Some(Deed::Insert)) {
        let mut records = system.records.lock().unwrap();
        let new = numbered(&system.subject, records[0].clone(), 99);
        records.insert(0, new);
    }
    let (body, headers) = system.page(uri.path(), &query, &asked);
    let text = body.to_string();
    let whole = || text.clone().into_bytes();
    let body = match deed {
        None | Some(Deed::Insert) => Body::from(whole()),
        Some(Deed::Status(status)) => {
            let status = StatusCode::from_u16(status).unwrap();
            return (status, [(header::DATE, date), (header::RETRY_AFTER, "0".to_owned())], "{}").into_response();
        }
        Some(Deed::Hang) => std::future::pending().await,
        Some(Deed::Cut) => {
            let half = Bytes::from(whole()[..text.len() / 2].to_vec());
            let parts = [Ok(half), Err(std::io::Error::other("the wire was cut"))];
            Body::from_stream(stream::iter(parts))
        }
        Some(Deed::Slow) => {
            let parts = whole().chunks(text.len().div_ceil(4)).map(Bytes::copy_from_slice).collect::<Vec<_>>();
            Body::from_stream(stream::unfold(parts.into_iter(), |mut parts| async move {
                tokio::time::sleep(Duration::from_millis(50)).await;
                Some((Ok::<_, std::io::Error>(parts.next()?), parts))
            }))
        }
    };
    let mut response =
        ([(header::DATE, date), (header::CONTENT_TYPE, "application/json".to_owned())], body).into_response();
    for (name, value) in headers {
        let name: header::HeaderName = name.parse().unwrap();
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}
