//! Three reads of the graph beside what the machine can do: one customer by id; fifty customers with two lists each; a page
//! that is filtered, ordered and counted.
//!
//! By plans and by the executor, with the shipped policies, and beside rows that are read by hand over the same driver and
//! written with serde. All of them in this process, without HTTP; the processor time is of this process and of the database
//! together. Then over HTTP, beside PostGraphile and servers of Node on the same PostgreSQL, where those are at hand.

#![allow(clippy::pedantic, reason = "figures become floats here all the time, and nothing is built on this")]

#[path = "query_plans/beside.rs"]
mod beside;
#[path = "query/copy.rs"]
mod copy;
#[allow(dead_code, reason = "shared: each program uses a part of it")]
mod hub;
#[path = "query_plans/limit.rs"]
mod limit;
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
#[allow(dead_code, reason = "shared: each program uses a part of it")]
#[path = "query/served.rs"]
mod served;
#[path = "query/serving.rs"]
mod serving;

use async_graphql::Request;
use limit::Limit;
use measure::{Table, median};
use onefold::app::App;
use onefold::auth::Actor;
use onefold::graphql::{Answer, CostSettings, GraphSettings, HubSchema, Planner, schema_with};
use onefold::store::Store;
use people::Random;
use place::Place;
use serde_json::{Value, json};
use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 7;
/// Different ones: fewer than rows fit into memory.
const QUESTIONS: usize = 199;

/// What is asked, how often in a round, and the document.
const QUERIES: [(&str, u64, &str); 3] = [
    ("one customer", 400, "query($id: ID!) { customer(id: $id) { id displayName email phone changedAt recordCount } }"),
    (
        "50 with two lists",
        30,
        "query($after: String) { customers(first: 50, after: $after) { nodes { id displayName email
           invoices(first: 5) { nodes { id number status issuedAt total { amount currency } } }
           tickets(first: 5) { nodes { id number subject status openedAt } } } } }",
    ),
    (
        "filtered, ordered, counted",
        60,
        "query($name: String!) { customers(filter: {kind: PERSON, nameStartsWith: $name}, first: 20) {
           totalCount pageInfo { hasNextPage endCursor } nodes { id displayName email changedAt } } }",
    ),
];

/// What one question is about.
pub struct Question {
    /// The customer, for the first query.
    pub id: uuid::Uuid,
    /// The row after which a page begins, for the second: by name and id.
    pub after: (String, uuid::Uuid),
    /// The beginning of names, for the third.
    pub name: String,
    /// The same for the graph.
    variables: Value,
}

enum Answering {
    Graph(Arc<App>, Box<HubSchema>, Actor),
    Limit(Limit),
}

