//! What a machine with an API key may ask for: `recordsIngest`, and nothing else. Its scope permits nothing anyway; here it
//! is told so before anything runs, by a code of its own, and cannot look at the schema either.

use async_graphql::Request;
use async_graphql::parser::types::{DocumentOperations, OperationDefinition, OperationType, Selection};

/// The mutation that a key is for.
const OPEN: &str = "recordsIngest";

/// The code of a document that asks for more.
pub(super) const KEY_SCOPE: &str = "KEY_SCOPE";

/// Refuses an operation that asks for anything else. One that does not parse passes: nothing of it can be run.
pub(super) fn check(request: &mut Request) -> Result<(), &'static str> {
    let Ok(document) = request.parsed_query() else { return Ok(()) };
    let is_ingest = match &document.operations {
        DocumentOperations::Single(operation) => only_ingests(&operation.node),
        DocumentOperations::Multiple(operations) => operations.values().all(|operation| only_ingests(&operation.node)),
    };
    if is_ingest {
        Ok(())
    } else {
        Err("an API key can push records with recordsIngest into its source, and nothing else")
    }
}

/// Fragments on the top level are refused too: what a machine sends has no need of them.
fn only_ingests(operation: &OperationDefinition) -> bool {
    let is_open = |selection: &Selection| match selection {
        Selection::Field(field) => field.node.name.node == OPEN,
        Selection::FragmentSpread(_) | Selection::InlineFragment(_) => false,
    };
    operation.ty == OperationType::Mutation
        && operation.selection_set.node.items.iter().all(|selection| is_open(&selection.node))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_one_mutation_passes() {
        let ask = |query: &str| check(&mut Request::new(query)).is_ok();
        let ingest = "recordsIngest(input: $input) { created }";
        assert!(ask(&format!("mutation($input: X!) {{ {ingest} }}")));
        assert!(ask(&format!("mutation($input: X!) {{ a: {ingest} b: {ingest} }}")));
        for other in [
            "{ viewer { subject } }",
            "{ __schema { types { name } } }",
            "query { recordsIngest }",
            "subscription { recordsIngest }",
            "mutation { syncStart(input: {source: \"stripe\"}) { run { id } } }",
            "mutation { recordsIngest: syncStart(input: {source: \"stripe\"}) { run { id } } }",
            &format!("mutation {{ {ingest} syncStart(input: {{source: \"a\"}}) {{ run {{ id }} }} }}"),
            &format!("mutation {{ {ingest} __typename }}"),
            &format!("mutation {{ ... {{ {ingest} }} }}"),
            &format!("mutation {{ ...F }} fragment F on Mutation {{ {ingest} }}"),
            &format!("mutation A {{ {ingest} }} query B {{ viewer {{ subject }} }}"),
        ] {
            assert!(!ask(other), "{other}");
        }
        assert!(ask("mutation {"), "the executor says what is wrong with it");
    }
}
