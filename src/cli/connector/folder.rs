//! The folder of a connector on the disk.

use crate::cli::error::CliError;
use crate::sync::preview_jq;
use onefold_connector::{Connector, Fixture, FixtureError, Page};
use onefold_model::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A folder `…/department/system`.
pub(super) struct Folder {
    pub(super) path: PathBuf,
    /// `department/system`.
    pub(super) name: String,
    files: BTreeMap<String, String>,
}

/// A recorded answer, or a file, and where the records are that it should become.
pub(super) struct Recorded {
    pub(super) stream: String,
    pub(super) path: PathBuf,
    pub(super) expected: PathBuf,
}

impl Folder {
    /// Reads it. The department is the folder that it lies in.
    pub(super) fn open(path: &Path) -> Result<Self, CliError> {
        let failed = |source| CliError::File { path: path.to_owned(), source };
        let path = path.canonicalize().map_err(failed)?;
        let mut parts = path.iter().rev().filter_map(|part| part.to_str());
        let (system, department) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let name = format!("{department}/{system}");
        let mut files = BTreeMap::new();
        read_yaml(&path, &name, &mut files)?;
        Ok(Self { path, name, files })
    }

    /// The connector, or everything that is wrong with it.
    pub(super) fn connector(&self) -> Result<Connector, CliError> {
        Connector::load(&self.name, &self.files).map_err(|error| CliError::Connector(error.to_string()))
    }

    /// The fixtures of its streams, in the order of their names.
    pub(super) fn recorded(&self, connector: &Connector) -> Vec<Recorded> {
        let folder = self.path.join("fixtures");
        let ending = if connector.is_file() { "csv" } else { "json" };
        let of = |name: &str| Recorded {
            stream: name.to_owned(),
            path: folder.join(format!("{name}.{ending}")),
            expected: folder.join(format!("{name}.expected.json")),
        };
        let mut all: Vec<Recorded> = connector.streams().iter().map(|stream| of(stream.name)).collect();
        all.retain(|recorded| recorded.path.is_file());
        all.sort_by(|one, other| one.stream.cmp(&other.stream));
        all
    }
}

fn read_yaml(path: &Path, name: &str, files: &mut BTreeMap<String, String>) -> Result<(), CliError> {
    let failed = |source| CliError::File { path: path.to_owned(), source };
    for entry in std::fs::read_dir(path).map_err(failed)? {
        let entry = entry.map_err(failed)?.path();
        let Some(part) = entry.file_name().and_then(|part| part.to_str()) else { continue };
        let inside = format!("{name}/{part}");
        if entry.is_dir() {
            read_yaml(&entry, &inside, files)?;
        } else if entry.extension().is_some_and(|ending| ending == "yaml") {
            files.insert(inside, text(&entry)?);
        }
    }
    Ok(())
}

/// A text file.
pub(super) fn text(path: &Path) -> Result<String, CliError> {
    std::fs::read_to_string(path).map_err(|source| CliError::File { path: path.to_owned(), source })
}

/// The bytes of a file.
pub(super) fn bytes(path: &Path) -> Result<Vec<u8>, CliError> {
    std::fs::read(path).map_err(|source| CliError::File { path: path.to_owned(), source })
}

/// The time that fixtures are read at, so that the same answer gives the same records.
pub(super) fn then() -> Timestamp {
    Timestamp::from_timestamp(1_770_076_800, 0).unwrap_or_default()
}

/// Everything that becomes of a recorded answer or file, a line each.
pub(super) async fn outcome(connector: &Connector, recorded: &Recorded) -> Result<Vec<Value>, CliError> {
    let bytes = bytes(&recorded.path)?;
    let refused = |error: FixtureError| CliError::Fixture { path: recorded.path.clone(), source: error };
    if connector.is_file() {
        return connector.fixture_file(&bytes, None).map_err(refused);
    }
    let fixture: Fixture =
        serde_json::from_slice(&bytes).map_err(|source| CliError::Json { path: recorded.path.clone(), source })?;
    let page = connector.fixture_page(&recorded.stream, &fixture, then()).map_err(refused)?;
    page_outcome(connector, &page).await
}

/// Everything that becomes of a page, a line each.
pub(super) async fn page_outcome(connector: &Connector, page: &Page) -> Result<Vec<Value>, CliError> {
    let made = preview_jq(connector, &page.items).await.map_err(crate::sync::SyncError::from)?;
    Ok(connector.fixture_outcome(page, made))
}
