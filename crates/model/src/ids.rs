//! Typed ids. Inside the process an id is a UUID with a type; outside it is a [`NodeId`], which names its kind.

use crate::SourceKey;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{fmt, str::FromStr};
use uuid::Uuid;

macro_rules! id {
    ($(#[doc = $doc:literal])* $name:ident => $kind:ident) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl From<$name> for NodeId {
            fn from(id: $name) -> Self {
                NodeId { kind: NodeKind::$kind, uuid: id.0 }
            }
        }

        impl TryFrom<NodeId> for $name {
            type Error = InvalidNodeId;
            fn try_from(id: NodeId) -> Result<Self, InvalidNodeId> {
                if id.kind == NodeKind::$kind {
                    Ok(Self(id.uuid))
                } else {
                    Err(InvalidNodeId::WrongKind { expected: NodeKind::$kind, found: id.kind })
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                NodeId::from(*self).fmt(f)
            }
        }
    };
}

id! {
    /// A record as a source delivered it. Derived from where it came from, see [`RecordId::derive`].
    RecordId => Record
}
id! {
    /// A configured system of a department.
    SourceId => Source
}
id! {
    /// A golden record. Minted once; an id that was ever issued resolves for ever.
    CustomerId => Customer
}
id! {
    /// One run of a sync.
    SyncRunId => SyncRun
}
id! {
    /// A record that did not fit, kept with its cause.
    QuarantineId => Quarantine
}
id! {
    /// A pair of records that a steward should look at.
    MatchCandidateId => MatchCandidate
}
id! {
    /// A link decision: by the matcher or by a steward.
    DecisionId => Decision
}

id! {
    /// That payloads in quarantine were discarded.
    QuarantineDiscardId => QuarantineDiscard
}
id! {
    /// Decisions that were made together by a plan.
    PlanId => Plan
}
id! {
    /// A value that a steward holds fast.
    PinId => Pin
}

id! {
    /// A key with which a machine pushes records.
    ApiKeyId => ApiKey
}
id! {
    /// A subscriber that is told of changes over HTTP.
    WebhookId => Webhook
}
id! {
    /// A job that writes customers into a file.
    ExportId => Export
}

impl RecordId {
    /// The id of the record with this key in this stream of this source.
    ///
    /// A UUID of version 8 over SHA-256 of the three length-prefixed parts: the same key always has the same id, so a
    /// reference can be stored before its target has arrived and a replayed page writes the same rows.
    pub fn derive(source: &SourceKey, stream: &str, external_id: &str) -> Self {
        Self(derive(&["record", source.as_str(), stream, external_id]))
    }
}

impl SourceId {
    /// The id of the source with this key.
    pub fn derive(source: &SourceKey) -> Self {
        Self(derive(&["source", source.as_str()]))
    }
}

impl CustomerId {
    /// The id of the customer that first forms around this record.
    ///
    /// Derived and not drawn at random, so that the same facts give the same ids on every store, and a split that leaves a
    /// customer as it once was gives it back the id that it had.
    pub fn mint(seed: RecordId) -> Self {
        Self(derive(&["customer", &seed.0.simple().to_string()]))
    }
}

impl MatchCandidateId {
    /// The id of a pair of records, the same whichever of the two comes first.
    pub fn derive(one: RecordId, other: RecordId) -> Self {
        let (low, high) = if one <= other { (one, other) } else { (other, one) };
        Self(derive(&["pair", &low.0.simple().to_string(), &high.0.simple().to_string()]))
    }
}

impl QuarantineId {
    /// The id of a refused payload: one row however often the same payload is delivered.
    pub fn derive(source: SourceId, stream: &str, key_or_hash: &str) -> Self {
        Self(derive(&["quarantine", &source.0.simple().to_string(), stream, key_or_hash]))
    }
}

fn derive(parts: &[&str]) -> Uuid {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    let digest = hasher.finalize();
    let mut bytes = [0u8; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

macro_rules! node_kinds {
    ($($(#[doc = $doc:literal])* $kind:ident = $prefix:literal),* $(,)?) => {
        /// What a global id points at.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum NodeKind { $($(#[doc = $doc])* $kind),* }

        impl NodeKind {
            /// Every kind.
            pub const ALL: &'static [NodeKind] = &[$(NodeKind::$kind),*];

            /// The word before the underscore.
            pub fn prefix(self) -> &'static str {
                match self { $(NodeKind::$kind => $prefix),* }
            }
        }
    };
}

node_kinds! {
    /// A golden record.
    Customer = "customer",
    /// A source record, of whatever kind.
    Record = "record",
    /// A configured system.
    Source = "source",
    /// A run of a sync.
    SyncRun = "syncrun",
    /// A quarantined payload.
    Quarantine = "quarantine",
    /// That quarantined payloads were discarded.
    QuarantineDiscard = "discard",
    /// A pair for review.
    MatchCandidate = "match",
    /// A link decision.
    Decision = "decision",
    /// A plan that was applied.
    Plan = "plan",
    /// A value that is held fast.
    Pin = "pin",
    /// A key of a machine.
    ApiKey = "apikey",
    /// A subscriber that is told over HTTP.
    Webhook = "webhook",
    /// A job that writes customers into a file.
    Export = "export",
}

impl fmt::Display for NodeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.prefix())
    }
}

/// An id as the API shows it: `customer_0198c1…`, the kind and the UUID in 32 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId {
    /// What the id points at.
    pub kind: NodeKind,
    /// Which one.
    pub uuid: Uuid,
}

