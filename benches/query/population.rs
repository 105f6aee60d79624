//! A store of so many customers, made once and kept under `target/bench`: parties in three departments, ten invoices
//! each, tickets, campaigns and whom they reached. Written through the same door as a sync, then folded.

use super::peer::work_dir;
use super::people::{People, Random, SYSTEMS, Said};
use super::place::{Place, fresh};
use onefold::config::MatchingConfig;
use onefold::identity::Identity;
use onefold::store::{IncomingRecord, PageCommit, SourceRow, Store};
use onefold_model::{
    Clock, DepartmentKey, Misread, RecordKind, SourceId, SourceKey, StandardRecord, SystemClock, content_hash,
};
use serde_json::{Value, json};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Records that are written in one transaction.
const PAGE: usize = 5_000;
const CAMPAIGNS: u64 = 40;
const CONNECTORS: [&str; 3] = ["billing/stripe", "support/zendesk", "marketing/mailchimp"];

/// The SQLite file with so many customers; made where there is none yet.
pub async fn sqlite(customers: u64) -> Result<Place, Box<dyn Error>> {
    let name = format!("customers-{customers}-{}", fingerprint()?);
    let finished: PathBuf = work_dir()?.join(format!("{name}.db"));
    let place = Place {
        kind: "SQLite",
        url: format!("sqlite:{}", finished.display()),
        beside: super::measure::Beside::Nothing,
    };
    if !finished.exists() {
        let unfinished = fresh("SQLite", "customers-unfinished").await?;
        fill(&unfinished, customers).await?;
        std::fs::rename(unfinished.path(), &finished)?;
    }
    Ok(place)
}

/// Changes with everything that the file's content depends on, but for the matcher.
fn fingerprint() -> Result<String, Box<dyn Error>> {
    let mut texts = vec![include_str!("population.rs").to_owned(), include_str!("../people.rs").to_owned()];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite");
    let mut files =
        std::fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
    files.sort();
    for file in files {
        texts.push(std::fs::read_to_string(file)?);
    }
    Ok(content_hash(&json!(texts)).to_hex()[..8].to_owned())
}

async fn fill(place: &Place, customers: u64) -> Result<(), Box<dyn Error>> {
    let began = Instant::now();
    let store = Store::open(&place.url).await?;
    let keys = SYSTEMS.iter().map(|system| SourceKey::new(*system)).collect::<Result<Vec<_>, _>>()?;
    let mut tx = store.begin().await?;
    for (key, connector) in keys.iter().zip(CONNECTORS) {
        tx.source_upsert(&SourceRow {
            id: SourceId::derive(key),
            key: key.clone(),
            connector: connector.to_owned(),
            department: DepartmentKey::new(key.as_str())?,
            title: key.to_string(),
            created_at: SystemClock.now(),
        })
        .await?;
    }
    tx.commit().await?;
    let people = People::new();
    let mut waiting: [Vec<IncomingRecord>; 3] = Default::default();
    waiting[2].extend((0..CAMPAIGNS).map(campaign).collect::<Result<Vec<_>, _>>()?);
    let mut written = 0;
    for index in 0..customers {
        let customer = people.customer(index);
        for said in customer.records() {
            history(index, &said, &mut waiting[said.system])?;
        }
        for (system, records) in waiting.iter_mut().enumerate() {
            if records.len() >= PAGE || index + 1 == customers {
                written += records.len();
                page(&store, &keys[system], std::mem::take(records)).await?;
            }
        }
        if index % 10_000 == 9_999 {
            eprintln!("  {} customers, {written} records, {:.0} s", index + 1, began.elapsed().as_secs_f64());
        }
    }
    let report = Identity::new(&MatchingConfig::default())?.fold(&store, &SystemClock, "bench", |_| {}).await?;
    eprintln!(
        "  {} party records are {} customers, {} pairs for review, {:.0} s",
        report.records,
        report.customers,
        report.candidates,
        began.elapsed().as_secs_f64()
    );
    store.close().await;
    Ok(())
}

async fn page(store: &Store, key: &SourceKey, records: Vec<IncomingRecord>) -> Result<(), Box<dyn Error>> {
    let page = PageCommit {
        source: SourceId::derive(key),
        source_key: key,
        run: None,
        stream: "bench",
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

fn incoming(stream: &str, external_id: String, raw: Value, mapped: StandardRecord) -> IncomingRecord {
    IncomingRecord {
        stream: stream.to_owned(),
        external_id,
        content_hash: content_hash(&raw),
        raw,
        mapped: Some(mapped),
        source_version: None,
        deleted: false,
    }
}

fn activity(stream: &str, kind: RecordKind, external_id: String, json: Value) -> Result<IncomingRecord, Misread> {
    let mapped = kind.read(&json)?;
    Ok(incoming(stream, external_id, json, mapped))
}

fn campaign(index: u64) -> Result<IncomingRecord, Misread> {
    let json = json!({
        "name": format!("Letter {index}"), "subject": format!("News of month {index}"), "channel": "EMAIL", "status": "SENT",
        "sentAt": format!("2026-{:02}-{:02}T08:00:00Z", 1 + index % 9, 1 + index % 28),
    });
    activity("campaigns", RecordKind::Campaign, format!("c{index}"), json)
}

/// What a system says of a customer: the party and what happened with it there.
fn history(index: u64, said: &Said, records: &mut Vec<IncomingRecord>) -> Result<(), Box<dyn Error>> {
    records.push(incoming("customers", said.key.clone(), said.to_json(), said.party()?.into()));
    let mut random = Random::of(3 + said.system as u64, index);
    let whose = json!({"stream": "customers", "externalId": said.key});
    let moment = |random: &mut Random| {
        format!("2026-{:02}-{:02}T{:02}:00:00Z", 1 + random.below(9), 1 + random.below(28), random.below(24))
    };
    let count = [10, random.below(7), random.below(5)][said.system];
    for n in 0..count {
        let key = format!("{}-{n}", said.key);
        let at = moment(&mut random);
        let record = match said.system {
            0 => activity(
                "invoices",
                RecordKind::Invoice,
                key,
                json!({
                    "number": format!("INV-{index:06}-{n}"), "customer": whose, "status": random.pick(&["OPEN", "PAID", "PAID", "VOID"]),
                    "issuedAt": at, "total": {"amount": format!("{}.{:02}", random.below(900), random.below(100)), "currency": "EUR"},
                }),
            ),
            1 => activity(
                "tickets",
                RecordKind::Ticket,
                key,
                json!({
                    "number": format!("T{index:06}{n}"), "customer": whose, "status": random.pick(&["OPEN", "PENDING", "SOLVED"]),
                    "subject": random.pick(&["Wrong amount", "Cannot sign in", "Where is my order", "Thank you"]), "openedAt": at,
                }),
            ),
            _ => activity(
                "touches",
                RecordKind::CampaignTouch,
                key,
                json!({
                    "campaign": {"stream": "campaigns", "externalId": format!("c{}", random.below(CAMPAIGNS))}, "customer": whose,
                    "channel": "EMAIL", "at": at, "result": random.pick(&["SENT", "OPENED", "CLICKED", "BOUNCED"]), "opens": n,
                }),
            ),
        };
        records.push(record?);
    }
    Ok(())
}
