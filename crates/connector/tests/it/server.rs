//! A simulated system: records that change while they are read, listed in every style of paging.

use chrono::{DateTime, TimeDelta};
use onefold_connector::{HttpRequest, HttpResponse};
use onefold_model::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How the system pages its lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    LastId,
    NextUrl,
    Token,
    OffsetOverlap,
    OffsetTotal,
    Number,
    Link,
}

pub(crate) const STYLES: [Style; 7] =
    [Style::LastId, Style::NextUrl, Style::Token, Style::OffsetOverlap, Style::OffsetTotal, Style::Number, Style::Link];

impl Style {
    /// The page style of the manifest that fits.
    pub(crate) fn manifest(self, size: usize) -> String {
        let style = match self {
            Style::LastId => "style: last_id, param: after, id: /id, more: /more",
            Style::NextUrl => "style: next_url, url: /next, more: /more",
            Style::Token => "style: token, param: cursor, token: /cursor",
            Style::OffsetOverlap => "style: offset, param: offset, overlap: 1, total: /total",
            Style::OffsetTotal => "style: offset, param: offset, total: /total",
            Style::Number => "style: number, param: page, total: /total, echo: /page",
            Style::Link => "style: link",
        };
        format!("{{{style}, size: {{param: limit, value: {size}}}}}")
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Record {
    pub(crate) id: u32,
    pub(crate) value: u32,
    /// Seconds.
    pub(crate) updated: i64,
}

#[derive(Debug, Clone)]
struct Event {
    serial: u32,
    at: i64,
    kind: &'static str,
    id: u32,
}

/// What happens in the system between two requests.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Action {
    Create,
    Update(usize),
    Delete(usize),
    Tick,
}

#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) records: BTreeMap<u32, Record>,
    events: Vec<Event>,
    pub(crate) clock: i64,
    style: Style,
    next_id: u32,
    next_value: u32,
    /// What happens before the n-th request.
    pub(crate) script: BTreeMap<usize, Vec<Action>>,
    pub(crate) requests: usize,
    pub(crate) log: Vec<String>,
}

pub(crate) const START: i64 = 1_770_000_000;

pub(crate) fn time(seconds: i64) -> Timestamp {
    DateTime::from_timestamp_secs(seconds).unwrap()
}

impl Server {
    pub(crate) fn new(style: Style, count: usize) -> Self {
        let mut server = Self {
            records: BTreeMap::new(),
            events: Vec::new(),
            clock: START,
            style,
            next_id: 1,
            next_value: 1,
            script: BTreeMap::new(),
            requests: 0,
            log: Vec::new(),
        };
        for i in 0..count {
            server.act(Action::Create);
            // Several records share a second.
            if i % 3 == 2 {
                server.clock += 1;
            }
        }
        server
    }

    pub(crate) fn act(&mut self, action: Action) {
        self.next_value += 1;
        let pick = |index: usize, records: &BTreeMap<u32, Record>| {
            (!records.is_empty()).then(|| *records.keys().nth(index % records.len()).unwrap())
        };
        match action {
            Action::Tick => self.clock += 1,
            Action::Create => {
                let id = self.next_id;
                self.next_id += 1;
                self.records.insert(id, Record { id, value: self.next_value, updated: self.clock });
                self.event("item.created", id);
            }
            Action::Update(index) => {
                if let Some(id) = pick(index, &self.records) {
                    let record = self.records.get_mut(&id).unwrap();
                    (record.value, record.updated) = (self.next_value, self.clock);
                    self.event("item.updated", id);
                }
            }
            Action::Delete(index) => {
                if let Some(id) = pick(index, &self.records) {
                    self.records.remove(&id);
                    self.event("item.deleted", id);
                }
            }
        }
    }

    /// Some events appear late: with the time of a moment that may have been read already.
    fn event(&mut self, kind: &'static str, id: u32) {
        let serial = self.next_value;
        let late = if kind == "item.updated" { i64::from(serial % 3) } else { 0 };
        self.events.push(Event { serial, at: self.clock - late, kind, id });
    }

    /// Forgets old events, as systems do.
    pub(crate) fn forget_events_before(&mut self, at: i64) {
        self.events.retain(|event| event.at >= at);
    }

    pub(crate) fn answer(&mut self, request: &HttpRequest) -> HttpResponse {
        for action in self.script.remove(&self.requests).unwrap_or_default() {
            self.act(action);
        }
        self.requests += 1;
        self.log.push(format!("{} {:?}", request.url, request.query));
        let url = url::Url::parse(&request.url).unwrap();
        let mut query: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        query.extend(request.query.iter().cloned());
        let (status, headers, body) = match url.path() {
            "/items" => self.items(&query),
            "/events" => self.events(&query),
            path => match path.strip_prefix("/items/").and_then(|id| self.records.get(&id.parse().ok()?)) {
                Some(record) => (200, Vec::new(), show(record)),
                None => (404, Vec::new(), json!({"error": "not found"})),
            },
        };
        HttpResponse { status, headers, body, at: time(self.clock) }
    }

