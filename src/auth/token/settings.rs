//! What the operator says about tokens, and what a developer asks of one.

use super::TokenSettingsError;
use crate::config::{ClaimConfig, TokenAlgorithm};
use onefold_model::DepartmentKey;
use std::{fmt, time::Duration};

/// How tokens are checked.
#[derive(Debug, Clone)]
pub struct TokenSettings {
    /// What they are signed with.
    pub keys: TokenKeys,
    /// Who makes them (`iss`).
    pub issuer: String,
    /// For whom they are (`aud`).
    pub audience: String,
    /// How far the clocks of issuer and hub may differ, in seconds.
    pub leeway_s: u64,
    /// The claim with the departments: a name, or a JSON pointer (RFC 6901) where it begins with a slash, such as
    /// `/realm_access/departments`.
    pub departments_claim: String,
    /// The claim with the roles, named in the same way. It may be missing in a token.
    pub roles_claim: String,
}

/// An issuer that publishes its keys.
#[derive(Debug, Clone)]
pub struct IssuerSettings {
    /// Its name (`iss`).
    pub issuer: String,
    /// A token must be meant for one of these (`aud`).
    pub audiences: Vec<String>,
    /// What its tokens may be signed with.
    pub algorithms: Vec<TokenAlgorithm>,
    /// How far the clocks of issuer and hub may differ, in seconds.
    pub leeway_s: u64,
    /// The claim that names the actor.
    pub subject_claim: String,
    /// The claim with the departments, and what its values mean.
    pub departments: ClaimConfig,
    /// The claim with the roles, and what its values mean. It may be missing in a token.
    pub roles: ClaimConfig,
}

/// What the ID token of a login must answer to.
#[derive(Debug, Clone, Copy)]
pub struct LoginCheck<'a> {
    /// At whom the login was begun.
    pub issuer: &'a str,
    /// Under which name the issuer knows the hub.
    pub client_id: &'a str,
    /// What the login was begun with.
    pub nonce: &'a str,
}

/// What tokens are signed with.
#[derive(Debug, Clone)]
pub enum TokenKeys {
    /// HMAC with SHA-256 under one shared secret: for development.
    Hs256 {
        /// The secret.
        secret: SigningSecret,
    },
}

/// A secret that does not show itself in logs.
#[derive(Clone)]
pub struct SigningSecret(pub Vec<u8>);

impl SigningSecret {
    /// The shortest secret that is accepted, in bytes.
    pub const MIN_BYTES: usize = 32;
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSecret(…)")
    }
}

/// A development token to be made.
#[derive(Debug, Clone)]
pub struct MintRequest {
    /// Who it is for.
    pub subject: String,
    /// Their departments.
    pub departments: Vec<DepartmentKey>,
    /// Their roles.
    pub roles: Vec<String>,
    /// How long it lasts from now on; cut to whole seconds.
    pub ttl: Duration,
}

impl TokenSettings {
    pub(super) fn check(&self) -> Result<(), TokenSettingsError> {
        none_blank(&[
            ("issuer", &self.issuer),
            ("audience", &self.audience),
            ("departments_claim", &self.departments_claim),
            ("roles_claim", &self.roles_claim),
        ])
    }
}

impl IssuerSettings {
    pub(super) fn check(&self) -> Result<(), TokenSettingsError> {
        none_blank(&[
            ("issuer", &self.issuer),
            ("subject_claim", &self.subject_claim),
            ("departments.claim", &self.departments.claim),
            ("roles.claim", &self.roles.claim),
        ])?;
        for audience in &self.audiences {
            none_blank(&[("audiences", audience)])?;
        }
        let empty = [("audiences", self.audiences.is_empty()), ("algorithms", self.algorithms.is_empty())];
        match empty.into_iter().find(|(_, is_empty)| *is_empty) {
            Some((what, _)) => Err(TokenSettingsError::Nothing { issuer: self.issuer.clone(), what }),
            None => Ok(()),
        }
    }
}

fn none_blank(named: &[(&'static str, &String)]) -> Result<(), TokenSettingsError> {
    match named.iter().find(|(_, value)| value.trim().is_empty() || value.as_str() == "/") {
        Some((setting, _)) => Err(TokenSettingsError::Blank { setting }),
        None => Ok(()),
    }
}
