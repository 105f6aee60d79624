//! Plans through the graph: what a preview says comes true, a plan is taken back as a whole, and nothing is copied.

use super::hub::*;
use crate::harness::on_both;
use crate::identity::people::{customer, party};
use crate::store::fixture::number;
use onefold::auth::Actor;
use onefold_model::{CustomerId, NodeId, RecordId, RecordKind};
use serde_json::{Value, json};

const PREVIEW: &str = "preview { kind fingerprint needsReason before { id recordCount records { id } } after { id recordCount }
    values { path customer before { customer value } after } consents { purpose channel customer before { customer status } after widens }
    ids { change id into } makes { kind leftRecord rightRecord } takesBack { id kind } } userErrors { code message }";
const PLAN: &str =
    "plan { id kind by fingerprint decisions { id kind undoneAt } undoneAt undoneBy customers { id } } replayed pending
    moved { fingerprint } userErrors { code message }";
const READ: &str = "{ customers(first: 50, orderBy: NAME_ASC) { nodes { id displayName recordCount email emails { address }
    sourceRecords { nodes { id version raw } } provenance { path value rule } effectiveConsents { purpose channel status statements } } } }";

/// A steward's desk with plans.
pub(super) struct Desk {
    pub(super) hub: Hub,
}

pub(super) fn graph_id(record: RecordId) -> String {
    NodeId::from(record).to_string()
}

impl Desk {
    pub(super) async fn open(store: &onefold::store::Store) -> Self {
        Self { hub: Hub::open(store).await }
    }

    pub(super) async fn push(&self, source: &str, key: &str, data: Value) -> RecordId {
        self.hub.push(source, vec![customer(key, data)]).await.results[0].id
    }

    pub(super) async fn consent(&self, source: &str, key: &str, status: &str) {
        let own = json!({"stream": "customers", "externalId": key});
        let consent = json!({"customer": own, "purpose": "newsletter", "channel": "EMAIL", "status": status});
        let record = put(RecordKind::Consent, "consents", &format!("{key} {status}"), consent);
        self.hub.push(source, vec![record]).await;
    }

    pub(super) async fn of(&self, record: RecordId) -> CustomerId {
        self.hub.customer(record).await
    }

    pub(super) async fn merge_preview(&self, who: &Actor, customers: &[String]) -> Value {
        let ask = format!("query($input: MergeInput!) {{ mergePreview(input: $input) {{ {PREVIEW} }} }}");
        self.hub.data(who, &ask, json!({"input": {"customers": customers}})).await["mergePreview"].take()
    }

    pub(super) async fn split_preview(&self, who: &Actor, customer: &str, groups: &[Vec<String>]) -> Value {
        let ask = format!("query($input: SplitInput!) {{ splitPreview(input: $input) {{ {PREVIEW} }} }}");
        let input = json!({"customer": customer, "groups": groups});
        self.hub.data(who, &ask, json!({"input": input})).await["splitPreview"].take()
    }

    pub(super) async fn merge(
        &self,
        who: &Actor,
        customers: &[String],
        fingerprint: &Value,
        reason: &str,
        key: &str,
    ) -> Value {
        let ask = format!("mutation($input: MergeApplyInput!) {{ mergeApply(input: $input) {{ {PLAN} }} }}");
        let input = json!({"merge": {"customers": customers}, "fingerprint": fingerprint, "reason": reason,
            "idempotencyKey": key});
        self.hub.data(who, &ask, json!({"input": input})).await["mergeApply"].take()
    }

    pub(super) async fn split(
        &self,
        who: &Actor,
        (customer, groups): (&str, &[Vec<String>]),
        fingerprint: &Value,
        reason: &str,
        key: &str,
    ) -> Value {
        let ask = format!("mutation($input: SplitApplyInput!) {{ splitApply(input: $input) {{ {PLAN} }} }}");
        let input = json!({"split": {"customer": customer, "groups": groups}, "fingerprint": fingerprint,
            "reason": reason, "idempotencyKey": key});
        self.hub.data(who, &ask, json!({"input": input})).await["splitApply"].take()
    }

    pub(super) async fn undo(&self, who: &Actor, plan: &Value) -> Value {
        let ask = format!("mutation($input: PlanUndoInput!) {{ planUndo(input: $input) {{ {PLAN} }} }}");
        self.hub.data(who, &ask, json!({"input": {"id": plan, "reason": "a slip"}})).await["planUndo"].take()
    }

