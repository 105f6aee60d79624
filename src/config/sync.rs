//! How sources are read: which addresses they may be at, and where their refresh tokens are kept.

use serde::Deserialize;
use std::path::PathBuf;

/// What holds for all sources.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SyncConfig {
    /// Where refresh tokens are kept that systems give instead of those of the configuration. Made when it is first needed.
    /// Hosts that share a store must share it.
    pub secrets_dir: PathBuf,
    /// Whether systems may be at private addresses, for the sources that do not say it themselves.
    pub private_addresses: PrivateAddresses,
}

impl Default for SyncConfig {
    fn default() -> Self {
        Self { secrets_dir: PathBuf::from("onefold-secrets"), private_addresses: PrivateAddresses::default() }
    }
}

/// Whether a system may be at an address that is not of the public internet: of this machine, of a private network, of a
/// provider's own network. Addresses at which machines are told secrets about themselves are never asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PrivateAddresses {
    /// It may not.
    #[default]
    Refuse,
    /// It may.
    Allow,
}
