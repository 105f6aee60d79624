//! Keys of issuers, and tokens signed with them.

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

/// A key pair of the tests.
#[derive(Clone, Copy)]
pub(super) struct Pair {
    pub(super) kid: &'static str,
    pub(super) algorithm: Algorithm,
    pem: &'static [u8],
}

pub(super) const RSA: Pair = Pair { kid: "rsa", algorithm: Algorithm::RS256, pem: include_bytes!("pem/rsa.pem") };
pub(super) const PSS: Pair = Pair { kid: "rsa", algorithm: Algorithm::PS256, pem: include_bytes!("pem/rsa.pem") };
pub(super) const P256: Pair = Pair { kid: "p256", algorithm: Algorithm::ES256, pem: include_bytes!("pem/p256.pem") };
pub(super) const P384: Pair = Pair { kid: "p384", algorithm: Algorithm::ES384, pem: include_bytes!("pem/p384.pem") };
pub(super) const ED: Pair = Pair { kid: "ed", algorithm: Algorithm::EdDSA, pem: include_bytes!("pem/ed25519.pem") };
/// Nobody publishes it.
pub(super) const OTHER: Pair = Pair { kid: "other", algorithm: Algorithm::ES256, pem: include_bytes!("pem/other.pem") };
/// Too short to be trusted.
pub(super) const WEAK: Pair = Pair { kid: "weak", algorithm: Algorithm::RS256, pem: include_bytes!("pem/weak.pem") };

impl Pair {
    fn private(self) -> EncodingKey {
        match self.algorithm {
            Algorithm::ES256 | Algorithm::ES384 => EncodingKey::from_ec_pem(self.pem),
            Algorithm::EdDSA => EncodingKey::from_ed_pem(self.pem),
            _ => EncodingKey::from_rsa_pem(self.pem),
        }
        .expect("a key")
    }

    /// The public half, as a key set has it.
    pub(super) fn public(self) -> Value {
        let mut jwk = Jwk::from_encoding_key(&self.private(), self.algorithm).expect("a public key");
        jwk.common.key_id = Some(self.kid.to_owned());
        let mut jwk = serde_json::to_value(jwk).expect("JSON");
        // Most issuers do not name an algorithm, or serve several with one key.
        jwk.as_object_mut().expect("an object").remove("alg");
        jwk["use"] = json!("sig");
        jwk
    }

    /// A token with these claims.
    pub(super) fn sign(self, claims: &Value) -> String {
        self.sign_as(&self.header(), claims)
    }

    /// The header of a token of this key.
    pub(super) fn header(self) -> Header {
        Header { kid: Some(self.kid.to_owned()), ..Header::new(self.algorithm) }
    }

    /// A token with these claims under another header.
    pub(super) fn sign_as(self, header: &Header, claims: &Value) -> String {
        encode(header, claims, &self.private()).expect("a token")
    }
}

/// A set of these keys.
pub(super) fn set(keys: &[Pair]) -> Value {
    json!({"keys": keys.iter().map(|key| key.public()).collect::<Vec<_>>()})
}
