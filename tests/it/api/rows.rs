//! Rows: a customer that a policy's condition hides is as if it did not exist, on every way that leads to it.

use super::hub::*;
use crate::harness::on_both;
use onefold::auth::{Actor, PolicySet, default_policies};
use onefold::identity::Identity;
use onefold::store::Store;
use onefold_model::{CustomerId, RecordId, RecordKind};
use serde_json::{Value, json};

/// Marketing sees whom it may write to, and nobody abroad; nobody sees staff.
const RULES: &str = r#"
    @id("marketing.reachable")
    permit (principal in Onefold::Department::"marketing", action == Onefold::Action::"see", resource is Onefold::Customer)
    when { resource.granted.contains("newsletter/EMAIL") && resource.countries.containsAny(["AT", "DE"]) };
    @id("everybody.no-staff")
    forbid (principal, action == Onefold::Action::"see", resource is Onefold::Customer)
    when { resource.tags.contains("staff") };
    @id("support.own-tickets")
    permit (principal in Onefold::Department::"support", action == Onefold::Action::"see", resource is Onefold::Ticket)
    when { principal in resource.owner && resource.status != "CLOSED" };
"#;

fn rules() -> PolicySet {
    let mut files = default_policies(&departments());
    files.push(("rows.cedar".to_owned(), RULES.to_owned()));
    policies(&files)
}

fn party(name: &str, country: &str, tags: &[&str]) -> Value {
    json!({"kind": "PERSON", "displayName": name, "addresses": [{"lines": ["1 Way"], "country": country}], "tags": tags,
           "emails": [{"address": format!("{}@example.com", name.to_lowercase()), "original": name}]})
}

fn whose(key: &str) -> Value {
    json!({"stream": "customers", "externalId": key})
}

struct Filled {
    hub: Hub,
    shown: RecordId,
    hidden: Vec<RecordId>,
}

impl Filled {
    /// Ada may be written to; Berta lives abroad, Cleo said no in one system, Dora was never asked, Emil is staff.
    async fn new(store: &Store) -> Self {
        let hub = Hub::with(store, rules(), Identity::default()).await;
        let people = [
            ("a", "Adalind", "at", ""),
            ("b", "Bertalan", "US", ""),
            ("c", "Cleomene", "DE", ""),
            ("d", "Doralice", "AT", ""),
            ("e", "Emilrich", "AT", "staff"),
        ];
        for (key, name, country, tag) in people {
            let tags: Vec<&str> = [tag].into_iter().filter(|tag| !tag.is_empty()).collect();
            hub.push("mailchimp", vec![put(RecordKind::Party, "customers", key, party(name, country, &tags))]).await;
            let touch = json!({"customer": whose(key), "channel": "EMAIL", "result": "SENT"});
            hub.push("mailchimp", vec![put(RecordKind::CampaignTouch, "touches", key, touch)]).await;
        }
        let says = [
            ("a1", "a", "GRANTED"),
            ("b1", "b", "GRANTED"),
            ("c1", "c", "GRANTED"),
            ("c2", "c", "WITHDRAWN"),
            ("e1", "e", "GRANTED"),
        ];
        for (key, of, status) in says {
            let consent = json!({"customer": whose(of), "purpose": "newsletter", "channel": "EMAIL", "status": status});
            hub.push("mailchimp", vec![put(RecordKind::Consent, "consents", key, consent)]).await;
        }
        hub.fold().await;
        let id = |key| record_id("mailchimp", "customers", key);
        Self { hub, shown: id("a"), hidden: ["b", "c", "d", "e"].map(id).to_vec() }
    }
}

async fn names(hub: &Hub, who: &Actor) -> Value {
    let data = hub.data(who, "{ customers { totalCount nodes { displayName } } }", json!({})).await;
    let names: Vec<Value> =
        data["customers"]["nodes"].as_array().unwrap().iter().map(|n| n["displayName"].clone()).collect();
    assert_eq!(data["customers"]["totalCount"], json!(names.len()));
    json!(names)
}

