//! How the keys of an issuer are kept: fetched when that is due and no oftener, replaced without a restart, and used for a
//! while when the issuer is down.

use super::fake::{Answer, FakeIssuer, Trusting};
use super::keys::{ED, OTHER, P256, RSA};
use crate::api::hub::Hub;
use crate::api::served::NOW;
use crate::harness::on_both;
use jsonwebtoken::Header;
use serde_json::json;

const TIMES: &str = "key_lifetime_s = 600\nkey_stale_s = 3600\nkey_interval_s = 30";

#[tokio::test]
async fn a_new_key_is_accepted_and_an_old_one_refused_without_a_restart() {
    on_both(|store| async move {
        let issuer = FakeIssuer::start(&[P256]).await;
        let hub = Trusting::start(&Hub::open(&store).await, &issuer.entry(TIMES)).await;
        let claims = issuer.claims(NOW, &json!({}));
        let (old, new) = (P256.sign(&claims), ED.sign(&claims));
        assert_eq!(hub.code(&old).await, "OK");
        issuer.publish(&[ED]);
        assert_eq!(hub.code(&old).await, "OK", "what was fetched holds for its lifetime");
        assert_eq!(hub.code(&new).await, "TOKEN_UNKNOWN_KEY", "a moment ago there was a fetch");
        hub.clock.pass(31);
        assert_eq!(hub.code(&new).await, "OK", "the unknown name was worth another fetch");
        assert_eq!(hub.code(&old).await, "TOKEN_UNKNOWN_KEY", "the old key is gone");
        assert_eq!(issuer.fetches(), 2);
        hub.served.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_key_that_is_gone_is_refused_once_its_lifetime_is_over() {
    on_both(|store| async move {
        let issuer = FakeIssuer::start(&[P256, RSA]).await;
        let hub = Trusting::start(&Hub::open(&store).await, &issuer.entry(TIMES)).await;
        let token = P256.sign(&issuer.claims(NOW, &json!({})));
        assert_eq!(hub.code(&token).await, "OK");
        issuer.publish(&[RSA]);
        hub.clock.pass(599);
        assert_eq!(hub.code(&token).await, "OK");
        hub.clock.pass(1);
        assert_eq!(hub.code(&token).await, "TOKEN_UNKNOWN_KEY");
        hub.served.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_flood_of_unknown_names_is_no_flood_of_fetches() {
    on_both(|store| async move {
        let issuer = FakeIssuer::start(&[P256]).await;
        let hub = Trusting::start(&Hub::open(&store).await, &issuer.entry(TIMES)).await;
        let claims = issuer.claims(NOW, &json!({}));
        let made_up = |name: usize| {
            let header = Header { kid: Some(format!("made-up-{name}")), ..OTHER.header() };
            OTHER.sign_as(&header, &claims)
        };
        for round in 0..3 {
            let tokens: Vec<String> = (0..20).map(made_up).collect();
            let codes = futures_util::future::join_all(tokens.iter().map(|token| hub.code(token))).await;
            assert!(codes.iter().all(|code| code == "TOKEN_UNKNOWN_KEY"), "{codes:?}");
            assert_eq!(issuer.fetches(), round + 1, "one for each interval");
            hub.clock.pass(30);
        }
        hub.served.stop().await;
    })
    .await;
}

#[tokio::test]
async fn kept_keys_hold_while_the_issuer_is_down_and_not_for_ever() {
    on_both(|store| async move {
        let issuer = FakeIssuer::start(&[P256]).await;
        let hub = Trusting::start(&Hub::open(&store).await, &issuer.entry(TIMES)).await;
        let token = P256.sign(&issuer.claims(NOW, &json!({})));
        assert_eq!(hub.code(&token).await, "OK");
        issuer.answer_keys(Answer::Status(503));
        hub.clock.pass(3_599);
        assert_eq!(hub.code(&token).await, "OK", "old keys are better than none");
        assert_eq!(issuer.fetches(), 2);
        assert_eq!(hub.code(&token).await, "OK");
        assert_eq!(issuer.fetches(), 2, "an issuer that is down is not asked with every token");
        hub.clock.pass(31);
        assert_eq!(hub.refusal(&token).await.0, 503, "it is not the caller's fault");
        assert_eq!(hub.code(&token).await, "TOKEN_KEYS_UNAVAILABLE", "old keys are not trusted for ever");
        issuer.publish(&[P256]);
        hub.clock.pass(31);
        assert_eq!(hub.code(&token).await, "OK", "and it is back as soon as the issuer is");
        hub.served.stop().await;
    })
    .await;
}

#[tokio::test]
async fn keys_that_were_never_had_refuse_and_say_so() {
    on_both(|store| async move {
        let issuer = FakeIssuer::start(&[P256]).await;
        let claims = issuer.claims(NOW, &json!({}));
        let other = FakeIssuer::start(&[P256]).await;
        let elsewhere = format!("{}/keys", other.name);
        let whole = json!({"issuer": issuer.name, "jwks_uri": format!("{}/keys", issuer.name)});
        let but = |name: &str, value: &str| {
            let mut document = whole.clone();
            document[name] = json!(value);
            Answer::Json(document)
        };
        for (document, keys, what) in [
            (Answer::Status(404), None, "no document"),
            (Answer::Text("<html>".to_owned()), None, "a page"),
            (Answer::Redirect(format!("{}/.well-known/openid-configuration", other.name)), None, "a redirect"),
            (but("issuer", &other.name), None, "the document of another issuer"),
            (but("jwks_uri", &elsewhere), None, "keys on another host"),
            (but("jwks_uri", "http://issuer.example/keys"), None, "keys without TLS"),
            (but("jwks_uri", "file:///etc/passwd"), None, "keys in a file"),
            (Answer::Json(whole.clone()), Some(Answer::Redirect(elsewhere.clone())), "keys behind a redirect"),
            (Answer::Json(whole.clone()), Some(Answer::Text("x".repeat(300_000))), "keys without an end"),
            (Answer::Json(whole.clone()), Some(Answer::Text("{\"keys\": 7}".to_owned())), "no keys"),
            (Answer::Json(whole.clone()), Some(Answer::Json(json!({"keys": []}))), "an empty set"),
        ] {
            issuer.answer_document(document);
            if let Some(keys) = keys {
                issuer.answer_keys(keys);
            }
            let hub = Trusting::start(&Hub::open(&store).await, &issuer.entry(TIMES)).await;
            assert_eq!(hub.code(&P256.sign(&claims)).await, "TOKEN_KEYS_UNAVAILABLE", "{what}");
            hub.served.stop().await;
        }
        assert_eq!(other.asked(), 0, "no other host was asked");
        // The operator knows better, and says so.
        let host = other.name.trim_start_matches("http://");
        issuer.answer_document(but("jwks_uri", &elsewhere));
        let hub = Trusting::start(&Hub::open(&store).await, &issuer.entry(&format!("hosts = ['{host}']"))).await;
        assert_eq!(hub.code(&P256.sign(&claims)).await, "OK");
        hub.served.stop().await;
    })
    .await;
}
