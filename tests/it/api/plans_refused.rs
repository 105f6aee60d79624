//! Plans that make no sense: told as data, and nothing is changed.

use super::hub::*;
use super::plans::{Desk, graph_id};
use crate::harness::on_both;
use crate::identity::people::party;
use crate::store::dump::dump;
use onefold::config::Secret;
use onefold_model::{CustomerId, NodeId, RecordId};
use serde_json::{Value, json};
use uuid::Uuid;

#[tokio::test]
async fn merging_what_cannot_be_one_is_refused_and_changes_nothing() {
    on_both(|store| async move {
        let desk = Desk::open(&store).await;
        let ann = desk.push("stripe", "ann", party("Ann", "Archer", "ann@archer.example")).await;
        let bob = desk.push("zendesk", "bob", party("Bob", "Baker", "bob@baker.example")).await;
        let firm = json!({"kind": "ORGANIZATION", "displayName": "Baker Ltd", "legalName": "Baker Ltd"});
        let firm = desk.push("stripe", "firm", firm).await;
        desk.hub.fold().await;
        let never = crate::identity::people::decide(&store, "NEVER_LINK", ann, bob).await;
        desk.hub.fold().await;
        let id = async |record| desk.of(record).await.to_string();
        let (ann, bob, firm) = (id(ann).await, id(bob).await, id(firm).await);
        let unknown = CustomerId(Uuid::from_u128(7)).to_string();
        // What a preview folds first is folded.
        desk.hub.app.fold_changes("system:test").await.unwrap();
        let before = dump(&store).await;
        for (asked, code) in [
            (vec![ann.clone()], "INVALID_INPUT"),
            (vec![ann.clone(), ann.clone()], "INVALID_INPUT"),
            (vec![ann.clone(), firm.clone()], "INVALID_INPUT"),
            (vec![ann.clone(), unknown.clone()], "NOT_FOUND"),
            (vec![ann.clone(), bob.clone()], "CONFLICT"),
        ] {
            let seen = desk.merge_preview(&steward(), &asked).await;
            assert_eq!((&seen["userErrors"][0]["code"], &seen["preview"]), (&json!(code), &Value::Null), "{asked:?}");
            let any = json!("000000000000-000000000000-000000000000-000000000000");
            let done = desk.merge(&steward(), &asked, &any, "because", &format!("{asked:?}")[..20]).await;
            assert_eq!((&done["userErrors"][0]["code"], &done["plan"]), (&json!(code), &Value::Null), "{done}");
        }
        let conflict = desk.merge_preview(&steward(), &[ann.clone(), bob.clone()]).await;
        let message = conflict["userErrors"][0]["message"].as_str().unwrap();
        assert!(message.contains(&NodeId::from(never).to_string()), "the decision that stands: {message}");
        let garbage = desk.merge(&steward(), &[ann.clone(), bob], &json!("garbage"), "because", "g").await;
        assert_eq!(garbage["userErrors"][0]["code"], "INVALID_INPUT");
        let silent = desk.merge(&steward(), &[ann, firm], &json!("x"), "because", " ").await;
        assert_eq!(silent["userErrors"][0]["code"], "INVALID_INPUT", "an idempotency key is needed");
        assert_eq!(dump(&store).await, before);
    })
    .await;
}

#[tokio::test]
async fn an_erased_customer_is_merged_with_nobody() {
    on_both(|store| async move {
        let store = store.with_erasure(&Secret::new("a secret of the tests, of more than 32 bytes")).unwrap();
        let desk = Desk::open(&store).await;
        let ann = desk.push("stripe", "ann", party("Ann", "Archer", "ann@archer.example")).await;
        let bob = desk.push("zendesk", "bob", party("Bob", "Baker", "bob@baker.example")).await;
        desk.hub.fold().await;
        let asked = [desk.of(ann).await.to_string(), desk.of(bob).await.to_string()];
        let privacy = actor(&["support"], &["privacy"]);
        let erase =
            "mutation($input: PrivacyEraseInput!) { privacyErase(input: $input) { fingerprint userErrors { code } } }";
        let ask = json!({"input": {"email": "bob@baker.example"}});
        let plan = desk.hub.data(&privacy, erase, ask).await["privacyErase"]["fingerprint"].take();
        let ask = json!({"input": {"email": "bob@baker.example", "apply": plan}});
        let erased = desk.hub.data(&privacy, erase, ask).await;
        assert_eq!(erased["privacyErase"]["userErrors"], json!([]), "{erased}");
        let seen = desk.merge_preview(&steward(), &asked).await;
        assert_eq!((&seen["userErrors"][0]["code"], &seen["preview"]), (&json!("ERASED"), &Value::Null), "{seen}");
    })
    .await;
}

