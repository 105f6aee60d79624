//! Secrets that the hub gives out: keys of machines, sessions of people, and what binds a login to its browser.
//!
//! Promises: 256 bits of the system's randomness, so that a plain SHA-256 of one can be kept and none be found from it;
//! compared in constant time; never printed by accident. Deliberately does not know what a secret is for.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use std::fmt;
use subtle::ConstantTimeEq;

/// Characters of a secret in its text form.
pub const OPAQUE_CHARS: usize = 43;

/// A secret of 256 random bits.
#[derive(Clone)]
pub struct OpaqueSecret([u8; 32]);

/// The system gave no randomness.
#[derive(Debug, thiserror::Error)]
#[error("the system gave no random bytes for a secret")]
pub struct NoRandomness(#[source] getrandom::Error);

impl OpaqueSecret {
    /// Draws one.
    pub fn draw() -> Result<Self, NoRandomness> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(NoRandomness)?;
        Ok(Self(bytes))
    }

    /// Reads the text form; `None` where it is not one.
    pub fn read(text: &str) -> Option<Self> {
        Some(Self(URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?))
    }

    /// The text form: 43 characters of base64url. For the one place that hands it over.
    pub fn reveal(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// What is kept of it.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0).into()
    }

    /// Whether this is the secret of that hash. Takes as long for each answer.
    pub fn is_of(&self, hash: &[u8]) -> bool {
        self.hash().ct_eq(hash).into()
    }

    /// Another secret that follows from this one for a purpose, in text form. Nothing of this one follows from it.
    pub fn derive(&self, purpose: &str) -> String {
        let mut hasher = Sha256::new();
        hasher.update(purpose.as_bytes());
        hasher.update([0]);
        hasher.update(self.0);
        URL_SAFE_NO_PAD.encode(hasher.finalize())
    }
}

/// Whether two texts are the same. Takes as long for each answer among texts of one length.
pub fn same_text(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

impl fmt::Debug for OpaqueSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpaqueSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_known_by_its_hash_and_by_nothing_else() {
        let secret = OpaqueSecret::draw().unwrap();
        let text = secret.reveal();
        assert_eq!(text.len(), OPAQUE_CHARS);
        assert!(OpaqueSecret::read(&text).unwrap().is_of(&secret.hash()));
        assert!(!OpaqueSecret::draw().unwrap().is_of(&secret.hash()), "no two are the same");
        assert!(!secret.is_of(&[]) && !secret.is_of(&secret.hash()[1..]));
        for text in ["", &text[1..], &format!("{text}A"), &text.replace(|c: char| c.is_ascii_alphabetic(), "%")] {
            assert!(OpaqueSecret::read(text).is_none(), "{text}");
        }
        assert!(!format!("{secret:?}").contains(&text));
    }

    #[test]
    fn what_follows_from_a_secret_differs_by_purpose() {
        let secret = OpaqueSecret::draw().unwrap();
        assert_eq!(secret.derive("state"), secret.derive("state"));
        assert_ne!(secret.derive("state"), secret.derive("nonce"));
        assert_ne!(secret.derive("state"), OpaqueSecret::draw().unwrap().derive("state"));
    }
}
