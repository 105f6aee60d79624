//! `onefold match` over files and over the store: anybody can use the matcher alone, without a word of configuration.

use super::people::{HEADER, Person, delimited, people, truth};
use crate::sync::binary::hub::{Hub, Ran};
use parquet::data_type::{ByteArray, ByteArrayType};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

fn hub() -> Hub {
    let hub = Hub::bare();
    let people = people();
    hub.write("people.csv", delimited(&people.iter().collect::<Vec<_>>(), ","));
    hub.write("truth.csv", truth(&people));
    hub
}

fn read(hub: &Hub, name: &str) -> String {
    std::fs::read_to_string(hub.path(name)).unwrap()
}

fn in_order(clusters: &mut [Vec<String>]) {
    for cluster in &mut *clusters {
        cluster.sort();
    }
    clusters.sort();
}

/// The records of each cluster of a file, without the clusters' numbers.
fn clusters(text: &str) -> Vec<Vec<String>> {
    let mut clusters: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let (id, cluster) = line.rsplit_once(',').unwrap();
        clusters.entry(cluster).or_default().push(id.to_owned());
    }
    let mut clusters: Vec<Vec<String>> = clusters.into_values().collect();
    in_order(&mut clusters);
    clusters
}

/// What a page shows, from top to bottom.
fn headings(page: &str) -> Vec<&str> {
    page.split("<h2>").skip(1).filter_map(|rest| rest.split("</h2>").next()).collect()
}

async fn run(hub: &Hub, words: &[&str]) -> Ran {
    hub.run(&[&["match"], words].concat()).await.well()
}

/// The same people as Parquet, compressed as most programs do.
fn parquet(people: &[Person]) -> Vec<u8> {
    let fields = HEADER.map(|name| format!("optional binary {name} (STRING);")).concat();
    let schema = Arc::new(parse_message_type(&format!("message people {{ {fields} }}")).unwrap());
    let compressed = parquet::file::properties::WriterProperties::builder()
        .set_compression(parquet::basic::Compression::SNAPPY)
        .build();
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, Arc::new(compressed)).unwrap();
    let mut rows = writer.next_row_group().unwrap();
    let mut place = 0;
    while let Some(mut column) = rows.next_column().unwrap() {
        let cells: Vec<&str> = people.iter().map(|person| person.row()[place]).collect();
        let there: Vec<i16> = cells.iter().map(|cell| i16::from(!cell.is_empty())).collect();
        let values: Vec<ByteArray> = cells.iter().filter(|cell| !cell.is_empty()).map(|cell| (*cell).into()).collect();
        column.typed::<ByteArrayType>().write_batch(&values, Some(&there), None).unwrap();
        column.close().unwrap();
        place += 1;
    }
    rows.close().unwrap();
    writer.close().unwrap();
    bytes
}

#[tokio::test]
async fn a_file_is_matched_without_a_word_of_configuration() {
    let hub = hub();
    let ran = run(&hub, &["run", "people.csv", "-o", "clusters.csv", "--report", "report.html"]).await;
    for words in
        ["people.csv: 60 rows of persons", "given-name", "birth-date", "pairs share", "60 records are 40 clusters"]
    {
        assert!(ran.out.contains(words), "{words:?} is not said:\n{}", ran.out);
    }
    let mut expected: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for person in people() {
        expected.entry(person.truth).or_default().push(person.id);
    }
    let mut expected: Vec<Vec<String>> = expected.into_values().collect();
    in_order(&mut expected);
    let written = read(&hub, "clusters.csv");
    assert!(written.starts_with("record_id,cluster_id\np0b,1\np0,1\np1,2\n"), "{written}");
    assert_eq!(clusters(&written), expected);
    let report = read(&hub, "report.html");
    assert_eq!(
        headings(&report),
        [
            "Weights of pairs",
            "Sizes of clusters",
            "Weights of agreement, persons",
            "Columns of people.csv",
            "Candidate pairs"
        ]
    );
    assert!(!report.contains("<script") && !report.contains("http"), "it fetches nothing");
    assert_eq!(
        report.matches("<svg").count(),
        report.matches("The same as a table").count(),
        "each chart has its twin"
    );
}