    pub(super) async fn read(&self) -> Value {
        self.hub.data(&everyone(), READ, json!({})).await
    }
}

#[tokio::test]
async fn a_merge_does_what_its_preview_says_and_is_taken_back_without_a_trace() {
    on_both(|store| async move {
        let desk = Desk::open(&store).await;
        let ann = desk.push("stripe", "ann", party("Ann", "Archer", "ann@archer.example")).await;
        let twin = desk.push("zendesk", "ann", party("Ann", "Archer", "ann@archer.example")).await;
        let far = desk.push("mailchimp", "far", party("Annabel", "Smith", "office@smith.example")).await;
        desk.hub.fold().await;
        let before = desk.read().await;
        let mut ids = [desk.of(ann).await, desk.of(far).await];
        // Of two customers of one age the one with the smaller id survives.
        ids.sort();
        let asked = ids.map(|id| id.to_string());
        let facts = number(&store, "select count(*) from record_version").await;

        let seen = desk.merge_preview(&everyone(), &asked).await;
        assert_eq!(seen["userErrors"], json!([]), "{seen}");
        let preview = &seen["preview"];
        assert_eq!(preview["needsReason"], json!(false), "nobody has allowed anything: {seen}");
        assert_eq!(preview["before"].as_array().unwrap().len(), 2);
        assert_eq!(preview["after"], json!([{"id": asked[0], "recordCount": 3}]));
        assert_eq!(preview["ids"], json!([{"change": "RETIRES", "id": asked[1], "into": asked[0]}]));
        assert_eq!(preview["makes"].as_array().unwrap().len(), 1, "one link is enough");
        let name = preview["values"].as_array().unwrap().iter().find(|value| value["path"] == "displayName").unwrap();
        assert_eq!(name["before"].as_array().unwrap().len(), 2, "three ways: {name}");
        assert_eq!(desk.read().await, before, "a preview does nothing");
        assert_eq!(number(&store, "select count(*) from decision").await, 0);

        let done = desk.merge(&everyone(), &asked, &preview["fingerprint"], "", "merge").await;
        assert_eq!((&done["userErrors"], &done["replayed"]), (&json!([]), &json!(false)), "{done}");
        assert_eq!(done["plan"]["customers"], json!([{"id": asked[0]}]));
        assert_eq!([desk.of(twin).await, desk.of(far).await], [ids[0], ids[0]]);
        let redirected = desk.hub.customer_doc(&everyone(), ids[1], "id redirectedFrom displayName").await;
        assert_eq!((&redirected["id"], &redirected["redirectedFrom"]), (&json!(asked[0]), &json!(asked[1])));
        assert_eq!(redirected["displayName"], name["after"], "the value that was promised");
        let again = desk.merge(&everyone(), &asked, &preview["fingerprint"], "", "merge").await;
        assert_eq!((&again["replayed"], &again["plan"]["id"]), (&json!(true), &done["plan"]["id"]));

        let undone = desk.undo(&everyone(), &done["plan"]["id"]).await;
        assert_eq!(undone["userErrors"], json!([]), "{undone}");
        assert_eq!(desk.read().await, before, "nothing was copied, so nothing is left");
        assert_eq!(desk.undo(&everyone(), &done["plan"]["id"]).await["replayed"], json!(true));
        assert_eq!(number(&store, "select count(*) from record_version").await, facts);
        assert_eq!(desk.hub.app.rebuild("system:test", |_, _| {}).await.unwrap().customers_changed, 0);
    })
    .await;
}

