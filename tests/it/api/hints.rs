//! Deliveries that only say that something has changed: written down before they are acknowledged, and followed by a run,
//! whichever process it takes.

use super::hub::*;
use super::served::answer;
use super::webhooks::*;
use crate::harness::on_both;
use crate::store::fixture::number;
use onefold::app::App;
use onefold::http::vendor::{Fault, Mailchimp, VendorData, VendorServer};
use onefold::store::Store;
use onefold_model::SourceKey;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

const HINT: &str = "type=unsubscribe&data%5Bemail%5D=somebody%40else.example";
const WAITING: &str = "select count(*) from webhook_hint";
const RUNS: &str = "select count(*) from sync_run where trigger_kind = 'push' and state <> 'RUNNING'";

async fn vendor() -> VendorServer {
    let member = json!({"id": "m1", "list_id": "aa", "email_address": "ada@mail.example", "full_name": "Ada", "status": "subscribed",
        "merge_fields": {}, "tags": [], "timestamp_opt": "2026-01-01T00:00:00+00:00", "last_changed": "2026-01-02T00:00:00+00:00"});
    let data = VendorData::new(BTreeMap::from([
        ("lists".to_owned(), vec![json!({"id": "aa", "name": "News", "date_created": "2026-01-01T00:00:00+00:00"})]),
        ("lists/aa/members".to_owned(), vec![member]),
        ("campaigns".to_owned(), Vec::<Value>::new()),
    ]));
    VendorServer::start(Mailchimp { api_key: "x".to_owned() }, data).await.unwrap()
}

/// Waits until a statement counts so many.
async fn until(store: &Store, sql: &str, wanted: i64) {
    for _ in 0..6_000 {
        if number(store, sql).await == wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it never comes to {wanted}: {sql}");
}

async fn deliver(hub: &Hub, path: &str, body: &str) -> String {
    let served = served(hub, NOW).await;
    let taken = taken(served.bare("POST", path).body(body.to_owned())).await;
    served.stop().await;
    taken
}

async fn resume(app: &Arc<App>) {
    app.hints_resume().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hint_that_was_acknowledged_is_followed_by_another_process_where_the_first_one_died() {
    on_both(|store| async move {
        let vendor = vendor().await;
        let settings = [("api_key", "x"), ("webhook_key", KEY), ("base_url", vendor.base_url())];
        let sources = [("mailchimp", "marketing/mailchimp", &settings[..])];
        let key = SourceKey::new("mailchimp").unwrap();
        let first = hub(&store, &sources).await;
        // Nobody follows it while the source is paused; then its process is gone.
        first.app.system("test").source_pause(&key, "they move").await.unwrap();
        assert_eq!(deliver(&first, &format!("/webhooks/mailchimp/{KEY}"), HINT).await, "hinted");
        assert_eq!(number(&store, WAITING).await, 1, "it was written down before it was acknowledged");
        resume(&first.app).await;
        drop(first);
        let second = hub(&store, &sources).await;
        resume(&second.app).await;
        assert_eq!(number(&store, "select count(*) from sync_run").await, 0, "a paused source is not read");
        second.app.system("test").source_resume(&key).await.unwrap();
        resume(&second.app).await;
        until(&store, RUNS, 1).await;
        until(&store, WAITING, 0).await;
        assert_eq!(number(&store, "select count(*) from record where stream = 'members'").await, 1);
        resume(&second.app).await;
        assert_eq!(number(&store, "select count(*) from sync_run").await, 1, "once is enough");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hint_that_was_followed_in_vain_is_followed_again_later_and_not_for_ever() {
    on_both(|store| async move {
        let vendor = vendor().await;
        vendor.faults().on_every("", Fault::unauthorized());
        let settings = [("api_key", "x"), ("webhook_key", KEY), ("base_url", vendor.base_url())];
        let hub = hub(&store, &[("mailchimp", "marketing/mailchimp", &settings[..])]).await;
        assert_eq!(deliver(&hub, &format!("/webhooks/mailchimp/{KEY}"), HINT).await, "hinted");
        let now = async || {
            let mut tx = store.begin().await.unwrap();
            tx.execute("update webhook_hint set again_at = null", Vec::new()).await.unwrap();
            tx.commit().await.unwrap();
        };
        for tries in 1..5 {
            until(&store, "select count(*) from webhook_hint where again_at is not null", 1).await;
            assert_eq!(number(&store, "select tries from webhook_hint").await, tries);
            resume(&hub.app).await;
            assert_eq!(number(&store, "select count(*) from sync_run").await, tries, "not before its time");
            now().await;
            // Whoever followed it last may still be about to end.
            for turn in 0..6_000 {
                // Each look moves the clock on, and a lease ends after 90 of them.
                if turn % 50 == 0 {
                    resume(&hub.app).await;
                }
                if number(&store, RUNS).await == tries + 1 {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            assert_eq!(number(&store, RUNS).await, tries + 1);
        }
        until(&store, WAITING, 0).await;
        assert_eq!(number(&store, RUNS).await, 5, "it is given up on");
    })
    .await;
}

/// What the vendors' own libraries signed, as it came, over HTTP. The sources are paused: nobody is asked.
#[tokio::test]
async fn recorded_hints_are_told_from_forged_ones_over_http() {
    on_both(|store| async move {
        let mut seen = 0;
        for (name, connector) in [
            ("hubspot", "marketing/hubspot"),
            ("zendesk", "support/zendesk"),
            ("eventbrite", "marketing/eventbrite"),
            ("mailchimp", "marketing/mailchimp"),
        ] {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/connectors/webhooks");
            let path = path.join(format!("{name}.json"));
            if !path.exists() {
                eprintln!("skipped: {name}, because the shared data is not beside the repository");
                continue;
            }
            let data: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
            let secret = data["verify"]["secret"].as_str().unwrap_or_default();
            let url = data["cases"][0]["url"].as_str().unwrap();
            let settings: Vec<(&str, &str)> = match name {
                "hubspot" => vec![("token", "x"), ("webhook_secret", secret), ("webhook_url", url)],
                "zendesk" => vec![("email", "a"), ("token", "b"), ("subdomain", "c"), ("webhook_secret", secret)],
                "eventbrite" => vec![("token", "x"), ("organization", "1"), ("webhook_key", KEY)],
                _ => vec![("api_key", "x"), ("data_center", "us1"), ("webhook_key", KEY)],
            };
            let hub = hub(&store, &[(name, connector, &settings)]).await;
            hub.app.system("test").source_pause(&SourceKey::new(name).unwrap(), "nobody is asked").await.unwrap();
            for case in data["cases"].as_array().unwrap() {
                let served = served(&hub, case["now"].as_i64().unwrap()).await;
                let address =
                    if secret.is_empty() { format!("/webhooks/{name}/{KEY}") } else { format!("/webhooks/{name}") };
                let mut request = served.bare("POST", &address);
                for (header, value) in case["headers"].as_object().unwrap() {
                    request = request.header(header, value.as_str().unwrap());
                }
                let (status, _, told) = answer(request.body(case["body"].as_str().unwrap().to_owned())).await;
                assert_eq!(status == 200, case["accept"] == true, "{name} {}: {told}", case["case"]);
                seen += 1;
                served.stop().await;
            }
        }
        if seen > 0 {
            assert_eq!(seen, 11);
            assert_eq!(number(&store, WAITING).await, 4, "each of them waits to be followed");
        }
        assert_eq!(number(&store, "select count(*) from sync_run").await, 0);
    })
    .await;
}
