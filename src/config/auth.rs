//! Who is let in.

use super::SecretPlace;
use serde::Deserialize;

/// How tokens are checked.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AuthConfig {
    /// The secret of HS256 tokens, at least 32 bytes. For development and for machines on the same host.
    pub secret: SecretPlace,
    /// The `iss` that a token must carry.
    pub issuer: String,
    /// The `aud` that a token must carry.
    pub audience: String,
    /// The claim that lists departments.
    pub departments_claim: String,
    /// The claim that lists roles.
    pub roles_claim: String,
    /// How far clocks may differ, in seconds.
    pub leeway_s: u64,
}

impl Default for AuthConfig {
    fn default() -> Self {
        Self {
            secret: SecretPlace::Env { env: "ONEFOLD_TOKEN_SECRET".to_owned() },
            issuer: "onefold".to_owned(),
            audience: "onefold".to_owned(),
            departments_claim: "departments".to_owned(),
            roles_claim: "roles".to_owned(),
            leeway_s: 30,
        }
    }
}
