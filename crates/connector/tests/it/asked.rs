//! What is asked for and with what: bodies, headers, slices of time, lists that end before their end.

use crate::drive::{Stored, run_with};
use crate::folders::{configure, connector};
use onefold_connector::{Configured, Connector, HttpRequest, HttpResponse, LoadError, Step};
use onefold_model::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const NOW: &str = "2026-02-01T00:00:00Z";

fn manifest(pages: &str, stream: &str) -> String {
    format!(
        "
manifest: 1
id: sample
title: Sample
version: 1.0.0
config:
  start: {{type: datetime, default: '2026-01-01T00:00:00Z'}}
http: {{base: 'https://sample.example', errors: {{nothing: [204, 304]}}}}
pages: {{list: {pages}}}
streams:
  items:
    into: campaign
    key: /id
    deletes: none
    map: {{name: id}}
    {stream}"
    )
}

fn source(pages: &str, stream: &str) -> Configured {
    configure(&connector(&manifest(pages, stream)), &[])
}

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn answer(status: u16, body: Value) -> HttpResponse {
    HttpResponse { status, headers: Vec::new(), body, at: now() }
}

/// The requests of the first task while a system answers.
fn requests(
    source: &Configured,
    mut system: impl FnMut(&HttpRequest) -> HttpResponse,
) -> (Vec<HttpRequest>, Vec<String>) {
    let checkpoints = BTreeMap::new();
    let task = source.plan(&checkpoints, now()).remove(0);
    let mut reader = source.reader(&task, &checkpoints, now()).unwrap();
    let (mut sent, mut ids) = (Vec::new(), Vec::new());
    while let Step::Request(request) = reader.next_step() {
        let page = reader.accept(&system(&request)).unwrap();
        ids.extend(page.items.into_iter().map(|item| item.external_id));
        sent.push(request);
        assert!(sent.len() < 50, "it does not end");
    }
    (sent, ids)
}

#[test]
fn a_body_asks_for_the_page_and_the_time_and_leaves_out_what_is_nothing() {
    let source = source(
        "{style: token, token: /next, size: {value: 2}}",
        "changes:
      post: /search
      pages: list
      records: /data
      order: oldest_first
      headers: {Prefer: 'from {from}'}
      body: {filter: [{field: updated, above: '{from}'}], after: '{place}', limit: '{size}', deep: true, note: 'since {from}', sort: asc}
      cursor: {field: /at, type: unix_s, start: '{config.start}'}",
    );
    let (sent, ids) = requests(&source, |request| {
        let second = request.body.as_ref().unwrap()["after"] == "7";
        let next = if second { Value::Null } else { json!("7") };
        answer(200, json!({"data": [{"id": if second { "b" } else { "a" }, "at": 1_767_300_000}], "next": next}))
    });
    assert_eq!((ids, sent.len()), (vec!["a".to_owned(), "b".to_owned()], 2));
    let first = json!({"filter": [{"field": "updated", "above": 1_767_225_600}], "limit": 2, "deep": true, "note": "since 1767225600", "sort": "asc"});
    assert_eq!((sent[0].method, sent[0].url.as_str()), ("POST", "https://sample.example/search"));
    assert_eq!(sent[0].body.as_ref(), Some(&first));
    assert_eq!(sent[1].body.as_ref().unwrap()["after"], "7", "a token stays a text");
    let prefer = sent[0].headers.iter().find(|(name, _)| name == "Prefer").unwrap();
    assert_eq!(prefer.1.expose(), "from 1767225600");
    assert!(sent[0].query.is_empty());
}

#[test]
fn an_offset_may_begin_with_one_and_stand_within_a_text() {
    let source = source(
        "{style: offset, first: 1, ends: short_page, echo: /start, size: {value: 2}}",
        "snapshot: {get: /query, query: {q: 'select * startposition {place} maxresults {size}'}, pages: list, records: /data, absent: empty}",
    );
    let (sent, ids) = requests(&source, |request| {
        let q = &request.query[0].1;
        if q.contains("startposition 1 ") {
            answer(200, json!({"data": [{"id": 1}, {"id": 2}], "start": 1}))
        } else {
            assert_eq!(q, "select * startposition 3 maxresults 2");
            answer(200, json!({}))
        }
    });
    assert_eq!((sent.len(), ids.join(" ").as_str()), (2, "1 2"));
}

