//! The typed graph: resolvers that parse arguments, call one use case and wrap the answer.
//!
//! Promises: one shape for every role (what is withheld is null, and `restrictions` says so); lists page alike; statements
//! are batched, so that a document costs as many as it has levels, not as many as it has objects. Deliberately does not
//! decide who may see what, and knows neither HTTP nor SQL.

mod batch;
mod document;
mod error;
mod fields;
mod ids;
mod loaders;
mod machine;
mod mutation;
mod page;
mod query;
mod scalars;
mod types;

pub use document::INVALID_DOCUMENT;
pub use fields::graph_fields;
pub use scalars::variables;

use crate::app::Session;
use async_graphql::{EmptySubscription, Request, Response, Schema, ServerError, ValidationMode};
use batch::Batches;
use document::{Documents, Kind, Limits};
use futures_util::future::BoxFuture;
use loaders::Loaders;
use std::sync::Arc;

/// The schema of every installation and every role, with the documents that came so far.
#[derive(Clone)]
pub struct HubSchema {
    executor: Executor,
    documents: Arc<Documents>,
}

type Executor = Schema<query::Query, mutation::Mutation, EmptySubscription>;

/// A page of 200 customers with a few lists of each passes; lists within lists within lists do not. The standard
/// introspection query has 13 levels.
const LIMITS: Limits = Limits { fields: 4_000, objects: 500_000, depth: 16 };

/// Builds the schema.
pub fn schema() -> HubSchema {
    HubSchema { executor: executor(), documents: Arc::new(Documents::new(&sdl())) }
}

fn executor() -> Executor {
    Schema::build(query::Query, mutation::Mutation, EmptySubscription)
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

    /// Answers a document that asks about the schema alone. What asks for data finds nobody to ask it for, and fails.
    pub async fn introspect(&self, document: &str) -> Response {
        let mut request = Request::new(document);
        match self.documents.prepare(&mut request, LIMITS) {
            Ok(()) => self.executor.execute(request).await,
            Err(errors) => Response::from_errors(errors),
        }
    }
}

/// Answers a document for one caller.
///
/// In a box, so that every resolver is compiled here: the future of an `async fn` would be compiled again, for minutes, in
/// each program that waits for it.
pub fn execute(schema: &HubSchema, session: Session, request: Request) -> BoxFuture<'_, Response> {
    Box::pin(answer(schema, session, request))
}

async fn answer(schema: &HubSchema, session: Session, mut request: Request) -> Response {
    if let Err(errors) = schema.documents.prepare(&mut request, LIMITS) {
        return Response::from_errors(errors);
    }
    if session.is_machine()
        && let Err(message) = machine::check(&mut request)
    {
        let mut error = ServerError::new(message, None);
        error.extensions.get_or_insert_default().set("code", machine::KEY_SCOPE);
        return Response::from_errors(vec![error]);
    }
    if session.notes_reads() {
        session.reads_selected(document::field_names(&mut request).iter().map(String::as_str));
    }
    let session = session.for_one_answer();
    let batches = Batches::new(Loaders::new(session.clone()));
    let document = schema.executor.execute(request.data(session.clone()).data(Arc::clone(&batches)));
    let mut response = batches.run(document).await;
    // What nobody would know to have been read is not shown.
    if let Err(error) = session.reads_written().await {
        response = Response::from_errors(vec![error::failed(&error).into_server_error(async_graphql::Pos::default())]);
    }
    // Resolvers give a code to each error of theirs. What has none is the library's: the document or its variables.
    for error in &mut response.errors {
        let extensions = error.extensions.get_or_insert_default();
        if extensions.get("code").is_none() {
            extensions.set("code", INVALID_DOCUMENT);
        }
    }
    response
}
