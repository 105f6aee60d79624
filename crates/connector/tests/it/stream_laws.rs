//! Stream cursors: what changes while it is read is read; ties lose nothing; a crash loses nothing.

use crate::drive::{Stored, live, run, values};
use crate::folders::{configure, connector};
use crate::paging_laws::{manifest, script};
use crate::server::{Server, Style, settle};
use onefold_connector::{Configured, HttpResponse, ReadError, Step};
use proptest::prelude::*;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

fn by_time(style: Style, size: usize, more: &str) -> Configured {
    let stream = format!(
        "
streams:
  items:
    into: campaign
    key: /id
    map: {{name: id}}
    version: {{at: /updated, type: unix_s}}
    {more}
    changes: {{get: /items, pages: list, records: /data, cursor: {{field: /updated, type: unix_s, param: since, lookback: 2s, settle: 1s, start: '1970-01-01T00:00:00Z'}}}}"
    );
    configure(&connector(&manifest(&style.manifest(size), &stream)), &[])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn every_change_arrives_whatever_happens_in_between(
        count in 0usize..20, size in 2usize..7, script in script(40),
        crashes in proptest::collection::btree_set(0usize..40, 0..6), runs in 1usize..5,
    ) {
        for style in [Style::NextUrl, Style::Token, Style::OffsetOverlap, Style::Link] {
            let source = by_time(style, size, "deletes: none");
            let mut server = Server::new(style, count);
            server.script = script.clone();
            let mut stored = Stored::default();
            for _ in 0..runs {
                run(&source, &mut server, &mut stored, &crashes).unwrap();
                server.clock += 1;
            }
            server.script.clear();
            settle(&mut server);
            run(&source, &mut server, &mut stored, &BTreeSet::new()).unwrap();
            let (have, live) = (values(&stored), live(&server));
            for (id, value) in &live {
                prop_assert_eq!(have.get(id), Some(value), "{:?} has an old {}: {:#?}", style, id, server.log);
            }
        }
    }

    #[test]
    fn a_sweep_beside_a_cursor_finds_the_deletions(
        count in 1usize..20, size in 2usize..7, script in script(30), crashes in proptest::collection::btree_set(0usize..30, 0..5),
    ) {
        let more = "deletes: {sweep: 1h}\n    snapshot: {get: /items, pages: list, records: /data}";
        for style in [Style::NextUrl, Style::OffsetOverlap] {
            let source = by_time(style, size, more);
            let mut server = Server::new(style, count);
            server.script = script.clone();
            let mut stored = Stored::default();
            for _ in 0..4 {
                run(&source, &mut server, &mut stored, &crashes).unwrap();
                settle(&mut server);
            }
            server.script.clear();
            server.clock += 3600;
            run(&source, &mut server, &mut stored, &BTreeSet::new()).unwrap();
            prop_assert_eq!(values(&stored), live(&server), "{:?}", style);
        }
    }
}

#[test]
fn a_quiet_source_costs_one_request_a_run() {
    let source = by_time(Style::NextUrl, 50, "deletes: none");
    let mut server = Server::new(Style::NextUrl, 12);
    let mut stored = Stored::default();
    settle(&mut server);
    run(&source, &mut server, &mut stored, &BTreeSet::new()).unwrap();
    let before = server.requests;
    run(&source, &mut server, &mut stored, &BTreeSet::new()).unwrap();
    assert_eq!(server.requests, before + 1);
}

#[test]
fn a_declared_order_is_asserted() {
    let text = manifest(
        &Style::NextUrl.manifest(3),
        "
streams:
  items:
    into: campaign
    key: /id
    map: {name: id}
    deletes: none
    changes: {get: /items, pages: list, records: /data, order: oldest_first, cursor: {field: /updated, type: unix_s, param: since}}",
    );
    let source = configure(&connector(&text), &[]);
    let (checkpoints, now) = (BTreeMap::new(), crate::server::time(crate::server::START));
    let mut reader = source.reader(&source.plan(&checkpoints, now)[0], &checkpoints, now).unwrap();
    let body =
        json!({"data": [{"id": 1, "updated": 5}, {"id": 2, "updated": 5}, {"id": 3, "updated": 4}], "more": false});
    let response = HttpResponse { status: 200, headers: Vec::new(), body, at: now };
    assert_eq!(reader.accept(&response), Err(ReadError::Order));
}

