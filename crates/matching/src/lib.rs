#![doc = include_str!("../README.md")]

mod block;
mod cluster;
mod compare;
mod decision;
mod explain;
mod index;
mod normalise;
mod plan;
mod record;
mod resolve;
mod settings;
mod survive;
mod values;
mod weigh;

pub use block::{BlockKey, BlockingReport, BlockingRule, BlockingSettings, RuleReport, block_keys};
pub use cluster::{Cut, CutCause};
pub use compare::{Attribute, Level};
pub use decision::{LinkDecision, LinkDecisionKind};
pub use explain::{ComparisonLine, Explanation, explain};
pub use index::{Candidate, Index, IndexBuilder, IndexChange, IndexMemory, Operation, PairChange};
pub use plan::{Merge, Move, Plan, Split, diff};
pub use record::PartyRecord;
pub use resolve::{Progress, Resolution, ResolutionReport, ScoredPair, Stage, resolve, resolve_with_frequencies};
pub use settings::Settings;
pub use survive::{Golden, GoldenField, LosingValue, Rule, SurvivorshipRules, survive};
pub use weigh::{
    AttributeModel, Column, ComparisonModel, Frequencies, InvalidProbability, LevelModel, MatchWeight, Model,
    ModelError, Probability, Thresholds,
};
