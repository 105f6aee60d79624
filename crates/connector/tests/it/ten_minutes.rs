//! "A connector in ten minutes" of connectors/README.md, as it is written there: the folder loads, and the fixture becomes
//! the records that the text says.

use crate::fixtures::{outcome, page};
use crate::folders::{read_all, root};
use onefold_connector::Connector;
use serde_json::Value;
use std::collections::BTreeMap;

/// The code blocks of the text that follow a line which names a file of the folder.
fn written() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(root().join("README.md")).unwrap();
    let mut files = BTreeMap::new();
    let mut named: Option<String> = None;
    // What stands between two fences is a block.
    for (i, part) in text.split("```").enumerate() {
        if i % 2 == 0 {
            let last = part.trim_end().lines().last().unwrap_or_default();
            let mut paths = last.split('`').filter(|path| path.starts_with("support/harbour/") && path.contains('.'));
            named = paths.next_back().map(str::to_owned);
        } else if let (Some(name), Some((_, block))) = (named.take(), part.split_once('\n')) {
            files.insert(name, block.to_owned());
        }
    }
    files
}

#[test]
fn a_connector_in_ten_minutes_is_as_the_text_says() {
    let files = written();
    assert_eq!(files.len(), 4, "{:?}", files.keys());
    let connector = Connector::load("support/harbour", &files).unwrap_or_else(|error| panic!("{error}"));
    let fixture: Value = serde_json::from_str(&files["support/harbour/fixtures/people.json"]).unwrap();
    let expected: Value = serde_json::from_str(&files["support/harbour/fixtures/people.expected.json"]).unwrap();
    assert_eq!(outcome(&connector, &page(&connector, "people", &fixture)), expected);
}

#[test]
fn the_table_has_every_folder_and_nothing_else() {
    let text = std::fs::read_to_string(root().join("README.md")).unwrap();
    let mut named: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    named.sort_unstable();
    named.dedup();
    assert_eq!(named, Connector::folders(&read_all()));
}
