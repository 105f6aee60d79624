//! Exports: what is written, of whom, with whose rights, and that copies are brought up to date by applying them one after the
//! other, whoever writes meanwhile.

mod copy;
mod fetched;
mod guide;
mod killed;
mod refused;

use super::audit::officer;
use super::hub::*;
use super::story::{billing_party, history, mailbox, party_id, person, support_party};
use crate::harness::on_both;
use copy::Copy;
use onefold::args;
use onefold::auth::Actor;
use onefold::config::Secret;
use onefold::graphql::exports_write;
use onefold::store::Store;
use onefold_model::{ExportId, NodeId, RecordKind};
use serde_json::{Value, json};
use uuid::Uuid;

pub(super) const START: &str = "mutation($input: ExportStartInput!) { exportStart(input: $input) {
    export { id state format rows total bytes after endCursor expiresAt error downloadUrl createdBy } replayed
    userErrors { code message } } }";
pub(super) const ONE: &str = "query($id: ID!) { node(id: $id) { ... on Export {
    id state rows total bytes endCursor error downloadUrl startedAt endedAt expiresAt } } }";
/// What lines show in these tests.
pub(super) const SHOWN: &str =
    "id displayName email recordCount invoices(first: 5) { nodes { number total { amount } } }";

/// Starts an export, and gives its payload.
pub(super) async fn start(hub: &Hub, who: &Actor, mut input: Value) -> Value {
    if input.get("idempotencyKey").is_none() {
        input["idempotencyKey"] = json!(Uuid::now_v7().to_string());
    }
    hub.data(who, START, json!({"input": input})).await["exportStart"].take()
}

/// As the graph shows an export.
pub(super) async fn shown(hub: &Hub, who: &Actor, id: &Value) -> Value {
    hub.data(who, ONE, json!({"id": id})).await["node"].take()
}

/// Writes until nothing is left to be written.
pub(super) async fn write_all(hub: &Hub) {
    while exports_write(&hub.schema, &hub.app, 1_000).await.unwrap() > 0 {}
}

/// What an export holds.
pub(super) async fn content(hub: &Hub, id: &Value) -> String {
    let id = ExportId::try_from(id.as_str().unwrap().parse::<NodeId>().unwrap()).unwrap();
    let row = hub.app.store().export_get(id).await.unwrap().unwrap();
    let mut text = String::new();
    for part in 0..row.parts {
        let part = hub.app.store().export_part(id, part).await.unwrap().unwrap();
        text.push_str(std::str::from_utf8(&part).unwrap());
    }
    assert_eq!(i64::try_from(text.len()).unwrap(), row.bytes);
    text
}

/// Starts an export, writes it, and gives what it holds and the cursor of its end.
pub(super) async fn written(hub: &Hub, who: &Actor, input: Value) -> (String, Value) {
    let made = start(hub, who, input).await;
    assert_eq!(made["userErrors"], json!([]), "{made}");
    write_all(hub).await;
    let id = &made["export"]["id"];
    let done = shown(hub, who, id).await;
    assert_eq!((&done["state"], &done["error"]), (&json!("SUCCEEDED"), &Value::Null));
    (content(hub, id).await, done["endCursor"].clone())
}

pub(super) fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Everybody, as this caller sees them by a query, by id.
pub(super) async fn queried(hub: &Hub, who: &Actor) -> Vec<Value> {
    let document = format!("{{ customers(first: 200, orderBy: CREATED_ASC) {{ nodes {{ {SHOWN} }} }} }}");
    let mut answer = hub.data(who, &document, json!({})).await;
    let mut nodes: Vec<Value> = serde_json::from_value(answer["customers"]["nodes"].take()).unwrap();
    nodes.sort_by_key(|node| node["id"].as_str().unwrap().to_owned());
    nodes
}

/// A store that may erase.
pub(super) fn erasing(store: &Store) -> Store {
    store.clone().with_erasure(&Secret::new("a secret of the tests, of more than 32 bytes")).unwrap()
}

