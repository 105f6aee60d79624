#![doc = include_str!("../README.md")]

mod block;
mod cluster;
mod compare;
mod dataset;
mod decision;
mod explain;
mod index;
mod normalise;
mod plan;
mod record;
mod resolve;
mod sample;
mod settings;
mod share;
mod sources;
mod survive;
mod table;
mod values;
mod weigh;

pub use block::{
    AnyRule, BlockKey, BlockingRecall, BlockingReport, BlockingRule, BlockingSettings, GivenRule, KeyPart, RuleError,
    RuleRecall, RuleReport, block_keys,
};
pub use cluster::{Cut, CutCause};
pub use compare::{Attribute, Level};
pub use dataset::{Dataset, DatasetBuilder};
pub use decision::{LinkDecision, LinkDecisionKind};
pub use explain::{BetterLevel, ComparisonLine, EnoughEvidence, Explanation, explain, would_link};
pub use index::{Candidate, Index, IndexBuilder, IndexChange, IndexMemory, Operation, PairChange};
pub use plan::{Merge, Move, Plan, Split, diff};
pub use record::{AddressText, IdentifierText, PartyRecord, PhoneText, RecordText};
pub use resolve::{
    Progress, Resolution, ResolutionReport, ScoredPair, Stage, resolve, resolve_dataset,
    resolve_dataset_with_frequencies, resolve_with_frequencies,
};
pub use sample::{Automatic, PairStratum, sample_pairs};
pub use settings::{BirthDates, Learning, Settings};
pub use survive::{
    Golden, GoldenField, LosingValue, Pin, Rule, SurvivorshipRules, pinnable, survive, survive_only, survive_pinned,
};
pub use table::{ColumnRole, Hints, Role, RowReader, Table, TableRoles, UnknownRole, recognise};
pub use weigh::{
    AttributeModel, Column, ComparisonModel, Frequencies, InvalidProbability, Learned, LevelModel, MatchWeight, Model,
    ModelError, Namesakes, Probability, Thresholds, Training, TrainingWarning,
};
