//! What a request may come to: its cost is told, refused before it runs where too little is left, and the documented limits
//! hold.

use super::hub::*;
use super::served::{Served, answer, header};
use super::story::filled;
use crate::harness::on_both;
use onefold::graphql::{self, CostSettings, GraphSettings, HubSchema};
use serde_json::{Value, json};

fn with_cost(limit: u64, per_second: u64) -> HubSchema {
    graphql::schema_with(GraphSettings { cost: CostSettings { limit, per_second }, ..GraphSettings::default() })
}

#[tokio::test]
async fn every_answer_tells_what_it_could_have_cost_and_what_it_did() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 2).await;
        let cost = |answer: &Value| answer["extensions"]["cost"].clone();
        let viewer = cost(&hub.ask(&billing(), "{ viewer { subject } }", json!({})).await);
        assert_eq!((&viewer["requested"], &viewer["actual"]), (&json!(2), &json!(2)));
        assert_eq!((&viewer["limit"], &viewer["retryAfterMs"]), (&json!(1_000_000), &json!(0)));
        // 1 for the operation, 1 for the page and 10 customers with a page of 5 invoices each, and each of those.
        let lists = "{ customers(first: 10) { nodes { id invoices(first: 5) { nodes { id } } } } }";
        let asked = cost(&hub.ask(&billing(), lists, json!({})).await);
        assert_eq!(asked["requested"], json!(1 + 1 + 10 * (1 + 1 + 5)));
        let actual = asked["actual"].as_u64().unwrap();
        assert!(actual > 2 && actual < asked["requested"].as_u64().unwrap(), "{asked}");
        let by_variable = "query($n: Int!) { customers(first: $n) { nodes { id } } }";
        assert_eq!(cost(&hub.ask(&billing(), by_variable, json!({"n": 7})).await)["requested"], json!(9));
        let refused = hub.ask(&billing(), "{ nosuch }", json!({})).await;
        assert_eq!(refused["extensions"], Value::Null, "what does not run costs nothing");
    })
    .await;
}

#[tokio::test]
async fn who_has_nothing_left_is_told_when_to_come_again() {
    on_both(|store| async move {
        let mut hub = Hub::open(&store).await;
        // So slowly that a slow machine gives nothing back within the test.
        hub.schema = with_cost(100, 1);
        let large = "{ customers(first: 80) { nodes { id } } }";
        let first = hub.ask(&billing(), large, json!({})).await;
        assert_eq!(first.get("errors"), None, "{first}");
        let left = first["extensions"]["cost"]["remaining"].as_u64().unwrap();
        assert!(left >= 98, "what was not used is given back: {left}");
        let too_large = "{ customers(first: 100) { nodes { id } } }";
        let refused = hub.ask(&billing(), too_large, json!({})).await;
        assert_eq!(refused["errors"][0]["extensions"]["code"], "COST_THROTTLED");
        assert_eq!(refused["data"], Value::Null);
        let cost = &refused["extensions"]["cost"];
        assert!(cost["retryAfterMs"].as_u64().unwrap() > 0 && cost["actual"].is_null(), "{cost}");
        assert_eq!(hub.ask(&support(), large, json!({})).await.get("errors"), None, "others have their own");

        let served = Served::start(&hub).await;
        let body = json!({"query": too_large}).to_string();
        let (status, _, told) = answer(served.post(body.clone())).await;
        assert_eq!((status, &told["errors"][0]["extensions"]["code"]), (200, &json!("COST_THROTTLED")));
        let response = served.post(body).header("accept", "application/graphql-response+json").send().await.unwrap();
        assert_eq!(response.status(), 429);
        assert!(header(&response, "retry-after").parse::<u64>().unwrap() > 0);
        served.stop().await;
    })
    .await;
}

/// The limits of `docs/reference/limits.md`, each just below and just above.
#[tokio::test]
async fn the_limits_of_documents_are_those_of_the_reference() {
    let reference = include_str!("../../../docs/reference/limits.md");
    for limit in [
        "4,000",
        "450",
        "10",
        "2",
        "500,000",
        "16",
        "100,000",
        "20,000",
        "250",
        "64",
        "1,048,576",
        "1,000,000",
        "50,000",
    ] {
        assert!(reference.contains(&format!("| {limit} |")), "{limit} is not in the table of docs/reference/limits.md");
    }
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        let code = |document: String| {
            let hub = &hub;
            async move {
                let answer = hub.ask(&billing(), &document, json!({})).await;
                answer["errors"][0]["extensions"]["code"].as_str().unwrap_or("none").to_owned()
            }
        };
        let aliases = |n: usize| format!("{{ {} }}", (0..n).map(|n| format!("a{n}: __typename")).collect::<Vec<_>>().join(" "));
        assert_eq!(code(aliases(450)).await, "none");
        assert_eq!(code(aliases(451)).await, "DOCUMENT_TOO_LARGE");
        let fields = |n: usize| format!("{{ {} }}", "__typename ".repeat(n));
        assert_eq!(code(fields(4_000)).await, "none");
        assert_eq!(code(fields(4_001)).await, "DOCUMENT_TOO_LARGE");
        let schemas = |n: usize| format!("{{ {} }}", "__schema { queryType { name } } ".repeat(n));
        assert_eq!(code(schemas(10)).await, "none");
        assert_eq!(code(schemas(11)).await, "DOCUMENT_TOO_LARGE");
        let parts = |n: usize| {
            format!("{{ __type(name: \"Money\") {{ {}name{} }} }}", "fields { type { ".repeat(n), " } }".repeat(n))
        };
        assert_eq!(code(parts(2)).await, "none");
        assert_eq!(code(parts(3)).await, "DOCUMENT_TOO_LARGE");
        let deep = |n: usize| format!("{{ __schema {{ types {{ {}name{} }} }} }}", "ofType { ".repeat(n), " }".repeat(n));
        assert_eq!(code(deep(13)).await, "none");
        assert_eq!(code(deep(14)).await, "DOCUMENT_TOO_LARGE");
        assert_eq!(code(deep(100)).await, "DOCUMENT_TOO_LARGE", "the parser's own limit");
        let directives = |n: usize| format!("{{ __typename {} }}", "@include(if: true) ".repeat(n));
        assert_eq!(code(directives(1)).await, "none");
        assert_eq!(code(directives(2)).await, "INVALID_DOCUMENT", "a directive stands once");
        assert_eq!(code(format!("{{ __typename }} #{}", "x".repeat(100_000))).await, "DOCUMENT_TOO_LARGE");
        let many = "{ customers(first: 200) { nodes { invoices(first: 200) { nodes { id customer { invoices(first: 200) { nodes { id } } } } } } } }";
        assert_eq!(code(many.to_owned()).await, "DOCUMENT_TOO_LARGE");

        let served = Served::start(&hub).await;
        let batch = json!([{"query": "{ __typename }"}, {"query": "{ __typename }"}]);
        assert_eq!(answer(served.post(batch.to_string())).await.0, 400, "one request, one operation");
        served.stop().await;
    })
    .await;
}
