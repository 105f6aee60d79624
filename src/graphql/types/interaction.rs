//! Interactions.

use super::activity::{activity, parent};
use super::customer::{Customer, customer_of};
use super::ticket::Ticket;
use super::words::{Channel, Direction, InteractionKind};
use async_graphql::{Context, Result};
use onefold_model::{RecordKind, Timestamp};

activity! {
    /// One thing said or done between a customer and the company.
    Interaction, InteractionFilterInput, InteractionOrderInput {
        /// Its form.
        kind: InteractionKind = "kind", by KindAsc KindDesc;
        /// Who spoke.
        direction: Direction = "direction", by DirectionAsc DirectionDesc;
        /// The way that it was said.
        channel: Channel = "channel", by ChannelAsc ChannelDesc;
        /// When.
        at: Timestamp = "at", by AtAsc AtDesc;
        /// What it is about.
        subject: String = "subject", by SubjectAsc SubjectDesc;
        /// What was said, or the gist.
        summary: String = "summary", by SummaryAsc SummaryDesc;
    } extra {
        /// Whose it is.
        pub async fn customer(&self, ctx: &Context<'_>) -> Result<Option<Customer>> {
            customer_of(ctx, self.0.customer).await
        }

        /// The ticket that it belongs to.
        pub async fn ticket(&self, ctx: &Context<'_>) -> Result<Option<Ticket>> {
            parent(ctx, &self.0, "ticket", RecordKind::Ticket).await
        }
    }
}
