//! The README's query at 100,000 customers: how long the answer takes, at the middle and at the hundredth of the slowest,
//! on both databases.
//!
//! Beside one hand-written SQL statement that reads the same rows, and beside a GraphQL server of Node on the same
//! PostgreSQL. One question after another, each for another customer.

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
#[allow(dead_code, reason = "shared: each program uses a part of it")]
#[path = "query/served.rs"]
mod served;
#[path = "query/serving.rs"]
mod serving;

use measure::{Beside, Table, median, times};
use onefold::app::App;
use onefold::auth::Actor;
use onefold::store::{Arg, Store};
use people::{People, Random};
use place::Place;
use served::{Client, Served, readme_query, readme_variables};
use std::error::Error;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 5;
/// Questions of a round, to each.
const QUESTIONS: u64 = 600;
/// Questions before the first round, to each.
const WARMING: u64 = 200;

const BY_HAND: &str = include_str!("query/by_hand.sql");

/// What answers.
enum Answering {
    /// The statement written by hand, over the store's own connections.
    Sql(Store),
    /// The graph in this process, without HTTP.
    Graph(Arc<App>, Box<onefold::graphql::HubSchema>, Actor),
    /// A server over HTTP.
    Served(Served),
}

/// Who answers, on what, and what was measured of it.
struct Contestant {
    name: String,
    kind: &'static str,
    answering: Answering,
    /// Whose processor time counts. Of what runs in this process, all does.
    beside: Vec<Beside>,
    rounds: Vec<Round>,
}

/// The milliseconds of one round.
struct Round {
    p50: f64,
    p99: f64,
    cpu: f64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.iter().position(|argument| argument == "--serve").and_then(|at| arguments.get(at + 1)) {
        Some(url) => runtime.block_on(serving::serve(url)),
        None => runtime.block_on(run()),
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let customers = peer::customers();
    let mut places = Vec::new();
    let kinds = place::kinds().await?;
    eprintln!("{customers} customers");
    let sqlite = population::sqlite(customers).await?;
    places.push(sqlite.clone());
    if kinds.contains(&"PostgreSQL") {
        places.push(copy::postgres(&sqlite).await?);
    }
    let mut contestants = Vec::new();
    for place in &places {
        contestants.extend(contestants_on(place).await?);
    }
    // As with tests: what is named on the command line is run, all where nothing is.
    let named: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    contestants.retain(|one| named.is_empty() || named.iter().any(|name| one.title().contains(name.as_str())));

    let people = People::new();
    let mut asked = 0;
    let mut question = || {
        asked += 1;
        people.customer(Random::of(9, asked).below(customers)).email()
    };
    for contestant in &mut contestants {
        let email = question();
        contestant.check(&email).await.map_err(|error| format!("{}: {error}", contestant.title()))?;
        contestant.round(WARMING, &mut question).await?;
    }
    for round in 1..=ROUNDS {
        eprintln!("round {round} of {ROUNDS}");
        for contestant in &mut contestants {
            let measured = contestant.round(QUESTIONS, &mut question).await?;
            contestant.rounds.push(measured);
        }
    }
    print(&contestants, customers);
    for contestant in contestants {
        if let Answering::Served(served) = contestant.answering {
            served.stop()?;
        }
    }
    Ok(())
}

fn print(contestants: &[Contestant], customers: u64) {
    let mut table = Table::new(&["", "p50 ms", "p99 ms", "CPU ms each", "onefold's p50 is", "its CPU is"]);
    let of = |contestant: &Contestant, value: fn(&Round) -> f64| median(contestant.rounds.iter().map(value));
    for contestant in contestants {
        // What is in the process is compared with what is in the process, servers with servers.
        let is_served = matches!(contestant.answering, Answering::Served(_));
        let ours = contestants.iter().find(|other| {
            other.name.starts_with("onefold")
                && other.kind == contestant.kind
                && matches!(other.answering, Answering::Served(_)) == is_served
        });
        let compared = |value: fn(&Round) -> f64| match ours {
            Some(ours) if ours.name != contestant.name => times(of(ours, value), of(contestant, value)),
            _ => String::new(),
        };
        table.row(&[
            contestant.title(),
            format!("{:.2}", of(contestant, |round| round.p50)),
            format!("{:.2}", of(contestant, |round| round.p99)),
            format!("{:.2}", of(contestant, |round| round.cpu)),
            compared(|round| round.p50),
            compared(|round| round.cpu),
        ]);
    }
    table.print(&format!(
        "the README's query at {} customers: {QUESTIONS} questions a round, one at a time, median of {ROUNDS} rounds",
        measure::whole(customers as f64)
    ));
}

async fn contestants_on(place: &Place) -> Result<Vec<Contestant>, Box<dyn Error>> {
    let app = hub::app(&place.url, &hub::shipped()?).await?;
    let mut list = Vec::new();
    let mut add = |name: &str, answering: Answering, beside: Vec<Beside>| {
        list.push(Contestant { name: name.to_owned(), kind: place.kind, answering, beside, rounds: Vec::new() });
    };
    let graph = Answering::Graph(Arc::clone(&app), Box::new(onefold::graphql::schema()), actor()?);
    add("onefold, without HTTP", graph, vec![place.beside]);
    add("limit: one SQL statement", Answering::Sql(app.store().clone()), vec![place.beside]);
    let served = Served::start(Command::new(std::env::current_exe()?).args(["--serve", &place.url]))?;
    let beside = vec![place.beside, Beside::Server(served.pid())];
    add("onefold over HTTP", Answering::Served(served), beside);
    if place.kind == "PostgreSQL"
        && let Some(program) = peer::node()
    {
        match Served::start(Command::new("node").arg(program).arg(&place.url)) {
            Ok(served) => {
                let beside = vec![place.beside, Beside::Server(served.pid())];
                add("mercurius 16 over HTTP", Answering::Served(served), beside);
            }
            Err(error) => eprintln!("skipped: mercurius, because {error}"),
        }
    }
    Ok(list)
}

impl Contestant {
    fn title(&self) -> String {
        format!("{}: {}", self.kind, self.name)
    }