#[tokio::test]
async fn splitting_what_is_not_there_is_refused_and_changes_nothing() {
    on_both(|store| async move {
        let desk = Desk::open(&store).await;
        let ann = desk.push("stripe", "ann", party("Ann", "Archer", "ann@archer.example")).await;
        let twin = desk.push("zendesk", "ann", party("Ann", "Archer", "ann@archer.example")).await;
        let bob = desk.push("zendesk", "bob", party("Bob", "Baker", "bob@baker.example")).await;
        desk.hub.fold().await;
        let whole = desk.of(ann).await.to_string();
        let unknown = CustomerId(Uuid::from_u128(7)).to_string();
        let nobody = graph_id(RecordId(Uuid::from_u128(7)));
        let (ann, twin, bob) = (graph_id(ann), graph_id(twin), graph_id(bob));
        desk.hub.app.fold_changes("system:test").await.unwrap();
        let before = dump(&store).await;
        for (customer, groups, code) in [
            (&unknown, vec![vec![ann.clone()]], "NOT_FOUND"),
            (&whole, vec![], "INVALID_INPUT"),
            (&whole, vec![vec![]], "INVALID_INPUT"),
            (&whole, vec![vec![ann.clone(), twin.clone()]], "INVALID_INPUT"),
            (&whole, vec![vec![ann.clone()], vec![ann.clone()]], "INVALID_INPUT"),
            (&whole, vec![vec![bob.clone()]], "NOT_FOUND"),
            (&whole, vec![vec![nobody.clone()]], "NOT_FOUND"),
        ] {
            let seen = desk.split_preview(&steward(), customer, &groups).await;
            assert_eq!(
                (&seen["userErrors"][0]["code"], &seen["preview"]),
                (&json!(code), &Value::Null),
                "{groups:?}: {seen}"
            );
        }
        let missing =
            desk.undo(&steward(), &json!(NodeId::from(onefold_model::PlanId(Uuid::from_u128(7))).to_string())).await;
        assert_eq!(missing["userErrors"][0]["code"], "NOT_FOUND");
        assert_eq!(dump(&store).await, before);
    })
    .await;
}

#[tokio::test]
async fn plans_are_for_those_who_review_for_all_departments_of_their_records() {
    on_both(|store| async move {
        let desk = Desk::open(&store).await;
        let ann = desk.push("stripe", "ann", party("Ann", "Archer", "ann@archer.example")).await;
        let bob = desk.push("zendesk", "bob", party("Bob", "Baker", "bob@baker.example")).await;
        desk.hub.fold().await;
        let asked = [desk.of(ann).await.to_string(), desk.of(bob).await.to_string()];
        let seen = desk.merge_preview(&steward(), &asked).await["preview"].take();
        for who in [billing(), support(), marketing()] {
            let refused = desk.merge_preview(&who, &asked).await;
            let code = refused["userErrors"][0]["code"].as_str().unwrap().to_owned();
            assert!(["FORBIDDEN", "NOT_FOUND"].contains(&code.as_str()), "{refused}");
            let done = desk.merge(&who, &asked, &seen["fingerprint"], "because", "mine").await;
            assert!(done["userErrors"][0]["code"].is_string() && done["plan"].is_null(), "{done}");
        }
        let done = desk.merge(&steward(), &asked, &seen["fingerprint"], "because", "mine").await;
        assert_eq!(done["userErrors"], json!([]), "{done}");
        for who in [billing(), support()] {
            let undone = desk.undo(&who, &done["plan"]["id"]).await;
            assert!(undone["userErrors"][0]["code"].is_string() && undone["plan"].is_null(), "{undone}");
        }
    })
    .await;
}
