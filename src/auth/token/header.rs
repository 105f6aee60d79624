//! A token's header, read by hand: the library does not read one whose algorithm it does not know, and `none` deserves its
//! own answer. Nothing here is checked yet.

use super::TokenError;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

/// Members that say where a key is, or bring one (RFC 7515, 4.1.2 to 4.1.6). Whoever forges a token could point them at a
/// key of their own, so a token with one is refused and nothing is fetched.
const KEY_REFERENCES: [&str; 4] = ["jku", "x5u", "jwk", "x5c"];

/// What a token is for. A token made for one purpose must not serve another (RFC 8725, 3.11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// To call the hub.
    Access,
    /// To say who has logged in.
    Login,
}

/// What counts of a header.
pub(super) struct RawHeader {
    pub(super) algorithm: String,
    pub(super) key_id: Option<String>,
}

impl RawHeader {
    pub(super) fn read(token: &str, purpose: Use) -> Result<Self, TokenError> {
        let [header, _, _] = parts(token)?;
        let header =
            URL_SAFE_NO_PAD.decode(header).map_err(|_| TokenError::Malformed("its header is not base64url"))?;
        let header: Map<String, Value> =
            serde_json::from_slice(&header).map_err(|_| TokenError::Malformed("its header is not a JSON object"))?;
        // RFC 7515, 4.1.11: a header that must be understood and is not makes the token invalid.
        if header.contains_key("crit") {
            return Err(TokenError::Malformed("its header demands extensions (crit)"));
        }
        if KEY_REFERENCES.iter().any(|name| header.contains_key(*name)) {
            return Err(TokenError::KeyReference);
        }
        let text = |name: &str| header.get(name).and_then(Value::as_str);
        let algorithm = text("alg").ok_or(TokenError::Malformed("its header has no algorithm (alg)"))?;
        if !is_for(text("typ"), purpose) {
            return Err(TokenError::Malformed("its type (typ) is for another purpose"));
        }
        if header.get("kid").is_some_and(|kid| !kid.is_string()) {
            return Err(TokenError::Malformed("the name of its key (kid) is not a text"));
        }
        Ok(Self { algorithm: algorithm.to_owned(), key_id: text("kid").map(str::to_owned) })
    }
}

/// Many issuers name no type, or just JWT, for either purpose.
fn is_for(media: Option<&str>, purpose: Use) -> bool {
    let Some(media) = media else { return true };
    let media = media.to_ascii_lowercase();
    match media.strip_prefix("application/").unwrap_or(&media) {
        "jwt" => true,
        "at+jwt" => purpose == Use::Access,
        _ => false,
    }
}

/// The claims as the token has them, signed or not.
pub(super) fn unchecked_claims(token: &str) -> Result<Map<String, Value>, TokenError> {
    let [_, claims, _] = parts(token)?;
    let claims = URL_SAFE_NO_PAD.decode(claims).map_err(|_| TokenError::Malformed("its claims are not base64url"))?;
    serde_json::from_slice(&claims).map_err(|_| TokenError::Malformed("its claims are not a JSON object"))
}

fn parts(token: &str) -> Result<[&str; 3], TokenError> {
    let mut parts = token.split('.');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(header), Some(claims), Some(signature), None) => Ok([header, claims, signature]),
        _ => Err(TokenError::Malformed("it does not have three parts")),
    }
}
