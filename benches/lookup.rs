//! One record against all that are in the store: where it would go, and what it takes to put it there.
//!
//! Three figures, each at the middle and at the hundredth of the slowest: looking the record up in the index in memory; the
//! same and then reading from the store every record of every customer that it may belong to; and the whole way of a changed
//! record, from its page to the folded customer, committed to the disk.

#![allow(clippy::pedantic, reason = "figures become floats here all the time, and nothing is built on this")]

#[allow(dead_code, reason = "shared: each program uses a part of it")]
mod measure;
#[allow(dead_code, reason = "shared: each program uses a part of it")]
mod peer;
#[allow(dead_code, reason = "shared: each program uses a part of it")]
mod people;
#[allow(dead_code, reason = "shared: each program uses a part of it")]
mod place;

use measure::Table;
use onefold::config::MatchingConfig;
use onefold::identity::Identity;
use onefold::store::{IncomingRecord, PageCommit, SourceRow, Store};
use onefold_matching::{Index, IndexBuilder, PartyRecord, Settings, resolve};
use onefold_model::{
    Clock, DepartmentKey, Party, RecordId, SourceId, SourceKey, StandardRecord, SystemClock, Timestamp, content_hash,
};
use people::{People, SYSTEMS};
use std::collections::BTreeSet;
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Customers unless `ONEFOLD_BENCH_CUSTOMERS` says otherwise: 2.5 records each. 400,000 are a million records.
const CUSTOMERS: u64 = 20_000;
/// Records that are looked up.
const PROBES: usize = 2_000;
/// Records that go the whole way.
const CHANGES: usize = 200;
/// Records that are written in one transaction.
const PAGE: usize = 5_000;

fn main() -> Result<(), Box<dyn Error>> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(run())
}

async fn run() -> Result<(), Box<dyn Error>> {
    let customers = std::env::var("ONEFOLD_BENCH_CUSTOMERS").ok().and_then(|text| text.parse().ok());
    let customers = customers.unwrap_or(CUSTOMERS);
    for kind in place::kinds().await? {
        let place = place::fresh(kind, "lookup").await?;
        let store = Store::open(&place.url).await?;
        let keys = fill(&store, customers).await?;
        let began = Instant::now();
        // Frozen however few there are: the whole way is measured with the index in memory.
        let identity = Identity::new(&MatchingConfig::default())?.frozen_from(1);
        identity.fold_changes(&store, &SystemClock, "bench").await?;
        eprintln!("  folded in {:.0} s", began.elapsed().as_secs_f64());
        measure(kind, &store, &identity, &keys).await?;
        store.close().await;
    }
    Ok(())
}

/// The parties of so many customers, without anything else that happened with them.
async fn fill(store: &Store, customers: u64) -> Result<Vec<SourceKey>, Box<dyn Error>> {
    let began = Instant::now();
    let keys = SYSTEMS.iter().map(|system| SourceKey::new(*system)).collect::<Result<Vec<_>, _>>()?;
    let mut tx = store.begin().await?;
    for key in &keys {
        tx.source_upsert(&SourceRow {
            id: SourceId::derive(key),
            key: key.clone(),
            connector: "bench".to_owned(),
            department: DepartmentKey::new(key.as_str())?,
            title: key.to_string(),
            created_at: SystemClock.now(),
        })
        .await?;
    }
    tx.commit().await?;
    let people = People::new();
    let mut waiting: Vec<Vec<IncomingRecord>> = vec![Vec::new(); keys.len()];
    let mut written = 0;
    for index in 0..customers {
        for said in people.customer(index).records() {
            waiting[said.system].push(incoming(&said.key, said.party()?)?);
        }
        for (records, key) in waiting.iter_mut().zip(&keys) {
            if records.len() >= PAGE || index + 1 == customers {
                written += records.len();
                page(store, key, std::mem::take(records)).await?;
            }
        }
    }
    eprintln!("  {written} records of {customers} customers written in {:.0} s", began.elapsed().as_secs_f64());
    Ok(keys)
}

fn incoming(key: &str, party: Party) -> Result<IncomingRecord, Box<dyn Error>> {
    let raw = serde_json::to_value(&party)?;
    Ok(IncomingRecord {
        stream: "customers".to_owned(),
        external_id: key.to_owned(),
        content_hash: content_hash(&raw),
        raw,
        mapped: Some(StandardRecord::from(party)),
        source_version: None,
        deleted: false,
    })
}

