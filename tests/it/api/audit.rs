//! What the audit keeps of requests, and who may look: on both databases.

use super::hub::*;
use super::served::Served;
use super::story::{filled, mailbox, party_id, phone};
use crate::harness::on_both;
use crate::store::dump::dump;
use crate::store::fixture::number;
use onefold::app::{App, ReadKind};
use onefold::args;
use onefold::auth::{Actor, default_policies};
use onefold::config::{AuditConfig, AuditReads};
use onefold::graphql::graph_fields;
use onefold::identity::Identity;
use onefold::store::Dialect;
use onefold_model::Clock;
use serde_json::{Value, json};
use std::sync::Arc;

/// The same hub, which writes down what is read.
pub(super) async fn audited(hub: &Hub, reads: AuditReads) -> Hub {
    let clock: Arc<dyn Clock> = Arc::new(StepClock::default());
    let (store, engine) = (hub.app.store().clone(), Arc::clone(hub.app.engine()));
    let policies = policies(&default_policies(&departments()));
    let app = App::open_audited(store, policies, Identity::default(), engine, clock, AuditConfig { reads });
    Hub { app: app.await.expect("an app"), schema: hub.schema.clone() }
}

/// A privacy officer of no department that has a source.
pub(super) fn officer() -> Actor {
    actor(&["legal"], &["privacy"])
}

/// The reads in the audit: who, which kinds, and of how many customers.
async fn reads(hub: &Hub) -> Vec<(String, String, i64)> {
    let sql = "select a.actor, a.detail, (select count(*) from audit_subject s where s.seq = a.seq) from audit a
               where a.action in ('customer.read', 'record.read') order by a.seq";
    let rows = hub.app.store().fetch(sql, args![]).await.unwrap();
    rows.iter().map(|row| (row.text(0).unwrap(), row.text(1).unwrap(), row.int(2).unwrap())).collect()
}

fn said(who: &Actor, kinds: &str, of: i64) -> (String, String, i64) {
    (who.subject().to_owned(), kinds.to_owned(), of)
}

const EVERYTHING: &str = "displayName email emails { address } phones { e164 } address { lines } identifiers { value }
    invoices { nodes { number } } tickets { nodes { subject } } campaignTouches { nodes { result } }
    effectiveConsents { status } ... on Person { birthDate } provenance { path value }";

#[tokio::test]
async fn a_read_is_written_down_by_kind_and_customer() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 3).await;
        let id = hub.customer(party_id("stripe", 0)).await;
        let all = audited(&hub, AuditReads::All).await;
        all.customer_doc(&support(), id, EVERYTHING).await;
        let expected = "identity, birth, contact, identifier, financial, support, provenance";
        assert_eq!(reads(&all).await, [said(&support(), expected, 1)], "what is hidden from Support was not read");
        all.customer_doc(&support(), id, "id version recordCount").await;
        assert_eq!(reads(&all).await.len(), 1, "what everybody may know is no read");
        all.data(
            &support(),
            "{ customers(first: 3) { nodes { ...Name } } } fragment Name on Customer { displayName }",
            json!({}),
        )
        .await;
        assert_eq!(reads(&all).await[1..], [said(&support(), "identity", 3)], "one entry for a page, fragments too");
        assert_eq!(number(&store, "select count(*) from audit_subject").await, 4);

        let sensitive = audited(&hub, AuditReads::Sensitive).await;
        sensitive
            .customer_doc(
                &marketing(),
                id,
                "displayName campaignTouches { nodes { result } } effectiveConsents { status }",
            )
            .await;
        assert_eq!(reads(&sensitive).await.len(), 2, "neither does harm");
        sensitive.customer_doc(&marketing(), id, EVERYTHING).await;
        let last = reads(&sensitive).await.pop().unwrap();
        assert_eq!(last, said(&marketing(), "contact, support, provenance", 1));

        let none = audited(&hub, AuditReads::None).await;
        none.customer_doc(&billing(), id, EVERYTHING).await;
        assert_eq!(reads(&none).await.len(), 3);
    })
    .await;
}

