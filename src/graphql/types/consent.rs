//! Consent: what each source says, and what that amounts to.

use super::activity::activity;
use super::customer::{Customer, customer_of};
use super::words::{Channel, ConsentStatus, LegalBasis};
use async_graphql::{Context, Result};
use onefold_model::Timestamp;

activity! {
    /// What one source says that a customer has allowed for one purpose on one channel.
    Consent, ConsentFilterInput, ConsentOrderInput {
        /// What for: `newsletter`, `analytics`.
        purpose: String = "purpose", by PurposeAsc PurposeDesc;
        /// By which way.
        channel: Channel = "channel", by ChannelAsc ChannelDesc;
        /// What was said.
        status: ConsentStatus = "status", by StatusAsc StatusDesc;
        /// Why the company may.
        legal_basis: LegalBasis = "legalBasis", by LegalBasisAsc LegalBasisDesc;
        /// When it was said.
        captured_at: Timestamp = "capturedAt", by CapturedAtAsc CapturedAtDesc;
        /// Where it was said.
        captured_via: String = "capturedVia", by CapturedViaAsc CapturedViaDesc;
    } extra {
        /// Whose it is.
        pub async fn customer(&self, ctx: &Context<'_>) -> Result<Option<Customer>> {
            customer_of(ctx, self.0.customer).await
        }
    }
}