#[test]
fn a_status_may_say_that_there_is_nothing() {
    let source = source(
        "{style: number, param: page, more: /more}",
        "changes: {get: /items, headers: {If-Modified-Since: '{from}'}, pages: list, records: /data, cursor: {field: /at, type: rfc3339, start: '{config.start}'}}",
    );
    for status in [204, 304] {
        let (sent, ids) = requests(&source, |_| answer(status, Value::Null));
        assert_eq!((sent.len(), ids.len()), (1, 0));
        assert!(
            sent[0]
                .headers
                .iter()
                .any(|(name, value)| name == "If-Modified-Since" && value.expose() == "2026-01-01T00:00:00Z")
        );
    }
}

/// A system with 40 records, one an hour, which lists at most `cap` of them, two a page.
fn system(request: &HttpRequest, cap: usize) -> HttpResponse {
    let bound = |name: &str| -> Option<Timestamp> {
        request.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.parse().unwrap())
    };
    let (from, to) = (bound("from"), bound("to"));
    let began: Timestamp = "2026-01-02T00:00:00Z".parse().unwrap();
    let all = (0..40).map(|i| (i, began + chrono::TimeDelta::hours(i)));
    let listed: Vec<Value> = all
        .filter(|(_, at)| from.is_none_or(|from| *at >= from) && to.is_none_or(|to| *at <= to))
        .take(cap)
        .map(|(i, at)| json!({"id": i, "at": at.to_rfc3339()}))
        .collect();
    let page: usize =
        request.query.iter().find(|(key, _)| key == "page").map_or(0, |(_, value)| value.parse().unwrap());
    let shown: Vec<&Value> = listed.iter().skip((page - 1) * 2).take(2).collect();
    answer(200, json!({"data": shown, "more": listed.len() > page * 2 || (listed.len() == cap && shown.len() == 2)}))
}

fn numbers(stored: &Stored) -> Vec<u64> {
    let mut ids: Vec<u64> = stored.records.keys().map(|id| id.parse().unwrap()).collect();
    ids.sort_unstable();
    ids
}

#[test]
fn a_list_that_ends_before_its_end_goes_on_from_the_last_time_seen() {
    let source = source(
        "{style: number, param: page, more: /more, size: {value: 2}, cap: 6}",
        "changes: {get: /items, pages: list, records: /data, order: oldest_first, cursor: {field: /at, type: rfc3339, param: from, start: '{config.start}'}}",
    );
    for crash in 0..20 {
        let mut stored = Stored::default();
        run_with(&source, now(), &mut stored, crash, &mut |request| system(request, 6)).unwrap();
        assert_eq!(numbers(&stored), (0..40).collect::<Vec<_>>(), "lost at {crash}");
    }
}

#[test]
fn more_records_of_one_instant_than_a_list_holds_are_an_error_and_not_lost() {
    let source = source(
        "{style: number, param: page, more: /more, size: {value: 2}, cap: 2}",
        "changes: {get: /items, pages: list, records: /data, order: oldest_first, cursor: {field: /at, type: rfc3339, param: from, start: '{config.start}'}}",
    );
    let same = |_: &HttpRequest| {
        answer(
            200,
            json!({"data": [{"id": 1, "at": "2026-01-01T00:00:00Z"}, {"id": 2, "at": "2026-01-01T00:00:00Z"}], "more": true}),
        )
    };
    let error = run_with(&source, now(), &mut Stored::default(), usize::MAX, &mut { same }).unwrap_err();
    assert!(error.to_string().contains("more records than the system gives"), "{error}");
}

