//! The demo as an operator meets it, with the shipped connectors as they are: everything arrives, and what was folded is
//! held against the truth.

use super::complete::assert_complete;
use super::hub::{Hub, sources};
use super::kept::Kept;
use super::systems::Systems;
use onefold::args;
use onefold::cli::demo::data::{DemoOptions, Truth, demo_data};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// Measured on the demo: see the figures that the test prints. A false merge shows a customer somebody else's invoices.
const PRECISION_FLOOR: f64 = 0.97;
const RECALL_FLOOR: f64 = 0.60;

/// Pairs that can be made of so many.
fn pairs(count: usize) -> usize {
    count * count.saturating_sub(1) / 2
}

#[derive(Debug, PartialEq)]
struct Quality {
    precision: f64,
    recall: f64,
}

/// Pairwise: of the pairs that were folded, how many are one person; of the pairs that are one person, how many were
/// folded.
fn quality(records: &[(usize, Uuid)]) -> Quality {
    let (mut truth, mut folded, mut both) = (HashMap::new(), HashMap::new(), HashMap::new());
    for (entity, customer) in records {
        *truth.entry(entity).or_insert(0) += 1;
        *folded.entry(customer).or_insert(0) += 1;
        *both.entry((entity, customer)).or_insert(0) += 1;
    }
    let sum = |counts: Vec<usize>| counts.into_iter().map(pairs).sum::<usize>() as f64;
    let right = sum(both.into_values().collect());
    Quality {
        precision: right / sum(folded.into_values().collect()),
        recall: right / sum(truth.into_values().collect()),
    }
}

/// The records of people and companies: whose each is, and in which customer it is.
async fn records(kept: &Kept, truth: &[Truth], agents_from: usize) -> Vec<(usize, Uuid)> {
    let whose: BTreeMap<(&str, &str, &str), usize> =
        truth.iter().map(|truth| ((truth.system, truth.stream, truth.external_id.as_str()), truth.entity)).collect();
    let sql = "select s.key, r.stream, r.external_id, l.customer_id from link l
               join record r on r.record_id = l.record_id join source s on s.source_id = r.source_id";
    let rows = kept.store.fetch(sql, args![]).await.unwrap();
    let of_row = |row: &onefold::store::Row| {
        let (source, stream, key) = (row.text(0).unwrap(), row.text(1).unwrap(), row.text(2).unwrap());
        let key = key.rsplit(':').next().unwrap_or_default();
        let entity = *whose.get(&(source.as_str(), stream.as_str(), key))?;
        (entity < agents_from).then(|| (entity, row.uuid(3).unwrap()))
    };
    rows.iter().filter_map(of_row).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_arrives_whole_and_its_customers_are_who_they_are() {
    let options = DemoOptions::demo(chrono::Utc::now());
    let systems = Systems::with(demo_data(&options), 1000).await;
    let hub = Hub::bare();
    hub.configure(&sources(&systems));
    let ran = hub.run(&["sync"]).await.well();

    let kept = Kept::of(&hub).await;
    assert_complete(&kept, &systems).await;
    let agents_from = options.people + options.people / 6;
    let records = records(&kept, &systems.truth, agents_from).await;
    let quality = quality(&records);
    let line = ran.err.lines().find(|line| line.starts_with("matched: ")).unwrap_or_default();
    eprintln!("{line}");
    eprintln!("{} records: pairwise precision {:.4}, recall {:.4}", records.len(), quality.precision, quality.recall);
    assert!(quality.precision >= PRECISION_FLOOR, "{quality:?}");
    assert!(quality.recall >= RECALL_FLOOR, "{quality:?}");
    kept.close().await;
}

#[test]
fn pairs_are_counted_as_they_should_be() {
    let id = Uuid::from_u128;
    // Two people of two records each: one whole, one in halves, and one record of the first with the second.
    let records = [(1, id(1)), (1, id(1)), (2, id(1)), (2, id(2))];
    assert_eq!(quality(&records), Quality { precision: 1.0 / 3.0, recall: 0.5 });
}
