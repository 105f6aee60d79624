//! How the graph refuses: a message that names what is wrong and a stable code, and nothing of what happens inside.

use super::hub::*;
use super::story::{filled, party_id};
use crate::harness::on_both;
use serde_json::{Value, json};
use std::fmt::Write;

#[tokio::test]
async fn what_cannot_be_meant_is_refused_by_code_and_name() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 1).await;
        let id = hub.customer(party_id("stripe", 0)).await.to_string();
        let record = party_id("stripe", 0).to_string();
        let unknown_kind = format!("cat_{}", "0".repeat(32));
        let other_order = hub.data(&everyone(), "{ customers(first: 1) { pageInfo { endCursor } } }", json!({})).await;
        let other_order = other_order["customers"]["pageInfo"]["endCursor"].as_str().unwrap().to_owned();
        let cases: Vec<(String, &str, &str)> = vec![
            (format!("customer(id: {record:?}) {{ id }}"), "ID_WRONG_KIND", "expected an id of kind customer"),
            ("customer(id: \"customer_1\") { id }".to_owned(), "ID_MALFORMED", "argument id"),
            ("node(id: \"\") { id }".to_owned(), "ID_MALFORMED", "argument id"),
            (format!("nodes(ids: [{id:?}, \"x\"]) {{ id }}"), "ID_MALFORMED", "argument ids"),
            (format!("node(id: {unknown_kind:?}) {{ id }}"), "ID_MALFORMED", "not a kind"),
            (format!("matchCandidates(customer: {record:?}) {{ totalCount }}"), "ID_WRONG_KIND", "argument customer"),
            ("customers(first: 201) { totalCount }".to_owned(), "INVALID_INPUT", "first"),
            ("customers(first: -1) { totalCount }".to_owned(), "INVALID_INPUT", "first"),
            ("customers(last: 201) { totalCount }".to_owned(), "INVALID_INPUT", "last"),
            ("customers(first: 1, last: 1) { totalCount }".to_owned(), "INVALID_INPUT", "either first or last"),
            ("customers(before: \"x\") { totalCount }".to_owned(), "INVALID_INPUT", "before goes with last"),
            ("customers(last: 1, after: \"x\") { totalCount }".to_owned(), "INVALID_INPUT", "after goes with first"),
            ("customers(after: \"rubbish\") { totalCount }".to_owned(), "INVALID_INPUT", "page cursor"),
            ("customers(after: \"\") { totalCount }".to_owned(), "INVALID_INPUT", "page cursor"),
            (
                format!("customers(after: {other_order:?}, orderBy: CREATED_ASC) {{ totalCount }}"),
                "INVALID_INPUT",
                "page cursor",
            ),
            (format!("syncRuns(after: {other_order:?}) {{ nodes {{ id }} }}"), "INVALID_INPUT", "page cursor"),
            (format!("quarantine(after: {other_order:?}) {{ nodes {{ id }} }}"), "INVALID_INPUT", "page cursor"),
            (format!("matchCandidates(after: {other_order:?}) {{ nodes {{ id }} }}"), "INVALID_INPUT", "page cursor"),
            (
                format!("customer(id: {id:?}) {{ invoices(after: \"x\") {{ totalCount }} }}"),
                "INVALID_INPUT",
                "page cursor",
            ),
            (format!("customer(id: {id:?}) {{ invoices(first: 999) {{ totalCount }} }}"), "INVALID_INPUT", "first"),
            (
                format!("customer(id: {id:?}) {{ sourceRecords(after: \"x\") {{ totalCount }} }}"),
                "INVALID_INPUT",
                "page cursor",
            ),
            ("customers(filter: {phone: \"12\"}) { totalCount }".to_owned(), "INVALID_INPUT", "filter.phone"),
            (
                "customers(filter: {department: \"No Such\"}) { totalCount }".to_owned(),
                "INVALID_INPUT",
                "filter.department",
            ),
            ("customers(filter: {source: \"No Such\"}) { totalCount }".to_owned(), "INVALID_INPUT", "filter.source"),
            (
                "customerBySource(source: \"No Such\", externalId: \"1\") { id }".to_owned(),
                "INVALID_INPUT",
                "argument source",
            ),
            ("syncRuns(source: \"No Such\") { nodes { id } }".to_owned(), "INVALID_INPUT", "argument source"),
            ("search(text: \"\") { score }".to_owned(), "INVALID_INPUT", "two letters"),
            ("search(text: \"anna\", first: 51) { score }".to_owned(), "INVALID_INPUT", "first"),
            (format!("nodes(ids: [{}]) {{ id }}", format!("{id:?},").repeat(101)), "INVALID_INPUT", "100"),
        ];
        for (selection, code, word) in cases {
            let refused = hub.refusals(&everyone(), &format!("{{ {selection} }}"), json!({})).await;
            let (found, message) = refused.first().unwrap_or_else(|| panic!("{selection} is not refused"));
            assert_eq!(found, code, "{selection}: {message}");
            assert!(message.contains(word), "{selection}: {message}");
            assert!(!message.to_lowercase().contains("sql"), "{selection}: {message}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_the_schema_does_not_have_is_named() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        for (document, variables, word) in [
            ("{ customers { nodes { shoeSize } } }", json!({}), "shoeSize"),
            ("{ viewer }", json!({}), "viewer"),
            ("{ customers(colour: \"red\") { totalCount } }", json!({}), "colour"),
            ("{ customers(first: $m) { totalCount } }", json!({}), "$m"),
            ("query($n: Int!) { customers(first: $n) { totalCount } }", json!({}), "n"),
            ("query($n: Int!) { customers(first: $n) { totalCount } }", json!({"n": "ten"}), "n"),
            ("query($n: Cat) { viewer { subject } }", json!({}), "Cat"),
            ("{ customers(orderBy: SHOE_SIZE) { totalCount } }", json!({}), "SHOE_SIZE"),
            ("{ viewer { subject }", json!({}), "syntax error"),
        ] {
            let answer = hub.ask(&everyone(), document, variables).await;
            let message = answer["errors"][0]["message"].as_str().unwrap_or_else(|| panic!("{document}: {answer}"));
            assert!(message.contains(word), "{document}: {message}");
            assert_eq!(answer["errors"][0]["extensions"]["code"], "INVALID_DOCUMENT", "{document}");
            assert_eq!(answer["data"], Value::Null, "{document}");
        }
    })
    .await;
}

