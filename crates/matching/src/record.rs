//! What goes in: one record of a party, as a source delivered it.

mod neighbourhood;
mod text;

pub(crate) use neighbourhood::neighbourhood;
pub(crate) use text::PartyTexts;
pub use text::{AddressText, IdentifierText, PhoneText, RecordText};

use onefold_model::{Party, RecordId, SourceId, Timestamp};
use std::sync::Arc;

/// A record of a person or an organisation, with what is known about when it was said.
#[derive(Debug, Clone)]
pub struct PartyRecord {
    /// Which record.
    pub id: RecordId,
    /// The system that said it.
    pub source: SourceId,
    /// What it said. Shared, so that a record can be in a batch and in a cache at once.
    pub party: Arc<Party>,
    /// When it last arrived.
    pub seen_at: Timestamp,
    /// When the source last changed it, where the source tells.
    pub updated_at: Option<Timestamp>,
    /// The source has deleted it. It still belongs to its cluster, so that history keeps its customer.
    pub deleted: bool,
}
