//! What a document costs: as many statements as it has levels, not as many as it has objects.

use super::hub::*;
use super::story::filled;
use crate::harness::on_both;
use serde_json::{Value, json};

/// As the README asks, and more. Nothing is asked for at two levels, because such questions are batched by chance of time.
const LEVELS: &str = r#"query($first: Int!) { customers(first: $first) { totalCount nodes {
    displayName email phone tags alternateIds restrictions { path kind }
    sourceRecords { totalCount nodes { raw source { key department quarantinedCount } } }
    provenance(paths: ["email"]) { value rule sourceRecord { externalId } }
    effectiveConsents { purpose status } matchCandidates { probability }
    invoices(first: 1) { totalCount nodes { number status total { amount currency } } }
    tickets(first: 1) { totalCount nodes { number subject interactions { nodes { summary } } } }
    campaignTouches(first: 1) { totalCount nodes { result campaign { name } } }
} } }"#;

/// Every list of a customer and two levels below, the records behind them at every level.
const DOCUMENT: &str = r"query($first: Int!) { customers(first: $first) { totalCount nodes {
    displayName email phone tags restrictions { path kind }
    emails { address sourceRecord { source { key } } }
    sourceRecords { totalCount nodes { raw source { key department quarantinedCount } } }
    alternateIds
    provenance { path value rule sourceRecord { externalId } alternatives { value sourceRecord { externalId } } }
    effectiveConsents { purpose status } matchCandidates { probability }
    invoices(first: 1) { totalCount nodes { number status total { amount currency } payments { totalCount nodes { status } } } }
    tickets(first: 1) { totalCount nodes { number subject interactions { nodes { summary } } feedback { nodes { score } } } }
    campaignTouches(first: 1) { totalCount nodes { result campaign { name } } }
    consents { nodes { purpose status sourceRecord { source { key } } } }
    payments { nodes { invoice { number } } }
} } }";

/// Far above what is needed now, far below one for each object.
const BUDGET: u64 = 40;

#[tokio::test]
async fn a_document_costs_as_many_statements_for_one_customer_as_for_twenty() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 24).await;
        for (document, spread) in [(LEVELS, 0), (DOCUMENT, 4)] {
            let mut costs = Vec::new();
            for count in [1, 20] {
                let before = store.statements();
                let data = hub.data(&everyone(), document, json!({"first": count})).await;
                costs.push(store.statements() - before);
                let nodes = data["customers"]["nodes"].as_array().unwrap();
                assert_eq!(nodes.len(), count);
                assert!(nodes.iter().all(|node| node["invoices"]["totalCount"] != Value::Null));
            }
            eprintln!("{:?}: {} statements for 1 customer, {} for 20", store.dialect(), costs[0], costs[1]);
            assert!(costs[0].abs_diff(costs[1]) <= spread, "{costs:?}");
            assert!(costs[1] <= BUDGET, "{} statements", costs[1]);
        }
    })
    .await;
}

/// The query of the demo and of the README.
#[tokio::test]
async fn the_query_of_the_readme_costs_few_statements() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 3).await;
        let query = include_str!("../../../src/cli/demo/query.graphql");
        let start = query.find("search(text: \"").map(|at| at + "search(text: \"".len());
        let document = match start {
            Some(start) => {
                let end = start + query[start..].find('"').unwrap();
                format!("{}{}{}", &query[..start], super::story::mailbox(0), &query[end..])
            }
            None => query.to_owned(),
        };
        let before = store.statements();
        let data = hub.data(&everyone(), &document, json!({})).await;
        let cost = store.statements() - before;
        eprintln!("{:?}: {cost} statements for the query of the demo", store.dialect());
        assert!(data.to_string().contains("Robert"), "{data}");
        assert!(cost <= 20, "{cost} statements");
    })
    .await;
}

#[tokio::test]
async fn nodes_are_read_together() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 20).await;
        let ids = hub.data(&everyone(), "{ customers(first: 20) { nodes { id } } }", json!({})).await;
        let ids: Vec<&Value> = ids["customers"]["nodes"].as_array().unwrap().iter().map(|node| &node["id"]).collect();
        let document = "query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Person { displayName } } }";
        let mut costs = Vec::new();
        for count in [1, 20] {
            let before = store.statements();
            hub.data(&everyone(), document, json!({"ids": ids[..count]})).await;
            costs.push(store.statements() - before);
        }
        // The customers, their records, and what is pinned of those.
        assert_eq!(costs, [3, 3]);
    })
    .await;
}
