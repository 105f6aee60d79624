//! The console for people, from this host alone: the files of `web/dist` are put into the binary when `scripts/console` has
//! built them. Without them `/` says how to get it, and everything else works.
//!
//! Promises: no page and no style comes from elsewhere; a file that is not there is never answered with a page. Deliberately
//! knows nobody: the pages hold no data, and ask `/graphql` as everybody does.

use super::explorer::is_wanted;
use axum::extract::Path;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
    REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::{Html, IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};
use std::fmt::Write as _;

#[derive(RustEmbed)]
#[folder = "web/dist"]
#[allow_missing = true]
struct Files;

const PAGE: &str = "index.html";

/// Nothing from elsewhere. Styles may be set on elements: menus and lists are placed that way.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// What `/` says where the binary was built without Node.
const WITHOUT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Onefold</title>\
    <h1>Onefold</h1><p>The hub runs, and the console is not in this build.</p>\
    <p>To get it, install Node 20.19 or later, run <code>make build</code>, and start the new binary.</p>\
    <p><a href=\"/graphql\">The API explorer is here.</a></p></html>";

/// The page of the console, for `/` and for every address that it names itself; everything else is not here.
pub(super) async fn page(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let is_page = uri.path() == "/" || (is_wanted(&headers) && !uri.path().contains('.'));
    if !is_page || !matches!(method, Method::GET | Method::HEAD) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let mut response = match Files::get(PAGE) {
        Some(plain) => packed(PAGE, plain, &headers),
        None => Html(WITHOUT).into_response(),
    };
    let fixed = [
        (CONTENT_SECURITY_POLICY, POLICY),
        (CACHE_CONTROL, "no-cache"),
        (REFERRER_POLICY, "same-origin"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    response.headers_mut().extend(fixed.map(|(name, value)| (name, HeaderValue::from_static(value))));
    response
}

/// One of the files that the page loads. Their names change with their content, so that browsers may keep them.
pub(super) async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let path = format!("assets/{name}");
    let is_packed = matches!(path.rsplit_once('.'), Some((_, "br" | "gz")));
    let Some(plain) = Files::get(&path).filter(|_| !is_packed) else { return StatusCode::NOT_FOUND.into_response() };
    let mut response = packed(&path, plain, &headers);
    let kept = HeaderValue::from_static("public, max-age=31536000, immutable");
    response.headers_mut().insert(CACHE_CONTROL, kept);
    response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// The file in the smallest form that the browser takes.
fn packed(path: &str, plain: EmbeddedFile, headers: &HeaderMap) -> Response {
    let tag = tag(&plain);
    if headers.get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, [(ETAG, tag)]).into_response();
    }
    let accepted = headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let takes = |wanted: &str| accepted.split(',').any(|one| one.trim() == wanted);
    let forms = [("br", "br"), ("gzip", "gz")].into_iter().filter(|(coding, _)| takes(coding));
    let mut found = forms.filter_map(|(coding, end)| Some((coding, Files::get(&format!("{path}.{end}"))?)));
    let (coding, file) = found.next().unwrap_or(("identity", plain));
    let fixed = [(CONTENT_TYPE, media(path)), (CONTENT_ENCODING, coding), (VARY, "accept-encoding")];
    (fixed, [(ETAG, tag)], file.data.into_owned()).into_response()
}

/// Weak, because it stands for every form of the file.
fn tag(file: &EmbeddedFile) -> String {
    let mut tag = "W/\"".to_owned();
    for byte in file.metadata.sha256_hash().iter().take(16) {
        // Writing into a string cannot fail.
        let _ = write!(tag, "{byte:02x}");
    }
    tag.push('"');
    tag
}

fn media(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, end)| end) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("md") => "text/plain; charset=utf-8",
        _ => "text/javascript; charset=utf-8",
    }
}