#[tokio::test]
async fn lists_and_counts_hold_the_rows_that_are_there() {
    on_both(|store| async move {
        let filled = Filled::new(&store).await;
        assert_eq!(names(&filled.hub, &marketing()).await, json!(["Adalind"]));
        // Nobody sees staff, whatever else they may see; a department whose rows nobody speaks of sees all others.
        assert_eq!(names(&filled.hub, &steward()).await, json!(["Adalind", "Bertalan", "Cleomene", "Doralice"]));
    })
    .await;
}

/// Every way to one object by an id, asked with the id of a hidden one and with an id that never was.
#[tokio::test]
async fn a_hidden_row_answers_as_one_that_never_was() {
    on_both(|store| async move {
        let Filled { hub, shown, hidden } = Filled::new(&store).await;
        let document = "query($c: ID!, $r: ID!, $t: ID!, $key: String!) {
            customer(id: $c) { id } byNode: node(id: $c) { id } record: node(id: $r) { id } touch: node(id: $t) { id }
            nodes(ids: [$c, $r, $t]) { id } bySource: customerBySource(source: \"mailchimp\", externalId: $key) { id }
            matchCandidates(customer: $c) { totalCount nodes { id } }
        }";
        let ask = async |customer: CustomerId, record: RecordId, key: &str| {
            let touch = record_id("mailchimp", "touches", key);
            let ids = json!({"c": customer.to_string(), "r": record.to_string(), "t": touch.to_string(), "key": key});
            hub.ask(&marketing(), document, ids).await
        };
        let never = record_id("mailchimp", "customers", "nobody");
        let nobody = ask(CustomerId(never.0), never, "nobody").await;
        assert_eq!(nobody["data"]["customer"], Value::Null);
        for (at, record) in hidden.iter().enumerate() {
            let customer = hub.customer(*record).await;
            assert_eq!(ask(customer, *record, ["b", "c", "d", "e"][at]).await, nobody, "{at}");
        }
        let seen = ask(hub.customer(shown).await, shown, "a").await;
        for way in ["customer", "byNode", "record", "touch", "bySource"] {
            assert_ne!(seen["data"][way]["id"], Value::Null, "{way}");
        }
    })
    .await;
}

#[tokio::test]
async fn search_and_filters_do_not_find_a_hidden_row() {
    on_both(|store| async move {
        let Filled { hub, .. } = Filled::new(&store).await;
        let document = "query($text: String!, $email: String!, $name: String!) {
            search(text: $text) { customer { displayName } }
            byEmail: customers(filter: {email: $email}) { totalCount pageInfo { hasNextPage } nodes { id } }
            byName: customers(filter: {nameStartsWith: $name}) { totalCount pageInfo { hasNextPage } nodes { id } }
        }";
        let ask = async |name: &str| {
            let email = format!("{}@example.com", name.to_lowercase());
            hub.data(&marketing(), document, json!({"text": name, "email": email, "name": name})).await
        };
        let nobody = ask("Zacharias").await;
        for name in ["Bertalan", "Cleomene", "Doralice", "Emilrich"] {
            assert_eq!(ask(name).await, nobody, "{name}");
        }
        assert_eq!(ask("Adalind").await["search"][0]["customer"]["displayName"], "Adalind");
    })
    .await;
}

#[tokio::test]
async fn what_happened_has_conditions_of_its_own() {
    on_both(|store| async move {
        let Filled { hub, .. } = Filled::new(&store).await;
        hub.push("zendesk", vec![put(RecordKind::Party, "users", "s", party("Sigismund", "AT", &[]))]).await;
        for (key, status) in [("t1", "OPEN"), ("t2", "CLOSED")] {
            let asked = json!({"number": key, "status": status, "customer": {"stream": "users", "externalId": "s"}});
            hub.push("zendesk", vec![put(RecordKind::Ticket, "tickets", key, asked)]).await;
        }
        hub.fold().await;
        let customer = hub.customer(record_id("zendesk", "users", "s")).await;
        let lists = "tickets { totalCount nodes { number } }";
        let seen = hub.customer_doc(&support(), customer, lists).await;
        assert_eq!(seen["tickets"], json!({"totalCount": 1, "nodes": [{"number": "t1"}]}));
        let closed = record_id("zendesk", "tickets", "t2").to_string();
        let node = hub.data(&support(), "query($id: ID!) { node(id: $id) { id } }", json!({"id": closed})).await;
        assert_eq!(node["node"], Value::Null);
        let hits = hub.data(&support(), "{ search(text: \"t2\") { matchedText } }", json!({})).await;
        assert_eq!(hits["search"], json!([]));
    })
    .await;
}

