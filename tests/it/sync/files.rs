//! Files: each bad row is named by line and column, and the rest goes on.

use crate::harness::on_both;
use onefold::config::SourceConfig;
use onefold::store::{PageAsk, QuarantineFilter, RunState, Store};
use onefold::sync::{Engine, FileContent, FileFailure, FileRequest, Registry, SourceSetup};
use onefold_connector::Upload;
use onefold_model::{DepartmentKey, SourceKey, SystemClock};
use std::collections::BTreeMap;
use std::sync::Arc;

const EXPORT: &str = "# harbour office\n\nKunden-Nr;Vorname;Nachname;E-Mail;Ort\n\
    K1;Marlene;Achterberg;marlene@post.example;Köln\nK2;Bo;Lund;keine Adresse;\nK3;Ole\n\
    K4;Ida;Holm;ida@post.example;Bonn\n";

pub(super) async fn open(store: &Store) -> (Engine, SourceSetup) {
    let config = SourceConfig {
        key: SourceKey::new("harbour").unwrap(),
        connector: "files/party".to_owned(),
        department: Some(DepartmentKey::new("billing").unwrap()),
        title: None,
        private_addresses: None,
        schedule: None,
        settings: BTreeMap::new(),
    };
    let setup = SourceSetup::new(&config, &Registry::load(None).unwrap(), &SystemClock).unwrap();
    let engine = Engine::open(store.clone(), vec![setup.clone()], Arc::new(SystemClock)).await.unwrap();
    (engine, setup)
}

pub(super) fn request(bytes: &[u8]) -> FileRequest<'_> {
    FileRequest {
        content: FileContent::Bytes(bytes),
        stream: "records",
        sheet: None,
        map: None,
        key: None,
        country: Some("DE"),
    }
}

/// Where the rows stand that were put aside.
pub(super) async fn put_aside(store: &Store, setup: &SourceSetup) -> Vec<String> {
    let filter = QuarantineFilter { sources: vec![setup.row.id], code: None, include_resolved: false };
    let slice = store.quarantine_list(&filter, &PageAsk::Forward { count: 10, after: None }).await.unwrap();
    let mut places: Vec<String> = slice.rows.iter().filter_map(|(_, row)| row.item.place.clone()).collect();
    places.sort();
    places
}

/// The text in the encoding of older Windows systems.
fn windows_1252(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
}

#[tokio::test]
async fn bad_rows_are_named_and_the_same_file_again_changes_nothing() {
    on_both(async |store: Store| {
        let (engine, setup) = open(&store).await;
        assert_eq!(setup.row.department.as_str(), "billing", "a source belongs where its operator says");
        let bytes = windows_1252(EXPORT);
        let run = engine.run_begin(&setup, "import", "test").await.unwrap();
        let report = engine.import(&setup, &run, &request(&bytes), |_| {}).await.unwrap();
        assert_eq!((report.outcome.created, report.outcome.quarantined), (2, 2));
        assert_eq!(report.proposal.unwrap().key, ["Kunden-Nr"]);
        let filter = QuarantineFilter { sources: vec![setup.row.id], code: None, include_resolved: false };
        let ask = PageAsk::Forward { count: 10, after: None };
        let slice = store.quarantine_list(&filter, &ask).await.unwrap();
        assert_eq!(put_aside(&store, &setup).await, ["line 5, column E-Mail", "line 6, column Nachname"]);
        assert!(slice.rows.iter().all(|(_, row)| !row.item.message.contains("keine Adresse")));

        let run = engine.run_begin(&setup, "import", "test").await.unwrap();
        let again = engine.import(&setup, &run, &request(&bytes), |_| {}).await.unwrap().outcome;
        assert_eq!((again.created, again.updated, again.unchanged), (0, 0, 2));
        assert_eq!(store.run_get(run.id).await.unwrap().unwrap().state, RunState::Succeeded);
        assert_eq!(store.quarantine_count(&filter).await.unwrap(), 2, "the same rows, once");
    })
    .await;
}

