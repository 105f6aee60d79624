//! What every connector must do that asks a system: read a list over several pages, also when it is cut off between them;
//! ask later for what has changed; and take a refusal for what it is.
//!
//! The answers are the fixtures of the folders, cut into pages in the way of each system.

use crate::drive::{Stored, run_with};
use crate::fixtures::settings;
use crate::folders::{load, read_all, root};
use onefold_connector::{Configured, Connector, HttpRequest, HttpResponse, Step, TaskKind};
use onefold_model::Timestamp;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Zendesk's exports, Stripe's feed and Mailchimp's audiences are driven in tests of their own.
const OWN_TESTS: [&str; 3] = ["billing/stripe", "marketing/mailchimp", "support/zendesk"];

fn connectors() -> Vec<(String, Connector)> {
    let folders = Connector::folders(&read_all()).into_iter().filter(|folder| !OWN_TESTS.contains(&folder.as_str()));
    folders.map(|folder| (folder.clone(), load(&folder))).filter(|(_, connector)| !connector.is_file()).collect()
}

fn now() -> Timestamp {
    "2026-02-03T00:00:00Z".parse().unwrap()
}

/// Where the records of a fixture stand: the only list of objects in it that the connector can mean.
fn records_at(folder: &str, stream: &str) -> String {
    match (folder, stream) {
        ("marketing/hubspot", _) => "/results".to_owned(),
        ("billing/chargebee", _) => "/list".to_owned(),
        ("support/freshdesk", _) => String::new(),
        ("support/intercom", "conversations" | "tickets") | ("marketing/eventbrite", _) => format!("/{stream}"),
        ("support/intercom" | "marketing/klaviyo" | "crm/zoho_crm", _) => "/data".to_owned(),
        ("billing/xero", _) => format!("/{}{}", stream[..1].to_uppercase(), &stream[1..]),
        ("billing/quickbooks", _) => {
            format!("/QueryResponse/{}{}", stream[..1].to_uppercase(), &stream[1..stream.len() - 1])
        }
        ("crm/salesforce", _) => "/records".to_owned(),
        ("marketing/google_analytics", _) => "/rows".to_owned(),
        _ => panic!("{folder} is new here: say where its records stand"),
    }
}

/// A system that has so many records and gives them by pages.
struct System {
    folder: String,
    body: Value,
    at: String,
    records: Vec<Value>,
    size: usize,
    requests: Vec<HttpRequest>,
}

impl System {
    /// `pages` full pages and one record more.
    fn new(folder: &str, stream: &str, pages: usize) -> Self {
        let path = root().join(folder).join("fixtures").join(format!("{stream}.json"));
        let fixture: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let (body, at) = (fixture["body"].clone(), records_at(folder, stream));
        let first = body.pointer(&at).unwrap().as_array().unwrap()[0].clone();
        // Pages that are told by their length are as long as the manifest asks for.
        let size = match folder {
            "billing/quickbooks" => 500,
            "marketing/google_analytics" => 10_000,
            _ => 2,
        };
        let records = (0..=size * pages).map(|i| numbered(folder, stream, first.clone(), i)).collect();
        Self { folder: folder.to_owned(), body, at, records, size, requests: Vec::new() }
    }