#[tokio::test]
async fn whoever_is_found_by_a_value_is_read_too() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 2).await;
        let hub = audited(&hub, AuditReads::All).await;
        let by_mail = format!("{{ customers(filter: {{email: \"{}\"}}) {{ nodes {{ id }} }} }}", mailbox(0));
        hub.data(&billing(), &by_mail, json!({})).await;
        let by_number = format!("{{ search(text: \"{}\") {{ matchedOn }} }}", phone(1));
        hub.data(&billing(), &by_number, json!({})).await;
        hub.data(&billing(), "{ customers { nodes { id } } }", json!({})).await;
        assert_eq!(reads(&hub).await, [said(&billing(), "contact", 1), said(&billing(), "contact", 1)]);
    })
    .await;
}

#[tokio::test]
async fn payloads_are_noted_with_their_customer_and_without_one() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 1).await;
        let hub = audited(&hub, AuditReads::Sensitive).await;
        let id = hub.customer(party_id("stripe", 0)).await;
        hub.customer_doc(&billing(), id, "sourceRecords { nodes { raw } }").await;
        hub.customer_doc(&billing(), id, "invoices { nodes { sourceRecord { raw } } }").await;
        hub.data(&billing(), "{ quarantine { nodes { raw } } }", json!({})).await;
        let told = reads(&hub).await;
        assert_eq!(told[0], said(&billing(), "payload", 1));
        assert_eq!(told[1], said(&billing(), "financial, payload", 1));
        assert!(told[2].1.starts_with("payload: quar") && told[2].2 == 0, "{told:?}");
        hub.data(&actor(&["legal"], &["operator"]), "{ quarantine { nodes { raw } } }", json!({})).await;
        assert_eq!(reads(&hub).await.len(), 3, "an operator sees why, not what");
    })
    .await;
}

/// A new field of a customer must have a kind, or else nobody would know that it was read.
#[test]
fn every_field_of_a_customer_has_a_kind_or_is_a_list_that_is_noted() {
    let noted = [
        "accounts",
        "subscriptions",
        "invoices",
        "payments",
        "tickets",
        "interactions",
        "feedback",
        "campaignTouches",
        "consents",
        "sourceRecords",
        "matchCandidates",
    ];
    let graph = graph_fields();
    let silent: Vec<&str> = graph
        .fields("Customer")
        .filter(|field| ReadKind::of_customer_field(field).is_none() && !noted.contains(field))
        .collect();
    assert_eq!(silent, Vec::<&str>::new());
}

/// Holds what the audit is extended by, as a transaction that has not ended does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_answer_leaves_before_its_entry_is_committed() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 1).await;
        let id = hub.customer(party_id("stripe", 0)).await;
        let hub = Arc::new(audited(&hub, AuditReads::Sensitive).await);
        let mut held = store.begin().await.unwrap();
        if store.dialect() == Dialect::Postgres {
            held.fetch("select seq from audit_head for update", args![]).await.unwrap();
        }
        let before = store.statements();
        let asked = tokio::spawn({
            let hub = Arc::clone(&hub);
            async move { hub.customer_doc(&billing(), id, "email").await }
        });
        // By now the values are read; PostgreSQL's writer stands before the head.
        while store.statements() < before + 2 {
            tokio::task::yield_now().await;
        }
        assert!(!asked.is_finished(), "an answer without its entry");
        held.commit().await.unwrap();
        assert_eq!(asked.await.unwrap()["email"], mailbox(0));
        assert_eq!(reads(&hub).await.len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_requests_at_once_lose_no_entry() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 1).await;
        let id = hub.customer(party_id("stripe", 0)).await;
        let hub = Arc::new(audited(&hub, AuditReads::Sensitive).await);
        let asked = (0..60).map(|_| {
            let hub = Arc::clone(&hub);
            tokio::spawn(async move { hub.customer_doc(&billing(), id, "email").await })
        });
        for asked in asked.collect::<Vec<_>>() {
            assert_eq!(asked.await.unwrap()["email"], mailbox(0));
        }
        assert_eq!(reads(&hub).await, vec![said(&billing(), "contact", 1); 60]);
        assert_eq!(store.audit_verify(None, |_, _| {}).await.unwrap().faults, []);
    })
    .await;
}

