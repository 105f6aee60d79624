//! Policies of an operator's own: a value stays under the rights of the department whose source said it, wherever it goes.

use super::hub::*;
use super::story::{
    billing_party, filled, mailbox, marketing_party, namesakes, party_id, person, phone, support_party,
};
use crate::harness::on_both;
use onefold::auth::{Actor, PolicySet, default_policies};
use onefold::config::MatchingConfig;
use onefold::identity::Identity;
use onefold_model::RecordKind;
use serde_json::{Value, json};

/// The shipped policies and one more file.
fn with_file(text: &str) -> PolicySet {
    let mut files = default_policies(&departments());
    files.push(("own.cedar".to_owned(), text.to_owned()));
    policies(&files)
}

/// Reads who a customer is only as far as Support's sources say it; sees every record, and every possible duplicate.
const REVIEWER: &str = r#"
    @id("reviewer.support-only")
    permit (principal in Onefold::Role::"reviewer", action == Onefold::Action::"read", resource in Onefold::Type::"Customer")
    when { resource.owner == Onefold::Department::"support" };
    @id("reviewer.frame")
    permit (principal in Onefold::Role::"reviewer", action == Onefold::Action::"read", resource)
    when { resource in [Onefold::Type::"SourceRecord", Onefold::Type::"Source", Onefold::Type::"MatchCandidate"] };
    @id("reviewer.ways")
    permit (principal in Onefold::Role::"reviewer", action == Onefold::Action::"read", resource)
    when { resource in [Onefold::Field::"Customer.sourceRecords", Onefold::Field::"Customer.provenance",
           Onefold::Field::"Customer.matchCandidates"] };
"#;

fn reviewer() -> Actor {
    actor(&["legal"], &["reviewer"])
}

#[tokio::test]
async fn a_value_of_another_department_is_hidden_in_provenance_and_contact_lists() {
    on_both(|store| async move {
        let hub = Hub::with(&store, with_file(REVIEWER), Identity::default()).await;
        filled(&hub, 1).await;
        let id = hub.customer(party_id("stripe", 0)).await;
        let selection = "displayName phone tags address { lines } addresses { lines } identifiers { value }
            emails { address sourceRecord { source { key } } } phones { e164 sourceRecord { source { key } } }
            ... on Person { givenName jobTitle company nickname birthDate }
            provenance { path value source { key } alternatives { value source { key } } }
            restrictions { path kind reason }";
        let seen = hub.customer_doc(&reviewer(), id, selection).await;
        assert_eq!((&seen["jobTitle"], &seen["birthDate"]), (&json!("Buyer"), &json!("1984-03-07")));
        assert_eq!(seen["tags"], json!(["impatient"]));
        for hidden in ["address", "company", "nickname"] {
            assert_eq!(seen[hidden], Value::Null, "{hidden}");
        }
        assert_eq!((&seen["addresses"], &seen["identifiers"]), (&json!([]), &json!([])));
        for contact in ["emails", "phones"] {
            for point in seen[contact].as_array().unwrap() {
                assert_eq!(point["sourceRecord"]["source"]["key"], "zendesk", "{contact}");
            }
        }
        let mut values = 0;
        for field in seen["provenance"].as_array().unwrap() {
            let lost = field["alternatives"].as_array().unwrap();
            for value in lost.iter().chain([field].into_iter().filter(|field| field["value"] != Value::Null)) {
                assert_eq!(value["source"]["key"], "zendesk", "{value}");
                assert!(value["value"] != Value::Null, "{value}");
                values += 1;
            }
            let is_shown = field["value"] != Value::Null || !lost.is_empty();
            assert!(is_shown, "that there is a value is as much withheld as the value: {field}");
        }
        assert!(values >= 3, "{values} values of Support are shown");
        let of_address = seen["restrictions"].as_array().unwrap().iter().find(|entry| entry["path"] == "address");
        assert_eq!(of_address.unwrap()["reason"], "OTHER_DEPARTMENT");
        let text = seen.to_string();
        for secret in ["Hauptgasse", "K-0000", "Works", "Robertchen", "Roberti", "pays late", "reader"] {
            assert!(!text.contains(secret), "{secret}");
        }
    })
    .await;
}

/// The same mailbox said by two departments is shown to whom one of them shows it.
#[tokio::test]
async fn a_contact_point_is_shown_where_one_of_those_who_said_it_shows_it() {
    on_both(|store| async move {
        let hub = Hub::with(&store, with_file(REVIEWER), Identity::default()).await;
        hub.push_all(person(0)).await;
        hub.fold().await;
        let id = hub.customer(party_id("stripe", 0)).await;
        let seen = hub.customer_doc(&reviewer(), id, "emails { address } phones { e164 }").await;
        assert_eq!(seen, json!({"emails": [{"address": mailbox(0)}], "phones": [{"e164": phone(0)}]}));
    })
    .await;
}

#[tokio::test]
async fn search_does_not_find_by_what_another_department_said() {
    on_both(|store| async move {
        let hub = Hub::with(&store, with_file(REVIEWER), Identity::default()).await;
        filled(&hub, 1).await;
        let hits = |text: &str| {
            let (hub, variables) = (&hub, json!({"text": text}));
            async move {
                let document =
                    "query($text: String!) { search(text: $text) { matchedOn sourceRecord { source { key } } } }";
                hub.data(&reviewer(), document, variables).await["search"].take()
            }
        };
        let supports = json!([{"matchedOn": "phone", "sourceRecord": {"source": {"key": "zendesk"}}}]);
        assert_eq!(hits(&phone(0)).await, supports);
        assert_eq!(hits("9990000").await, json!([]), "the number that only Marketing has");
        assert_eq!(hits("Works").await, json!([]), "the company that only Marketing has");
        let by_mail = format!("{{ customers(filter: {{email: {:?}}}) {{ totalCount }} }}", mailbox(0));
        assert_eq!(hub.refusals(&reviewer(), &by_mail, json!({})).await[0].0, "FIELD_FORBIDDEN");
    })
    .await;
}

