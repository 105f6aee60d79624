//! How people log in with a browser: OpenID Connect, authorisation code with PKCE.

use crate::config::SecretPlace;
use serde::Deserialize;

/// The hub as a client of an OpenID Connect provider.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoginConfig {
    /// The provider: the `issuer` of one of `[[auth.issuers]]`, whose keys and claims hold for logins too.
    pub issuer: String,
    /// Under which name the provider knows the hub.
    pub client_id: String,
    /// What proves it. Without it the hub is a public client.
    pub client_secret: Option<SecretPlace>,
    /// How the secret is sent.
    #[serde(default)]
    pub client_authentication: ClientAuthentication,
    /// Where browsers reach the hub, `https://hub.example`. The provider must know this with `/auth/callback` behind it.
    pub public_url: String,
    /// What is asked for, besides `openid`.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// After so many minutes one has to log in again.
    #[serde(default = "default_session_minutes")]
    pub session_minutes: u32,
}

/// How a client proves itself at the token endpoint.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClientAuthentication {
    /// In the `Authorization` header: what every provider takes.
    #[default]
    Basic,
    /// In the body.
    Post,
}

fn default_session_minutes() -> u32 {
    8 * 60
}
