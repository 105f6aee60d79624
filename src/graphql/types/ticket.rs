//! Tickets.

use super::activity::{activity, of_parent};
use super::customer::{Customer, customer_of};
use super::feedback::Feedback;
use super::interaction::Interaction;
use super::words::{Channel, Priority, TicketStatus};
use crate::graphql::page::Page;
use async_graphql::{Context, Result};
use onefold_model::{RecordKind, Timestamp};

activity! {
    /// A customer's request and its answer.
    Ticket {
        /// The number that people know it by.
        number: String = "number",
        /// What it is about.
        subject: String = "subject",
        /// Its state.
        status: TicketStatus = "status",
        /// How much it presses.
        priority: Priority = "priority",
        /// How it arrived.
        channel: Channel = "channel",
        /// When it arrived.
        opened_at: Timestamp = "openedAt",
        /// When it last changed in its system.
        updated_at: Timestamp = "updatedAt",
        /// When it was answered for good.
        solved_at: Timestamp = "solvedAt",
        /// Labels.
        tags: Vec<String> = "tags",
    } extra {
        /// Who asked.
        pub async fn customer(&self, ctx: &Context<'_>) -> Result<Option<Customer>> {
            customer_of(ctx, self.0.customer).await
        }

        /// What was said, latest first. Null where you may see no interactions.
        pub async fn interactions(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "The first so many, at most 200.")] first: Option<i32>,
            #[graphql(desc = "After this page cursor.")] after: Option<String>,
            #[graphql(desc = "The last so many, at most 200.")] last: Option<i32>,
            #[graphql(desc = "Before this page cursor.")] before: Option<String>,
        ) -> Result<Option<Page<Interaction>>> {
            of_parent(ctx, &self.0, "interactions", RecordKind::Interaction, (first, after, last, before)).await
        }

        /// What the customer thought of the answer. Null where you may see no feedback.
        pub async fn feedback(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "The first so many, at most 200.")] first: Option<i32>,
            #[graphql(desc = "After this page cursor.")] after: Option<String>,
            #[graphql(desc = "The last so many, at most 200.")] last: Option<i32>,
            #[graphql(desc = "Before this page cursor.")] before: Option<String>,
        ) -> Result<Option<Page<Feedback>>> {
            of_parent(ctx, &self.0, "feedback", RecordKind::Feedback, (first, after, last, before)).await
        }
    }
}
