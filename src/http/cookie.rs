//! The two cookies of the hub, and how they are kept.
//!
//! Promises: no script reads them; over TLS they travel only over TLS and belong to this host alone (`__Host-`, which no
//! other host of the domain can set); the session is never sent by a page of another site.

use crate::issuer::Address;
use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};

/// The session of somebody who has logged in. `Strict`: the pages of the hub ask with it, and nobody else's can. The page to
/// which a login leads is loaded without it, because the way there began on the provider's page; it needs none, and what it
/// asks for comes with it.
pub(super) const SESSION: Cookie = Cookie { name: "onefold_session", same_site: "Strict" };

/// What binds a login to its browser. `Lax`: the way back from the provider begins on the provider's page, and a strict
/// cookie would not come along.
pub(super) const LOGIN: Cookie = Cookie { name: "onefold_login", same_site: "Lax" };

/// Browsers keep a cookie of such a name only if this very host has set it over TLS (RFC 6265bis, 4.1.3.2).
const HOST_PREFIX: &str = "__Host-";

/// What a cookie is called, and which pages send it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cookie {
    name: &'static str,
    same_site: &'static str,
}

/// The value of a cookie. Over TLS only under the name that no other host can set, or somebody else's page could log a
/// browser in as whom it likes.
pub(super) fn read<'a>(headers: &'a HeaderMap, own: &Address, cookie: Cookie) -> Option<&'a str> {
    let pairs = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(';'));
    let mut pairs = pairs.filter_map(|pair| pair.trim().split_once('='));
    let is_it = |name: &str| match name.strip_prefix(HOST_PREFIX) {
        Some(name) => own.is_encrypted() && name == cookie.name,
        None => !own.is_encrypted() && name == cookie.name,
    };
    pairs.find(|(name, _)| is_it(name)).map(|(_, value)| value)
}

/// The header that sets a cookie for so many seconds; none at all takes it away.
pub(super) fn set(own: &Address, cookie: Cookie, value: &str, seconds: u64) -> Option<HeaderValue> {
    let (prefix, secure) = if own.is_encrypted() { (HOST_PREFIX, "; Secure") } else { ("", "") };
    let Cookie { name, same_site } = cookie;
    let text = format!("{prefix}{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite={same_site}{secure}");
    HeaderValue::try_from(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_kept_as_the_place_demands() {
        let set = |url: &str| {
            let header = set(&Address::read(url).unwrap(), SESSION, "abc", 60).unwrap();
            header.to_str().unwrap().to_owned()
        };
        assert_eq!(
            set("https://hub.example"),
            "__Host-onefold_session=abc; Path=/; Max-Age=60; HttpOnly; SameSite=Strict; Secure"
        );
        assert_eq!(set("http://127.0.0.1:7188"), "onefold_session=abc; Path=/; Max-Age=60; HttpOnly; SameSite=Strict");
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("a=1; onefold_session=x; xonefold_session=y"));
        let [plain, tls] = ["http://127.0.0.1:7188", "https://hub.example"].map(|url| Address::read(url).unwrap());
        assert_eq!(read(&headers, &plain, SESSION), Some("x"));
        assert_eq!(read(&headers, &tls, SESSION), None, "another host of the domain may have set it");
        headers.append(COOKIE, HeaderValue::from_static("__Host-onefold_session=z"));
        assert_eq!(read(&headers, &tls, SESSION), Some("z"));
        assert_eq!(read(&headers, &plain, LOGIN), None);
    }
}
