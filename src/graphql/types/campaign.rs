//! Campaigns, and the customers that they reached.

use super::activity::{activity, list_args, of_parent, parent};
use super::customer::{Customer, customer_of};
use super::words::{CampaignStatus, Channel, TouchResult};
use crate::graphql::page::Page;
use async_graphql::{Context, Result};
use onefold_model::{RecordKind, Timestamp};

activity! {
    /// Something that was sent to many.
    Campaign, CampaignFilterInput, CampaignOrderInput {
        /// What marketing calls it.
        name: String = "name", by NameAsc NameDesc;
        /// The subject line.
        subject: String = "subject", by SubjectAsc SubjectDesc;
        /// What it was for, for example `newsletter`.
        purpose: String = "purpose", by PurposeAsc PurposeDesc;
        /// The way that it was sent.
        channel: Channel = "channel", by ChannelAsc ChannelDesc;
        /// Its state.
        status: CampaignStatus = "status", by StatusAsc StatusDesc;
        /// When it went out.
        sent_at: Timestamp = "sentAt", by SentAtAsc SentAtDesc;
    } extra {
        /// Whom it reached, latest first. Null where you may see no campaign touches.
        #[allow(clippy::too_many_arguments, reason = "they are the arguments of a GraphQL list")]
        pub async fn touches(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "Which of them.")] filter: Option<CampaignTouchFilterInput>,
            #[graphql(desc = "In which order. Without one the latest first.")] order_by: Option<CampaignTouchOrderInput>,
            #[graphql(desc = "The first so many, at most 200.")] first: Option<i32>,
            #[graphql(desc = "After this page cursor.")] after: Option<String>,
            #[graphql(desc = "The last so many, at most 200.")] last: Option<i32>,
            #[graphql(desc = "Before this page cursor.")] before: Option<String>,
        ) -> Result<Option<Page<CampaignTouch>>> {
            let args = list_args(filter, order_by, (first, after, last, before))?;
            of_parent(ctx, &self.0, "touches", RecordKind::CampaignTouch, args).await
        }
    }
}

activity! {
    /// One customer reached by one campaign.
    CampaignTouch, CampaignTouchFilterInput, CampaignTouchOrderInput {
        /// The way that it was sent.
        channel: Channel = "channel", by ChannelAsc ChannelDesc;
        /// When this was last seen.
        at: Timestamp = "at", by AtAsc AtDesc;
        /// What became of it.
        result: TouchResult = "result", by ResultAsc ResultDesc;
        /// How often it was opened.
        opens: i64 = "opens", by OpensAsc OpensDesc;
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
