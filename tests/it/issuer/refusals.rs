//! What is refused over real HTTP, each with its own code, and that nothing which a token points at is ever asked for.

use super::fake::{Answer, FakeIssuer, Trusting};
use super::keys::{ED, OTHER, P256, P384, PSS, Pair, RSA, WEAK};
use crate::api::hub::Hub;
use crate::api::served::{NOW, header};
use crate::harness::on_both;
use crate::store::fixture::time;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

const ALL: &str = "algorithms = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA']\nleeway_s = 0";

/// A token whose header is whatever it is.
fn raw(header: &Value, claims: &Value, signature: &str) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{signature}", part(header), part(claims))
}

#[tokio::test]
async fn every_configured_algorithm_is_accepted() {
    on_both(|store| async move {
        let issuer = FakeIssuer::start(&[RSA, P256, P384, ED]).await;
        let hub = Trusting::start(&Hub::open(&store).await, &issuer.entry(ALL)).await;
        let claims = issuer.claims(NOW, &json!({}));
        for pair in [RSA, PSS, P256, P384, ED] {
            assert_eq!(hub.code(&pair.sign(&claims)).await, "OK", "{:?}", pair.algorithm);
            let nameless = Header { kid: None, ..pair.header() };
            assert_eq!(hub.code(&pair.sign_as(&nameless, &claims)).await, "OK", "{:?} without kid", pair.algorithm);
        }
        assert_eq!(issuer.fetches(), 1, "the keys are kept");
        assert_eq!(hub.code(&crate::api::served::Served::token(&["billing"])).await, "OK", "the shared secret too");
        hub.served.stop().await;
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_with_a_token_has_its_own_code() {
    on_both(|store| async move {
        let issuer = FakeIssuer::start(&[RSA, P256]).await;
        let hub = Trusting::start(&Hub::open(&store).await, &issuer.entry("leeway_s = 0")).await;
        let now = time(NOW).timestamp();
        let claims = issuer.claims(NOW, &json!({}));
        let but = |change: &Value| P256.sign(&issuer.claims(NOW, change));
        let good = P256.sign(&claims);
        let (message, _) = good.rsplit_once('.').unwrap();
        let (_, signature) = P256
            .sign(&issuer.claims(NOW, &json!({"sub": "eve"})))
            .rsplit_once('.')
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
            .unwrap();
        let ids = |header: Value| raw(&header, &claims, "");
        // The public key is no secret: whoever takes it for one would accept what anybody can sign.
        let public = serde_json::to_vec(&P256.public()).unwrap();
        let confused = |secret: &[u8]| {
            let header = Header { kid: Some("p256".to_owned()), ..Header::new(Algorithm::HS256) };
            encode(&header, &claims, &EncodingKey::from_secret(secret)).unwrap()
        };
        for (token, code, what) in [
            (good.clone(), "OK", "the good one"),
            (ids(json!({"alg": "none", "kid": "p256"})), "TOKEN_ALGORITHM", "alg none"),
            (ids(json!({"alg": "None"})), "TOKEN_ALGORITHM", "alg None"),
            (confused(&public), "TOKEN_ALGORITHM", "key confusion with the JWK"),
            (confused(include_bytes!("pem/p256.pem")), "TOKEN_ALGORITHM", "key confusion with a PEM"),
            (confused(crate::api::served::SECRET.as_bytes()), "TOKEN_ALGORITHM", "the other issuer's secret"),
            (P384.sign(&claims), "TOKEN_ALGORITHM", "an algorithm that is not allowed for this issuer"),
            (PSS.sign(&claims), "TOKEN_ALGORITHM", "another one with the same key"),
            (OTHER.sign(&claims), "TOKEN_UNKNOWN_KEY", "an unknown kid"),
            (OTHER.sign_as(&P256.header(), &claims), "TOKEN_SIGNATURE", "a foreign key under a known kid"),
            (format!("{message}.{signature}"), "TOKEN_SIGNATURE", "the signature of another token"),
            (but(&json!({"exp": now - 1})), "TOKEN_EXPIRED", "expired"),
            (but(&json!({"exp": null})), "TOKEN_MALFORMED", "without an end"),
            (but(&json!({"nbf": now + 60})), "TOKEN_NOT_YET_VALID", "not yet valid"),
            (but(&json!({"aud": "elsewhere"})), "TOKEN_AUDIENCE", "another audience"),
            (but(&json!({"aud": null})), "TOKEN_AUDIENCE", "no audience"),
            (but(&json!({"iss": "https://issuer.example"})), "TOKEN_ISSUER", "another issuer"),
            (but(&json!({"iss": "onefold"})), "TOKEN_ALGORITHM", "a public key for the shared secret's issuer"),
            (but(&json!({"iss": null})), "TOKEN_ISSUER", "no issuer"),
            (but(&json!({"departments": null})), "TOKEN_NO_DEPARTMENT", "no department"),
            (but(&json!({"departments": {"billing": true}})), "TOKEN_MALFORMED", "departments of another shape"),
            (but(&json!({"sub": null})), "TOKEN_MALFORMED", "no subject"),
            (but(&json!({"sub": "system:fold"})), "TOKEN_MALFORMED", "the hub's own name"),
            (but(&json!({"sub": "key:apikey_1"})), "TOKEN_MALFORMED", "a machine's name"),
            (but(&json!({"sub": "j".repeat(9_000)})), "TOKEN_TOO_LARGE", "oversized"),
            ("rubbish".to_owned(), "TOKEN_MALFORMED", "rubbish"),
            (format!("{good}.AA"), "TOKEN_MALFORMED", "four parts"),
            (raw(&json!({"alg": "ES256", "crit": ["b64"]}), &claims, &signature), "TOKEN_MALFORMED", "crit"),
            (raw(&json!({"alg": "ES256", "typ": "logout+jwt"}), &claims, &signature), "TOKEN_MALFORMED", "typ"),
            (raw(&json!({"alg": "ES256", "kid": 7}), &claims, &signature), "TOKEN_MALFORMED", "kid of another type"),
        ] {
            let (status, found, challenge) = hub.refusal(&token).await;
            assert_eq!(found, code, "{what}");
            if code != "OK" {
                assert_eq!(status, 401, "{what}");
                let start = "Bearer realm=\"onefold\", error=\"invalid_token\", error_description=\"";
                assert!(challenge.starts_with(start) && challenge.ends_with('"'), "{what}: {challenge}");
                assert_eq!(challenge.matches('"').count(), 6, "{what}: {challenge}");
            }
        }
        let nobody = hub.served.bare("POST", "/graphql").send().await.unwrap();
        assert_eq!(
            header(&nobody, "www-authenticate"),
            "Bearer realm=\"onefold\"",
            "nothing is wrong with what is not there"
        );
        hub.served.stop().await;
    })
    .await;
}

/// Each header is one that another library has followed to the forger's own key.
#[tokio::test]
async fn a_key_that_the_token_brings_or_points_at_is_never_taken() {
    on_both(|store| async move {
        let issuer = FakeIssuer::start(&[P256]).await;
        let forger = FakeIssuer::start(&[OTHER]).await;
        let hub = Trusting::start(&Hub::open(&store).await, &issuer.entry("")).await;
        let claims = issuer.claims(NOW, &json!({}));
        assert_eq!(hub.code(&P256.sign(&claims)).await, "OK");
        let asked = issuer.asked();
        let keys = format!("{}/keys", forger.name);
        for (name, value) in
            [("jku", json!(keys)), ("x5u", json!(keys)), ("jwk", OTHER.public()), ("x5c", json!(["MIIB"]))]
        {
            for signed_by in [OTHER, P256] {
                let token = with_header(signed_by, name, &value, &claims);
                assert_eq!(hub.code(&token).await, "TOKEN_KEY_REFERENCE", "{name}");
            }
        }
        assert_eq!((forger.asked(), issuer.asked()), (0, asked), "nobody was asked for anything");
        hub.served.stop().await;
    })
    .await;
}

/// A token with one more member in its header, signed over it.
fn with_header(pair: Pair, name: &str, value: &Value, claims: &Value) -> String {
    let mut header = serde_json::to_value(pair.header()).unwrap();
    header[name] = value.clone();
    let header = serde_json::from_value::<Header>(header).unwrap();
    pair.sign_as(&header, claims)
}

#[tokio::test]
async fn keys_that_cannot_be_for_signatures_are_left_out() {
    on_both(|store| async move {
        let issuer = FakeIssuer::start(&[]).await;
        let changed = |pair: Pair, kid: &str, name: &str, value: Value| {
            let mut key = pair.public();
            key["kid"] = json!(kid);
            key[name] = value;
            key
        };
        let short = changed(ED, "short", "x", json!("AAAA"));
        let symmetric = json!({"kty": "oct", "kid": "oct", "k": URL_SAFE_NO_PAD.encode([7; 32])});
        issuer.answer_keys(Answer::Json(json!({"keys": [
            changed(P256, "enc", "use", json!("enc")),
            changed(P256, "ops", "key_ops", json!(["sign"])),
            changed(P256, "alg", "alg", json!("ES512")),
            changed(P256, "curve", "crv", json!("secp256k1")),
            changed(P256, "point", "x", json!("AAAA")),
            short, symmetric, WEAK.public(), "rubbish", 7, {"kty": "EC"}, {"kty": "new"}, P256.public(),
        ]})));
        let hub = Trusting::start(&Hub::open(&store).await, &issuer.entry("")).await;
        let claims = issuer.claims(NOW, &json!({}));
        assert_eq!(hub.code(&P256.sign(&claims)).await, "OK", "the others count all the same");
        for kid in ["enc", "ops", "alg", "curve", "point"] {
            let token = P256.sign_as(&Header { kid: Some(kid.to_owned()), ..P256.header() }, &claims);
            assert_eq!(hub.code(&token).await, "TOKEN_UNKNOWN_KEY", "{kid}");
        }
        let short = ED.sign_as(&Header { kid: Some("short".to_owned()), ..ED.header() }, &claims);
        assert_eq!(hub.code(&short).await, "TOKEN_UNKNOWN_KEY");
        assert_eq!(hub.code(&WEAK.sign(&claims)).await, "TOKEN_UNKNOWN_KEY");
        let header = Header { kid: Some("oct".to_owned()), ..Header::new(Algorithm::HS256) };
        let symmetric = encode(&header, &claims, &EncodingKey::from_secret(&[7; 32])).unwrap();
        assert_eq!(hub.code(&symmetric).await, "TOKEN_ALGORITHM");
        hub.served.stop().await;
    })
    .await;
}
