//! Faults: each does to a client what it is named after, and only where it was ordered.

use super::{client, json, system};
use onefold::http::vendor::{Fault, Stripe, VendorServer};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

async fn start() -> VendorServer {
    let rows = (0..50).map(|n| json!({"id": format!("cus_{n}"), "created": n})).collect();
    let data = system([("customers".to_owned(), rows)]);
    VendorServer::start(Stripe { api_key: "k".to_owned() }, data).await.unwrap()
}

fn customers(server: &VendorServer) -> RequestBuilder {
    client().get(format!("{}/v1/customers?limit=50", server.base_url())).bearer_auth("k")
}

#[tokio::test]
async fn a_refusal_comes_at_the_named_request_and_the_next_is_good() {
    for (fault, status, wait) in [
        (Fault::too_many_requests("2"), 429, Some("2")),
        (Fault::too_many_requests("Wed, 21 Oct 2026 07:28:00 GMT"), 429, Some("Wed, 21 Oct 2026 07:28:00 GMT")),
        (Fault::server_error(), 500, None),
        (Fault::unavailable(), 503, None),
        (Fault::unauthorized(), 401, None),
        (Fault::forbidden(), 403, None),
    ] {
        let server = start().await;
        server.faults().on_nth("/v1/customers", 2, fault);
        assert_eq!(json(customers(&server)).await["data"].as_array().unwrap().len(), 50);
        let answer = customers(&server).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status);
        assert_eq!(answer.headers().get("retry-after").map(|value| value.to_str().unwrap()), wait);
        let body: Value = answer.json().await.unwrap();
        assert!(body["error"]["message"].is_string());
        assert_eq!(json(customers(&server)).await["data"].as_array().unwrap().len(), 50);
    }
}

#[tokio::test]
async fn a_cut_body_breaks_the_read_after_a_good_status() {
    let server = start().await;
    server.faults().on_nth("", 1, Fault::CutBody);
    let answer = customers(&server).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    let announced = answer.content_length().unwrap();
    assert!(answer.bytes().await.is_err());
    let whole = customers(&server).send().await.unwrap().bytes().await.unwrap();
    assert_eq!(whole.len() as u64, announced);
}

#[tokio::test]
async fn malformed_json_has_a_fitting_length_and_does_not_parse() {
    let server = start().await;
    server.faults().on_nth("", 1, Fault::MalformedJson);
    let answer = customers(&server).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    let body = answer.bytes().await.unwrap();
    assert!(!body.is_empty() && serde_json::from_slice::<Value>(&body).is_err());
}

#[tokio::test]
async fn html_comes_with_a_good_status() {
    let server = start().await;
    server.faults().on_nth("", 1, Fault::Html);
    let answer = customers(&server).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    assert!(answer.text().await.unwrap().starts_with("<!doctype html>"));
}

#[tokio::test]
async fn a_hanging_answer_lasts_until_the_client_gives_up() {
    let server = start().await;
    server.faults().on_every("/v1/customers", Fault::Hang);
    let error = customers(&server).timeout(Duration::from_millis(50)).send().await.unwrap_err();
    assert!(error.is_timeout());
    server.faults().clear();
    assert_eq!(json(customers(&server)).await["has_more"], false);
}

#[tokio::test]
async fn stopping_ends_hanging_answers_and_closes_the_port() {
    let server = start().await;
    server.faults().on_every("", Fault::Hang);
    let (requests, url) = (server.requests().clone(), format!("{}/v1/customers", server.base_url()));
    let hanging = tokio::spawn(customers(&server).send());
    while requests.total() == 0 {
        tokio::task::yield_now().await;
    }
    server.stop().await;
    let answer = hanging.await.unwrap();
    assert!(answer.map_or(true, |answer| answer.status().as_u16() == 503));
    assert!(client().get(url).send().await.unwrap_err().is_connect());
}

#[tokio::test]
async fn every_answer_can_be_delayed() {
    let server = start().await;
    server.faults().delay(Duration::from_millis(30));
    let begun = Instant::now();
    json(customers(&server)).await;
    assert!(begun.elapsed() >= Duration::from_millis(30));
}

#[tokio::test]
async fn requests_are_remembered_by_path_with_their_queries() {
    let server = start().await;
    json(customers(&server)).await;
    let _ = client().get(format!("{}/v1/customers?limit=3&created[gte]=7", server.base_url())).send().await;
    let _ = client().get(format!("{}/v1/nothing", server.base_url())).send().await;
    let requests = server.requests();
    assert_eq!((requests.total(), requests.count("/v1/customers"), requests.count("/v1/nothing")), (3, 2, 1));
    assert_eq!(requests.queries("/v1/customers"), ["limit=50", "limit=3&created[gte]=7"]);
    requests.clear();
    assert_eq!(requests.total(), 0);
}
