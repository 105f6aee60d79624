//! OAuth 2: what is asked for a token, and what its answer means.

use crate::folders::{configure, connector};
use onefold_connector::{Configured, Connector, HttpResponse, ReadError, Secret, Step};
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn manifest(oauth: &str) -> String {
    format!(
        "
manifest: 1
id: sample
title: Sample
version: 1.0.0
config:
  id: {{type: text, required: true}}
  secret: {{type: text, secret: true, required: true}}
  refresh: {{type: text, secret: true}}
http:
  base: 'https://login.sample.example'
  hosts: ['eu.sample.example']
  auth: {{oauth2: {{token_url: 'https://login.sample.example/token', client_id: '{{config.id}}', client_secret: '{{config.secret}}', {oauth}}}}}
pages: {{one: {{style: single}}}}
streams:
  items: {{into: campaign, key: /id, deletes: none, map: {{name: id}}, snapshot: {{get: /items, pages: one, records: /data}}}}
"
    )
}

fn source(oauth: &str) -> Configured {
    configure(&connector(&manifest(oauth)), &[("id", "me"), ("secret", "t0psecret"), ("refresh", "r1")])
}

fn answer(status: u16, body: Value) -> HttpResponse {
    HttpResponse { status, headers: Vec::new(), body, at: "2026-02-01T00:00:00Z".parse().unwrap() }
}

fn form(request: &onefold_connector::TokenRequest) -> Vec<(&str, &str)> {
    request.form.iter().map(|(name, value)| (name.as_str(), value.expose())).collect()
}

/// The address and the authorization of the first request.
fn first(source: &Configured) -> (String, Option<String>) {
    let now = "2026-02-01T00:00:00Z".parse().unwrap();
    let task = source.plan(&BTreeMap::new(), now).remove(0);
    let Step::Request(request) = source.reader(&task, &BTreeMap::new(), now).unwrap().next_step() else {
        panic!("one")
    };
    let authorization = request.headers.iter().find(|(name, _)| name == "Authorization");
    (request.url, authorization.map(|(_, value)| value.expose().to_owned()))
}

#[test]
fn a_refresh_token_is_exchanged_and_the_new_one_is_handed_over() {
    let source = source("grant: refresh_token, refresh_token: '{config.refresh}', scheme: Zoho-oauthtoken");
    let request = source.token_request(None).unwrap();
    assert_eq!(form(&request), [("grant_type", "refresh_token"), ("refresh_token", "r1")]);
    assert_eq!(request.url, "https://login.sample.example/token");
    assert!(request.headers.iter().any(|(_, value)| value.expose() == "Basic bWU6dDBwc2VjcmV0"));
    assert!(!format!("{request:?} {source:?}").contains("t0psecret") && !format!("{request:?}").contains("r1"));

    let token = source
        .accept_token(&answer(200, json!({"access_token": "a1", "expires_in": 1800, "refresh_token": "r2"})))
        .unwrap();
    assert_eq!(token.ends_at, Some("2026-02-01T00:30:00Z".parse().unwrap()));
    assert!(!format!("{token:?}").contains("a1"));
    let kept = token.refresh.clone().unwrap();
    assert_eq!(form(&source.token_request(Some(&kept)).unwrap())[1], ("refresh_token", "r2"), "the newest one is used");
    assert_eq!(first(&source).1, None);
    let ready = source.with_token(&token).unwrap();
    assert_eq!(first(&ready).1.as_deref(), Some("Zoho-oauthtoken a1"));
    let next = source.accept_token(&answer(200, json!({"access_token": "a2"}))).unwrap();
    let ready = ready.with_token(&next).unwrap();
    assert_eq!(
        first(&ready.choose(["items"]).unwrap()).1.as_deref(),
        Some("Zoho-oauthtoken a2"),
        "one token at a time"
    );
}

#[test]
fn client_credentials_may_stand_in_the_form() {
    let source = source("grant: client_credentials, client: form, scope: 'read all'");
    let request = source.token_request(Some(&Secret::new("of another time"))).unwrap();
    let expected = [
        ("grant_type", "client_credentials"),
        ("scope", "read all"),
        ("client_id", "me"),
        ("client_secret", "t0psecret"),
    ];
    assert_eq!(form(&request), expected);
    assert!(request.headers.iter().all(|(name, _)| name != "Authorization"));
}

