//! A model as a file: JSON that a person can read and change, with the version of its form.
//!
//! It holds the settings (levels with their probabilities, thresholds, bounds of blocks) and what was counted and learned
//! in the records that it was trained on, so that other records are weighed as those were.

use super::error::MatchError;
use onefold_matching::{Frequencies, Settings};
use serde::{Deserialize, Serialize};
use std::path::Path;

const FORMAT: &str = "onefold-match-model";
/// The form of the file; another form has another number.
const VERSION: u32 = 1;

/// A model with what it was learned from.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ModelFile {
    format: String,
    version: u32,
    /// What it was learned from.
    pub(super) trained_on: TrainedOn,
    /// How records are matched.
    pub(super) settings: Settings,
    /// How common values are, and how many duplicates there were.
    pub(super) frequencies: Frequencies,
}

/// What a model was learned from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TrainedOn {
    /// The files, or `store`.
    pub(super) names: Vec<String>,
    /// Records.
    pub(super) records: u64,
    /// Pairs that were compared.
    pub(super) pairs: u64,
}

impl ModelFile {
    pub(super) fn new(trained_on: TrainedOn, settings: Settings, frequencies: Frequencies) -> Self {
        Self { format: FORMAT.to_owned(), version: VERSION, trained_on, settings, frequencies }
    }

    /// The text of the file. What a person reads is broken into lines; the counts, which are hashes, stand in one.
    pub(super) fn to_text(&self) -> Result<String, MatchError> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Head<'a> {
            format: &'a str,
            version: u32,
            trained_on: &'a TrainedOn,
            settings: &'a Settings,
        }
        let head = Head {
            format: &self.format,
            version: self.version,
            trained_on: &self.trained_on,
            settings: &self.settings,
        };
        let head = serde_json::to_string_pretty(&head).map_err(MatchError::ModelText)?;
        let counts = serde_json::to_string(&self.frequencies).map_err(MatchError::ModelText)?;
        Ok(format!("{},\n  \"frequencies\": {counts}\n}}\n", head.trim_end().trim_end_matches('}').trim_end()))
    }

    /// Reads a file, and checks its form and its numbers.
    pub(super) fn read(path: &Path) -> Result<Self, MatchError> {
        #[derive(Deserialize)]
        struct Form {
            format: Option<String>,
            version: Option<u32>,
        }
        let text =
            std::fs::read_to_string(path).map_err(|source| MatchError::Read { path: path.to_owned(), source })?;
        let failed = |source| MatchError::Model { path: path.to_owned(), source };
        let form: Form = serde_json::from_str(&text).map_err(failed)?;
        if form.format.as_deref() != Some(FORMAT) || form.version != Some(VERSION) {
            let format = form.format.unwrap_or_else(|| "no format".to_owned());
            let version = form.version.map_or_else(|| "without a version".to_owned(), |found| found.to_string());
            return Err(MatchError::ModelVersion { path: path.to_owned(), found: format!("{format} {version}") });
        }
        let model: Self = serde_json::from_str(&text).map_err(failed)?;
        let checked = model.settings.model.check();
        checked.map_err(|source| MatchError::ModelNumbers { path: path.to_owned(), source })?;
        Ok(model)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_reads_back_to_the_last_bit() {
        let trained_on = TrainedOn { names: vec!["a.csv".to_owned()], records: 10, pairs: 3 };
        let model = ModelFile::new(trained_on, Settings::default(), Frequencies::empty());
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.json");
        std::fs::write(&path, model.to_text().unwrap()).unwrap();
        let read = ModelFile::read(&path).unwrap();
        assert_eq!((&read.settings, &read.frequencies), (&model.settings, &model.frequencies));
        assert_eq!(read.to_text().unwrap(), model.to_text().unwrap());
    }

    #[test]
    fn another_form_is_refused_by_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.json");
        std::fs::write(&path, "{\"format\": \"onefold-match-model\", \"version\": 9}").unwrap();
        assert!(ModelFile::read(&path).unwrap_err().to_string().ends_with("it says onefold-match-model 9"));
        std::fs::write(&path, "{}").unwrap();
        assert!(matches!(ModelFile::read(&path), Err(MatchError::ModelVersion { .. })));
    }
}