#[tokio::test]
async fn delimiters_and_parquet_change_nothing() {
    let hub = hub();
    let people = people();
    hub.write("people.txt", delimited(&people.iter().collect::<Vec<_>>(), ";"));
    hub.write("people.parquet", parquet(&people));
    let mut written = Vec::new();
    for file in ["people.csv", "people.txt", "people.parquet"] {
        run(&hub, &["run", file, "-o", "clusters.csv"]).await;
        written.push(read(&hub, "clusters.csv"));
    }
    assert_eq!(written[0], written[1]);
    assert_eq!(written[0], written[2]);
}

#[tokio::test]
async fn two_files_are_linked_as_two_sources() {
    let hub = hub();
    let people = people();
    let (again, first): (Vec<&Person>, Vec<&Person>) = people.iter().partition(|person| person.id.ends_with('b'));
    hub.write("a.csv", delimited(&first, ","));
    hub.write("b.csv", delimited(&again, "\t"));
    run(&hub, &["run", "a.csv", "b.csv", "-o", "clusters.csv"]).await;
    let written = read(&hub, "clusters.csv");
    assert!(written.starts_with("file,record_id,cluster_id\na.csv,p0,1\n"), "{written}");
    assert!(written.contains("\nb.csv,p0b,1\n"), "{written}");
    let pairs = again
        .iter()
        .map(|person| format!("{},{}\n", person.id.trim_end_matches('b'), person.id))
        .collect::<Vec<_>>()
        .concat();
    hub.write("pairs.csv", format!("a_id,b_id\n{pairs}"));
    let ran = run(&hub, &["evaluate", "a.csv", "b.csv", "--truth", "pairs.csv"]).await;
    assert!(ran.out.contains("the truth knows 20 pairs") && ran.out.contains("F1 1.0000"), "{}", ran.out);
}

#[tokio::test]
async fn a_model_is_a_readable_file_that_weighs_as_it_did() {
    let hub = hub();
    let ran = run(&hub, &["train", "people.csv", "-o", "model.json", "--report", "model.html"]).await;
    assert!(
        ran.out.contains("Weights of agreement, persons") && ran.out.contains("caution: fewer than 1000"),
        "{}",
        ran.out
    );
    let text = read(&hub, "model.json");
    let model: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&model["format"], &model["version"]), (&"onefold-match-model".into(), &1.into()));
    assert_eq!(model["trainedOn"]["records"], 60);
    run(&hub, &["run", "people.csv", "-o", "learned.csv"]).await;
    run(&hub, &["run", "people.csv", "--model", "model.json", "-o", "known.csv"]).await;
    assert_eq!(read(&hub, "learned.csv"), read(&hub, "known.csv"));

    let ran = run(&hub, &["compare", "model.json", "model.json", "people.csv"]).await;
    assert!(ran.out.contains("0 merges, 0 splits, 0 regroupings; 0 records in other company"), "{}", ran.out);
    let strict = text.replacen("\"autoMerge\": 0.95", "\"autoMerge\": 1.0", 1);
    assert_ne!(strict, text);
    hub.write("strict.json", strict);
    let ran = run(&hub, &["compare", "model.json", "strict.json", "people.csv", "-o", "changes.csv"]).await;
    assert!(ran.out.contains("0 merges, 20 splits"), "{}", ran.out);
    assert_eq!(read(&hub, "changes.csv").lines().count(), 41);
    assert!(read(&hub, "changes.csv").contains("split,p0b,"));
}

