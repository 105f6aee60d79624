//! Deliveries of the systems over real HTTP: taken once with what they say, and refused with a code.

use super::hub::*;
use super::served::{SECRET as TOKEN_SECRET, Served, answer, tokens};
use crate::harness::on_both;
use crate::store::fixture::{number, source};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use onefold::app::App;
use onefold::args;
use onefold::auth::default_policies;
use onefold::config::{PrivateAddresses, Setting, SourceConfig};
use onefold::graphql;
use onefold::http::vendor::{Mailchimp, VendorData, VendorServer};
use onefold::identity::Identity;
use onefold::issuer::Issuers;
use onefold::store::Store;
use onefold::sync::{Engine, Registry, SourceSetup};
use onefold_model::{Clock, FixedClock, SourceKey, Timestamp};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use sha2::Sha256;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

pub(super) const KEY: &str = "k-of-24-letters-and-more";
const WHSEC: &str = "whsec_of_nobody";
pub(super) const NOW: i64 = 1_795_314_005;

/// A system whose deliveries are its records: what they hold stands in the map, and there is no feed.
const SHOP: &str = "manifest: 1\nid: shop\ntitle: Shop\nversion: 1\nconfig:\n  webhook_secret: {type: text, secret: true}\n\
http: {base: 'https://shop.test'}\npages: {all: {style: single}}\nstreams:\n  customers:\n    into: party\n    key: /id\n    \
version: {at: /updated_at, type: rfc3339}\n    deletes: none\n    snapshot: {get: /customers, pages: all, records: /customers}\n    \
map: {kind: = PERSON, givenName: first_name, familyName: last_name, emails: [{value: email -> email}]}\n\
webhook:\n  signed: {secret: '{config.webhook_secret}', header: X-Shopify-Hmac-Sha256, encoding: base64, of: '{body}'}\n  \
id: header X-Shopify-Webhook-Id\n  says: {stream: customers}\n";

/// A source: its key, its connector and its settings.
pub(super) type Configured<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);

