//! Privacy requests through the graph: who may, what is told, and what is left.

use super::audit::officer;
use super::hub::*;
use super::story::{history, mailbox, party_id, person, phone};
use crate::harness::on_both;
use crate::store::dump::dump;
use crate::store::fixture::number;
use onefold::config::Secret;
use onefold::store::Store;
use serde_json::{Value, json};

const ERASE: &str = "mutation($input: PrivacyEraseInput!) { privacyErase(input: $input) { fingerprint isErased
    erasedBeforeAt customers sources { source records versions quarantined stillThere keys } userErrors { code message } } }";
const EXPORT: &str =
    "mutation($input: PrivacyExportInput!) { privacyExport(input: $input) { document userErrors { code message } } }";

/// Two people of whom every department knows, folded.
async fn two(store: &Store) -> Hub {
    let store = store.clone().with_erasure(&Secret::new("a secret of the tests, of more than 32 bytes")).unwrap();
    let hub = Hub::open(&store).await;
    for n in 0..2 {
        hub.push_all(person(n).into_iter().chain(history(n))).await;
    }
    hub.fold().await;
    hub
}

async fn erase(hub: &Hub, input: Value) -> Value {
    hub.data(&officer(), ERASE, json!({"input": input})).await["privacyErase"].take()
}

#[tokio::test]
async fn only_whoever_answers_for_privacy_exports_and_erases() {
    on_both(|store| async move {
        let hub = two(&store).await;
        let input = json!({"input": {"email": mailbox(0)}});
        for who in [billing(), support(), marketing(), steward(), everyone(), actor(&["legal"], &["operator"])] {
            for (document, name) in [(ERASE, "privacyErase"), (EXPORT, "privacyExport")] {
                let answer = hub.data(&who, document, input.clone()).await;
                assert_eq!(answer[name]["userErrors"][0]["code"], "FORBIDDEN", "{} {name}", who.subject());
                assert_eq!(answer[name].get("document").cloned().unwrap_or_default(), Value::Null);
            }
        }
        let refused = "select count(*) from audit where action = 'right.refused'";
        assert_eq!(number(&store, refused).await, 12);
        let both = json!({"input": {"email": mailbox(0), "customer": "x"}});
        assert_eq!(hub.refusals(&officer(), EXPORT, both).await[0].0, "INVALID_INPUT");
        assert_eq!(hub.refusals(&officer(), EXPORT, json!({"input": {}})).await[0].0, "INVALID_INPUT");
    })
    .await;
}

#[tokio::test]
async fn an_export_tells_everything_of_one_person_with_its_sources() {
    on_both(|store| async move {
        let hub = two(&store).await;
        let id = hub.customer(party_id("stripe", 0)).await;
        let audited = super::audit::audited(&hub, onefold::config::AuditReads::Sensitive).await;
        audited.customer_doc(&billing(), id, "email").await;
        let exported = |input: Value| {
            let hub = &hub;
            async move {
                let mut data = hub.data(&officer(), EXPORT, json!({"input": input})).await;
                data["privacyExport"]["document"].take()
            }
        };
        let document = exported(json!({"email": mailbox(0).to_uppercase()})).await;
        assert_eq!(document["customers"][0]["id"], id.to_string());
        let values = document["customers"][0]["values"].as_array().unwrap();
        let name = values.iter().find(|field| field["path"] == "familyName").unwrap();
        assert!(name["record"].is_string() && name["rule"].is_string(), "{name}");
        assert_eq!(document["customers"][0]["effectiveConsents"][0]["status"], "WITHDRAWN");
        assert_eq!(document["sources"].as_array().unwrap().len(), 3);
        let tables = document["tables"].as_object().unwrap();
        let records = tables["record"].as_array().unwrap();
        let stored = number(&store, "select count(*) from record").await;
        assert!(i64::try_from(records.len()).unwrap() * 2 >= stored - 4, "half of what there is, but for campaigns");
        let kinds: std::collections::BTreeSet<&str> =
            records.iter().map(|record| record["kind"].as_str().unwrap()).collect();
        for kind in ["party", "invoice", "payment", "ticket", "interaction", "feedback", "consent", "account"] {
            assert!(kinds.contains(kind), "{kind} is missing: {kinds:?}");
        }
        let audit = document["audit"].as_array().unwrap();
        assert!(audit.iter().any(|entry| entry["action"] == "customer.read" && entry["detail"] == "contact"));
        let text = document.to_string();
        assert!(text.contains(&mailbox(0)) && text.contains(&phone(0)));
        assert!(!text.contains(&mailbox(1)) && !text.contains(&phone(1)), "nobody else is in it");

        let by_id = exported(json!({"customer": id.to_string()})).await;
        assert_eq!(by_id["tables"]["record"], document["tables"]["record"]);
        assert_eq!(exported(json!({"email": "nobody@example.com"})).await, Value::Null);
        assert_eq!(number(&store, "select count(*) from audit where action = 'customer.export'").await, 2);
    })
    .await;
}

