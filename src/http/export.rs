//! Exports are fetched: the parts as they were written, one after the other.
//!
//! Promises: whoever may not have it is told that it is not there; memory holds one part; what was deleted meanwhile breaks off,
//! and is not taken for the whole. Deliberately does not know what is in it.

use super::Hub;
use super::gate::{enter, error_body};
use super::watch::turned_away;
use crate::app::{AppError, ExportFormat, ExportRow, Session};
use crate::graphql::cursor_of;
use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::stream::try_unfold;
use onefold_model::{ExportId, NodeId};
use std::io;

/// The place in the log behind which the next export begins.
const END_CURSOR: &str = "onefold-end-cursor";

/// An export, with the token or session of the graph.
pub(super) async fn get(State(hub): State<Hub>, headers: HeaderMap, Path(id): Path<String>) -> Response {
    let session = match enter(&hub, &headers).await {
        Ok(session) => session,
        Err(refusal) => return turned_away(&refusal),
    };
    let id = id.parse::<NodeId>().ok().and_then(|node| ExportId::try_from(node).ok());
    let Some(id) = id else { return missing() };
    match session.export_fetch(id).await {
        Ok(Some(row)) => file(session, row),
        Ok(None) => missing(),
        Err(error) => failed(&error),
    }
}

fn file(session: Session, row: ExportRow) -> Response {
    let (media, ending) = match row.format {
        ExportFormat::Ndjson => ("application/x-ndjson", "ndjson"),
        ExportFormat::Csv => ("text/csv; charset=utf-8", "csv"),
    };
    let name = format!("customers-{}.{ending}", row.created_at.format("%Y%m%dT%H%M%SZ"));
    let headers = [
        (CONTENT_TYPE, media.to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (CONTENT_LENGTH, row.bytes.to_string()),
        (CACHE_CONTROL, "no-store".to_owned()),
        (X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    let cursor = [(END_CURSOR, cursor_of(row.until))];
    (headers, cursor, Body::from_stream(parts(session, row))).into_response()
}

/// The parts in their order. One that is not there any more is an error, which breaks the answer off before its length.
fn parts(session: Session, row: ExportRow) -> impl futures_util::Stream<Item = io::Result<Bytes>> {
    try_unfold(0, move |next| {
        let (session, row) = (session.clone(), row.clone());
        async move {
            if next >= row.parts {
                return Ok(None);
            }
            let part = session.export_part(&row, next).await.map_err(io::Error::other)?;
            let part = part.ok_or_else(|| io::Error::other("the export was deleted while it was fetched"))?;
            Ok(Some((Bytes::from(part), next + 1)))
        }
    })
}

fn missing() -> Response {
    let message = "there is no such export, it is not whole, or it is not yours: `exports` lists those that are";
    (StatusCode::NOT_FOUND, Json(error_body("NOT_FOUND", message))).into_response()
}

fn failed(error: &AppError) -> Response {
    tracing::error!(error = %error, "an export could not be looked up");
    let message = "the hub could not look the export up; the operator's log says why";
    (StatusCode::SERVICE_UNAVAILABLE, Json(error_body("INTERNAL", message))).into_response()
}