/// With a threshold that nothing reaches, records of one person are pairs for review.
async fn with_pairs(store: &onefold::store::Store, file: &str) -> Hub {
    let matching = MatchingConfig { auto_merge: 1.0, ..MatchingConfig::default() };
    let hub = Hub::with(store, with_file(file), Identity::new(&matching).unwrap()).await;
    for (source, party) in
        [("stripe", billing_party(0)), ("zendesk", support_party(0)), ("mailchimp", marketing_party(0))]
    {
        hub.push(source, vec![put(RecordKind::Party, "customers", "c0", party)]).await;
    }
    hub.push_all(namesakes()).await;
    hub.fold().await;
    hub
}

const PAIRS: &str =
    "{ matchCandidates { totalCount nodes { sentence prior probability evidence { attribute left right weight }
    leftRecord { source { key } } rightRecord { source { key } } left { id } right { id } restrictions { path } } } }";

#[tokio::test]
async fn the_evidence_of_a_pair_stays_under_the_rights_of_each_side() {
    on_both(|store| async move {
        let hub = with_pairs(&store, REVIEWER).await;
        let whole = hub.data(&steward(), PAIRS, json!({})).await;
        let pairs = whole["matchCandidates"]["nodes"].as_array().unwrap();
        assert!(pairs.len() >= 3, "{whole}");
        for pair in pairs {
            assert!(pair["sentence"].is_string() && pair["left"].is_object() && pair["prior"].is_number());
            let weights = pair["evidence"].as_array().unwrap().iter().map(|line| line["weight"].as_f64().unwrap());
            let total: f64 = weights.sum::<f64>() + pair["prior"].as_f64().unwrap();
            let probability = total.exp2() / (1.0 + total.exp2());
            assert!((probability - pair["probability"].as_f64().unwrap()).abs() < 1e-9, "the lines add up");
        }
        let seen = hub.data(&reviewer(), PAIRS, json!({})).await;
        assert_eq!(seen["matchCandidates"]["totalCount"], whole["matchCandidates"]["totalCount"]);
        let mut shown = 0;
        for pair in seen["matchCandidates"]["nodes"].as_array().unwrap() {
            for line in pair["evidence"].as_array().unwrap() {
                for (side, record) in [("left", "leftRecord"), ("right", "rightRecord")] {
                    let is_supports = pair[record]["source"]["key"] == "zendesk";
                    assert!(is_supports || line[side] == Value::Null, "{line}");
                    shown += usize::from(line[side] != Value::Null);
                }
            }
            assert_eq!(pair["sentence"], Value::Null, "the sentence speaks of what the lines hold");
        }
        assert!(shown > 0, "Support's side is shown");
    })
    .await;
}

#[tokio::test]
async fn a_masked_value_is_masked_in_evidence_too() {
    let file = r#"
        @id("taster.frame")
        permit (principal in Onefold::Role::"taster", action == Onefold::Action::"read", resource)
        when { resource in [Onefold::Type::"SourceRecord", Onefold::Type::"MatchCandidate"] };
        @id("taster.mail") @mask("email")
        permit (principal in Onefold::Role::"taster", action == Onefold::Action::"readMasked", resource == Onefold::Field::"Customer.emails");
    "#;
    on_both(|store| async move {
        let hub = with_pairs(&store, file).await;
        let seen = hub.data(&actor(&["legal"], &["taster"]), PAIRS, json!({})).await;
        let lines = seen["matchCandidates"]["nodes"].as_array().unwrap().iter();
        let lines: Vec<&Value> = lines.flat_map(|pair| pair["evidence"].as_array().unwrap()).collect();
        let of_mail: Vec<&&Value> = lines.iter().filter(|line| line["attribute"] == "EMAIL").collect();
        assert!(of_mail.iter().any(|line| line["left"] == "r…@example.com"), "{of_mail:?}");
        for line in lines.iter().filter(|line| line["attribute"] != "EMAIL") {
            assert_eq!((&line["left"], &line["right"]), (&Value::Null, &Value::Null), "{line}");
        }
        let text = seen.to_string().to_lowercase();
        assert!(!text.contains("robert") && !text.contains("vasilescu"), "{text}");
    })
    .await;
}

/// Who may not read names gets the list all the same, in another order.
#[tokio::test]
async fn customers_are_listed_without_an_order_that_would_tell_names() {
    let file = r#"
        @id("counter.company")
        permit (principal in Onefold::Role::"counter", action == Onefold::Action::"read", resource == Onefold::Field::"Customer.company");
    "#;
    on_both(|store| async move {
        let hub = Hub::with(&store, with_file(file), Identity::default()).await;
        hub.push_all((0..3).flat_map(person)).await;
        hub.fold().await;
        let counter = actor(&["legal"], &["counter"]);
        let document = "{ customers { totalCount nodes { displayName ... on Person { company } } } }";
        let seen = hub.data(&counter, document, json!({})).await;
        assert_eq!(seen["customers"]["totalCount"], 3);
        for node in seen["customers"]["nodes"].as_array().unwrap() {
            assert!(node["company"].is_string() && node["displayName"].is_null(), "{node}");
        }
        let by_name = "{ customers(orderBy: NAME_ASC) { totalCount } }";
        assert_eq!(hub.refusals(&counter, by_name, json!({})).await[0].0, "FIELD_FORBIDDEN");
    })
    .await;
}
