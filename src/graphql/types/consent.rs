//! Consent: what each source says, and what that amounts to.

use super::activity::activity;
use super::customer::{Customer, customer_of};
use super::words::{Channel, ConsentStatus, LegalBasis};
use async_graphql::{Context, Result};
use onefold_model::Timestamp;

activity! {
    /// What one source says that a customer has allowed for one purpose on one channel.
    Consent {
        /// What for: `newsletter`, `analytics`.
        purpose: String = "purpose",
        /// By which way.
        channel: Channel = "channel",
        /// What was said.
        status: ConsentStatus = "status",
        /// Why the company may.
        legal_basis: LegalBasis = "legalBasis",
        /// When it was said.
        captured_at: Timestamp = "capturedAt",
        /// Where it was said.
        captured_via: String = "capturedVia",
    } extra {
        /// Whose it is.
        pub async fn customer(&self, ctx: &Context<'_>) -> Result<Option<Customer>> {
            customer_of(ctx, self.0.customer).await
        }
    }
}