    fn answer(&mut self, request: &HttpRequest) -> HttpResponse {
        self.requests.push(request.clone());
        let page = self.page_of(request);
        let start = page * self.size;
        let shown: Vec<Value> = self.records.iter().skip(start).take(self.size).cloned().collect();
        let more = start + shown.len() < self.records.len();
        let mut body = self.body.clone();
        *body.pointer_mut(&self.at).unwrap() = Value::Array(shown);
        let mut headers = Vec::new();
        let next = (page + 1).to_string();
        match self.folder.as_str() {
            "marketing/hubspot" if more => body["paging"] = json!({"next": {"after": next}}),
            "billing/chargebee" => body["next_offset"] = if more { json!(next) } else { Value::Null },
            "support/freshdesk" if more => {
                headers.push((
                    "Link".to_owned(),
                    format!("<{}?page={next}>; rel=\"next\"", request.url.split('?').next().unwrap()),
                ));
            }
            "support/intercom" if request.url.ends_with("/scroll") => body["scroll_param"] = json!(format!("s{next}")),
            "support/intercom" if more => body["pages"]["next"] = json!({"starting_after": next}),
            "marketing/klaviyo" if more => {
                body["links"]["next"] =
                    json!(format!("{}?page[cursor]={next}", request.url.split('?').next().unwrap()));
            }
            "crm/zoho_crm" => body["info"] = json!({"more_records": more, "next_page_token": more.then_some(next)}),
            "billing/xero" => body["pagination"] = json!({"page": page + 1, "itemCount": self.records.len()}),
            "billing/quickbooks" => body["QueryResponse"]["startPosition"] = json!(start + 1),
            "crm/salesforce" => {
                body["done"] = json!(!more);
                body["nextRecordsUrl"] =
                    if more { json!(format!("/services/data/v62.0/query/01g-{next}")) } else { Value::Null };
            }
            "marketing/eventbrite" => body["pagination"] = json!({"has_more_items": more, "continuation": next}),
            "marketing/google_analytics" => body["rowCount"] = json!(self.records.len()),
            _ => {}
        }
        HttpResponse { status: 200, headers, body, at: now() }
    }

    /// The page that a request asks for, from 0.
    fn page_of(&self, request: &HttpRequest) -> usize {
        let number =
            |text: &str| -> usize { text.chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap() };
        let query = |name: &str| request.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let body = |pointer: &str| request.body.as_ref().and_then(|body| body.pointer(pointer));
        let text = |pointer: &str| body(pointer).and_then(Value::as_str).map(str::to_owned);
        match self.folder.as_str() {
            "marketing/hubspot" => query("after").map(str::to_owned).or(text("/after")).map_or(0, |text| number(&text)),
            "billing/chargebee" => query("offset").map_or(0, number),
            "support/freshdesk" | "marketing/klaviyo" => request.url.split('=').nth(1).map_or(0, number),
            "support/intercom" => {
                let token = query("scroll_param").or(query("starting_after")).map(str::to_owned);
                token.or(text("/pagination/starting_after")).map_or(0, |text| number(&text))
            }
            "crm/zoho_crm" => query("page_token").map_or(0, number),
            "billing/xero" => number(query("page").unwrap()) - 1,
            "billing/quickbooks" => {
                let asked = query("query").unwrap().split("startposition ").nth(1).unwrap();
                (number(asked.split(' ').next().unwrap()) - 1) / self.size
            }
            "crm/salesforce" => request.url.split("01g-").nth(1).map_or(0, number),
            "marketing/eventbrite" => query("continuation").map_or(0, number),
            "marketing/google_analytics" => {
                usize::try_from(body("/offset").unwrap().as_u64().unwrap()).unwrap() / self.size
            }
            folder => panic!("{folder}"),
        }
    }
}

/// The first record of a fixture with another key.
fn numbered(folder: &str, stream: &str, mut record: Value, i: usize) -> Value {
    let id = json!(format!("{i:05}"));
    match (folder, stream) {
        ("billing/chargebee", _) => {
            let inner = if stream == "payments" { "transaction" } else { &stream[..stream.len() - 1] };
            record[inner]["id"] = id;
        }
        ("billing/xero", _) => {
            let name = format!("{}{}ID", stream[..1].to_uppercase(), &stream[1..stream.len() - 1]);
            record[name] = id;
        }
        ("billing/quickbooks" | "crm/salesforce", _) => record["Id"] = id,
        ("marketing/google_analytics", "users") => record["dimensionValues"][0]["value"] = id,
        ("marketing/google_analytics", _) => record["dimensionValues"][1]["value"] = id,
        _ => record["id"] = id,
    }
    record
}

fn configured(connector: &Connector) -> Configured {
    connector.configure(&settings(connector)).unwrap_or_else(|errors| panic!("{errors:?}"))
}

