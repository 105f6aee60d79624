//! Subscriptions: what is told, to whom, in which order, and how they end.

use super::audit::officer;
use super::hub::*;
use super::rights_walk::SEES_ALL;
use super::story::{billing_party, filled, history, party_id, person, run_id, run_that_failed};
use crate::harness::on_both;
use async_graphql::Request;
use futures_util::future::BoxFuture;
use onefold::app::{IngestRecord, Session};
use onefold::auth::Actor;
use onefold::config::Secret;
use onefold::graphql::{self, Ended, Live, Standing, Told};
use onefold::store::{ChangeKind, ChangeRow};
use onefold_model::RecordKind;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Generous: a machine under load is slow, and what comes late has come.
const PATIENCE: Duration = Duration::from_mins(3);

const CHANGES: &str = "subscription($after: String, $from: ChangeStart! = BEGINNING) {
    changes(after: $after, from: $from) { cursor kind id otherId at node { id } customer { id displayName } } }";

/// Somebody who asks, until they may not any more.
pub(crate) struct Asker {
    hub: Arc<onefold::app::App>,
    who: Actor,
    ended: Mutex<Option<Ended>>,
}

impl Asker {
    pub(crate) fn new(hub: &Hub, who: &Actor) -> Arc<Self> {
        Arc::new(Self { hub: Arc::clone(&hub.app), who: who.clone(), ended: Mutex::default() })
    }

    fn end(&self, code: &'static str) {
        *self.ended.lock().unwrap() = Some(Ended { code, message: "it is over".to_owned() });
    }
}

impl Standing for Asker {
    fn session(&self) -> BoxFuture<'_, Result<Session, Ended>> {
        Box::pin(async {
            match self.ended.lock().unwrap().clone() {
                Some(ended) => Err(ended),
                None => Ok(self.hub.session(self.who.clone())),
            }
        })
    }
}

pub(crate) fn subscribe(hub: &Hub, asker: &Arc<Asker>, document: &str, variables: Value) -> Live {
    let Value::Object(variables) = variables else { panic!("variables are an object") };
    let request = Request::new(document).variables(graphql::variables(variables));
    let standing: Arc<dyn Standing> = Arc::<Asker>::clone(asker);
    Live::new(hub.schema.clone(), standing, request, None)
}

/// What is told next. None where it is complete; an error is its code.
async fn next(live: &mut Live) -> Option<Result<Value, String>> {
    let told = tokio::time::timeout(PATIENCE, live.next()).await.expect("something is told in time")?;
    Some(match told {
        Told::Answer(response, _) => Ok(serde_json::to_value(&response).unwrap()),
        Told::Refused(errors) => {
            let error = serde_json::to_value(&errors[0]).unwrap();
            Err(error["extensions"]["code"].as_str().unwrap_or_default().to_owned())
        }
    })
}

/// The next `count` changes.
async fn changes(live: &mut Live, count: usize) -> Vec<Value> {
    let mut told = Vec::new();
    while told.len() < count {
        let mut answer = next(live).await.expect("it goes on").expect("it is answered");
        assert_eq!(answer.get("errors"), None, "{answer}");
        told.push(answer["data"]["changes"].take());
    }
    told
}

/// The entries of the log whose object this caller is shown when asking for it by its id.
async fn visible(hub: &Hub, who: &Actor) -> Vec<ChangeRow> {
    let mut visible = Vec::new();
    for row in hub.app.store().change_list(0, 10_000).await.unwrap() {
        let node = hub.data(who, "query($id: ID!) { node(id: $id) { id } }", json!({"id": row.node.to_string()})).await;
        if !node["node"].is_null() {
            visible.push(row);
        }
    }
    visible
}

fn told_of(changes: &[Value]) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    changes.iter().map(|change| (text(&change["kind"]), text(&change["id"]))).collect()
}

fn log_of(rows: &[ChangeRow]) -> Vec<(String, String)> {
    rows.iter().map(|row| (row.kind.as_str().to_owned(), row.node.to_string())).collect()
}

#[tokio::test]
async fn changes_are_told_in_order_and_only_of_what_the_caller_sees() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 2).await;
        let mut hidden = Vec::new();
        let all = [everyone(), billing(), marketing(), support(), actor(&["nowhere"], &["steward"])];
        for (place, who) in all.into_iter().enumerate() {
            let whole = store.change_list(0, 10_000).await.unwrap().len();
            let expected = visible(&hub, &who).await;
            hidden.push(whole - expected.len());
            if expected.is_empty() {
                continue;
            }
            let mut live = subscribe(&hub, &Asker::new(&hub, &who), CHANGES, json!({}));
            let told = changes(&mut live, expected.len()).await;
            assert_eq!(told_of(&told), log_of(&expected), "{}", who.subject());
            // The next that is told is something new, and nothing that was held back.
            hub.push_all(person(10 + place)).await;
            let next = changes(&mut live, 1).await.remove(0);
            assert_eq!(next["kind"], "RECORD_CREATED", "{next}");
        }
        assert!(hidden[0] == 0 && hidden[1..].iter().any(|hidden| *hidden > 0), "{hidden:?}");
    })
    .await;
}

