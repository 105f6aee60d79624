//! Why two records are or are not of one customer, how a customer was formed, and what is withheld of it.

use super::hub::*;
use crate::harness::on_both;
use crate::identity::people::{customer, decide, party};
use onefold::identity::Identity;
use onefold_model::{NodeId, RecordId};
use serde_json::{Value, json};

const EXPLAIN: &str = "query($a: ID!, $b: ID!) { explainMatch(a: $a, b: $b) {
    leftRecord { id } rightRecord { id } left { id } right { id } together model prior
    evidence { attribute left right level weight rarity } withheld weight probability sentence foundBy
    wouldLink { better { attribute level } weight probability } decisions { id kind } autoMerge review } }";
const FORMED: &str = "query($id: ID!) { explainCustomer(id: $id) { customer { id } records { id } pairCount
    steps { recordCount decision { kind } pair { leftRecord { id } rightRecord { id } weight probability sentence } }
    weakestBridge { decision { kind } pair { weight } leftGroup { id } rightGroup { id } } } }";

async fn push(hub: &Hub, source: &str, key: &str, data: Value) -> RecordId {
    hub.push(source, vec![customer(key, data)]).await.results[0].id
}

fn graph_id(record: RecordId) -> String {
    NodeId::from(record).to_string()
}

async fn explained(hub: &Hub, who: &onefold::auth::Actor, a: RecordId, b: RecordId) -> Value {
    hub.data(who, EXPLAIN, json!({"a": graph_id(a), "b": graph_id(b)})).await["explainMatch"].take()
}

#[tokio::test]
async fn an_explanation_adds_up_to_the_score_bit_for_bit_whatever_the_pair() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        hub.push_all(crate::identity::people::crowd()).await;
        hub.fold().await;
        let records: Vec<RecordId> = store.party_list().await.unwrap().iter().map(|party| party.record).collect();
        let (mut linked, mut advised) = (0, 0);
        for (n, one) in records.iter().enumerate() {
            for other in &records[n + 1..] {
                let told = explained(&hub, &steward(), *other, *one).await;
                assert_eq!(told["withheld"], json!([]), "a steward reads all that is compared");
                let weights = told["evidence"].as_array().unwrap().iter().map(|line| line["weight"].as_f64().unwrap());
                let sum = weights.fold(told["prior"].as_f64().unwrap(), |sum, weight| sum + weight);
                let weight = told["weight"].as_f64().unwrap();
                assert_eq!(sum.to_bits(), weight.to_bits(), "{told}");
                assert!(!told["sentence"].as_str().unwrap().is_empty());
                let is_enough = told["probability"].as_f64() >= told["autoMerge"].as_f64();
                linked += usize::from(is_enough);
                let ways = told["wouldLink"].as_array().unwrap();
                advised += usize::from(!ways.is_empty());
                assert!(!is_enough || ways.is_empty(), "nothing lacks: {told}");
                assert!(ways.iter().all(|way| way["probability"].as_f64() >= told["autoMerge"].as_f64()), "{told}");
            }
        }
        assert!(linked > 5 && advised > 5, "{linked} {advised}");

        // The same figures as the queue has.
        let queue = "{ matchCandidates { nodes { weight leftRecord { id } rightRecord { id } } } }";
        let queue = hub.data(&steward(), queue, json!({})).await;
        for pair in queue["matchCandidates"]["nodes"].as_array().unwrap() {
            let ids = json!({"a": pair["rightRecord"]["id"], "b": pair["leftRecord"]["id"]});
            let told = hub.data(&steward(), EXPLAIN, ids).await["explainMatch"].take();
            assert_eq!((&told["weight"], &told["leftRecord"]), (&pair["weight"], &pair["leftRecord"]));
        }
    })
    .await;
}

#[tokio::test]
async fn an_explanation_says_what_stewards_decided_and_is_for_those_who_review() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        let ann = push(&hub, "stripe", "ann", party("Ann", "Archer", "ann@archer.example")).await;
        let bob = push(&hub, "zendesk", "bob", party("Robert", "Baker", "bob@baker.example")).await;
        let firm = json!({"kind": "ORGANIZATION", "displayName": "Baker Ltd", "legalName": "Baker Ltd"});
        let firm = push(&hub, "stripe", "firm", firm).await;
        hub.fold().await;
        let before = explained(&hub, &steward(), ann, bob).await;
        assert_eq!(
            (&before["together"], &before["foundBy"], &before["decisions"]),
            (&json!(false), &json!([]), &json!([]))
        );
        assert!(before["sentence"].as_str().unwrap().contains("never compared"), "{before}");
        let id = decide(&store, "LINK", ann, bob).await;
        hub.fold().await;
        let told = explained(&hub, &steward(), ann, bob).await;
        let decision = json!([{"id": NodeId::from(id).to_string(), "kind": "LINK"}]);
        assert_eq!((&told["together"], &told["decisions"]), (&json!(true), &decision));
        let kinds = explained(&hub, &steward(), ann, firm).await;
        assert!(kinds["sentence"].as_str().unwrap().contains("one is a person"), "{kinds}");
        assert_eq!(kinds["wouldLink"], json!([]));

        let unknown = RecordId(uuid::Uuid::from_u128(7));
        assert_eq!(explained(&hub, &steward(), ann, unknown).await, Value::Null);
        let same = json!({"a": graph_id(ann), "b": graph_id(ann)});
        assert_eq!(hub.refusals(&steward(), EXPLAIN, same).await[0].0, "INVALID_INPUT");
        for who in [billing(), support(), marketing()] {
            let answer = hub.ask(&who, EXPLAIN, json!({"a": graph_id(ann), "b": graph_id(bob)})).await;
            let is_told = !answer["data"]["explainMatch"].is_null();
            assert!(!is_told, "{}: {answer}", who.subject());
        }
    })
    .await;
}

