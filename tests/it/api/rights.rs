//! What the shipped policies withhold: by selection, in lists, by search, filter and order, and by the id.

use super::hub::*;
use super::story::{filled, mailbox, party_id, phone};
use crate::harness::on_both;
use onefold::auth::Actor;
use onefold_model::RecordId;
use serde_json::{Value, json};

async fn one(hub: &Hub, who: &Actor, selection: &str) -> Value {
    let id = hub.customer(party_id("stripe", 0)).await;
    hub.customer_doc(who, id, selection).await
}

/// The restriction of a field, as kind and reason.
fn restriction(restrictions: &Value, path: &str) -> Vec<(String, String)> {
    let all = restrictions.as_array().unwrap().iter().filter(|restriction| restriction["path"] == path);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    all.map(|restriction| (text(&restriction["kind"]), text(&restriction["reason"]))).collect()
}

fn words(kind: &str, reason: &str) -> Vec<(String, String)> {
    vec![(kind.to_owned(), reason.to_owned())]
}

#[tokio::test]
async fn a_forbidden_value_is_null_and_its_restriction_says_why() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 1).await;
        let selection = "invoices { totalCount } payments { totalCount } accounts { totalCount } address { lines locality region postalCode country }
            addresses { lines locality postalCode country } identifiers { value } effectiveConsents { status } interactions { totalCount }
            ... on Person { birthDate } restrictions { path kind reason policy }";
        let seen = one(&hub, &marketing(), selection).await;
        for hidden in ["invoices", "payments", "accounts", "interactions", "birthDate"] {
            assert_eq!(seen[hidden], Value::Null, "{hidden}");
            assert_eq!(restriction(&seen["restrictions"], hidden), words("HIDDEN", "NO_POLICY"), "{hidden}");
        }
        assert_eq!(seen["identifiers"], json!([]));
        assert_eq!(restriction(&seen["restrictions"], "identifiers"), words("HIDDEN", "NO_POLICY"));
        let town = json!({"lines": [], "locality": "Wien", "region": null, "postalCode": null, "country": "AT"});
        assert_eq!(seen["address"], town, "the town without the street");
        let town = json!({"lines": [], "locality": "Wien", "postalCode": null, "country": "AT"});
        assert_eq!(seen["addresses"], json!([town]));
        for masked in ["address", "addresses"] {
            assert_eq!(restriction(&seen["restrictions"], masked), words("MASKED", "POLICY_MASKS"), "{masked}");
        }
        assert_eq!(seen["effectiveConsents"][0]["status"], "WITHDRAWN");
        assert_eq!(restriction(&seen["restrictions"], "effectiveConsents"), []);

        let seen = one(&hub, &support(), selection).await;
        assert_eq!((&seen["birthDate"], &seen["invoices"]["totalCount"]), (&json!("1984"), &json!(2)));
        assert_eq!(restriction(&seen["restrictions"], "birthDate"), words("MASKED", "POLICY_MASKS"));
        let masked = seen["restrictions"].as_array().unwrap().iter().find(|entry| entry["path"] == "birthDate");
        assert_eq!(masked.unwrap()["policy"], "support.birth-year");
        assert_eq!((&seen["payments"], &seen["effectiveConsents"]), (&Value::Null, &Value::Null));
    })
    .await;
}

#[tokio::test]
async fn a_masked_number_is_masked_wherever_it_stands() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 1).await;
        let selection = "phone phones { e164 original } restrictions { path kind reason }
            provenance(paths: [\"phone\"]) { value alternatives { value } }
            sourceRecords { nodes { source { key } raw } }";
        let seen = one(&hub, &marketing(), selection).await;
        assert_eq!(seen["phone"], "…4500");
        let numbers: Vec<&Value> = seen["phones"].as_array().unwrap().iter().map(|phone| &phone["e164"]).collect();
        assert_eq!(numbers, [&json!("…0000"), &json!("…4500")]);
        assert!(seen["phones"].as_array().unwrap().iter().all(|phone| phone["original"] == Value::Null));
        assert_eq!(seen["provenance"][0]["value"], "…4500");
        assert_eq!(seen["provenance"][0]["alternatives"][0]["value"], "…0000");
        for path in ["phone", "phones"] {
            assert_eq!(restriction(&seen["restrictions"], path), words("MASKED", "POLICY_MASKS"));
        }
        for record in seen["sourceRecords"]["nodes"].as_array().unwrap() {
            let is_own = record["source"]["key"] == "mailchimp";
            assert_eq!(record["raw"] != Value::Null, is_own, "the payload stays with the owner of its source");
        }
        let whole = phone(0);
        assert!(!seen["phones"].to_string().contains(&whole) && !seen["provenance"].to_string().contains(&whole));
    })
    .await;
}

