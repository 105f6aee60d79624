//! Campaigns, and the customers that they reached.

use super::activity::{activities, activity, parent};
use super::customer::{Customer, customer_of};
use super::words::{CampaignStatus, Channel, TouchResult};
use crate::graphql::loaders::Group;
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
            first: Option<i32>,
            after: Option<String>,
            last: Option<i32>,
            before: Option<String>,
        ) -> Result<Option<Page<CampaignTouch>>> {
            activities(ctx, RecordKind::CampaignTouch, Group::Parent(self.0.id), (first, after, last, before)).await
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
            parent(ctx, RecordKind::Campaign, self.0.parent).await
        }
    }
}
