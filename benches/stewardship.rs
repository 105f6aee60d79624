//! What stewards wait for, in a store of `ONEFOLD_BENCH_CUSTOMERS` customers: decisions per second through the graph, and how
//! long `mergeApply` and taking it back take, at the middle and at the hundredth of the slowest, on both databases.
//!
//! One request after another, without HTTP: what is measured is the decision, its audit entry, its place in the next fold and
//! that fold. The store is a copy of the one that `query` makes, so that decisions of one run are not met by the next.

#![allow(clippy::pedantic, reason = "figures become floats here all the time, and nothing is built on this")]

#[path = "query/copy.rs"]
mod copy;
#[allow(dead_code, reason = "shared: each program uses a part of it")]
mod hub;
#[allow(dead_code, reason = "shared: each program uses a part of it")]
mod measure;
#[allow(dead_code, reason = "shared: each program uses a part of it")]
mod peer;
#[allow(dead_code, reason = "shared: each program uses a part of it")]
mod people;
#[allow(dead_code, reason = "shared: each program uses a part of it")]
mod place;
#[path = "query/population.rs"]
mod population;

use hub::Hub;
use measure::{Table, whole};
use onefold_model::{NodeId, RecordId};
use people::Random;
use place::Place;
use serde_json::{Value, json};
use std::error::Error;
use std::time::Instant;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Decisions, and merges, that are measured.
const DECISIONS: usize = 300;
const MERGES: usize = 200;
/// Merges before the first that counts: the model is read and the index is made.
const WARMING: usize = 3;

const DECIDE: &str = "mutation($input: MatchDecideInput!) { matchDecide(input: $input) { decision { id } userErrors { code message } } }";
const PREVIEW: &str = "query($input: MergeInput!) { mergePreview(input: $input) { preview { fingerprint } userErrors { code message } } }";
const APPLY: &str =
    "mutation($input: MergeApplyInput!) { mergeApply(input: $input) { plan { id } userErrors { code message } } }";
const UNDO: &str =
    "mutation($input: PlanUndoInput!) { planUndo(input: $input) { plan { id } userErrors { code message } } }";

/// The answer of one operation, which must have done what was asked.
async fn done(hub: &Hub, document: &str, name: &str, input: Value) -> Result<Value, Box<dyn Error>> {
    let Value::Object(variables) = json!({ "input": input }) else { return Err("variables are an object".into()) };
    let answer: Value = serde_json::from_slice(&hub.ask(document, variables).await?)?;
    let payload = &answer["data"][name];
    if answer.get("errors").is_some() || payload["userErrors"] != json!([]) {
        return Err(format!("{name} was refused: {answer}").into());
    }
    Ok(payload.clone())
}

fn main() -> Result<(), Box<dyn Error>> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(run())
}

async fn run() -> Result<(), Box<dyn Error>> {
    let customers = peer::customers();
    eprintln!("{customers} customers");
    let made = population::sqlite(customers).await?;
    let mut table = Table::new(&["", "decisions/s", "mergeApply p50 ms", "p99 ms", "planUndo p50 ms", "p99 ms"]);
    for kind in place::kinds().await? {
        let own = own(&made).await?;
        let place = if kind == "PostgreSQL" {
            // Rows of the last run are no rows of this one.
            place::fresh(kind, "stewardship").await?;
            copy::postgres(&own).await?
        } else {
            own
        };
        let row = measured(&place).await?;
        table.row(&[vec![kind.to_owned()], row].concat());
    }
    table.print(&format!("Stewardship at {} customers", whole(customers as f64)));
    Ok(())
}

/// A copy of a SQLite file, to be written into.
async fn own(made: &Place) -> Result<Place, Box<dyn Error>> {
    let own = place::fresh("SQLite", "stewardship").await?;
    std::fs::copy(made.path(), own.path())?;
    Ok(own)
}

async fn measured(place: &Place) -> Result<Vec<String>, Box<dyn Error>> {
    let hub = Hub::guarded(place, &[], &["steward", "operator"]).await?;
    // The first fold of a process reads everything, and so does nobody's decision.
    hub.app.fold_changes("bench").await?;
    let links = hub.app.store().link_list().await?;
    let mut random = Random::of(6, 28);
    let mut two = || {
        let mut one = || links[random.below(links.len() as u64) as usize];
        let (one, other) = (one(), one());
        (one, other)
    };
    let id = |record: uuid::Uuid| NodeId::from(RecordId(record)).to_string();

    let began = Instant::now();
    let mut decided = 0;
    while decided < DECISIONS {
        let (one, other) = two();
        if one.1 == other.1 {
            continue;
        }
        let input = json!({"leftRecord": id(one.0), "rightRecord": id(other.0), "decision": "NEVER_LINK",
            "reason": "measured", "idempotencyKey": format!("decision {decided}")});
        done(&hub, DECIDE, "matchDecide", input).await?;
        decided += 1;
    }
    let per_second = DECISIONS as f64 / began.elapsed().as_secs_f64();

    let (mut applied, mut undone, mut merges) = (Vec::new(), Vec::new(), 0);
    while merges < WARMING + MERGES {
        let (one, other) = two();
        if one.1 == other.1 {
            continue;
        }
        let merge = json!({"customers": [one.1.to_string(), other.1.to_string()]});
        // Customers of two kinds, or kept apart by what was just decided, are refused: others are taken.
        let Ok(seen) = done(&hub, PREVIEW, "mergePreview", merge.clone()).await else { continue };
        let input = json!({"merge": merge, "fingerprint": seen["preview"]["fingerprint"], "reason": "measured",
            "idempotencyKey": format!("merge {merges}")});
        let began = Instant::now();
        let payload = done(&hub, APPLY, "mergeApply", input).await?;
        let took = began.elapsed().as_secs_f64() * 1e3;
        let began = Instant::now();
        done(&hub, UNDO, "planUndo", json!({"id": payload["plan"]["id"], "reason": "measured"})).await?;
        if merges >= WARMING {
            applied.push(took);
            undone.push(began.elapsed().as_secs_f64() * 1e3);
        }
        merges += 1;
    }
    hub.app.store().close().await;
    let ms = |values: &mut Vec<f64>, share: f64| format!("{:.1}", at(values, share));
    Ok(vec![
        whole(per_second),
        ms(&mut applied, 0.5),
        ms(&mut applied, 0.99),
        ms(&mut undone, 0.5),
        ms(&mut undone, 0.99),
    ])
}

/// The value below which this share of them is.
fn at(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let place = ((values.len() as f64 * share).ceil() as usize).clamp(1, values.len().max(1));
    values.get(place - 1).copied().unwrap_or(f64::NAN)
}
