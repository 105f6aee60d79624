//! `Node` and `Entity`: what every object with an id has.

use super::customer::customer_of;
use super::restriction::Restriction;
use super::{
    Account, Campaign, CampaignTouch, Consent, Customer, Export, Feedback, Interaction, Invoice, MatchCandidate,
    Organization, Payment, Person, QuarantinedRecord, Source, SourceRecord, Subscription, SyncRun, Ticket,
};
use crate::app::{ActivityView, Session};
use crate::graphql::error::failed;
use crate::graphql::loaders::{ActivityKey, RecordKey, load};
use async_graphql::{Context, ID, Interface, Result};
use onefold_model::{
    CustomerId, ExportId, MatchCandidateId, NodeId, NodeKind, QuarantineId, RecordId, RecordKind, SourceId, SyncRunId,
    Timestamp,
};
use std::sync::Arc;

/// An object with an id that names it for ever.
#[derive(Interface, Clone)]
#[graphql(field(name = "id", ty = "ID", desc = "The id of this object, for ever."))]
#[allow(clippy::large_enum_variant, reason = "one at a time, never in long lists")]
pub enum Node {
    Person(Person),
    Organization(Organization),
    Account(Account),
    Subscription(Subscription),
    Invoice(Invoice),
    Payment(Payment),
    Ticket(Ticket),
    Interaction(Interaction),
    Feedback(Feedback),
    Campaign(Campaign),
    CampaignTouch(CampaignTouch),
    Consent(Consent),
    SourceRecord(SourceRecord),
    Source(Source),
    SyncRun(SyncRun),
    Quarantine(QuarantinedRecord),
    MatchCandidate(MatchCandidate),
    Export(Export),
}

/// Something of a customer's, with its version and with what is withheld of it.
#[derive(Interface, Clone)]
#[graphql(
    field(name = "id", ty = "ID", desc = "The id of this object, for ever."),
    field(name = "version", ty = "i64", desc = "Rises with every change, from 1."),
    field(name = "changed_at", ty = "Timestamp", desc = "When this last became different in the hub."),
    field(name = "restrictions", ty = "Vec<Restriction>", desc = "What you may not see here, and why.")
)]
#[allow(clippy::large_enum_variant, reason = "one at a time, never in long lists")]
pub enum Entity {
    Account(Account),
    Subscription(Subscription),
    Invoice(Invoice),
    Payment(Payment),
    Ticket(Ticket),
    Interaction(Interaction),
    Feedback(Feedback),
    Campaign(Campaign),
    CampaignTouch(CampaignTouch),
    Consent(Consent),
    SourceRecord(SourceRecord),
}

/// The object with this id. Null where there is none, or the caller may not see it.
pub async fn node(ctx: &Context<'_>, id: NodeId) -> Result<Option<Node>> {
    let session = ctx.data::<Session>()?;
    Ok(match id.kind {
        NodeKind::Customer => customer_of(ctx, Some(CustomerId(id.uuid))).await?.map(|customer| match customer {
            Customer::Person(person) => Node::Person(person),
            Customer::Organization(organization) => Node::Organization(organization),
        }),
        NodeKind::Record => record(ctx, RecordId(id.uuid)).await?,
        NodeKind::Source => session.source_get(SourceId(id.uuid)).map(|view| Node::Source(Source(view))),
        NodeKind::SyncRun => {
            let run = session.run_get(SyncRunId(id.uuid)).await.map_err(|error| failed(&error))?;
            run.map(|run| Node::SyncRun(SyncRun(run)))
        }
        NodeKind::Quarantine => {
            let item = session.quarantine_get(QuarantineId(id.uuid)).await.map_err(|error| failed(&error))?;
            item.map(|item| Node::Quarantine(QuarantinedRecord(Arc::new(item))))
        }
        NodeKind::MatchCandidate => {
            let pair = session.candidate_get(MatchCandidateId(id.uuid)).await.map_err(|error| failed(&error))?;
            pair.map(|pair| Node::MatchCandidate(MatchCandidate(Arc::new(pair))))
        }
        NodeKind::Export => {
            let row = session.export_get(ExportId(id.uuid)).await.map_err(|error| failed(&error))?;
            row.map(|row| Node::Export(Export(row)))
        }
        // Decisions, plans and pins are listed by who reviews, keys by who administers their source, discards by who sees what was
        // refused, webhooks by who registered them: none is reached by its id.
        NodeKind::Decision
        | NodeKind::Plan
        | NodeKind::Pin
        | NodeKind::ApiKey
        | NodeKind::QuarantineDiscard
        | NodeKind::Webhook => None,
    })
}

/// A record is shown as what it is: an invoice, a ticket; a party's as the source record.
async fn record(ctx: &Context<'_>, id: RecordId) -> Result<Option<Node>> {
    let Some(record) = load(ctx, RecordKey(id)).await? else { return Ok(None) };
    let kind = record.row.kind;
    if kind == RecordKind::Party {
        return Ok(Some(Node::SourceRecord(record.into())));
    }
    let view = load(ctx, ActivityKey { kind, id }).await?;
    Ok(view.map(|view| activity(kind, Arc::new(view), record)))
}

fn activity(kind: RecordKind, view: Arc<ActivityView>, record: crate::app::RecordView) -> Node {
    match kind {
        RecordKind::Party => Node::SourceRecord(record.into()),
        RecordKind::Account => Node::Account(Account(view)),
        RecordKind::Subscription => Node::Subscription(Subscription(view)),
        RecordKind::Invoice => Node::Invoice(Invoice(view)),
        RecordKind::Payment => Node::Payment(Payment(view)),
        RecordKind::Ticket => Node::Ticket(Ticket(view)),
        RecordKind::Interaction => Node::Interaction(Interaction(view)),
        RecordKind::Feedback => Node::Feedback(Feedback(view)),
        RecordKind::Campaign => Node::Campaign(Campaign(view)),
        RecordKind::CampaignTouch => Node::CampaignTouch(CampaignTouch(view)),
        RecordKind::Consent => Node::Consent(Consent(view)),
    }
}
