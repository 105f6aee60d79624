//! The keys that an issuer's tokens are checked against.

use super::header::RawHeader;
use super::{PublishedKeys, SigningSecret, TokenError, TokenKeys, TokenSettingsError};
use crate::config::TokenAlgorithm;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use std::sync::{Arc, PoisonError, RwLock};

type Named = (&'static str, Algorithm);

/// What verifies, and what may sign.
pub(super) enum KeyRing {
    /// One secret shared with the issuer (HS256).
    Shared { decoding: Arc<[DecodingKey]>, encoding: Box<EncodingKey> },
    /// Keys that the issuer publishes. They sign nothing here, and no algorithm with a shared secret is among theirs: a
    /// public key can therefore never be taken for one.
    Published { algorithms: Vec<Named>, held: RwLock<Option<Arc<PublishedKeys>>> },
}

impl KeyRing {
    pub(super) fn shared(keys: TokenKeys) -> Result<Self, TokenSettingsError> {
        match keys {
            TokenKeys::Hs256 { secret: SigningSecret(secret) } => {
                if secret.len() < SigningSecret::MIN_BYTES {
                    return Err(TokenSettingsError::SecretTooShort {
                        found: secret.len(),
                        minimum: SigningSecret::MIN_BYTES,
                    });
                }
                Ok(Self::Shared {
                    decoding: Arc::new([DecodingKey::from_secret(&secret)]),
                    encoding: Box::new(EncodingKey::from_secret(&secret)),
                })
            }
        }
    }

    pub(super) fn published(algorithms: &[TokenAlgorithm]) -> Self {
        let algorithms = algorithms.iter().map(|algorithm| (algorithm.as_str(), library(*algorithm))).collect();
        Self::Published { algorithms, held: RwLock::new(None) }
    }

    /// What a token may be signed with, by the name in its header.
    pub(super) fn algorithms(&self) -> &[Named] {
        match self {
            Self::Shared { .. } => &[("HS256", Algorithm::HS256)],
            Self::Published { algorithms, .. } => algorithms,
        }
    }

    /// The keys that a token with this header can be signed with: at least one.
    pub(super) fn decoding(&self, header: &RawHeader, algorithm: Algorithm) -> Result<Arc<[DecodingKey]>, TokenError> {
        match self {
            Self::Shared { decoding, .. } => Ok(Arc::clone(decoding)),
            Self::Published { held, .. } => {
                let held = held.read().unwrap_or_else(PoisonError::into_inner).clone();
                held.ok_or(TokenError::KeysUnavailable)?.find(header.key_id.as_deref(), algorithm)
            }
        }
    }

    /// Replaces published keys. A shared secret stays.
    pub(super) fn put(&self, keys: Option<PublishedKeys>) {
        if let Self::Published { held, .. } = self {
            *held.write().unwrap_or_else(PoisonError::into_inner) = keys.map(Arc::new);
        }
    }

    /// The key that signs development tokens, where there is one.
    pub(super) fn signing(&self) -> Option<&EncodingKey> {
        match self {
            Self::Shared { encoding, .. } => Some(encoding),
            Self::Published { .. } => None,
        }
    }
}

fn library(algorithm: TokenAlgorithm) -> Algorithm {
    match algorithm {
        TokenAlgorithm::Rs256 => Algorithm::RS256,
        TokenAlgorithm::Ps256 => Algorithm::PS256,
        TokenAlgorithm::Es256 => Algorithm::ES256,
        TokenAlgorithm::Es384 => Algorithm::ES384,
        TokenAlgorithm::EdDsa => Algorithm::EdDSA,
    }
}
