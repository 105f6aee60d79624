//! Who is let in.

mod issuer;
mod login;

pub use issuer::{ClaimConfig, IssuerConfig, KeyPlace, Mapped, TokenAlgorithm};
pub use login::{ClientAuthentication, LoginConfig};

use super::{ConfigError, Secret, SecretPlace};
use serde::Deserialize;

/// Where the secret is looked for when nothing is said.
const SECRET_ENV: &str = "ONEFOLD_TOKEN_SECRET";

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
    /// Those who sign tokens with keys that they publish.
    pub issuers: Vec<IssuerConfig>,
    /// How people log in with a browser.
    pub login: Option<LoginConfig>,
}

impl Default for AuthConfig {
    fn default() -> Self {
        Self {
            secret: SecretPlace::Env { env: SECRET_ENV.to_owned() },
            issuer: "onefold".to_owned(),
            audience: "onefold".to_owned(),
            departments_claim: "departments".to_owned(),
            roles_claim: "roles".to_owned(),
            leeway_s: 30,
            issuers: Vec::new(),
            login: None,
        }
    }
}

impl AuthConfig {
    /// The secret of HS256 tokens. None where issuers publish their keys and nobody has said where a secret would be: then
    /// no HS256 token is accepted.
    pub fn shared_secret(&self) -> Result<Option<Secret>, ConfigError> {
        let is_default = self.secret == Self::default().secret;
        match self.secret.read("tokens, [auth] secret") {
            Ok(secret) => Ok(Some(secret)),
            Err(_) if is_default && !self.issuers.is_empty() => Ok(None),
            Err(error) => Err(error),
        }
    }
}
