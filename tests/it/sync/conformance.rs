//! What every connector passes on its own, by connector and situation, over real HTTP and on both databases.
//!
//! One stand-in plays every system: it is driven by the folder's manifest and fixtures, see [`system`]. Which situation applies to
//! which stream is a table that people review, `conformance.snap`: what does not apply says why, and what applies is run by the
//! tests below. Systems whose lists hang together in ways that a fixture cannot show have a stand-in of their own, in
//! `src/http/vendor`, and tests of the same situations beside this file.

mod own;
mod situations;
mod stage;
mod system;

use onefold::sync::Registry;
use onefold_connector::{Connector, read_yaml};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// What can happen to a stream that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Situation {
    FirstLoad,
    Incremental,
    Killed,
    Duplicate,
    OutOfOrder,
    ClockSkew,
    Deleted,
    Drift,
    RateLimit,
    ExpiredToken,
    Truncated,
    Slow,
    Hanging,
    ChangingPage,
}

const SITUATIONS: [(Situation, &str); 14] = [
    (Situation::FirstLoad, "first"),
    (Situation::Incremental, "incr"),
    (Situation::Killed, "killed"),
    (Situation::Duplicate, "twice"),
    (Situation::OutOfOrder, "order"),
    (Situation::ClockSkew, "skew"),
    (Situation::Deleted, "delete"),
    (Situation::Drift, "drift"),
    (Situation::RateLimit, "limit"),
    (Situation::ExpiredToken, "token"),
    (Situation::Truncated, "cut"),
    (Situation::Slow, "slow"),
    (Situation::Hanging, "hangs"),
    (Situation::ChangingPage, "moves"),
];

/// Why a situation does not apply, by the number in the table.
const REASONS: [(&str, &str); 6] = [
    ("1", "reads files: uploads have their own tests, tests/it/sync/{files,workbooks}.rs and binary/files.rs"),
    (
        "2",
        "is run over a stand-in of its own in src/http/vendor: own.rs, and tests/it/sync/{reading,deletes,faults,crash}.rs",
    ),
    ("3", "is listed as a whole each time: there is nothing to go on from"),
    ("4", "gives no version: the later answer counts"),
    ("5", "shows no deletions, and the connector's README says so"),
    ("6", "is not played: its stand-in tells the time of the machine"),
];

/// Their lists hang together: a feed whose objects are read again, exports with a token of their own, lists of lists.
const OWN: [&str; 3] = ["billing/stripe", "marketing/mailchimp", "support/zendesk"];

/// A stream of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Subject {
    pub(super) folder: String,
    pub(super) stream: String,
}

pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("connectors")
}

/// What the manifest says of a stream.
pub(super) fn said(subject: &Subject) -> Value {
    let path = root().join(&subject.folder).join("connector.yaml");
    let manifest = read_yaml("connector.yaml", &std::fs::read_to_string(path).unwrap()).unwrap();
    manifest["streams"][&subject.stream].clone()
}

fn applies(connector: &Connector, subject: &Subject, situation: Situation) -> Result<(), &'static str> {
    if connector.is_file() {
        return Err("1");
    }
    let streams = connector.streams();
    let stream = streams.iter().find(|stream| stream.name == subject.stream).unwrap();
    match situation {
        Situation::Incremental if stream.reads == "snapshot" => Err("3"),
        Situation::OutOfOrder if said(subject)["version"].is_null() => Err("4"),
        Situation::Deleted if stream.deletes.is_empty() => Err("5"),
        Situation::ClockSkew if OWN.contains(&subject.folder.as_str()) => Err("6"),
        _ if OWN.contains(&subject.folder.as_str()) => Err("2"),
        _ => Ok(()),
    }
}

fn all() -> BTreeMap<String, Connector> {
    let registry = Registry::load(None).unwrap();
    let known = registry.names().map(|name| (name.to_owned(), registry.get(name).unwrap().clone()));
    known.collect()
}

fn subjects(folder: &str, connector: &Connector) -> Vec<Subject> {
    let subject = |stream: &str| Subject { folder: folder.to_owned(), stream: stream.to_owned() };
    connector.streams().iter().map(|stream| subject(stream.name)).collect()
}

/// The streams to which a situation applies.
pub(super) fn applying(situation: Situation) -> Vec<Subject> {
    let of = |(folder, connector): (&String, &Connector)| {
        let found = subjects(folder, connector).into_iter();
        found.filter(|subject| applies(connector, subject, situation).is_ok()).collect::<Vec<_>>()
    };
    all().iter().flat_map(of).collect()
}

/// The first such stream of each connector: for what takes its time, and does not depend on the stream.
pub(super) fn one_each(situation: Situation) -> Vec<Subject> {
    let mut folders = BTreeSet::new();
    applying(situation).into_iter().filter(|subject| folders.insert(subject.folder.clone())).collect()
}

#[test]
fn what_applies_to_which_connector_is_in_the_table() {
    let mut table = format!("{:<46}", "connector and stream");
    for (_, word) in SITUATIONS {
        let _ = write!(table, "{word:<8}");
    }
    let mut used = BTreeSet::new();
    for (folder, connector) in all() {
        for subject in subjects(&folder, &connector) {
            let name = format!("{} {}", subject.folder, subject.stream);
            let _ = write!(table, "\n{name:<46}");
            for (situation, _) in SITUATIONS {
                let cell = applies(&connector, &subject, situation).err();
                used.extend(cell);
                let _ = write!(table, "{:<8}", cell.map_or("run".to_owned(), |reason| format!("({reason})")));
            }
        }
    }
    let lines: Vec<&str> = table.lines().map(str::trim_end).collect();
    let mut table = lines.join("\n");
    for (number, reason) in REASONS {
        assert!(used.contains(number), "nothing needs the reason ({number}) any more");
        let _ = write!(table, "\n({number}) {reason}");
    }
    insta::with_settings!({
        snapshot_path => "conformance", prepend_module_to_snapshot => false, omit_expression => true
    }, { insta::assert_snapshot!("conformance", table) });
}