#[test]
fn a_stream_in_slices_reads_every_slice_and_goes_on_after_a_crash() {
    let source = source(
        "{style: number, param: page, more: /more, size: {value: 2}}",
        "changes: {get: /items, pages: list, records: /data, cursor: {field: /at, type: rfc3339, param: from, until: to, step: 5h, start: '{config.start}'}}",
    );
    for crash in [usize::MAX, 0, 1, 3, 9, 20, 60] {
        let mut stored = Stored::default();
        let mut slices = Vec::new();
        run_with(&source, now(), &mut stored, crash, &mut |request| {
            let bounds: Vec<String> =
                request.query.iter().filter(|(key, _)| key != "page").map(|(_, value)| value.clone()).collect();
            assert_eq!(bounds.len(), 2, "both bounds are asked for");
            if slices.last() != Some(&bounds) {
                slices.push(bounds);
            }
            system(request, 100)
        })
        .unwrap();
        assert_eq!(numbers(&stored), (0..40).collect::<Vec<_>>(), "lost at {crash}");
        // 31 days in slices of five hours, the last of which reaches beyond now.
        assert!(slices.len() >= 149, "{}", slices.len());
        assert!(slices.windows(2).all(|pair| pair[1][0] >= pair[0][0]), "it never goes back");
        // The next run asks for the last slice only.
        let mut again = 0;
        run_with(&source, now(), &mut stored, usize::MAX, &mut |request| {
            again += 1;
            system(request, 100)
        })
        .unwrap();
        assert!(again <= 2, "{again}");
    }
}

#[test]
fn what_a_record_only_names_is_put_where_it_is_named() {
    let source = source("{style: single}", "snapshot: {get: /items, pages: list, records: /data, included: /included}");
    let task = source.plan(&BTreeMap::new(), now()).remove(0);
    let mut reader = source.reader(&task, &BTreeMap::new(), now()).unwrap();
    let body = json!({
        "data": [{"id": "e1", "type": "event", "relationships": {
            "metric": {"data": {"type": "metric", "id": "m1"}},
            "tags": {"data": [{"type": "tag", "id": "t1"}, {"type": "tag", "id": "gone"}]},
            "none": {"data": null}, "link": {"links": {}}}}, {"id": "e2"}],
        "included": [{"type": "metric", "id": "m1", "attributes": {"name": "Opened"}}, {"type": "tag", "id": "t1", "attributes": {"name": "vip"}}, {"id": "odd"}]
    });
    let page = reader.accept(&answer(200, body)).unwrap();
    let related = &page.items[0].raw["relationships"];
    assert_eq!(related["metric"]["data"]["attributes"]["name"], "Opened");
    assert_eq!(
        related["tags"]["data"],
        json!([{"type": "tag", "id": "t1", "attributes": {"name": "vip"}}, {"type": "tag", "id": "gone"}])
    );
    assert_eq!((related["none"].clone(), page.items.len()), (json!({"data": null}), 2));
}

#[test]
fn a_further_record_may_depend_on_a_value() {
    let connector = connector(&manifest(
        "{style: single}",
        "snapshot: {get: /items, pages: list, records: /data}
    also: {touches: {into: campaign_touch, only: {/kind: [open, click]}, map: {opens: = 1}}}",
    ));
    let records = |kind: &str| connector.map("items", "1", &json!({"id": 1, "kind": kind})).records.len();
    assert_eq!((records("open"), records("click"), records("order")), (2, 2, 1));
}

fn refused(pages: &str, stream: &str) -> LoadError {
    let files = BTreeMap::from([("test/sample/connector.yaml".to_owned(), manifest(pages, stream))]);
    Connector::load("test/sample", &files).unwrap_err()
}