#[tokio::test]
async fn a_connection_that_broke_goes_on_behind_its_cursor() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 2).await;
        let asker = Asker::new(&hub, &everyone());
        let count = store.change_list(0, 10_000).await.unwrap().len();
        let whole = changes(&mut subscribe(&hub, &asker, CHANGES, json!({})), count).await;
        for broke_after in [1, count / 2, count - 1] {
            let cursor = whole[broke_after - 1]["cursor"].as_str().unwrap().to_owned();
            let after = json!({"after": cursor, "from": "NOW"});
            let rest = changes(&mut subscribe(&hub, &asker, CHANGES, after), count - broke_after).await;
            assert_eq!(told_of(&rest), told_of(&whole[broke_after..]));
            // The header of a browser goes before the argument.
            let request = Request::new("subscription { changes { id kind } }");
            let standing: Arc<dyn Standing> = Arc::<Asker>::clone(&asker);
            let mut live = Live::new(hub.schema.clone(), standing, request, Some(cursor));
            assert_eq!(told_of(&changes(&mut live, 1).await), told_of(&whole[broke_after..=broke_after]));
        }
        for (variables, code) in [
            (json!({"after": "garbage", "from": "NOW"}), "INVALID_INPUT"),
            (json!({"after": whole[0]["cursor"], "from": "BEGINNING"}), "INVALID_INPUT"),
            (json!({"after": "Y2hhbmdlOjk5OTk5OTk5", "from": "NOW"}), "CURSOR_AHEAD"),
        ] {
            let refused = next(&mut subscribe(&hub, &asker, CHANGES, variables)).await;
            assert_eq!(refused, Some(Err(code.to_owned())));
        }
    })
    .await;
}

/// Somebody whom nobody knows yet.
fn somebody_new(n: usize) -> IngestRecord {
    let mut data = billing_party(3 + n % 20);
    let address = format!("new.{n}@example.com");
    data["emails"] = json!([{"address": address, "original": address, "primary": true}]);
    data["phones"] = json!([]);
    put(RecordKind::Party, "customers", &format!("new{n}"), data)
}

#[tokio::test]
async fn what_happens_from_now_on_is_told_to_whoever_waits() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 1).await;
        let asker = Asker::new(&hub, &everyone());
        let mut live = subscribe(&hub, &asker, CHANGES, json!({"from": "NOW"}));
        let waits = tokio::spawn(async move { changes(&mut live, 2).await });
        let mut created = subscribe(
            &hub,
            &asker,
            "subscription { changes(kinds: [CUSTOMER_CREATED]) { kind customer { displayName } } }",
            json!({}),
        );
        let waits_too = tokio::spawn(async move { changes(&mut created, 1).await });
        // Until both have begun, what is pushed is before them.
        for n in 0.. {
            if waits.is_finished() && waits_too.is_finished() {
                break;
            }
            hub.push("stripe", vec![somebody_new(n)]).await;
            hub.fold().await;
            tokio::task::yield_now().await;
        }
        assert!(waits.await.unwrap().iter().all(|change| change["id"].is_string()));
        assert_eq!(waits_too.await.unwrap()[0]["kind"], "CUSTOMER_CREATED");
    })
    .await;
}

#[tokio::test]
async fn a_subscription_ends_with_the_reason_when_rights_end() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 2).await;
        let asker = Asker::new(&hub, &everyone());
        let mut live = subscribe(&hub, &asker, CHANGES, json!({}));
        changes(&mut live, 1).await;
        asker.end("TOKEN_EXPIRED");
        assert_eq!(next(&mut live).await, Some(Err("TOKEN_EXPIRED".to_owned())));
        assert_eq!(next(&mut live).await, None, "nothing comes after the end");

        let mut live = subscribe(&hub, &Asker::new(&hub, &everyone()), CHANGES, json!({}));
        changes(&mut live, 1).await;
        let nothing = policies(&[("none.cedar", "// nobody may anything")]);
        hub.app.policies().replace(nothing);
        assert_eq!(next(&mut live).await, Some(Err("RIGHTS_ENDED".to_owned())), "of what waited nothing is told");
        let refused = next(&mut subscribe(&hub, &Asker::new(&hub, &everyone()), CHANGES, json!({}))).await;
        assert_eq!(refused, Some(Err("FORBIDDEN".to_owned())));
    })
    .await;
}

/// What waits to be told was seen under other policies.
#[tokio::test]
async fn a_policy_that_is_replaced_counts_from_the_next_event_on() {
    on_both(|store| async move {
        let all = policies(&[("all.cedar", format!("{SEES_ALL};"))]);
        let hub = Hub::with(&store, all, onefold::identity::Identity::default()).await;
        filled(&hub, 2).await;
        let who = marketing();
        let before = visible(&hub, &who).await;
        let mut live = subscribe(&hub, &Asker::new(&hub, &who), CHANGES, json!({}));
        assert_eq!(told_of(&changes(&mut live, 1).await), log_of(&before[..1]));
        hub.app.policies().replace(policies(&onefold::auth::default_policies(&departments())));
        let mut after = visible(&hub, &who).await;
        after.retain(|row| row.seq > before[0].seq);
        assert!(!after.is_empty() && after.len() < before.len() - 1, "{} of {}", after.len(), before.len());
        assert_eq!(told_of(&changes(&mut live, after.len()).await), log_of(&after));
    })
    .await;
}

