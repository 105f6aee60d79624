//! Jobs that write customers into a file.

use super::change::cursor_of;
use crate::app::{ExportFormat as Format, ExportRow, ExportState as State};
use crate::graphql::ids::id;
use async_graphql::{Description, Enum, ID, Object};
use onefold_model::Timestamp;

/// How an export stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "State")]
pub enum ExportState {
    /// Nobody has begun it.
    Waiting,
    /// It is being written.
    Running,
    /// All of it can be fetched at `downloadUrl`.
    Succeeded,
    /// It could not be written, or was deleted. `error` says why.
    Failed,
    /// Somebody ended it.
    Cancelled,
}

/// In which form customers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Format")]
pub enum ExportFormat {
    /// A JSON object a line, in UTF-8: what the document selects, as it selects it.
    Ndjson,
    /// RFC 4180 in UTF-8 without a byte order mark: a header of dotted paths, a list as JSON in one cell. A text that a
    /// spreadsheet would compute has an apostrophe before it.
    Csv,
}

/// A job that writes customers into a file, with the rights that who started it has at each page. Shown to who started it, and
/// to those who administer every department.
#[derive(Clone, Description)]
pub struct Export(pub ExportRow);

#[Object(use_type_description)]
impl Export {
    /// The id of this object.
    pub async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// How it stands.
    pub async fn state(&self) -> ExportState {
        self.0.state.into()
    }

    /// In which form it is written.
    pub async fn format(&self) -> ExportFormat {
        self.0.format.into()
    }

    /// The query that shapes its lines.
    pub async fn document(&self) -> &str {
        &self.0.document
    }

    /// Lines that are written.
    pub async fn rows(&self) -> i64 {
        self.0.rows
    }

    /// About how many lines there will be. Null before that is known.
    pub async fn total(&self) -> Option<i64> {
        self.0.total
    }

    /// Bytes that are written and can be fetched, or will be.
    pub async fn bytes(&self) -> i64 {
        self.0.bytes
    }

    /// Who started it.
    pub async fn created_by(&self) -> &str {
        &self.0.subject
    }

    /// When it was asked for.
    pub async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// When it was begun. Null before that.
    pub async fn started_at(&self) -> Option<Timestamp> {
        self.0.started_at
    }

    /// When it was over. Null before that.
    pub async fn ended_at(&self) -> Option<Timestamp> {
        self.0.ended_at
    }

    /// When it is deleted. Null before it is over. It is deleted earlier where anybody is erased.
    pub async fn expires_at(&self) -> Option<Timestamp> {
        self.0.expires_at
    }

    /// Behind which entry of the change log somebody must have changed to be in it. Null where it has everybody.
    pub async fn after(&self) -> Option<String> {
        self.0.after.map(cursor_of)
    }

    /// The place in the change log at which it was asked for: give it as `after` to export what changes from then on, or to
    /// `changes`, which tells it as it happens.
    pub async fn end_cursor(&self) -> String {
        cursor_of(self.0.until)
    }

    /// Why it failed, and what to do.
    pub async fn error(&self) -> Option<&str> {
        self.0.error.as_deref()
    }

    /// Where it is fetched with GET and the same token or session as the graph: a path of the hub. Null where there is nothing
    /// to fetch.
    pub async fn download_url(&self) -> Option<String> {
        (self.0.state == State::Succeeded).then(|| format!("/exports/{}", self.0.id))
    }
}