#[tokio::test]
async fn a_field_of_an_activity_is_withheld_field_by_field() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 1).await;
        let invoice = "invoices(first: 1, after: null) { nodes { number status total { amount } amountDue { amount }
            payments { totalCount } restrictions { path kind reason } } }";
        let seen = one(&hub, &support(), invoice).await;
        let seen = &seen["invoices"]["nodes"][0];
        assert_eq!((&seen["number"], &seen["status"]), (&json!("OPEN-0000"), &json!("OPEN")));
        assert_eq!((&seen["total"], &seen["amountDue"], &seen["payments"]), (&Value::Null, &Value::Null, &Value::Null));
        assert_eq!(restriction(&seen["restrictions"], "total"), words("HIDDEN", "NO_POLICY"));

        let seen = one(
            &hub,
            &marketing(),
            "feedback { nodes { score comment ticket { status } restrictions { path } } }
            tickets { nodes { status subject number } }",
        )
        .await;
        let feedback = &seen["feedback"]["nodes"][0];
        assert_eq!((&feedback["score"], &feedback["comment"]), (&json!(4), &Value::Null));
        assert_eq!(feedback["ticket"], Value::Null, "the way from one object to another has rights of its own");
        assert_eq!(seen["tickets"]["nodes"][0], json!({"status": "SOLVED", "subject": null, "number": null}));
    })
    .await;
}

#[tokio::test]
async fn search_finds_only_by_what_may_be_read() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 2).await;
        let found = |who: Actor, text: &str| {
            let (hub, variables) = (&hub, json!({"text": text}));
            async move {
                let document =
                    "query($text: String!) { search(text: $text) { matchedOn matchedText customer { id } } }";
                let mut data = hub.data(&who, document, variables).await;
                let Value::Array(hits) = data["search"].take() else { panic!("a list") };
                hits.iter().map(|hit| hit["matchedOn"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
            }
        };
        let (mail, number) = (mailbox(0), phone(0));
        for (who, text, expected) in [
            (billing(), mail.as_str(), vec!["email"]),
            (marketing(), mail.as_str(), vec!["email"]),
            (support(), number.as_str(), vec!["phone"]),
            (marketing(), number.as_str(), vec![]),
            (marketing(), "9990000", vec![]),
            (billing(), "INV-0000", vec!["invoice"]),
            (support(), "INV-0000", vec!["invoice"]),
            (marketing(), "INV-0000", vec![]),
            (marketing(), "T-0000", vec![]),
            (billing(), "ACC-0000", vec!["account"]),
            (support(), "ACC-0000", vec![]),
            (steward(), "ACC-0000", vec![]),
            (marketing(), "Robert Kovac", vec!["name"]),
            (actor(&["legal"], &[]), "Robert Kovac", vec![]),
            (actor(&["legal"], &["operator"]), "Robert Kovac", vec![]),
        ] {
            assert_eq!(found(who.clone(), text).await, expected, "{} {text}", who.subject());
        }
        let refused = hub.refusals(&billing(), "{ search(text: \"?\") { score } }", json!({})).await;
        assert_eq!(refused[0].0, "INVALID_INPUT");
    })
    .await;
}

#[tokio::test]
async fn what_may_not_be_read_may_not_be_filtered_or_ordered_by() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 1).await;
        let by_phone = "{ customers(filter: {phone: \"4366012345\"}) { nodes { id } } }";
        let refused = hub.refusals(&marketing(), by_phone, json!({})).await;
        assert_eq!(refused.len(), 1);
        assert_eq!(refused[0].0, "FIELD_FORBIDDEN");
        assert!(refused[0].1.contains("Customer.phones") && refused[0].1.contains("filter"), "{refused:?}");
        let counted = "{ customers(filter: {phone: \"4366012345\"}) { totalCount } }";
        assert_eq!(hub.refusals(&marketing(), counted, json!({})).await[0].0, "FIELD_FORBIDDEN");
        assert!(hub.refusals(&support(), by_phone, json!({})).await.is_empty());

        let operator = actor(&["legal"], &["operator"]);
        for use_of_name in [
            "filter: {nameStartsWith: \"rob\"}",
            "orderBy: NAME_ASC",
            "orderBy: NAME_DESC",
            "filter: {email: \"a@b.c\"}",
        ] {
            let document = format!("{{ customers({use_of_name}) {{ nodes {{ id }} }} }}");
            assert_eq!(hub.refusals(&operator, &document, json!({})).await[0].0, "FIELD_FORBIDDEN", "{use_of_name}");
        }
        let open = "{ customers(orderBy: UPDATED_ASC) { totalCount nodes { id } } }";
        assert_eq!(hub.data(&operator, open, json!({})).await["customers"], json!({"totalCount": 0, "nodes": []}));
    })
    .await;
}

