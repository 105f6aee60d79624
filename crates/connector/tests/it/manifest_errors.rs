//! What is wrong with a manifest is said all at once: where, what, and what was probably meant.

use onefold_connector::{Connector, LoadError, RecordMap};
use onefold_model::RecordKind;
use std::collections::BTreeMap;

const GOOD: &str = "manifest: 1
id: sample
title: Sample
version: 1.0.0
config:
  key: {type: text, secret: true, required: true}
  base_url: {type: url, default: 'http://system.example'}
http:
  base: '{config.base_url}'
  auth: {bearer: '{config.key}'}
pages:
  list: {style: last_id, param: after, id: /id, more: /more}
feeds:
  events:
    get: /events
    pages: list
    records: /data
    order: newest_first
    cursor: {field: /created, type: unix_s, from: from, lookback: 10m}
    retention: 30d
    object: /object
    kind: /type
    refetch: true
streams:
  customers:
    into: party
    key: /id
    deletes: none
    snapshot: {get: /customers, pages: list, records: /data}
    changes: {feed: events, kinds: ['customer.*'], detail: {get: '/customers/{id}'}}
    map: {file: map/customer.yaml}
  invoices:
    into: invoice
    key: [/account, /id]
    deletes: none
    snapshot: {get: /invoices, pages: list, records: /data}
    map:
      number: number
      customer: customer -> ref(customers)
      total: total -> money_minor(currency)
      status: status -> one_of(open, paid)
      dueOn: due -> unix -> date
";

const MAP: &str = "kind: = PERSON
displayName: name
emails:
  - {value: email -> email}
";

fn load(manifest: &str, map: &str) -> Result<Connector, LoadError> {
    let files = BTreeMap::from([
        ("test/sample/connector.yaml".to_owned(), manifest.to_owned()),
        ("test/sample/map/customer.yaml".to_owned(), map.to_owned()),
    ]);
    Connector::load("test/sample", &files)
}

/// The problems after one change of the manifest.
fn after(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from:?} is not in the manifest");
    match load(&GOOD.replacen(from, to, 1), MAP) {
        Ok(_) => panic!("{to:?} was accepted"),
        Err(error) => error.to_string(),
    }
}

#[track_caller]
fn says(from: &str, to: &str, expected: &str) {
    let found = after(from, to);
    assert!(found.lines().any(|line| line.starts_with("test/sample/") && line.ends_with(expected)), "{found}");
}

#[test]
fn the_example_is_good() {
    assert!(load(GOOD, MAP).is_ok());
}

#[test]
fn unknown_names_are_shown_with_the_nearest_known_one() {
    says(
        "    key: /id\n",
        "    kye: /id\n",
        "connector.yaml:27:5: unknown key in stream \"kye\" (did you mean \"key\"?)",
    );
    says(
        "style: last_id",
        "style: lastid",
        "connector.yaml:12:17: unknown style \"lastid\" (did you mean \"last_id\"?)",
    );
    says(
        "pages: list, records: /data}\n    changes",
        "pages: lists, records: /data}\n    changes",
        "connector.yaml:29:40: unknown page style \"lists\" (did you mean \"list\"?)",
    );
    says("feed: events", "feed: event", "connector.yaml:30:21: unknown feed \"event\" (did you mean \"events\"?)");
    says(
        "ref(customers)",
        "ref(customer)",
        "connector.yaml:39:17: unknown stream \"customer\" (did you mean \"customers\"?)",
    );
    says(
        "      number: number",
        "      nubmer: number",
        "connector.yaml:38:7: unknown field of invoice \"nubmer\" (did you mean \"number\"?)",
    );
    says(
        "status -> one_of(open, paid)",
        "'status -> one_of(open, payed: PAYD)'",
        "connector.yaml:41:15: unknown word \"PAYD\" (did you mean \"PAID\"?)",
    );
    says(
        "money_minor",
        "money_mino",
        "connector.yaml:40:14: unknown function \"money_mino\" (did you mean \"money_minor\"?)",
    );
    says(
        "into: party",
        "into: partie",
        "connector.yaml:26:11: unknown kind of record \"partie\" (did you mean \"party\"?)",
    );
    says("{config.key}", "{config.kez}", "connector.yaml:10:18: unknown setting \"kez\" (did you mean \"key\"?)");
    says(
        "map/customer.yaml",
        "map/customers.yaml",
        "connector.yaml:31:17: unknown file of the folder \"map/customers.yaml\" (did you mean \"map/customer.yaml\"?)",
    );
    says("type: unix_s", "type: unix", "unknown type of time \"unix\" (did you mean \"unix_s\"?)");
    says(
        "id: sample",
        "id: simple",
        "connector.yaml:2:5: the id \"simple\" must be the name of the folder, \"sample\"",
    );
    says(
        "manifest: 1",
        "manifest: 2",
        "connector.yaml:1:11: unknown version of the manifest format \"2\"; expected one of: 1",
    );
}

