//! The typed graph: resolvers that parse arguments, call one use case and wrap the answer.
//!
//! Promises: one shape for every role (what is withheld is null, and `restrictions` says so); lists page alike; statements
//! are batched, so that a document costs as many as it has levels, not as many as it has objects. Deliberately does not
//! decide who may see what, and knows neither HTTP nor SQL.

mod batch;
mod cost;
mod document;
mod error;
mod export;
mod federation;
mod fields;
mod figures;
mod ids;
mod live;
mod loaders;
mod machine;
mod mutation;
mod outgoing;
mod page;
mod planned;
mod query;
mod scalars;
mod settings;
mod subscription;
mod trusted;
mod types;

pub use document::INVALID_DOCUMENT;
pub use export::{EXPORT_PAGE, ExportPage, ExportShape, ExportStop, export_document, exports_forever, exports_write};
pub use federation::subgraph;
pub use fields::graph_fields;
pub use live::{Ended, Live, Standing, Told};
pub use outgoing::{webhooks_forever, webhooks_tell};
pub use planned::{Answer, Planned};
pub use scalars::variables;
pub use settings::{CostSettings, GraphSettings, Introspection, Planner};
pub use trusted::{DocumentAsk, TrustedDocuments, document_hash};
pub use types::{cursor_of, cursor_read};

use crate::app::Session;
use async_graphql::{MergedObject, Pos, Request, Response, Schema, ServerError, ValidationMode, Value};
use batch::Batches;
use cost::{Cost, Meter};
use document::{Documents, Kind, Limits};
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use loaders::Loaders;
use std::sync::Arc;
use std::time::Duration;
use subscription::Turn;
use trusted::Seen;

/// The schema of every installation and every role, with the documents that came so far.
#[derive(Clone)]
pub struct HubSchema {
    executor: Executor,
    documents: Arc<Documents>,
    settings: Arc<GraphSettings>,
    seen: Arc<Seen>,
    meter: Arc<Meter>,
}

/// What is to be run, and what it could come to.
struct Prepared {
    request: Request,
    requested: u64,
}

/// Whether points were taken for what is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Paid {
    /// They were, and what was not used is given back.
    Points,
    /// It costs none.
    Nothing,
}

/// The code of a subscription that was sent as if it were a query.
const NEEDS_STREAM: &str = "SUBSCRIPTION_NEEDS_STREAM";
/// The code of an operation for which the caller has no points left.
pub const COST_THROTTLED: &str = "COST_THROTTLED";
/// Where an answer tells its cost.
const COST: &str = "cost";

type Executor = Schema<QueryRoot, mutation::Mutation, subscription::SubscriptionRoot>;

/// The graph.
#[derive(MergedObject)]
#[graphql(name = "Query")]
struct QueryRoot(query::Query, query::activities::Activities, figures::Figures, federation::Federation);

/// A page of 200 customers with a few lists of each passes; lists within lists within lists do not. The standard
/// introspection query has 13 levels.
const LIMITS: Limits = Limits { fields: 4_000, objects: 500_000, depth: 16 };

/// Builds the schema as it is where the operator decides nothing.
pub fn schema() -> HubSchema {
    schema_with(GraphSettings::default())
}

/// Builds the schema.
pub fn schema_with(settings: GraphSettings) -> HubSchema {
    HubSchema {
        executor: executor(),
        documents: Arc::new(Documents::new(&sdl())),
        seen: Arc::default(),
        meter: Arc::new(Meter::new(settings.cost)),
        settings: Arc::new(settings),
    }
}

fn executor() -> Executor {
    Schema::build(
        QueryRoot(query::Query, query::activities::Activities, figures::Figures, federation::Federation),
        mutation::Mutation,
        subscription::SubscriptionRoot,
    )
    .register_output_type::<types::Node>()
    .register_output_type::<types::Entity>()
    .register_output_type::<types::Customer>()
    // Documents are validated before they come here.
    .validation_mode(ValidationMode::Fast)
    .finish()
}

/// The contract as text, as it stands in `schema/schema.graphql`.
pub fn sdl() -> String {
    let options = async_graphql::SDLExportOptions::new().sorted_fields().sorted_enum_items().sorted_arguments();
    executor().sdl_with_options(options)
}

