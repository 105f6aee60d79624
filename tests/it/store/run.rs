//! The figures of a run are the sums of its pages.

use super::fixture::*;
use crate::harness::on_both;
use onefold::store::{PageAsk, Quarantined, RunRow, RunState, SourceRow, Store};
use onefold_model::SyncRunId;
use serde_json::json;
use uuid::Uuid;

pub(super) async fn start(store: &Store, source: &SourceRow, n: u128, at: i64) -> RunRow {
    let run = RunRow {
        id: SyncRunId(Uuid::from_u128(n)),
        source: source.id,
        trigger: "manual".to_owned(),
        actor: "ann".to_owned(),
        state: RunState::Running,
        started_at: time(at),
        finished_at: None,
        error: None,
    };
    let mut tx = store.begin().await.unwrap();
    tx.run_start(&run).await.unwrap();
    tx.commit().await.unwrap();
    run
}

#[tokio::test]
async fn run_figures_add_up_over_pages_and_sweeps() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "support").await;
        deliver(&store, &crm, ["1", "2", "9"].map(|k| incoming("customers", k, person("Ada"))).to_vec(), time(0)).await;
        let run = start(&store, &crm, 1, 1).await;
        let misfit = Quarantined {
            stream: "customers".to_owned(),
            external_id: Some("8".to_owned()),
            code: "MISSING".to_owned(),
            path: None,
            place: None,
            message: "kind is missing".to_owned(),
            raw: json!({}),
        };
        for (keys, quarantined) in [(["1", "3"], vec![misfit]), (["4", "5"], Vec::new())] {
            let records = keys.map(|key| incoming("customers", key, person("Ada"))).to_vec();
            let mut next = page(&crm, records, time(2));
            (next.run, next.quarantined, next.generation) = (Some(run.id), quarantined, Some("g1"));
            commit(&store, next).await;
        }
        let changed = vec![incoming("customers", "3", person("Bo")), deletion("customers", "2")];
        let mut last = page(&crm, changed, time(3));
        (last.run, last.generation) = (Some(run.id), Some("g1"));
        commit(&store, last).await;
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.sweep_close(crm.id, "customers", "g1", Some(run.id), time(4)).await.unwrap(), 1);
        tx.run_stream_finish(run.id, "customers", RunState::Succeeded, None, time(5)).await.unwrap();
        tx.run_finish(run.id, RunState::Succeeded, None, time(5)).await.unwrap();
        tx.commit().await.unwrap();

        let streams = store.run_streams(&[run.id]).await.unwrap();

        assert_eq!(streams.len(), 1);
        let got = &streams[0].1;
        let figures = (got.created, got.updated, got.unchanged, got.deleted, got.quarantined);
        assert_eq!(figures, (3, 1, 1, 2, 1));
        assert_eq!((got.pages, got.records_read, got.state), (3, 7, RunState::Succeeded));
        let stored = store.run_get(run.id).await.unwrap().unwrap();
        assert_eq!((stored.state, stored.finished_at), (RunState::Succeeded, Some(time(5))));
    })
    .await;
}

#[tokio::test]
async fn a_run_that_never_ended_is_interrupted_by_the_next_of_its_source() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "support").await;
        let shop = source(&store, "shop", "billing").await;
        let lost = start(&store, &crm, 1, 1).await;
        let mut lost_page = page(&crm, Vec::new(), time(2));
        lost_page.run = Some(lost.id);
        commit(&store, lost_page).await;
        let other = start(&store, &shop, 2, 3).await;
        let next = start(&store, &crm, 3, 4).await;

        let mut states = Vec::new();
        for run in [&lost, &other, &next] {
            states.push(store.run_get(run.id).await.unwrap().unwrap().state);
        }
        assert_eq!(states, [RunState::Interrupted, RunState::Running, RunState::Running]);
        assert_eq!(store.run_streams(&[lost.id]).await.unwrap()[0].1.state, RunState::Interrupted);
        let slice = store.run_list(&[crm.id, shop.id], &PageAsk::Forward { count: 2, after: None }).await.unwrap();
        let ids: Vec<SyncRunId> = slice.rows.iter().map(|(_, run)| run.id).collect();
        assert_eq!((ids, slice.has_next), (vec![next.id, other.id], true), "newest first");
    })
    .await;
}

#[tokio::test]
async fn a_stream_that_failed_says_why() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "support").await;
        let run = start(&store, &crm, 1, 1).await;
        let mut tx = store.begin().await.unwrap();
        let why = Some(("RATE_LIMITED", "the system asked for fewer requests"));
        tx.run_stream_finish(run.id, "customers", RunState::Failed, why, time(2)).await.unwrap();
        tx.run_finish(run.id, RunState::Failed, Some("no stream could be read"), time(2)).await.unwrap();
        tx.commit().await.unwrap();
        let got = store.run_streams(&[run.id]).await.unwrap().remove(0).1;
        assert_eq!((got.state, got.pages), (RunState::Failed, 0));
        assert_eq!(got.error_code.as_deref(), Some("RATE_LIMITED"));
        assert_eq!(got.error.as_deref(), Some("the system asked for fewer requests"));
        let stored = store.run_get(run.id).await.unwrap().unwrap();
        assert_eq!(stored.error.as_deref(), Some("no stream could be read"));
    })
    .await;
}
