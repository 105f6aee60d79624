//! Every mask on every field: the answer keeps its shape, shows no more than the mask says, and says that it is masked; and
//! what one department's source said stays that department's.

use super::hub::*;
use super::rights_walk::{Graph, SEES_ALL, nodes};
use super::story::{filled, mailbox, party_id, phone};
use crate::harness::on_both;
use onefold::auth::{PolicySet, PseudonymSecret};
use onefold::graphql::graph_fields;
use onefold::identity::Identity;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

fn masked(mask: &str, department: &str) -> PolicySet {
    let text = format!(
        "@id(\"m\") @mask(\"{mask}\") permit (principal in Onefold::Department::\"{department}\", action == Onefold::Action::\"readMasked\", resource);
         @id(\"ways\") permit (principal, action == Onefold::Action::\"read\", resource) when {{ resource in [
           Onefold::Field::\"Customer.provenance\", Onefold::Field::\"Customer.sourceRecords\"] }};"
    );
    let secret = PseudonymSecret::new([3; 32]).unwrap();
    let set = PolicySet::load_with(&[("mask.cedar", text)], &graph_fields(), &departments(), Some(&secret));
    set.unwrap_or_else(|errors| panic!("{errors}"))
}

/// Every text that an answer shows of fields that a policy can name.
fn hits(answer: &Value, found: &mut BTreeMap<String, BTreeSet<String>>) {
    fn leaves(value: &Value, out: &mut BTreeSet<String>) {
        match value {
            Value::Null => {}
            Value::Array(items) => items.iter().for_each(|item| leaves(item, out)),
            Value::Object(object) => {
                object.iter().filter(|(key, _)| *key != "__typename").for_each(|(_, item)| leaves(item, out));
            }
            Value::String(text) => {
                out.insert(text.clone());
            }
            Value::Bool(_) | Value::Number(_) => {
                out.insert(value.to_string());
            }
        }
    }
    match answer {
        Value::Array(items) => items.iter().for_each(|item| hits(item, found)),
        Value::Object(object) => {
            for (key, value) in object {
                match key.strip_prefix("hit_") {
                    Some(field) => leaves(value, found.entry(field.to_owned()).or_default()),
                    None => hits(value, found),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

async fn shown(
    hub: &Hub,
    graph: &Graph,
    kind: &str,
    id: &str,
    wanted: &BTreeSet<String>,
) -> BTreeMap<String, BTreeSet<String>> {
    let of = if ["Person", "Organization"].contains(&kind) { "Customer" } else { kind };
    let inner = graph.paths(kind, of, wanted, &[]);
    let document = format!("{{ node(id: {id:?}) {{ ... on {kind} {{ {inner} }} }} }}");
    let mut found = BTreeMap::new();
    hits(&hub.data(&billing(), &document, json!({})).await, &mut found);
    found
}

/// What a mask may leave of a text, whatever it was.
fn is_left(mask: &str, whole: &BTreeSet<String>, text: &str) -> bool {
    let is_cut = text.contains('…');
    match mask {
        "pseudonym" => is_cut || text.starts_with("psn_"),
        "town" => is_cut || ["Wien", "AT"].contains(&text),
        "yearOnly" => is_cut || text == "1984",
        "initial" | "lastFour" | "email" => is_cut && (text.chars().count() <= 5 || mask == "email"),
        other => panic!("{other} has no rule here: {text} of {whole:?}"),
    }
}

#[tokio::test]
async fn every_mask_on_every_field_keeps_the_shape_and_shows_no_more_than_it_says() {
    on_both(|store| async move {
        let graph = Graph::read();
        let all = Hub::with(&store, policies(&[("all.cedar", format!("{SEES_ALL};"))]), Identity::default()).await;
        filled(&all, 1).await;
        let nodes = nodes(&all).await;
        for mask in onefold::auth::Mask::WORDS {
            let hub = all.under(masked(mask, "billing")).await;
            for (kind, id) in &nodes {
                let of = if ["Person", "Organization"].contains(kind) { "Customer" } else { kind };
                let wanted: BTreeSet<String> = graph_fields().fields(of).map(str::to_owned).collect();
                let whole = shown(&all, &graph, kind, id, &wanted).await;
                for (field, texts) in shown(&hub, &graph, kind, id, &wanted).await {
                    if ["provenance", "sourceRecords"].contains(&field.as_str()) {
                        continue;
                    }
                    for text in texts {
                        let is_free = ["true", "false", "crm", "vat"].contains(&text.as_str());
                        let is_left = is_free || is_left(mask, &whole[&field], &text);
                        assert!(is_left, "{mask} leaves {text:?} of {of}.{field}: {:?}", whole[&field]);
                    }
                }
                let restrictions = format!(
                    "{{ node(id: {id:?}) {{ ... on {kind} {{ restrictions {{ path kind reason policy }} }} }} }}"
                );
                let answer = hub.data(&billing(), &restrictions, json!({})).await;
                let said = answer["node"]["restrictions"].as_array().cloned().unwrap_or_default();
                for field in wanted.iter().filter(|field| !["provenance", "sourceRecords"].contains(&field.as_str())) {
                    let expected = json!({"path": field, "kind": "MASKED", "reason": "POLICY_MASKS", "policy": "m"});
                    assert!(said.contains(&expected), "{mask} {of}.{field}: {said:?}");
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_pseudonym_joins_where_a_value_stands_twice_and_not_across_departments() {
    on_both(|store| async move {
        let all = Hub::with(&store, policies(&[("all.cedar", format!("{SEES_ALL};"))]), Identity::default()).await;
        filled(&all, 2).await;
        let ids = [all.customer(party_id("stripe", 0)).await, all.customer(party_id("stripe", 1)).await];
        let selection = "email ... on Person { namePrefix } emails { address original } phones { e164 } identifiers { system value }
            provenance(paths: [\"email\"]) { value } addresses { lines locality }";
        let (here, there) =
            (all.under(masked("pseudonym", "billing")).await, all.under(masked("pseudonym", "support")).await);
        let one = here.customer_doc(&billing(), ids[0], selection).await;
        let two = here.customer_doc(&billing(), ids[1], selection).await;
        assert_eq!(one["email"], one["emails"][0]["address"]);
        assert_eq!(one["email"], one["provenance"][0]["value"]);
        assert_ne!(one["email"], two["email"]);
        assert!(one["namePrefix"].as_str().unwrap().starts_with("psn_"), "{one}");
        assert_eq!(one["namePrefix"], two["namePrefix"], "the same value has the same name");
        assert_eq!(one["emails"][0]["original"], Value::Null);
        assert_eq!(one["identifiers"][0]["system"], "crm");
        assert!(one["identifiers"][0]["value"].as_str().unwrap().starts_with("psn_"), "{one}");
        assert_eq!(one["addresses"][0]["locality"], Value::Null);
        let other = there.customer_doc(&support(), ids[0], selection).await;
        assert_ne!(one["email"], other["email"]);
        for answer in [one, two, other] {
            let text = answer.to_string();
            assert!(!text.contains(&mailbox(0)) && !text.contains(&phone(0)[1..]), "{text}");
        }
    })
    .await;
}

/// Everything but what Billing's sources say.
const NOT_BILLINGS: &str = r#"
    @id("outside") permit (principal in Onefold::Department::"support", action == Onefold::Action::"read", resource)
    unless { resource.owner == Onefold::Department::"billing" };
    @id("ways") permit (principal in Onefold::Department::"support", action == Onefold::Action::"read", resource)
    when { resource in [Onefold::Field::"Customer.provenance", Onefold::Field::"Customer.sourceRecords"] };
"#;

#[tokio::test]
async fn a_golden_value_that_came_from_billing_is_billings_in_provenance_and_losing_values_too() {
    on_both(|store| async move {
        let hub = Hub::with(&store, policies(&[("own.cedar", NOT_BILLINGS)]), Identity::default()).await;
        filled(&hub, 1).await;
        let id = hub.customer(party_id("stripe", 0)).await;
        let selection = "displayName email phone language timeZone tags
            ... on Person { givenName familyName middleName namePrefix nameSuffix nickname company birthDate }
            provenance { path value source { key } sourceRecord { source { key } } alternatives { value source { key } } }
            restrictions { path kind reason policy }";
        let seen = hub.customer_doc(&support(), id, selection).await;
        // The whole, for the winners.
        let all = hub.under(policies(&[("all.cedar", format!("{SEES_ALL};"))])).await;
        let whole = all.customer_doc(&support(), id, selection).await;
        let (mut hidden, mut shown) = (0, 0);
        for field in whole["provenance"].as_array().unwrap() {
            let path = field["path"].as_str().unwrap();
            let told = seen["provenance"].as_array().unwrap().iter().find(|one| one["path"] == path);
            if field["source"]["key"] == "stripe" {
                assert_eq!(told, None, "{path}: who said it and that something lost are Billing's too");
                if let Some(value) = seen.get(path) {
                    assert_eq!(*value, Value::Null, "{path}");
                    let restriction = json!({"path": path, "kind": "HIDDEN", "reason": "OTHER_DEPARTMENT", "policy": null});
                    assert!(seen["restrictions"].as_array().unwrap().contains(&restriction), "{path}");
                }
                hidden += 1;
            } else {
                let told = told.unwrap_or_else(|| panic!("{path} is told"));
                assert_eq!(told["value"], field["value"], "{path}");
                let lost = told["alternatives"].as_array().unwrap();
                assert!(lost.iter().all(|lost| lost["source"]["key"] != "stripe"), "{path}: {lost:?}");
                shown += 1;
            }
        }
        assert!(hidden > 2 && shown > 2, "{hidden} hidden, {shown} shown");
        let text = seen["provenance"].to_string();
        assert!(!text.contains("stripe") && !text.contains("Roberti\"") && !text.contains("Hauptgasse"), "{text}");
    })
    .await;
}
