//! Why a source cannot be set up, and why reading one did not come to its end. Nothing here holds a value or a secret.

use super::access::KeptError;
use super::http::Refused;
use super::jq::JqError;
use super::tap::TapError;
use crate::store::{LeaseRow, StoreError};
use onefold_connector::{FileError, ReadError, Refusal, SettingError, StateError};
use onefold_model::Timestamp;

/// Why a source cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// There is no such connector.
    #[error("source {source_key}: there is no connector {connector:?}; there are: {known}")]
    Connector {
        /// The source.
        source_key: String,
        /// The connector as configured.
        connector: String,
        /// Those that there are.
        known: String,
    },
    /// Its settings do not fit.
    #[error("source {source_key}: {}", errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Settings {
        /// The source.
        source_key: String,
        /// All of what is wrong.
        errors: Vec<SettingError>,
    },
    /// The department of the connector's folder is no department's key.
    #[error("source {source_key}: name its department, the folder {connector:?} does not")]
    Department {
        /// The source.
        source_key: String,
        /// The connector.
        connector: String,
    },
}

/// Why reading did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// The store failed.
    #[error("could not write what was read")]
    Store(#[from] StoreError),
    /// The system's answer cannot be used.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A checkpoint is not ours.
    #[error(transparent)]
    State(#[from] StateError),
    /// The system did not answer.
    #[error("{request}: no answer after {attempts} attempts: {reason}")]
    Unreachable {
        /// The address without its query.
        request: String,
        /// How often it was tried.
        attempts: u32,
        /// What happened, without addresses or secrets.
        reason: &'static str,
    },
    /// The system is where it may not be asked.
    #[error("{request}: not asked, because {refused}{}", permission(refused, source_key))]
    Address {
        /// The address without its query.
        request: String,
        /// What was refused, and why.
        refused: Refused,
        /// The source.
        source_key: String,
    },
    /// The system answered something that is no JSON.
    #[error("{request}: the answer is not the JSON that was expected, even after {attempts} attempts")]
    NotJson {
        /// The address without its query.
        request: String,
        /// How often it was tried.
        attempts: u32,
    },
    /// The answer is larger than an answer may be.
    #[error("{request}: the answer is larger than {limit} bytes")]
    TooLarge {
        /// The address without its query.
        request: String,
        /// The limit.
        limit: usize,
    },
    /// Too much of a stream would be deleted at once.
    #[error(
        "{missing} of {live} records of {stream} are missing from a complete list: nothing was deleted, because that \
             looks like a fault of the system; if they are gone, run `onefold sync {source_key} --accept-loss \
             {source_key}/{stream}` or name the stream in acceptLoss of syncStart"
    )]
    SuddenLoss {
        /// The source.
        source_key: String,
        /// The stream.
        stream: String,
        /// Not listed.
        missing: i64,
        /// Stored.
        live: i64,
    },
    /// A run of the source goes on.
    #[error(
        "source {source_key} is being read since {} by {}, until {} unless that renews its lease: wait for it, or end that process",
        held.taken_at.format("%Y-%m-%dT%H:%M:%SZ"),
        held.holder_name,
        held.expires_at.format("%Y-%m-%dT%H:%M:%SZ")
    )]
    Busy {
        /// The source.
        source_key: String,
        /// Who holds it, since when, and until when.
        held: Box<LeaseRow>,
    },
    /// Another process reads the source by now.
    #[error(
        "another process has taken over reading source {0}, because this one did not renew its lease in time: what was \
             written stays, and the other goes on from there"
    )]
    LeaseLost(String),
    /// Somebody has paused the source.
    #[error("source {source_key} is paused since {} by {by}: resume it with `sourceResume` before it is read", at.format("%Y-%m-%dT%H:%M:%SZ"))]
    Paused {
        /// The source.
        source_key: String,
        /// Since when.
        at: Timestamp,
        /// Who paused it.
        by: String,
    },
    /// Somebody has ended the run.
    #[error("the run was cancelled: what was read until then stays, and the next run goes on from there")]
    Cancelled,
    /// The system gives no access any more.
    #[error("the system does not renew the access of source {source_key}{code}: {how}")]
    SignIn {
        /// The source.
        source_key: String,
        /// The system's code, where it looks like one.
        code: String,
        /// What to do.
        how: &'static str,
    },
    /// A refresh token cannot be kept.
    #[error("the access of source {source_key} cannot be renewed: {cause}")]
    Kept {
        /// The source.
        source_key: String,
        /// Why.
        cause: KeptError,
    },
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// A jq filter.
    #[error(transparent)]
    Jq(#[from] JqError),
    /// A Singer tap.
    #[error(transparent)]
    Tap(#[from] TapError),
    /// The source is not one that can be asked.
    #[error("source {0} reads files: `onefold import` takes them")]
    NotHttp(String),
    /// The source does not read files.
    #[error("source {0} reads no files: `onefold sync` reads it")]
    NotFile(String),
}

impl SyncError {
    /// A stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Store(_) => "STORE",
            Self::Read(error) => read_code(error),
            Self::State(_) => "CHECKPOINT",
            Self::Unreachable { .. } => "UNREACHABLE",
            Self::Address { .. } => "ADDRESS_REFUSED",
            Self::NotJson { .. } => "NOT_JSON",
            Self::TooLarge { .. } => "TOO_LARGE",
            Self::SuddenLoss { .. } => "SUDDEN_LOSS",
            Self::Busy { .. } => "BUSY",
            Self::LeaseLost(_) => "LEASE_LOST",
            Self::Paused { .. } => "SOURCE_PAUSED",
            Self::Cancelled => "CANCELLED",
            Self::SignIn { .. } => "SIGN_IN",
            Self::Kept { .. } => "SECRETS_DIR",
            Self::File(_) => "FILE",
            Self::Jq(_) => "JQ",
            Self::Tap(_) => "TAP",
            Self::NotHttp(_) | Self::NotFile(_) => "WRONG_KIND",
        }
    }

    /// The credentials are not accepted: whatever else is asked with them will be refused too.
    pub(super) fn is_auth(&self) -> bool {
        matches!(self, Self::Read(ReadError::Refused { refusal: Refusal::Auth, .. }) | Self::SignIn { .. })
    }
}

/// How an address becomes one that may be asked.
fn permission(refused: &Refused, source_key: &str) -> String {
    if refused.can_be_allowed() {
        format!(
            "; if that is meant, write private_addresses = \"allow\" into [[source]] {source_key}, or into [sync] for all \
             sources"
        )
    } else {
        "; no setting allows that".to_owned()
    }
}

fn read_code(error: &ReadError) -> &'static str {
    match error {
        ReadError::Refused { refusal, .. } => match refusal {
            Refusal::Auth => "AUTH",
            Refusal::Denied => "DENIED",
            Refusal::Moved => "MOVED",
            Refusal::Gone => "GONE",
            Refusal::Limited => "LIMITED",
            Refusal::Unavailable => "UNAVAILABLE",
            Refusal::Wrong => "WRONG_REQUEST",
        },
        ReadError::InBody { .. } => "ERROR_IN_BODY",
        ReadError::Missing { .. } => "UNEXPECTED_ANSWER",
        ReadError::Stuck { .. } => "STUCK",
        ReadError::Order => "ORDER",
        ReadError::ForeignHost { .. } | ReadError::BadAddress => "FOREIGN_HOST",
        ReadError::State { .. } => "CHECKPOINT",
        ReadError::Unasked => "INTERNAL",
    }
}
