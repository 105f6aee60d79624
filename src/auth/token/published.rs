//! A key set as an issuer publishes it (RFC 7517), reduced to what may verify a token.
//!
//! Promises: a key that is not for signatures, is symmetric, is weak, or is of a kind that the hub does not know is left
//! out, and the others count all the same. Certificates and addresses inside a key are not looked at.

use super::TokenError;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;

/// The longest key set that is read, in bytes. Those of large directories have some twenty.
pub const KEY_SET_MAX_BYTES: usize = 256 * 1024;

/// More keys than any issuer rotates through.
const KEYS_MAX: usize = 100;

/// Keys that are tried for a token that names none: each try costs a check of a signature.
const TRIED_MAX: usize = 8;

/// RFC 7518, 3.3: RSA keys have at least 2048 bits.
const RSA_MIN_BYTES: usize = 256;
/// Larger ones would make each check of a signature costly.
const RSA_MAX_BYTES: usize = 1024;

/// What may verify tokens of one issuer.
pub struct PublishedKeys {
    keys: Vec<PublishedKey>,
}

struct PublishedKey {
    id: Option<String>,
    /// What it can verify: the one that it declares, or all that its kind can.
    algorithms: Vec<Algorithm>,
    key: DecodingKey,
}

/// Why a key set cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeySetError {
    /// Not JSON with a list of keys.
    #[error("the key set is no JSON object with a list of keys (RFC 7517)")]
    Malformed,
    /// Nothing in it can verify a token.
    #[error("the key set has no key that can verify a token: RSA of 2048 bits or more, P-256, P-384 or Ed25519")]
    Empty,
    /// More than [`KEY_SET_MAX_BYTES`].
    #[error("the key set has more than {KEY_SET_MAX_BYTES} bytes")]
    TooLarge,
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Entry {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    key_ops: Option<Vec<String>>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl PublishedKeys {
    /// Reads a key set.
    pub fn read(bytes: &[u8]) -> Result<Self, KeySetError> {
        if bytes.len() > KEY_SET_MAX_BYTES {
            return Err(KeySetError::TooLarge);
        }
        let set: Set = serde_json::from_slice(bytes).map_err(|_| KeySetError::Malformed)?;
        // RFC 7517, 5: a key that is not understood is ignored, and the others hold.
        let entries = set.keys.into_iter().take(KEYS_MAX).filter_map(|key| serde_json::from_value::<Entry>(key).ok());
        let keys: Vec<PublishedKey> = entries.filter_map(PublishedKey::read).collect();
        if keys.is_empty() { Err(KeySetError::Empty) } else { Ok(Self { keys }) }
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Never: a set without keys is not read.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The keys with this name that can verify this algorithm; without a name, all that can.
    pub(super) fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Result<Arc<[DecodingKey]>, TokenError> {
        let named = |key: &&PublishedKey| id.is_none_or(|id| key.id.as_deref() == Some(id));
        if !self.keys.iter().any(|key| named(&key)) {
            return Err(TokenError::UnknownKey);
        }
        let fitting = self.keys.iter().filter(named).filter(|key| key.algorithms.contains(&algorithm));
        let fitting: Arc<[DecodingKey]> = fitting.take(TRIED_MAX).map(|key| key.key.clone()).collect();
        match (fitting.is_empty(), id) {
            (false, _) => Ok(fitting),
            // The key is there and is of another kind than the token says.
            (true, Some(_)) => Err(TokenError::Algorithm),
            (true, None) => Err(TokenError::UnknownKey),
        }
    }
}

impl PublishedKey {
    fn read(entry: Entry) -> Option<Self> {
        let is_for_signatures = entry.purpose.as_deref().is_none_or(|purpose| purpose == "sig");
        let verifies = entry.key_ops.as_ref().is_none_or(|ops| ops.iter().any(|op| op == "verify"));
        if !is_for_signatures || !verifies {
            return None;
        }
        let (key, mut algorithms) = match entry.kty.as_str() {
            "RSA" => rsa(entry.n.as_deref()?, entry.e.as_deref()?)?,
            "EC" => curve(entry.crv.as_deref()?, entry.x.as_deref()?, entry.y.as_deref()?)?,
            "OKP" => edwards(entry.crv.as_deref()?, entry.x.as_deref()?)?,
            // Symmetric keys (`oct`) are no secret once they are published.
            _ => return None,
        };
        if let Some(declared) = entry.alg {
            algorithms.retain(|known| name(*known) == Some(declared.as_str()));
        }
        (!algorithms.is_empty()).then_some(Self { id: entry.kid, algorithms, key })
    }
}

fn rsa(n: &str, e: &str) -> Option<(DecodingKey, Vec<Algorithm>)> {
    let n = bytes(n)?;
    let n: Vec<u8> = n.into_iter().skip_while(|byte| *byte == 0).collect();
    let e = bytes(e)?;
    if n.len() < RSA_MIN_BYTES || n.len() > RSA_MAX_BYTES || e.is_empty() || e.len() > 8 {
        return None;
    }
    Some((DecodingKey::from_rsa_raw_components(&n, &e), vec![Algorithm::RS256, Algorithm::PS256]))
}

fn curve(curve: &str, x: &str, y: &str) -> Option<(DecodingKey, Vec<Algorithm>)> {
    let (length, algorithm) = match curve {
        "P-256" => (32, Algorithm::ES256),
        "P-384" => (48, Algorithm::ES384),
        _ => return None,
    };
    if bytes(x)?.len() != length || bytes(y)?.len() != length {
        return None;
    }
    Some((DecodingKey::from_ec_components(x, y).ok()?, vec![algorithm]))
}

/// The library takes the first 32 bytes without asking whether there are so many.
fn edwards(curve: &str, x: &str) -> Option<(DecodingKey, Vec<Algorithm>)> {
    if curve != "Ed25519" || bytes(x)?.len() != 32 {
        return None;
    }
    Some((DecodingKey::from_ed_components(x).ok()?, vec![Algorithm::EdDSA]))
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// The algorithm's name in a key set; none for those that the hub does not use.
fn name(algorithm: Algorithm) -> Option<&'static str> {
    match algorithm {
        Algorithm::RS256 => Some("RS256"),
        Algorithm::PS256 => Some("PS256"),
        Algorithm::ES256 => Some("ES256"),
        Algorithm::ES384 => Some("ES384"),
        Algorithm::EdDSA => Some("EdDSA"),
        _ => None,
    }
}
