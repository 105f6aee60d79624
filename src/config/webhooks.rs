//! Where those may be who are told of changes.

use super::PrivateAddresses;
use serde::Deserialize;

/// What holds for all webhooks that the hub sends.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WebhooksConfig {
    /// Whether receivers may be at private addresses, and be told without HTTPS. Whoever may read changes may register one.
    pub private_addresses: PrivateAddresses,
}