impl HubSchema {
    /// Whether a request may be sent where only reading is allowed. What would be refused anyway may.
    pub fn only_reads(&self, request: &Request) -> bool {
        matches!(self.documents.kind(request), None | Some(Kind::Query))
    }

    /// Whether a request is a subscription, which answers as long as somebody listens.
    pub fn stays(&self, request: &Request) -> bool {
        self.documents.kind(request) == Some(Kind::Subscription)
    }

    /// What is wrong with a document, whoever sends it and with whichever variables.
    pub fn problems(&self, document: &str) -> Vec<String> {
        self.documents.problems(document)
    }

    /// What a request would run, for those who count: the name of its operation and its kind. None where it is refused.
    pub fn operation(&self, request: &Request) -> Option<(Option<String>, &'static str)> {
        let (name, kind) = self.documents.operation(request)?;
        let kind = match kind {
            Kind::Query => "query",
            Kind::Mutation => "mutation",
            Kind::Subscription => "subscription",
        };
        Some((name, kind))
    }

    /// Answers a document that asks about the schema alone. What asks for data finds nobody to ask it for, and fails.
    pub async fn introspect(&self, document: &str) -> Response {
        let mut request = Request::new(document);
        match self.documents.prepare(&mut request, LIMITS) {
            Ok(_) => self.executor.execute(request).await,
            Err(errors) => Response::from_errors(errors),
        }
    }

    /// What is to be run: a document that is valid, no larger than allowed, and the caller's to ask.
    fn prepare(&self, session: &Session, mut request: Request) -> Result<Prepared, Vec<ServerError>> {
        let requested = self.documents.prepare(&mut request, LIMITS)?;
        if session.is_machine()
            && let Err(message) = machine::check(&mut request)
        {
            return Err(vec![refusal(machine::KEY_SCOPE, message)]);
        }
        if self.settings.introspection == Introspection::Closed && document::asks_about_schema(&mut request) {
            let message = "the schema is not told here: GET /schema.graphql with a token has it";
            return Err(vec![refusal("INTROSPECTION_CLOSED", message)]);
        }
        Ok(Prepared { request, requested })
    }

    /// The answer of a plan. None where there is no plan, or where it would not be whole: nothing has been paid for it then.
    async fn planned(&self, session: &Session, request: &Request) -> Option<Answer> {
        if self.settings.planner == Planner::Off || session.is_machine() {
            return None;
        }
        let asked = self.documents.planned(request, LIMITS)?;
        let caller = session.scope().actor().subject();
        if let Err(cost) = self.meter.take(caller, asked.requested) {
            return Some(Answer::Executed(throttled(&cost)));
        }
        if session.notes_reads() {
            session.reads_selected(asked.plan.names.iter().map(String::as_str));
        }
        let Some((written, actual)) = planned::run(&session.for_one_answer(), &asked).await else {
            self.meter.settle(caller, asked.requested, 0);
            return None;
        };
        let cost = self.meter.settle(caller, asked.requested, actual);
        // What nobody would know to have been read is not shown.
        if let Err(error) = session.reads_written().await {
            let error = error::failed(&error).into_server_error(Pos::default());
            return Some(Answer::Executed(told(vec![error], &cost)));
        }
        Some(Answer::Planned(Planned::new(written, &cost)))
    }

    /// One turn of a subscription: its beginning, or one event of it. Where the caller has no points left, the event waits
    /// until they have come back.
    async fn tell(&self, session: Session, request: Request, turn: Arc<Turn>) -> Option<Response> {
        let prepared = match self.prepare(&session, request) {
            Ok(prepared) => prepared,
            Err(errors) => return Some(Response::from_errors(errors)),
        };
        let caller = session.scope().actor().subject().to_owned();
        while let Err(cost) = self.meter.take(&caller, prepared.requested) {
            tokio::time::sleep(Duration::from_millis(cost.retry_after_ms)).await;
        }
        self.run(session, prepared, Some(turn), Paid::Points).await
    }

