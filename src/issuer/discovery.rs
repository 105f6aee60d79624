//! The discovery document of an issuer (OpenID Connect Discovery 1.0, RFC 8414): where its keys and its endpoints are.

use super::IssuerError;
use super::fetch::{Address, Fetcher};
use serde::Deserialize;

/// A discovery document is a few kilobytes.
const MAX_BYTES: usize = 64 * 1024;

const WHAT: &str = "the discovery document";

/// What of a discovery document counts here.
pub(super) struct Discovery {
    pub(super) keys: Address,
    /// An issuer that only makes tokens has neither.
    pub(super) authorization: Option<Address>,
    pub(super) token: Option<Address>,
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    jwks_uri: String,
    authorization_endpoint: Option<String>,
    token_endpoint: Option<String>,
}

/// Fetches the document of the issuer with this name, whose addresses must be of these hosts.
pub(super) async fn discover(
    fetcher: &Fetcher,
    issuer: &str,
    address: &Address,
    hosts: &[String],
) -> Result<Discovery, IssuerError> {
    let bytes = fetcher.get(WHAT, address, MAX_BYTES).await?;
    let malformed = |problem| IssuerError::Malformed { what: WHAT, problem };
    let document: Document =
        serde_json::from_slice(&bytes).map_err(|_| malformed("it is no JSON object with issuer and jwks_uri"))?;
    // Discovery 1.0, 4.3: else one issuer could speak for another.
    if document.issuer != issuer {
        return Err(malformed("it is of another issuer than the configuration names, letter for letter"));
    }
    let read = |what: &'static str, text: &str| {
        Address::read_of(text, hosts).map_err(|source| IssuerError::Address { what, source })
    };
    let optional = |what, text: Option<String>| text.map(|text| read(what, &text)).transpose();
    Ok(Discovery {
        keys: read("the key set", &document.jwks_uri)?,
        authorization: optional("logging in", document.authorization_endpoint)?,
        token: optional("the exchange of a code", document.token_endpoint)?,
    })
}