#[tokio::test]
async fn a_customer_of_many_records_is_split_into_any_groups_and_each_has_its_own_back() {
    on_both(|store| async move {
        let desk = Desk::open(&store).await;
        let mut records = Vec::new();
        for (n, source) in ["stripe", "zendesk", "mailchimp", "stripe", "zendesk"].into_iter().enumerate() {
            let key = format!("ann{n}");
            records.push(desk.push(source, &key, party("Ann", "Archer", "ann@archer.example")).await);
        }
        desk.consent("stripe", "ann0", "GRANTED").await;
        desk.consent("mailchimp", "ann2", "DENIED").await;
        desk.hub.fold().await;
        let whole = desk.of(records[0]).await;
        for record in &records {
            assert_eq!(desk.of(*record).await, whole);
        }
        let before = desk.read().await;
        let groups: Vec<Vec<String>> =
            vec![vec![graph_id(records[0]), graph_id(records[3])], vec![graph_id(records[2])]];
        let asked = (whole.to_string(), groups);
        let seen = desk.split_preview(&everyone(), &asked.0, &asked.1).await;
        let preview = &seen["preview"];
        assert_eq!((&seen["userErrors"], &preview["needsReason"]), (&json!([]), &json!(true)), "{seen}");
        assert_eq!(preview["after"].as_array().unwrap().len(), 3, "and the rest: {seen}");
        let widened: Vec<&Value> =
            preview["consents"].as_array().unwrap().iter().filter(|change| change["widens"] == true).collect();
        assert_eq!(widened.len(), 1, "the part that had allowed it has that back: {seen}");
        let silent = desk.split(&everyone(), (&asked.0, &asked.1), &preview["fingerprint"], " ", "split").await;
        assert_eq!(silent["userErrors"][0]["code"], "REASON_NEEDED");
        assert_eq!(desk.read().await, before);

        let done =
            desk.split(&everyone(), (&asked.0, &asked.1), &preview["fingerprint"], "three sisters", "split").await;
        assert_eq!(done["userErrors"], json!([]), "{done}");
        let homes = [desk.of(records[0]).await, desk.of(records[1]).await, desk.of(records[2]).await];
        assert_eq!([desk.of(records[3]).await, desk.of(records[4]).await], [homes[0], homes[1]]);
        assert!(homes[0] != homes[1] && homes[1] != homes[2] && homes[0] != homes[2]);
        assert!(homes.contains(&whole), "one part keeps the id");
        let consents = desk.hub.customer_doc(&everyone(), homes[0], "effectiveConsents { status }").await;
        assert_eq!(consents["effectiveConsents"], json!([{"status": "GRANTED"}]));
        // What comes later changes nothing of it.
        desk.push("stripe", "ann0", party("Ann", "Archer", "ann@archer.example")).await;
        desk.hub.fold().await;
        assert_eq!(desk.of(records[2]).await, homes[2]);

        desk.undo(&everyone(), &done["plan"]["id"]).await;
        assert_eq!(desk.read().await, before);
        for home in homes {
            let found = desk.hub.customer_doc(&everyone(), home, "id").await;
            assert_eq!(found["id"], json!(whole.to_string()), "every id that was given resolves");
        }
    })
    .await;
}

