//! Paging: every record is there once, whatever the style and size of pages, and whatever is deleted in between.

use crate::drive::{Stored, live, run, values};
use crate::folders::{configure, connector};
use crate::server::{Action, STYLES, Server, Style};
use onefold_connector::{Configured, HttpResponse, ReadError, Step};
use proptest::prelude::*;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

pub(crate) fn manifest(pages: &str, stream: &str) -> String {
    format!(
        "
manifest: 1
id: sample
title: Sample
version: 1.0.0
config: {{base_url: {{type: url, default: 'http://system.example'}}}}
http: {{base: '{{config.base_url}}'}}
pages:
  list: {pages}
  feed: {{style: last_id, param: after, id: /id, more: /more, size: {{param: limit, value: 2}}}}
{stream}
"
    )
}

fn snapshot_only(style: Style, size: usize, deletes: &str) -> Configured {
    let stream = format!(
        "
streams:
  items: {{into: campaign, key: /id, deletes: {deletes}, map: {{name: id}}, snapshot: {{get: /items, pages: list, records: /data}}}}"
    );
    configure(&connector(&manifest(&style.manifest(size), &stream)), &[])
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        Just(Action::Create),
        any::<usize>().prop_map(Action::Update),
        any::<usize>().prop_map(Action::Delete),
        Just(Action::Tick),
    ]
}