#[test]
fn every_stream_reads_all_pages_also_when_it_is_cut_off_between_them() {
    for (folder, connector) in connectors() {
        for stream in connector.streams() {
            let source = configured(&connector).choose([stream.name]).unwrap();
            for crash in [usize::MAX, 1, 2] {
                let mut system = System::new(&folder, stream.name, 2);
                if system.size > 1000 && crash != 1 {
                    continue;
                }
                let expected = system.records.len();
                let mut stored = Stored::default();
                let read = run_with(&source, now(), &mut stored, crash, &mut |request| system.answer(request));
                assert_eq!(read, Ok(()), "{folder} {}", stream.name);
                assert_eq!(
                    (stored.records.len(), stored.refused),
                    (expected, 0),
                    "{folder} {} cut at {crash}",
                    stream.name
                );
                let asked: BTreeSet<String> = system.requests.iter().map(|request| format!("{request:?}")).collect();
                assert!(asked.len() >= 3, "{folder} {}: three pages are three requests", stream.name);
            }
        }
    }
}

#[test]
fn every_stream_with_a_cursor_asks_from_then_on_for_what_has_changed() {
    for (folder, connector) in connectors() {
        for stream in connector.streams().iter().filter(|stream| stream.reads == "cursor") {
            let source = configured(&connector).choose([stream.name]).unwrap();
            let mut system = System::new(&folder, stream.name, 0);
            let mut stored = Stored::default();
            run_with(&source, now(), &mut stored, usize::MAX, &mut |request| system.answer(request)).unwrap();
            let later = now() + chrono::TimeDelta::minutes(5);
            let tasks = source.plan(&stored.checkpoints, later);
            assert_eq!((tasks.len(), tasks[0].kind), (1, TaskKind::Changes), "{folder} {}", stream.name);
            let reader = source.reader(&tasks[0], &stored.checkpoints, later).unwrap();
            let Step::Request(request) = reader.next_step() else { panic!("{folder} {}", stream.name) };
            let headers: Vec<&str> = request.headers.iter().map(|(_, value)| value.expose()).collect();
            let asked = format!("{:?} {headers:?} {:?}", request.query, request.body);
            // A time in 2024 or later, as a day or as a count of seconds.
            let from = ["2024-", "2025-", "2026-", "173", "174", "175", "176", "177"];
            assert!(
                from.iter().any(|from| asked.contains(from)),
                "{folder} {} does not say from when: {asked}",
                stream.name
            );
        }
    }
}

#[test]
fn a_refusal_is_what_its_status_says_and_shows_nothing() {
    for (folder, connector) in connectors() {
        let source = configured(&connector);
        let task = source.plan(&BTreeMap::new(), now()).remove(0);
        for (status, code) in [(401, "auth"), (403, "denied"), (429, "limited"), (503, "unavailable")] {
            let mut reader = source.reader(&task, &BTreeMap::new(), now()).unwrap();
            let body =
                json!({"message": "the key hunter2 of Ada", "error": "hunter2 of Ada", "error_description": "hunter2"});
            let answer = HttpResponse { status, headers: Vec::new(), body, at: now() };
            let error = reader.accept(&answer).unwrap_err();
            assert_eq!(error.code(), code, "{folder} {status}");
            assert!(!error.to_string().contains("hunter2"), "{folder}: {error}");
        }
        assert!(source.retry().on.contains(&429) && source.retry().on.contains(&503), "{folder}");
    }
}

#[test]
fn an_error_with_status_200_is_an_error() {
    let source = configured(&load("billing/quickbooks"));
    let task = source.plan(&BTreeMap::new(), now()).remove(0);
    let mut reader = source.reader(&task, &BTreeMap::new(), now()).unwrap();
    let body = json!({"Fault": {"Error": [{"Message": "hunter2", "code": "610"}], "type": "ValidationFault"}});
    let error = reader.accept(&HttpResponse { status: 200, headers: Vec::new(), body, at: now() }).unwrap_err();
    assert_eq!((error.code(), error.to_string().contains("610")), ("error_in_body", true));
}
