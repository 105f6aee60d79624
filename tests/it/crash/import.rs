//! Killed while it reads a file.

use super::same::{assert_same, content};
use crate::harness::places;
use crate::sync::binary::hub::Hub;
use onefold::args;
use std::fmt::Write;
use std::time::Instant;

/// Rows that are written in one transaction; see `Engine::import`.
const BATCH: i64 = 1_000;
const ROWS: usize = 2_600;

fn with_rows(hub: Hub) -> Hub {
    hub.configure("[[source]]\nkey = 'files'\nconnector = 'files/party'\n");
    let mut csv = "Kunden-Nr;Vorname;Nachname;E-Mail\n".to_owned();
    for n in 0..ROWS {
        let mail = if n % 97 == 5 { "keine".to_owned() } else { format!("kunde{n}@example.com") };
        let _ = writeln!(csv, "K-{n};Vorname{n};Nachname{};{mail}", n * 7919 % 2602);
    }
    hub.write("kunden.csv", csv);
    hub
}

#[tokio::test]
async fn killed_while_it_imports_whole_batches_are_there_and_the_next_import_completes() {
    let whole = with_rows(Hub::bare());
    let begun = Instant::now();
    whole.run(&["import", "files", "kunden.csv", "--no-match"]).await.well();
    let took = begun.elapsed();
    whole.run(&["match"]).await.well();
    let expected = content(&whole).await;
    for place in places().await {
        let hub = with_rows(Hub::bare_over(place));
        let mut seen = Vec::new();
        for part in 1..=6 {
            let running = hub.start(&["import", "files", "kunden.csv", "--no-match"]);
            let killer = running.killer();
            tokio::time::sleep(took * part / 6).await;
            killer.kill();
            running.ended().await;
            let store = hub.store().await;
            let sql = "select (select count(*) from record) + (select count(*) from quarantine)";
            let rows = store.fetch(sql, args![]).await.unwrap()[0].int(0).unwrap();
            store.close().await;
            assert!(rows % BATCH == 0 || rows == i64::try_from(ROWS).unwrap(), "{rows} rows are no whole batches");
            seen.push(rows);
        }
        eprintln!("rows after each kill: {seen:?} ({took:?} undisturbed)");
        hub.run(&["import", "files", "kunden.csv"]).await.well();
        assert_same(&content(&hub).await, &expected, "killed while it imported");
    }
}
