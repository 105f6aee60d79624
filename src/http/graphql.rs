//! The edge of GraphQL: method, media type, size and token are checked before a document is looked at.

mod reply;
mod view_as;

use super::gate::{Refusal, enter};
use super::{Hub, explorer};
use crate::app::Session;
use async_graphql::Request;
use axum::body::{Body, to_bytes};
use axum::extract::{RawQuery, State};
use axum::http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use reply::{Media, answered, refused};
use serde::Deserialize;
use serde_json::{Map, Value};

/// Bytes of a request body that are read.
const MAX_BODY: usize = 1024 * 1024;

/// Runs a document that was posted as JSON.
pub(super) async fn post(State(hub): State<Hub>, headers: HeaderMap, body: Body) -> Response {
    let Some(media) = Media::accepted(&headers) else { return not_acceptable() };
    let session = match enter(&hub, &headers).await {
        Ok(session) => session,
        Err(refusal) => return turned_away(media, &refusal),
    };
    // Forms and plain text can be sent by any page of the web on behalf of its reader; JSON cannot.
    let content = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if content.split(';').next().unwrap_or("").trim() != "application/json" {
        let message = "send the document as JSON with the header content-type: application/json";
        return refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, media, "UNSUPPORTED_MEDIA_TYPE", message);
    }
    let Ok(bytes) = to_bytes(body, MAX_BODY).await else {
        let message = format!("the request is larger than {MAX_BODY} bytes");
        return refused(StatusCode::PAYLOAD_TOO_LARGE, media, "REQUEST_TOO_LARGE", &message);
    };
    match serde_json::from_slice::<Posted>(&bytes) {
        Ok(Posted { query: Some(query), operation_name, variables, .. }) if !query.is_empty() => {
            let mut request = Request::new(query).variables(crate::graphql::variables(variables.unwrap_or_default()));
            request.operation_name = operation_name;
            executed(&hub, media, session, &headers, request).await
        }
        Ok(_) => bad_request(media, "the request has no \"query\": send {\"query\": \"{ viewer { subject } }\"}"),
        Err(error) => {
            let place = format!("line {}, column {}", error.line(), error.column());
            bad_request(media, &format!("the request is no JSON object with \"query\" and \"variables\" ({place})"))
        }
    }
}

/// What is posted. Read here and not by the library, whose reader takes numbers for objects.
#[derive(Deserialize)]
struct Posted {
    query: Option<String>,
    #[serde(rename = "operationName")]
    operation_name: Option<String>,
    variables: Option<Map<String, Value>>,
    /// Read so that what is no object is refused; nothing in it is known yet.
    #[serde(rename = "extensions")]
    _extensions: Option<Map<String, Value>>,
}

/// A query in the address; a browser gets the explorer.
#[derive(Deserialize)]
struct Asked {
    query: String,
    #[serde(rename = "operationName")]
    operation_name: Option<String>,
    variables: Option<String>,
}

/// Runs a query that stands in the address, or shows the explorer to a person.
pub(super) async fn get(State(hub): State<Hub>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    if explorer::is_wanted(&headers) {
        return explorer::page().into_response();
    }
    let Some(media) = Media::accepted(&headers) else { return not_acceptable() };
    let session = match enter(&hub, &headers).await {
        Ok(session) => session,
        Err(refusal) => return turned_away(media, &refusal),
    };
    let uri: Option<axum::http::Uri> = format!("/?{}", query.unwrap_or_default()).parse().ok();
    let asked = uri.and_then(|uri| axum::extract::Query::<Asked>::try_from_uri(&uri).ok());
    let Some(axum::extract::Query(asked)) = asked else {
        return bad_request(media, "give the document as ?query=…, or POST it as JSON");
    };
    let mut request = Request::new(asked.query);
    request.operation_name = asked.operation_name;
    if let Some(variables) = asked.variables {
        match serde_json::from_str::<Option<Map<String, Value>>>(&variables) {
            Ok(variables) => request = request.variables(crate::graphql::variables(variables.unwrap_or_default())),
            Err(_) => return bad_request(media, "?variables= is no JSON object"),
        }
    }
    if !hub.schema.only_reads(&request) {
        let message = "a mutation must be sent with POST";
        return refused(StatusCode::METHOD_NOT_ALLOWED, media, "METHOD_NOT_ALLOWED", message);
    }
    executed(&hub, media, session, &headers, request).await
}

/// Runs the document for the caller, or for the view that a header asks for.
async fn executed(hub: &Hub, media: Media, session: Session, headers: &HeaderMap, request: Request) -> Response {
    match view_as::viewed(&hub.schema, session, headers, &request) {
        Ok(session) => answered(media, &crate::graphql::execute(&hub.schema, session, request).await),
        Err((status, code, message)) => refused(status, media, code, &message),
    }
}

fn turned_away(media: Media, refusal: &Refusal) -> Response {
    let mut response = refused(refusal.status, media, refusal.code, &refusal.message);
    if let Some(challenge) = refusal.challenge() {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}

fn bad_request(media: Media, message: &str) -> Response {
    refused(StatusCode::BAD_REQUEST, media, "BAD_REQUEST", message)
}

fn not_acceptable() -> Response {
    let message = "the hub answers in application/graphql-response+json or application/json";
    refused(StatusCode::NOT_ACCEPTABLE, Media::Json, "NOT_ACCEPTABLE", message)
}
