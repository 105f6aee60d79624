//! Whatever text comes, and whichever variables come with it: it is answered, and nothing breaks. `ONEFOLD_FUZZ_SECONDS` says how
//! long each test goes on trying; without it, it is done in a moment.

use super::hub::*;
use crate::harness::places;
use onefold::graphql::{self, HubSchema};
use onefold::store::Store;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

static SCHEMA: LazyLock<HubSchema> = LazyLock::new(graphql::schema);

/// So many rounds of variables are tried at least.
const LEAST: usize = 200;

/// Words of documents, good and bad.
const WORDS: &[&str] = &[
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ":",
    "!",
    "=",
    "|",
    "@",
    "$",
    "...",
    ",",
    "\"",
    "\"\"\"",
    "\\",
    "#",
    "\n",
    "&",
    "query",
    "mutation",
    "subscription",
    "fragment",
    "on",
    "true",
    "null",
    "-1",
    "1.5e999",
    "2147483648",
    "\"a\\u{1F600}\"",
    "\"\\ud800\"",
    "\u{0}",
    "ü",
    "\u{feff}",
    "customers",
    "nodes",
    "node(id: $id)",
    "first: $n",
    "id",
    "__typename",
    "__schema",
    "types",
    "name",
    "Customer",
    "Query",
    "F",
    "...F",
    "@skip(if: $yes)",
    "@include",
    "($n: Int = 3, $id: ID!, $yes: Boolean)",
    "changes",
    "filter: {",
];

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        vec(select(WORDS), 0..80).prop_map(|words| words.join(" ")),
        vec(select(WORDS), 0..40).prop_map(|words| words.concat()),
        any::<String>(),
        (0usize..120, 0usize..120, any::<char>()).prop_map(|(at, to, c)| {
            let whole = "query A($n: Int) { customers(first: $n) { nodes { id ... on Person { displayName } } } } fragment F on Query { viewer { subject } }";
            let mut text: String = whole.chars().take(at).collect();
            text.push(c);
            text.extend(whole.chars().skip(to));
            text
        }),
    ]
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::hash_map(any::<String>(), inner, 0..6).prop_map(|map| map.into_iter().collect())
        ]
    })
}

/// When a test may end that has done its least: at once, or so long from now as `ONEFOLD_FUZZ_SECONDS` says.
fn end() -> Instant {
    let seconds = std::env::var("ONEFOLD_FUZZ_SECONDS").ok().and_then(|text| text.parse().ok());
    Instant::now() + Duration::from_secs(seconds.unwrap_or(0))
}

#[test]
fn no_text_brings_the_reader_down() {
    let end = end();
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(1_500) });
    loop {
        let read = runner.run(&texts(), |text| {
            let first = SCHEMA.problems(&text);
            prop_assert_eq!(first, SCHEMA.problems(&text), "the same text has the same mistakes");
            Ok(())
        });
        read.unwrap();
        if Instant::now() >= end {
            break;
        }
    }
}

/// Documents that take variables of every kind, each with values of any.
#[tokio::test]
async fn no_variables_bring_the_executor_down() {
    let place = places().await.remove(0);
    let store = Store::open(&place.url).await.unwrap();
    let hub = Hub::open(&store).await;
    let documents = [
        "query($a: Int, $b: String) { customers(first: $a, after: $b) { totalCount } }",
        "query($a: CustomerFilterInput, $b: CustomerOrderInput) { customers(filter: $a, orderBy: $b) { totalCount } }",
        "query($a: ID!, $b: Boolean = true) { node(id: $a) { id @include(if: $b) } }",
        "query($a: [ID!]!, $b: String) { nodes(ids: $a) { id } search(text: $b) { score } }",
        "query($a: [_Any!]!, $b: Int) { _entities(representations: $a) { __typename } }",
        "mutation($a: MatchDecideInput!, $b: Int) { matchDecide(input: $a) { userErrors { code } } }",
    ];
    let mut runner = TestRunner::new(Config::with_cases(1));
    let end = end();
    for round in 0.. {
        if round >= LEAST && Instant::now() >= end {
            break;
        }
        let tree = |runner: &mut TestRunner| values().new_tree(runner).unwrap().current();
        let variables: Map<String, Value> = [("a", tree(&mut runner)), ("b", tree(&mut runner))]
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        let document = documents[round % documents.len()];
        let answer = hub.ask(&everyone(), document, Value::Object(variables.clone())).await;
        let text = answer.to_string();
        assert!(answer.get("data").is_some() || answer.get("errors").is_some(), "{document} {variables:?}");
        assert!(!text.contains("INTERNAL"), "{document} {variables:?}: {text}");
    }
    store.close().await;
}
