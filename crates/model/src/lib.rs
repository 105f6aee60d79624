#![doc = include_str!("../README.md")]

mod clock;
mod consent;
mod contact;
mod department;
mod field;
mod hash;
mod ids;
mod kind;
mod misread;
mod money;
mod partial_date;
mod record;
mod schema;
mod value;

pub use clock::{Clock, FixedClock, SystemClock, Timestamp, truncate_to_micros};
pub use consent::most_restrictive;
pub use contact::{ContactError, Email, Phone, PostalAddress};
pub use department::{DepartmentKey, InvalidKey, SourceKey};
pub use field::{Describe, Field, FieldType};
pub use hash::{ContentHash, content_hash};
pub use ids::{
    ApiKeyId, CustomerId, DecisionId, ExportId, InvalidNodeId, MatchCandidateId, NodeId, NodeKind, PinId, PlanId,
    QuarantineDiscardId, QuarantineId, RecordId, SourceId, SyncRunId, WebhookId,
};
pub use kind::{RecordKind, StandardRecord};
pub use misread::Misread;
pub use money::{Currency, Money, MoneyError};
pub use partial_date::{InvalidPartialDate, PartialDate};
pub use record::{
    Account, AccountStatus, Campaign, CampaignStatus, CampaignTouch, Channel, Consent, ConsentStatus, Direction,
    Extensions, Facets, Feedback, FeedbackInstrument, Identifier, Interaction, InteractionKind, Invoice, InvoiceStatus,
    LegalBasis, Party, PartyKind, Payment, PaymentStatus, Priority, RecordRef, Subscription, SubscriptionStatus,
    Ticket, TicketStatus, TouchResult,
};
pub use schema::record_schema;
pub use value::FieldValue;
