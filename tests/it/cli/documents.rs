//! Documents that are registered: checked by a command, and run by a hub that is told to.

use crate::sync::binary::hub::Hub;
use onefold::graphql::document_hash;

const VIEWER: &str = "query Viewer { viewer { subject } }";

#[tokio::test]
async fn the_ids_of_documents_are_printed_and_what_is_not_valid_is_named() {
    let hub = Hub::bare();
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let path = folder.path().display().to_string();
    write("viewer.graphql", VIEWER);
    write("relay.json", r#"{"one": "query One { __typename }"}"#);
    write(
        "apollo.json",
        r#"{"format": "apollo-persisted-query-manifest", "operations": [{"id": "two", "body": "{ __typename }"}]}"#,
    );
    write("notes.txt", "not a document");
    let listed = hub.run(&["documents", "check", &path]).await.well().out;
    for part in [
        document_hash(VIEWER),
        document_hash("query One { __typename }"),
        "two".to_owned(),
        "viewer.graphql".to_owned(),
    ] {
        assert!(listed.contains(&part), "{part}: {listed}");
    }
    assert_eq!(listed.lines().count(), 3, "{listed}");
    write("old.graphql", "{ customers { nodes { shoeSize } } }");
    hub.run(&["documents", "check", &path]).await.badly(&["old.graphql", "shoeSize"]);
    write("old.graphql", "{ __typename }");
    write("relay.json", "[1]");
    hub.run(&["documents", "check", &path]).await.badly(&["relay.json", "manifest"]);
    write("relay.json", "{");
    hub.run(&["documents", "check", &path]).await.badly(&["relay.json"]);
    hub.run(&["documents", "check", &format!("{path}/nowhere")]).await.badly(&["nowhere"]);
}

#[tokio::test]
async fn a_hub_with_a_document_that_is_not_valid_or_an_origin_that_is_none_does_not_start() {
    let mut hub = Hub::bare();
    hub.secret("ONEFOLD_TOKEN_SECRET", "a secret of the tests, long enough");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("old.graphql"), "{ nosuch }").unwrap();
    hub.configure(&format!("[graphql]\ndocuments = '{}'\n", folder.path().display()));
    hub.run(&["serve", "--listen", "127.0.0.1:0"]).await.badly(&["old.graphql", "nosuch"]);
    hub.configure("[server]\norigins = ['*']\n");
    hub.run(&["serve", "--listen", "127.0.0.1:0"]).await.badly(&["origins", "https://app.example"]);
}
