//! The keys that tokens are checked against.

use super::{SigningSecret, TokenKeys, TokenSettingsError};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};

/// What verifies, and what may sign. Published key sets (JWKS) are to be a second variant: they accept RS256, ES256 and
/// EdDSA, choose the key by the header's `kid`, and sign nothing.
pub(super) enum KeyRing {
    /// One secret shared with the issuer (HS256).
    Shared { decoding: Box<DecodingKey>, encoding: Box<EncodingKey> },
}

impl KeyRing {
    pub(super) fn new(keys: TokenKeys) -> Result<Self, TokenSettingsError> {
        match keys {
            TokenKeys::Hs256 { secret: SigningSecret(secret) } => {
                if secret.len() < SigningSecret::MIN_BYTES {
                    return Err(TokenSettingsError::SecretTooShort {
                        found: secret.len(),
                        minimum: SigningSecret::MIN_BYTES,
                    });
                }
                Ok(Self::Shared {
                    decoding: Box::new(DecodingKey::from_secret(&secret)),
                    encoding: Box::new(EncodingKey::from_secret(&secret)),
                })
            }
        }
    }

    /// What a token may be signed with. All of one family, as the library demands.
    pub(super) fn algorithms(&self) -> &'static [Algorithm] {
        match self {
            Self::Shared { .. } => &[Algorithm::HS256],
        }
    }

    /// The key for a token with this header.
    #[expect(clippy::unnecessary_wraps, reason = "a published key set may not have the header's key")]
    pub(super) fn decoding(&self, _header: &Header) -> Option<&DecodingKey> {
        match self {
            Self::Shared { decoding, .. } => Some(decoding),
        }
    }

    /// The key that signs development tokens, where there is one.
    #[expect(clippy::unnecessary_wraps, reason = "a published key set signs nothing")]
    pub(super) fn signing(&self) -> Option<(Algorithm, &EncodingKey)> {
        match self {
            Self::Shared { encoding, .. } => Some((Algorithm::HS256, encoding)),
        }
    }
}

/// The algorithm's name in a header; none for those that the hub will not use.
pub(super) fn name(algorithm: Algorithm) -> Option<&'static str> {
    match algorithm {
        Algorithm::HS256 => Some("HS256"),
        Algorithm::RS256 => Some("RS256"),
        Algorithm::ES256 => Some("ES256"),
        Algorithm::EdDSA => Some("EdDSA"),
        _ => None,
    }
}
