//! The guide about exports does what it says, and a file is there once all of it is written.

use super::guide::blocks;
use crate::sync::binary::hub::Hub;

#[tokio::test]
async fn the_commands_of_the_export_guide_run_and_write_what_it_shows() {
    let guide = include_str!("../../../docs/guides/export.md");
    let hub = Hub::bare();
    let files = blocks(guide);
    for block in files.iter().filter(|block| block.file.is_some() && block.language != "sh") {
        hub.write(block.file.as_deref().unwrap(), block.lines.join("\n") + "\n");
    }
    let mut ran = 0;
    for line in files.iter().filter(|block| block.language == "sh").flat_map(|block| &block.lines) {
        let words: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(words[0], "onefold", "{line}");
        hub.run(&words[1..]).await.well();
        if let Some(out) = words.windows(2).find(|two| two[0] == "--out") {
            assert!(hub.path(out[1]).exists(), "{line} wrote no {}", out[1]);
        }
        ran += 1;
    }
    assert_eq!(ran, 5, "commands were found");
    let read = |name: &str| std::fs::read_to_string(hub.path(name)).unwrap();
    let usual = read("customers.csv");
    assert!(usual.starts_with("id,__typename,displayName,email,phone,language,address.lines,"), "{usual}");
    assert!(usual.contains("johanna@brandauer.example") && usual.lines().count() == 3, "{usual}");
    assert!(read("short.csv").starts_with("id,displayName,email,address.locality\r\n"));
    let line: serde_json::Value = serde_json::from_str(read("customers.ndjson").lines().next().unwrap()).unwrap();
    assert!(line["givenName"].is_string() && line["invoices"]["nodes"].is_array(), "{line}");

    // The copy is brought up to date by what changed alone.
    assert_eq!(read("changes.csv").lines().count(), 3, "the first time it is everybody");
    let cursor = read("cursor");
    hub.write("people.csv", "id,first_name,last_name,email\n3,Greta,Lindqvist,greta@lindqvist.example\n");
    hub.run(&["import", "shop", "people.csv", "--key", "id"]).await.well();
    let did = hub.run(&["export", "--since-file", "cursor", "--out", "changes.csv"]).await.well();
    let changes = read("changes.csv");
    assert!(changes.contains("greta@lindqvist.example") && !changes.contains("johanna"), "{changes}");
    assert!(changes.lines().next().unwrap().ends_with(",__gone,__into"), "{changes}");
    assert_ne!(read("cursor"), cursor);
    assert_eq!(read("cursor").trim(), did.out.trim(), "the cursor is printed and kept");
    let did =
        hub.run(&["export", "--after", cursor.trim(), "--format", "ndjson", "--out", "again.ndjson"]).await.well();
    assert!(read("again.ndjson").contains("greta@lindqvist.example") && !did.out.is_empty());
    let left = std::fs::read_dir(hub.path(".")).unwrap().filter_map(Result::ok);
    let left: Vec<String> = left.map(|file| file.file_name().into_string().unwrap()).collect();
    assert!(!left.iter().any(|name| name.contains(".part")), "{left:?}");

    for (words, said) in [
        (vec!["export", "--department", "nowhere", "--out", "none.csv"], "--department nowhere: there are"),
        (vec!["export", "--after", "garbage", "--out", "none.csv"], "--after: this is no cursor"),
        (vec!["export", "--fields", "shoeSize", "--out", "none.csv"], "shoeSize"),
        (vec!["export", "--fields", "a..b", "--out", "none.csv"], "--fields a..b"),
        (vec!["export", "--selection", "nowhere.graphql", "--out", "none.csv"], "could not read nowhere.graphql"),
        (vec!["export", "--out", "no/such/folder.csv"], "could not write no/such/folder.csv"),
    ] {
        hub.run(&words).await.badly(&[said]);
        assert!(!hub.path("none.csv").exists(), "{words:?}");
    }
}