#[test]
fn an_address_that_comes_with_the_token_must_be_a_declared_host() {
    let source = source("grant: client_credentials, base: /instance_url");
    let token = |url: &str| {
        source
            .accept_token(&answer(200, json!({"access_token": "a", "instance_url": url, "expires_in": "60"})))
            .unwrap()
    };
    let ready = source.with_token(&token("https://eu.sample.example/v1")).unwrap();
    assert_eq!(first(&ready).0, "https://eu.sample.example/v1/items");
    let error = source.with_token(&token("https://evil.example")).unwrap_err();
    assert_eq!(error, ReadError::ForeignHost { host: "evil.example".to_owned() });
    assert_eq!(
        first(&source.with_token(&source.accept_token(&answer(200, json!({"access_token": "a"}))).unwrap()).unwrap()).0,
        "https://login.sample.example/items"
    );
}

#[test]
fn a_refusal_is_told_by_its_code_and_repeats_nothing_else() {
    let source = source("grant: client_credentials");
    let refused = |status, body| source.accept_token(&answer(status, body)).unwrap_err().to_string();
    let told = refused(400, json!({"error": "invalid_grant", "error_description": "token t0psecret of Ada is gone"}));
    assert!(told.contains("invalid_grant") && !told.contains("t0psecret"), "{told}");
    assert!(refused(200, json!({"error": "invalid_code"})).contains("invalid_code"), "some refuse with status 200");
    assert!(!refused(401, json!({"error": "Token t0psecret"})).contains("t0psecret"));
    assert!(refused(200, json!({})).contains("no access token"));
    assert_eq!(source.accept_token(&answer(503, Value::Null)).unwrap_err().code(), "unavailable");
    assert_eq!(source.accept_token(&answer(400, Value::Null)).unwrap_err().code(), "auth");
}

#[test]
fn what_does_not_go_together_is_refused() {
    for oauth in ["grant: refresh_token", "grant: client_credentials, refresh_token: '{config.refresh}'"] {
        let files = BTreeMap::from([("test/sample/connector.yaml".to_owned(), manifest(oauth))]);
        let error = Connector::load("test/sample", &files).unwrap_err().to_string();
        assert!(error.contains("the grant refresh_token has a refresh_token"), "{error}");
    }
    let connector = connector(&manifest("grant: refresh_token, refresh_token: '{config.refresh}'"));
    let errors = connector.configure(json!({"id": "me", "secret": "s"}).as_object().unwrap()).unwrap_err();
    assert_eq!(errors[0].to_string(), "setting \"refresh\" is required");
    let bearer = configure(&crate::folders::load("marketing/hubspot"), &[("token", "t")]);
    assert_eq!(bearer.token_request(None), None);
}

#[test]
fn a_token_that_something_else_keeps_fresh_is_used_as_it_is() {
    let text = manifest(
        "grant: refresh_token, refresh_token: '{config.refresh}', access_token: '{config.fixed}', scheme: Own",
    )
    .replace("secret: {type: text, secret: true, required: true}", "secret: {type: text, secret: true}")
    .replace("http:", "  fixed: {type: text, secret: true}\nhttp:");
    let connector = connector(&text);
    let fixed = configure(&connector, &[("id", "me"), ("fixed", "f1")]);
    assert_eq!((fixed.token_request(None), fixed.refresh_token()), (None, None), "nothing is asked for");
    assert_eq!(first(&fixed).1.as_deref(), Some("Own f1"));
    let asked = configure(&connector, &[("id", "me"), ("secret", "s"), ("refresh", "r1")]);
    assert_eq!(asked.refresh_token(), Some(&Secret::new("r1")));
    assert_eq!(first(&asked).1, None);
    let errors = connector.configure(json!({"id": "me", "secret": "s"}).as_object().unwrap()).unwrap_err();
    assert_eq!(errors[0].to_string(), "setting \"refresh\" is required, or \"fixed\" instead");
}

#[test]
fn a_request_of_before_gets_the_newest_token() {
    let source = source("grant: client_credentials");
    let token = |text: &str| source.accept_token(&answer(200, json!({"access_token": text}))).unwrap();
    let now = "2026-02-01T00:00:00Z".parse().unwrap();
    let old = source.with_token(&token("a1")).unwrap();
    let task = old.plan(&BTreeMap::new(), now).remove(0);
    let Step::Request(mut request) = old.reader(&task, &BTreeMap::new(), now).unwrap().next_step() else {
        panic!("one")
    };
    old.with_token(&token("a2")).unwrap().authorize(&mut request);
    let sent: Vec<&str> =
        request.headers.iter().filter(|(name, _)| name == "Authorization").map(|(_, value)| value.expose()).collect();
    assert_eq!(sent, ["Bearer a2"]);
}