pub(super) async fn hub(store: &Store, sources: &[Configured<'_>]) -> Hub {
    for (key, department) in SOURCES {
        source(store, key, department).await;
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("marketing/shop")).unwrap();
    std::fs::write(folder.path().join("marketing/shop/connector.yaml"), SHOP).unwrap();
    let registry = Registry::load(Some(folder.path())).unwrap();
    assert!(registry.broken().is_empty(), "{:?}", registry.broken());
    let clock: Arc<dyn Clock> = Arc::new(StepClock::default());
    let setups = sources.iter().map(|(key, connector, settings)| {
        let text = |(name, value): &(&str, &str)| ((*name).to_owned(), Setting::Text((*value).to_owned()));
        let config = SourceConfig {
            key: SourceKey::new(*key).unwrap(),
            connector: (*connector).to_owned(),
            department: None,
            title: None,
            private_addresses: Some(PrivateAddresses::Allow),
            schedule: None,
            settings: settings.iter().map(text).collect::<BTreeMap<_, _>>(),
        };
        SourceSetup::new(&config, &registry, clock.as_ref()).unwrap()
    });
    let engine = Engine::open(store.clone(), setups.collect(), Arc::clone(&clock)).await.unwrap();
    let policies = policies(&default_policies(&departments()));
    let app = App::open(store.clone(), policies, Identity::default(), Arc::new(engine), clock).await.unwrap();
    Hub { app, schema: graphql::schema() }
}

pub(super) async fn served(hub: &Hub, now: i64) -> Served {
    let issuers = Issuers::none(Arc::new(tokens(TOKEN_SECRET, "onefold", "onefold")));
    let at = Timestamp::from_timestamp(now, 0).unwrap();
    Served::with(hub, Arc::new(issuers), Arc::new(FixedClock(at))).await
}

fn mac(secret: &str, text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn stripe_signature(time: i64, body: &str) -> String {
    let bytes = mac(WHSEC, &format!("{time}.{body}"));
    bytes.iter().fold(format!("t={time},v1="), |text, byte| text + &format!("{byte:02x}"))
}

fn stripe_event(id: &str, kind: &str, object: &Value) -> String {
    json!({"id": id, "type": kind, "created": NOW - 5, "data": {"object": object}}).to_string()
}

fn signed(served: &Served, body: &str) -> RequestBuilder {
    let request = served.bare("POST", "/webhooks/stripe").header("stripe-signature", stripe_signature(NOW - 5, body));
    request.body(body.to_owned())
}

const STRIPE: Configured<'_> = ("stripe", "billing/stripe", &[("api_key", "x"), ("webhook_secret", WHSEC)]);

pub(super) const SHOPPED: Configured<'_> = ("shop", "marketing/shop", &[("webhook_secret", WHSEC)]);

/// A delivery of the shop: a customer as it is by now.
pub(super) fn shopped(served: &Served, id: &str, customer: &Value) -> RequestBuilder {
    let body = customer.to_string();
    let signature = STANDARD.encode(mac(WHSEC, &body));
    let request = served.bare("POST", "/webhooks/shop").header("x-shopify-hmac-sha256", signature);
    request.header("x-shopify-webhook-id", id).body(body)
}

pub(super) async fn code(request: RequestBuilder) -> (u16, String) {
    let (status, _, body) = answer(request).await;
    (status, body["error"]["code"].as_str().unwrap_or_else(|| panic!("{body}")).to_owned())
}

pub(super) async fn taken(request: RequestBuilder) -> String {
    let (status, _, body) = answer(request).await;
    assert_eq!(status, 200, "{body}");
    body["taken"].as_str().unwrap_or_else(|| panic!("{body}")).to_owned()
}

#[tokio::test]
async fn a_delivery_is_stored_as_if_it_had_been_read_and_counts_once() {
    on_both(|store| async move {
        let hub = hub(&store, &[STRIPE]).await;
        let served = served(&hub, NOW).await;
        let customer = json!({"id": "cus_1", "object": "customer", "name": "Ada Löv", "email": "ada@mail.example"});
        let body = stripe_event("evt_1", "customer.updated", &customer);
        assert_eq!(taken(signed(&served, &body)).await, "stored");
        assert_eq!(taken(signed(&served, &body)).await, "before");
        let rows = store.fetch("select mapped from record_version", args![]).await.unwrap();
        assert_eq!(rows.len(), 1, "one version of one record");
        let mapped: Value = serde_json::from_str(&rows[0].text(0).unwrap()).unwrap();
        assert_eq!(
            (&mapped["displayName"], &mapped["emails"][0]["address"]),
            (&json!("Ada Löv"), &json!("ada@mail.example"))
        );

        // What does not fit is kept with its cause; another event mends it.
        let broken = json!({"id": "cus_2", "object": "customer", "email": "ada at home"});
        assert_eq!(taken(signed(&served, &stripe_event("evt_2", "customer.created", &broken))).await, "stored");
        assert_eq!(number(&store, "select count(*) from quarantine where resolved_at is null").await, 1);
        let mended = json!({"id": "cus_2", "object": "customer", "email": "bo@mail.example"});
        assert_eq!(taken(signed(&served, &stripe_event("evt_3", "customer.updated", &mended))).await, "stored");
        assert_eq!(number(&store, "select count(*) from quarantine where resolved_at is null").await, 0);

        let gone = json!({"id": "cus_1", "object": "customer", "deleted": true});
        assert_eq!(taken(signed(&served, &stripe_event("evt_4", "customer.deleted", &gone))).await, "stored");
        assert_eq!(number(&store, "select count(*) from record where deleted_at is not null").await, 1);
        let entries = "select count(*) from audit where action = 'webhook.take' and actor = 'source:stripe'";
        assert_eq!(number(&store, entries).await, 4, "each that was taken, and none twice");
        served.stop().await;
    })
    .await;
}

/// The event is older than what is stored: it changes nothing, whenever it comes.
#[tokio::test]
async fn a_delivery_never_replaces_what_is_newer() {
    on_both(|store| async move {
        let hub = hub(&store, &[STRIPE]).await;
        let served = served(&hub, NOW).await;
        let event = |id: &str, created: i64, name: &str| {
            let object = json!({"id": "cus_1", "object": "customer", "name": name});
            json!({"id": id, "type": "customer.updated", "created": created, "data": {"object": object}}).to_string()
        };
        assert_eq!(taken(signed(&served, &event("evt_2", NOW - 10, "Second"))).await, "stored");
        assert_eq!(taken(signed(&served, &event("evt_1", NOW - 20, "First"))).await, "stored");
        let rows = store.fetch("select mapped from record_version", args![]).await.unwrap();
        assert_eq!(rows.len(), 1);
        assert!(rows[0].text(0).unwrap().contains("Second"));
        served.stop().await;
    })
    .await;
}

#[tokio::test]
async fn what_does_not_hold_is_refused_with_a_code_and_leaves_nothing() {
    on_both(|store| async move {
        let without = ("other", "billing/stripe", &[("api_key", "x")] as &[_]);
        let hub = hub(&store, &[STRIPE, without]).await;
        let served = served(&hub, NOW).await;
        let body = stripe_event("evt_1", "customer.updated", &json!({"id": "cus_1", "object": "customer"}));
        let post = |path: &str| served.bare("POST", path).body(body.clone());
        let by = |signature: String| post("/webhooks/stripe").header("stripe-signature", signature);
        assert_eq!(code(post("/webhooks/stripe")).await, (401, "DELIVERY_UNSIGNED".to_owned()));
        assert_eq!(code(by("t=1,v0=00".to_owned())).await, (401, "DELIVERY_UNSIGNED".to_owned()));
        assert_eq!(code(by(format!("t={NOW},v1={}", "0".repeat(64)))).await, (401, "DELIVERY_FORGED".to_owned()));
        assert_eq!(code(by(stripe_signature(NOW, "{}"))).await, (401, "DELIVERY_FORGED".to_owned()));
        for late in [NOW - 301, NOW + 301] {
            assert_eq!(code(by(stripe_signature(late, &body))).await, (401, "DELIVERY_LATE".to_owned()));
        }
        let odd = "[1";
        let unreadable = served.bare("POST", "/webhooks/stripe").header("stripe-signature", stripe_signature(NOW, odd));
        assert_eq!(code(unreadable.body(odd)).await, (400, "DELIVERY_UNREADABLE".to_owned()));
        let large = "x".repeat(1024 * 1024 + 1);
        let large = served.bare("POST", "/webhooks/stripe").header("stripe-signature", "t=1,v1=00").body(large);
        assert_eq!(code(large).await, (413, "DELIVERY_TOO_LARGE".to_owned()));
        // A source that takes none is told from one that does not exist by nobody.
        for path in ["/webhooks/nowhere", "/webhooks/other", "/webhooks/zendesk", "/webhooks/stripe/key"] {
            let refused = by(stripe_signature(NOW, &body)).build().unwrap();
            let signature = refused.headers()["stripe-signature"].clone();
            let (status, _, told) = answer(post(path).header("stripe-signature", signature)).await;
            assert_eq!((status, &told["error"]["code"]), (404, &json!("DELIVERY_NOT_TAKEN")), "{path}");
        }
        let (status, _, told) = answer(by(stripe_signature(NOW - 400, &body))).await;
        assert!(status == 401 && !told.to_string().contains("cus_1"), "what came is not repeated");
        assert_eq!(number(&store, "select count(*) from record").await, 0);
        assert_eq!(number(&store, "select count(*) from webhook_delivery").await, 0);
        served.stop().await;
    })
    .await;
}

/// Nothing of a delivery that could not be stored is remembered: the system sends it again.
#[tokio::test]
async fn a_delivery_that_could_not_be_stored_is_taken_when_it_comes_again() {
    on_both(|store| async move {
        if store.dialect() != onefold::store::Dialect::Sqlite {
            return;
        }
        let hub = hub(&store, &[STRIPE]).await;
        let served = served(&hub, NOW).await;
        let body = stripe_event("evt_1", "customer.updated", &json!({"id": "cus_1", "object": "customer", "name": "Ada"}));
        let run = async |sql: &str| {
            let mut tx = store.begin().await.unwrap();
            tx.execute(sql, args![]).await.unwrap();
            tx.commit().await.unwrap();
        };
        run("create trigger full before insert on audit when new.action = 'webhook.take' begin select raise(abort, 'full'); end").await;
        assert_eq!(code(signed(&served, &body)).await, (503, "DELIVERY_FAILED".to_owned()));
        assert_eq!(number(&store, "select count(*) from record").await, 0);
        run("drop trigger full").await;
        assert_eq!(taken(signed(&served, &body)).await, "stored");
        served.stop().await;
    })
    .await;
}

#[tokio::test]
async fn records_that_are_sent_by_themselves_are_named_by_the_system() {
    on_both(|store| async move {
        let hub = hub(&store, &[SHOPPED]).await;
        let served = served(&hub, NOW).await;
        let send = |id: &str, email: &str, updated: &str| {
            shopped(&served, id, &json!({"id": 7, "email": email, "first_name": "Bob", "updated_at": updated}))
        };
        assert_eq!(taken(send("w1", "bob@one.example", "2026-11-22T02:00:00Z")).await, "stored");
        assert_eq!(taken(send("w1", "bob@one.example", "2026-11-22T02:00:00Z")).await, "before");
        assert_eq!(taken(send("w2", "bob@two.example", "2026-11-22T03:00:00Z")).await, "stored");
        assert_eq!(taken(send("w3", "bob@old.example", "2026-11-21T03:00:00Z")).await, "stored");
        let rows = store.fetch("select mapped from record_version order by version", args![]).await.unwrap();
        assert_eq!(rows.len(), 2, "the old one changes nothing");
        assert!(rows[1].text(0).unwrap().contains("bob@two.example"));
        served.stop().await;
    })
    .await;
}

/// Whoever knows the address makes the hub look, and look only: what it then stores, it has read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_hint_the_source_is_read() {
    on_both(|store| async move {
        let member = json!({"id": "m1", "list_id": "aa", "email_address": "ada@mail.example", "full_name": "Ada", "status": "subscribed",
            "merge_fields": {}, "tags": [], "timestamp_opt": "2026-01-01T00:00:00+00:00", "last_changed": "2026-01-02T00:00:00+00:00"});
        let data = VendorData::new(BTreeMap::from([
            ("lists".to_owned(), vec![json!({"id": "aa", "name": "News", "date_created": "2026-01-01T00:00:00+00:00"})]),
            ("lists/aa/members".to_owned(), vec![member]),
            ("campaigns".to_owned(), Vec::<Value>::new()),
        ]));
        let vendor = VendorServer::start(Mailchimp { api_key: "x".to_owned() }, data).await.unwrap();
        let settings = [("api_key", "x"), ("webhook_key", KEY), ("base_url", vendor.base_url())];
        let hub = hub(&store, &[("mailchimp", "marketing/mailchimp", &settings)]).await;
        let served = served(&hub, NOW).await;
        let path = format!("/webhooks/mailchimp/{KEY}");
        let (status, _, ready) = answer(served.bare("GET", &path)).await;
        assert_eq!((status, &ready["ready"]), (200, &json!(true)), "Mailchimp asks first");
        assert_eq!(code(served.bare("GET", "/webhooks/mailchimp/other")).await.0, 404);
        assert_eq!(code(served.bare("POST", "/webhooks/mailchimp/other").body("type=x")).await, (401, "DELIVERY_FORGED".to_owned()));
        assert_eq!(code(served.bare("POST", "/webhooks/mailchimp").body("type=x")).await, (401, "DELIVERY_UNSIGNED".to_owned()));
        assert_eq!(number(&store, "select count(*) from sync_run").await, 0);

        let hint = "type=unsubscribe&data%5Bemail%5D=somebody%40else.example";
        assert_eq!(taken(served.bare("POST", &path).body(hint)).await, "hinted");
        assert_eq!(taken(served.bare("POST", &path).body(hint)).await, "before");
        let ended = "select count(*) from sync_run where state <> 'RUNNING'";
        let mut tries = 0;
        while number(&store, ended).await == 0 {
            tries += 1;
            assert!(tries < 4_000, "the source is never read");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        assert_eq!(number(&store, "select count(*) from record where stream = 'members'").await, 1);
        assert_eq!(number(&store, "select count(*) from record_version where raw like '%somebody%'").await, 0);
        assert_eq!(number(&store, "select count(*) from sync_run where trigger_kind = 'push'").await, 1);
        served.stop().await;
    })
    .await;
}

/// The deliveries that the vendors' own libraries signed, as they came.
#[tokio::test]
async fn real_deliveries_are_told_from_forged_ones_over_http() {
    on_both(|store| async move {
        let mut seen = 0;
        for (name, connector) in [("stripe", "billing/stripe"), ("shop", "marketing/shop")] {
            let file = if name == "shop" { "shopify" } else { name };
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/connectors/webhooks");
            let path = path.join(format!("{file}.json"));
            if !path.exists() {
                eprintln!("skipped: {file}, because the shared data is not beside the repository");
                continue;
            }
            let data: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
            let secret = data["verify"]["secret"].as_str().unwrap();
            let stripe = [("api_key", "x"), ("webhook_secret", secret)];
            let settings = if name == "stripe" { &stripe[..] } else { &stripe[1..] };
            let hub = hub(&store, &[(name, connector, settings)]).await;
            for case in data["cases"].as_array().unwrap() {
                let served = served(&hub, case["now"].as_i64().unwrap()).await;
                let mut request = served.bare("POST", &format!("/webhooks/{name}"));
                for (header, value) in case["headers"].as_object().unwrap() {
                    request = request.header(header, value.as_str().unwrap());
                }
                let body = case["body"].as_str().unwrap().to_owned();
                let (status, _, told) = answer(request.body(body)).await;
                assert_eq!(status == 200, case["accept"] == true, "{name} {}: {told}", case["case"]);
                seen += 1;
                served.stop().await;
            }
        }
        if seen > 0 {
            assert_eq!(seen, 12);
            let stored =
                "select count(*) from record where external_id in ('cus_QXg1o8vcGmoR32', '706405506930370084')";
            assert_eq!(number(&store, stored).await, 2, "one of each, however often it came");
        }
    })
    .await;
}
