//! Exports: each customer as the document of who started it selects them, a page at a time.
//!
//! Promises: a line is what a query with the same document would answer whoever started the export at that moment, by the same
//! code, rights and audit; a page and the place behind it are stored together; memory holds one page. An export costs nobody's
//! points, because one page of it is made at a time and others have their turn. Deliberately does not know how it is fetched.

mod csv;
mod page;

pub use page::{ExportPage, ExportShape, ExportStop};

use super::HubSchema;
use super::error::coded;
use super::outgoing::{request, said};
use crate::app::{App, AppError, ExportFormat, ExportHeld, ExportMove, ExportPart, ExportRow, Session};
use async_graphql::Result;
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// How soon an export is begun.
const LOOK: Duration = Duration::from_secs(1);
/// Exports that a process writes at once.
const AT_ONCE: usize = 2;
/// Pages of one export before others have their turn.
const IN_A_ROW: usize = 50;
/// Customers of a page: as many as `nodes` takes.
pub const EXPORT_PAGE: i64 = 100;

/// What became of a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turned {
    /// It goes on.
    On,
    /// It is over, or somebody else's.
    Over,
}

/// The document of a selection of fields of a customer.
pub fn export_document(selection: &str) -> String {
    format!("query Export($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Customer {{ {selection} }} }} }}")
}

impl HubSchema {
    /// What is written by a document, where the caller may run it: one query of `nodes(ids: $ids)`, which with all its ids costs
    /// no more than anybody has.
    pub fn export_shape(
        &self,
        session: &Session,
        document: &str,
        variables: Map<String, Value>,
        format: ExportFormat,
        is_increment: bool,
    ) -> Result<ExportShape> {
        let invalid = |message: String| coded("INVALID_INPUT", format!("input.document: {message}"));
        let mut values = variables.clone();
        if values.insert("ids".to_owned(), Value::Array(Vec::new())).is_some() {
            return Err(coded("INVALID_INPUT", "input.variables: $ids are given by the hub"));
        }
        let prepared = self.prepare(session, request(document, &values)).map_err(|errors| invalid(said(&errors)))?;
        let columns = self.documents.columns(document).map_err(invalid)?;
        let (cost, most) = (prepared.requested, self.settings.cost.limit);
        if cost > most {
            let message = format!(
                "{EXPORT_PAGE} customers could come to {cost} points, at most {most} are run: ask for smaller lists"
            );
            return Err(invalid(message));
        }
        Ok(ExportShape { document: document.to_owned(), variables, format, is_increment, columns })
    }

    /// Writes at an export until it is whole, or others should have their turn.
    async fn export_turn(&self, app: &Arc<App>, mut held: ExportHeld, pages: usize) -> Result<usize, AppError> {
        let mut written = 0;
        for _ in 0..pages {
            match self.export_step(app, &mut held).await {
                Ok(Turned::On) => written += 1,
                Ok(Turned::Over) => return Ok(written + 1),
                Err(error) => {
                    app.export_failed(&held).await?;
                    return Err(error);
                }
            }
        }
        app.export_release(&held).await?;
        Ok(written)
    }

    async fn export_step(&self, app: &Arc<App>, held: &mut ExportHeld) -> Result<Turned, AppError> {
        let session = app.export_session(&held.row);
        let shape = match self.export_allowed(&session, &held.row) {
            Ok(shape) => shape,
            Err(why) => return ended(app, held, Some(why)).await,
        };
        let mut moved = held.stay();
        if held.row.place < held.row.until {
            let found = session.export_found(held.row.place, held.row.until).await?;
            (moved.place, moved.found) = (found.up_to, found.customers);
            return carried(app, held, moved).await;
        }
        if moved.total.is_none() {
            moved.total = Some(app.export_total(&session, &held.row).await?);
        }
        let lines = app.export_next(&session, &held.row, EXPORT_PAGE).await?;
        moved.last = lines.last.or(moved.last);
        match self.export_page(&session, &shape, &lines.lines).await {
            Ok(page) => {
                moved.part = part(&held.row, &shape, &page);
                let more = moved.part.as_ref().map_or(0, |part| part.content.len());
                if let Some(why) = too_large(app.export_most(), &held.row, more) {
                    return ended(app, held, Some(why)).await;
                }
                let turned = carried(app, held, moved).await?;
                if turned == Turned::Over || lines.has_more { Ok(turned) } else { ended(app, held, None).await }
            }
            Err(ExportStop::Never(why)) => ended(app, held, Some(why)).await,
            Err(ExportStop::Later) => {
                app.export_failed(held).await?;
                Ok(Turned::Over)
            }
        }
    }

