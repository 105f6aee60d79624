//! The typed graph: resolvers that parse arguments, call one use case and wrap the answer.
//!
//! Promises: one shape for every role (what is withheld is null, and `restrictions` says so); lists page alike; statements
//! are batched, so that a document costs as many as it has levels, not as many as it has objects. Deliberately does not
//! decide who may see what, and knows neither HTTP nor SQL.

mod error;
mod fields;
mod guard;
mod ids;
mod loaders;
mod machine;
mod mutation;
mod page;
mod query;
mod scalars;
mod types;

pub use fields::graph_fields;
pub use scalars::variables;

use crate::app::Session;
use async_graphql::dataloader::DataLoader;
use async_graphql::{EmptySubscription, Request, Response, Schema, ServerError};
use loaders::Loaders;

/// The schema of every installation and every role.
pub type HubSchema = Schema<query::Query, mutation::Mutation, EmptySubscription>;

/// Levels that a document may have: the standard introspection query has 13.
const MAX_DEPTH: usize = 16;
/// A page of 200 customers with a few lists of each passes; lists within lists within lists do not.
const LIMITS: guard::Limits = guard::Limits { fields: 4_000, objects: 500_000 };

/// The code of a document that did not parse or validate, or whose variables do not fit.
pub const INVALID_DOCUMENT: &str = "INVALID_DOCUMENT";

/// Builds the schema.
pub fn schema() -> HubSchema {
    Schema::build(query::Query, mutation::Mutation, EmptySubscription)
        .register_output_type::<types::Node>()
        .register_output_type::<types::Entity>()
        .register_output_type::<types::Customer>()
        .limit_depth(MAX_DEPTH)
        .finish()
}

/// The contract as text, as it stands in `schema/schema.graphql`.
pub fn sdl() -> String {
    let options = async_graphql::SDLExportOptions::new().sorted_fields().sorted_enum_items().sorted_arguments();
    schema().sdl_with_options(options)
}

/// Answers a document for one caller.
pub async fn execute(schema: &HubSchema, session: Session, mut request: Request) -> Response {
    if let Err(message) = guard::check(&mut request, LIMITS) {
        let mut error = ServerError::new(message, None);
        error.extensions.get_or_insert_default().set("code", "DOCUMENT_TOO_LARGE");
        return Response::from_errors(vec![error]);
    }
    if session.is_machine()
        && let Err(message) = machine::check(&mut request)
    {
        let mut error = ServerError::new(message, None);
        error.extensions.get_or_insert_default().set("code", machine::KEY_SCOPE);
        return Response::from_errors(vec![error]);
    }
    if session.notes_reads() {
        session.reads_selected(guard::field_names(&mut request).iter().map(String::as_str));
    }
    let loaders = DataLoader::new(Loaders::new(session.clone()), tokio::spawn);
    let mut response = schema.execute(request.data(session.clone()).data(loaders)).await;
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