async fn page(store: &Store, key: &SourceKey, records: Vec<IncomingRecord>) -> Result<(), Box<dyn Error>> {
    let page = PageCommit {
        source: SourceId::derive(key),
        source_key: key,
        run: None,
        stream: "customers",
        mapping: "bench",
        records,
        quarantined: Vec::new(),
        checkpoints: Vec::new(),
        generation: None,
        at: SystemClock.now(),
    };
    let mut tx = store.begin().await?;
    tx.page_commit(page).await?;
    tx.commit().await?;
    Ok(())
}

async fn measure(kind: &str, store: &Store, identity: &Identity, keys: &[SourceKey]) -> Result<(), Box<dyn Error>> {
    let (mut index, probes) = index(store).await?;
    let (mut in_memory, mut with_reads) = (Vec::new(), Vec::new());
    let (mut candidates, mut neighbours) = (0, 0);
    for probe in &probes {
        let began = Instant::now();
        let found = index.lookup(probe);
        in_memory.push(began.elapsed());
        let members: BTreeSet<RecordId> = found.iter().flat_map(|one| index.cluster_of(one.record)).collect();
        let members: Vec<RecordId> = members.into_iter().collect();
        let parties = store.party_get(&members).await?;
        let links = store.link_get(&members).await?;
        with_reads.push(began.elapsed());
        candidates += found.len();
        neighbours += parties.len();
        assert_eq!(links.len(), parties.len(), "each record is in a customer");
    }
    let records = index.len();
    drop(index);
    let mut whole_way = Vec::new();
    for (number, probe) in probes.iter().take(CHANGES).enumerate() {
        let record = incoming(&format!("new-{number}"), (*probe.party).clone())?;
        let began = Instant::now();
        page(store, &keys[number % keys.len()], vec![record]).await?;
        let report = identity.fold_changes(store, &SystemClock, "bench").await?;
        whole_way.push(began.elapsed());
        assert!(report.matching.blocking.rules.is_empty(), "only the neighbourhood was looked at");
    }
    let mut table = Table::new(&["", "p50 ms", "p99 ms", "max ms"]);
    for (what, mut times) in [
        ("looked up in memory", in_memory),
        ("and the records of its possible customers read", with_reads),
        ("written, placed and folded, on the disk", whole_way),
    ] {
        times.sort_unstable();
        let at = |percent: usize| format!("{:.3}", millis(times[(times.len() - 1) * percent / 100]));
        table.row(&[what.to_owned(), at(50), at(99), at(100)]);
    }
    let each = |count: usize| count as f64 / probes.len() as f64;
    table.print(&format!(
        "{kind}: one changed record against {} of the store, one at a time; {:.1} candidates and {:.1} records read each",
        measure::whole(records as f64),
        each(candidates),
        each(neighbours)
    ));
    Ok(())
}

/// An index over all records of the store, under a model that was trained on them; and records to look up: an even part of
/// them, each with the family name and contact points of another.
async fn index(store: &Store) -> Result<(Index, Vec<PartyRecord>), Box<dyn Error>> {
    let records: Vec<PartyRecord> = store
        .party_list()
        .await?
        .into_iter()
        .map(|stored| PartyRecord {
            id: stored.record,
            source: stored.source,
            seen_at: stored.changed_at,
            updated_at: stored.party.updated_at,
            deleted: stored.deleted,
            party: Arc::new(stored.party),
        })
        .collect();
    let frequencies = resolve(&records, &[], &Settings::default(), &mut |_| {}).frequencies;
    let mut builder = IndexBuilder::new(Settings::default(), frequencies);
    for record in &records {
        builder.push(record);
    }
    let every = (records.len() / PROBES).max(1);
    let chosen: Vec<&PartyRecord> = records.iter().step_by(every).take(PROBES).collect();
    let probes = chosen.iter().zip(chosen.iter().cycle().skip(1)).map(|(one, other)| mixed(one, other)).collect();
    Ok((builder.finish(&[]), probes))
}

/// The record after a marriage and a move. It has an id of its own, so that it is new to the index.
fn mixed(record: &PartyRecord, other: &PartyRecord) -> PartyRecord {
    let mut party = (*record.party).clone();
    party.family_name.clone_from(&other.party.family_name);
    party.emails.clone_from(&other.party.emails);
    party.addresses.clone_from(&other.party.addresses);
    PartyRecord {
        id: RecordId(uuid::Uuid::now_v7()),
        source: record.source,
        party: Arc::new(party),
        seen_at: Timestamp::UNIX_EPOCH,
        updated_at: None,
        deleted: false,
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
