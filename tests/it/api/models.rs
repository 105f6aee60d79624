//! Models of matching through the graph: train, look at the plan, put it in place; and who may.

use super::hub::*;
use super::story::filled;
use crate::harness::on_both;
use crate::identity::people::{crowd, customer, party};
use crate::store::dump::dump;
use crate::store::fixture::number;
use onefold::auth::{Actor, default_policies};
use onefold::identity::Identity;
use onefold::store::Store;
use serde_json::{Value, json};

const MODELS: &str = "{ matchModels { version records inPlace activatedAt } }";
const PLAN: &str = "query($version: String!) { matchModelPlan(version: $version) {
    version inPlace fingerprint merges splits regroupings unchanged examples { kind before after } } }";
const TRAIN: &str = "mutation { matchModelTrain { model { version records inPlace } userErrors { code message } } }";
const ACTIVATE: &str = "mutation($version: String!, $fingerprint: String!) {
    matchModelActivate(input: {version: $version, fingerprint: $fingerprint}) {
        plan { fingerprint merges splits } userErrors { code message } } }";

/// Who keeps every source running.
fn operator() -> Actor {
    actor(&["support"], &["operator"])
}

async fn frozen(store: &Store) -> Hub {
    let hub = Hub::with(store, policies(&default_policies(&departments())), Identity::default().frozen_from(1)).await;
    hub.push_all(crowd()).await;
    hub.app.fold_changes("system:test").await.unwrap();
    hub
}

async fn plan_of(hub: &Hub, who: &Actor, version: &str) -> Value {
    hub.data(who, PLAN, json!({"version": version})).await["matchModelPlan"].take()
}

async fn activate(hub: &Hub, who: &Actor, version: &str, fingerprint: &Value) -> Value {
    let variables = json!({"version": version, "fingerprint": fingerprint});
    hub.data(who, ACTIVATE, variables).await["matchModelActivate"].take()
}

