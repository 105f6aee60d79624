use super::*;
use async_graphql::parser::types::{DocumentOperations, Selection, SelectionSet};
use serde_json::{Value as Json, json};
use std::fmt::Write;

const LIMITS: Limits = Limits { fields: 4_000, objects: 500_000, depth: 16 };

const SDL: &str = "
    type Query { viewer: Viewer! node(id: ID!): Node list(first: Int, last: Int, filter: Filter): List! text(of: String!): String }
    type Mutation { bump(by: Int): Int! }
    input Filter { least: Int }
    type Viewer { subject: String! roles: [String!]! }
    interface Node { id: ID! }
    type Person implements Node { id: ID! name: String friend: Person tickets(first: Int, last: Int): Tickets! }
    type Firm implements Node { id: ID! title: String name: String }
    type List { nodes: [Node!]! totalCount: Int! tickets(first: Int): Tickets! }
    type Tickets { edges: [TicketEdge!]! }
    type TicketEdge { node: Ticket! }
    type Ticket { customer: Person! }
";

fn documents() -> Documents {
    let documents = Documents::new(SDL);
    assert_eq!(documents.schema.as_ref().err(), None);
    documents
}

fn request(text: &str, variables: Json) -> Request {
    let Json::Object(variables) = variables else { panic!("variables are an object") };
    Request::new(text).variables(crate::graphql::variables(variables))
}

/// What the executor is given, as text.
fn prepared(text: &str, variables: Json) -> String {
    let mut request = request(text, variables);
    documents().prepare(&mut request, LIMITS).unwrap_or_else(|errors| panic!("{text}: {errors:?}"));
    assert_eq!(request.operation_name, None);
    let DocumentOperations::Single(operation) = &request.parsed_query().unwrap().operations else { panic!("one") };
    shown(&operation.node.selection_set.node)
}

fn shown(set: &SelectionSet) -> String {
    set.items.iter().fold(String::new(), |mut out, selection| {
        if !out.is_empty() {
            out.push(' ');
        }
        match &selection.node {
            Selection::Field(field) => {
                let field = &field.node;
                assert!(field.directives.is_empty());
                let _ = write!(out, "{}", field.response_key().node);
                for (name, value) in &field.arguments {
                    let _ = write!(out, "({}: {})", name.node, value.node);
                }
                if !field.selection_set.node.items.is_empty() {
                    let _ = write!(out, "{{{}}}", shown(&field.selection_set.node));
                }
            }
            Selection::InlineFragment(fragment) => {
                let on = &fragment.node.type_condition.as_ref().unwrap().node.on.node;
                let _ = write!(out, "...{on}{{{}}}", shown(&fragment.node.selection_set.node));
            }
            Selection::FragmentSpread(_) => panic!("fragments are in their places"),
        }
        out
    })
}

fn refused(text: &str, variables: Json) -> String {
    let (documents, mut request) = (documents(), request(text, variables));
    // What is refused has no plan, and none is made to find that out.
    assert!(documents.planned(&request, LIMITS).is_none(), "{text}");
    let errors = documents.prepare(&mut request, LIMITS).expect_err(text);
    errors[0].message.clone()
}

#[test]
fn a_field_that_stands_twice_is_run_once() {
    assert_eq!(
        prepared("mutation { bump bump other: bump(by: 2) ...B } fragment B on Mutation { bump }", json!({})),
        "bump other(by: 2)"
    );
    assert_eq!(
        prepared(
            "{ viewer { subject } ...V viewer { roles subject } } fragment V on Query { viewer { roles } }",
            json!({})
        ),
        "viewer{subject roles}"
    );
}

#[test]
fn fragments_of_some_types_stay_and_keep_their_order() {
    let query = "{ node(id: 1) { ...on Firm { title } id ... on Node { id ... on Person { name ...P } } } } fragment P on Person { id friend { ...Q } } fragment Q on Node { id }";
    assert_eq!(prepared(query, json!({})), "node(id: 1){...Firm{title} id ...Person{name id friend{id}}}");
}

