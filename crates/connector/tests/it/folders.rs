//! The connector folders of the repository.

use onefold_connector::{Configured, Connector};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../connectors")
}

pub(crate) fn read_all() -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    read(&root(), &root(), &mut files);
    files
}

fn read(folder: &Path, root: &Path, files: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, root, files);
        } else if path.extension().is_some_and(|ending| ending != "csv") {
            // Exports of older programs are not UTF-8.
            let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
            files.insert(name, std::fs::read_to_string(&path).unwrap());
        }
    }
}

pub(crate) fn load(folder: &str) -> Connector {
    Connector::load(folder, &read_all()).unwrap_or_else(|error| panic!("{error}"))
}

/// A connector of this text, in a folder of its own.
pub(crate) fn connector(manifest: &str) -> Connector {
    let files = BTreeMap::from([("test/sample/connector.yaml".to_owned(), manifest.to_owned())]);
    Connector::load("test/sample", &files).unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) fn configure(connector: &Connector, values: &[(&str, &str)]) -> Configured {
    let values: Map<String, Value> =
        values.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect();
    connector.configure(&values).unwrap_or_else(|errors| panic!("{errors:?}"))
}

#[test]
fn every_folder_loads_and_says_what_it_is() {
    let files = read_all();
    let folders = Connector::folders(&files);
    assert!(folders.len() >= 4, "{folders:?}");
    for folder in &folders {
        let connector = load(folder);
        assert_eq!(folder.split('/').next(), Some(connector.default_department()));
        assert!(files.contains_key(&format!("{folder}/README.md")), "{folder} has no README.md");
        for stream in connector.streams() {
            assert!(connector.is_file() || !stream.reads.is_empty());
        }
    }
}

#[test]
fn a_bad_folder_does_not_stop_the_others() {
    let mut files = read_all();
    files.insert("billing/broken/connector.yaml".to_owned(), "manifest: 2\n".to_owned());
    assert!(Connector::load("billing/broken", &files).is_err());
    assert!(Connector::load("billing/stripe", &files).is_ok());
}

#[test]
fn a_changed_map_has_another_name_and_changed_prose_has_not() {
    let mut files = read_all();
    let before = load("billing/stripe").mapping().to_owned();
    files.insert("billing/stripe/README.md".to_owned(), "other words".to_owned());
    assert_eq!(Connector::load("billing/stripe", &files).unwrap().mapping(), before);
    files.get_mut("billing/stripe/map/customer.yaml").unwrap().push_str("\n# another map\n");
    assert_ne!(Connector::load("billing/stripe", &files).unwrap().mapping(), before);
}

#[test]
fn secrets_are_never_shown() {
    let configured = configure(&load("billing/stripe"), &[("api_key", "rk_live_hidden")]);
    assert!(!format!("{configured:?}").contains("rk_live_hidden"));
    let now = "2026-03-01T00:00:00Z".parse().unwrap();
    let checkpoints = BTreeMap::new();
    for task in configured.plan(&checkpoints, now) {
        let reader = configured.reader(&task, &checkpoints, now).unwrap();
        let step = reader.next_step();
        assert!(!format!("{reader:?} {step:?}").contains("rk_live_hidden"));
        let onefold_connector::Step::Request(request) = step else { panic!("a request") };
        let sent: Vec<&str> = request.headers.iter().map(|(_, value)| value.expose()).collect();
        assert!(sent.contains(&"Bearer rk_live_hidden"));
    }
}

#[test]
fn settings_are_checked_together_and_values_are_not_repeated() {
    let connector = load("support/zendesk");
    let values = serde_json::json!({"subdomain": "Bad Name", "tokn": "t0psecret", "start": "yesterday"});
    let errors = connector.configure(values.as_object().unwrap()).unwrap_err();
    let text = errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    assert!(text.contains("unknown setting \"tokn\" (did you mean \"token\"?)"), "{text}");
    assert!(text.contains("setting \"email\" is required"), "{text}");
    assert!(text.contains("setting \"token\" is required"), "{text}");
    assert!(text.contains("setting \"start\" is not a time"), "{text}");
    assert!(text.contains("setting \"subdomain\" is not of the form"), "{text}");
    assert!(!text.contains("t0psecret") && !text.contains("yesterday") && !text.contains("Bad Name"), "{text}");
}

#[test]
fn a_setting_that_another_is_made_from_is_asked_for_only_where_it_is_needed() {
    let connector = load("marketing/mailchimp");
    let errors = connector.configure(serde_json::json!({"api_key": "k"}).as_object().unwrap()).unwrap_err();
    assert_eq!(errors[0].to_string(), "setting \"data_center\" is required, because \"base_url\" is made from it");
    configure(&connector, &[("api_key", "k"), ("base_url", "http://127.0.0.1:1")]);
}