/// A steward who reads everything but the day of birth, and of e-mail addresses a part.
const HALF: &str = r#"
    @id("rest") permit (principal, action == Onefold::Action::"read", resource)
    unless { resource in [Onefold::Field::"Customer.birthDate", Onefold::Field::"Customer.emails"] };
    @id("part") @mask("email") permit (principal, action == Onefold::Action::"readMasked", resource)
    when { resource in [Onefold::Field::"Customer.emails"] };
    @id("review") permit (principal, action == Onefold::Action::"review", resource);
"#;

/// A steward who reads everything.
const ALL: &str = r#"
    @id("all") permit (principal, action == Onefold::Action::"read", resource);
    @id("review") permit (principal, action == Onefold::Action::"review", resource);
"#;

#[tokio::test]
async fn what_may_not_be_read_whole_is_told_by_no_level_and_by_no_sum() {
    on_both(|store| async move {
        let identity = Identity::default();
        let all = Hub::with(&store, policies(&[("all.cedar", ALL)]), identity).await;
        let person = |mail: &str, born: &str| {
            let mut data = party("Ann", "Archer", mail);
            data["birthDate"] = json!(born);
            data
        };
        let one = push(&all, "stripe", "1", person("ann@archer.example", "1984-02-03")).await;
        let same = push(&all, "zendesk", "1", person("ann@archer.example", "1984-02-03")).await;
        let other = push(&all, "mailchimp", "1", person("else@where.example", "1971-09-09")).await;
        all.fold().await;
        assert!(explained(&all, &steward(), one, same).await["weight"].is_number());
        let half = all.under(policies(&[("half.cedar", HALF)])).await;
        let told = [explained(&half, &steward(), one, same).await, explained(&half, &steward(), one, other).await];
        for told in &told {
            assert_eq!(told["withheld"], json!(["BIRTH_DATE", "EMAIL", "DOMAIN"]));
            for field in ["weight", "probability", "sentence", "foundBy", "wouldLink"] {
                assert_eq!(told[field], Value::Null, "{field}");
            }
            let attributes: Vec<&str> =
                told["evidence"].as_array().unwrap().iter().map(|line| line["attribute"].as_str().unwrap()).collect();
            assert_eq!(attributes, ["GIVEN_NAME", "FAMILY_NAME"]);
        }
        assert_eq!(told[0]["evidence"], told[1]["evidence"], "what is hidden makes no difference");

        let id = half.customer(one).await;
        let formed = half.data(&steward(), FORMED, json!({"id": id.to_string()})).await["explainCustomer"].take();
        assert_eq!((&formed["weakestBridge"], &formed["steps"][0]["pair"]["weight"]), (&Value::Null, &Value::Null));
    })
    .await;
}

#[tokio::test]
async fn a_customer_tells_how_it_was_formed_and_where_it_would_break() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        let ann = push(&hub, "stripe", "ann", party("Ann", "Archer", "ann@archer.example")).await;
        let twin = push(&hub, "zendesk", "ann", party("Ann", "Archer", "ann@archer.example")).await;
        let far = push(&hub, "mailchimp", "far", party("Annabel", "Smith", "office@smith.example")).await;
        hub.fold().await;
        decide(&store, "LINK", ann, far).await;
        hub.fold().await;
        let id = hub.customer(ann).await;
        let formed = hub.data(&steward(), FORMED, json!({"id": id.to_string()})).await["explainCustomer"].take();
        assert_eq!(formed["records"].as_array().unwrap().len(), 3);
        let steps = formed["steps"].as_array().unwrap();
        assert_eq!(
            (steps.len(), &steps[0]["decision"]["kind"], &steps[1]["decision"]),
            (2, &json!("LINK"), &Value::Null)
        );
        assert_eq!((&steps[0]["recordCount"], &steps[1]["recordCount"]), (&json!(2), &json!(3)));
        let (one, other) = (ann.min(twin), ann.max(twin));
        assert_eq!(
            (&steps[1]["pair"]["leftRecord"]["id"], &steps[1]["pair"]["rightRecord"]["id"]),
            (&json!(graph_id(one)), &json!(graph_id(other)))
        );
        let bridge = &formed["weakestBridge"];
        assert_eq!((&bridge["decision"], &bridge["pair"]["weight"]), (&Value::Null, &steps[1]["pair"]["weight"]));
        let groups = [&bridge["leftGroup"], &bridge["rightGroup"]].map(|group| group.as_array().unwrap().len());
        assert_eq!(groups.iter().sum::<usize>(), 3);
        assert!(groups.contains(&1), "the twin falls off: {formed}");

        for who in [billing(), support()] {
            let answer = hub.ask(&who, FORMED, json!({"id": id.to_string()})).await;
            assert!(answer["data"]["explainCustomer"].is_null(), "{}: {answer}", who.subject());
        }
    })
    .await;
}
