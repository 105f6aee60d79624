//! The guide about stewardship does what it says: its documents are asked one after the other, with the ids of real records, and
//! answer without an error.

use super::hub::*;
use crate::cli::guide::blocks;
use crate::harness::on_both;
use crate::identity::people::{crowd, customer, party};
use onefold::auth::default_policies;
use onefold::config::MatchingConfig;
use onefold::identity::Identity;
use onefold_model::NodeId;
use serde_json::{Map, Value, json};

/// The variables that a document declares, as far as there are values for them.
fn variables(document: &str, known: &Map<String, Value>) -> Value {
    let declared = |name: &str| document.contains(&format!("${name}:"));
    Value::Object(known.iter().filter(|(name, _)| declared(name)).map(|(n, v)| (n.clone(), v.clone())).collect())
}

/// Every value under this name, from outside to inside.
fn under<'v>(value: &'v Value, name: &str, found: &mut Vec<&'v Value>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| under(item, name, found)),
        Value::Object(fields) => fields.iter().for_each(|(key, value)| {
            if key == name {
                found.push(value);
            }
            under(value, name, found);
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[tokio::test]
async fn the_documents_of_the_guide_about_stewardship_are_answered() {
    on_both(|store| async move {
        // So that people who only share a name are left to a steward.
        let matching = MatchingConfig { review: 0.000_1, ..MatchingConfig::default() };
        let identity = Identity::new(&matching).unwrap();
        let hub = Hub::with(&store, policies(&default_policies(&departments())), identity).await;
        hub.push_all(crowd()).await;
        let push = async |source: &str, key: &str, data: Value| hub.push(source, vec![customer(key, data)]).await.results[0].id;
        let one = push("stripe", "ann", party("Ann", "Archer", "ann@archer.example")).await;
        let other = push("zendesk", "anna", party("Annabel", "Smith", "office@smith.example")).await;
        hub.fold().await;
        let customers = [hub.customer(one).await, hub.customer(other).await].map(|id| id.to_string());
        let pair = hub.data(&steward(), "{ matchCandidates { nodes { id } } }", json!({})).await;
        let mut known = Map::new();
        let mut know = |name: &str, value: Value| known.insert(name.to_owned(), value);
        know("one", json!(NodeId::from(one).to_string()));
        know("other", json!(NodeId::from(other).to_string()));
        know("customer", json!(customers[0]));
        know("customers", json!(customers));
        know("pair", pair["matchCandidates"]["nodes"][0]["id"].clone());
        know("until", json!("2026-12-24T00:00:00Z"));
        let mut asked = 0;
        for block in blocks(include_str!("../../../docs/guides/stewardship.md")) {
            assert_eq!(block.language, "graphql");
            let document = block.lines.join("\n");
            if document.contains("query Split") {
                // The guide takes the merge back before; a split needs a customer of several records.
                let ids = json!({"input": {"leftRecord": known["one"], "rightRecord": known["other"], "decision": "LINK",
                    "idempotencyKey": "for the split"}});
                let link = "mutation($input: MatchDecideInput!) { matchDecide(input: $input) { userErrors { code } } }";
                hub.data(&steward(), link, ids).await;
            }
            // A sample is drawn by whoever administers all departments.
            let who = if document.contains("matchQualityDraw") { everyone() } else { steward() };
            let answer = hub.data(&who, &document, variables(&document, &known)).await;
            let mut errors = Vec::new();
            under(&answer, "userErrors", &mut errors);
            assert!(errors.iter().all(|errors| **errors == json!([])), "{document}\n{answer}");
            for (name, path) in [("fingerprint", "/mergePreview/preview/fingerprint"), ("plan", "/mergeApply/plan/id")] {
                if let Some(value) = answer.pointer(path) {
                    known.insert(name.to_owned(), value.clone());
                }
            }
            asked += 1;
        }
        assert!(asked >= 12, "{asked}");
    })
    .await;
}
