//! The store: facts, decisions and what is derived from them, on SQLite or PostgreSQL.
//!
//! Promises: every read of what people see takes a [`Scope`](crate::auth::Scope); facts are written page by page in one
//! transaction with the stream cursor that covers them; a record version is never changed. Deliberately does not know
//! HTTP, GraphQL or how records are matched.

mod activity;
mod api_key;
mod attribute;
mod audit;
mod candidate;
mod change;
mod checkpoint;
mod customer;
mod data_map;
mod db;
mod decision;
mod delivery;
mod desk;
mod dialect;
mod drift;
mod expiry;
mod export;
mod figures;
mod freshness;
mod hint;
mod history;
mod insert;
mod lease;
mod list;
mod login_session;
mod model;
mod outbox;
mod outgoing;
mod page;
mod pause;
mod person;
mod pin;
mod plan;
mod planned;
mod quality;
mod quarantine;
mod readers;
mod rebuild;
mod record;
mod replay;
mod resolution;
mod run;
mod search;
mod source;
mod survivorship;
mod sweep;
mod term;
mod tombstone;
mod value;
mod visible;

pub use activity::{
    ActivityChoice, ActivityCondition, ActivityField, ActivityFilter, ActivityOrder, ActivityRow, ActivityTest,
    ActivityValue, Holds,
};
pub use api_key::{ApiKeyRow, Revoked};
pub use audit::{AuditEntry, AuditFault, AuditFilter, AuditHead, AuditRow, AuditVerdict};
pub use candidate::{CandidateDesk, CandidateEdge, CandidateFilter, CandidateOrder, CandidateRow};
pub use change::{ChangeEntry, ChangeKind, ChangeRow};
pub use customer::{CustomerFilter, CustomerOrder, CustomerRow, MemberRow};
pub use data_map::{FieldFill, KindCount};
pub use db::{Store, Tx};
pub use decision::{DecisionFilter, DecisionRow, LATER, LINK, NEVER_LINK, SCOPE_CUSTOMERS, SCOPE_RECORDS, Undone};
pub use delivery::DeliveryNoted;
pub use desk::{Assignment, Claim, Held};
pub use dialect::Dialect;
pub use drift::{FieldRow, FieldSeen, ShapeBefore, ShapeSeen, StreamShape};
pub use expiry::Ended;
pub use export::{ExportEnd, ExportFormat, ExportMove, ExportPart, ExportRow, ExportState};
pub use figures::{FacetField, SumFilter, SumGroup, SumRow};
pub use freshness::StreamFreshness;
pub use hint::HintRow;
pub use history::{PastCustomer, PastVersion};
pub use lease::{LeaseRow, Renewed};
pub use list::{Direction, Keyset, PageAsk, Slice};
pub use login_session::LoginSessionRow;
pub use model::{ModelParts, ModelRow};
pub use outbox::OutboxRow;
pub use outgoing::{DeliveryRow, DeliveryState, OutgoingChange, OutgoingMove, OutgoingRow, OutgoingState};
pub use page::{IncomingRecord, PageCommit, PageOutcome};
pub use pause::PauseRow;
pub use person::{Erased, ErasedSource, ErasurePlan, KeepOut, Person, PersonAsk, TABLES, Table};
pub use pin::PinRow;
pub use plan::{ConsentStatement, PlanRow};
pub use planned::{
    ListAsk, ListColumn, PackedActivity, PackedList, PackedMember, PackedMembers, PackedPin, Reach, ReachAsk, Reached,
};
pub use quality::{QualityPair, QualityStratum, Same};
pub use quarantine::{
    QuarantineCause, QuarantineDiscard, QuarantineFilter, QuarantineGroup, QuarantineRow, Quarantined,
};
pub use rebuild::RebuildStep;
pub use record::{RecordRow, StoredParty};
pub use replay::{ReplayAsk, ReplayKnown, ReplayRow, ReplayState};
pub use resolution::{FoldedCustomer, Forgotten, FoundCandidate, LinkChange, Resolution};
pub use run::{RunRow, RunState, StreamProgress};
pub use search::{SearchHit, SearchPath};
pub use source::SourceRow;
pub use survivorship::SurvivorshipRow;
pub use term::fold_text;
pub use value::{Arg, Row};

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The address is of neither database.
    #[error("the store's address must begin with sqlite: or postgres:")]
    Url,
    /// The database refused or did not answer.
    #[error("could not {doing}")]
    Database {
        /// What was being done.
        doing: &'static str,
        /// What the database said.
        source: sqlx::Error,
    },
    /// The schema could not be brought up to date.
    #[error("could not bring the store's schema up to date")]
    Migrate(#[source] sqlx::migrate::MigrateError),
    /// What was read cannot have been written by this program.
    #[error("the store holds what it should not: {what}")]
    Corrupt {
        /// Which promise is broken.
        what: &'static str,
    },
    /// People were erased, or are to be, and the secret of the tombstones does not fit.
    #[error("the secret of erasure {0}: give [privacy] secret that of the first erasure, at least 32 bytes")]
    ErasureSecret(&'static str),
    /// A page cursor of another list, or one that somebody made up.
    #[error("the page cursor is not one of this list: ask for the first page again")]
    PageCursor,
}

/// What the owners allow, as a condition on a column. Binds are pushed onto `binds`.
fn scoped(owners: &crate::auth::Owners, column: &str, binds: &mut Vec<Arg>) -> String {
    let (sql, departments) = owners.sql(column, binds.len() + 1);
    binds.extend(departments.into_iter().map(Arg::from));
    sql
}