#[test]
fn a_token_is_stored_with_its_page_and_sent_next_time() {
    let text = manifest(
        "{style: next_url, url: /after_url, end: /end}",
        "
streams:
  items:
    into: campaign
    key: /id
    map: {name: id}
    deletes: {tombstone_field: {/status: deleted}}
    changes: {get: /export, pages: list, records: /data, cursor: {token: /after, param: cursor, settle: 60s, start: {param: start_time, type: unix_s, value: '2026-01-01T00:00:00Z'}}}",
    );
    let source = configure(&connector(&text), &[]);
    let now = crate::server::time(crate::server::START);
    let mut checkpoints = BTreeMap::new();
    let task = source.plan(&checkpoints, now).remove(0);
    let mut reader = source.reader(&task, &checkpoints, now).unwrap();
    let ask = |reader: &onefold_connector::Reader| match reader.next_step() {
        Step::Request(request) => (request.url, request.query),
        Step::Done => panic!("a request"),
    };
    assert_eq!(ask(&reader).1, [("start_time".to_owned(), "1767225600".to_owned())]);
    let respond = |body| HttpResponse { status: 200, headers: Vec::new(), body, at: now };
    let body = json!({"data": [{"id": 1}, {"id": 2, "status": "deleted"}], "after": "t1", "after_url": "http://system.example/export?cursor=t1", "end": false});
    let page = reader.accept(&respond(body)).unwrap();
    assert_eq!(page.items.iter().map(|item| item.deleted).collect::<Vec<_>>(), [false, true]);
    assert_eq!(ask(&reader).0, "http://system.example/export?cursor=t1");
    // The process dies here: the next one goes on from the token.
    checkpoints.extend(page.checkpoints.into_iter().map(|checkpoint| (checkpoint.name, checkpoint.state)));
    let mut reader = source.reader(&task, &checkpoints, now).unwrap();
    assert_eq!(ask(&reader).1, [("cursor".to_owned(), "t1".to_owned())]);
    let body = json!({"data": [], "after": "t2", "after_url": "http://system.example/export?cursor=t2", "end": true});
    let page = reader.accept(&respond(body)).unwrap();
    assert!(page.last, "the export ends where it says so, although it names a next page");
    assert_eq!(page.checkpoints[0].state["changes"]["token"], "t2");
}

#[test]
fn an_export_that_announces_itself_again_has_ended() {
    let text = manifest(
        "{style: next_url, url: /next_page, end: /end, ends: same_page}",
        "
streams:
  items: {into: campaign, key: /id, map: {name: id}, deletes: none, snapshot: {get: /export, pages: list, records: /data}}",
    );
    let source = configure(&connector(&text), &[]);
    let (checkpoints, now) = (BTreeMap::new(), crate::server::time(crate::server::START));
    let mut reader = source.reader(&source.plan(&checkpoints, now)[0], &checkpoints, now).unwrap();
    let body = json!({"data": [{"id": 1}], "next_page": "http://system.example/export?start_time=5"});
    let respond = || HttpResponse { status: 200, headers: Vec::new(), body: body.clone(), at: now };
    assert!(!reader.accept(&respond()).unwrap().last);
    assert!(reader.accept(&respond()).unwrap().last);
}

#[test]
fn a_list_with_the_newest_first_moves_its_position_only_at_its_end() {
    let text = manifest(
        "{style: token, param: cursor, token: /next}",
        "
streams:
  items:
    into: campaign
    key: /id
    map: {name: id}
    deletes: none
    changes: {get: /items, pages: list, records: /data, order: newest_first, cursor: {field: /updated, type: unix_s, param: since, lookback: 5s, settle: 1s}}",
    );
    let source = configure(&connector(&text), &[]);
    let start = crate::server::START;
    let (mut checkpoints, now) = (BTreeMap::new(), crate::server::time(start));
    let task = source.plan(&checkpoints, now).remove(0);
    let respond = |body| HttpResponse { status: 200, headers: Vec::new(), body, at: now };
    let mut reader = source.reader(&task, &checkpoints, now).unwrap();
    let page = reader.accept(&respond(json!({"data": [{"id": 2, "updated": start - 10}], "next": "b"}))).unwrap();
    assert_eq!(page.checkpoints[0].state["changes"].get("position"), None, "the older ones are not there yet");
    checkpoints.extend(page.checkpoints.into_iter().map(|checkpoint| (checkpoint.name, checkpoint.state)));
    // The process dies, and the token of the second page grows old: the whole list is read again.
    let mut reader = source.reader(&task, &checkpoints, now).unwrap();
    reader.accept(&HttpResponse { status: 410, ..respond(json!(null)) }).unwrap();
    let Step::Request(request) = reader.next_step() else { panic!("from the start") };
    assert!(!request.query.iter().any(|(name, _)| name == "cursor" || name == "since"));
    reader.accept(&respond(json!({"data": [{"id": 2, "updated": start - 10}], "next": "b"}))).unwrap();
    let page = reader.accept(&respond(json!({"data": [{"id": 1, "updated": start - 99}]}))).unwrap();
    checkpoints.extend(page.checkpoints.into_iter().map(|checkpoint| (checkpoint.name, checkpoint.state)));
    let reader = source.reader(&task, &checkpoints, now).unwrap();
    let Step::Request(request) = reader.next_step() else { panic!("the next run") };
    assert_eq!(request.query, [("since".to_owned(), (start - 15).to_string())], "inclusive, and looking back");
}
