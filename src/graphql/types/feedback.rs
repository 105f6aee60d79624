//! Feedback.

use super::activity::{activity, parent};
use super::customer::{Customer, customer_of};
use super::ticket::Ticket;
use super::words::FeedbackInstrument;
use async_graphql::{Context, Result};
use onefold_model::{RecordKind, Timestamp};

activity! {
    /// What a customer thinks.
    Feedback, FeedbackFilterInput, FeedbackOrderInput {
        /// How it was asked for.
        instrument: FeedbackInstrument = "instrument", by InstrumentAsc InstrumentDesc;
        /// The figure that was given.
        score: i64 = "score", by ScoreAsc ScoreDesc;
        /// The highest figure that could have been given.
        score_max: i64 = "scoreMax", by ScoreMaxAsc ScoreMaxDesc;
        /// In words.
        comment: String = "comment", by CommentAsc CommentDesc;
        /// When.
        at: Timestamp = "at", by AtAsc AtDesc;
    } extra {
        /// Whose it is.
        pub async fn customer(&self, ctx: &Context<'_>) -> Result<Option<Customer>> {
            customer_of(ctx, self.0.customer).await
        }

        /// The ticket that it is about.
        pub async fn ticket(&self, ctx: &Context<'_>) -> Result<Option<Ticket>> {
            parent(ctx, &self.0, "ticket", RecordKind::Ticket).await
        }
    }
}
