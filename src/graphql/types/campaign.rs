//! Campaigns, and the customers that they reached.

use super::activity::{activity, of_parent, parent};
use super::customer::{Customer, customer_of};
use super::words::{CampaignStatus, Channel, TouchResult};
use crate::graphql::page::Page;
use async_graphql::{Context, Result};
use onefold_model::{RecordKind, Timestamp};

activity! {
    /// Something that was sent to many.
    Campaign {
        /// What marketing calls it.
        name: String = "name",
        /// The subject line.
        subject: String = "subject",
        /// What it was for, for example `newsletter`.
        purpose: String = "purpose",
        /// The way that it was sent.
        channel: Channel = "channel",
        /// Its state.
        status: CampaignStatus = "status",
        /// When it went out.
        sent_at: Timestamp = "sentAt",
    } extra {
        /// Whom it reached, latest first. Null where you may see no campaign touches.
        pub async fn touches(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "The first so many, at most 200.")] first: Option<i32>,
            #[graphql(desc = "After this page cursor.")] after: Option<String>,
            #[graphql(desc = "The last so many, at most 200.")] last: Option<i32>,
            #[graphql(desc = "Before this page cursor.")] before: Option<String>,
        ) -> Result<Option<Page<CampaignTouch>>> {
            of_parent(ctx, &self.0, "touches", RecordKind::CampaignTouch, (first, after, last, before)).await
        }
    }
}

activity! {
    /// One customer reached by one campaign.
    CampaignTouch {
        /// The way that it was sent.
        channel: Channel = "channel",
        /// When this was last seen.
        at: Timestamp = "at",
        /// What became of it.
        result: TouchResult = "result",
        /// How often it was opened.
        opens: i64 = "opens",
    } extra {
        /// Whom it reached.
        pub async fn customer(&self, ctx: &Context<'_>) -> Result<Option<Customer>> {
            customer_of(ctx, self.0.customer).await
        }

        /// The campaign.
        pub async fn campaign(&self, ctx: &Context<'_>) -> Result<Option<Campaign>> {
            parent(ctx, &self.0, "campaign", RecordKind::Campaign).await
        }
    }
}
