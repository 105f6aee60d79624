//! Survivorship rules of the configuration: a plan until they are put in place, and then values without a record loaded again.

use super::hub::*;
use crate::harness::on_both;
use crate::identity::people::{customer, party};
use crate::store::fixture::number;
use onefold::auth::{Actor, default_policies};
use onefold::config::{SurvivorshipConfig, SurvivorshipRule};
use onefold::identity::{Identity, SurvivorshipRules, survivorship_rules};
use onefold::store::Store;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const PREVIEW: &str =
    "{ survivorshipPreview(sample: 10) { fingerprint inPlace customerCount fields { path customerCount }
    sample { customer path before after } } }";
const APPLY: &str = "mutation($input: SurvivorshipApplyInput!) { survivorshipApply(input: $input) {
    plan { fingerprint customerCount inPlace } userErrors { code message } } }";

/// The names of Support count first.
async fn support_first(store: &Store) -> SurvivorshipRules {
    let config = SurvivorshipConfig {
        sources: vec!["zendesk".to_owned(), "stripe".to_owned()],
        fields: BTreeMap::from([("displayName".to_owned(), vec![SurvivorshipRule::SourcePriority])]),
        otherwise: None,
    };
    survivorship_rules(&config, &store.source_list().await.unwrap()).unwrap()
}

async fn under(store: &Store, rules: SurvivorshipRules) -> Hub {
    let identity = Identity::default().with_survivorship(rules);
    Hub::with(store, policies(&default_policies(&departments())), identity).await
}

/// Two whom both systems know, Billing by the longer name, and one whom one system has.
async fn people(hub: &Hub) {
    for (n, (ours, theirs)) in [("Annabel Archer", "Ann Archer"), ("Robert Baker", "Rob Baker")].iter().enumerate() {
        for (source, name) in [("stripe", ours), ("zendesk", theirs)] {
            let (given, family) = name.split_once(' ').unwrap();
            let mut data = party(given, family, &format!("{n}@same.example"));
            data["phones"] = json!([{"e164": format!("+43660000000{n}"), "original": "x"}]);
            data["birthDate"] = json!("1980-05-06");
            hub.push(source, vec![customer(&format!("{n}"), data)]).await;
        }
    }
    hub.push("stripe", vec![customer("far", party("Zoe", "Zander", "zoe@zander.example"))]).await;
    hub.fold().await;
}

async fn names(hub: &Hub, who: &Actor) -> Value {
    let ask = "{ customers(orderBy: NAME_ASC) { nodes { displayName version } } }";
    hub.data(who, ask, json!({})).await["customers"]["nodes"].take()
}

/// Who administers and reviews everything.
fn operator() -> Actor {
    actor(&["billing", "support", "marketing"], &["operator", "steward"])
}

#[tokio::test]
async fn rules_are_a_plan_until_they_are_put_in_place_and_no_record_is_loaded_again() {
    on_both(|store| async move {
        let first = Hub::open(&store).await;
        people(&first).await;
        let before = names(&first, &operator()).await;
        let shown = |names: &Value| -> Vec<String> {
            names.as_array().unwrap().iter().map(|one| one["displayName"].as_str().unwrap().to_owned()).collect()
        };
        let versions = number(&store, "select count(*) from record_version").await;

        let hub = under(&store, support_first(&store).await).await;
        // Its clock begins anew, and time does not.
        let last = first.app.clock().now();
        while hub.app.clock().now() <= last {}
        assert_eq!(names(&hub, &operator()).await, before, "the rules of the configuration do not hold by themselves");
        let plan = hub.data(&operator(), PREVIEW, json!({})).await["survivorshipPreview"].take();
        assert_eq!((&plan["inPlace"], &plan["customerCount"]), (&json!(false), &json!(2)), "{plan}");
        let of_names = json!({"path": "displayName", "customerCount": 2});
        assert!(plan["fields"].as_array().unwrap().contains(&of_names), "{plan}");
        let name = |change: &&Value| change["path"] == "displayName";
        let change = plan["sample"].as_array().unwrap().iter().find(name).unwrap();
        let two = [json!("Ann Archer"), json!("Rob Baker")];
        assert!(two.contains(&change["after"]) && !two.contains(&change["before"]), "{change}");
        assert_eq!(names(&hub, &operator()).await, before, "looking changes nothing");

        let apply = async |who: &Actor, fingerprint: &Value| {
            let input = json!({"input": {"fingerprint": fingerprint}});
            hub.data(who, APPLY, input).await["survivorshipApply"].take()
        };
        for who in [billing(), steward()] {
            assert_eq!(apply(&who, &plan["fingerprint"]).await["userErrors"][0]["code"], "FORBIDDEN");
        }
        assert_eq!(hub.refusals(&billing(), PREVIEW, json!({})).await[0].0, "FORBIDDEN");
        assert_eq!(apply(&operator(), &json!("x")).await["userErrors"][0]["code"], "INVALID_INPUT");
        let other = json!("000000000000-000000000000-000000000000-000000000000");
        let moved = apply(&operator(), &other).await;
        assert_eq!(moved["userErrors"][0]["code"], "PLAN_MOVED", "{moved}");
        assert_eq!(moved["plan"]["fingerprint"], plan["fingerprint"]);
        assert_eq!(names(&hub, &operator()).await, before, "a refusal changes nothing");

        let early = hub.app.clock().now();
        let done = apply(&operator(), &plan["fingerprint"]).await;
        assert_eq!((&done["userErrors"], &done["plan"]["customerCount"]), (&json!([]), &json!(2)), "{done}");
        assert_eq!(shown(&names(&hub, &operator()).await), ["Ann Archer", "Rob Baker", "Zoe Zander"]);
        assert_eq!(number(&store, "select count(*) from record_version").await, versions, "no record came again");
        assert_eq!(number(&store, "select count(*) from audit where action = 'survivorship.apply'").await, 1);
        assert_eq!(hub.app.rebuild("system:test", |_, _| {}).await.unwrap().customers_changed, 0);
        let again = hub.data(&operator(), PREVIEW, json!({})).await["survivorshipPreview"].take();
        assert_eq!((&again["inPlace"], &again["customerCount"]), (&json!(true), &json!(0)));
        assert_eq!(apply(&operator(), &plan["fingerprint"]).await["userErrors"], json!([]), "safe to repeat");

        // Where another process has them, and what was shown before they held.
        let elsewhere = under(&store, support_first(&store).await).await;
        assert_eq!(shown(&names(&elsewhere, &operator()).await), ["Ann Archer", "Rob Baker", "Zoe Zander"]);
        let ids = hub.data(&operator(), "{ customers(orderBy: NAME_ASC) { nodes { id } } }", json!({})).await;
        let id = &ids["customers"]["nodes"][0]["id"];
        let past = format!("{{ customer(id: {id}, knownAt: {}) {{ displayName }} }}", json!(early));
        let past = hub.data(&operator(), &past, json!({})).await;
        assert_eq!(past["customer"]["displayName"], shown(&before)[0], "the rules of the time");
    })
    .await;
}

#[tokio::test]
async fn a_store_without_customers_begins_with_the_rules_of_the_configuration() {
    on_both(|store| async move {
        // The sources first, which the rules name.
        Hub::open(&store).await;
        let hub = under(&store, support_first(&store).await).await;
        people(&hub).await;
        let listed = names(&hub, &operator()).await;
        assert_eq!(listed[0]["displayName"], "Ann Archer", "by default the longer name is shown: {listed}");
        assert_eq!(number(&store, "select count(*) from survivorship").await, 1);
    })
    .await;
}