#[tokio::test]
async fn lines_that_are_read_as_they_come_are_the_same_records() {
    const LINES: &str = "{\"id\": \"1\", \"email\": \"marlene@post.example\", \"last_name\": \"Achterberg\"}\nno\n\
        {\"id\": \"2\", \"email\": \"ida@post.example\", \"last_name\": \"Holm\"}\n";
    on_both(async |store: Store| {
        let (engine, setup) = open(&store).await;
        let lines = Upload::lines(|| Ok(Box::new(LINES.as_bytes())));
        let lines = FileRequest { content: FileContent::Lines(lines), key: Some("id"), ..request(b"") };
        let run = engine.run_begin(&setup, "import", "test").await.unwrap();
        let first = engine.import(&setup, &run, &lines, |_| {}).await.unwrap();
        assert_eq!((first.outcome.created, first.outcome.quarantined), (2, 1), "{:?}", first.proposal);
        assert_eq!(put_aside(&store, &setup).await, ["line 2, column 2"]);
        let run = engine.run_begin(&setup, "import", "test").await.unwrap();
        let whole = FileRequest { key: Some("id"), ..request(LINES.as_bytes()) };
        let again = engine.import(&setup, &run, &whole, |_| {}).await.unwrap().outcome;
        assert_eq!((again.created, again.updated, again.unchanged, again.quarantined), (0, 0, 2, 1));
        let gone = Upload::lines(|| Err(std::io::ErrorKind::NotFound.into()));
        let gone = FileRequest { content: FileContent::Lines(gone), ..request(b"") };
        let run = engine.run_begin(&setup, "import", "test").await.unwrap();
        let error = engine.import(&setup, &run, &gone, |_| {}).await.unwrap_err();
        assert_eq!(error.to_string(), "the file does not read: it is damaged");
    })
    .await;
}

#[tokio::test]
async fn a_file_that_is_not_understood_says_so_and_the_run_ends() {
    on_both(async |store: Store| {
        let (engine, setup) = open(&store).await;
        for (bytes, expected) in [
            (b"".as_slice(), "the file is empty"),
            (b"x;y\n1;2\n", "no column of the file was understood"),
            (b"PK\x03\x04\x00\x00", "the file is not text"),
        ] {
            let run = engine.run_begin(&setup, "import", "test").await.unwrap();
            let error = engine.import(&setup, &run, &request(bytes), |_| {}).await.unwrap_err();
            assert!(error.to_string().starts_with(expected), "{error}");
            assert!(!matches!(error, FileFailure::Busy(_)));
            assert_eq!(store.run_get(run.id).await.unwrap().unwrap().state, RunState::Failed);
        }
    })
    .await;
}

#[tokio::test]
async fn a_programs_own_file_is_recognised_and_a_key_may_be_of_several_columns() {
    on_both(async |store: Store| {
        let config = SourceConfig {
            key: SourceKey::new("ledger").unwrap(),
            connector: "billing/sage300_files".to_owned(),
            department: None,
            title: None,
            private_addresses: None,
            schedule: None,
            settings: BTreeMap::new(),
        };
        let setup = SourceSetup::new(&config, &Registry::load(None).unwrap(), &SystemClock).unwrap();
        let engine = Engine::open(store.clone(), vec![setup.clone()], Arc::new(SystemClock)).await.unwrap();
        let bytes = include_bytes!("../../../connectors/billing/sage300_files/fixtures/documents.csv");
        let request = FileRequest {
            content: FileContent::Bytes(bytes),
            stream: "documents",
            sheet: None,
            map: None,
            key: None,
            country: None,
        };
        for (created, unchanged) in [(3, 0), (0, 3)] {
            let run = engine.run_begin(&setup, "import", "test").await.unwrap();
            let report = engine.import(&setup, &run, &request, |_| {}).await.unwrap();
            let what = report.outcome;
            assert_eq!((what.created, what.unchanged, what.quarantined), (created, unchanged, 1));
            assert_eq!(report.proposal.unwrap().key, ["IDCUST", "IDINVC"]);
        }
        let sql = "select external_id from record where stream = 'documents' order by external_id";
        let rows = store.fetch(sql, Vec::new()).await.unwrap();
        let keys: Vec<String> = rows.iter().map(|row| row.text(0).unwrap()).collect();
        assert_eq!(keys, ["1200:IN0041", "1200:IN0042", "1300:IN0041"]);
    })
    .await;
}