pub(crate) fn script(requests: usize) -> impl Strategy<Value = BTreeMap<usize, Vec<Action>>> {
    proptest::collection::btree_map(0..requests, proptest::collection::vec(action(), 1..4), 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_snapshot_has_every_record_that_was_there_all_along(
        count in 0usize..40, size in 2usize..9, script in script(20), crashes in proptest::collection::btree_set(0usize..20, 0..4),
    ) {
        for style in STYLES {
            let source = snapshot_only(style, size, "none");
            let mut server = Server::new(style, count);
            let before: BTreeSet<String> = live(&server).into_keys().collect();
            let mut script = script.clone();
            if matches!(style, Style::OffsetTotal | Style::Number) {
                // A creation hides a deletion from a total. That is why lists by offset are read with an overlap.
                for actions in script.values_mut() {
                    actions.retain(|action| !matches!(action, Action::Create));
                }
            }
            server.script = script;
            // A lost answer may hide that the total has shrunk; an overlap is compared with what is stored.
            let by_total = matches!(style, Style::OffsetTotal | Style::Number);
            let crashes = if by_total { BTreeSet::new() } else { crashes.clone() };
            let mut stored = Stored::default();
            run(&source, &mut server, &mut stored, &crashes).unwrap();
            let after: BTreeSet<String> = live(&server).into_keys().collect();
            for id in before.intersection(&after) {
                prop_assert!(stored.records.contains_key(id), "{style:?} lost {id}: {:#?}", server.log);
            }
        }
    }

    #[test]
    fn a_quiet_list_is_read_exactly(count in 0usize..40, size in 2usize..9) {
        for style in STYLES {
            let source = snapshot_only(style, size, "sweep");
            let mut server = Server::new(style, count);
            let mut stored = Stored::default();
            run(&source, &mut server, &mut stored, &BTreeSet::new()).unwrap();
            prop_assert_eq!(values(&stored), live(&server), "{:?}", style);
            let pages = count.div_ceil(size).max(1);
            let most = if style == Style::OffsetOverlap { count.div_ceil(size - 1).max(1) } else { pages };
            prop_assert!(server.requests <= most, "{:?} asked {} times for {} pages", style, server.requests, pages);
        }
    }

    #[test]
    fn a_sweep_takes_what_is_gone_and_nothing_else(
        count in 1usize..30, size in 2usize..7, script in script(16), crashes in proptest::collection::btree_set(0usize..16, 0..4),
    ) {
        for style in [Style::LastId, Style::NextUrl, Style::Token, Style::OffsetOverlap, Style::Link] {
            let source = snapshot_only(style, size, "sweep");
            let mut server = Server::new(style, count);
            let mut stored = Stored::default();
            run(&source, &mut server, &mut stored, &BTreeSet::new()).unwrap();
            // Everything is stored; now the list changes while it is enumerated again, and the process dies in between.
            let before: BTreeSet<String> = live(&server).into_keys().collect();
            server.script = script.iter().map(|(at, actions)| (at + server.requests, actions.clone())).collect();
            let crashes = crashes.iter().map(|at| at + server.requests).collect();
            server.clock += 3600;
            run(&source, &mut server, &mut stored, &crashes).unwrap();
            let after: BTreeSet<String> = live(&server).into_keys().collect();
            for id in before.intersection(&after) {
                prop_assert!(stored.records.contains_key(id), "{style:?} swept {id} which is there: {:#?}", server.log);
            }
            server.script.clear();
            server.clock += 3600;
            run(&source, &mut server, &mut stored, &BTreeSet::new()).unwrap();
            prop_assert_eq!(values(&stored), live(&server), "{:?}", style);
        }
    }
}

fn respond(body: serde_json::Value) -> HttpResponse {
    HttpResponse { status: 200, headers: Vec::new(), body, at: crate::server::time(crate::server::START) }
}

/// Answers the same to every request until the reader ends or objects.
fn until_error(source: &Configured, body: &serde_json::Value) -> Result<usize, ReadError> {
    let (checkpoints, now) = (BTreeMap::new(), crate::server::time(crate::server::START));
    let task = &source.plan(&checkpoints, now)[0];
    let mut reader = source.reader(task, &checkpoints, now).unwrap();
    for count in 0..2000 {
        if reader.next_step() == Step::Done {
            return Ok(count);
        }
        reader.accept(&respond(body.clone()))?;
    }
    panic!("the reader neither ends nor objects");
}

#[test]
fn a_list_that_does_not_move_on_is_an_error() {
    let stuck = |style: Style, body| {
        let error = until_error(&snapshot_only(style, 2, "none"), &body).unwrap_err();
        assert!(matches!(error, ReadError::Stuck { .. } | ReadError::Missing { .. }), "{style:?}: {error}");
    };
    let rows = json!([{"id": 1}, {"id": 2}]);
    stuck(Style::LastId, json!({"data": rows, "more": true}));
    stuck(Style::LastId, json!({"data": [], "more": true}));
    stuck(Style::LastId, json!({"data": rows}));
    stuck(Style::NextUrl, json!({"data": rows, "more": true, "next": "http://system.example/items?a=1"}));
    stuck(Style::Token, json!({"data": rows, "cursor": "same"}));
    stuck(Style::OffsetTotal, json!({"data": rows, "total": 10}));
    stuck(Style::OffsetTotal, json!({"data": [], "total": 10}));
    stuck(Style::OffsetTotal, json!({"data": rows}));
    stuck(Style::Number, json!({"data": rows, "total": 10, "page": 1}));
    stuck(Style::OffsetOverlap, json!({"data": [{"id": 1}], "total": 10}));
}

#[test]
fn an_empty_page_is_not_the_end_unless_declared() {
    let source = snapshot_only(Style::NextUrl, 2, "none");
    let (checkpoints, now) = (BTreeMap::new(), crate::server::time(crate::server::START));
    let mut reader = source.reader(&source.plan(&checkpoints, now)[0], &checkpoints, now).unwrap();
    let page = reader.accept(&respond(json!({"data": [], "more": true, "next": "/items?after=1"}))).unwrap();
    assert!(!page.last);
    let Step::Request(request) = reader.next_step() else { panic!("a further page") };
    assert_eq!(request.url, "http://system.example/items?after=1");
    assert!(reader.accept(&respond(json!({"data": [{"id": 2}], "more": false}))).unwrap().last);
    assert_eq!(reader.next_step(), Step::Done);
}

#[test]
fn next_pages_stay_on_the_declared_hosts() {
    let source = snapshot_only(Style::NextUrl, 2, "none");
    for next in [
        "http://elsewhere.example/items",
        "https://system.example/items",
        "http://system.example:8080/items",
        "//elsewhere.example/items",
        "http://system.example@elsewhere.example/",
        "http://user:pass@system.example/items",
    ] {
        let body = json!({"data": [{"id": 1}], "more": true, "next": next});
        let error = until_error(&source, &body).unwrap_err();
        assert!(matches!(error, ReadError::ForeignHost { .. }), "{next}: {error}");
    }
}

#[test]
fn a_stored_place_on_another_host_is_not_asked_for() {
    let source = snapshot_only(Style::NextUrl, 2, "none");
    let now = crate::server::time(crate::server::START);
    let state = json!({"v": 1, "snapshot": {"generation": "1", "resume": {"url": "http://elsewhere.example/items"}}});
    let checkpoints = BTreeMap::from([("items".to_owned(), state)]);
    let reader = source.reader(&source.plan(&checkpoints, now)[0], &checkpoints, now).unwrap();
    let Step::Request(request) = reader.next_step() else { panic!("a request") };
    assert_eq!(request.url, "http://system.example/items");
    assert_eq!(request.query, [("limit".to_owned(), "2".to_owned())], "the whole request for the first page");
}

#[test]
fn a_stored_place_that_grew_old_starts_the_list_over() {
    let source = snapshot_only(Style::Token, 2, "none");
    let now = crate::server::time(crate::server::START);
    let state = json!({"v": 1, "snapshot": {"generation": "1", "resume": {"token": "old"}}});
    let checkpoints = BTreeMap::from([("items".to_owned(), state)]);
    let mut reader = source.reader(&source.plan(&checkpoints, now)[0], &checkpoints, now).unwrap();
    let gone = HttpResponse { status: 410, ..respond(json!(null)) };
    assert_eq!(reader.accept(&gone).unwrap().notes.len(), 1);
    let Step::Request(request) = reader.next_step() else { panic!("the first page") };
    assert_eq!(request.query, [("limit".to_owned(), "2".to_owned())]);
    assert!(reader.accept(&gone).is_err(), "a second refusal is one");
}

#[test]
fn a_record_without_a_key_is_refused_and_not_lost() {
    let source = snapshot_only(Style::LastId, 2, "sweep");
    let (checkpoints, now) = (BTreeMap::new(), crate::server::time(crate::server::START));
    let mut reader = source.reader(&source.plan(&checkpoints, now)[0], &checkpoints, now).unwrap();
    let page = reader.accept(&respond(json!({"data": [{"id": null, "value": 1}, {"id": 7}], "more": false}))).unwrap();
    assert_eq!((page.items.len(), page.refused.len()), (1, 1));
    assert_eq!(page.refused[0].missing, "/id");
    assert!(!page.enumeration.unwrap().complete, "what could not be read proves nothing by its absence");
}

#[test]
fn an_error_inside_of_status_200_is_an_error() {
    let text = manifest(&Style::Link.manifest(2), "
streams:
  items: {into: campaign, key: /id, deletes: none, map: {name: id}, snapshot: {get: /items, pages: list, records: /data}}")
        .replace("http: {", "http: {errors: {in_body: [/fault], code: [/fault/code]}, ");
    let source = configure(&connector(&text), &[]);
    let error = until_error(&source, &json!({"fault": {"code": "quota", "text": "Jo's key"}, "data": []})).unwrap_err();
    assert_eq!(error.to_string(), "the system reported an error with status 200 (quota)");
    let error = until_error(&source, &json!({"fault": {"code": "Jo Doe is blocked"}, "data": []})).unwrap_err();
    assert_eq!(error.to_string(), "the system reported an error with status 200");
}

#[test]
fn absence_means_deletion_only_where_the_manifest_says_so() {
    for (deletes, swept) in [("none", false), ("{tombstone_field: {/gone: 'true'}}", false), ("sweep", true)] {
        let source = snapshot_only(Style::LastId, 2, deletes);
        let (checkpoints, now) = (BTreeMap::new(), crate::server::time(crate::server::START));
        let mut reader = source.reader(&source.plan(&checkpoints, now)[0], &checkpoints, now).unwrap();
        let page = reader.accept(&respond(json!({"data": [{"id": 1}], "more": false}))).unwrap();
        assert_eq!(page.enumeration.is_some_and(|enumeration| enumeration.complete), swept, "{deletes}");
    }
}
