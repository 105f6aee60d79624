//! GraphiQL for people, from this host alone: its files are put into the binary when `scripts/explorer` has fetched them.
//! Without them a plain page takes a token and a document.

use axum::extract::Path;
use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "web/explorer/dist"]
#[allow_missing = true]
struct Files;

const RICH: &str = include_str!("../../web/explorer/index.html");
const PLAIN: &str = include_str!("../../web/explorer/plain.html");
/// Nothing may be loaded from elsewhere; GraphiQL writes its styles itself.
const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    font-src 'self' data:; worker-src 'self' blob:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; \
    object-src 'none'";

const START: &str = include_str!("../../web/explorer/start.js");
const PLAIN_SCRIPT: &str = include_str!("../../web/explorer/plain.js");

/// A browser that opens an address asks for HTML first.
pub(super) fn is_wanted(headers: &HeaderMap) -> bool {
    headers.get(ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|accept| accept.contains("text/html"))
}

/// The page.
pub(super) fn page() -> impl IntoResponse {
    let html = if Files::get("graphiql.min.js").is_some() { RICH } else { PLAIN };
    ([(CONTENT_SECURITY_POLICY, POLICY)], Html(html))
}

/// One of the files of the page.
pub(super) async fn file(Path(name): Path<String>) -> Response {
    let script: [(HeaderName, &str); 1] = [(CONTENT_TYPE, "text/javascript; charset=utf-8")];
    match name.as_str() {
        "start.js" => return (script, START).into_response(),
        "plain.js" => return (script, PLAIN_SCRIPT).into_response(),
        _ => {}
    }
    let Some(file) = Files::get(&name) else { return StatusCode::NOT_FOUND.into_response() };
    let media = if std::path::Path::new(&name).extension().is_some_and(|extension| extension == "css") {
        "text/css; charset=utf-8"
    } else {
        "text/javascript; charset=utf-8"
    };
    ([(CONTENT_TYPE, media), (CACHE_CONTROL, "max-age=3600")], file.data.into_owned()).into_response()
}