/// Why a text is not the id that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidNodeId {
    /// Not of the form `kind_` and 32 hexadecimal digits.
    #[error("{0:?} is not an id: expected a kind, an underscore and 32 hexadecimal digits, such as customer_0198c1f2…")]
    Malformed(String),
    /// The form is right and the kind is not known.
    #[error("{0:?} is not a kind of id")]
    UnknownKind(String),
    /// An id of another kind.
    #[error("expected an id of kind {expected}, found one of kind {found}")]
    WrongKind {
        /// The kind that this place takes.
        expected: NodeKind,
        /// The kind of the id.
        found: NodeKind,
    },
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.kind.prefix(), self.uuid.simple())
    }
}

impl FromStr for NodeId {
    type Err = InvalidNodeId;

    fn from_str(text: &str) -> Result<Self, InvalidNodeId> {
        let malformed = || InvalidNodeId::Malformed(text.chars().take(80).collect());
        let (prefix, digits) = text.split_once('_').ok_or_else(malformed)?;
        if digits.len() != 32 {
            return Err(malformed());
        }
        let uuid = Uuid::try_parse(digits).map_err(|_| malformed())?;
        let kind = NodeKind::ALL
            .iter()
            .copied()
            .find(|kind| kind.prefix() == prefix)
            .ok_or_else(|| InvalidNodeId::UnknownKind(prefix.to_owned()))?;
        Ok(Self { kind, uuid })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn source(key: &str) -> SourceKey {
        SourceKey::new(key).unwrap()
    }

    #[test]
    fn a_record_id_depends_on_every_part_and_on_nothing_else() {
        let id = RecordId::derive(&source("stripe"), "customers", "cus_1");
        assert_eq!(id, RecordId::derive(&source("stripe"), "customers", "cus_1"));
        assert_ne!(id, RecordId::derive(&source("stripf"), "customers", "cus_1"));
        assert_ne!(id, RecordId::derive(&source("stripe"), "customersc", "us_1"));
        assert_eq!(id.0.get_version_num(), 8);
    }

    #[test]
    fn an_id_of_the_wrong_kind_says_both_kinds() {
        let id: NodeId = RecordId::derive(&source("stripe"), "customers", "1").into();
        let error = CustomerId::try_from(id).unwrap_err();
        assert_eq!(error.to_string(), "expected an id of kind customer, found one of kind record");
    }

    proptest! {
        #[test]
        fn a_node_id_reads_back_as_it_was_written(bytes: [u8; 16], kind in 0..NodeKind::ALL.len()) {
            let id = NodeId { kind: NodeKind::ALL[kind], uuid: Uuid::from_bytes(bytes) };
            prop_assert_eq!(id.to_string().parse::<NodeId>().unwrap(), id);
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in ".*") {
            let _ = text.parse::<NodeId>();
        }
    }
}