#[tokio::test]
async fn whoever_keeps_a_copy_hears_of_an_erasure_and_nobody_else() {
    on_both(|store| async move {
        let store = store.with_erasure(&Secret::new("a secret of the tests, of more than 32 bytes")).unwrap();
        let hub = Hub::open(&store).await;
        hub.push_all(person(0).into_iter().chain(history(0))).await;
        // Somebody whom Support alone knows.
        let known_to_support = person(1).into_iter().filter(|(source, _)| *source == "zendesk");
        hub.push_all(known_to_support).await;
        hub.fold().await;
        let alone = hub.customer(party_id("zendesk", 1)).await;
        let before = store.change_last().await.unwrap();
        let everybody = [support(), billing(), marketing(), actor(&["nowhere"], &[]), actor(&["nowhere"], &["steward"])];
        let mut knew = Vec::new();
        for who in &everybody {
            knew.push(!hub.customer_doc(who, alone, "id").await.is_null());
        }
        assert!(knew[0] && knew.contains(&false), "{knew:?}");
        let erase = "mutation($input: PrivacyEraseInput!) { privacyErase(input: $input) { fingerprint isErased userErrors { message } } }";
        let by_id = json!({"customer": alone.to_string()});
        let mut plan = hub.data(&officer(), erase, json!({"input": by_id})).await;
        let apply = json!({"customer": alone.to_string(), "apply": plan["privacyErase"]["fingerprint"].take()});
        let done = hub.data(&officer(), erase, json!({"input": apply})).await;
        assert_eq!(done["privacyErase"]["isErased"], json!(true), "{done}");
        let rows = store.change_list(before, 1000).await.unwrap();
        assert!(rows.iter().all(|row| row.source.is_some() || row.kind != ChangeKind::CustomerErased), "{rows:?}");
        let document = "subscription { changes(from: BEGINNING, kinds: [CUSTOMER_ERASED]) { kind id node { id } customer { id } } }";
        let told = changes(&mut subscribe(&hub, &Asker::new(&hub, &support()), document, json!({})), 1).await;
        assert_eq!(told[0], json!({"kind": "CUSTOMER_ERASED", "id": alone.to_string(), "node": null, "customer": null}));
        for (who, knew) in everybody.into_iter().zip(knew) {
            let (name, session) = (who.subject().to_owned(), hub.app.session(who));
            let step = session.change_step(before, &onefold::app::ChangeAsk::default()).await.unwrap();
            let erased = step.told.iter().filter(|view| view.kind == ChangeKind::CustomerErased).count();
            assert_eq!(erased, usize::from(knew), "{name} is told once, or never");
        }
    })
    .await;
}

#[tokio::test]
async fn a_run_is_told_until_its_end() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        run_that_failed(&store, "stripe", run_id("stripe"), "the system said no").await;
        let document = "subscription($id: ID!) { syncRun(id: $id) { id state streams { stream read } } }";
        let id = json!({"id": run_id("stripe").to_string()});
        let mut live = subscribe(&hub, &Asker::new(&hub, &everyone()), document, id.clone());
        let told = next(&mut live).await.unwrap().unwrap();
        assert_eq!(told["data"]["syncRun"]["id"], id["id"]);
        assert_ne!(told["data"]["syncRun"]["state"], "RUNNING");
        assert_eq!(next(&mut live).await, None, "it is complete");
        let nobody = actor(&["nowhere"], &[]);
        for (who, id) in [(&nobody, id), (&everyone(), json!({"id": run_id("nothing").to_string()}))] {
            let refused = next(&mut subscribe(&hub, &Asker::new(&hub, who), document, id)).await;
            assert_eq!(refused, Some(Err("NOT_FOUND".to_owned())));
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_no_subscription_answers_once_and_what_is_wrong_is_refused() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        let asker = Asker::new(&hub, &billing());
        let mut live = subscribe(&hub, &asker, "{ viewer { departments } }", json!({}));
        assert_eq!(next(&mut live).await.unwrap().unwrap()["data"], json!({"viewer": {"departments": ["billing"]}}));
        assert_eq!(next(&mut live).await, None);
        for document in
            ["{ nosuch }", "subscription { nosuch }", "subscription { a: changes { id } b: changes { id } }", "{"]
        {
            let refused = next(&mut subscribe(&hub, &asker, document, json!({}))).await;
            assert_eq!(refused, Some(Err("INVALID_DOCUMENT".to_owned())), "{document}");
        }
        let sent_once = hub.refusals(&billing(), "subscription { changes { id } }", json!({})).await;
        assert_eq!(sent_once[0].0, "SUBSCRIPTION_NEEDS_STREAM");
    })
    .await;
}
