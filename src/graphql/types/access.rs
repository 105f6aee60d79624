//! What policies decide for somebody, and why: verdicts, never values.

use crate::app::{AccessAction, AccessField};
use crate::auth::{AccessExplained, PolicyRef, PolicyState, Verdict};
use async_graphql::{Enum, SimpleObject};

/// How values are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum AccessVerdict {
    /// As they are.
    Read,
    /// In part.
    Masked,
    /// Not at all.
    Hidden,
}

impl From<&Verdict> for AccessVerdict {
    fn from(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Read => Self::Read,
            Verdict::Masked { .. } => Self::Masked,
            Verdict::Hidden { .. } => Self::Hidden,
        }
    }
}

fn mask(verdict: &Verdict) -> Option<String> {
    match verdict {
        Verdict::Masked { mask, .. } => Some(mask.to_string()),
        Verdict::Read | Verdict::Hidden { .. } => None,
    }
}

/// A policy, and where it stands.
#[derive(Debug, SimpleObject)]
pub struct PolicyReference {
    /// Its name.
    id: String,
    /// The file.
    file: String,
    /// The line, from 1.
    line: u64,
}

impl From<PolicyRef> for PolicyReference {
    fn from(policy: PolicyRef) -> Self {
        Self { id: policy.id, file: policy.place.file, line: policy.place.line as u64 }
    }
}

/// Why somebody sees a field of one owner as they do.
#[derive(Debug, SimpleObject)]
pub struct AccessExplanation {
    /// `Type.field`.
    path: String,
    /// The department whose sources the values come from.
    owner: String,
    /// How they are shown.
    verdict: AccessVerdict,
    /// What is left of them, where they are masked.
    mask: Option<String>,
    /// The policies that decided; none where no policy permits the field.
    policies: Vec<PolicyReference>,
    /// Permits for the same people and type that stop short of this field or this owner.
    nearby: Vec<PolicyReference>,
    /// What would change it.
    change: String,
}

impl From<AccessExplained> for AccessExplanation {
    fn from(explained: AccessExplained) -> Self {
        Self {
            path: explained.path,
            owner: explained.owner.to_string(),
            verdict: AccessVerdict::from(&explained.verdict),
            mask: mask(&explained.verdict),
            policies: explained.deciding.into_iter().map(PolicyReference::from).collect(),
            nearby: explained.near.into_iter().map(PolicyReference::from).collect(),
            change: explained.change,
        }
    }
}

/// How a field is shown to somebody.
#[derive(Debug, SimpleObject)]
pub struct AccessViewField {
    /// `Type.field`.
    path: String,
    /// The department whose sources the values come from; null where it is the same for all.
    owner: Option<String>,
    /// How they are shown.
    verdict: AccessVerdict,
    /// What is left of them, where they are masked.
    mask: Option<String>,
}

/// Whether somebody may do something in a department.
#[derive(Debug, SimpleObject)]
pub struct AccessViewAction {
    /// `sync`, `ingest`, `review`, `administer`, …
    action: String,
    /// In which department.
    department: String,
    /// Whether it is allowed.
    allowed: bool,
}

/// All that somebody may see and do, without a value.
#[derive(Debug, SimpleObject)]
pub struct AccessView {
    /// Every field, by type and name.
    fields: Vec<AccessViewField>,
    /// Every action in every department.
    actions: Vec<AccessViewAction>,
}

impl From<(Vec<AccessField>, Vec<AccessAction>)> for AccessView {
    fn from((fields, actions): (Vec<AccessField>, Vec<AccessAction>)) -> Self {
        let field = |field: AccessField| AccessViewField {
            verdict: AccessVerdict::from(&field.verdict),
            mask: mask(&field.verdict),
            path: field.path,
            owner: field.owner.map(|owner| owner.to_string()),
        };
        let action = |action: AccessAction| AccessViewAction {
            action: action.action.to_owned(),
            department: action.department.to_string(),
            allowed: action.is_allowed,
        };
        Self { fields: fields.into_iter().map(field).collect(), actions: actions.into_iter().map(action).collect() }
    }
}

/// The policies that hold.
#[derive(Debug, SimpleObject)]
pub struct PolicyStatus {
    /// From 1, one more with each reload.
    generation: u64,
    /// How many policies there are.
    count: u64,
    /// Why the newest files do not hold; null where they do.
    refused: Option<String>,
}

impl From<PolicyState> for PolicyStatus {
    fn from(state: PolicyState) -> Self {
        Self { generation: state.generation, count: state.set.count() as u64, refused: state.refused }
    }
}
