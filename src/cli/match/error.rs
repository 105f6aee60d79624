//! Why matching files failed.

use crate::identity::MatchingSetupError;
use onefold_connector::FileError;
use onefold_matching::ModelError;
use std::io;
use std::path::PathBuf;

/// Why matching files failed.
#[derive(Debug, thiserror::Error)]
pub(in crate::cli) enum MatchError {
    #[error("could not read {}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("could not read {} as a table", path.display())]
    Text { path: PathBuf, source: FileError },
    #[error("could not read {} as Parquet", path.display())]
    Parquet { path: PathBuf, source: parquet::errors::ParquetError },
    #[error("no column of {} says who a row is of; name some with --role COLUMN=ROLE; the columns are: {columns}", path.display())]
    NoRoles { path: PathBuf, columns: String },
    #[error("{} has no column {column:?}; the columns are: {columns}", path.display())]
    NoColumn { path: PathBuf, column: String, columns: String },
    #[error("there is nothing to match: {0}")]
    Nothing(String),
    #[error("no record has the id {0:?}")]
    NoRecord(String),
    #[error("{0:?} is the id of a record in both files: put the name of the file and a colon before it")]
    Ambiguous(String),
    #[error("could not read the model in {}", path.display())]
    Model { path: PathBuf, source: serde_json::Error },
    #[error("{} is no model of this version of the program: it says {found}", path.display())]
    ModelVersion { path: PathBuf, found: String },
    #[error("the model in {} is not as it should be", path.display())]
    ModelNumbers { path: PathBuf, source: ModelError },
    #[error("could not read the blocking rules in {}", path.display())]
    RulesText { path: PathBuf, source: Box<toml::de::Error> },
    #[error("{} names no blocking rule: nothing would be compared", path.display())]
    NoRules { path: PathBuf },
    #[error("a blocking rule cannot be used")]
    Rules(#[from] MatchingSetupError),
    #[error("a model of files needs a place: name the file to write with --output")]
    NoOutput,
    #[error("could not write the model")]
    ModelText(#[source] serde_json::Error),
    #[error("{} is no truth: {reason}", path.display())]
    Truth { path: PathBuf, reason: String },
    #[error("could not write {}", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("could not write {}", path.display())]
    WriteCsv { path: PathBuf, source: csv::Error },
}
