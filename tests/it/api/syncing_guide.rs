//! The guide about syncing does what it says: its documents are asked one after the other, of a real source, and answer without
//! an error; its configuration is read.

use super::control::*;
use super::hub::*;
use crate::cli::guide::blocks;
use crate::harness::on_both;
use onefold::config::Config;
use onefold_model::{NodeId, SyncRunId};
use serde_json::{Map, Value, json};
use std::path::Path;
use std::sync::Arc;

/// The variables that a document declares.
fn variables(document: &str, known: &Map<String, Value>) -> Value {
    let declared = |name: &str| document.contains(&format!("${name}:"));
    Value::Object(known.iter().filter(|(name, _)| declared(name)).map(|(n, v)| (n.clone(), v.clone())).collect())
}

/// Every list under this name.
fn under<'v>(value: &'v Value, name: &str, found: &mut Vec<&'v Value>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| under(item, name, found)),
        Value::Object(fields) => {
            found.extend(fields.get(name));
            fields.values().for_each(|value| under(value, name, found));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

async fn run_of(hub: &Hub) -> Value {
    let runs = hub.data(&support(), "{ syncRuns(first: 1) { nodes { id } } }", json!({})).await;
    runs["syncRuns"]["nodes"][0]["id"].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_documents_of_the_guide_about_syncing_are_answered() {
    on_both(|store| async move {
        let world = World::new(store, Arc::default()).await;
        hub_run(&world.process_with(None, "").await).await;
        *world.desk.more.lock().unwrap() = json!({"nick": "P"});
        hub_run(&world.process_with(None, "").await).await;
        let hub = world.process_with(Some("15m"), ", nickname: nick").await;
        // The field that the guide acknowledges is read by the map of the one, and not by that of the other.
        let other = world.process_with(None, "").await;
        let known = json!({"source": "desk", "stream": "people", "path": "nick"});
        let Value::Object(mut known) = known else { unreachable!() };
        let (mut asked, mut read) = (0, 0);
        for block in blocks(include_str!("../../../docs/guides/syncing.md")) {
            let text = block.lines.join("\n");
            if block.language == "toml" {
                let config = Config::parse(&text, Path::new("onefold.toml")).unwrap();
                read += usize::from(config.sources[0].schedule.is_some());
                continue;
            }
            assert_eq!(block.language, "graphql");
            if text.contains("mutation Cancel") {
                // One that goes on, of a process that does not.
                let setup = hub.app.source_setups().remove(0);
                hub.app
                    .system("guide")
                    .run_begin(&setup, "manual", &onefold::sync::AcceptedLosses::new())
                    .await
                    .unwrap();
                world.on(2);
                known.insert("run".to_owned(), run_of(&hub).await);
            }
            let at = if text.contains("mutation Know") { &other } else { &hub };
            let answer = at.data(&support(), &text, variables(&text, &known)).await;
            let mut errors = Vec::new();
            under(&answer, "userErrors", &mut errors);
            assert!(errors.iter().all(|errors| **errors == json!([])), "{text}\n{answer}");
            if let Some(run) = answer.pointer("/syncStart/run/id").or_else(|| answer.pointer("/replayApply/run/id")) {
                let id: NodeId = run.as_str().unwrap().parse().unwrap();
                world.ended(SyncRunId::try_from(id).unwrap()).await;
                known.insert("run".to_owned(), run.clone());
            }
            if let Some(fingerprint) = answer.pointer("/replayPreview/preview/fingerprint") {
                known.insert("fingerprint".to_owned(), fingerprint.clone());
            }
            asked += 1;
        }
        assert!(asked >= 9 && read == 1, "{asked} {read}");
    })
    .await;
}
