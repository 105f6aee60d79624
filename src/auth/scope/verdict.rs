//! The words in which decisions are given.

use super::Mask;
use std::fmt;
use std::sync::Arc;

/// How a value is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// As it is.
    Read,
    /// In part.
    Masked {
        /// What is left of it.
        mask: Mask,
        /// The policy that permits this much.
        policy: Arc<str>,
    },
    /// Not at all.
    Hidden {
        /// The policy that forbids it; none where no policy permits it.
        policy: Option<Arc<str>>,
    },
}

impl Verdict {
    /// As it is, and not only in part.
    pub fn is_read(&self) -> bool {
        matches!(self, Self::Read)
    }

    /// Not at all.
    pub fn is_hidden(&self) -> bool {
        matches!(self, Self::Hidden { .. })
    }

    /// The one that shows less. A tie goes to the one that names a policy, then to the smaller name, so that the answer
    /// does not depend on order.
    pub(super) fn weaker<'a>(&'a self, other: &'a Self) -> &'a Self {
        if other.strength() < self.strength() { other } else { self }
    }

    fn strength(&self) -> (u8, usize, bool, &str) {
        match self {
            Self::Hidden { policy: Some(policy) } => (0, 0, false, policy),
            Self::Hidden { policy: None } => (0, 0, true, ""),
            Self::Masked { mask, policy } => (1, mask.rank(), false, policy),
            Self::Read => (2, 0, false, ""),
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read => f.write_str("read"),
            Self::Masked { mask, .. } => write!(f, "masked {mask}"),
            Self::Hidden { .. } => f.write_str("hidden"),
        }
    }
}

/// What may be done in a department, besides reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Run a sync of its sources.
    Sync,
    /// Push records into its sources.
    Ingest,
    /// Decide about duplicates among its records.
    Review,
    /// Add, change and remove its sources.
    Administer,
    /// Read who did and who read what.
    Audit,
    /// Answer what people may ask of the hub about themselves: export and erasure.
    Privacy,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 6] = [Self::Sync, Self::Ingest, Self::Review, Self::Administer, Self::Audit, Self::Privacy];

    /// The word in policies.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sync => "sync",
            Self::Ingest => "ingest",
            Self::Review => "review",
            Self::Administer => "administer",
            Self::Audit => "audit",
            Self::Privacy => "privacy",
        }
    }
}

/// Whether something may be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Permission {
    /// It may.
    Allowed {
        /// The policy that permits it.
        policy: Arc<str>,
    },
    /// It may not.
    Denied {
        /// The policy that forbids it; none where no policy permits it.
        policy: Option<Arc<str>>,
    },
}

impl Permission {
    /// It may.
    pub fn is_allowed(&self) -> bool {
        matches!(self, Self::Allowed { .. })
    }
}
