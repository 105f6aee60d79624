//! A token for a session, over real HTTP: who gets one, how long it holds, and that no other page can have or use one.

use super::hub::Hub;
use super::served::{NOW, SECRET, Served, answer, header, token, tokens};
use crate::harness::on_both;
use crate::store::fixture::number;
use reqwest::RequestBuilder;
use serde_json::{Value, json};

const VIEWER: &str = "{ viewer { subject departments } }";

fn opening(served: &Served, token: &str) -> RequestBuilder {
    served.bare("POST", "/auth/session").bearer_auth(token)
}

fn asking(served: &Served, cookie: &str) -> RequestBuilder {
    let request = served.bare("POST", "/graphql").header("content-type", "application/json").header("cookie", cookie);
    request.body(json!({"query": VIEWER}).to_string())
}

fn code(body: &Value) -> &str {
    body["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn a_token_opens_a_session_that_ends_with_it_or_at_the_door() {
    on_both(|store| async move {
        let served = Served::start(&Hub::open(&store).await).await;
        let own = served.base.clone();
        let opened = opening(&served, &Served::token(&["billing"])).header("origin", &own).send().await.unwrap();
        assert_eq!(opened.status(), 204);
        let set = header(&opened, "set-cookie");
        let cookie = set.split(';').next().unwrap().to_owned();
        assert!(cookie.starts_with("onefold_session="), "{set}");
        assert!(set.contains("HttpOnly") && set.contains("SameSite=Strict"), "{set}");
        assert!(set.contains("Max-Age=600;"), "as long as the token holds: {set}");
        let (status, _, body) = answer(asking(&served, &cookie).header("origin", &own)).await;
        assert_eq!((status, &body["data"]["viewer"]["subject"]), (200, &json!("ann")), "{body}");
        let audited = "select count(*) from audit where action = 'login.open'";
        assert_eq!(number(&store, audited).await, 1);
        let ended = served.bare("POST", "/auth/logout").header("origin", &own).header("cookie", &cookie);
        assert_eq!(ended.send().await.unwrap().status(), 303);
        let (status, _, body) = answer(asking(&served, &cookie).header("origin", &own)).await;
        assert_eq!((status, code(&body)), (401, "SESSION_ENDED"), "a cookie that was kept opens nothing");
        served.stop().await;
    })
    .await;
}

#[tokio::test]
async fn no_other_page_gets_or_uses_a_session() {
    on_both(|store| async move {
        let served = Served::start(&Hub::open(&store).await).await;
        let own = served.base.clone();
        let good = Served::token(&["billing"]);
        for origin in [None, Some("null"), Some("http://127.0.0.1:1"), Some("https://evil.example")] {
            let request = opening(&served, &good);
            let request = if let Some(origin) = origin { request.header("origin", origin) } else { request };
            let (status, _, body) = answer(request).await;
            assert_eq!((status, code(&body)), (403, "CROSS_SITE"), "{origin:?}");
        }
        let rebound = opening(&served, &good).header("host", "evil.example").header("origin", "http://evil.example");
        assert_eq!(rebound.send().await.unwrap().status(), 403, "a name that leads here is not this machine");
        assert_eq!(number(&store, "select count(*) from login_session").await, 0);
        let opened = opening(&served, &good).header("origin", &own).send().await.unwrap();
        let cookie = header(&opened, "set-cookie").split(';').next().unwrap().to_owned();
        for origin in [None, Some("http://127.0.0.1:1")] {
            let request = asking(&served, &cookie);
            let request = if let Some(origin) = origin { request.header("origin", origin) } else { request };
            assert!(matches!(answer(request).await.0, 401 | 403), "{origin:?}");
        }
        let other =
            served.bare("POST", "/auth/logout").header("origin", "http://127.0.0.1:1").header("cookie", &cookie);
        assert_eq!(other.send().await.unwrap().status(), 403, "no other page ends it either");
        let (status, ..) = answer(asking(&served, &cookie).header("origin", &own)).await;
        assert_eq!(status, 200);
        served.stop().await;
    })
    .await;
}

#[tokio::test]
async fn what_is_no_token_opens_no_session() {
    on_both(|store| async move {
        let served = Served::start(&Hub::open(&store).await).await;
        let own = served.base.clone();
        let verifier = tokens(SECRET, "onefold", "onefold");
        let old = token(&verifier, &["billing"], NOW - 3600);
        // It holds for less than a minute more, which is too short for a session.
        let ending = token(&verifier, &["billing"], NOW - 570);
        let foreign = token(&tokens("another secret, and long enough too", "onefold", "onefold"), &["billing"], NOW);
        for (bearer, wanted) in [(old, "TOKEN_EXPIRED"), (ending, "TOKEN_EXPIRED"), (foreign, "TOKEN_SIGNATURE")] {
            let (status, _, body) = answer(opening(&served, &bearer).header("origin", &own)).await;
            assert_eq!((status, code(&body)), (401, wanted));
            assert!(!body.to_string().contains(&bearer), "no token in an answer");
        }
        let (status, _, body) = answer(served.bare("POST", "/auth/session").header("origin", &own)).await;
        assert_eq!((status, code(&body)), (401, "TOKEN_MISSING"));
        assert_eq!(number(&store, "select count(*) from login_session").await, 0);
        let (status, _, body) = answer(served.bare("GET", "/auth/session")).await;
        assert_eq!((status, &body["login"]), (200, &json!(false)));
        served.stop().await;
    })
    .await;
}
