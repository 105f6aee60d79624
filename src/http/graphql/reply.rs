//! Answers in the form that the client asked for (GraphQL over HTTP, draft of 2025).

use crate::graphql::{Answer, COST_THROTTLED, was_run};
use crate::http::gate::error_body;
use async_graphql::{Response as GraphqlResponse, ServerError, Value};
use axum::body::Body;
use axum::http::header::{ACCEPT, ALLOW, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;

/// The media type of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Media {
    /// `application/graphql-response+json`: the status tells whether the document could be run.
    Graphql,
    /// `application/json`: the status is 200 whatever the document says, for clients of before.
    Json,
}

impl Media {
    /// The first of the two that the client accepts; JSON where it accepts anything.
    pub(super) fn accepted(headers: &HeaderMap) -> Option<Self> {
        let accept = headers.get(ACCEPT).map_or("*/*", |value| value.to_str().unwrap_or("*/*"));
        accept.split(',').find_map(|range| match range.split(';').next().unwrap_or("").trim() {
            "application/graphql-response+json" => Some(Self::Graphql),
            "application/json" | "application/*" | "*/*" | "" => Some(Self::Json),
            _ => None,
        })
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Graphql => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }
}

fn response(status: StatusCode, media: Media, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media.as_str()));
    response
}

/// A request that did not come as far as a document.
pub(super) fn refused(status: StatusCode, media: Media, code: &str, message: &str) -> Response {
    let body = error_body(code, message).to_string();
    let mut response = response(status, media, body.into_bytes());
    if status == StatusCode::METHOD_NOT_ALLOWED {
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
    }
    response
}

fn is_throttled(error: &ServerError) -> bool {
    let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code"));
    code == Some(&Value::from(COST_THROTTLED))
}

/// What became of a document.
pub(super) fn answered(media: Media, answer: Answer) -> Response {
    let Answer::Executed(executed) = &answer else { return response(StatusCode::OK, media, answer.into_body()) };
    let (status, wait) = told(media, executed);
    let mut response = response(status, media, answer.into_body());
    if let Some(wait) = wait {
        response.headers_mut().insert(RETRY_AFTER, wait);
    }
    response
}

/// The status of what the executor answered, and when to come again where it is too early.
fn told(media: Media, answer: &GraphqlResponse) -> (StatusCode, Option<HeaderValue>) {
    let was_run = was_run(answer);
    let status = match media {
        Media::Json => StatusCode::OK,
        Media::Graphql if was_run => StatusCode::OK,
        Media::Graphql if answer.errors.iter().any(is_throttled) => StatusCode::TOO_MANY_REQUESTS,
        Media::Graphql => StatusCode::BAD_REQUEST,
    };
    let wait = answer.extensions.get("cost").and_then(retry_after).filter(|_| status == StatusCode::TOO_MANY_REQUESTS);
    (status, wait)
}

/// Whole seconds, as the header has them.
fn retry_after(cost: &Value) -> Option<HeaderValue> {
    let Value::Object(fields) = cost else { return None };
    let Some(Value::Number(millis)) = fields.get("retryAfterMs") else { return None };
    Some(HeaderValue::from(millis.as_u64()?.div_ceil(1000)))
}