#[test]
fn directives_are_settled_wherever_they_stand() {
    let query = "query($no: Boolean! = true, $yes: Boolean!) { __typename @skip(if: $no) viewer { subject @include(if: $yes) roles ... @skip(if: false) { again: roles } } }";
    assert_eq!(prepared(query, json!({"yes": false})), "viewer{roles again}");
    assert_eq!(prepared(query, json!({"yes": true, "no": false})), "__typename viewer{subject roles again}");
    // Where everything is skipped, an object without fields is left.
    assert_eq!(prepared("{ viewer @skip(if: true) { subject } }", json!({})), "");
}

#[test]
fn texts_keep_their_characters_and_numbers_their_digits() {
    assert_eq!(prepared(r#"{ text(of: "\u{1F600} \uD83D\uDE00 \u00e4") }"#, json!({})), "text(of: \"😀 😀 ä\")");
    assert_eq!(
        prepared("{ list(filter: {least: -7}, first: 2) { totalCount } }", json!({})),
        "list(filter: {least: -7})(first: 2){totalCount}"
    );
}

#[test]
fn what_the_specification_refuses_is_refused() {
    for (text, word) in [
        ("{ viewer", "syntax error"),
        ("{ viewer }", "viewer"),
        ("{ viewer { subjct } }", "did you mean `subject`"),
        ("{ node(id: 1) { shoeSize } }", "shoeSize"),
        ("{ viewer { subject @nope } }", "nope"),
        ("{ viewer { subject @skip } }", "if"),
        ("{ __typename @skip(if: null) }", "if"),
        ("{ __typename @include(if: \"true\") }", "Boolean"),
        ("{ viewer { subject @skip(if: true) @skip(if: true) } }", "skip"),
        ("{ viewer { subject @deprecated } }", "deprecated"),
        ("query($n: ID) { node(id: $n) { id } }", "ID!"),
        ("query($n: Int) { viewer { subject } }", "$n"),
        ("{ list(first: 99999999999) { totalCount } }", "99999999999"),
        ("{ list(filter: 1) { totalCount } }", "Filter"),
        ("{ list(filter: {least: 1, least: 1}) { totalCount } }", "`least` is given more than once"),
        ("query($n: ID = null) { node(id: $n) { id } }", "ID!"),
        ("{ node(id: 1) { ... on Person { friend { x: id } } ... on Person { friend { x: name } } } }", "x"),
        ("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }", "itself"),
    ] {
        let message = refused(text, json!({}));
        assert!(message.contains(word), "{text}: {message}");
    }
    for (variables, word) in [(json!({}), "n"), (json!({"n": null}), "n"), (json!({"n": {"a": 1}}), "n")] {
        let message = refused("query($n: ID!) { node(id: $n) { id } }", variables.clone());
        assert!(message.contains(word), "{variables}: {message}");
    }
}

#[test]
fn errors_have_their_place_and_are_not_endless() {
    let documents = documents();
    let errors = |text: &str| documents.prepare(&mut Request::new(text), LIMITS).expect_err(text);
    let place = &errors("{\n  viewer { subject }\n  shoe\n}")[0].locations[0];
    assert_eq!((place.line, place.column), (3, 3));
    assert_eq!(errors(&format!("{{ {} }}", "shoe ".repeat(500))).len(), 20);
}

#[test]
fn the_operation_is_chosen_by_its_name() {
    let text = "query A { viewer { subject } } mutation B { bump }";
    let documents = documents();
    let named = |name: Option<&str>| {
        let mut request = Request::new(text);
        request.operation_name = name.map(str::to_owned);
        (documents.kind(&request), documents.prepare(&mut request, LIMITS).map_err(|errors| errors[0].message.clone()))
    };
    assert_eq!(named(Some("A")), (Some(Kind::Query), Ok(2)));
    assert_eq!(named(Some("B")), (Some(Kind::Mutation), Ok(11)), "a mutation costs more than what it shows");
    assert_eq!(named(Some("C")).0, None);
    assert!(named(Some("C")).1.unwrap_err().contains("no operation \"C\""));
    assert!(named(None).1.unwrap_err().contains("A, B"));
}

#[test]
fn a_document_that_comes_again_is_not_read_again() {
    let documents = documents();
    let one = documents.document("{ viewer { subject } }").unwrap();
    assert!(Arc::ptr_eq(&one, &documents.document("{ viewer { subject } }").unwrap()));
    assert!(documents.document("{ viewer { shoe } }").is_err());
    assert!(documents.document("{ viewer { shoe } }").is_err());
    assert_eq!(documents.kept.lock().unwrap().len(), 2, "what is refused is known too");
    let long = format!("{{ viewer {{ subject }} }} #{}", "x".repeat(MAX_KEPT_BYTES));
    assert!(documents.document(&long).is_ok());
    assert_eq!(documents.kept.lock().unwrap().len(), 2, "long ones are not kept");
}

#[test]
fn lists_within_lists_are_multiplied() {
    let query = "query($n: Int) { list(first: $n) { ...Page } }
        fragment Page on List { nodes { ... on Person { tickets(last: 30) { edges { node { customer { id } } } } } } }";
    let documents = documents();
    let ask = |n: u64, objects| {
        let mut request = request(query, json!({"n": n}));
        documents.prepare(&mut request, Limits { objects, ..LIMITS }).map_err(|errors| errors[0].message.clone())
    };
    // Of each customer: the customer, its page of tickets, and 30 times an edge, a ticket and its customer.
    assert_eq!(ask(10, 1 + 10 * (1 + 1 + 30 * 3)), Ok(2 + 10 * (1 + 1 + 30 * 3)), "and the answer itself");
    assert!(ask(10, 10 * (1 + 1 + 30 * 3)).is_err());
    assert!(ask(11, 1 + 10 * (1 + 1 + 30 * 3)).is_err());
    assert_eq!(ask(1_000_000, 1 + 200 * 92), Ok(2 + 200 * 92), "no page is longer than the longest");
}

#[test]
fn what_explodes_is_refused_in_a_time_that_follows_its_bytes() {
    // Each would take longer than anybody waits if it were walked path by path.
    for width in [2, 8, 32] {
        let mut query = String::from("{ ...F0 } ");
        for level in 0..24 {
            let spread = format!("...F{} ", level + 1).repeat(width);
            let _ = write!(query, "fragment F{level} on Query {{ {spread} }} ");
        }
        query.push_str("fragment F24 on Query { viewer { subject } }");
        assert!(refused(&query, json!({})).contains("4000 fields"), "{width}");
    }
    let mut friends = String::from("{ node(id: 1) { ...F0 } } ");
    for level in 0..12 {
        let n = level + 1;
        let _ = write!(friends, "fragment F{level} on Person {{ a: friend {{ ...F{n} }} b: friend {{ ...F{n} }} }} ");
    }
    friends.push_str("fragment F12 on Person { id }");
    assert!(refused(&friends, json!({})).contains("4000 fields"));
    let deep = format!("{{ node(id: 1) {{ ... on Person {} }} }}", "{ friend ".repeat(30) + "{ id }" + &"}".repeat(30));
    assert!(refused(&deep, json!({})).contains("levels deep"));
    let nested = "{ a".repeat(2_000) + &"}".repeat(2_000);
    assert!(refused(&nested, json!({})).contains("deep"));
    assert!(refused(&format!("{{ {} }}", "a ".repeat(30_000)), json!({})).contains("words and marks"));
    let many = (0..251).map(|n| format!("query Q{n} {{ __typename }}")).collect::<Vec<_>>().join(" ");
    assert!(refused(&many, json!({})).contains("251 operations and fragments"));
    assert!(refused(&format!("{{ a }} #{}", "x".repeat(100_000)), json!({})).contains("bytes"));
}

#[test]
fn the_hubs_own_schema_can_be_read() {
    assert_eq!(Documents::new(&crate::graphql::sdl()).schema.err(), None);
}