#[test]
fn what_is_asked_for_and_with_what_must_go_together() {
    let cursor = "cursor: {field: /at, type: rfc3339";
    for (pages, stream, wanted) in [
        (
            "{style: token, token: /next}",
            "snapshot: {get: /i, pages: list, records: /d}",
            "nothing says which page is meant",
        ),
        (
            "{style: token, param: p, token: /next}",
            "snapshot: {get: /i, query: {x: '{place}'}, pages: list, records: /d}",
            "asked for twice",
        ),
        (
            "{style: link}",
            "snapshot: {get: /i, query: {x: '{place}'}, pages: list, records: /d}",
            "{place} has no meaning here",
        ),
        (
            "{style: single}",
            "snapshot: {get: /i, query: {x: '{from}'}, pages: list, records: /d}",
            "need a cursor that is a time",
        ),
        (
            "{style: single}",
            "snapshot: {post: /i, pages: list, records: /d}",
            "either \"get\", or \"post\" and \"body\"",
        ),
        (
            "{style: single}",
            &format!("changes: {{get: /i, pages: list, records: /d, {cursor}}}}}"),
            "nothing says from when on",
        ),
        (
            "{style: single}",
            &format!(
                "changes: {{get: /i, query: {{x: '{{from}}'}}, pages: list, records: /d, {cursor}, param: since}}}}"
            ),
            "asked for twice",
        ),
        (
            "{style: single}",
            &format!(
                "changes: {{get: /i, pages: list, records: /d, {cursor}, param: since, step: 1d, start: '{{config.start}}'}}}}"
            ),
            "need an upper bound",
        ),
        (
            "{style: single}",
            &format!("changes: {{get: /i, pages: list, records: /d, {cursor}, param: since, until: to}}}}"),
            "an upper bound needs step",
        ),
        (
            "{style: single}",
            &format!("changes: {{get: /i, pages: list, records: /d, {cursor}, param: since, until: to, step: 1d}}}}"),
            "slices of time need a start",
        ),
        (
            "{style: single, cap: 5}",
            &format!("changes: {{get: /i, pages: list, records: /d, {cursor}, param: since}}}}"),
            "must come oldest_first",
        ),
    ] {
        let error = refused(pages, stream).to_string();
        assert!(error.contains(wanted), "{stream}\n{error}");
    }
}

#[test]
fn a_scroll_keeps_its_token_and_ends_with_an_empty_page() {
    let source = source(
        "{style: scroll, param: scroll, token: /scroll, ends: empty_page}",
        "snapshot: {get: /items, pages: list, records: /data}",
    );
    let mut page = 0;
    let (sent, ids) = requests(&source, |request| {
        page += 1;
        assert_eq!(request.query.len(), usize::from(page > 1), "the first page has no token");
        let data = if page < 4 { json!([{"id": page}]) } else { json!([]) };
        answer(200, json!({"data": data, "scroll": "same"}))
    });
    assert_eq!((sent.len(), ids.join(" ").as_str()), (4, "1 2 3"));
    let error = refused("{style: scroll, param: s, token: /s}", "snapshot: {get: /i, pages: list, records: /d}");
    assert!(error.to_string().contains("how the list ends"), "{error}");
}

#[test]
fn a_scroll_that_does_not_move_is_an_error() {
    let source = source(
        "{style: scroll, param: scroll, token: /scroll, ends: empty_page}",
        "snapshot: {get: /items, pages: list, records: /data}",
    );
    let task = source.plan(&BTreeMap::new(), now()).remove(0);
    let mut reader = source.reader(&task, &BTreeMap::new(), now()).unwrap();
    let same = answer(200, json!({"data": [{"id": 1}], "scroll": "same"}));
    reader.accept(&same).unwrap();
    assert_eq!(reader.accept(&same).unwrap_err().code(), "stuck");
}

#[test]
fn a_map_picks_from_lists_reads_other_times_and_knows_words_for_nothing() {
    let connector = connector(&manifest(
        "{style: single}",
        "snapshot: {get: /items, pages: list, records: /data}
    also:
      people:
        into: party
        map:
          kind: = PERSON
          displayName: 'name -> unless(\"n/a\", \"(not set)\")'
          nickname: names.type=pet.text
          createdAt: made -> dotnet
          updatedAt: changed -> rfc3339",
    ));
    let people = |raw: Value| connector.map("items", "1", &raw).records[1].record.to_json();
    let record =
        people(json!({"name": "Ada", "names": [{"type": "full", "text": "Ada L."}, {"type": "pet", "text": "A"}],
        "made": "/Date(1767262800000+0100)/", "changed": "2026-01-05T21:13:13.000+0000"}));
    assert_eq!(
        record,
        json!({"kind": "PERSON", "displayName": "Ada", "nickname": "A", "createdAt": "2026-01-01T10:20:00Z", "updatedAt": "2026-01-05T21:13:13Z"})
    );
    let record = people(json!({"name": "(not set)", "names": [{"type": "full", "text": "x"}]}));
    assert_eq!(record, json!({"kind": "PERSON"}));
    let misfits = connector.map("items", "1", &json!({"made": "soon"})).misfits;
    assert_eq!((misfits.len(), misfits[0].error.code()), (1, "time"));
}
