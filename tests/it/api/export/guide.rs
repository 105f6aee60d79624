//! The documents of the guide about exports are answered.

use super::{shown, write_all};
use crate::api::hub::*;
use crate::api::story::{history, person};
use crate::cli::guide::blocks;
use crate::harness::on_both;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_documents_of_the_guide_about_exports_are_answered() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        hub.push_all(person(0).into_iter().chain(history(0))).await;
        hub.fold().await;
        let blocks = blocks(include_str!("../../../../docs/guides/export.md"));
        let texts = blocks.iter().filter(|block| block.language == "graphql" && block.file.is_none());
        let texts: Vec<String> = texts.map(|block| block.lines.join("\n")).collect();
        let rows = texts.iter().find(|text| text.starts_with("query Rows")).unwrap();
        let mut known: BTreeMap<&str, Value> = BTreeMap::from([("document", json!(rows))]);
        let mut asked = 0;
        for text in texts.iter().filter(|text| *text != rows) {
            known.insert("key", json!(format!("guide {asked}")));
            let declared = |name: &str| text.contains(&format!("${name}:"));
            let given: Map<String, Value> = known
                .iter()
                .filter(|(name, _)| declared(name))
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect();
            let answer = hub.data(&billing(), text, Value::Object(given)).await;
            if let Some(payload) = answer.get("exportStart") {
                assert_eq!(payload["userErrors"], json!([]), "{text}");
                write_all(&hub).await;
                let done = shown(&hub, &billing(), &payload["export"]["id"]).await;
                assert_eq!((&done["state"], &done["error"]), (&json!("SUCCEEDED"), &Value::Null), "{text}");
                known.insert("id", done["id"].clone());
                known.insert("after", done["endCursor"].clone());
            } else {
                assert_eq!(answer["node"]["rows"], 1, "{answer}");
            }
            asked += 1;
        }
        assert_eq!(asked, 4, "documents were found");
    })
    .await;
}