#[tokio::test]
async fn an_id_opens_no_door() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 1).await;
        let node = |who: Actor, id: RecordId| {
            let hub = &hub;
            async move {
                let document = "query($id: ID!) { node(id: $id) { __typename } }";
                hub.data(&who, document, json!({"id": id.to_string()})).await["node"].take()
            }
        };
        let (invoice, ticket) = (record_id("stripe", "invoices", "i0"), record_id("zendesk", "tickets", "t0"));
        let (touch, payment) = (record_id("mailchimp", "touches", "m0"), record_id("stripe", "payments", "p0"));
        let is = |kind: &str| json!({"__typename": kind});
        assert_eq!(node(billing(), invoice).await, is("Invoice"));
        assert_eq!(node(support(), invoice).await, is("Invoice"));
        assert_eq!(node(marketing(), invoice).await, Value::Null);
        assert_eq!(node(marketing(), ticket).await, is("Ticket"));
        assert_eq!(node(support(), touch).await, Value::Null);
        assert_eq!(node(support(), payment).await, Value::Null);
        let runs = "query($id: ID!) { node(id: $id) { __typename } }";
        let run = json!({"id": super::story::run_id("stripe").to_string()});
        assert_eq!(hub.data(&support(), runs, run.clone()).await["node"], Value::Null);
        assert_eq!(hub.data(&billing(), runs, run).await["node"], is("SyncRun"));
        let pairs = hub.data(&steward(), "{ matchCandidates { nodes { id } } }", json!({})).await;
        let pair = json!({"id": pairs["matchCandidates"]["nodes"][0]["id"]});
        assert_eq!(hub.data(&steward(), runs, pair.clone()).await["node"], is("MatchCandidate"));
        assert_eq!(hub.data(&billing(), runs, pair).await["node"], Value::Null);
    })
    .await;
}

#[tokio::test]
async fn runs_and_refused_payloads_stay_with_their_department() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 1).await;
        let document =
            "{ quarantine { totalCount nodes { source { key } code path place message raw restrictions { path } } }
            syncRuns { nodes { source { key } state error streams { stream pages } } }
            sources { key quarantinedCount syncRuns { nodes { error } } } }";
        let seen = hub.data(&billing(), document, json!({})).await;
        assert_eq!(seen["quarantine"]["totalCount"], 1);
        let item = &seen["quarantine"]["nodes"][0];
        assert_eq!(
            (&item["source"]["key"], &item["code"], &item["place"]),
            (&json!("stripe"), &json!("NOT_A_DATE"), &json!("line 7"))
        );
        let raw = item["raw"].to_string();
        assert_eq!(raw, r#"{"id":"bad","due":"soon","amount":12.30,"rate":1e+3}"#, "numbers keep their digits");
        let run = &seen["syncRuns"]["nodes"];
        assert_eq!(
            run,
            &json!([{"source": {"key": "stripe"}, "state": "FAILED", "error": "the key was refused",
                                 "streams": [{"stream": "invoices", "pages": 1}]}])
        );
        let sources = seen["sources"].as_array().unwrap();
        assert_eq!(sources.len(), 3, "everybody sees which sources there are");
        for source in sources {
            let is_own = source["key"] == "stripe";
            assert_eq!(source["quarantinedCount"], if is_own { json!(1) } else { Value::Null });
            assert_eq!(source["syncRuns"] != Value::Null, is_own);
        }
        let operator = hub.data(&actor(&["marketing"], &["operator"]), document, json!({})).await;
        assert_eq!(operator["quarantine"]["totalCount"], 3);
        for item in operator["quarantine"]["nodes"].as_array().unwrap() {
            let is_own = item["source"]["key"] == "mailchimp";
            assert_eq!(item["raw"] != Value::Null, is_own, "an operator sees why, not what");
        }
    })
    .await;
}
