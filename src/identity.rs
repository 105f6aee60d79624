//! Identity: which records are one customer, and what that customer is.
//!
//! Drives the pure matching over the store: read parties and decisions, resolve, give ids, write what changed. Promises:
//! the same facts and decisions give the same customers, whatever came first; nothing is folded twice at once. Deliberately
//! does not know where records come from; it hears of them through the outbox.

mod assign;
mod contest;
mod fold;
mod foresee;
mod golden;
mod judge;
mod live;
mod meet;
mod model;
mod plan;
mod quality;
mod setup;
mod survivorship;

pub use fold::{FoldReport, IdentityError, as_links, decisions};
pub use foresee::{Foresight, Partition};
pub use golden::{golden, golden_only, pins};
pub use judge::Judge;
pub use meet::Meeting;
pub use onefold_matching::{
    Automatic, Candidate, Explanation, Golden, GoldenField, InvalidProbability, LinkDecision, LinkDecisionKind, Pin,
    Plan, Probability, Progress, ScoredPair, Stage, SurvivorshipRules, pinnable,
};
pub use plan::{Activation, ModelPlan, PlanFingerprint, UnknownFingerprint};
pub use quality::{Estimate, Judged, precision, recall, wilson};
pub use setup::{MatchingSetupError, given_rules, matching_settings};
pub use survivorship::{Rechosen, SurvivorshipSetupError, rules_text, rules_then, survivorship_rules};

use crate::config::MatchingConfig;
use judge::JudgeKey;
use live::Live;
use onefold_matching::Settings;
use onefold_model::SourceId;
use std::collections::BTreeSet;
use std::sync::{Arc, RwLock};
use tokio::sync::Mutex;

/// From so many parties on the model is frozen, so that a change can be placed against all others without reading them.
/// Fewer are resolved anew at each fold within a second, by a model that follows them.
const FROZEN_FROM: usize = 10_000;

/// How records are resolved.
#[derive(Debug, Clone)]
pub struct Identity {
    settings: Settings,
    frozen_from: usize,
    /// The rules for values of the configuration.
    wanted: Arc<SurvivorshipRules>,
    /// Those in place, as they were last read.
    in_place: Arc<RwLock<Arc<SurvivorshipRules>>>,
    /// What the last fold of changes left in memory.
    live: Arc<Mutex<Option<Live>>>,
    /// What the last fold judged by.
    judged: Arc<Mutex<Option<(JudgeKey, Judge)>>>,
}

impl Default for Identity {
    fn default() -> Self {
        Self::of(Settings::default())
    }
}

impl Identity {
    /// With the thresholds and rules of the configuration.
    pub fn new(config: &MatchingConfig) -> Result<Self, MatchingSetupError> {
        Ok(Self::of(matching_settings(config)?))
    }

    /// The same with a model that is frozen from so many parties on.
    #[must_use]
    pub fn frozen_from(self, parties: usize) -> Self {
        Self { frozen_from: parties, ..self }
    }

    /// The same with sources whose ids are unique people: two records of one of them are not put together without a steward.
    #[must_use]
    pub fn with_unique_people(mut self, sources: BTreeSet<SourceId>) -> Self {
        self.settings.unique_sources = sources;
        self
    }

    fn of(settings: Settings) -> Self {
        Self {
            settings,
            frozen_from: FROZEN_FROM,
            wanted: Arc::default(),
            in_place: Arc::default(),
            live: Arc::default(),
            judged: Arc::default(),
        }
    }
}
