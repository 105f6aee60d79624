//! Lists of what happened with anybody: the lists of a customer, without the customer.

use crate::graphql::page::Page;
use crate::graphql::types::{
    Account, AccountFilterInput, AccountOrderInput, Campaign, CampaignFilterInput, CampaignOrderInput, CampaignTouch,
    CampaignTouchFilterInput, CampaignTouchOrderInput, Consent, ConsentFilterInput, ConsentOrderInput, Feedback,
    FeedbackFilterInput, FeedbackOrderInput, Interaction, InteractionFilterInput, InteractionOrderInput, Invoice,
    InvoiceFilterInput, InvoiceOrderInput, Payment, PaymentFilterInput, PaymentOrderInput, Subscription,
    SubscriptionFilterInput, SubscriptionOrderInput, Ticket, TicketFilterInput, TicketOrderInput, list_args,
    of_anybody, of_customer_id,
};
use async_graphql::{Context, Description, ID, Object, Result};
use onefold_model::RecordKind;

/// What happened.
#[derive(Description)]
pub struct Activities;

macro_rules! lists {
    ($($(#[doc = $doc:literal])* $list:ident: $kind:ident, $filter:ident, $order:ident = $name:literal;)*) => {
        // The root has the fields of others too, and there is one type of a name.
        #[Object(use_type_description, name = "ActivityFields")]
        impl Activities {
            /// What was sent to many, latest first unless ordered otherwise. Null where you may see none.
            #[allow(clippy::too_many_arguments, reason = "they are the arguments of a GraphQL list")]
            async fn campaigns(
                &self,
                ctx: &Context<'_>,
                #[graphql(desc = "Which of them.")] filter: Option<CampaignFilterInput>,
                #[graphql(desc = "In which order. Without one the latest first.")] order_by: Option<CampaignOrderInput>,
                #[graphql(desc = "The first so many, at most 200.")] first: Option<i32>,
                #[graphql(desc = "After this page cursor.")] after: Option<String>,
                #[graphql(desc = "The last so many, at most 200.")] last: Option<i32>,
                #[graphql(desc = "Before this page cursor.")] before: Option<String>,
            ) -> Result<Option<Page<Campaign>>> {
                let args = list_args(filter, order_by, (first, after, last, before))?;
                of_anybody(ctx, RecordKind::Campaign, args).await
            }

            $(
                $(#[doc = $doc])*
                #[allow(clippy::too_many_arguments, reason = "they are the arguments of a GraphQL list")]
                async fn $list(
                    &self,
                    ctx: &Context<'_>,
                    #[graphql(desc = "Only of the customer with this id: as the list of that customer.")] customer: Option<ID>,
                    #[graphql(desc = "Which of them.")] filter: Option<$filter>,
                    #[graphql(desc = "In which order. Without one the latest first.")] order_by: Option<$order>,
                    #[graphql(desc = "The first so many, at most 200.")] first: Option<i32>,
                    #[graphql(desc = "After this page cursor.")] after: Option<String>,
                    #[graphql(desc = "The last so many, at most 200.")] last: Option<i32>,
                    #[graphql(desc = "Before this page cursor.")] before: Option<String>,
                ) -> Result<Option<Page<$kind>>> {
                    let args = list_args(filter, order_by, (first, after, last, before))?;
                    match customer {
                        None => of_anybody(ctx, RecordKind::$kind, args).await,
                        Some(id) => of_customer_id(ctx, &id, $name, RecordKind::$kind, args).await,
                    }
                }
            )*
        }
    };
}

lists! {
    /// What customers hold, latest first unless ordered otherwise. Null where you may see none.
    accounts: Account, AccountFilterInput, AccountOrderInput = "accounts";
    /// What customers receive regularly, latest first unless ordered otherwise. Null where you may see none.
    subscriptions: Subscription, SubscriptionFilterInput, SubscriptionOrderInput = "subscriptions";
    /// Bills, latest first unless ordered otherwise. Null where you may see none.
    invoices: Invoice, InvoiceFilterInput, InvoiceOrderInput = "invoices";
    /// Payments, latest first unless ordered otherwise. Null where you may see none.
    payments: Payment, PaymentFilterInput, PaymentOrderInput = "payments";
    /// Requests, latest first unless ordered otherwise. Null where you may see none.
    tickets: Ticket, TicketFilterInput, TicketOrderInput = "tickets";
    /// What was said, latest first unless ordered otherwise. Null where you may see none.
    interactions: Interaction, InteractionFilterInput, InteractionOrderInput = "interactions";
    /// What customers think, latest first unless ordered otherwise. Null where you may see none.
    feedback: Feedback, FeedbackFilterInput, FeedbackOrderInput = "feedback";
    /// Customers reached by campaigns, latest first unless ordered otherwise. Null where you may see none.
    campaign_touches: CampaignTouch, CampaignTouchFilterInput, CampaignTouchOrderInput = "campaignTouches";
    /// What sources say that customers have allowed, latest first unless ordered otherwise. Null where you may see none.
    consents: Consent, ConsentFilterInput, ConsentOrderInput = "consents";
}
