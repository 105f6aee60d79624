//! A process that ends while it writes: another one goes on where it was.

use super::{SHOWN, content, shown, start, write_all};
use crate::api::hub::*;
use crate::harness::on_both;
use onefold::args;
use onefold::graphql::exports_write;
use onefold_model::RecordKind;
use serde_json::json;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A future that is dropped when it was asked so often.
struct Dropped<F> {
    work: Pin<Box<F>>,
    asks: usize,
}

impl<F: Future> Future for Dropped<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if self.asks == 0 {
            return Poll::Ready(None);
        }
        self.asks -= 1;
        self.work.as_mut().poll(cx).map(Some)
    }
}

/// As if a minute had passed since the process was killed.
async fn lease_is_over(hub: &Hub) {
    let mut tx = hub.app.store().begin().await.unwrap();
    tx.execute("update export set held_until = created_at where held_until is not null", args![]).await.unwrap();
    tx.commit().await.unwrap();
}

async fn many(hub: &Hub, from: usize, to: usize) {
    let party = |n: usize| {
        let email = format!("someone{n}@example.org");
        let emails = json!([{"address": email, "original": email}]);
        let name = format!("Person Number {n}");
        put(
            RecordKind::Party,
            "users",
            &format!("n{n}"),
            json!({"kind": "PERSON", "displayName": name, "emails": emails}),
        )
    };
    hub.push("zendesk", (from..to).map(party).collect()).await;
    hub.fold().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_dies_at_any_moment_leaves_no_line_twice_and_none_out() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        many(&hub, 0, 250).await;
        let (whole, cursor) = super::written(&hub, &support(), json!({"selection": SHOWN})).await;
        assert_eq!(whole.lines().count(), 250);
        many(&hub, 200, 420).await;
        let (increment, _) = super::written(&hub, &support(), json!({"selection": SHOWN, "after": cursor})).await;
        let (whole, _) = super::written(&hub, &support(), json!({"selection": SHOWN})).await;
        assert!(increment.lines().count() >= 170 && whole.lines().count() > 400);
        for (input, expected) in
            [(json!({"selection": SHOWN}), &whole), (json!({"selection": SHOWN, "after": cursor}), &increment)]
        {
            let made = start(&hub, &support(), input).await;
            let id = &made["export"]["id"];
            let mut kills = 0;
            // Each life is a little longer than the one before, so that it ends at every await of a page.
            for asks in (1..).step_by(3) {
                let work = Box::pin(exports_write(&hub.schema, &hub.app, 1_000));
                let lived = Dropped { work, asks }.await;
                if lived.is_some_and(|written| written.unwrap() == 0) {
                    break;
                }
                kills += 1;
                // What was being committed by a connection that is gone is over before the next one looks.
                lease_is_over(&hub).await;
                let state = shown(&hub, &support(), id).await["state"].take();
                if state == "SUCCEEDED" {
                    break;
                }
                assert!(asks < 5_000, "it never comes to its end");
            }
            assert!(kills > 3, "{kills}");
            write_all(&hub).await;
            assert_eq!(content(&hub, id).await, *expected);
            assert_eq!(shown(&hub, &support(), id).await["rows"], expected.lines().count());
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_lost_an_export_writes_nothing_more_into_it() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        many(&hub, 0, 120).await;
        let made = start(&hub, &support(), json!({"selection": "id"})).await;
        let row = hub.app.export_due().await.unwrap().pop().unwrap();
        let mut slow = hub.app.export_take(row.id).await.unwrap().unwrap();
        assert!(hub.app.export_take(row.id).await.unwrap().is_none(), "somebody has it");
        lease_is_over(&hub).await;
        write_all(&hub).await;
        let whole = content(&hub, &made["export"]["id"]).await;
        let mut moved = slow.stay();
        moved.part = Some(onefold::app::ExportPart { rows: 1, content: b"twice\n".to_vec() });
        assert!(!hub.app.export_move(&mut slow, moved).await.unwrap());
        hub.app.export_end(&slow, Some("no".to_owned())).await.unwrap();
        assert_eq!(content(&hub, &made["export"]["id"]).await, whole);
        assert_eq!(shown(&hub, &support(), &made["export"]["id"]).await["state"], "SUCCEEDED");
    })
    .await;
}