async fn refusals(hub: &Hub) -> Vec<(String, String)> {
    let sql = "select actor, target from audit where action = 'right.refused' order by seq";
    let rows = hub.app.store().fetch(sql, args![]).await.unwrap();
    rows.iter().map(|row| (row.text(0).unwrap(), row.text(1).unwrap())).collect()
}

#[tokio::test]
async fn what_is_refused_is_written_down() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 1).await;
        let push = "mutation { recordsIngest(input: {source: \"stripe\", records: []}) { userErrors { code } } }";
        let answer = hub.data(&marketing(), push, json!({})).await;
        assert_eq!(answer["recordsIngest"]["userErrors"][0]["code"], "FORBIDDEN");
        let sync = "mutation { syncStart(input: {source: \"zendesk\"}) { userErrors { code } } }";
        let nobody = actor(&["legal"], &[]);
        let answer = hub.data(&nobody, sync, json!({})).await;
        assert_eq!(answer["syncStart"]["userErrors"][0]["code"], "NOT_FOUND", "nobody is told that it exists");
        let unknown = "mutation { syncStart(input: {source: \"nowhere\"}) { userErrors { code } } }";
        hub.data(&nobody, unknown, json!({})).await;
        let by_phone = "{ customers(filter: {phone: \"4366012345\"}) { totalCount } }";
        hub.ask(&marketing(), by_phone, json!({})).await;
        hub.ask(&marketing(), "{ auditEntries { nodes { number } } }", json!({})).await;
        let who = |actor: &Actor| actor.subject().to_owned();
        let expected = [
            (who(&marketing()), "to ingest for the source stripe"),
            (who(&nobody), "to sync for the source zendesk"),
            (who(&marketing()), "Customer.phones in filter"),
            (who(&marketing()), "to read the audit"),
        ];
        assert_eq!(refusals(&hub).await, expected.map(|(who, what)| (who, what.to_owned())));
    })
    .await;
}

#[tokio::test]
async fn tokens_that_are_refused_are_counted_by_code_and_never_kept() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        let served = Served::start(&hub).await;
        for _ in 0..3 {
            let request = served.bare("POST", "/graphql").bearer_auth("rubbish-that-nobody-keeps");
            let request = request.header("content-type", "application/json").body("{}");
            assert_eq!(request.send().await.unwrap().status(), 401);
        }
        served.stop().await;
        hub.app.audit_settled().await.unwrap();
        let rows = store
            .fetch("select target, detail from audit where action = 'token.refused' order by seq", args![])
            .await
            .unwrap();
        // They may fall into two of the writer's seconds.
        let times = |row: &onefold::store::Row| row.text(1).unwrap().replace(" times", "").parse::<i64>().unwrap();
        assert!(rows.iter().all(|row| row.text(0).unwrap() == "TOKEN_MALFORMED"));
        assert_eq!(rows.iter().map(times).sum::<i64>(), 3);
        assert!(!dump(&store).await.contains("rubbish"));
    })
    .await;
}

