//! Issuers that publish their keys: Keycloak, Entra, Auth0, Okta and whoever else speaks OpenID Connect.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// One issuer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuerConfig {
    /// The `iss` of its tokens, letter for letter.
    pub issuer: String,
    /// A token must be meant for one of these (`aud`).
    pub audiences: Vec<String>,
    /// What its tokens may be signed with. Anything else is refused, whatever keys it publishes.
    #[serde(default = "default_algorithms")]
    pub algorithms: Vec<TokenAlgorithm>,
    /// Where its keys are. Without it: where its discovery document says.
    #[serde(default)]
    pub keys: KeyPlace,
    /// Further hosts, with a port where it is not the usual one, that the discovery document may name.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// How far clocks may differ, in seconds.
    #[serde(default = "default_leeway")]
    pub leeway_s: u64,
    /// The claim that names the person for the audit.
    #[serde(default = "default_subject")]
    pub subject_claim: String,
    /// How departments are read.
    #[serde(default = "default_departments")]
    pub departments: ClaimConfig,
    /// How roles are read.
    #[serde(default = "default_roles")]
    pub roles: ClaimConfig,
    /// After so many seconds the keys are fetched again.
    #[serde(default = "default_lifetime")]
    pub key_lifetime_s: u32,
    /// So many seconds old keys still count while the issuer does not answer.
    #[serde(default = "default_stale")]
    pub key_stale_s: u32,
    /// Seconds between two fetches, whatever tokens come.
    #[serde(default = "default_interval")]
    pub key_interval_s: u32,
}

/// Where an issuer's keys are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum KeyPlace {
    /// At this address.
    Url {
        /// `https://…`
        url: String,
    },
    /// In this file, for hubs that reach no issuer.
    File {
        /// Its path.
        file: PathBuf,
    },
    /// Where the discovery document of the issuer says.
    #[default]
    Discovery,
}

/// What a token may be signed with, in the words of RFC 7518 and RFC 8037.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum TokenAlgorithm {
    /// RSA, PKCS #1 v1.5, SHA-256.
    #[serde(rename = "RS256")]
    Rs256,
    /// RSA, PSS, SHA-256.
    #[serde(rename = "PS256")]
    Ps256,
    /// ECDSA on P-256, SHA-256.
    #[serde(rename = "ES256")]
    Es256,
    /// ECDSA on P-384, SHA-384.
    #[serde(rename = "ES384")]
    Es384,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
}

impl TokenAlgorithm {
    /// Every algorithm.
    pub const ALL: [Self; 5] = [Self::Rs256, Self::Ps256, Self::Es256, Self::Es384, Self::EdDsa];

    /// The word in headers and key sets.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::EdDsa => "EdDSA",
        }
    }
}

/// A claim and what its values mean here.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimConfig {
    /// Its name, or a JSON pointer (RFC 6901) where it begins with a slash.
    pub claim: String,
    /// What each value means. Without it a value means itself; with it, a value that is not listed means nothing.
    #[serde(default)]
    pub map: BTreeMap<String, Mapped>,
}

/// What a value of a claim means.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Mapped {
    /// One department or role.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl Mapped {
    /// The words.
    pub fn words(&self) -> &[String] {
        match self {
            Self::One(word) => std::slice::from_ref(word),
            Self::Many(words) => words,
        }
    }
}

fn default_algorithms() -> Vec<TokenAlgorithm> {
    vec![TokenAlgorithm::Rs256, TokenAlgorithm::Es256, TokenAlgorithm::EdDsa]
}

fn default_leeway() -> u64 {
    30
}

fn default_subject() -> String {
    "sub".to_owned()
}

fn default_departments() -> ClaimConfig {
    ClaimConfig { claim: "departments".to_owned(), map: BTreeMap::new() }
}

fn default_roles() -> ClaimConfig {
    ClaimConfig { claim: "roles".to_owned(), map: BTreeMap::new() }
}

fn default_lifetime() -> u32 {
    600
}

fn default_stale() -> u32 {
    24 * 3600
}

fn default_interval() -> u32 {
    30
}