#[tokio::test]
async fn clusters_are_measured_against_a_truth() {
    let hub = hub();
    let words = ["evaluate", "people.csv", "--truth", "truth.csv", "--report", "report.html", "--errors", "errors.csv"];
    let ran = run(&hub, &words).await;
    for words in
        ["the truth knows the cluster of 60 records", "precision 1.0000, recall 1.0000, F1 1.0000", "best of these"]
    {
        assert!(ran.out.contains(words), "{words:?} is not said:\n{}", ran.out);
    }
    let report = read(&hub, "report.html");
    assert_eq!((headings(&report)[0], report.matches("<polyline").count()), ("Precision and recall by threshold", 3));
    assert_eq!(read(&hub, "errors.csv").lines().count(), 1, "no mistake was made");
    let ran =
        run(&hub, &["evaluate", "people.csv", "--truth", "truth.csv", "--threshold", "1", "--errors", "errors.csv"])
            .await;
    assert!(ran.out.contains("recall 0.0000"), "{}", ran.out);
    assert_eq!(read(&hub, "errors.csv").matches("\nmissed,").count(), 20);
}

#[tokio::test]
async fn the_lines_of_an_explanation_add_up() {
    let hub = hub();
    let ran = run(&hub, &["explain", "people.csv", "p4", "p4b"]).await;
    let bits = |line: &str| line.split_whitespace().next_back().and_then(|word| word.parse::<f64>().ok());
    let lines: Vec<&str> = ran.out.lines().skip_while(|line| !line.contains("two random records")).collect();
    let end = lines.iter().position(|line| line.trim_start().starts_with("total")).unwrap();
    let parts: f64 = lines[..end].iter().filter_map(|line| bits(line)).sum();
    assert_eq!(Some(parts), bits(lines[end]), "{}", ran.out);
    assert!(ran.out.contains("found by: ") && !ran.out.contains("p4b: without"), "{}", ran.out);
    let json = run(&hub, &["explain", "people.csv", "p4", "p4b", "--json"]).await;
    let json: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(json["total"].as_f64(), Some(parts));
    let ran = run(&hub, &["explain", "people.csv", "p1", "p12"]).await;
    assert!(ran.out.contains("nothing: the two are never compared"), "{}", ran.out);
}

#[tokio::test]
async fn what_is_asked_wrongly_is_answered_with_what_to_do() {
    let hub = hub();
    hub.write("shoes.csv", "size,colour\n42,red\n");
    hub.write("foreign.json", "{\"format\": \"splink\"}");
    hub.write("pairs.csv", "left_id,right_id\nx,y\n");
    for (words, said) in [
        (&["run", "shoes.csv"][..], &["no column of shoes.csv says who a row is of", "size, colour"][..]),
        (&["run", "people.csv", "--role", "nickname=nickname"], &["has no column \"nickname\""]),
        (&["run", "people.csv", "--role", "dob=birthday"], &["\"birthday\" is no role of a column"]),
        (&["run", "nowhere.csv"], &["could not read nowhere.csv"]),
        (&["run", "people.csv", "--model", "foreign.json"], &["foreign.json is no model of this version"]),
        (&["evaluate", "people.csv", "--truth", "pairs.csv"], &["pairs.csv is no truth"]),
        (&["explain", "people.csv", "p1", "nobody"], &["no record has the id \"nobody\""]),
        (&["run"], &["the store has no parties"]),
    ] {
        hub.run(&[&["match"], words].concat()).await.badly(said);
    }
}

#[tokio::test]
async fn over_the_store_nothing_is_written_but_what_is_asked_for() {
    let hub = hub();
    hub.configure("[[source]]\nkey = 'files'\nconnector = 'files/party'\n");
    hub.run(&["import", "files", "people.csv", "--no-match"]).await.well();
    let ran = run(&hub, &["run", "-o", "clusters.csv"]).await;
    assert!(ran.out.contains("60 records are 40 clusters"), "{}", ran.out);
    assert_eq!(read(&hub, "clusters.csv").lines().count(), 61);
    run(&hub, &["train", "-o", "model.json"]).await;
    let ran = run(&hub, &["compare", "model.json", "model.json"]).await;
    assert!(ran.out.contains("40 clusters under the old model, 40 under the new"), "{}", ran.out);
    let store = hub.store().await;
    assert!(store.link_list().await.unwrap().is_empty(), "only a fold links");
    store.close().await;
    let ran = hub.run(&["match"]).await.well();
    assert!(ran.err.contains("60 records are 40 customers"), "{}", ran.err);
}