const SEEN: &str = "id version recordCount displayName email phone emails { address } phones { e164 }
    addresses { lines } identifiers { value } invoices { nodes { number total { amount } } } tickets { nodes { number } }
    payments { totalCount } interactions { totalCount } feedback { totalCount } campaignTouches { totalCount }
    effectiveConsents { purpose status } provenance { path value rule } sourceRecords { nodes { id version } }";

#[tokio::test]
async fn an_erasure_is_planned_applied_once_and_leaves_the_others_alone() {
    on_both(|store| async move {
        let hub = two(&store).await;
        let (one, other) = (hub.customer(party_id("stripe", 0)).await, hub.customer(party_id("stripe", 1)).await);
        let seen = hub.customer_doc(&everyone(), other, SEEN).await;
        let plan = erase(&hub, json!({"customer": one.to_string()})).await;
        assert_eq!((&plan["isErased"], &plan["userErrors"]), (&json!(false), &json!([])));
        assert_eq!(plan["customers"], json!([one.to_string()]));
        let sources: Vec<&str> =
            plan["sources"].as_array().unwrap().iter().map(|of| of["source"].as_str().unwrap()).collect();
        assert_eq!(sources, ["mailchimp", "stripe", "zendesk"]);
        let stripe = &plan["sources"][1];
        assert!(stripe["keys"].as_array().unwrap().contains(&json!("customers/c0")), "{stripe}");
        assert_eq!(stripe["stillThere"], stripe["records"]);
        assert!(dump(&store).await.contains(&mailbox(0)), "a plan changes nothing");

        // Something has come in between.
        hub.push("stripe", vec![person(0).remove(0).1]).await;
        let mut changed = super::story::billing_party(0);
        changed["language"] = json!("fr");
        hub.push("stripe", vec![put(onefold_model::RecordKind::Party, "customers", "c0", changed)]).await;
        let stale = json!({"customer": one.to_string(), "apply": plan["fingerprint"]});
        let refused = erase(&hub, stale.clone()).await;
        assert_eq!(refused["userErrors"][0]["code"], "CONFLICT");

        let plan = erase(&hub, json!({"customer": one.to_string()})).await;
        let apply = json!({"customer": one.to_string(), "apply": plan["fingerprint"]});
        let done = erase(&hub, apply.clone()).await;
        assert_eq!((&done["isErased"], &done["sources"]), (&json!(true), &plan["sources"]));
        let again = erase(&hub, apply).await;
        assert_eq!(again["isErased"], true);
        assert!(again["erasedBeforeAt"].is_string(), "{again}");
        assert_eq!(erase(&hub, stale).await["userErrors"][0]["code"], "NOT_FOUND");

        hub.fold().await;
        let left = dump(&store).await.to_lowercase();
        for hers in
            ["robert", "kova", "+4366012345 00", "436601234500", "hauptgasse 1\"", "1990000", "\"c0\"", "inv-0000"]
        {
            assert!(!left.contains(hers), "{hers} is still there");
        }
        assert_eq!(hub.customer_doc(&everyone(), one, "id").await, Value::Null);
        assert_eq!(hub.customer_doc(&everyone(), other, SEEN).await, seen, "nothing happened to the other");
    })
    .await;
}

#[tokio::test]
async fn pushed_again_and_rebuilt_an_erased_person_does_not_come_back() {
    on_both(|store| async move {
        let hub = two(&store).await;
        let one = hub.customer(party_id("stripe", 0)).await;
        let plan = erase(&hub, json!({"customer": one.to_string()})).await;
        erase(&hub, json!({"customer": one.to_string(), "apply": plan["fingerprint"]})).await;
        hub.fold().await;
        let tables = |dump: String| {
            let about = ["# audit", "# outbox"];
            let sections = dump.split("\n# ").map(str::to_owned).collect::<Vec<_>>();
            sections
                .into_iter()
                .filter(|text| !about.iter().any(|name| format!("# {text}").starts_with(name)))
                .collect::<Vec<_>>()
        };
        let left = tables(dump(&store).await);
        hub.push_all(person(0).into_iter().chain(history(0))).await;
        hub.fold().await;
        assert_eq!(tables(dump(&store).await), left, "pushed again, nothing comes back");
        let rebuilt = hub.app.rebuild("system:test", |_, _| {}).await.unwrap();
        assert_eq!((rebuilt.mended, rebuilt.customers_changed), (0, 0));
        assert_eq!(tables(dump(&store).await), left);
    })
    .await;
}
