//! Subscribers that are told over HTTP, by a real receiver: what they are told, in which order, signed how, tried how often, and
//! with whose rights.

use super::hub::*;
use super::story::{billing_party, support_party};
use crate::harness::on_both;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use hmac::{Hmac, KeyInit, Mac};
use onefold::app::App;
use onefold::args;
use onefold::auth::{Actor, default_policies};
use onefold::config::PrivateAddresses;
use onefold::graphql::webhooks_tell;
use onefold::identity::Identity;
use onefold::store::Store;
use onefold::sync::Engine;
use onefold_model::{Clock, RecordKind};
use serde_json::{Value, json};
use sha2::Sha256;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

const CREATE: &str = "mutation($url: String!, $document: String!, $variables: Json, $after: String) {
    webhookCreate(input: {url: $url, document: $document, variables: $variables, after: $after}) {
    webhook { id state cursor createdBy } secret userErrors { code message } } }";
const LIST: &str =
    "{ webhooks { id url state stateReason cursor failures deliveries { cursor state attempts status reason } } }";
const CHANGES: &str =
    "subscription($kinds: [ChangeKind!]) { changes(kinds: $kinds) { cursor kind id customer { displayName } } }";

/// What came to a receiver.
struct Came {
    headers: HeaderMap,
    body: String,
}

impl Came {
    fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    fn change(&self) -> Value {
        self.json()["data"]["changes"].take()
    }
}

/// Takes deliveries, and answers as the test says: with these statuses first, and then with 204.
#[derive(Clone, Default)]
struct Receiver {
    came: Arc<Mutex<Vec<Came>>>,
    answers: Arc<Mutex<VecDeque<u16>>>,
}

