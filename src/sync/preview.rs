//! What jq filters make of payloads that nobody stores: for looking at a connector.

use super::jq::{JqError, JqStreams};
use onefold_connector::{Connector, Item};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What the filters of a connector make of these payloads, by their place, or why they make nothing. In a process of its own,
/// as in a run.
pub async fn preview_jq(
    connector: &Connector,
    items: &[Item],
) -> Result<BTreeMap<usize, Result<Map<String, Value>, String>>, JqError> {
    let program = std::env::current_exe().unwrap_or_default();
    let made = JqStreams::new(program, connector.jq_filters()).made(items).await;
    match made.stopped {
        Some((_, error)) => Err(error),
        None => Ok(made.made.into_iter().map(|(at, made)| (at, made.map_err(|fault| fault.to_string()))).collect()),
    }
}