#[test]
fn the_type_of_a_field_is_checked_before_the_first_record_comes() {
    says(
        "total: total -> money_minor(currency)",
        "total: total",
        "connector.yaml:40:14: the field holds money, this is a value as the vendor sends it: use -> money_minor(currency) or -> money(currency)",
    );
    says(
        "dueOn: due -> unix -> date",
        "dueOn: due -> unix",
        "connector.yaml:42:14: the field holds a date, this is a point in time: use -> date",
    );
    says(
        "customer: customer -> ref(customers)",
        "customer: customer",
        "the field holds a reference to a record, this is a value as the vendor sends it: use -> ref(stream)",
    );
    says("status: status -> one_of(open, paid)", "status: status", "use -> one_of(word: DRAFT)");
    says(
        "number: number",
        "number: number -> unix",
        "the field holds a text, this is a point in time: use another function",
    );
    says("dueOn: due -> unix -> date", "dueOn: due -> email -> date", "date cannot be applied to e-mail addresses");
    says("money_minor(currency)", "money_minor", "write money_minor(currency)");
    says("total: total -> money_minor(currency)", "total: = 5", "a constant cannot be money");
    says("number: number", "number: {a: b}", "connector.yaml:38:15: \"number\" holds a text, found a mapping");
    says("number: number", "number: number +", "expected a name or a quoted text, found the end in \"number +\"");
    says("number: number", "number: a + b", "values joined with + need -> ref(stream) or -> join(\" \")");
    says("due -> unix", "due -> datetime(\"%d.%m.%Y\")", "write datetime(\"%d.%m.%Y %H:%M\", UTC)");
}

#[test]
fn what_is_missing_is_named() {
    says(
        "    deletes: none\n    snapshot: {get: /customers",
        "    snapshot: {get: /customers",
        "stream needs \"deletes\"",
    );
    says(
        ", more: /more}",
        "}",
        "connector.yaml:12:9: this page style must say how the list ends: more, end, total or ends",
    );
    says(
        ", detail: {get: '/customers/{id}'}",
        "",
        "connector.yaml:30:21: the feed \"events\" reads objects again: the stream needs \"detail\"",
    );
    says("title: Sample\n", "", "manifest needs \"title\"");
    says(
        "    snapshot: {get: /invoices, pages: list, records: /data}\n",
        "",
        "a stream needs a way to be read: snapshot, changes or both",
    );
    let error = load(GOOD, "displayName: name\n").unwrap_err().to_string();
    assert_eq!(error, "test/sample/map/customer.yaml:1:1: a party needs \"kind\"");
}

#[test]
fn parts_that_do_not_fit_together_are_refused() {
    says(
        "deletes: none\n    snapshot: {get: /invoices",
        "deletes: feed\n    snapshot: {get: /invoices",
        "deletes: feed needs changes from a feed",
    );
    says(
        "customer: customer -> ref(customers)",
        "customer: a + b -> ref(customers)",
        "the key of \"customers\" has 1 part(s), joined with +",
    );
    says(
        "base: '{config.base_url}'",
        "base: '{config.key}'",
        "connector.yaml:9:9: {config.key} is a secret: it may stand only in auth and headers",
    );
    says(
        "get: /invoices",
        "get: '/invoices?k={config.key}'",
        "{config.key} is a secret: it may stand only in auth and headers",
    );
    says(
        "get: /invoices",
        "get: '/invoices/{id}'",
        "{id} has no meaning here: use {config.x}, {parent.x}, in a list {from}, {to}, {place}, {size} or, in detail, {id}",
    );
    says("get: /invoices", "get: '/invoices/{id'", "\"/invoices/{id\" has a { without its }");
    says("retention: 30d", "retention: 30", "expected a span of time such as 30s, 10m, 1h or 7d, found \"30\"");
    says(
        "records: /data}\n    map:",
        "records: data}\n    map:",
        "expected a JSON pointer such as /data/id, found \"data\"",
    );
    says("key: {type: text, secret: true", "key: {type: text, default: x, secret: true", "a secret has no default");
    says(
        "  auth: {bearer: '{config.key}'}",
        "  auth: {bearer: '{config.key}', header: {name: a, value: b}}",
        "one way to authenticate, please: bearer, basic, header or oauth2",
    );
    says("id: sample\n", "id: sample\nid: sample\n", "connector.yaml:3:1: the key \"id\" occurs twice");
}

#[test]
fn all_problems_come_at_once() {
    let manifest = GOOD
        .replace("style: last_id", "stile: last_id")
        .replace("ref(customers)", "ref(customer)")
        .replace("into: party", "into: partie");
    let error = load(&manifest, "kind: = PERSN\ndispayName: name\n").unwrap_err();
    assert!(error.problems.len() >= 4, "{error}");
    let places: Vec<(usize, usize)> =
        error.problems.iter().map(|problem| (problem.at.line, problem.at.column)).collect();
    assert!(places.is_sorted(), "in the order of the file: {error}");
}

#[test]
fn a_manifest_stays_short() {
    let long = format!("{GOOD}{}", "# filler\n".repeat(200));
    assert!(load(&long, MAP).unwrap_err().to_string().contains("under 200 lines"));
}

#[test]
fn a_map_alone_reports_in_its_own_file() {
    let error = RecordMap::compile("mine.yaml", "kind: = PERSON\nemials: x\n", RecordKind::Party).unwrap_err();
    assert_eq!(error.to_string(), "mine.yaml:2:1: unknown field of party \"emials\" (did you mean \"emails\"?)");
}

#[test]
fn messages_of_a_map_name_fields_and_never_values() {
    let map = RecordMap::compile(
        "m.yaml",
        "kind: = PERSON\nemails: mail -> email\nbirthDate: born -> partial_date\ncreatedAt: at -> rfc3339\nextensions: more\n",
        RecordKind::Party,
    )
    .unwrap();
    for raw in [
        serde_json::json!({"mail": "SECRET"}),
        serde_json::json!({"born": "SECRET"}),
        serde_json::json!({"at": "SECRET"}),
        serde_json::json!({"at": {"SECRET": 1}}),
        serde_json::json!({"more": "SECRET"}),
    ] {
        let error = map.map("1", &raw, &mut Vec::new()).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("SECRET"), "{error:?}");
        assert!(error.source_path.is_some());
    }
}