    /// That it answers what was asked.
    async fn check(&mut self, email: &str) -> Result<(), Box<dyn Error>> {
        let text = match &self.answering {
            Answering::Sql(store) => return by_hand(store, email).await,
            Answering::Graph(app, schema, actor) => graph(app, schema, actor, &readme_query(), email).await?,
            Answering::Served(served) => {
                served.connect().await?.ask(&readme_query(), &readme_variables(email)).await?.to_vec()
            }
        };
        let answer: serde_json::Value = serde_json::from_slice(&text)?;
        let customer = &answer["data"]["search"][0]["customer"];
        if customer["email"] != *email || customer["invoices"]["nodes"][0]["number"].is_null() {
            return Err(format!("it answers something else: {answer}").into());
        }
        Ok(())
    }

    async fn round(&mut self, questions: u64, question: &mut impl FnMut() -> String) -> Result<Round, Box<dyn Error>> {
        let mut client: Option<Client> = match &self.answering {
            Answering::Served(served) => Some(served.connect().await?),
            Answering::Sql(_) | Answering::Graph(..) => None,
        };
        let besides = |beside: &[Beside]| beside.iter().map(|one| one.cpu_s()).sum::<f64>();
        let (own, before) = (cpu_time::ProcessTime::try_now()?, besides(&self.beside));
        let (mut took, document) = (Vec::new(), readme_query());
        for _ in 0..questions {
            let email = question();
            let began = Instant::now();
            match (&self.answering, &mut client) {
                (Answering::Served(_), Some(client)) => {
                    client.ask(&document, &readme_variables(&email)).await?;
                }
                (Answering::Sql(store), _) => drop(by_hand(store, &email).await?),
                (Answering::Graph(app, schema, actor), _) => drop(graph(app, schema, actor, &document, &email).await?),
                (Answering::Served(_), None) => {}
            }
            took.push(began.elapsed().as_secs_f64() * 1e3);
        }
        let mut cpu_s = besides(&self.beside) - before;
        if client.is_none() {
            cpu_s += own.try_elapsed()?.as_secs_f64();
        }
        took.sort_by(f64::total_cmp);
        let at = |share: f64| took[((took.len() - 1) as f64 * share) as usize];
        Ok(Round { p50: at(0.5), p99: at(0.99), cpu: cpu_s * 1e3 / questions as f64 })
    }
}

async fn by_hand(store: &Store, email: &str) -> Result<(), Box<dyn Error>> {
    let rows = store.fetch(BY_HAND, vec![Arg::from(email)]).await?;
    let texts = rows.iter().map(|row| row.text(4)).collect::<Result<Vec<_>, _>>()?;
    if texts.is_empty() { Err(format!("nobody has the address {email}").into()) } else { Ok(()) }
}

async fn graph(
    app: &Arc<App>,
    schema: &onefold::graphql::HubSchema,
    actor: &Actor,
    document: &str,
    email: &str,
) -> Result<Vec<u8>, Box<dyn Error>> {
    let serde_json::Value::Object(variables) = readme_variables(email) else { return Err("no variables".into()) };
    let variables = onefold::graphql::variables(variables);
    let request = async_graphql::Request::new(document).variables(variables);
    Ok(onefold::graphql::respond(schema, app.session(actor.clone()), request).await.into_body())
}

/// Somebody who may see all three departments: the most work that the query can make.
fn actor() -> Result<Actor, Box<dyn Error>> {
    Ok(Actor::new("bench", hub::departments()?, Vec::new()))
}
