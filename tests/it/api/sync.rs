//! Syncs that somebody asks for through the graph.

use super::hub::*;
use crate::harness::on_both;
use crate::store::fixture::number;
use serde_json::{Value, json};

const START: &str = r"mutation($source: String!) { syncStart(input: {source: $source}) {
    run { id state source { key } } userErrors { code message } } }";

#[tokio::test]
async fn a_sync_that_may_not_be_started_is_told_so_as_data() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        for (who, source, code, word) in [
            (billing(), "nowhere", "NOT_FOUND", "nowhere"),
            (billing(), "zendesk", "FORBIDDEN", "sync"),
            (steward(), "stripe", "FORBIDDEN", "sync"),
            (actor(&["legal"], &[]), "stripe", "NOT_FOUND", "stripe"),
            // The store knows the source from before; the configuration no longer has it.
            (billing(), "stripe", "NOT_FOUND", "configuration"),
            (actor(&["legal"], &["operator"]), "mailchimp", "NOT_FOUND", "configuration"),
        ] {
            let answer = hub.data(&who, START, json!({"source": source})).await["syncStart"].take();
            assert_eq!(answer["run"], Value::Null);
            assert_eq!(answer["userErrors"][0]["code"], code, "{}: {answer}", who.subject());
            assert!(answer["userErrors"][0]["message"].as_str().unwrap().contains(word), "{answer}");
        }
        assert_eq!(number(&store, "select count(*) from sync_run").await, 0);
        assert_eq!(hub.refusals(&billing(), START, json!({"source": "../etc"})).await[0].0, "INVALID_INPUT");
    })
    .await;
}
