//! Tokens: a signed JWT becomes an [`Actor`], or a refusal with a code of its own.
//!
//! Promises: only a configured issuer's algorithms and keys are accepted, whatever the token says about itself; what its
//! header points at is never followed; time is the caller's; no message contains a token or a part of one. Deliberately
//! does not fetch keys (they are put in, see [`TokenVerifier::keys_put`]), keep sessions or know what an actor may do.

mod claims;
mod header;
mod issuer;
mod keys;
mod published;
mod refusal;
mod settings;
#[cfg(test)]
mod tests;

pub use published::{KeySetError, PublishedKeys};
pub use refusal::{MintError, TokenError, TokenSettingsError};
pub use settings::{IssuerSettings, LoginCheck, MintRequest, SigningSecret, TokenKeys, TokenSettings};

use super::Actor;
use claims::{claim_place, seconds};
use header::{RawHeader, Use};
use issuer::Issuer;
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::{Algorithm, Header, Validation, decode, encode};
use keys::KeyRing;
use onefold_model::Timestamp;
use serde_json::{Map, Value, json};
use std::fmt;

/// The longest token that is looked at, in bytes. Larger ones are refused unread.
pub const TOKEN_MAX_BYTES: usize = 8 * 1024;

/// The names of the process's own work begin with this, so no token may claim one.
pub(super) const SYSTEM_PREFIX: &str = "system:";

/// The names of machines with an API key begin with this, so no token may claim one.
pub const KEY_PREFIX: &str = "key:";

/// Checks tokens, and makes them for development.
pub struct TokenVerifier {
    /// By name, each once.
    issuers: Vec<Issuer>,
}

impl TokenVerifier {
    /// A verifier for tokens of one issuer to one audience. Refuses weak secrets and blank names.
    pub fn new(settings: TokenSettings) -> Result<Self, TokenSettingsError> {
        Self::with_issuers(Some(settings), Vec::new())
    }

    /// A verifier for tokens under a shared secret, if there is one, and of issuers that publish their keys.
    pub fn with_issuers(
        shared: Option<TokenSettings>,
        published: Vec<IssuerSettings>,
    ) -> Result<Self, TokenSettingsError> {
        let shared = shared.map(Issuer::shared).transpose()?;
        let mut issuers: Vec<Issuer> = Vec::from_iter(shared);
        for settings in published {
            let issuer = Issuer::published(settings)?;
            if issuers.iter().any(|known| known.name == issuer.name) {
                return Err(TokenSettingsError::Twice { issuer: issuer.name });
            }
            issuers.push(issuer);
        }
        Ok(Self { issuers })
    }

    /// Whose token this is. Takes the value of an `Authorization` header or the bare token.
    pub fn verify(&self, bearer: &str, now: Timestamp) -> Result<Actor, TokenError> {
        Ok(self.verify_until(bearer, now)?.0)
    }

    /// Whose token this is, and when it ends.
    pub fn verify_until(&self, bearer: &str, now: Timestamp) -> Result<(Actor, Timestamp), TokenError> {
        let token = bearer_token(bearer)?;
        let header = RawHeader::read(token, Use::Access)?;
        let issuer = self.issuer_for(token, &header)?;
        let claims = check(issuer, token, &header, &issuer.audiences)?;
        let ends = check_time(&claims, issuer.leeway_s, now)?;
        Ok((issuer.actor(&claims)?, ends))
    }

    /// Who has logged in: the ID token of a login that the hub itself began (OpenID Connect Core 1.0, 3.1.3.7).
    pub fn verify_login(&self, token: &str, asked: &LoginCheck<'_>, now: Timestamp) -> Result<Actor, TokenError> {
        if token.len() > TOKEN_MAX_BYTES {
            return Err(TokenError::TooLarge);
        }
        let header = RawHeader::read(token, Use::Login)?;
        let issuer = self.issuer_for(token, &header)?;
        if issuer.name != asked.issuer {
            return Err(TokenError::Issuer);
        }
        let claims = check(issuer, token, &header, &[asked.client_id.to_owned()])?;
        check_time(&claims, issuer.leeway_s, now)?;
        let is_for_several = claims.get("aud").and_then(Value::as_array).is_some_and(|all| all.len() > 1);
        let party = claims.get("azp").and_then(Value::as_str);
        if (is_for_several || party.is_some()) && party != Some(asked.client_id) {
            return Err(TokenError::Audience);
        }
        if claims.get("nonce").and_then(Value::as_str) != Some(asked.nonce) {
            return Err(TokenError::Nonce);
        }
        issuer.actor(&claims)
    }

    /// The issuer with published keys that the token names. Not checked: only to know whose keys may be needed.
    pub fn claimed_issuer(&self, bearer: &str) -> Option<&str> {
        let claims = header::unchecked_claims(bearer_token(bearer).ok()?).ok()?;
        let name = claims.get("iss")?.as_str()?;
        let issuer = self.issuers.iter().find(|issuer| issuer.name == name)?;
        matches!(issuer.keys, KeyRing::Published { .. }).then_some(issuer.name.as_str())
    }

    /// Puts the keys of an issuer in place of those that it had; none where they have become too old to be trusted.
    pub fn keys_put(&self, issuer: &str, keys: Option<PublishedKeys>) {
        if let Some(issuer) = self.issuers.iter().find(|known| known.name == issuer) {
            issuer.keys.put(keys);
        }
    }

