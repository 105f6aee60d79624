//! `onefold connector`: a folder is made, checked, tried out and tested, without a store and without a network.

use crate::sync::binary::hub::Hub;
use serde_json::{Value, json};
use std::path::Path;

async fn made() -> Hub {
    let hub = Hub::bare();
    hub.run(&["connector", "new", "support/harbour"]).await.well();
    hub
}

#[tokio::test]
async fn a_new_folder_loads_and_its_fixture_runs() {
    let hub = made().await;
    let checked = hub.run(&["connector", "check", "support/harbour"]).await.well();
    assert!(checked.out.contains("support/harbour: Harbour 1.0.0"), "{}", checked.out);
    assert!(checked.out.contains("people -> party, reads: cursor, deletions: sweep"), "{}", checked.out);
    assert!(checked.out.contains("api_key (secret, required)") && !checked.out.contains("note:"), "{}", checked.out);
    let tested = hub.run(&["connector", "test", "support/harbour"]).await.well();
    assert!(tested.out.contains("ok    people (1 lines)"), "{}", tested.out);
    hub.run(&["connector", "new", "support/harbour"]).await.badly(&["it must not be there yet"]);
    for name in ["harbour", "Support/harbour", "support/Har bour", "support/../x", "support/"] {
        hub.run(&["connector", "new", name]).await.badly(&["department/system"]);
    }
}

#[tokio::test]
async fn every_mistake_of_a_folder_is_named_with_file_line_and_nearest_name() {
    let hub = made().await;
    let path = "support/harbour/connector.yaml";
    let text = std::fs::read_to_string(hub.path(path)).unwrap();
    hub.write(path, text.replace("pages: list", "pages: lst").replace("deletes:", "deletse:"));
    let map = "support/harbour/map/person.yaml";
    let text = std::fs::read_to_string(hub.path(map)).unwrap();
    hub.write(map, text.replace("displayName", "dispalyName"));
    hub.run(&["connector", "check", "support/harbour"]).await.badly(&[
        "support/harbour/connector.yaml:23:",
        "did you mean \"list\"?",
        "did you mean \"deletes\"?",
        "support/harbour/map/person.yaml:2:1: ",
        "did you mean \"displayName\"?",
    ]);
    hub.run(&["connector", "check", "nowhere"]).await.badly(&["could not read nowhere"]);
}

#[tokio::test]
async fn a_fixture_that_becomes_something_else_is_named_by_its_field() {
    let hub = made().await;
    let map = "support/harbour/map/person.yaml";
    let text = std::fs::read_to_string(hub.path(map)).unwrap();
    hub.write(map, text.replace("displayName: name", "displayName: mail"));
    let failed = hub.run(&["connector", "test", "support/harbour"]).await.badly(&["1 fixtures become something else"]);
    let expected = "people 7 record displayName: expected \"Marlene Achterberg\", found \"Marlene@Post.example\"";
    assert!(failed.out.contains(expected), "{}", failed.out);
    hub.run(&["connector", "test", "support/harbour", "--write"]).await.well();
    hub.run(&["connector", "test", "support/harbour"]).await.well();
    std::fs::remove_file(hub.path("support/harbour/fixtures/people.expected.json")).unwrap();
    let missing = hub.run(&["connector", "test", "support/harbour"]).await.badly(&["1 fixtures"]);
    assert!(missing.out.contains("+ {"), "{}", missing.out);
    std::fs::remove_file(hub.path("support/harbour/fixtures/people.json")).unwrap();
    hub.run(&["connector", "test", "support/harbour"]).await.badly(&["there is no fixture"]);
}

#[tokio::test]
async fn a_preview_shows_records_and_what_is_refused_and_stores_nothing() {
    let hub = made().await;
    let person = |id: Value, mail: &str| json!({"id": id, "name": "Ada", "mail": mail, "phone": "", "country": "AT"});
    let people =
        vec![person(json!(1), "ada@mail.example"), person(Value::Null, "bo@mail.example"), person(json!(3), "no mail")];
    hub.write("answer.json", json!({"people": people, "next": "more"}).to_string());
    hub.write("list.json", json!(people).to_string());
    let lines: Vec<String> = people.iter().map(Value::to_string).collect();
    hub.write("lines.jsonl", lines.join("\n"));
    for input in ["answer.json", "list.json", "lines.jsonl"] {
        let ran = hub.run(&["connector", "preview", "support/harbour", "--input", input]).await.well();
        let lines: Vec<Value> = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines[0]["record"]["emails"][0]["address"], "ada@mail.example", "{input}: {}", ran.out);
        assert!(lines.iter().any(|line| line["refused"] == "/id"), "{}", ran.out);
        assert!(lines.iter().any(|line| line["drift"] == "emails"), "{}", ran.out);
        assert!(ran.err.contains("2 records, 1 do not fit; nothing was stored"), "{}", ran.err);
    }
    assert!(!hub.path("onefold.db").exists(), "no store was opened");
    hub.write("other.json", "{\"humans\": []}");
    hub.run(&["connector", "preview", "support/harbour", "--input", "other.json"]).await.badly(&["/people"]);
    hub.write("broken.json", "{\"people\": [");
    hub.run(&["connector", "preview", "support/harbour", "--input", "broken.json"]).await.badly(&["is no JSON"]);
}

