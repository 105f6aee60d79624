//! A source is read by one run at a time, whichever process it is of.

use super::fixture::*;
use crate::harness::on_both;
use onefold::store::{LeaseRow, Renewed, RunRow, RunState, SourceRow, Store};
use onefold_model::SyncRunId;
use uuid::Uuid;

pub(super) fn lease(source: &SourceRow, holder: u128, run: u128, at: i64) -> LeaseRow {
    LeaseRow {
        source: source.id,
        holder: Uuid::from_u128(holder),
        holder_name: format!("process {holder}"),
        holder_process: (holder == 2).then(|| "a place 2 7".to_owned()),
        run: SyncRunId(Uuid::from_u128(run)),
        taken_at: time(at),
        expires_at: time(at + 90),
        cancelled_by: None,
    }
}

pub(super) async fn take(store: &Store, lease: &LeaseRow, is_free: impl Fn(&LeaseRow) -> bool) -> Result<(), LeaseRow> {
    let mut tx = store.begin().await.unwrap();
    let taken = tx.lease_take(lease, is_free).await.unwrap();
    tx.commit().await.unwrap();
    taken
}

#[tokio::test]
async fn a_lease_is_held_until_it_ends_is_given_back_or_its_holder_is_gone() {
    on_both(|store| async move {
        let (crm, shop) = (source(&store, "crm", "support").await, source(&store, "shop", "billing").await);
        let (one, two) = (lease(&crm, 1, 11, 0), lease(&crm, 2, 12, 89));
        assert_eq!(take(&store, &one, |_| false).await, Ok(()));
        assert_eq!(take(&store, &two, |_| false).await, Err(one.clone()), "who has it, since when and until when");
        assert_eq!(take(&store, &lease(&shop, 2, 13, 0), |_| false).await, Ok(()), "another source is free");
        assert_eq!(store.lease_get(crm.id).await.unwrap(), Some(one.clone()));

        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.lease_renew(crm.id, one.run, time(150)).await.unwrap(), Renewed::Held);
        assert_eq!(
            tx.lease_renew(crm.id, two.run, time(500)).await.unwrap(),
            Renewed::Lost,
            "only its own run renews it"
        );
        tx.commit().await.unwrap();
        assert!(take(&store, &lease(&crm, 2, 12, 149), |_| false).await.is_err());
        assert_eq!(take(&store, &lease(&crm, 2, 12, 150), |_| false).await, Ok(()), "it has ended");

        let mut tx = store.begin().await.unwrap();
        assert_eq!(
            tx.lease_renew(crm.id, one.run, time(500)).await.unwrap(),
            Renewed::Lost,
            "what ended is not renewed"
        );
        assert!(!tx.lease_end(crm.id, one.run).await.unwrap());
        tx.commit().await.unwrap();
        let is_two = |held: &LeaseRow| held.holder_process.as_deref() == Some("a place 2 7");
        assert_eq!(take(&store, &lease(&crm, 3, 14, 151), is_two).await, Ok(()), "its holder is gone");

        let mut tx = store.begin().await.unwrap();
        assert!(tx.lease_end(crm.id, SyncRunId(Uuid::from_u128(14))).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(take(&store, &one, |_| false).await, Ok(()), "it was given back");
        assert_eq!(store.lease_list().await.unwrap().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn of_two_that_take_a_lease_at_once_one_has_it() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "support").await;
        let leases: Vec<LeaseRow> = (1..=8).map(|holder| lease(&crm, holder, holder, 0)).collect();
        let taking = leases.iter().map(|lease| take(&store, lease, |_| false));
        let taken = futures_util::future::join_all(taking).await;
        assert_eq!(taken.iter().filter(|taken| taken.is_ok()).count(), 1, "{taken:?}");
    })
    .await;
}

#[tokio::test]
async fn a_run_without_a_lease_is_interrupted_and_not_before_its_lease_ends() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "support").await;
        let shop = source(&store, "shop", "billing").await;
        let mut runs = Vec::new();
        for (source, n) in [(&crm, 21u128), (&shop, 22)] {
            let run = RunRow {
                id: SyncRunId(Uuid::from_u128(n)),
                source: source.id,
                trigger: "manual".to_owned(),
                actor: "ann".to_owned(),
                state: RunState::Running,
                started_at: time(0),
                finished_at: None,
                error: None,
            };
            let mut tx = store.begin().await.unwrap();
            tx.run_start(&run).await.unwrap();
            tx.commit().await.unwrap();
            let mut page = page(source, Vec::new(), time(0));
            page.run = Some(run.id);
            commit(&store, page).await;
            runs.push(run);
        }
        take(&store, &lease(&crm, 1, 21, 0), |_| false).await.unwrap();
        let mut ended = Vec::new();
        for at in [89, 90] {
            let mut tx = store.begin().await.unwrap();
            tx.lease_sweep(time(at)).await.unwrap();
            tx.commit().await.unwrap();
            for run in &runs {
                let stream = store.run_streams(&[run.id]).await.unwrap()[0].1.state;
                let state = store.run_get(run.id).await.unwrap().unwrap().state;
                assert_eq!(state, stream);
                ended.push(state == RunState::Interrupted);
            }
        }
        assert_eq!(ended, [false, true, true, true]);
    })
    .await;
}

#[tokio::test]
async fn a_lease_says_who_has_asked_first_that_its_run_end() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "support").await;
        let (one, two) = (lease(&crm, 1, 11, 0), lease(&crm, 2, 12, 200));
        take(&store, &one, |_| false).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        assert!(!tx.lease_cancel(crm.id, two.run, "ann", time(1)).await.unwrap(), "it has no lease");
        assert!(!tx.lease_cancel(crm.id, one.run, "ann", time(90)).await.unwrap(), "its lease has ended");
        assert_eq!(tx.lease_renew(crm.id, one.run, time(100)).await.unwrap(), Renewed::Held);
        for by in ["ben", "ann"] {
            assert!(tx.lease_cancel(crm.id, one.run, by, time(2)).await.unwrap());
        }
        assert_eq!(tx.lease_cancelled_by(crm.id, one.run).await.unwrap().as_deref(), Some("ben"));
        assert_eq!(tx.lease_renew(crm.id, one.run, time(120)).await.unwrap(), Renewed::Cancelled);
        tx.commit().await.unwrap();
        take(&store, &two, |_| false).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.lease_renew(crm.id, two.run, time(300)).await.unwrap(), Renewed::Held, "the next run goes on");
        tx.commit().await.unwrap();
    })
    .await;
}
