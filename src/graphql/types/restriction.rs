//! What is withheld, and why.

use crate::app;
use async_graphql::{Enum, SimpleObject};

/// How a value is withheld.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum RestrictionKind {
    /// Shown in part.
    Masked,
    /// Not shown.
    Hidden,
}

/// Why a value is withheld.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
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

/// A field that is not shown to you as it is.
#[derive(Debug, Clone, SimpleObject)]
pub struct Restriction {
    /// The field of this object.
    path: String,
    /// How it is withheld.
    kind: RestrictionKind,
    /// Why.
    reason: RestrictionReason,
    /// The policy that decided; null where no policy permits the field.
    policy: Option<String>,
}

impl From<&app::Restriction> for Restriction {
    fn from(withheld: &app::Restriction) -> Self {
        Self {
            path: withheld.path.clone(),
            kind: if withheld.kind == "MASKED" { RestrictionKind::Masked } else { RestrictionKind::Hidden },
            reason: match withheld.reason {
                "POLICY_MASKS" => RestrictionReason::PolicyMasks,
                "POLICY_FORBIDS" => RestrictionReason::PolicyForbids,
                "OTHER_DEPARTMENT" => RestrictionReason::OtherDepartment,
                _ => RestrictionReason::NoPolicy,
            },
            policy: withheld.policy.clone(),
        }
    }
}

/// What is withheld, as the graph has it.
pub(super) fn restrictions(withheld: &[app::Restriction]) -> Vec<Restriction> {
    withheld.iter().map(Restriction::from).collect()
}