    /// What an export writes, or why it may not go on.
    fn export_allowed(&self, session: &Session, row: &ExportRow) -> Result<ExportShape, String> {
        if !session.shows_type("Customer") {
            return Err("who started it may not see customers any more".to_owned());
        }
        let is_increment = row.after.is_some();
        if is_increment {
            session.export_incremental().map_err(|error| error.to_string())?;
        }
        let variables = row.variables.as_object().cloned().unwrap_or_default();
        let shape = self.export_shape(session, &row.document, variables, row.format, is_increment);
        shape.map_err(|error| error.message)
    }
}

/// The part of a page. A header comes before the first line, also where there is none.
fn part(row: &ExportRow, shape: &ExportShape, page: &ExportPage) -> Option<ExportPart> {
    let mut text = if row.parts == 0 { shape.header() } else { String::new() };
    text.push_str(&page.text);
    (!text.is_empty()).then(|| ExportPart { rows: page.rows, content: text.into_bytes() })
}

fn too_large(most: u64, row: &ExportRow, more: usize) -> Option<String> {
    let bytes = u64::try_from(row.bytes).unwrap_or(0).saturating_add(more as u64);
    (bytes > most).then(|| {
        format!(
            "it has more than {most} bytes ([export] max_bytes): select less, or have the operator run `onefold export`, \
             which writes into a file"
        )
    })
}

async fn carried(app: &App, held: &mut ExportHeld, moved: ExportMove) -> Result<Turned, AppError> {
    Ok(if app.export_move(held, moved).await? { Turned::On } else { Turned::Over })
}

async fn ended(app: &App, held: &ExportHeld, error: Option<String>) -> Result<Turned, AppError> {
    app.export_end(held, error).await?;
    Ok(Turned::Over)
}

/// Writes at whatever is to be written now, at most so many pages of each export, and says how many pages were written.
pub async fn exports_write(schema: &HubSchema, app: &Arc<App>, pages: usize) -> Result<usize, AppError> {
    let mut written = 0;
    for row in app.export_due().await? {
        if let Some(held) = app.export_take(row.id).await? {
            written += Box::pin(schema.export_turn(app, held, pages)).await?;
        }
    }
    Ok(written)
}

/// Writes exports as long as the hub is served, and deletes those whose time is over.
pub async fn exports_forever(schema: HubSchema, app: Arc<App>) {
    let mut turns: JoinSet<()> = JoinSet::new();
    loop {
        while turns.try_join_next().is_some() {}
        if let Err(error) = begin(&schema, &app, &mut turns).await {
            tracing::error!(error = %error, "could not see which exports are to be written: tried again");
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn begin(schema: &HubSchema, app: &Arc<App>, turns: &mut JoinSet<()>) -> Result<(), AppError> {
    app.export_expire().await?;
    for row in app.export_due().await? {
        if turns.len() >= AT_ONCE {
            break;
        }
        let Some(held) = app.export_take(row.id).await? else { continue };
        let (schema, app, id) = (schema.clone(), Arc::clone(app), held.row.id);
        turns.spawn(async move {
            if let Err(error) = schema.export_turn(&app, held, IN_A_ROW).await {
                tracing::error!(export = %id, error = %error, "an export could not go on: tried again");
            }
        });
    }
    Ok(())
}