/// Sent by every client that pages: numbers must be numbers, however they are spelled.
#[tokio::test]
async fn numbers_in_variables_are_numbers() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 2).await;
        let document = "query($n: Int!, $least: Int, $p: Float) { customers(first: $n, filter: {minRecords: $least}) { nodes { recordCount } }
            matchCandidates(minProbability: $p) { totalCount } }";
        let data = hub.data(&everyone(), document, json!({"n": 1, "least": 3, "p": 0.25})).await;
        assert_eq!(data["customers"]["nodes"], json!([{"recordCount": 3}]));
        let spelled: Value = serde_json::from_str(r#"{"n": 2, "least": null, "p": 2.5e-1}"#).unwrap();
        let data = hub.data(&everyone(), document, spelled).await;
        assert_eq!(data["customers"]["nodes"].as_array().unwrap().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_document_that_explodes_is_refused_at_once() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        let mut bomb = String::from("{ ...F0 } ");
        for level in 0..60 {
            let _ = write!(bomb, "fragment F{level} on Query {{ ...F{n} ...F{n} }} ", n = level + 1);
        }
        bomb.push_str("fragment F60 on Query { viewer { subject } }");
        let many = format!(
            "{{ {} }}",
            (0..5_000).fold(String::new(), |mut out, n| {
                let _ = write!(out, "a{n}: viewer {{ subject }} ");
                out
            })
        );
        let long = format!("{{ viewer {{ subject }} }} #{}", "x".repeat(200_000));
        // What is not refused at once would not end before the test is stopped.
        for document in [bomb, many, long] {
            let refused = hub.refusals(&everyone(), &document, json!({})).await;
            assert_eq!(refused.first().map(|(code, _)| code.as_str()), Some("DOCUMENT_TOO_LARGE"));
        }
        let wide = format!("{{ customers(first: 200) {{ nodes {} }} }}", lists(3));
        let refused = hub.refusals(&everyone(), &wide, json!({})).await;
        assert_eq!(refused[0].0, "DOCUMENT_TOO_LARGE");
        assert!(refused[0].1.contains("objects"), "{refused:?}");
        let circle = "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A viewer { subject } }";
        assert!(!hub.refusals(&everyone(), circle, json!({})).await.is_empty());
        let deep = format!("{{ customers {{ nodes {} }} }}", nested(20));
        assert!(!hub.refusals(&everyone(), &deep, json!({})).await.is_empty());
    })
    .await;
}

/// Lists within lists: each ticket's customer's tickets.
fn lists(levels: usize) -> String {
    let inner = if levels == 0 {
        "id".to_owned()
    } else {
        format!("tickets(first: 200) {{ nodes {{ customer {} }} }}", lists(levels - 1))
    };
    format!("{{ {inner} }}")
}

fn nested(levels: usize) -> String {
    let inner =
        if levels == 0 { "id".to_owned() } else { format!("matchCandidates {{ left {} }}", nested(levels - 1)) };
    format!("{{ {inner} }}")
}

/// What fails inside is for the operator's log.
#[tokio::test]
async fn a_store_that_does_not_answer_tells_nothing_of_itself() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        store.close().await;
        let refused = hub.refusals(&everyone(), "{ customers { totalCount } }", json!({})).await;
        assert_eq!(
            refused,
            [("INTERNAL".to_owned(), "the hub could not answer; the operator's log says why".to_owned())]
        );
    })
    .await;
}
