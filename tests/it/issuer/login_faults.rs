//! Every way in which a login comes to nothing, against the real provider: what is said, and that no session begins.

use super::login::{SESSION, logged_in};
use super::provider::{Browser, LoginHub};
use crate::api::served::Served;
use crate::harness::on_both;
use crate::store::fixture::number;
use onefold::store::Store;
use reqwest::Url;
use serde_json::Value;

/// Status and code of what the callback answers.
async fn callback(browser: &mut Browser, url: &Url) -> (u16, String) {
    let response = browser.get(url).await;
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap_or_default();
    (status, body["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned())
}

/// The address with one part of its query changed; an empty value takes it away.
fn but(url: &Url, name: &str, value: &str) -> Url {
    let mut pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    pairs.retain(|(known, _)| known != name);
    if !value.is_empty() {
        pairs.push((name.to_owned(), value.to_owned()));
    }
    let mut url = url.clone();
    url.query_pairs_mut().clear().extend_pairs(pairs);
    url
}

async fn nobody_is_in(store: &Store, browser: &Browser, hub: &LoginHub) {
    assert_eq!(number(store, "select count(*) from login_session").await, 0);
    assert!(browser.cookie(&hub.url("/"), SESSION).is_none());
}

fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[tokio::test]
async fn a_callback_counts_only_in_the_browser_that_began_the_login() {
    on_both(|store| async move {
        let Some(hub) = LoginHub::start(&store, "ok").await else { return };
        let mut browser = Browser::new();
        let back = browser.follow(hub.url("/auth/login"), "/auth/callback").await;
        let mut other = Browser::new();
        assert_eq!(callback(&mut other, &back).await, refused(400, "LOGIN_STATE"), "no cookie at all");
        other.get(&hub.url("/auth/login")).await;
        assert_eq!(callback(&mut other, &back).await, refused(400, "LOGIN_STATE"), "the cookie of another login");
        nobody_is_in(&store, &other, &hub).await;
        let cookie = browser.cookie(&hub.url("/"), "onefold_login").unwrap();
        for wrong in [but(&back, "state", ""), but(&back, "state", "made-up"), but(&back, "code", "")] {
            browser.set_cookie(&hub.url("/"), "onefold_login", &cookie);
            assert_eq!(callback(&mut browser, &wrong).await, refused(400, "LOGIN_STATE"), "{wrong}");
            assert!(browser.cookie(&hub.url("/"), "onefold_login").is_none(), "a login that failed is over");
        }
        browser.set_cookie(&hub.url("/"), "onefold_login", &cookie);
        let other_issuer = but(&back, "iss", "https://evil.example");
        assert_eq!(callback(&mut browser, &other_issuer).await, refused(400, "LOGIN_ISSUER"));
        nobody_is_in(&store, &browser, &hub).await;
        hub.served.stop().await;
    })
    .await;
}

#[tokio::test]
async fn an_id_token_of_another_login_is_refused() {
    on_both(|store| async move {
        let Some(hub) = LoginHub::start(&store, "ok").await else { return };
        let mut browser = Browser::new();
        let begun = browser.get(&hub.url("/auth/login")).await;
        let location: Url = crate::api::served::header(&begun, "location").parse().unwrap();
        let changed = but(&location, "nonce", "another-login-than-the-one-that-was-begun");
        let back = browser.follow(changed, "/auth/callback").await;
        assert_eq!(callback(&mut browser, &back).await, refused(403, "TOKEN_NONCE"));
        nobody_is_in(&store, &browser, &hub).await;
        hub.served.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_code_is_of_use_once_and_to_its_own_login_alone() {
    on_both(|store| async move {
        let Some((hub, mut browser)) = logged_in(&store).await else { return };
        let mut thief = Browser::new();
        let back = thief.follow(hub.url("/auth/login"), "/auth/callback").await;
        let cookie = thief.cookie(&hub.url("/"), "onefold_login").unwrap();
        assert_eq!(callback(&mut thief, &back).await.0, 303, "the first time it is good");
        assert_eq!(number(&store, "select count(*) from login_session").await, 2);
        thief.set_cookie(&hub.url("/"), "onefold_login", &cookie);
        assert_eq!(callback(&mut thief, &back).await, refused(403, "LOGIN_CODE"), "replayed");
        // A code that was caught on its way is bound to the verifier of another browser (PKCE).
        let caught = Browser::new().follow(hub.url("/auth/login"), "/auth/callback").await;
        let code = caught.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
        let own = browser.follow(hub.url("/auth/login"), "/auth/callback").await;
        assert_eq!(callback(&mut browser, &but(&own, "code", &code)).await, refused(403, "LOGIN_CODE"));
        assert_eq!(number(&store, "select count(*) from audit where action = 'login.open'").await, 2);
        hub.served.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_provider_that_says_no_is_quoted_safely() {
    on_both(|store| async move {
        let Some(hub) = LoginHub::start(&store, "deny").await else { return };
        let mut browser = Browser::new();
        let back = browser.follow(hub.url("/auth/login"), "/auth/callback").await;
        let cookie = browser.cookie(&hub.url("/"), "onefold_login").unwrap();
        assert_eq!(callback(&mut browser, &back).await, refused(403, "LOGIN_DENIED"));
        browser.set_cookie(&hub.url("/"), "onefold_login", &cookie);
        let script = but(&back, "error", "<script>alert(1)</script>");
        let page = browser.request("GET", &script).header("accept", "text/html").send().await.unwrap();
        assert_eq!(page.status(), 403);
        let html = page.text().await.unwrap();
        assert!(html.contains("LOGIN_DENIED") && !html.contains("<script>"), "{html}");
        assert!(!html.contains("<b>"), "what the provider describes is not repeated: {html}");
        nobody_is_in(&store, &browser, &hub).await;
        hub.served.stop().await;
    })
    .await;
}

#[tokio::test]
async fn an_id_token_for_another_client_is_refused() {
    on_both(|store| async move {
        let Some(hub) = LoginHub::start(&store, "audience").await else { return };
        let mut browser = Browser::new();
        let back = browser.follow(hub.url("/auth/login"), "/auth/callback").await;
        assert_eq!(callback(&mut browser, &back).await, refused(403, "TOKEN_AUDIENCE"));
        nobody_is_in(&store, &browser, &hub).await;
        hub.served.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_provider_that_is_down_lets_nobody_in() {
    on_both(|store| async move {
        let Some(mut hub) = LoginHub::start(&store, "ok").await else { return };
        let mut browser = Browser::new();
        let back = browser.follow(hub.url("/auth/login"), "/auth/callback").await;
        hub.provider.stop();
        assert_eq!(callback(&mut browser, &back).await, refused(502, "LOGIN_PROVIDER"), "between its two halves");
        nobody_is_in(&store, &browser, &hub).await;
        hub.served.stop().await;
        let Some(mut hub) = LoginHub::start(&store, "ok").await else { return };
        hub.provider.stop();
        for _ in 0..2 {
            let begun = callback(&mut browser, &hub.url("/auth/login")).await;
            assert_eq!(begun, refused(502, "LOGIN_PROVIDER"), "before its first half");
        }
        hub.served.stop().await;
    })
    .await;
}

#[tokio::test]
async fn where_no_login_is_configured_there_is_none() {
    on_both(|store| async move {
        let served = Served::start(&crate::api::hub::Hub::open(&store).await).await;
        for path in ["/auth/login", "/auth/callback?code=a&state=b"] {
            let response = served.bare("GET", path).send().await.unwrap();
            assert_eq!(response.status(), 404, "{path}");
            let body: Value = response.json().await.unwrap();
            assert_eq!(body["errors"][0]["extensions"]["code"], "LOGIN_NOT_CONFIGURED");
        }
        // A session can begin with a token alone; this one never did.
        let cookie = format!("{SESSION}={}", "A".repeat(43));
        let request = served.bare("POST", "/graphql").header("cookie", cookie).header("origin", &served.base);
        let body: Value = request.send().await.unwrap().json().await.unwrap();
        assert_eq!(body["errors"][0]["extensions"]["code"], "SESSION_ENDED");
        served.stop().await;
    })
    .await;
}
