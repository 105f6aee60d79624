//! Why a token, a setting or a wish for a token is refused.

use super::TOKEN_MAX_BYTES;

/// Why a token does not say who asks. The codes are part of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// No token was sent, or credentials of another scheme.
    #[error("no token was sent: send it in the header \"authorization: Bearer <token>\"")]
    Missing,
    /// Not a JWT, or one without what every token must have.
    #[error("the token cannot be read, {0}: ask the issuer for a new one")]
    Malformed(&'static str),
    /// Signed with another key, or changed afterwards.
    #[error("the token's signature is not that of the configured key: check that issuer and hub share the key")]
    Signature,
    /// Past its time.
    #[error("the token has expired: ask the issuer for a new one")]
    Expired,
    /// Before its time.
    #[error("the token is not valid yet: check the clocks of issuer and hub")]
    NotYetValid,
    /// From somebody else.
    #[error("the token is not from the configured issuer")]
    Issuer,
    /// For somebody else.
    #[error("the token is not meant for this hub: check its audience")]
    Audience,
    /// Unsigned, or signed in a way that is not configured.
    #[error("the token is not signed with the configured algorithm")]
    Algorithm,
    /// Longer than [`TOKEN_MAX_BYTES`].
    #[error("the token is longer than {TOKEN_MAX_BYTES} bytes")]
    TooLarge,
    /// Its header names a key that the issuer does not publish.
    #[error("the token is signed with a key that its issuer does not publish (kid): ask the issuer for a new one")]
    UnknownKey,
    /// Its header brings a key or says where one is. Nothing of it was followed.
    #[error("the token brings a key of its own or says where one is (jku, x5u, jwk, x5c): the hub follows neither")]
    KeyReference,
    /// The keys of its issuer could not be had for so long that none is trusted.
    #[error("the keys of the token's issuer cannot be had at present: try again later")]
    KeysUnavailable,
    /// Not the answer to the login that the hub began.
    #[error("the token is not that of the login that was begun (nonce): log in again")]
    Nonce,
    /// Signed and valid, and for nobody in particular.
    #[error("the token names no department: check the claim that carries the departments")]
    NoDepartment,
}

impl TokenError {
    /// The stable word for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Missing => "TOKEN_MISSING",
            Self::Malformed(_) => "TOKEN_MALFORMED",
            Self::Signature => "TOKEN_SIGNATURE",
            Self::Expired => "TOKEN_EXPIRED",
            Self::NotYetValid => "TOKEN_NOT_YET_VALID",
            Self::Issuer => "TOKEN_ISSUER",
            Self::Audience => "TOKEN_AUDIENCE",
            Self::Algorithm => "TOKEN_ALGORITHM",
            Self::TooLarge => "TOKEN_TOO_LARGE",
            Self::UnknownKey => "TOKEN_UNKNOWN_KEY",
            Self::KeyReference => "TOKEN_KEY_REFERENCE",
            Self::KeysUnavailable => "TOKEN_KEYS_UNAVAILABLE",
            Self::Nonce => "TOKEN_NONCE",
            Self::NoDepartment => "TOKEN_NO_DEPARTMENT",
        }
    }
}

/// Why a verifier cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenSettingsError {
    /// Guessable by trial (RFC 7518, 3.2: at least as long as the hash).
    #[error(
        "the token secret has {found} bytes and needs at least {minimum}: make one with \"openssl rand -base64 48\""
    )]
    SecretTooShort {
        /// How long it is, in bytes.
        found: usize,
        /// How long it has to be, in bytes.
        minimum: usize,
    },
    /// Two issuers share a name.
    #[error("two issuers have the name {issuer:?}: a token could not say which of them made it")]
    Twice {
        /// The name.
        issuer: String,
    },
    /// An issuer whose tokens nobody could check.
    #[error("the issuer {issuer:?} has no {what}: no token of its could be accepted")]
    Nothing {
        /// Its name.
        issuer: String,
        /// Which list is empty.
        what: &'static str,
    },
    /// A name that must be there is not.
    #[error("the token setting {setting:?} is blank")]
    Blank {
        /// Which one.
        setting: &'static str,
    },
}

/// Why a development token cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum MintError {
    /// The keys are the issuer's: the hub can check tokens and not make them.
    #[error("tokens come from the issuer: this hub has no key to sign with")]
    NoSigningKey,
    /// Longer than a calendar.
    #[error("the lifetime of the token is beyond any date")]
    Lifetime,
    /// The library refused.
    #[error("could not sign the token")]
    Sign(#[source] jsonwebtoken::errors::Error),
}