    /// Items in order of id, or newest first where the last id pages them; by time of change where a time is asked for.
    fn items(&self, query: &BTreeMap<String, String>) -> (u16, Vec<(String, String)>, Value) {
        let since: Option<i64> = query.get("since").map(|since| since.parse().unwrap());
        let mut rows: Vec<&Record> =
            self.records.values().filter(|record| since.is_none_or(|since| record.updated >= since)).collect();
        if since.is_some() {
            rows.sort_by_key(|record| (record.updated, record.id));
        }
        if self.style == Style::LastId {
            rows.reverse();
        }
        let key = |record: &Record| (record.updated, record.id);
        let limit: usize = query["limit"].parse().unwrap();
        let start = match self.style {
            Style::OffsetOverlap | Style::OffsetTotal => query.get("offset").map_or(0, |at| at.parse().unwrap()),
            Style::Number => query.get("page").map_or(0, |page| (page.parse::<usize>().unwrap() - 1) * limit),
            Style::LastId | Style::NextUrl | Style::Token | Style::Link => {
                // A place is the key of the last record, so that it stays valid when that record is gone.
                let after = query.get("after").or(query.get("cursor")).map(String::as_str);
                match after {
                    None => 0,
                    Some(after) => {
                        let (at, id) = after.split_once('_').map_or((0, after), |(at, id)| (at.parse().unwrap(), id));
                        let after = (at, id.parse::<u32>().unwrap());
                        let behind = |record: &&Record| match (self.style, since) {
                            (Style::LastId, _) => record.id >= after.1,
                            (_, Some(_)) => key(record) <= after,
                            (_, None) => record.id <= after.1,
                        };
                        rows.iter().filter(|record| behind(record)).count()
                    }
                }
            }
        };
        let page: Vec<&Record> = rows.iter().skip(start).take(limit).copied().collect();
        let more = start + page.len() < rows.len();
        let last = page.last().map(|record| format!("{}_{}", record.updated, record.id));
        let next = last.filter(|_| more).map(|last| {
            let since = since.map(|since| format!("&since={since}")).unwrap_or_default();
            format!("http://system.example/items?limit={limit}&after={last}{since}")
        });
        let mut body = json!({"data": page.iter().map(|record| show(record)).collect::<Vec<_>>(), "more": more,
            "total": rows.len(), "page": start / limit + 1});
        let mut headers = Vec::new();
        match (self.style, next) {
            (Style::NextUrl, Some(next)) => body["next"] = json!(next),
            (Style::Token, Some(next)) => {
                body["cursor"] = json!(next.split("after=").nth(1).unwrap().split('&').next());
            }
            (Style::Link, Some(next)) => headers.push(("Link".to_owned(), format!("<{next}>; rel=\"next\""))),
            _ => {}
        }
        (200, headers, body)
    }

    /// Events newest first, after the id of an event.
    fn events(&self, query: &BTreeMap<String, String>) -> (u16, Vec<(String, String)>, Value) {
        let limit: usize = query["limit"].parse().unwrap();
        let from: i64 = query.get("from").map_or(i64::MIN, |from| from.parse().unwrap());
        let after: Option<u32> = query.get("after").map(|after| after.parse().unwrap());
        let place = |event: &Event| (event.at, event.serial);
        let after = after.map(|serial| place(self.events.iter().find(|event| event.serial == serial).unwrap()));
        let is_behind = |event: &&Event| event.at >= from && after.is_none_or(|after| place(event) < after);
        let mut matching: Vec<&Event> = self.events.iter().filter(is_behind).collect();
        matching.sort_by_key(|event| std::cmp::Reverse(place(event)));
        let show = |event: &&Event| json!({"id": event.serial, "created": event.at, "type": event.kind, "object": {"id": event.id, "stale": true}});
        let page: Vec<Value> = matching.iter().take(limit).map(show).collect();
        (200, Vec::new(), json!({"data": page, "more": matching.len() > limit}))
    }
}

fn show(record: &Record) -> Value {
    json!({"id": record.id, "value": record.value, "updated": record.updated})
}

/// A silence long enough for everything to settle.
pub(crate) fn settle(server: &mut Server) {
    server.clock += TimeDelta::minutes(5).num_seconds();
}