/// People of whom every department knows, with what happened with them.
async fn story(hub: &Hub, people: usize) {
    for n in 0..people {
        hub.push_all(person(n).into_iter().chain(history(n))).await;
    }
    hub.fold().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_is_written_as_a_query_would_show_them() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        story(&hub, 3).await;
        for who in [billing(), support(), marketing(), everyone()] {
            let (text, cursor) = written(&hub, &who, json!({"selection": SHOWN})).await;
            assert_eq!(lines(&text), queried(&hub, &who).await, "{}", who.subject());
            assert!(cursor.is_string());
        }
        let made = hub.data(&support(), "{ exports { totalCount nodes { id state rows total } } }", json!({})).await;
        let nodes = &made["exports"]["nodes"];
        assert_eq!((&made["exports"]["totalCount"], &nodes[0]["rows"]), (&json!(1), &json!(3)));
        assert_eq!(nodes[0]["total"], 3);
        let audited = "select action from audit where action like 'export.%' order by seq";
        let audited = store.fetch(audited, args![]).await.unwrap();
        let actions: Vec<String> = audited.iter().map(|row| row.text(0).unwrap()).collect();
        assert_eq!(actions[..2], ["export.start", "export.end"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_whole_document_shapes_lines_as_it_selects() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        story(&hub, 2).await;
        let document = "query Rows($ids: [ID!]!, $first: Int) { rows: nodes(ids: $ids) { ...Row } }
            fragment Row on Customer { name: displayName id ... on Person { givenName }
                invoices(first: $first) { nodes { number } } }";
        let input = json!({"document": document, "variables": {"first": 1}});
        let (text, _) = written(&hub, &billing(), input).await;
        let first = text.lines().next().unwrap();
        assert!(first.starts_with("{\"name\":"), "in the order of the selection: {first}");
        let line: Value = serde_json::from_str(first).unwrap();
        assert!(line["givenName"].is_string() && line["invoices"]["nodes"].as_array().unwrap().len() == 1, "{line}");

        let csv = json!({"document": document, "variables": {"first": 1}, "format": "CSV"});
        let (text, _) = written(&hub, &billing(), csv).await;
        let rows: Vec<&str> = text.split("\r\n").collect();
        assert_eq!(rows[0], "name,id,givenName,invoices.nodes");
        assert_eq!((rows.len(), rows[3]), (4, ""));
        assert!(rows[1].contains(",\"[{\"\"number\"\":\"\""), "a list is JSON in one cell: {}", rows[1]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_increment_has_who_changed_once_and_where_the_others_went() {
    on_both(|store| async move {
        let store = erasing(&store);
        let hub = Hub::open(&store).await;
        // Two whom nothing connects, one to be erased, and one to whom nothing happens.
        let apart = |n: usize| {
            let mut party = support_party(n);
            (party["emails"], party["phones"]) = (json!([]), json!([]));
            put(RecordKind::Party, "users", &format!("u{n}"), party)
        };
        hub.push("zendesk", vec![apart(0), apart(1), apart(2)]).await;
        hub.push("stripe", vec![put(RecordKind::Party, "customers", "c0", billing_party(3))]).await;
        hub.push_all(person(5)).await;
        hub.fold().await;
        let input = json!({"selection": SHOWN});
        let (text, cursor) = written(&hub, &everyone(), input).await;
        let mut copy = Copy::of(&text);

        let (nothing, same) = written(&hub, &everyone(), json!({"selection": SHOWN, "after": cursor})).await;
        assert_eq!((nothing.as_str(), &same), ("", &cursor), "nothing has changed");

        // The two are merged by hand; an invoice comes for another one; somebody is erased; somebody is new.
        let (one, other) = (record_id("zendesk", "users", "u0"), record_id("stripe", "customers", "c0"));
        let (old, kept) = (hub.customer(one).await, hub.customer(other).await);
        let decide = "mutation($l: ID!, $r: ID!) { matchDecide(input: {leftRecord: $l, rightRecord: $r, decision: LINK, \
             idempotencyKey: \"merge\"}) { left { id } right { id } userErrors { message } } }";
        let merged =
            hub.data(&everyone(), decide, json!({"l": one.to_string(), "r": other.to_string()})).await["matchDecide"].take();
        assert_eq!(merged["userErrors"], json!([]));
        let stays = merged["left"]["id"].as_str().unwrap().to_owned();
        let invoice = json!({"customer": {"stream": "customers", "externalId": "c5"}, "number": "LATER-1"});
        hub.push("stripe", vec![put(RecordKind::Invoice, "invoices", "later", invoice)]).await;
        let gone = hub.customer(record_id("zendesk", "users", "u2")).await.to_string();
        let erase = "mutation($input: PrivacyEraseInput!) { privacyErase(input: $input) { fingerprint isErased userErrors { message } } }";
        let ask = json!({"input": {"customer": gone}});
        let plan = hub.data(&officer(), erase, ask).await["privacyErase"]["fingerprint"].take();
        let ask = json!({"input": {"customer": gone, "apply": plan}});
        assert_eq!(hub.data(&officer(), erase, ask).await["privacyErase"]["isErased"], true);
        hub.push("zendesk", vec![apart(7)]).await;
        hub.fold().await;

        let (text, next) = written(&hub, &everyone(), json!({"selection": SHOWN, "after": cursor})).await;
        let told = lines(&text);
        assert_eq!(told.len(), 5, "who was merged and with whom, who was erased, who got an invoice, who is new: {text}");
        let away = if stays == old.to_string() { kept } else { old }.to_string();
        assert!(told.contains(&json!({"id": away, "__gone": "MERGED", "__into": stays})), "{text}");
        assert!(told.contains(&json!({"id": gone, "__gone": "ERASED"})), "{text}");
        copy.apply(&text);
        assert_eq!(copy.rows(), queried(&hub, &everyone()).await);

        // What was put together comes apart: both are there again.
        let undo = "mutation($id: ID!) { decisionUndo(input: {id: $id, reason: \"x\"}) { userErrors { message } } }";
        let listed = hub.data(&everyone(), "{ decisions(first: 50) { nodes { id by } } }", json!({})).await;
        let decision = listed["decisions"]["nodes"].as_array().unwrap().iter().find(|one| one["by"] == everyone().subject());
        let undone = hub.data(&everyone(), undo, json!({"id": decision.unwrap()["id"]})).await;
        assert_eq!(undone["decisionUndo"]["userErrors"], json!([]));
        let (text, _) = written(&hub, &everyone(), json!({"selection": SHOWN, "after": next, "format": "NDJSON"})).await;
        copy.apply(&text);
        assert_eq!(copy.rows(), queried(&hub, &everyone()).await);

        let (csv, _) = written(&hub, &everyone(), json!({"selection": SHOWN, "after": cursor, "format": "CSV"})).await;
        assert!(csv.starts_with("id,displayName,email,recordCount,invoices.nodes,__gone,__into\r\n"), "{csv}");
        assert!(csv.contains(&format!("{gone},,,,,ERASED,\r\n")), "{csv}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_left_somebodys_sight_is_told_to_them_and_to_nobody_else() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        // One customer of Support and Billing, by decision; Marketing never knew of them.
        hub.push("stripe", vec![put(RecordKind::Party, "customers", "c0", billing_party(0))]).await;
        hub.push("zendesk", vec![put(RecordKind::Party, "customers", "c0", support_party(0))]).await;
        hub.push("mailchimp", vec![put(RecordKind::Party, "customers", "c9", super::story::marketing_party(9))]).await;
        hub.fold().await;
        let mine = hub.customer(party_id("stripe", 0)).await;
        assert_eq!(mine, hub.customer(party_id("zendesk", 0)).await);
        let before = hub.app.session(everyone()).change_last().await.unwrap();
        let after = onefold::graphql::cursor_of(before);
        let decide = "mutation($l: ID!, $r: ID!) { matchDecide(input: {leftRecord: $l, rightRecord: $r, decision: NEVER_LINK, \
             reason: \"x\", idempotencyKey: \"split\"}) { userErrors { message } } }";
        let ids = json!({"l": party_id("stripe", 0).to_string(), "r": party_id("zendesk", 0).to_string()});
        assert_eq!(hub.data(&everyone(), decide, ids).await["matchDecide"]["userErrors"], json!([]));
        // Each sees those of its own sources.
        let own = r#"@id("own.customers") permit (principal, action == Onefold::Action::"read",
            resource in Onefold::Type::"Customer") when { principal in resource.owner };"#;
        let hub = hub.under(policies(&[("own.cedar", own)])).await;
        let stripes = hub.customer(party_id("stripe", 0)).await;
        let zendesks = hub.customer(party_id("zendesk", 0)).await;
        assert_ne!(stripes, zendesks);
        for (who, sees, gone) in [(billing(), stripes, zendesks), (support(), zendesks, stripes)] {
            let (text, _) = written(&hub, &who, json!({"selection": "id", "after": after})).await;
            let mut expected = vec![json!({"id": sees.to_string()})];
            if gone == mine {
                expected.push(json!({"id": gone.to_string(), "__gone": "HIDDEN"}));
            }
            expected.sort_by_key(|line| line["id"].as_str().unwrap().to_owned());
            assert_eq!(lines(&text), expected, "{}", who.subject());
        }
        let (text, _) = written(&hub, &marketing(), json!({"selection": "id", "after": after})).await;
        assert_eq!(text, "", "whom Marketing never saw is no news to Marketing");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invoice_that_went_to_another_customer_changes_both() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        hub.push(
            "stripe",
            (0..3).map(|n| put(RecordKind::Party, "customers", &format!("c{n}"), billing_party(n))).collect(),
        )
        .await;
        let invoice = |n: usize| {
            let of = json!({"stream": "customers", "externalId": format!("c{n}")});
            vec![put(RecordKind::Invoice, "invoices", "i", json!({"customer": of, "number": "I-1"}))]
        };
        hub.push("stripe", invoice(0)).await;
        hub.fold().await;
        let (text, cursor) = written(&hub, &billing(), json!({"selection": SHOWN})).await;
        let mut copy = Copy::of(&text);
        hub.push("stripe", invoice(1)).await;
        hub.fold().await;
        let (text, _) = written(&hub, &billing(), json!({"selection": SHOWN, "after": cursor})).await;
        assert_eq!(lines(&text).len(), 2);
        copy.apply(&text);
        assert_eq!(copy.rows(), queried(&hub, &billing()).await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn copies_are_brought_up_to_date_whoever_writes_meanwhile() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        story(&hub, 8).await;
        let writing = async {
            for round in 0..6_usize {
                for n in 0..20_usize {
                    let mut party = support_party(n);
                    party["displayName"] = json!(format!("Name {round} of {n}"));
                    hub.push("zendesk", vec![put(RecordKind::Party, "customers", &format!("c{n}"), party)]).await;
                }
                hub.fold().await;
            }
        };
        let exporting = async {
            let (text, mut cursor) = written(&hub, &everyone(), json!({"selection": SHOWN})).await;
            let mut copy = Copy::of(&text);
            for _ in 0..12 {
                let (text, next) = written(&hub, &everyone(), json!({"selection": SHOWN, "after": cursor})).await;
                copy.apply(&text);
                cursor = next;
                delete_all(&hub, &everyone()).await;
            }
            (copy, cursor)
        };
        let ((), (mut copy, cursor)) = tokio::join!(writing, exporting);
        let (text, _) = written(&hub, &everyone(), json!({"selection": SHOWN, "after": cursor})).await;
        copy.apply(&text);
        let (fresh, _) = written(&hub, &everyone(), json!({"selection": SHOWN})).await;
        assert_eq!(copy.rows(), lines(&fresh));
        assert_eq!(copy.rows(), queried(&hub, &everyone()).await);
    })
    .await;
}

async fn delete_all(hub: &Hub, who: &Actor) {
    let listed = hub.data(who, "{ exports(first: 200) { nodes { id } } }", json!({})).await;
    let delete = "mutation($id: ID!) { exportDelete(input: {id: $id}) { deletedId userErrors { code } } }";
    for node in listed["exports"]["nodes"].as_array().unwrap() {
        assert_eq!(hub.data(who, delete, json!({"id": node["id"]})).await["exportDelete"]["deletedId"], node["id"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erasure_deletes_what_was_exported_before() {
    on_both(|store| async move {
        let store = erasing(&store);
        let hub = Hub::open(&store).await;
        story(&hub, 2).await;
        let made = start(&hub, &support(), json!({"selection": "id email"})).await;
        write_all(&hub).await;
        let id = made["export"]["id"].clone();
        assert!(content(&hub, &id).await.contains(&mailbox(0)));
        let waiting = start(&hub, &support(), json!({"selection": "id email"})).await["export"]["id"].take();
        let erase = "mutation($input: PrivacyEraseInput!) { privacyErase(input: $input) { fingerprint isErased } }";
        let plan = hub.data(&officer(), erase, json!({"input": {"email": mailbox(0)}})).await["privacyErase"].take();
        let apply = json!({"input": {"email": mailbox(0), "apply": plan["fingerprint"]}});
        assert_eq!(hub.data(&officer(), erase, apply).await["privacyErase"]["isErased"], true);
        for id in [&id, &waiting] {
            let left = shown(&hub, &support(), id).await;
            assert_eq!(
                (&left["state"], &left["downloadUrl"], &left["bytes"]),
                (&json!("FAILED"), &Value::Null, &json!(0))
            );
            assert!(left["error"].as_str().unwrap().contains("erased"), "{left}");
        }
        let parts = store.fetch("select count(*) from export_part", args![]).await.unwrap();
        assert_eq!(parts[0].int(0).unwrap(), 0);
        let (text, _) = written(&hub, &support(), json!({"selection": "id email"})).await;
        assert!(!text.contains(&mailbox(0)) && text.contains(&mailbox(1)));
    })
    .await;
}
