//! What authorisation costs: the README's query, and a list of 50 customers with nested lists, under the shipped policies
//! with conditions on rows, beside everything permitted. One run, the same data, one after the other in turns.
//!
//! The condition holds of every customer, so that both answer with the same objects. The goal is 1.15 times the processor
//! time at most.

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
use measure::{Meter, Table, median, times};
use people::{People, Random};
use place::Place;
use serde_json::{Map, Value};
use std::error::Error;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 9;
/// Questions of a round, to each, and before the first round.
const QUESTIONS: u64 = 60;

const QUERY: &str = include_str!("../src/cli/demo/query.graphql");
const HERO: &str = "robert.kovac@example.com";
const LIST: &str = "{ customers(first: 50, orderBy: NAME_ASC) { nodes { id displayName email
    sourceRecords { totalCount nodes { source { key } } }
    invoices(first: 3) { totalCount nodes { number status total { amount currency } } }
    tickets(first: 3) { totalCount nodes { number status } }
    campaignTouches(first: 3) { totalCount nodes { result campaign { name } } } } } }";

/// True of everybody: all are people, nobody lives in a country that there is not, and nobody is staff.
const ROWS: &str = r#"
    @id("bench.of-no-such-country")
    permit (principal, action == Onefold::Action::"see", resource is Onefold::Customer)
    when { resource.kind == "PERSON" && !resource.countries.contains("ZZ") };
    @id("bench.no-staff")
    forbid (principal, action == Onefold::Action::"see", resource is Onefold::Customer)
    when { resource.tags.contains("staff") };
"#;

const EVERYTHING: &str = r#"@id("bench.everything") permit (principal, action == Onefold::Action::"read", resource);"#;

/// The objects of an answer: how many there are in its lists.
async fn objects(hub: &Hub, document: &str) -> Result<usize, Box<dyn Error>> {
    let answer: Value = serde_json::from_slice(&hub.ask(document, Map::new()).await?)?;
    if answer.get("errors").is_some() {
        return Err(format!("it answers with errors: {answer}").into());
    }
    Ok(count(&answer))
}

fn count(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.len() + items.iter().map(count).sum::<usize>(),
        Value::Object(fields) => fields.values().map(count).sum(),
        _ => 0,
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(run())
}

async fn run() -> Result<(), Box<dyn Error>> {
    let customers = peer::customers();
    let sqlite = population::sqlite(customers).await?;
    let mut places = vec![sqlite.clone()];
    if place::kinds().await?.contains(&"PostgreSQL") {
        places.push(copy::postgres(&sqlite).await?);
    }
    let mut table = Table::new(&["", "open: CPU ms", "policies and rows: CPU ms", "ratio", "goal"]);
    for place in &places {
        let guarded = Hub::guarded(place, &[("rows.cedar", ROWS)], &[]).await?;
        let open = Hub::under(place, &[("open.cedar".to_owned(), EVERYTHING.to_owned())], &[]).await?;
        for (name, document) in [("the README's query", QUERY), ("50 customers with lists", LIST)] {
            let (open, guarded) = in_turns(place, document, customers, [&open, &guarded]).await?;
            let cells = [format!("{open:.3}"), format!("{guarded:.3}"), times(guarded, open), "1.15 x".to_owned()];
            table.row(&[vec![format!("{}: {name}", place.kind)], cells.to_vec()].concat());
        }
    }
    table.print(&format!(
        "the cost of authorisation at {} customers: {QUESTIONS} questions a round, median of {ROUNDS} rounds",
        measure::whole(customers as f64)
    ));
    Ok(())
}

/// Processor milliseconds of a question to each of the two, the median over rounds that alternate between them.
async fn in_turns(
    place: &Place,
    document: &str,
    customers: u64,
    sides: [&Hub; 2],
) -> Result<(f64, f64), Box<dyn Error>> {
    let people = People::new();
    let question = |asked: u64| {
        let email = people.customer(Random::of(11, asked).below(customers)).email();
        document.replace(HERO, &email)
    };
    for asked in 0..QUESTIONS {
        let (one, other) = (objects(sides[0], &question(asked)).await?, objects(sides[1], &question(asked)).await?);
        if one != other || one == 0 {
            return Err(format!("one answers with {one} objects, the other with {other}").into());
        }
    }
    let mut rounds = [Vec::new(), Vec::new()];
    for round in 0..ROUNDS {
        // Who begins changes, so that neither profits from what the other one warmed.
        for side in [round % 2, 1 - round % 2] {
            let meter = Meter::start(place.beside);
            for asked in 0..QUESTIONS {
                sides[side].ask(&question(asked), Map::new()).await?;
            }
            rounds[side].push(meter.took().cpu_s * 1e3 / QUESTIONS as f64);
        }
    }
    let [open, guarded] = rounds;
    Ok((median(open), median(guarded)))
}