#[tokio::test]
async fn a_split_takes_a_merge_apart_and_restores_the_id_that_its_records_had() {
    on_both(|store| async move {
        let desk = Desk::open(&store).await;
        let ann = desk.push("stripe", "ann", party("Ann", "Archer", "ann@archer.example")).await;
        let far = desk.push("mailchimp", "far", party("Annabel", "Smith", "office@smith.example")).await;
        desk.hub.fold().await;
        let (one, other) = (desk.of(ann).await, desk.of(far).await);
        // Of two customers of one age the one with the smaller id survives.
        let asked = [one.min(other).to_string(), one.max(other).to_string()];
        let seen = desk.merge_preview(&everyone(), &asked).await;
        let merged = desk.merge(&everyone(), &asked, &seen["preview"]["fingerprint"], "", "merge").await;
        let together = desk.read().await;
        let groups = vec![vec![graph_id(far)]];
        // By its retired id, which leads to the customer.
        let seen = desk.split_preview(&everyone(), &asked[1], &groups).await;
        assert_eq!(
            seen["preview"]["takesBack"].as_array().unwrap().len(),
            1,
            "the link that stands in the way: {seen}"
        );
        assert_eq!(seen["preview"]["ids"], json!([{"change": "RETURNS", "id": asked[1], "into": null}]));
        let split =
            desk.split(&everyone(), (&asked[1], &groups), &seen["preview"]["fingerprint"], "two", "split").await;
        assert_eq!(split["userErrors"], json!([]), "{split}");
        assert_eq!([desk.of(ann).await, desk.of(far).await], [one, other], "each has its own id");
        let undone = desk.undo(&everyone(), &split["plan"]["id"]).await;
        assert_eq!(undone["userErrors"], json!([]));
        assert_eq!(desk.read().await, together, "the link stands again");
        // The plan that made the link takes it back, although another plan had done so in between.
        desk.undo(&everyone(), &merged["plan"]["id"]).await;
        assert_eq!([desk.of(ann).await, desk.of(far).await], [one, other]);

        let plans = "{ plans { nodes { id kind undoneAt } } }";
        let listed = desk.hub.data(&steward(), plans, json!({})).await;
        let kinds: Vec<&Value> =
            listed["plans"]["nodes"].as_array().unwrap().iter().map(|plan| &plan["kind"]).collect();
        assert_eq!(kinds, ["SPLIT", "MERGE"]);
        assert_eq!(desk.hub.data(&billing(), plans, json!({})).await["plans"]["nodes"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn the_most_restrictive_consent_wins_and_a_merge_that_widens_takes_a_reason() {
    on_both(|store| async move {
        let desk = Desk::open(&store).await;
        let people = [
            ("stripe", "ann", "Ann", "Archer"),
            ("mailchimp", "bob", "Bob", "Baker"),
            ("zendesk", "eve", "Eve", "Ember"),
        ];
        let mut records = Vec::new();
        for (source, key, given, family) in people {
            records.push(desk.push(source, key, party(given, family, &format!("{key}@{key}.example"))).await);
        }
        desk.consent("stripe", "ann", "GRANTED").await;
        desk.consent("mailchimp", "bob", "DENIED").await;
        desk.hub.fold().await;
        let mut ids = Vec::new();
        for record in &records {
            ids.push(desk.of(*record).await.to_string());
        }
        // Granted and denied: denied, and nobody may be reached who may not be now.
        let narrow = desk.merge_preview(&everyone(), &ids[..2]).await["preview"].take();
        assert_eq!(
            (&narrow["needsReason"], &narrow["consents"][0]["after"]),
            (&json!(false), &json!("DENIED")),
            "{narrow}"
        );
        assert_eq!(narrow["consents"][0]["widens"], json!(false));
        // Granted and nothing said: the addresses of the second may be used from then on.
        let asked = [ids[0].clone(), ids[2].clone()];
        let wide = desk.merge_preview(&everyone(), &asked).await["preview"].take();
        assert_eq!((&wide["needsReason"], &wide["consents"][0]["widens"]), (&json!(true), &json!(true)), "{wide}");
        let silent = desk.merge(&everyone(), &asked, &wide["fingerprint"], "", "wide").await;
        assert_eq!(silent["userErrors"][0]["code"], "REASON_NEEDED", "{silent}");
        assert_eq!(number(&store, "select count(*) from decision").await, 0);
        let done = desk.merge(&everyone(), &asked, &wide["fingerprint"], "it is her", "wide").await;
        assert_eq!(done["userErrors"], json!([]), "{done}");

        // Who may see no consents is told none, and says why in any case.
        let blind = desk.merge_preview(&steward(), &ids[1..]).await["preview"].take();
        assert_eq!((&blind["consents"], &blind["needsReason"]), (&Value::Null, &json!(true)));
    })
    .await;
}

#[tokio::test]
async fn a_plan_is_refused_with_the_difference_where_the_data_moved() {
    on_both(|store| async move {
        let desk = Desk::open(&store).await;
        let ann = desk.push("stripe", "ann", party("Ann", "Archer", "ann@archer.example")).await;
        let far = desk.push("mailchimp", "far", party("Annabel", "Smith", "office@smith.example")).await;
        desk.hub.fold().await;
        let asked = [desk.of(ann).await.to_string(), desk.of(far).await.to_string()];
        let seen = desk.merge_preview(&everyone(), &asked).await["preview"].take();
        desk.push("mailchimp", "far", party("Annabelle", "Smith", "office@smith.example")).await;
        let moved = desk.merge(&everyone(), &asked, &seen["fingerprint"], "", "merge").await;
        assert_eq!((&moved["userErrors"][0]["code"], &moved["plan"]), (&json!("PLAN_MOVED"), &Value::Null), "{moved}");
        let message = moved["userErrors"][0]["message"].as_str().unwrap();
        assert!(message.contains("what the records say") && !message.contains("who is together"), "{message}");
        assert_eq!(number(&store, "select count(*) from decision").await, 0);
        // A consent moves it too, and nothing else.
        let seen = moved["moved"]["fingerprint"].clone();
        desk.consent("mailchimp", "far", "DENIED").await;
        let moved = desk.merge(&everyone(), &asked, &seen, "", "merge").await;
        let message = moved["userErrors"][0]["message"].as_str().unwrap().to_owned();
        assert!(message.contains("the consents") && !message.contains("records say"), "{message}");
        let done = desk.merge(&everyone(), &asked, &moved["moved"]["fingerprint"], "", "merge").await;
        assert_eq!(done["userErrors"], json!([]), "{done}");
    })
    .await;
}
