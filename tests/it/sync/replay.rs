//! What is stored, mapped once more after a change of the map.

use super::standin::{Source, manifest, serve};
use crate::harness::on_both;
use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use onefold::config::PrivateAddresses;
use onefold::store::{RunState, Store};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const PEOPLE: usize = 450;

#[derive(Default)]
struct Desk {
    asked: AtomicUsize,
}

async fn people(State(desk): State<Arc<Desk>>) -> Json<Value> {
    desk.asked.fetch_add(1, Ordering::SeqCst);
    let person = |n: usize| {
        json!({"id": format!("{n:04}"), "name": format!("Person {n}"), "nick": n.is_multiple_of(3).then(|| format!("P{n}")),
            "mail": if n == 7 { "no address".to_owned() } else { format!("p{n}@mail.example") }})
    };
    Json(json!({"people": (0..PEOPLE).map(person).collect::<Vec<_>>()}))
}

async fn desk(store: &Store, base: &str, map: &str) -> Source {
    let streams = format!(
        "  people:\n    into: party\n    key: /id\n    deletes: none\n    map: {{kind: = PERSON, displayName: name{map}}}\n    \
         snapshot: {{get: /people, pages: list, records: /people}}\n"
    );
    let text = manifest("", "", "{list: {style: single}}", &streams);
    Source::new(store, &text, &[("base_url", base)], Some(PrivateAddresses::Allow)).await
}

async fn stored(store: &Store) -> (i64, i64) {
    let sql = "select count(*), sum(case when v.mapped like '%\"nickname\":%' then 1 else 0 end)
               from record r join record_version v on v.record_id = r.record_id and v.version = r.version";
    let rows = store.fetch(sql, Vec::new()).await.unwrap();
    let versions = store.fetch("select count(*) from record_version", Vec::new()).await.unwrap();
    (versions[0].int(0).unwrap(), rows[0].int(1).unwrap())
}

/// All that a replay finds: how many were looked at, do not fit and differ.
async fn all(source: &Source) -> (u64, u64, usize) {
    let mut replay = source.engine.replay(&source.setup).unwrap();
    let (mut looked_at, mut unfit, mut differing) = (0, 0, 0);
    while let Some(step) = replay.step().await.unwrap() {
        assert!(step.looked_at <= 200, "a step is small, however much there is");
        looked_at += step.looked_at;
        unfit += step.unfit;
        differing += step.differing.len();
    }
    (looked_at, unfit, differing)
}

#[tokio::test]
async fn what_is_stored_is_mapped_once_more_without_asking_the_system() {
    on_both(|store| async move {
        let served = Arc::new(Desk::default());
        let app = Router::new().route("/people", get(people)).with_state(Arc::clone(&served));
        let base = format!("http://{}", serve(app).await);
        let before = desk(&store, &base, "").await;
        assert_eq!(before.run().await.state, RunState::Succeeded);
        let asked = served.asked.load(Ordering::SeqCst);
        let versions = i64::try_from(PEOPLE).unwrap();
        assert_eq!(stored(&store).await, (versions, 0));
        assert_eq!(all(&before).await, (0, 0, 0), "what this map made is not looked at");

        // A third of them has a nickname; and one payload does not fit any more.
        let after = desk(&store, &base, ", nickname: nick, emails: [{value: mail -> email}]").await;
        let (looked_at, unfit, differing) = all(&after).await;
        assert_eq!((looked_at, unfit, differing), (PEOPLE as u64, 1, PEOPLE - 1), "all but the one get an address");
        assert_eq!(stored(&store).await, (versions, 0), "looking writes nothing");

        let run = after.engine.run_begin(&after.setup, "replay", "test").await.unwrap();
        let report = after.engine.replay_run(&after.setup, &run).await.unwrap();
        assert_eq!(report.state, RunState::Succeeded);
        assert_eq!(stored(&store).await, (2 * versions - 1, versions / 3));
        assert_eq!(all(&after).await, (1, 1, 0), "what does not fit stays as it is");
        let streams = store.run_streams(&[run.id]).await.unwrap();
        assert_eq!((streams.len(), streams[0].1.updated), (1, versions - 1));
        assert_eq!(served.asked.load(Ordering::SeqCst), asked, "the system was not asked");
        let waiting = "select count(*) from quarantine where resolved_at is null";
        assert_eq!(store.fetch(waiting, Vec::new()).await.unwrap()[0].int(0).unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_record_that_moved_differs_from_another_version() {
    on_both(|store| async move {
        let served = Arc::new(Desk::default());
        let app = Router::new().route("/people", get(people)).with_state(Arc::clone(&served));
        let base = format!("http://{}", serve(app).await);
        desk(&store, &base, "").await.run().await;
        let after = desk(&store, &base, ", nickname: nick").await;
        let mut replay = after.engine.replay(&after.setup).unwrap();
        let first = replay.step().await.unwrap().unwrap();
        let first = first.differing[0].record;
        let mut tx = store.begin().await.unwrap();
        let sql = "update record set version = version + 1 where record_id = $1";
        tx.execute(sql, onefold::args![first.0]).await.unwrap();
        let copy = "insert into record_version (record_id, version, received_at, run_id, content_hash, mapping, deleted, raw, mapped)
                    select record_id, version + 1, received_at, run_id, content_hash, mapping, deleted, raw, mapped
                    from record_version where record_id = $1";
        tx.execute(copy, onefold::args![first.0]).await.unwrap();
        tx.commit().await.unwrap();
        let now = after.engine.replay(&after.setup).unwrap().step().await.unwrap().unwrap();
        let moved = now.differing.iter().find(|replayed| replayed.record == first).unwrap();
        assert_eq!(moved.version, Some(2), "so that its plan is another one");
    })
    .await;
}
