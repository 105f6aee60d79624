//! What binds a login to the browser that began it: one secret in a cookie of the browser, from which the state, the nonce
//! and the verifier of PKCE (RFC 7636, S256) follow. Nothing is kept on the hub, so nobody can fill it with logins that they
//! never end.

use crate::auth::{OPAQUE_CHARS, OpaqueSecret};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// The secret, and where the browser goes after the login.
pub(super) struct Binding {
    secret: OpaqueSecret,
    pub(super) return_to: String,
}

impl Binding {
    pub(super) fn new(secret: OpaqueSecret, return_to: &str) -> Self {
        Self { secret, return_to: own_path(return_to).to_owned() }
    }

    /// Reads what [`Binding::cookie`] wrote.
    pub(super) fn read(cookie: &str) -> Option<Self> {
        let (secret, path) = cookie.split_at_checked(OPAQUE_CHARS)?;
        let path = String::from_utf8(URL_SAFE_NO_PAD.decode(path.strip_prefix('.')?).ok()?).ok()?;
        Some(Self::new(OpaqueSecret::read(secret)?, &path))
    }

    /// As the cookie holds it.
    pub(super) fn cookie(&self) -> String {
        format!("{}.{}", self.secret.reveal(), URL_SAFE_NO_PAD.encode(&self.return_to))
    }

    pub(super) fn state(&self) -> String {
        self.secret.derive("state")
    }

    pub(super) fn nonce(&self) -> String {
        self.secret.derive("nonce")
    }

    pub(super) fn verifier(&self) -> String {
        self.secret.derive("verifier")
    }

    pub(super) fn challenge(&self) -> String {
        challenge_of(&self.verifier())
    }
}

fn challenge_of(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
}

/// A path of the hub. Anything that a browser could take for another host leads to the front page instead.
fn own_path(path: &str) -> &str {
    let is_own = path.starts_with('/')
        && !path.starts_with("//")
        && path.len() <= 1_000
        && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_own { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_binding_reads_back_as_it_was_written() {
        let one = Binding::new(OpaqueSecret::draw().unwrap(), "/graphql?a=1");
        let other = Binding::read(&one.cookie()).unwrap();
        assert_eq!((one.state(), one.nonce(), one.verifier()), (other.state(), other.nonce(), other.verifier()));
        assert_eq!(other.return_to, "/graphql?a=1");
        assert_eq!(one.verifier().len(), 43, "RFC 7636, 4.1");
        for text in ["", "x", &one.cookie()[1..], &one.cookie()[..40], &one.cookie().replace('.', "-")] {
            assert!(Binding::read(text).is_none(), "{text}");
        }
    }

    #[test]
    fn nobody_is_led_to_another_host() {
        for path in ["https://evil.example", "//evil.example", "/\\evil.example", "evil", "", "/a\nb", "/\t/evil", "/ä"]
        {
            assert_eq!(own_path(path), "/", "{path:?}");
        }
        assert_eq!(own_path("/graphql"), "/graphql");
    }

    /// RFC 7636, appendix B.
    #[test]
    fn the_challenge_is_that_of_the_rfc() {
        let challenge = challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