    /// A token for development, signed with the shared secret.
    pub fn mint(&self, request: &MintRequest, now: Timestamp) -> Result<String, MintError> {
        let (issuer, key) = self
            .issuers
            .iter()
            .find_map(|issuer| issuer.keys.signing().map(|key| (issuer, key)))
            .ok_or(MintError::NoSigningKey)?;
        let ttl_s = i64::try_from(request.ttl.as_secs()).map_err(|_| MintError::Lifetime)?;
        let expires = now.timestamp().checked_add(ttl_s).ok_or(MintError::Lifetime)?;
        let mut claims = Map::new();
        claims.insert("iss".to_owned(), json!(issuer.name));
        claims.insert("aud".to_owned(), json!(issuer.audiences.first()));
        claims.insert("sub".to_owned(), json!(request.subject));
        claims.insert("iat".to_owned(), json!(now.timestamp()));
        claims.insert("exp".to_owned(), json!(expires));
        *claim_place(&mut claims, &issuer.departments.claim) = json!(request.departments);
        *claim_place(&mut claims, &issuer.roles.claim) = json!(request.roles);
        encode(&Header::new(Algorithm::HS256), &claims, key).map_err(MintError::Sign)
    }

    /// The issuer that the token names, if it may be signed as it says. The claims are checked afterwards, under the keys of
    /// this issuer and of no other.
    fn issuer_for(&self, token: &str, header: &RawHeader) -> Result<&Issuer, TokenError> {
        if !self.issuers.iter().any(|issuer| issuer.algorithm(&header.algorithm).is_some()) {
            return Err(TokenError::Algorithm);
        }
        let claims = header::unchecked_claims(token)?;
        let name = claims.get("iss").and_then(Value::as_str).ok_or(TokenError::Issuer)?;
        self.issuers.iter().find(|issuer| issuer.name == name).ok_or(TokenError::Issuer)
    }
}

impl fmt::Debug for TokenVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.issuers.iter().map(|issuer| issuer.name.as_str()).collect();
        f.debug_struct("TokenVerifier").field("issuers", &names).finish_non_exhaustive()
    }
}

fn bearer_token(bearer: &str) -> Result<&str, TokenError> {
    let bearer = bearer.trim();
    if bearer.len() > TOKEN_MAX_BYTES {
        return Err(TokenError::TooLarge);
    }
    let token = match bearer.split_once(char::is_whitespace) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim_start(),
        // Credentials of another scheme: for us, no token was sent.
        Some(_) => return Err(TokenError::Missing),
        None => bearer,
    };
    if token.is_empty() || token.eq_ignore_ascii_case("bearer") { Err(TokenError::Missing) } else { Ok(token) }
}

/// The claims, once signature, issuer and audience are as they should be. Where the header names no key and the issuer has
/// several that fit, one of them has to fit the signature.
fn check(
    issuer: &Issuer,
    token: &str,
    header: &RawHeader,
    audiences: &[String],
) -> Result<Map<String, Value>, TokenError> {
    let algorithm = issuer.algorithm(&header.algorithm).ok_or(TokenError::Algorithm)?;
    let mut validation = Validation {
        // One, and that of the configuration: the library would take any of the key's family.
        algorithms: vec![algorithm],
        // The library would ask the machine's clock; `check_time` asks the caller's.
        validate_exp: false,
        validate_nbf: false,
        ..Validation::default()
    };
    validation.set_issuer(&[&issuer.name]);
    validation.set_audience(audiences);
    validation.set_required_spec_claims(&["iss", "aud"]);
    let mut refusal = TokenError::UnknownKey;
    for key in issuer.keys.decoding(header, algorithm)?.iter() {
        match decode::<Map<String, Value>>(token, key, &validation) {
            Ok(decoded) => return Ok(decoded.claims),
            Err(error) => refusal = refusal_of(&error),
        }
        if refusal != TokenError::Signature {
            break;
        }
    }
    Err(refusal)
}

/// When it ends, if it holds now.
fn check_time(claims: &Map<String, Value>, leeway_s: i64, now: Timestamp) -> Result<Timestamp, TokenError> {
    let now = now.timestamp();
    let expires = claims.get("exp").ok_or(TokenError::Malformed("it has no expiry time (exp)"))?;
    let expires = seconds(expires).ok_or(TokenError::Malformed("its expiry time (exp) is not a time"))?;
    if now >= expires.saturating_add(leeway_s) {
        return Err(TokenError::Expired);
    }
    if let Some(begins) = claims.get("nbf") {
        let begins = seconds(begins).ok_or(TokenError::Malformed("its first moment (nbf) is not a time"))?;
        if now.saturating_add(leeway_s) < begins {
            return Err(TokenError::NotYetValid);
        }
    }
    // What lies beyond the calendar ends with it.
    Ok(Timestamp::from_timestamp(expires, 0).unwrap_or(Timestamp::MAX_UTC))
}

fn refusal_of(error: &Error) -> TokenError {
    match error.kind() {
        ErrorKind::InvalidSignature => TokenError::Signature,
        ErrorKind::InvalidAlgorithm | ErrorKind::MissingAlgorithm => TokenError::Algorithm,
        ErrorKind::InvalidIssuer => TokenError::Issuer,
        ErrorKind::InvalidAudience => TokenError::Audience,
        ErrorKind::MissingRequiredClaim(claim) if claim == "iss" => TokenError::Issuer,
        ErrorKind::MissingRequiredClaim(claim) if claim == "aud" => TokenError::Audience,
        _ => TokenError::Malformed("its signature or its claims cannot be read"),
    }
}
