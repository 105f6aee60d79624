//! What agreement is worth: Fellegi-Sunter weights from a versioned [`Model`] and the frequencies of the data.
//!
//! Promises that the score of a pair is exactly the sum of the lines that explain it: every weight is a multiple of
//! 1/1024 bit, and such numbers add up without rounding. Does not decide anything; see [`crate::cluster`].

mod counts;
mod frequency;
mod learn;
mod model;
mod model_v1;
mod namesake;
mod prior;
mod rarity;
mod weigher;
mod weight;

pub use frequency::{Column, Frequencies};
pub use learn::{Learned, Training, TrainingWarning};
pub use model::{AttributeModel, ComparisonModel, LevelModel, Model, ModelError};
pub use namesake::Namesakes;
pub use weight::{InvalidProbability, MatchWeight, Probability, Thresholds};

pub(crate) use counts::{Counts, Holders};
pub(crate) use learn::{Label, LevelCounts, NamesakePairs, Observed, Pairs, learn};
pub(crate) use prior::Prior;
pub(crate) use rarity::Signature;
pub(crate) use weigher::{LevelsSay, Weigher};
