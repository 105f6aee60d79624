//! Records that a machine pushes in their standardised form.

use super::{UserError, signed, source_key, user_error};
use crate::app::{IngestRecord, Session};
use crate::graphql::ids::id;
use crate::graphql::scalars::Json;
use async_graphql::{Enum, ID, InputObject, Result, SimpleObject};
use onefold_model::RecordKind;

/// What a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum IngestKind {
    /// A person or an organisation.
    Party,
    /// What a customer holds.
    Account,
    /// What is received regularly.
    Subscription,
    /// A bill.
    Invoice,
    /// Money that came.
    Payment,
    /// A request.
    Ticket,
    /// Something said.
    Interaction,
    /// An opinion.
    Feedback,
    /// Something sent to many.
    Campaign,
    /// One customer reached.
    CampaignTouch,
    /// A permission.
    Consent,
}

impl From<IngestKind> for RecordKind {
    fn from(kind: IngestKind) -> Self {
        match kind {
            IngestKind::Party => Self::Party,
            IngestKind::Account => Self::Account,
            IngestKind::Subscription => Self::Subscription,
            IngestKind::Invoice => Self::Invoice,
            IngestKind::Payment => Self::Payment,
            IngestKind::Ticket => Self::Ticket,
            IngestKind::Interaction => Self::Interaction,
            IngestKind::Feedback => Self::Feedback,
            IngestKind::Campaign => Self::Campaign,
            IngestKind::CampaignTouch => Self::CampaignTouch,
            IngestKind::Consent => Self::Consent,
        }
    }
}

/// A record that is pushed.
#[derive(InputObject)]
pub struct IngestRecordInput {
    /// What it is.
    kind: IngestKind,
    /// The stream that it belongs to, `customers`. Records of others refer to it by this name.
    stream: String,
    /// Its key in the source: the same key again is the same record.
    external_id: String,
    /// The record, as `schema/record.schema.json` has it. Not needed for a deletion.
    data: Option<Json>,
    /// The source no longer has it.
    #[graphql(default)]
    deleted: bool,
}

/// Records that a machine pushes.
#[derive(InputObject)]
pub struct RecordsIngestInput {
    /// The key of the source.
    source: String,
    /// At most 1000.
    records: Vec<IngestRecordInput>,
}

/// What became of a pushed record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum IngestState {
    /// Stored, or there already with the same content.
    Accepted,
    /// Did not fit; kept in quarantine with its cause.
    Quarantined,
}

/// What became of one record, in the order of the input.
#[derive(SimpleObject)]
pub struct IngestRecordResult {
    /// The record's id in the graph.
    id: ID,
    /// Its key in the source.
    external_id: String,
    /// What became of it.
    state: IngestState,
    /// Why it did not fit.
    error: Option<UserError>,
}

/// What became of the batch.
#[derive(SimpleObject)]
pub struct RecordsIngestPayload {
    /// One for each record, in the order of the input.
    results: Vec<IngestRecordResult>,
    /// Records that were not there before.
    created: i64,
    /// Records that became different.
    updated: i64,
    /// Records that were the same.
    unchanged: i64,
    /// Records that are gone.
    deleted: i64,
    /// Why nothing was done.
    user_errors: Vec<UserError>,
}

impl RecordsIngestPayload {
    fn refused(error: UserError) -> Self {
        Self { results: Vec::new(), created: 0, updated: 0, unchanged: 0, deleted: 0, user_errors: vec![error] }
    }
}

pub(super) async fn ingest(session: &Session, input: RecordsIngestInput) -> Result<RecordsIngestPayload> {
    let records = input.records.into_iter().map(|record| IngestRecord {
        kind: record.kind.into(),
        stream: record.stream,
        external_id: record.external_id,
        data: record.data.map(|data| data.0),
        deleted: record.deleted,
    });
    let answer = match session.records_ingest(&source_key(input.source)?, records.collect()).await {
        Ok(answer) => answer,
        Err(error) => return Ok(RecordsIngestPayload::refused(user_error(&error)?)),
    };
    let results = answer.results.into_iter().map(|result| IngestRecordResult {
        id: id(result.id),
        external_id: result.external_id,
        state: if result.problem.is_none() { IngestState::Accepted } else { IngestState::Quarantined },
        error: result.problem.map(|(code, message)| UserError::unfit(code, message)),
    });
    Ok(RecordsIngestPayload {
        results: results.collect(),
        created: signed(answer.outcome.created),
        updated: signed(answer.outcome.updated),
        unchanged: signed(answer.outcome.unchanged),
        deleted: signed(answer.outcome.deleted),
        user_errors: Vec::new(),
    })
}
