//! What was withheld and why: the data behind `restrictions` in the graph.

use super::Verdict;
use std::sync::Arc;

/// One field that is not shown as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldRestriction {
    /// The field's name within its object.
    pub path: Arc<str>,
    /// How it is withheld.
    pub kind: RestrictionKind,
    /// Why.
    pub reason: RestrictionReason,
    /// The policy that decided; none where no policy permits the field.
    pub policy: Option<Arc<str>>,
}

/// How a value is withheld.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RestrictionKind {
    /// Shown in part.
    Masked,
    /// Not shown.
    Hidden,
}

impl RestrictionKind {
    /// The word of the graph.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Masked => "MASKED",
            Self::Hidden => "HIDDEN",
        }
    }
}

/// Why a value is withheld.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RestrictionReason {
    /// A policy permits a part of it.
    PolicyMasks,
    /// A policy forbids it.
    PolicyForbids,
    /// It is shown where it comes from another department's source, not from this one's.
    OtherDepartment,
    /// No policy permits it.
    NoPolicy,
}

impl RestrictionReason {
    /// The word of the graph.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PolicyMasks => "POLICY_MASKS",
            Self::PolicyForbids => "POLICY_FORBIDS",
            Self::OtherDepartment => "OTHER_DEPARTMENT",
            Self::NoPolicy => "NO_POLICY",
        }
    }
}

impl FieldRestriction {
    /// The restriction that a verdict amounts to; `elsewhere` says whether the field is shown for other owners.
    pub(super) fn of(path: &Arc<str>, verdict: &Verdict, elsewhere: Elsewhere) -> Option<Self> {
        let (kind, reason, policy) = match (verdict, elsewhere) {
            (Verdict::Read, _) => return None,
            (Verdict::Masked { policy, .. }, _) => {
                (RestrictionKind::Masked, RestrictionReason::PolicyMasks, Some(policy.clone()))
            }
            (Verdict::Hidden { policy: Some(policy) }, _) => {
                (RestrictionKind::Hidden, RestrictionReason::PolicyForbids, Some(policy.clone()))
            }
            (Verdict::Hidden { policy: None }, Elsewhere::Shown) => {
                (RestrictionKind::Hidden, RestrictionReason::OtherDepartment, None)
            }
            (Verdict::Hidden { policy: None }, Elsewhere::Hidden) => {
                (RestrictionKind::Hidden, RestrictionReason::NoPolicy, None)
            }
        };
        Some(Self { path: path.clone(), kind, reason, policy })
    }
}

/// Whether a field is shown for some owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Elsewhere {
    Shown,
    Hidden,
}
