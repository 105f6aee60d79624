//! Exports are started, ended and deleted.

use super::{UserError, user_error};
use crate::app::{ExportAsk, Session};
use crate::graphql::error::coded;
use crate::graphql::ids::typed_id;
use crate::graphql::mutation::webhook::trusted;
use crate::graphql::scalars::Json;
use crate::graphql::types::{Export, ExportFormat, cursor_read};
use crate::graphql::{DocumentAsk, HubSchema, export_document};
use async_graphql::{Context, ID, InputObject, Result, SimpleObject};
use onefold_model::ExportId;
use serde_json::{Map, Value};

/// What is to be exported. One of `selection`, `document` and `documentId` is given.
#[derive(InputObject)]
pub struct ExportStartInput {
    /// Fields of a customer, as they stand within its braces: `id displayName email`. Its `id` is among them.
    selection: Option<String>,
    /// A query with the variable `$ids: [ID!]!` that asks for `nodes(ids: $ids)` and nothing else. Where only registered
    /// documents are run, one of those.
    document: Option<String>,
    /// The id of a registered document instead.
    document_id: Option<String>,
    /// The variables of the document besides `$ids`, which the hub gives.
    variables: Option<Json>,
    /// In which form.
    #[graphql(default_with = "ExportFormat::Ndjson")]
    format: ExportFormat,
    /// Behind the entry of the change log with this cursor, such as the `endCursor` of an export: whoever changed since, as they
    /// are now, and a line for each who is gone. Without it everybody whom you may see.
    after: Option<String>,
    /// What names this request, at most 200 characters: sent again, it starts nothing twice.
    idempotency_key: String,
}

/// An export, or why there is none.
#[derive(Default, SimpleObject)]
pub struct ExportPayload {
    /// The export. Ask for it again, or subscribe to `exportProgress`, to see it go on.
    export: Option<Export>,
    /// It was started before: this request changed nothing.
    replayed: bool,
    /// Why there is none.
    user_errors: Vec<UserError>,
}

/// Which export is ended.
#[derive(InputObject)]
pub struct ExportCancelInput {
    /// Its id.
    id: ID,
}

/// Which export is deleted.
#[derive(InputObject)]
pub struct ExportDeleteInput {
    /// Its id.
    id: ID,
}

/// Whether an export was deleted.
#[derive(SimpleObject)]
pub struct ExportDeletePayload {
    /// The id that it had.
    deleted_id: Option<ID>,
    /// Why it was not.
    user_errors: Vec<UserError>,
}

pub(super) async fn start(ctx: &Context<'_>, input: ExportStartInput) -> Result<ExportPayload> {
    let (session, schema) = (ctx.data::<Session>()?, ctx.data::<HubSchema>()?);
    let ask = match (input.selection, input.document, input.document_id) {
        (Some(selection), None, None) => DocumentAsk::Text(export_document(&selection)),
        (None, Some(text), None) => DocumentAsk::Text(text),
        (None, None, Some(id)) => DocumentAsk::Id(id),
        _ => {
            let message = "give one of input.selection, input.document and input.documentId";
            return Err(coded("INVALID_INPUT", message));
        }
    };
    let document = trusted(schema, session, ask)?;
    let variables = match input.variables {
        None => Map::new(),
        Some(Json(Value::Object(variables))) => variables,
        Some(_) => return Err(coded("INVALID_INPUT", "input.variables: an object is expected")),
    };
    let after = input.after.map(|cursor| cursor_read("input.after", &cursor)).transpose()?;
    let format = input.format.into();
    schema.export_shape(session, &document, variables.clone(), format, after.is_some())?;
    let ask = ExportAsk { document, variables, format, after, request: input.idempotency_key };
    Ok(match session.export_start(ask).await {
        Ok((row, replayed)) => ExportPayload { export: Some(Export(row)), replayed, user_errors: Vec::new() },
        Err(error) => ExportPayload { user_errors: vec![user_error(&error)?], ..ExportPayload::default() },
    })
}

pub(super) async fn cancel(session: &Session, input: ExportCancelInput) -> Result<ExportPayload> {
    let id: ExportId = typed_id("input.id", &input.id)?;
    Ok(match session.export_cancel(id).await {
        Ok(row) => ExportPayload { export: Some(Export(row)), ..ExportPayload::default() },
        Err(error) => ExportPayload { user_errors: vec![user_error(&error)?], ..ExportPayload::default() },
    })
}

pub(super) async fn delete(session: &Session, input: ExportDeleteInput) -> Result<ExportDeletePayload> {
    let id: ExportId = typed_id("input.id", &input.id)?;
    Ok(match session.export_delete(id).await {
        Ok(()) => ExportDeletePayload { deleted_id: Some(input.id), user_errors: Vec::new() },
        Err(error) => ExportDeletePayload { deleted_id: None, user_errors: vec![user_error(&error)?] },
    })
}