/// What a row is made of changes: the condition follows in the transaction that tells it.
#[tokio::test]
async fn a_row_appears_and_goes_with_what_its_condition_asks() {
    on_both(|store| async move {
        let Filled { hub, .. } = Filled::new(&store).await;
        let consent = |status| {
            let said = json!({"customer": whose("d"), "purpose": "newsletter", "channel": "EMAIL", "status": status});
            vec![put(RecordKind::Consent, "consents", "d1", said)]
        };
        hub.push("mailchimp", consent("GRANTED")).await;
        assert_eq!(names(&hub, &marketing()).await, json!(["Adalind", "Doralice"]));
        hub.push("mailchimp", consent("WITHDRAWN")).await;
        assert_eq!(names(&hub, &marketing()).await, json!(["Adalind"]));
        hub.push("mailchimp", vec![put(RecordKind::Party, "customers", "a", party("Adalind", "CH", &[]))]).await;
        hub.fold().await;
        assert_eq!(names(&hub, &marketing()).await, json!([]));
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.derived_rebuild(None, 1_000).await.unwrap().mended, 0, "a rebuild finds nothing to change");
        tx.execute("delete from record_attribute", Vec::new()).await.unwrap();
        assert!(tx.derived_rebuild(None, 1_000).await.unwrap().mended > 0, "and makes anew what is missing");
    })
    .await;
}

/// What is of somebody who has not arrived yet may be of somebody hidden.
#[tokio::test]
async fn what_is_of_somebody_unknown_is_there_only_where_every_customer_is() {
    on_both(|store| async move {
        let Filled { hub, .. } = Filled::new(&store).await;
        let touch = json!({"customer": whose("later"), "channel": "EMAIL", "result": "SENT"});
        hub.push("mailchimp", vec![put(RecordKind::CampaignTouch, "touches", "later", touch)]).await;
        let id = record_id("mailchimp", "touches", "later").to_string();
        let document = "query($id: ID!) { node(id: $id) { id } }";
        assert_eq!(hub.data(&marketing(), document, json!({"id": id})).await["node"], Value::Null);
        let open = hub.under(policies(&default_policies(&departments()))).await;
        assert_eq!(open.data(&marketing(), document, json!({"id": id})).await["node"]["id"], json!(id));
    })
    .await;
}

/// A field that may not be read as it is: no filter tells what it says.
#[tokio::test]
async fn a_hidden_field_cannot_be_filtered_by() {
    on_both(|store| async move {
        let text = r#"@id("a") permit (principal, action == Onefold::Action::"read", resource)
            when { resource in [Onefold::Field::"Customer.displayName", Onefold::Field::"Quarantine.message"] };"#;
        let hub = Hub::with(&store, policies(&[("own.cedar", text)]), Identity::default()).await;
        for document in [
            "{ customers(filter: {department: \"billing\"}) { totalCount } }",
            "{ customers(filter: {source: \"stripe\"}) { totalCount } }",
            "{ customers(filter: {phone: \"123456\"}) { nodes { id } } }",
            "{ quarantine(code: \"DATA_INVALID\") { totalCount } }",
            "{ quarantine(code: \"DATA_INVALID\") { nodes { id } } }",
        ] {
            let refusals = hub.refusals(&billing(), document, json!({})).await;
            assert!(!refusals.is_empty() && refusals.iter().all(|(code, _)| code == "FIELD_FORBIDDEN"), "{document}");
        }
        assert!(hub.refusals(&billing(), "{ quarantine { totalCount } }", json!({})).await.is_empty());
    })
    .await;
}
