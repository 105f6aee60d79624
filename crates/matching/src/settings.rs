//! Everything that can be set about matching, as one serialisable value.

use crate::block::BlockingSettings;
use crate::weigh::{MatchWeight, Model, Thresholds};
use onefold_model::SourceId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::num::NonZeroUsize;

/// How records are matched. The same records, decisions and settings always give the same result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Settings {
    /// The model of levels and probabilities: what is assumed before data is seen.
    pub model: Model,
    /// Whether the data may correct it.
    pub learning: Learning,
    /// From which probability on records are merged or reviewed.
    pub thresholds: Thresholds,
    /// How blocks are bounded.
    pub blocking: BlockingSettings,
    /// Two records of one cluster that weigh this or less contradict one another: the cluster is cut between them.
    pub contradiction: MatchWeight,
    /// Sources whose ids are unique people: two records of one of them are never put together without a steward.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub unique_sources: BTreeSet<SourceId>,
    /// What two days of birth that have nothing in common are against a cluster.
    pub births: BirthDates,
    /// How many threads work at once; none stands for as many as the machine has processors. Changes no result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threads: Option<NonZeroUsize>,
}

impl Settings {
    /// How many threads work at once.
    pub(crate) fn threads(&self) -> NonZeroUsize {
        self.threads.or_else(|| std::thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            model: Model::default(),
            learning: Learning::default(),
            thresholds: Thresholds::default(),
            blocking: BlockingSettings::default(),
            contradiction: MatchWeight(-16.0),
            unique_sources: BTreeSet::new(),
            births: BirthDates::default(),
            threads: None,
        }
    }
}

/// What two days of birth that have nothing in common, a typing error aside, are against a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BirthDates {
    /// Evidence that other evidence may outweigh.
    #[default]
    Weigh,
    /// A contradiction: a steward decides.
    Block,
}

/// Whether weights are learned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Learning {
    /// From the pairs of the data set, beginning at the model.
    #[default]
    FromData,
    /// The model stands as it is.
    Never,
}
