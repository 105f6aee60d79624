//! What erasure needs.

use super::{ConfigError, Secret, SecretPlace};
use serde::Deserialize;

/// How people are forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PrivacyConfig {
    /// The secret of the keyed hashes by which an erased person is recognised, at least 32 bytes. Needed from the first
    /// erasure on, and never another one after it: the hashes of before would recognise nobody.
    pub secret: SecretPlace,
}

impl Default for PrivacyConfig {
    fn default() -> Self {
        Self { secret: SecretPlace::Env { env: "ONEFOLD_PRIVACY_SECRET".to_owned() } }
    }
}

impl PrivacyConfig {
    /// The secret, where there is one. A hub that has erased nobody does without.
    pub fn secret(&self) -> Result<Option<Secret>, ConfigError> {
        match self.secret.read("erasure, [privacy] secret") {
            Ok(secret) => Ok(Some(secret)),
            // A place that was named on purpose must not be empty.
            Err(_) if *self == Self::default() => Ok(None),
            Err(error) => Err(error),
        }
    }
}
