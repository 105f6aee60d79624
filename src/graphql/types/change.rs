//! What became different, as the change log tells it.

use super::customer::{Customer, customer_of};
use super::node::{Node, node};
use crate::app::{ChangeKind as Kind, ChangeView};
use crate::graphql::error::coded;
use crate::graphql::loaders::{RecordKey, load};
use async_graphql::{Context, Description, Enum, Error, ID, Object, Result};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use onefold_model::{CustomerId, NodeKind, RecordId, Timestamp};

/// What became different.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum ChangeKind {
    /// A source delivered something new.
    RecordCreated,
    /// A source delivered something different.
    RecordUpdated,
    /// A source no longer has it.
    RecordDeleted,
    /// Records were folded into a new customer.
    CustomerCreated,
    /// A customer's records or their content changed.
    CustomerUpdated,
    /// A customer went into another.
    CustomerMerged,
    /// A customer came out of another.
    CustomerSplit,
    /// A customer was erased on request: whoever keeps a copy erases it too.
    CustomerErased,
}

impl From<Kind> for ChangeKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::RecordCreated => Self::RecordCreated,
            Kind::RecordUpdated => Self::RecordUpdated,
            Kind::RecordDeleted => Self::RecordDeleted,
            Kind::CustomerCreated => Self::CustomerCreated,
            Kind::CustomerUpdated => Self::CustomerUpdated,
            Kind::CustomerMerged => Self::CustomerMerged,
            Kind::CustomerSplit => Self::CustomerSplit,
            Kind::CustomerErased => Self::CustomerErased,
        }
    }
}

impl From<ChangeKind> for Kind {
    fn from(kind: ChangeKind) -> Self {
        match kind {
            ChangeKind::RecordCreated => Self::RecordCreated,
            ChangeKind::RecordUpdated => Self::RecordUpdated,
            ChangeKind::RecordDeleted => Self::RecordDeleted,
            ChangeKind::CustomerCreated => Self::CustomerCreated,
            ChangeKind::CustomerUpdated => Self::CustomerUpdated,
            ChangeKind::CustomerMerged => Self::CustomerMerged,
            ChangeKind::CustomerSplit => Self::CustomerSplit,
            ChangeKind::CustomerErased => Self::CustomerErased,
        }
    }
}

/// An entry of the change log: an object became different. What it leads to is as it is now, not as it was then.
#[derive(Clone, Description)]
pub struct Change(pub ChangeView);

#[Object(use_type_description)]
impl Change {
    /// Its place in the log: give it as `after` to go on behind it.
    pub async fn cursor(&self) -> String {
        cursor_of(self.0.seq)
    }

    /// When it was committed.
    pub async fn at(&self) -> Timestamp {
        self.0.at
    }

    /// What became different.
    pub async fn kind(&self) -> ChangeKind {
        self.0.kind.into()
    }

    /// The id of what became different. Of a merge, the id that leads elsewhere from now on.
    pub async fn id(&self) -> ID {
        ID(self.0.node.to_string())
    }

    /// The other customer of a merge or a split. Null where you may not see it.
    pub async fn other_id(&self) -> Option<ID> {
        self.0.other.map(|node| ID(node.to_string()))
    }

    /// The object. Null where it is gone.
    pub async fn node(&self, ctx: &Context<'_>) -> Result<Option<Node>> {
        node(ctx, self.0.node).await
    }

    /// The customer, or that of the record. Null where it is gone, and of records that belong to none yet.
    pub async fn customer(&self, ctx: &Context<'_>) -> Result<Option<Customer>> {
        let node = self.0.node;
        let customer = match node.kind {
            NodeKind::Record => load(ctx, RecordKey(RecordId(node.uuid))).await?.and_then(|record| record.row.customer),
            _ => CustomerId::try_from(node).ok(),
        };
        customer_of(ctx, customer).await
    }
}

/// A place in the log as clients hold it.
pub fn cursor_of(seq: i64) -> String {
    URL_SAFE_NO_PAD.encode(format!("change:{seq}"))
}

/// The place that a client holds.
pub fn cursor_read(argument: &str, cursor: &str) -> Result<i64, Error> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    let seq = text.as_deref().and_then(|text| text.strip_prefix("change:")).and_then(|seq| seq.parse().ok());
    seq.filter(|seq| *seq >= 0).ok_or_else(|| {
        coded("INVALID_INPUT", format!("argument {argument}: no cursor of this log: take that of a change"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_and_nothing_else_does() {
        for seq in [0, 1, 42, i64::MAX] {
            assert_eq!(cursor_read("after", &cursor_of(seq)).unwrap(), seq);
        }
        let negative = URL_SAFE_NO_PAD.encode("change:-1");
        for other in ["", "1", "change:1", "garbage!", negative.as_str()] {
            assert!(cursor_read("after", other).is_err(), "{other}");
        }
    }
}
