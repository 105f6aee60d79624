//! People log in at a real provider, and what their session may then do.

use super::provider::{Browser, LoginHub};
use crate::api::served::header;
use crate::harness::on_both;
use crate::store::fixture::number;
use onefold::store::Store;
use reqwest::RequestBuilder;
use serde_json::{Value, json};

const VIEWER: &str = r#"{"query": "{ viewer { subject departments roles } }"}"#;
pub(super) const SESSION: &str = "onefold_session";

/// A browser that has logged in, and the hub.
pub(super) async fn logged_in(store: &Store) -> Option<(LoginHub, Browser)> {
    let hub = LoginHub::start(store, "ok").await?;
    let mut browser = Browser::new();
    let back = browser.follow(hub.url("/auth/login?return=/graphql%3Fa%3D1"), "/auth/callback").await;
    let end = browser.get(&back).await;
    assert_eq!((end.status().as_u16(), header(&end, "location").as_str()), (303, "/graphql?a=1"));
    Some((hub, browser))
}

fn posted(hub: &LoginHub, browser: &Browser, headers: &[(&'static str, String)]) -> RequestBuilder {
    let mut request = browser.request("POST", &hub.url("/graphql")).header("content-type", "application/json");
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    request.body(VIEWER)
}

async fn outcome(request: RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

fn origin(hub: &LoginHub) -> Vec<(&'static str, String)> {
    vec![("origin", hub.served.base.clone())]
}

#[tokio::test]
async fn a_person_logs_in_and_is_who_the_provider_says() {
    on_both(|store| async move {
        let Some((hub, browser)) = logged_in(&store).await else { return };
        let (status, body) = outcome(posted(&hub, &browser, &origin(&hub))).await;
        assert_eq!(status, 200, "{body}");
        assert_eq!(
            body["data"]["viewer"],
            json!({"subject": "ann", "departments": ["billing"], "roles": ["operator"]})
        );
        assert!(browser.cookie(&hub.url("/"), "onefold_login").is_none(), "what bound the login has done its work");
        let secret = browser.cookie(&hub.url("/"), SESSION).unwrap();
        let kept = crate::store::dump::dump(&store).await;
        assert!(kept.contains("ann") && !kept.contains(&secret), "the store holds a hash and not the secret");
        assert_eq!(number(&store, "select count(*) from audit where action = 'login.open' and actor = 'ann'").await, 1);
        hub.served.stop().await;
    })
    .await;
}

#[tokio::test]
async fn the_way_to_the_provider_carries_what_binds_the_login() {
    on_both(|store| async move {
        let Some(hub) = LoginHub::start(&store, "ok").await else { return };
        let mut browser = Browser::new();
        let begun = browser.get(&hub.url("/auth/login")).await;
        assert_eq!(begun.status().as_u16(), 303);
        let cookie = header(&begun, "set-cookie");
        for part in ["onefold_login=", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=600"] {
            assert!(cookie.contains(part), "{part}: {cookie}");
        }
        let location: reqwest::Url = header(&begun, "location").parse().unwrap();
        let asked: std::collections::BTreeMap<String, String> = location.query_pairs().into_owned().collect();
        assert_eq!((asked["response_type"].as_str(), asked["code_challenge_method"].as_str()), ("code", "S256"));
        assert_eq!((asked["client_id"].as_str(), asked["scope"].as_str()), ("onefold", "openid"));
        let secret = &cookie["onefold_login=".len()..][..43];
        for name in ["state", "nonce", "code_challenge"] {
            assert_eq!(asked[name].len(), 43, "256 bits in {name}");
            assert_ne!(asked[name], secret, "{name} does not give the cookie away");
        }
        let again = browser.get(&hub.url("/auth/login")).await;
        assert_ne!(header(&again, "location"), header(&begun, "location"), "each login is another");
        hub.served.stop().await;
    })
    .await;
}

/// A page of another site can make the browser send the cookie only where `SameSite` fails; it cannot send these headers.
#[tokio::test]
async fn a_session_counts_only_in_requests_of_the_own_pages() {
    on_both(|store| async move {
        let Some((hub, browser)) = logged_in(&store).await else { return };
        let own = hub.served.base.clone();
        let site = |value: &str| ("sec-fetch-site", value.to_owned());
        for (headers, status) in [
            (vec![("origin", own.clone())], 200),
            (vec![("origin", own.clone()), site("same-origin")], 200),
            (vec![site("same-origin")], 200),
            (vec![], 403),
            (vec![("origin", "https://evil.example".to_owned())], 403),
            (vec![("origin", "null".to_owned())], 403),
            (vec![("origin", own.clone()), site("cross-site")], 403),
            (vec![site("same-site")], 403),
            (vec![site("none")], 403),
        ] {
            let (found, body) = outcome(posted(&hub, &browser, &headers)).await;
            assert_eq!(found, status, "{headers:?}: {body}");
            if status == 403 {
                assert_eq!(body["errors"][0]["extensions"]["code"], "CROSS_SITE");
            }
        }
        // A form needs no script, and is what a page of another site would send.
        let form = browser.request("POST", &hub.url("/graphql")).header("origin", &own).body("query=%7Bviewer%7D");
        let (status, _) = outcome(form.header("content-type", "application/x-www-form-urlencoded")).await;
        assert_eq!(status, 415);
        let get = browser.request("GET", &hub.url("/graphql?query=%7Bviewer%7Bsubject%7D%7D"));
        assert_eq!(outcome(get).await.0, 403, "an address that somebody made one open");
        // Credentials in the header decide, also where they are wrong and the cookie is right.
        let wrong = posted(&hub, &browser, &origin(&hub)).bearer_auth("rubbish");
        assert_eq!(outcome(wrong).await.1["errors"][0]["extensions"]["code"], "TOKEN_MALFORMED");
        hub.served.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_session_ends_on_the_hub_and_not_only_in_the_browser() {
    on_both(|store| async move {
        let Some((hub, mut browser)) = logged_in(&store).await else { return };
        let secret = browser.cookie(&hub.url("/"), SESSION).unwrap();
        let logout = hub.url("/auth/logout");
        assert_eq!(browser.get(&logout).await.status(), 405, "no link and no picture logs anybody out");
        let foreign = browser.request("POST", &logout).header("origin", "https://evil.example").send().await.unwrap();
        assert_eq!(foreign.status(), 403);
        assert_eq!(outcome(posted(&hub, &browser, &origin(&hub))).await.0, 200, "still logged in");
        let own = browser.request("POST", &logout).header("origin", &hub.served.base).send().await.unwrap();
        assert_eq!((own.status().as_u16(), header(&own, "location").as_str()), (303, "/"));
        assert!(header(&own, "set-cookie").contains("Max-Age=0"), "the browser forgets it");
        browser.set_cookie(&hub.url("/"), SESSION, &secret);
        let (status, body) = outcome(posted(&hub, &browser, &origin(&hub))).await;
        assert_eq!(
            (status, &body["errors"][0]["extensions"]["code"]),
            (401, &json!("SESSION_ENDED")),
            "a copy is worth nothing"
        );
        assert_eq!(number(&store, "select count(*) from audit where action = 'login.close'").await, 1);
        hub.served.stop().await;
    })
    .await;
}

#[tokio::test]
async fn an_operator_ends_the_sessions_of_a_person() {
    on_both(|store| async move {
        let Some((hub, browser)) = logged_in(&store).await else { return };
        assert_eq!(hub.app.login_close_all("bob", "system:test").await.unwrap(), 0);
        assert_eq!(outcome(posted(&hub, &browser, &origin(&hub))).await.0, 200);
        assert_eq!(hub.app.login_close_all("ann", "system:test").await.unwrap(), 1);
        assert_eq!(outcome(posted(&hub, &browser, &origin(&hub))).await.0, 401);
        assert_eq!(number(&store, "select count(*) from login_session").await, 0);
        hub.served.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_session_that_is_over_or_made_up_opens_nothing() {
    on_both(|store| async move {
        let Some((hub, mut browser)) = logged_in(&store).await else { return };
        let good = browser.cookie(&hub.url("/"), SESSION).unwrap();
        for made_up in ["", "rubbish", &good[1..], &"A".repeat(43)] {
            browser.set_cookie(&hub.url("/"), SESSION, made_up);
            let (status, body) = outcome(posted(&hub, &browser, &origin(&hub))).await;
            assert_eq!((status, &body["errors"][0]["extensions"]["code"]), (401, &json!("SESSION_ENDED")));
        }
        browser.set_cookie(&hub.url("/"), SESSION, &good);
        assert_eq!(outcome(posted(&hub, &browser, &origin(&hub))).await.0, 200);
        let mut tx = store.begin().await.unwrap();
        tx.execute("update login_session set expires_at = opened_at", Vec::new()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(outcome(posted(&hub, &browser, &origin(&hub))).await.0, 401, "its time is over");
        hub.served.stop().await;
    })
    .await;
}
