//! Change feeds: after a quiet run the hub has exactly what the system has, whatever happened before.

use crate::drive::{Stored, live, run, values};
use crate::folders::{configure, connector};
use crate::paging_laws::{manifest, script};
use crate::server::{Action, Server, Style, settle, time};
use onefold_connector::{Configured, HttpResponse, Note, Step, TaskKind};
use proptest::prelude::*;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

fn by_feed(size: usize) -> Configured {
    let stream = "
feeds:
  events:
    get: /events
    pages: feed
    records: /data
    order: newest_first
    cursor: {field: /created, type: unix_s, from: from, lookback: 3s, settle: 1s}
    retention: 1d
    object: /object
    kind: /type
    deleted: {suffix: .deleted}
    refetch: true
streams:
  items:
    into: campaign
    key: /id
    map: {name: id}
    deletes: feed
    snapshot: {get: /items, pages: list, records: /data}
    changes: {feed: events, kinds: ['item.*'], detail: {get: '/items/{id}'}}";
    configure(&connector(&manifest(&Style::LastId.manifest(size), stream)), &[])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn after_a_quiet_run_everything_is_as_it_is_in_the_system(
        count in 0usize..20, size in 2usize..7, script in script(60),
        crashes in proptest::collection::btree_set(0usize..60, 0..8), runs in 1usize..5,
    ) {
        let source = by_feed(size);
        let mut server = Server::new(Style::LastId, count);
        server.script = script;
        let mut stored = Stored::default();
        for _ in 0..runs {
            run(&source, &mut server, &mut stored, &crashes).unwrap();
            server.clock += 1;
        }
        server.script.clear();
        settle(&mut server);
        run(&source, &mut server, &mut stored, &BTreeSet::new()).unwrap();
        prop_assert_eq!(values(&stored), live(&server), "{:#?}", server.log);
    }

    #[test]
    fn a_pause_longer_than_the_feed_remembers_loses_nothing(
        count in 1usize..15, size in 2usize..7, actions in proptest::collection::vec(any::<usize>(), 1..6), crash in 0usize..12,
    ) {
        let source = by_feed(size);
        let mut server = Server::new(Style::LastId, count);
        let mut stored = Stored::default();
        run(&source, &mut server, &mut stored, &BTreeSet::new()).unwrap();
        for index in actions {
            server.act(Action::Update(index));
        }
        server.clock += 2 * 86_400;
        server.forget_events_before(server.clock - 86_400);
        let crashes = BTreeSet::from([server.requests + crash]);
        run(&source, &mut server, &mut stored, &crashes).unwrap();
        prop_assert_eq!(values(&stored), live(&server));
    }
}

#[test]
fn the_position_is_taken_before_the_snapshot_and_the_feed_is_read_after_it() {
    let source = by_feed(5);
    let kinds: Vec<TaskKind> = source.plan(&BTreeMap::new(), time(0)).iter().map(|task| task.kind).collect();
    assert_eq!(kinds, [TaskKind::Position, TaskKind::Snapshot, TaskKind::Feed]);
}

#[test]
fn a_newest_first_feed_moves_its_position_only_when_the_oldest_page_is_stored() {
    let source = by_feed(5);
    let mut server = Server::new(Style::LastId, 9);
    let mut stored = Stored::default();
    run(&source, &mut server, &mut stored, &BTreeSet::new()).unwrap();
    let position = |stored: &Stored| stored.checkpoints["feed/events"]["position"].clone();
    let before = position(&stored);
    for i in 0..7 {
        server.act(Action::Update(i));
        server.clock += 10;
    }
    let now = time(server.clock);
    let task = source.plan(&stored.checkpoints, now).remove(0);
    let mut reader = source.reader(&task, &stored.checkpoints, now).unwrap();
    let mut commits = Vec::new();
    while let Step::Request(request) = reader.next_step() {
        let page = reader.accept(&server.answer(&request)).unwrap();
        commits.extend(page.checkpoints.iter().map(|checkpoint| (page.last, checkpoint.state["position"].clone())));
    }
    let (last, others) = commits.split_last().unwrap();
    assert!(others.len() > 1 && others.iter().all(|(is_last, position)| !is_last && *position == before));
    assert!(last.0 && last.1 != before);
}

#[test]
fn a_quiet_feed_does_not_look_like_a_lost_one() {
    let source = by_feed(5);
    let mut server = Server::new(Style::LastId, 3);
    let mut stored = Stored::default();
    for _ in 0..5 {
        run(&source, &mut server, &mut stored, &BTreeSet::new()).unwrap();
        server.clock += 80_000;
    }
    assert!(server.log.iter().filter(|line| line.contains("/items ")).count() <= 1, "{:#?}", server.log);
}

#[test]
fn a_stream_that_may_not_be_read_leaves_the_feed_to_the_others_and_takes_a_snapshot_later() {
    let source = by_feed(5);
    let mut server = Server::new(Style::LastId, 3);
    let mut stored = Stored::default();
    run(&source, &mut server, &mut stored, &BTreeSet::new()).unwrap();
    server.act(Action::Update(0));
    server.clock += 10;
    let now = time(server.clock);
    let task = source.plan(&stored.checkpoints, now).remove(0);
    assert_eq!(task.kind, TaskKind::Feed);
    let mut reader = source.reader(&task, &stored.checkpoints, now).unwrap();
    let mut notes = Vec::new();
    while let Step::Request(request) = reader.next_step() {
        let mut response = server.answer(&request);
        if request.url.contains("/items/") {
            response = HttpResponse { status: 403, body: json!({}), ..response };
        }
        let page = reader.accept(&response).unwrap();
        notes.extend(page.notes);
        stored.checkpoints.extend(page.checkpoints.into_iter().map(|c| (c.name, c.state)));
    }
    assert_eq!(notes, [Note::Denied { stream: "items".to_owned() }]);
    assert!(source.plan(&stored.checkpoints, now).iter().any(|task| task.kind == TaskKind::Snapshot));
    run(&source, &mut server, &mut stored, &BTreeSet::new()).unwrap();
    assert_eq!(values(&stored), live(&server));
}

#[test]
fn an_unreadable_checkpoint_is_refused_by_name() {
    let source = by_feed(5);
    let checkpoints = BTreeMap::from([("feed/events".to_owned(), json!({"v": 9}))]);
    let now = time(crate::server::START);
    let refused =
        source.plan(&checkpoints, now).iter().filter_map(|task| source.reader(task, &checkpoints, now).err()).count();
    assert!(refused >= 1);
}