#[tokio::test]
async fn the_privacy_officer_reads_the_audit_and_nobody_else() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 2).await;
        let hub = audited(&hub, AuditReads::All).await;
        let (one, other) = (hub.customer(party_id("stripe", 0)).await, hub.customer(party_id("stripe", 1)).await);
        hub.customer_doc(&billing(), one, "email").await;
        hub.customer_doc(&support(), other, "email displayName").await;
        let document = "query($filter: AuditFilterInput, $first: Int, $after: String) {
            auditEntries(filter: $filter, first: $first, after: $after) {
                nodes { number actor action target detail customers kinds hash previousHash at }
                pageInfo { hasNextPage endCursor } } }";
        for who in [billing(), support(), marketing(), steward(), everyone(), actor(&["legal"], &["operator"])] {
            let refused = hub.refusals(&who, document, json!({})).await;
            assert_eq!(refused.len(), 1, "{}", who.subject());
            assert_eq!(refused[0].0, "FORBIDDEN", "{}", who.subject());
        }
        let entries = |filter: Value| {
            let hub = &hub;
            async move {
                let mut data = hub.data(&officer(), document, json!({"filter": filter, "first": 50})).await;
                data["auditEntries"]["nodes"].take().as_array().unwrap().clone()
            }
        };
        let of_one = entries(json!({"customer": one.to_string()})).await;
        assert_eq!(of_one.len(), 1);
        assert_eq!((&of_one[0]["kinds"], &of_one[0]["customers"]), (&json!(["contact"]), &json!([one.to_string()])));
        assert_eq!(of_one[0]["actor"], billing().subject());
        let of_support = entries(json!({"actor": support().subject(), "action": "customer.read"})).await;
        assert_eq!(of_support[0]["kinds"], json!(["identity", "contact"]));
        assert_eq!(of_support[0]["hash"].as_str().unwrap().len(), 64);
        let looked = entries(json!({"action": "audit.read", "actor": officer().subject()})).await;
        assert_eq!(looked.len(), 2, "who looked is written down too");
        let at = of_support[0]["at"].clone();
        let since = entries(json!({"since": at, "action": "customer.read"})).await;
        let until = entries(json!({"until": at, "action": "customer.read"})).await;
        assert_eq!((since.len(), until.len()), (1, 1));

        let mut numbers = Vec::new();
        let mut after = Value::Null;
        loop {
            let filter = json!({"action": "records.ingest"});
            let page = hub.data(&officer(), document, json!({"filter": filter, "first": 7, "after": after})).await;
            let page = &page["auditEntries"];
            numbers.extend(page["nodes"].as_array().unwrap().iter().map(|entry| entry["number"].as_i64().unwrap()));
            if page["pageInfo"]["hasNextPage"] != true {
                break;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
        let count = number(&store, "select count(*) from audit where action = 'records.ingest'").await;
        assert_eq!(i64::try_from(numbers.len()).unwrap(), count);
        assert!(numbers.windows(2).all(|two| two[0] > two[1]), "the latest first, each once");
        let wrong = hub.refusals(&officer(), document, json!({"after": "rubbish"})).await;
        assert_eq!(wrong[0].0, "INVALID_INPUT");
    })
    .await;
}

#[tokio::test]
async fn the_audit_holds_no_personal_data() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 2).await;
        let hub = audited(&hub, AuditReads::All).await;
        let id = hub.customer(party_id("stripe", 0)).await;
        for who in [billing(), support(), marketing(), steward()] {
            hub.customer_doc(&who, id, EVERYTHING).await;
            let search = json!({"text": mailbox(0)});
            hub.ask(&who, "query($text: String!) { search(text: $text) { matchedText } }", search).await;
            let by_phone = format!("{{ customers(filter: {{phone: \"{}\"}}) {{ nodes {{ id }} }} }}", phone(0));
            hub.ask(&who, &by_phone, json!({})).await;
        }
        assert!(!refusals(&hub).await.is_empty());
        let text = dump(&store).await;
        let audit: Vec<&str> = text.split("# ").filter(|section| section.starts_with("audit")).collect();
        assert!(audit.concat().contains("customer.read"));
        let personal =
            ["robert", "kova", "@example.com", "436601", "hauptgasse", "1984", "k-0000", "inv-0000", "open-0000"];
        let audit = audit.concat().to_lowercase();
        for value in personal {
            assert!(text.to_lowercase().contains(value), "{value} is in the store");
            assert!(!audit.contains(value), "{value} is in the audit");
        }
    })
    .await;
}