    /// Runs what is allowed.
    async fn run(&self, session: Session, prepared: Prepared, turn: Option<Arc<Turn>>, paid: Paid) -> Option<Response> {
        let Prepared { mut request, requested } = prepared;
        if session.notes_reads() {
            session.reads_selected(document::field_names(&mut request).iter().map(String::as_str));
        }
        let session = session.for_one_answer();
        let batches = Batches::new(Loaders::new(session.clone()));
        let request = request.data(session.clone()).data(Arc::clone(&batches)).data(self.clone());
        let document = async {
            match turn {
                None => Some(self.executor.execute(request).await),
                Some(turn) => self.executor.execute_stream(request.data(turn)).next().await,
            }
        };
        let response = batches.run(document).await;
        let actual = response.as_ref().map_or(0, |response| cost::objects(&response.data));
        let caller = session.scope().actor().subject();
        let cost = (paid == Paid::Points).then(|| self.meter.settle(caller, requested, actual));
        let mut response = response?;
        // What nobody would know to have been read is not shown.
        if let Err(error) = session.reads_written().await {
            response = Response::from_errors(vec![error::failed(&error).into_server_error(Pos::default())]);
        }
        // Resolvers give a code to each error of theirs. What has none is the library's: the document or its variables.
        for error in &mut response.errors {
            let extensions = error.extensions.get_or_insert_default();
            if extensions.get("code").is_none() {
                extensions.set("code", INVALID_DOCUMENT);
            }
        }
        if let Some(cost) = cost {
            response.extensions.insert(COST.to_owned(), cost.value());
        }
        Some(response)
    }
}

/// Answers a query or a mutation for one caller: by a plan where there is one, else as [`execute`].
pub fn respond(schema: &HubSchema, session: Session, request: Request) -> BoxFuture<'_, Answer> {
    Box::pin(async move {
        match schema.planned(&session, &request).await {
            Some(answer) => answer,
            None => Answer::Executed(execute(schema, session, request).await),
        }
    })
}

/// Answers a query or a mutation for one caller, by the executor.
///
/// In a box, so that every resolver is compiled here: the future of an `async fn` would be compiled again, for minutes, in
/// each program that waits for it.
pub fn execute(schema: &HubSchema, session: Session, request: Request) -> BoxFuture<'_, Response> {
    Box::pin(answer(schema, session, request))
}

async fn answer(schema: &HubSchema, session: Session, request: Request) -> Response {
    if schema.stays(&request) {
        let message = "a subscription is asked for over WebSocket, or with the header accept: text/event-stream";
        return Response::from_errors(vec![refusal(NEEDS_STREAM, message)]);
    }
    let prepared = match schema.prepare(&session, request) {
        Ok(prepared) => prepared,
        Err(errors) => return Response::from_errors(errors),
    };
    if let Err(cost) = schema.meter.take(session.scope().actor().subject(), prepared.requested) {
        return throttled(&cost);
    }
    schema.run(session, prepared, None, Paid::Points).await.unwrap_or_default()
}

fn throttled(cost: &Cost) -> Response {
    let message = format!(
        "the operation could come to {} points and {} are left: try again in {} ms, or ask for less",
        cost.requested, cost.remaining, cost.retry_after_ms
    );
    told(vec![refusal(COST_THROTTLED, &message)], cost)
}

/// Errors of a document that was paid for, with its cost.
fn told(errors: Vec<ServerError>, cost: &Cost) -> Response {
    let mut response = Response::from_errors(errors);
    response.extensions.insert(COST.to_owned(), cost.value());
    response
}

/// Whether a document was run, as far as it goes. One that was not did not parse, did not validate, is too large or did not get
/// its variables.
pub fn was_run(answer: &Response) -> bool {
    // An error of a resolver may have made all of the data null.
    answer.errors.is_empty() || answer.data != Value::Null || answer.errors.iter().any(is_resolvers)
}

fn is_resolvers(error: &ServerError) -> bool {
    let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code"));
    !error.path.is_empty() && code != Some(&Value::from(INVALID_DOCUMENT))
}

fn refusal(code: &'static str, message: &str) -> ServerError {
    error::coded(code, message).into_server_error(Pos::default())
}
