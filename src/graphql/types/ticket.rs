//! Tickets.

use super::activity::{activity, list_args, of_parent};
use super::customer::{Customer, customer_of};
use super::feedback::{Feedback, FeedbackFilterInput, FeedbackOrderInput};
use super::interaction::{Interaction, InteractionFilterInput, InteractionOrderInput};
use super::words::{Channel, Priority, TicketStatus};
use crate::graphql::page::Page;
use async_graphql::{Context, Result};
use onefold_model::{RecordKind, Timestamp};

activity! {
    /// A customer's request and its answer.
    Ticket, TicketFilterInput, TicketOrderInput {
        /// The number that people know it by.
        number: String = "number", by NumberAsc NumberDesc;
        /// What it is about.
        subject: String = "subject", by SubjectAsc SubjectDesc;
        /// Its state.
        status: TicketStatus = "status", by StatusAsc StatusDesc;
        /// How much it presses.
        priority: Priority = "priority", by PriorityAsc PriorityDesc;
        /// How it arrived.
        channel: Channel = "channel", by ChannelAsc ChannelDesc;
        /// When it arrived.
        opened_at: Timestamp = "openedAt", by OpenedAtAsc OpenedAtDesc;
        /// When it last changed in its system.
        updated_at: Timestamp = "updatedAt", by UpdatedAtAsc UpdatedAtDesc;
        /// When it was answered for good.
        solved_at: Timestamp = "solvedAt", by SolvedAtAsc SolvedAtDesc;
    } labels {
        /// Labels.
        tags: Vec<String> = "tags";
    } extra {
        /// Who asked.
        pub async fn customer(&self, ctx: &Context<'_>) -> Result<Option<Customer>> {
            customer_of(ctx, self.0.customer).await
        }

        /// What was said, latest first. Null where you may see no interactions.
        #[allow(clippy::too_many_arguments, reason = "they are the arguments of a GraphQL list")]
        pub async fn interactions(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "Which of them.")] filter: Option<InteractionFilterInput>,
            #[graphql(desc = "In which order. Without one the latest first.")] order_by: Option<InteractionOrderInput>,
            #[graphql(desc = "The first so many, at most 200.")] first: Option<i32>,
            #[graphql(desc = "After this page cursor.")] after: Option<String>,
            #[graphql(desc = "The last so many, at most 200.")] last: Option<i32>,
            #[graphql(desc = "Before this page cursor.")] before: Option<String>,
        ) -> Result<Option<Page<Interaction>>> {
            let args = list_args(filter, order_by, (first, after, last, before))?;
            of_parent(ctx, &self.0, "interactions", RecordKind::Interaction, args).await
        }

        /// What the customer thought of the answer. Null where you may see no feedback.
        #[allow(clippy::too_many_arguments, reason = "they are the arguments of a GraphQL list")]
        pub async fn feedback(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "Which of them.")] filter: Option<FeedbackFilterInput>,
            #[graphql(desc = "In which order. Without one the latest first.")] order_by: Option<FeedbackOrderInput>,
            #[graphql(desc = "The first so many, at most 200.")] first: Option<i32>,
            #[graphql(desc = "After this page cursor.")] after: Option<String>,
            #[graphql(desc = "The last so many, at most 200.")] last: Option<i32>,
            #[graphql(desc = "Before this page cursor.")] before: Option<String>,
        ) -> Result<Option<Page<Feedback>>> {
            let args = list_args(filter, order_by, (first, after, last, before))?;
            of_parent(ctx, &self.0, "feedback", RecordKind::Feedback, args).await
        }
    }
}
