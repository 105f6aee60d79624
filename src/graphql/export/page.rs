//! A page of an export: the document over some customers, and what it comes to as lines.

use super::csv;
use crate::app::{ExportFormat, ExportGone, ExportLine, Session};
use crate::graphql::document::{Column, GONE, INTO};
use crate::graphql::outgoing::{is_internal, request, said};
use crate::graphql::{HubSchema, Paid};
use async_graphql::Value;
use futures_util::future::BoxFuture;
use onefold_model::{CustomerId, NodeId};
use serde_json::{Map, Value as Json, json};

/// What an export writes: which document, in which form, of everybody or of who changed.
pub struct ExportShape {
    pub(super) document: String,
    pub(super) variables: Map<String, Json>,
    pub(super) format: ExportFormat,
    pub(super) is_increment: bool,
    pub(super) columns: Vec<Column>,
}

/// What was written.
#[derive(Debug, Default)]
pub struct ExportPage {
    /// The bytes.
    pub text: String,
    /// Lines, without a header.
    pub rows: i64,
}

/// Why there is no page.
#[derive(Debug)]
pub enum ExportStop {
    /// The hub cannot answer just now.
    Later,
    /// It is not to be had, and why.
    Never(String),
}

impl ExportPage {
    fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.rows += 1;
    }
}

impl ExportShape {
    /// What comes before the first line.
    pub fn header(&self) -> String {
        match self.format {
            ExportFormat::Ndjson => String::new(),
            ExportFormat::Csv => csv::header(&self.columns, self.is_increment),
        }
    }

    fn gone(&self, id: CustomerId, gone: ExportGone) -> String {
        let id = NodeId::from(id).to_string();
        let (why, into) = match gone {
            ExportGone::Merged(into) => ("MERGED", NodeId::from(into).to_string()),
            ExportGone::Erased => ("ERASED", String::new()),
            ExportGone::Hidden => ("HIDDEN", String::new()),
        };
        match self.format {
            ExportFormat::Csv => csv::gone(&self.columns, &id, why, &into),
            ExportFormat::Ndjson if into.is_empty() => format!("{}\n", json!({"id": id, GONE: why})),
            ExportFormat::Ndjson => format!("{}\n", json!({"id": id, GONE: why, INTO: into})),
        }
    }
}

impl HubSchema {
    /// The lines of these customers, as the document shows them to the caller now. In a box for the reason of
    /// [`execute`](crate::graphql::execute).
    pub fn export_page<'a>(
        &'a self,
        session: &'a Session,
        shape: &'a ExportShape,
        lines: &'a [ExportLine],
    ) -> BoxFuture<'a, Result<ExportPage, ExportStop>> {
        Box::pin(self.export_shown(session, shape, lines))
    }

    async fn export_shown(
        &self,
        session: &Session,
        shape: &ExportShape,
        lines: &[ExportLine],
    ) -> Result<ExportPage, ExportStop> {
        let here = lines.iter().filter_map(|line| match line {
            ExportLine::Here(id) => Some(*id),
            ExportLine::Gone(..) => None,
        });
        let here: Vec<CustomerId> = here.collect();
        let mut shown = self.export_ask(session, shape, &here).await?.into_iter();
        let mut page = ExportPage::default();
        for line in lines {
            match line {
                ExportLine::Gone(id, gone) => page.line(&shape.gone(*id, *gone)),
                ExportLine::Here(id) => shown_line(&mut page, shape, *id, shown.next())?,
            }
        }
        Ok(page)
    }

    /// What the document shows of each of these customers.
    async fn export_ask(
        &self,
        session: &Session,
        shape: &ExportShape,
        ids: &[CustomerId],
    ) -> Result<Vec<Value>, ExportStop> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut variables = shape.variables.clone();
        let ids: Vec<Json> = ids.iter().map(|id| Json::from(NodeId::from(*id).to_string())).collect();
        variables.insert("ids".to_owned(), Json::Array(ids));
        let prepared = self.prepare(session, request(&shape.document, &variables));
        let prepared = prepared.map_err(|errors| ExportStop::Never(said(&errors)))?;
        let response = self.run(session.clone(), prepared, None, Paid::Nothing).await.unwrap_or_default();
        if response.errors.iter().any(is_internal) {
            return Err(ExportStop::Later);
        }
        if !response.errors.is_empty() {
            return Err(ExportStop::Never(said(&response.errors)));
        }
        let Value::Object(mut data) = response.data else { return Err(ExportStop::Later) };
        match data.pop() {
            Some((_, Value::List(items))) => Ok(items),
            _ => Err(ExportStop::Later),
        }
    }
}

fn shown_line(
    page: &mut ExportPage,
    shape: &ExportShape,
    id: CustomerId,
    shown: Option<Value>,
) -> Result<(), ExportStop> {
    // Who is gone between two looks at the store is told of by the log behind this export.
    let Some(Value::Object(fields)) = shown else { return Ok(()) };
    if fields.is_empty() {
        // The document selects nothing of this kind of customer; it may have been of another kind before.
        if shape.is_increment {
            page.line(&shape.gone(id, ExportGone::Hidden));
        }
        return Ok(());
    }
    let Some(Value::String(told)) = fields.get("id") else {
        let why =
            "the document selects something of a customer without its `id`: select it wherever anything is selected";
        return Err(ExportStop::Never(why.to_owned()));
    };
    if *told != NodeId::from(id).to_string() {
        return Ok(());
    }
    match shape.format {
        ExportFormat::Csv => page.line(&csv::row(&shape.columns, &fields, shape.is_increment)),
        ExportFormat::Ndjson => {
            let text = serde_json::to_string(&Value::Object(fields));
            let text = text.map_err(|error| ExportStop::Never(format!("a line is no JSON: {error}")))?;
            page.line(&format!("{text}\n"));
        }
    }
    Ok(())
}