struct Contestant {
    name: &'static str,
    place: Place,
    answering: Answering,
    /// Milliseconds of a processor for each question, by query and round.
    cpu: Vec<Vec<f64>>,
    /// The middle of a round on the wall, in the same way.
    wall: Vec<Vec<f64>>,
    bytes: Vec<usize>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.iter().position(|argument| argument == "--serve").and_then(|at| arguments.get(at + 1)) {
        Some(url) => runtime.block_on(serving::serve(url)),
        None => runtime.block_on(run()),
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let customers = peer::customers();
    let kinds = place::kinds().await?;
    let sqlite = population::sqlite(customers).await?;
    let mut places = vec![sqlite.clone()];
    if kinds.contains(&"PostgreSQL") {
        places.push(copy::postgres(&sqlite).await?);
    }
    // Somebody of all three departments: the most work that the queries can make.
    let actor = Actor::new("bench", hub::departments()?, Vec::new());
    let mut contestants = Vec::new();
    let mut questions = Vec::new();
    for place in &places {
        let store = Store::open(&place.url).await?;
        if questions.is_empty() {
            questions = self::questions(&store).await?;
        }
        store.close().await;
        let app = hub::app(&place.url, &hub::shipped()?).await?;
        for (name, planner) in [("onefold, planned", Planner::On), ("onefold, executed", Planner::Off)] {
            let cost = CostSettings { limit: u64::MAX >> 16, per_second: 0 };
            let schema = schema_with(GraphSettings { planner, cost, ..GraphSettings::default() });
            contestants.push(contestant(
                name,
                place,
                Answering::Graph(Arc::clone(&app), Box::new(schema), actor.clone()),
            ));
        }
        contestants.push(contestant("limit: rows by hand", place, Answering::Limit(Limit::open(place).await?)));
    }
    // The first round asks everything, so that what is read lies in the caches of all.
    for round in 0..=ROUNDS {
        eprintln!("round {round} of {ROUNDS}");
        for contestant in &mut contestants {
            for (query, (_, count, _)) in QUERIES.iter().enumerate() {
                let count = if round == 0 { &(questions.len() as u64) } else { count };
                let own = cpu_time::ProcessTime::try_now()?;
                let beside = contestant.place.beside.cpu_s();
                let mut took = Vec::new();
                for at in 0..*count {
                    let question = &questions[(round * 31 + at as usize) % questions.len()];
                    let began = Instant::now();
                    let bytes = contestant.ask(query, question).await?;
                    took.push(began.elapsed().as_secs_f64() * 1e3);
                    contestant.bytes[query] = bytes;
                }
                let cpu_s = own.try_elapsed()?.as_secs_f64() + contestant.place.beside.cpu_s() - beside;
                if round > 0 {
                    contestant.cpu[query].push(cpu_s * 1e3 / *count as f64);
                    contestant.wall[query].push(median(took));
                }
            }
        }
    }
    for (query, (name, ..)) in QUERIES.iter().enumerate() {
        print(name, query, &contestants, customers);
    }
    drop(contestants);
    places.iter().find(|place| place.kind == "PostgreSQL").map_or(Ok(()), |place| beside::run(place, &questions))
}

fn print(name: &str, query: usize, contestants: &[Contestant], customers: u64) {
    let mut table = Table::new(&["", "CPU ms each", "p50 ms", "bytes", "times the limit (CPU)"]);
    let cpu = |contestant: &Contestant| median(contestant.cpu[query].iter().copied());
    for contestant in contestants {
        let limit = contestants
            .iter()
            .find(|other| other.name.starts_with("limit") && other.place.kind == contestant.place.kind);
        let ratio = limit.map_or(0.0, |limit| cpu(contestant) / cpu(limit));
        table.row(&[
            format!("{}: {}", contestant.place.kind, contestant.name),
            format!("{:.3}", cpu(contestant)),
            format!("{:.3}", median(contestant.wall[query].iter().copied())),
            contestant.bytes[query].to_string(),
            format!("{ratio:.2}"),
        ]);
    }
    table.print(&format!("{name}, at {} customers: median of {ROUNDS} rounds", measure::whole(customers as f64)));
}

fn contestant(name: &'static str, place: &Place, answering: Answering) -> Contestant {
    let none = || QUERIES.iter().map(|_| Vec::new()).collect();
    Contestant { name, place: place.clone(), answering, cpu: none(), wall: none(), bytes: vec![0; QUERIES.len()] }
}

impl Contestant {
    /// Asks, and gives the bytes of the answer.
    async fn ask(&mut self, query: usize, question: &Question) -> Result<usize, Box<dyn Error>> {
        match &mut self.answering {
            Answering::Limit(limit) => Ok(limit.ask(query, question).await?.len()),
            Answering::Graph(app, schema, actor) => {
                let Value::Object(variables) = question.variables.clone() else { return Err("no variables".into()) };
                let request = Request::new(QUERIES[query].2).variables(onefold::graphql::variables(variables));
                let answer = onefold::graphql::respond(schema, app.session(actor.clone()), request).await;
                let planned = matches!(answer, Answer::Planned(_));
                if planned != self.name.ends_with("planned") {
                    return Err(format!("{}: planned is {planned}", self.name).into());
                }
                let body = answer.into_body();
                if body.windows(8).any(|bytes| bytes == b"\"errors\"") {
                    return Err(String::from_utf8_lossy(&body).into_owned().into());
                }
                Ok(body.len())
            }
        }
    }
}

/// What is asked, the same of all.
async fn questions(store: &Store) -> Result<Vec<Question>, Box<dyn Error>> {
    let rows = store
        .fetch(
            "select customer_id, sort_name from customer where sort_name is not null order by customer_id limit 4000",
            Vec::new(),
        )
        .await?;
    let mut random = Random::of(17, 4);
    let mut questions = Vec::new();
    for _ in 0..QUESTIONS {
        let (row, other) =
            (&rows[random.below(rows.len() as u64) as usize], &rows[random.below(rows.len() as u64) as usize]);
        let (id, name, after) = (row.uuid(0)?, row.text(1)?, (other.text(1)?, other.uuid(0)?));
        let name: String = name.chars().take(2).collect();
        let cursor = json!({"o": "customer.name", "k": {"Text": after.0}, "i": after.1});
        let cursor = base64_url(&cursor.to_string());
        let variables = json!({"id": format!("customer_{}", id.simple()), "name": name, "after": cursor});
        questions.push(Question { id, after, name, variables });
    }
    Ok(questions)
}

fn base64_url(text: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text)
}
