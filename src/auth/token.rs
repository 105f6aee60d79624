//! Tokens: a signed JWT becomes an [`Actor`], or a refusal with a code of its own.
//!
//! Promises: only the configured algorithm and key are accepted, whatever the token says about itself; time is the
//! caller's; no message contains a token or a part of one. Deliberately does not fetch keys, keep sessions or know what
//! an actor may do.

mod claims;
mod keys;
mod refusal;
mod settings;
#[cfg(test)]
mod tests;

pub use refusal::{MintError, TokenError, TokenSettingsError};
pub use settings::{MintRequest, SigningSecret, TokenKeys, TokenSettings};

use super::Actor;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use claims::{claim, claim_place, seconds, words};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::{Header, Validation, decode, encode};
use keys::KeyRing;
use onefold_model::{DepartmentKey, Timestamp};
use serde_json::{Map, Value, json};
use std::fmt;

/// The longest token that is looked at, in bytes. Larger ones are refused unread.
pub const TOKEN_MAX_BYTES: usize = 8 * 1024;

/// The names of the process's own work begin with this, so no token may claim one.
pub(super) const SYSTEM_PREFIX: &str = "system:";

/// Checks tokens, and makes them for development.
pub struct TokenVerifier {
    keys: KeyRing,
    validation: Validation,
    issuer: String,
    audience: String,
    leeway_s: i64,
    departments_claim: String,
    roles_claim: String,
}

impl TokenVerifier {
    /// A verifier for tokens of one issuer to one audience. Refuses weak secrets and blank names.
    pub fn new(settings: TokenSettings) -> Result<Self, TokenSettingsError> {
        settings.check()?;
        let keys = KeyRing::new(settings.keys)?;
        let mut validation = Validation {
            algorithms: keys.algorithms().to_vec(),
            // The library would ask the machine's clock; `verify` asks the caller's.
            validate_exp: false,
            validate_nbf: false,
            ..Validation::default()
        };
        validation.set_issuer(&[&settings.issuer]);
        validation.set_audience(&[&settings.audience]);
        validation.set_required_spec_claims(&["iss", "aud"]);
        Ok(Self {
            keys,
            validation,
            issuer: settings.issuer,
            audience: settings.audience,
            leeway_s: i64::try_from(settings.leeway_s).unwrap_or(i64::MAX),
            departments_claim: settings.departments_claim,
            roles_claim: settings.roles_claim,
        })
    }

    /// Whose token this is. Takes the value of an `Authorization` header or the bare token.
    pub fn verify(&self, bearer: &str, now: Timestamp) -> Result<Actor, TokenError> {
        let token = bearer_token(bearer)?;
        let algorithm = header_algorithm(token)?;
        if !self.keys.algorithms().iter().any(|known| keys::name(*known) == Some(algorithm.as_str())) {
            return Err(TokenError::Algorithm);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| TokenError::Malformed("its header is not one"))?;
        let key = self.keys.decoding(&header).ok_or(TokenError::Signature)?;
        let claims =
            decode::<Map<String, Value>>(token, key, &self.validation).map_err(|error| refusal_of(&error))?.claims;
        self.check_time(&claims, now)?;
        self.actor(&claims)
    }

    /// A token for development, signed with the shared secret.
    pub fn mint(&self, request: &MintRequest, now: Timestamp) -> Result<String, MintError> {
        let (algorithm, key) = self.keys.signing().ok_or(MintError::NoSigningKey)?;
        let ttl_s = i64::try_from(request.ttl.as_secs()).map_err(|_| MintError::Lifetime)?;
        let expires = now.timestamp().checked_add(ttl_s).ok_or(MintError::Lifetime)?;
        let mut claims = Map::new();
        claims.insert("iss".to_owned(), json!(self.issuer));
        claims.insert("aud".to_owned(), json!(self.audience));
        claims.insert("sub".to_owned(), json!(request.subject));
        claims.insert("iat".to_owned(), json!(now.timestamp()));
        claims.insert("exp".to_owned(), json!(expires));
        *claim_place(&mut claims, &self.departments_claim) = json!(request.departments);
        *claim_place(&mut claims, &self.roles_claim) = json!(request.roles);
        encode(&Header::new(algorithm), &claims, key).map_err(MintError::Sign)
    }

    fn check_time(&self, claims: &Map<String, Value>, now: Timestamp) -> Result<(), TokenError> {
        let now = now.timestamp();
        let expires = claims.get("exp").ok_or(TokenError::Malformed("it has no expiry time (exp)"))?;
        let expires = seconds(expires).ok_or(TokenError::Malformed("its expiry time (exp) is not a time"))?;
        if now >= expires.saturating_add(self.leeway_s) {
            return Err(TokenError::Expired);
        }
        if let Some(begins) = claims.get("nbf") {
            let begins = seconds(begins).ok_or(TokenError::Malformed("its first moment (nbf) is not a time"))?;
            if now.saturating_add(self.leeway_s) < begins {
                return Err(TokenError::NotYetValid);
            }
        }
        Ok(())
    }

    fn actor(&self, claims: &Map<String, Value>) -> Result<Actor, TokenError> {
        let subject = claims.get("sub").and_then(Value::as_str).filter(|subject| !subject.trim().is_empty());
        let subject = subject.ok_or(TokenError::Malformed("it has no subject (sub)"))?;
        if subject.starts_with(SYSTEM_PREFIX) {
            return Err(TokenError::Malformed("its subject (sub) is reserved for the hub's own work"));
        }
        let departments = words(claim(claims, &self.departments_claim))
            .ok_or(TokenError::Malformed("its departments are not a list of texts"))?;
        // Directories put every group that a person is in into one claim. What is no department key can grant nothing.
        let departments: Vec<DepartmentKey> =
            departments.into_iter().filter_map(|word| DepartmentKey::new(word).ok()).collect();
        if departments.is_empty() {
            return Err(TokenError::NoDepartment);
        }
        let roles = words(claim(claims, &self.roles_claim))
            .ok_or(TokenError::Malformed("its roles are not a list of texts"))?;
        Ok(Actor::new(subject, departments, roles))
    }
}

impl fmt::Debug for TokenVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenVerifier")
            .field("issuer", &self.issuer)
            .field("audience", &self.audience)
            .finish_non_exhaustive()
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

/// What the token says that it is signed with. Read by hand, because the library does not read a header whose algorithm
/// it does not know, and `none` deserves its own answer.
fn header_algorithm(token: &str) -> Result<String, TokenError> {
    let parts: Vec<&str> = token.split('.').collect();
    let [header, _, _] = parts.as_slice() else {
        return Err(TokenError::Malformed("it does not have three parts"));
    };
    let header = URL_SAFE_NO_PAD.decode(header).map_err(|_| TokenError::Malformed("its header is not base64url"))?;
    let header: Map<String, Value> =
        serde_json::from_slice(&header).map_err(|_| TokenError::Malformed("its header is not a JSON object"))?;
    // RFC 7515, 4.1.11: a header that must be understood and is not makes the token invalid.
    if header.contains_key("crit") {
        return Err(TokenError::Malformed("its header demands extensions (crit)"));
    }
    let algorithm = header.get("alg").and_then(Value::as_str);
    algorithm.map(str::to_owned).ok_or(TokenError::Malformed("its header has no algorithm (alg)"))
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
