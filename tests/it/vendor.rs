//! The stand-in vendors, asked over real HTTP: each list shows every object once, whoever has no key sees nothing, and
//! faults happen where they were ordered.

#![expect(clippy::unwrap_used, reason = "these are tests; the lint sees the functions that they share as production")]

mod demo;
mod faults;
mod mailchimp;
mod payloads;
mod stripe;
mod zendesk;

use onefold::http::vendor::VendorData;
use reqwest::{Client, RequestBuilder, Response};
use serde_json::Value;
use std::collections::BTreeMap;

/// A client that asks the loopback interface and nothing else.
fn client() -> Client {
    // The first test of the process installs the provider; for the others it is there already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().tls_certs_only([]).build().unwrap()
}

async fn json(request: RequestBuilder) -> Value {
    let response = request.send().await.unwrap();
    let status = response.status();
    let text = response.text().await.unwrap();
    assert!(status.is_success(), "{status}: {text}");
    serde_json::from_str(&text).unwrap()
}

async fn refused(request: RequestBuilder) -> (u16, Value) {
    let response: Response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

fn system(collections: impl IntoIterator<Item = (String, Vec<Value>)>) -> VendorData {
    VendorData::new(collections.into_iter().collect::<BTreeMap<_, _>>())
}

fn ids(rows: &Value) -> Vec<String> {
    rows.as_array().unwrap().iter().map(|row| row["id"].to_string().replace('"', "")).collect()
}
