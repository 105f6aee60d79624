//! What stewards have decided about pairs of records. Decisions are input: matching never overrules or forgets one.

use onefold_model::RecordId;
use serde::{Deserialize, Serialize};

/// Which way a steward decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LinkDecisionKind {
    /// The two are the same customer, whatever the weights say.
    Link,
    /// The two are different customers, whatever links them.
    NeverLink,
}

/// A steward's decision about two records. Where both kinds exist for one pair, never-link holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LinkDecision {
    /// Which way.
    pub kind: LinkDecisionKind,
    /// One record.
    pub left: RecordId,
    /// The other; the order of the two means nothing.
    pub right: RecordId,
}