impl Receiver {
    async fn start() -> (Self, String) {
        let receiver = Self::default();
        let take = |State(receiver): State<Self>, headers: HeaderMap, body: Bytes| async move {
            receiver.came.lock().unwrap().push(Came { headers, body: String::from_utf8(body.to_vec()).unwrap() });
            StatusCode::from_u16(receiver.answers.lock().unwrap().pop_front().unwrap_or(204)).unwrap()
        };
        let app = Router::new().route("/hook", post(take)).with_state(receiver.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        (receiver, url)
    }

    fn answer(&self, statuses: impl IntoIterator<Item = u16>) {
        self.answers.lock().unwrap().extend(statuses);
    }

    /// The ids that were told, in order.
    fn told(&self) -> Vec<String> {
        let came = self.came.lock().unwrap();
        came.iter().map(|came| came.change()["id"].as_str().unwrap().to_owned()).collect()
    }
}

/// A hub that may tell receivers on this machine, or may not.
async fn hub(store: &Store, permitted: PrivateAddresses) -> Hub {
    let hub = Hub::open(store).await;
    let clock: Arc<dyn Clock> = Arc::new(StepClock::default());
    let engine = Engine::open(store.clone(), Vec::new(), Arc::clone(&clock)).await.unwrap().with_receivers(permitted);
    let policies = policies(&default_policies(&departments()));
    let app = App::open(store.clone(), policies, Identity::default(), Arc::new(engine), clock).await.unwrap();
    Hub { app, schema: hub.schema }
}

async fn create(hub: &Hub, who: &Actor, url: &str, kinds: Value) -> Value {
    let input = json!({"url": url, "document": CHANGES, "variables": {"kinds": kinds}});
    hub.data(who, CREATE, input).await["webhookCreate"].take()
}

async fn listed(hub: &Hub, who: &Actor) -> Vec<Value> {
    let mut answer = hub.data(who, LIST, json!({})).await;
    serde_json::from_value(answer["webhooks"].take()).unwrap()
}

/// As if the time had come of what waits for it.
async fn hurry(hub: &Hub) {
    let mut tx = hub.app.store().begin().await.unwrap();
    tx.execute("update outgoing_webhook set next_at = created_at", args![]).await.unwrap();
    tx.commit().await.unwrap();
}

/// Tells what waits until as much was taken.
async fn told(hub: &Hub, wanted: usize) {
    let mut taken = 0;
    for _ in 0..100 {
        taken += webhooks_tell(&hub.schema, &hub.app).await.unwrap();
        if taken >= wanted {
            return;
        }
        hurry(hub).await;
    }
    panic!("{taken} of {wanted} were taken");
}

/// Tells until every subscriber stands as it should. Each process has a clock of its own.
async fn until(hub: &Hub, who: &Actor, is_so: impl Fn(&Value) -> bool) -> Vec<Value> {
    for _ in 0..500 {
        webhooks_tell(&hub.schema, &hub.app).await.unwrap();
        let shown = listed(hub, who).await;
        if shown.iter().all(&is_so) {
            return shown;
        }
        hurry(hub).await;
    }
    panic!("it never comes so");
}

fn people(numbers: std::ops::Range<usize>) -> Vec<onefold::app::IngestRecord> {
    numbers.map(|n| put(RecordKind::Party, "users", &format!("u{n}"), support_party(n))).collect()
}

fn ids(numbers: std::ops::Range<usize>) -> Vec<String> {
    numbers.map(|n| record_id("zendesk", "users", &format!("u{n}")).to_string()).collect()
}

fn signature(secret: &str, came: &Came) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{}.{}", came.header("onefold-timestamp"), came.body).as_bytes());
    mac.finalize().into_bytes().iter().fold("v1=".to_owned(), |text, byte| text + &format!("{byte:02x}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscriber_is_told_in_order_signed_and_as_it_selects() {
    on_both(|store| async move {
        let hub = hub(&store, PrivateAddresses::Allow).await;
        let (receiver, url) = Receiver::start().await;
        hub.push("zendesk", people(0..1)).await;
        let made = create(&hub, &support(), &url, json!(["RECORD_CREATED", "RECORD_UPDATED"])).await;
        assert_eq!(made["userErrors"], json!([]), "{made}");
        let secret = made["secret"].as_str().unwrap();
        assert!(secret.starts_with("onefold_whsec_"));
        for person in people(1..4) {
            hub.push("zendesk", vec![person]).await;
        }
        told(&hub, 3).await;
        let mut expected = ids(1..4);
        assert_eq!(receiver.told(), expected, "from now on, in the order of the log");
        hub.fold().await;
        let mut other = support_party(2);
        other["displayName"] = json!("Another Name");
        hub.push("zendesk", vec![put(RecordKind::Party, "users", "u2", other)]).await;
        hub.fold().await;
        told(&hub, 1).await;
        expected.push(ids(2..3).remove(0));
        assert_eq!(receiver.told(), expected, "customers that were folded are of kinds that nobody asked for");
        {
            let came = receiver.came.lock().unwrap();
            for came in came.iter() {
                assert_eq!(came.header("onefold-signature"), signature(secret, came));
                assert_eq!(came.header("onefold-delivery"), came.json()["cursor"]);
                assert_eq!(came.header("onefold-webhook"), made["webhook"]["id"]);
                assert_eq!(came.header("content-type"), "application/json");
                assert_eq!(came.json().as_object().unwrap().keys().collect::<Vec<_>>(), ["cursor", "data"]);
            }
            let last = came.last().unwrap().change();
            assert_eq!(
                (&last["kind"], &last["customer"]["displayName"]),
                (&json!("RECORD_UPDATED"), &json!("Another Name"))
            );
            assert!(came.iter().all(|came| came.header("onefold-signature") != signature("another", came)));
        }
        assert_eq!(webhooks_tell(&hub.schema, &hub.app).await.unwrap(), 0, "each once");
        let shown = listed(&hub, &support()).await;
        assert_eq!((shown.len(), &shown[0]["state"]), (1, &json!("ACTIVE")));
        let deliveries = shown[0]["deliveries"].as_array().unwrap();
        assert_eq!(deliveries.len(), 4);
        assert!(
            deliveries.iter().all(|one| one["state"] == "DELIVERED" && one["attempts"] == 1 && one["status"] == 204)
        );
        assert!(!Value::from(shown).to_string().contains(secret), "a secret is shown once");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_taken_comes_again_before_what_follows_it() {
    on_both(|store| async move {
        let hub = hub(&store, PrivateAddresses::Allow).await;
        let (receiver, url) = Receiver::start().await;
        create(&hub, &support(), &url, json!(["RECORD_CREATED"])).await;
        receiver.answer([500, 302, 429]);
        hub.push("zendesk", people(0..2)).await;
        let first = ids(0..2);
        told(&hub, 2).await;
        // A batch is written in the order of its ids.
        let seen = receiver.told();
        assert_eq!(seen.len(), 5);
        assert!(seen[..4].iter().all(|id| *id == seen[0]) && seen[4] != seen[0], "{seen:?}");
        assert!(first.contains(&seen[0]) && first.contains(&seen[4]));
        let deliveries = listed(&hub, &support()).await[0]["deliveries"].take();
        assert_eq!(deliveries[1]["attempts"], 4, "{deliveries}");
        assert_eq!((&deliveries[1]["state"], &deliveries[1]["reason"]), (&json!("DELIVERED"), &Value::Null));
        let signatures = receiver
            .came
            .lock()
            .unwrap()
            .iter()
            .map(|came| came.header("onefold-delivery").to_owned())
            .collect::<Vec<_>>();
        assert!(
            signatures[..4].iter().all(|cursor| *cursor == signatures[0]),
            "by this a receiver knows that it came before"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_takes_is_given_up_on_and_can_be_told_again() {
    on_both(|store| async move {
        let hub = hub(&store, PrivateAddresses::Allow).await;
        let (receiver, url) = Receiver::start().await;
        let made = create(&hub, &support(), &url, json!(["RECORD_CREATED"])).await;
        let id = &made["webhook"]["id"];
        receiver.answer([500; 12]);
        hub.push("zendesk", people(0..1)).await;
        hub.push("zendesk", people(1..2)).await;
        told(&hub, 1).await;
        let mut expected = vec![ids(0..1).remove(0); 12];
        expected.extend(ids(1..2));
        assert_eq!(receiver.told(), expected);
        let dead = "query { webhooks { deliveries(state: DEAD) { state attempts status reason } } }";
        let dead = hub.data(&support(), dead, json!({})).await["webhooks"][0]["deliveries"].take();
        assert_eq!(dead, json!([{"state": "DEAD", "attempts": 12, "status": 500, "reason": "it was refused"}]));

        let replay = "mutation($id: ID!, $after: String!) { webhookReplay(input: {id: $id, after: $after}) {
            webhook { cursor } userErrors { code } } }";
        let ahead = "Y2hhbmdlOjk5OTk5OQ";
        let refused = hub.data(&support(), replay, json!({"id": id, "after": ahead})).await["webhookReplay"].take();
        assert_eq!(refused["userErrors"][0]["code"], "INVALID_INPUT", "{refused}");
        let begun = hub.data(&support(), replay, json!({"id": id, "after": made["webhook"]["cursor"]})).await;
        assert_eq!(begun["webhookReplay"]["userErrors"], json!([]));
        told(&hub, 2).await;
        expected.extend(ids(0..2));
        assert_eq!(receiver.told(), expected);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_told_is_what_who_registered_may_see_at_that_moment() {
    on_both(|store| async move {
        let hub = hub(&store, PrivateAddresses::Allow).await;
        let (receiver, url) = Receiver::start().await;
        create(&hub, &marketing(), &url, json!(["RECORD_CREATED"])).await;
        let payment = json!({"customer": {"stream": "customers", "externalId": "c0"}, "status": "SUCCEEDED"});
        hub.push("stripe", vec![put(RecordKind::Payment, "payments", "p1", payment)]).await;
        hub.push("stripe", vec![put(RecordKind::Party, "customers", "c0", billing_party(0))]).await;
        told(&hub, 1).await;
        assert_eq!(receiver.told(), [record_id("stripe", "customers", "c0").to_string()], "Marketing sees no payments");

        // The policies change: nothing more is told, and who registered it sees why.
        hub.app.policies().replace(policies(&[("none.cedar", "// nobody may anything")]));
        hub.push("stripe", vec![put(RecordKind::Party, "customers", "c1", billing_party(1))]).await;
        let shown = until(&hub, &marketing(), |one| one["state"] == "ENDED").await;
        assert_eq!(receiver.told().len(), 1);
        assert!(shown[0]["stateReason"].as_str().unwrap().contains("may see neither customers nor records"));
        assert_eq!(webhooks_tell(&hub.schema, &hub.app).await.unwrap(), 0, "it ended for good");
        hub.app.policies().replace(policies(&default_policies(&departments())));
        assert_eq!(webhooks_tell(&hub.schema, &hub.app).await.unwrap(), 0, "also where the rights come back");

        create(&hub, &marketing(), &url, json!(["RECORD_CREATED"])).await;
        let mut tx = store.begin().await.unwrap();
        tx.execute("update outgoing_webhook set expires_at = created_at", args![]).await.unwrap();
        tx.commit().await.unwrap();
        let shown = until(&hub, &marketing(), |one| one["state"] == "ENDED").await;
        assert!(shown.iter().any(|one| one["stateReason"] == "its time is over: register another one"), "{shown:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn addresses_of_ones_own_network_are_neither_registered_nor_told() {
    on_both(|store| async move {
        let strict = hub(&store, PrivateAddresses::Refuse).await;
        let (receiver, url) = Receiver::start().await;
        for address in [
            url.as_str(),
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://169.254.169.254/latest",
            "https://10.0.0.1/",
        ] {
            let refused = create(&strict, &support(), address, Value::Null).await;
            assert_eq!((&refused["webhook"], &refused["secret"]), (&Value::Null, &Value::Null));
            assert_eq!(refused["userErrors"][0]["code"], "INVALID_INPUT", "{address}: {refused}");
        }
        // Registered while it was allowed, and told when it is not any more. A name is looked at when it is asked.
        let open = hub(&store, PrivateAddresses::Allow).await;
        create(&open, &support(), &url, Value::Null).await;
        create(&open, &support(), "https://localhost:1/hook", Value::Null).await;
        open.push("zendesk", people(0..1)).await;
        let tried = until(&strict, &support(), |one| one["failures"] != 0).await;
        assert!(receiver.told().is_empty());
        for shown in tried {
            let delivery = &shown["deliveries"][0];
            assert_eq!(
                (&delivery["state"], &delivery["reason"]),
                (&json!("RETRYING"), &json!("the address may not be asked"))
            );
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscriber_is_its_owners_and_is_paused_changed_and_forgotten() {
    on_both(|store| async move {
        let hub = hub(&store, PrivateAddresses::Allow).await;
        let (receiver, url) = Receiver::start().await;
        let made = create(&hub, &support(), &url, json!(["RECORD_CREATED"])).await;
        let id = made["webhook"]["id"].clone();
        let update = "mutation($id: ID!, $state: WebhookState, $renew: Boolean) {
            webhookUpdate(input: {id: $id, state: $state, renewSecret: $renew}) { webhook { state } secret userErrors { code } } }";
        let delete = "mutation($id: ID!) { webhookDelete(input: {id: $id}) { deletedId userErrors { code } } }";
        assert!(listed(&hub, &billing()).await.is_empty());
        let pause = json!({"id": id, "state": "PAUSED", "renew": false});
        let refused = hub.data(&billing(), update, pause.clone()).await["webhookUpdate"].take();
        assert_eq!((&refused["webhook"], &refused["userErrors"][0]["code"]), (&Value::Null, &json!("NOT_FOUND")));
        let refused = hub.data(&billing(), delete, json!({"id": id})).await["webhookDelete"].take();
        assert_eq!(refused["userErrors"][0]["code"], "NOT_FOUND");
        assert_eq!(listed(&hub, &everyone()).await.len(), 1, "who administers the hub sees whom it tells");

        assert_eq!(hub.data(&support(), update, pause).await["webhookUpdate"]["webhook"]["state"], "PAUSED");
        hub.push("zendesk", people(0..1)).await;
        assert_eq!(webhooks_tell(&hub.schema, &hub.app).await.unwrap(), 0);
        let resume = json!({"id": id, "state": "ACTIVE", "renew": true});
        let resumed = hub.data(&support(), update, resume).await["webhookUpdate"].take();
        let secret = resumed["secret"].as_str().unwrap();
        assert_ne!(secret, made["secret"].as_str().unwrap());
        told(&hub, 1).await;
        {
            let came = receiver.came.lock().unwrap();
            assert_eq!(came[0].header("onefold-signature"), signature(secret, &came[0]), "what waited, by the new secret");
        }
        receiver.answer([410]);
        hub.push("zendesk", people(1..2)).await;
        assert_eq!(webhooks_tell(&hub.schema, &hub.app).await.unwrap(), 0);
        assert!(listed(&hub, &support()).await[0]["stateReason"].as_str().unwrap().contains("410"));
        let ended = hub.data(&support(), update, json!({"id": id, "state": "ACTIVE", "renew": false})).await;
        assert_eq!(ended["webhookUpdate"]["userErrors"][0]["code"], "CONFLICT");
        assert_eq!(hub.data(&support(), delete, json!({"id": id})).await["webhookDelete"]["deletedId"], id);
        assert!(listed(&hub, &support()).await.is_empty());
        let audited = store.fetch("select action from audit where action like 'webhook.%' order by seq", args![]).await.unwrap();
        let actions: Vec<String> = audited.iter().map(|row| row.text(0).unwrap()).collect();
        assert_eq!(actions, ["webhook.create", "webhook.update", "webhook.update", "webhook.end", "webhook.delete"]);
    })
    .await;
}

#[tokio::test]
async fn what_is_no_subscription_to_changes_is_not_registered() {
    on_both(|store| async move {
        let hub = hub(&store, PrivateAddresses::Allow).await;
        for document in [
            "{ viewer { subject } }",
            "subscription { syncRun(id: \"x\") { id } }",
            "subscription { changes { id } more: changes { id } }",
            "subscription { changes { shoeSize } }",
            "subscription {",
        ] {
            let input = json!({"url": "https://hooks.example/", "document": document});
            let refusals = hub.refusals(&support(), CREATE, input).await;
            assert_eq!(refusals.len(), 1, "{document}");
            assert_eq!(refusals[0].0, "INVALID_INPUT", "{document}: {refusals:?}");
        }
        let input = json!({"url": "https://hooks.example/", "document": CHANGES, "variables": {"kinds": ["NO_SUCH"]}});
        assert_eq!(hub.refusals(&support(), CREATE, input).await[0].0, "INVALID_INPUT");
        let legal = hub
            .data(&actor(&["legal"], &[]), CREATE, json!({"url": "https://hooks.example/", "document": CHANGES}))
            .await;
        assert_eq!(legal["webhookCreate"]["userErrors"][0]["code"], "FORBIDDEN", "{legal}");
    })
    .await;
}