#[tokio::test]
async fn a_jq_filter_runs_in_a_preview_too() {
    let hub = made().await;
    let path = "support/harbour/connector.yaml";
    let text = std::fs::read_to_string(hub.path(path)).unwrap();
    hub.write(
        path,
        text.replace(
            "    map: {file: map/person.yaml}",
            "    jq: '{whole: (.first + \" \" + .last)}'\n    map: {kind: = PERSON, displayName: $jq.whole}",
        ),
    );
    hub.write(
        "one.json",
        r#"{"people": [{"id": 1, "first": "Ada", "last": "Löv"}, {"id": 2, "first": 7, "last": "x"}], "next": null}"#,
    );
    let ran = hub.run(&["connector", "preview", "support/harbour", "--input", "one.json"]).await.well();
    let lines: Vec<Value> = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["record"]["displayName"], "Ada Löv");
    assert_eq!((&lines[1]["code"], &lines[1]["externalId"]), (&json!("jq"), &json!("2")));
}

#[tokio::test]
async fn what_a_sample_holds_is_listed_and_a_map_is_proposed() {
    let hub = Hub::bare();
    let answer = json!({"data": {"contacts": [
        {"id": 7, "properties": {"first_name": "Ada", "last_name": "Löv", "email": "ada@mail.example"}, "address": {"city": "Wien", "zip": "1010"}},
        {"id": 8, "properties": {"first_name": "Bo", "email": null}, "address": {"city": "Graz"}},
    ]}});
    hub.write("answer.json", answer.to_string());
    let ran = hub.run(&["connector", "discover", "answer.json"]).await.well();
    for line in [
        "contacts: records at /data/contacts, 2 seen, 6 fields",
        "text   1/2  ada@mail.example",
        "emails:",
        "- {value: 'properties.email -> email', primary: '= true'}",
        "displayName: 'properties.first_name + properties.last_name -> join(\" \")'",
        "locality: 'address.city'",
    ] {
        assert!(ran.out.contains(line), "{line:?} is not shown:\n{}", ran.out);
    }
    assert!(!ran.out.contains("does not load"), "{}", ran.out);
    hub.write("rows.csv", "Kundennr;Vorname;Nachname;E-Mail\n1;Ada;Löv;ada@mail.example\n");
    let ran = hub.run(&["connector", "discover", "rows.csv"]).await.well();
    assert!(ran.out.contains("givenName: 'Vorname'") && ran.out.contains("-> email'"), "{}", ran.out);
    let description = "openapi: 3.1.0\npaths:\n  /v1/tickets:\n    get:\n      responses:\n        '200':\n          content:\n            application/json:\n              schema:\n                type: object\n                properties:\n                  tickets:\n                    type: array\n                    items:\n                      type: object\n                      properties:\n                        id: {type: integer}\n                        subject: {type: string, example: Help}\n                        opened_at: {type: string, format: date-time}\n";
    hub.write("api.yaml", description);
    let ran = hub.run(&["connector", "discover", "api.yaml", "--kind", "ticket"]).await.well();
    for line in [
        "tickets: get /v1/tickets, records at /tickets, 3 fields",
        "subject: subject",
        "openedAt: opened_at -> rfc3339",
    ] {
        assert!(ran.out.contains(line), "{line:?} is not shown:\n{}", ran.out);
    }
    hub.write("empty.json", "{}");
    hub.run(&["connector", "discover", "empty.json"]).await.badly(&["holds no list of records"]);
    hub.run(&["connector", "discover", "api.yaml", "--stream", "other"]).await.badly(&["there are: tickets"]);
    hub.run(&["connector", "discover", "api.yaml", "--kind", "robot"]).await.badly(&["is none of party"]);
}

/// The commands take the folders that there are.
#[tokio::test]
async fn every_shipped_folder_passes_its_own_test() {
    let hub = Hub::bare();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("connectors");
    for folder in
        ["billing/stripe", "marketing/google_analytics", "crm/goldmine_files", "files/party", "support/intercom"]
    {
        let path = root.join(folder).display().to_string();
        hub.run(&["connector", "check", &path]).await.well();
        let ran = hub.run(&["connector", "test", &path]).await.well();
        assert!(ran.out.contains("ok    "), "{folder}: {}", ran.out);
    }
}