#[tokio::test]
async fn a_model_is_trained_looked_at_and_put_in_place() {
    on_both(|store| async move {
        let hub = frozen(&store).await;
        let trained = hub.data(&operator(), TRAIN, json!({})).await["matchModelTrain"].take();
        assert_eq!(trained["userErrors"], json!([]));
        assert_eq!((&trained["model"]["version"], &trained["model"]["inPlace"]), (&json!("v1.2"), &json!(false)));

        let before = dump(&store).await;
        let plan = plan_of(&hub, &steward(), "v1.2").await;
        assert_eq!(dump(&store).await, before, "a plan writes nothing");
        assert_eq!((&plan["version"], &plan["inPlace"]), (&json!("v1.2"), &json!("v1.1")));
        let changes = ["merges", "splits", "regroupings"].map(|kind| plan[kind].as_u64().unwrap()).iter().sum::<u64>();
        assert_eq!(plan["examples"].as_array().unwrap().len() as u64, changes.min(10));

        let done = activate(&hub, &operator(), "v1.2", &plan["fingerprint"]).await;
        assert_eq!(done["userErrors"], json!([]));
        assert_eq!(done["plan"]["fingerprint"], plan["fingerprint"]);
        let report = hub.app.fold_changes("system:test").await.unwrap();
        assert_eq!((report.matching.model.as_str(), report.changed == 0), ("v1.2", changes == 0));
        let models = hub.data(&operator(), MODELS, json!({})).await["matchModels"].take();
        let in_place: Vec<&Value> = models.as_array().unwrap().iter().map(|model| &model["inPlace"]).collect();
        assert_eq!(in_place, [&json!(true), &json!(false)], "the latest first");
        let trained = number(&store, "select count(*) from audit where action = 'model.train'").await;
        let activated = number(&store, "select count(*) from audit where action = 'model.activate'").await;
        assert_eq!((trained, activated), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn a_model_that_was_put_in_place_is_folded_by_though_no_record_changed() {
    on_both(|store| async move {
        let hub = frozen(&store).await;
        hub.app.fold_soon();
        assert!(hub.app.fold_due().await.unwrap().is_none(), "nothing waits");
        hub.data(&operator(), TRAIN, json!({})).await;
        let plan = plan_of(&hub, &steward(), "v1.2").await;
        assert_eq!(activate(&hub, &operator(), "v1.2", &plan["fingerprint"]).await["userErrors"], json!([]));
        let folded = hub.app.fold_due().await.unwrap().expect("another model judges anew");
        assert_eq!(folded.matching.model, "v1.2");
        assert!(hub.app.fold_due().await.unwrap().is_none(), "once is enough");
    })
    .await;
}

#[tokio::test]
async fn a_plan_that_moved_is_refused_with_the_difference() {
    on_both(|store| async move {
        let hub = frozen(&store).await;
        hub.data(&operator(), TRAIN, json!({})).await;
        let plan = plan_of(&hub, &operator(), "v1.2").await;
        // Two records that the fold has not put together yet: with the fold they would be one customer.
        hub.push("stripe", vec![customer("moved", party("Xaver", "Quendler", "xaver@quendler.example"))]).await;
        hub.app.fold_changes("system:test").await.unwrap();
        hub.push("zendesk", vec![customer("moved", party("Xaver", "Quendler", "xaver@quendler.example"))]).await;
        let unmoved = activate(&hub, &operator(), "v1.2", &json!("m9-s9-r9-0011223344556677")).await;
        assert_eq!(unmoved["userErrors"][0]["code"], "PLAN_MOVED");
        let message = unmoved["userErrors"][0]["message"].as_str().unwrap();
        assert!(message.contains("it was 9 merges, 9 splits, 9 regroupings, it is"), "{message}");
        assert!(message.contains(unmoved["plan"]["fingerprint"].as_str().unwrap()), "{message}");
        assert_eq!(store.model_active().await.unwrap().as_deref(), Some("v1.1"), "nothing was put in place");
        assert_eq!(number(&store, "select count(*) from audit where action = 'model.activate'").await, 0);
        // What came since has nothing to do with the plan.
        let done = activate(&hub, &operator(), "v1.2", &plan["fingerprint"]).await;
        assert_eq!(done["userErrors"], json!([]), "{done}");
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_put_in_place_is_told_as_data() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        let nothing = hub.data(&operator(), TRAIN, json!({})).await["matchModelTrain"].take();
        assert_eq!((&nothing["model"], &nothing["userErrors"][0]["code"]), (&Value::Null, &json!("INVALID_INPUT")));
        let good = json!("m0-s0-r0-0011223344556677");
        for (version, fingerprint, code) in [("v9", &good, "NOT_FOUND"), ("v9", &json!("m0"), "INVALID_INPUT")] {
            let answer = activate(&hub, &operator(), version, fingerprint).await;
            assert_eq!((&answer["plan"], &answer["userErrors"][0]["code"]), (&Value::Null, &json!(code)), "{answer}");
        }
        let missing = hub.refusals(&operator(), PLAN, json!({"version": "v9"})).await;
        assert_eq!(missing[0].0, "NOT_FOUND");
        let many = "{ matchModelPlan(version: \"v9\", examples: 51) { version } }";
        assert_eq!(hub.refusals(&operator(), many, json!({})).await[0].0, "INVALID_INPUT");
    })
    .await;
}

#[tokio::test]
async fn models_are_for_those_who_answer_for_all_departments() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 1).await;
        for who in [billing(), support(), marketing()] {
            for (document, variables) in [(MODELS, json!({})), (PLAN, json!({"version": "v1.1"}))] {
                assert_eq!(hub.refusals(&who, document, variables).await[0].0, "FORBIDDEN", "{}", who.subject());
            }
        }
        // A steward may look, and not change.
        assert_eq!(hub.data(&steward(), MODELS, json!({})).await["matchModels"], json!([]));
        for who in [billing(), steward()] {
            let trained = hub.data(&who, TRAIN, json!({})).await["matchModelTrain"].take();
            assert_eq!((&trained["model"], &trained["userErrors"][0]["code"]), (&Value::Null, &json!("FORBIDDEN")));
            let done = activate(&hub, &who, "v1.1", &json!("m0-s0-r0-0011223344556677")).await;
            assert_eq!((&done["plan"], &done["userErrors"][0]["code"]), (&Value::Null, &json!("FORBIDDEN")));
        }
        assert!(store.model_list().await.unwrap().is_empty());
    })
    .await;
}
