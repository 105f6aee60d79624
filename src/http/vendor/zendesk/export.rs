//! Incremental exports: everything that changed since, oldest change first.

use super::super::answer::{Envelope, Refusal};
use super::super::page::{Order, Params};
use super::super::server::own_url;
use super::{Account, EmptyPages, bare, changed_field, no_endpoint, refused};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value;

/// Behind which row the next page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Position {
    /// When that row changed, unix seconds.
    changed: i64,
    id: i64,
    /// The next page is an empty one.
    gap: bool,
}

impl Position {
    fn to_text(self) -> String {
        BASE64.encode(format!("{}.0||{}|{}", self.changed, self.id, if self.gap { "gap" } else { "" }))
    }

    fn from_text(text: &str) -> Option<Self> {
        let decoded = String::from_utf8(BASE64.decode(text).ok()?).ok()?;
        let mut parts = decoded.split('|');
        let changed = parts.next()?.strip_suffix(".0")?.parse().ok()?;
        let id = parts.nth(1)?.parse().ok()?;
        Some(Self { changed, id, gap: parts.next()? == "gap" })
    }
}

fn start_time(params: &Params) -> Result<Option<i64>, Refusal> {
    let problem = |_| refused(StatusCode::UNPROCESSABLE_ENTITY, "InvalidValue", "start_time is not a unix time");
    params.number("start_time").map_err(problem)
}

fn page_size(account: &Account, params: &Params) -> Result<usize, Refusal> {
    let problem = || refused(StatusCode::BAD_REQUEST, "InvalidValue", "per_page is not a number between 1 and 1000");
    match params.number("per_page").map_err(|_| problem())? {
        None => Ok(account.settings.page_size),
        Some(size) => match usize::try_from(size) {
            Ok(size) if (1..=1000).contains(&size) => Ok(size.min(account.settings.page_size)),
            _ => Err(problem()),
        },
    }
}

/// `GET /api/v2/incremental/{users,tickets}/cursor(.json)` with `cursor`, or `start_time` at first.
pub(super) async fn by_position(
    State(account): State<Account>,
    Path((collection, cursor)): Path<(String, String)>,
    Query(params): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Result<Envelope, Refusal> {
    if bare(&cursor) != "cursor" || !matches!(collection.as_str(), "users" | "tickets") {
        return Err(no_endpoint());
    }
    let params = Params(params);
    let position = match (params.get("cursor"), start_time(&params)?) {
        (Some(text), _) => Position::from_text(text)
            .ok_or_else(|| refused(StatusCode::BAD_REQUEST, "InvalidCursor", "The cursor is malformed"))?,
        (None, Some(start)) => Position { changed: start.saturating_sub(1), id: i64::MAX, gap: false },
        (None, None) => {
            return Err(refused(StatusCode::BAD_REQUEST, "MissingParameter", "start_time or cursor is required"));
        }
    };
    let size = page_size(&account, &params)?;
    let view = account.data.view(&collection, Order::OldestFirst(changed_field(&collection)));
    let (keys, rows) = view.as_deref().map_or((&[][..], &[][..]), |view| (view.keys(), view.rows()));
    let from = keys.partition_point(|key| *key <= (position.changed, position.id));
    let to = if position.gap { from } else { rows.len().min(from + size) };
    let ended = to == rows.len() && !position.gap;
    let next = match keys.get(from..to).and_then(<[_]>::last) {
        Some((changed, id)) => {
            let gap = !ended && account.settings.empty_pages == EmptyPages::BetweenPages;
            Position { changed: *changed, id: *id, gap }
        }
        None => Position { gap: false, ..position },
    };
    let text = next.to_text();
    let url = own_url(&headers);
    let mut next_url = format!("{url}/api/v2/incremental/{collection}/cursor.json?cursor={}", escaped(&text));
    if let Some(asked) = params.get("per_page") {
        next_url.push_str("&per_page=");
        next_url.push_str(asked);
    }
    Ok(Envelope::default()
        .rows(&collection, rows.get(from..to).unwrap_or(&[]).to_vec())
        .with("after_url", next_url)
        .with("after_cursor", text)
        .with("before_url", Value::Null)
        .with("before_cursor", Value::Null)
        .with("end_of_stream", ended))
}

/// `GET /api/v2/incremental/organizations(.json)` with `start_time`. A page never splits a second, and always reaches
/// beyond the second in which it starts, so following `next_page` gets on although its start is inclusive.
pub(super) async fn by_time(
    State(account): State<Account>,
    Path(collection): Path<String>,
    Query(params): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Result<Envelope, Refusal> {
    let collection = bare(&collection);
    if !matches!(collection, "organizations" | "users" | "tickets") {
        return Err(no_endpoint());
    }
    let params = Params(params);
    let Some(start) = start_time(&params)? else {
        return Err(refused(StatusCode::BAD_REQUEST, "MissingParameter", "start_time is required"));
    };
    let size = page_size(&account, &params)?;
    let view = account.data.view(collection, Order::OldestFirst(changed_field(collection)));
    let (keys, rows) = view.as_deref().map_or((&[][..], &[][..]), |view| (view.keys(), view.rows()));
    let from = keys.partition_point(|(changed, _)| *changed < start);
    let beyond = keys.partition_point(|(changed, _)| *changed <= start);
    let full = rows.len().min((from + size).max(beyond + 1));
    let to = match keys.get(from..full).and_then(<[_]>::last) {
        Some((end, _)) => keys.partition_point(|(changed, _)| changed <= end),
        None => from,
    };
    let page = rows.get(from..to).unwrap_or(&[]).to_vec();
    let end = keys.get(from..to).and_then(<[_]>::last).map_or(start, |(changed, _)| *changed);
    let next = format!("{}/api/v2/incremental/{collection}.json?start_time={end}", own_url(&headers));
    let count = page.len();
    Ok(Envelope::default()
        .rows(collection, page)
        .with("count", count)
        .with("next_page", next)
        .with("end_time", end)
        .with("end_of_stream", to == rows.len()))
}

/// Base64 in a query string.
fn escaped(base64: &str) -> String {
    base64.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_reads_back_what_was_handed_out() {
        for position in [
            Position { changed: -1, id: i64::MAX, gap: false },
            Position { changed: 1_764_000_000, id: 360_000_000_041, gap: true },
        ] {
            assert_eq!(Position::from_text(&position.to_text()), Some(position));
        }
        assert_eq!(Position::from_text("bm9uc2Vuc2U="), None);
    }
}
