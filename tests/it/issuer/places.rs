//! Where keys may be, and configurations that could let nobody in, or anybody.

use super::fake::{FakeIssuer, Trusting, auth};
use super::keys::{P256, RSA, set};
use crate::api::hub::Hub;
use crate::api::served::NOW;
use crate::harness::on_both;
use onefold::auth::{TokenSettingsError, TokenVerifier};
use onefold::config::Config;
use onefold::issuer::{IssuerSetupError, Issuers, issuer_settings};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;

#[tokio::test]
async fn keys_are_at_an_address_or_in_a_file_too() {
    on_both(|store| async move {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("keys.json");
        std::fs::write(&file, set(&[P256]).to_string()).unwrap();
        let issuer = FakeIssuer::start(&[RSA]).await;
        let claims = issuer.claims(NOW, &json!({}));
        let hub = Hub::open(&store).await;
        let by_url = Trusting::start(&hub, &issuer.entry(&format!("keys = {{ url = '{}/keys' }}", issuer.name))).await;
        assert_eq!(by_url.code(&RSA.sign(&claims)).await, "OK");
        assert_eq!((issuer.fetches(), issuer.asked()), (1, 1), "the document is not needed");
        let by_file = format!("keys = {{ file = '{}' }}\nkey_interval_s = 1", file.display());
        let by_file = Trusting::start(&hub, &issuer.entry(&by_file)).await;
        assert_eq!(by_file.code(&P256.sign(&claims)).await, "OK");
        assert_eq!(by_file.code(&RSA.sign(&claims)).await, "TOKEN_UNKNOWN_KEY");
        std::fs::write(&file, set(&[RSA]).to_string()).unwrap();
        by_file.clock.pass(2);
        assert_eq!(by_file.code(&RSA.sign(&claims)).await, "OK", "the file is read again");
        assert_eq!(issuer.asked(), 1, "nobody was asked for what is in a file");
        by_url.served.stop().await;
        by_file.served.stop().await;
    })
    .await;
}

#[tokio::test]
async fn two_issuers_are_told_apart() {
    on_both(|store| async move {
        let (one, other) = (FakeIssuer::start(&[P256]).await, FakeIssuer::start(&[RSA]).await);
        let config = format!("{}\n{}", one.entry("algorithms = ['ES256']"), other.entry("algorithms = ['RS256']"));
        let hub = Trusting::start(&Hub::open(&store).await, &config).await;
        let claims = |issuer: &FakeIssuer| issuer.claims(NOW, &json!({}));
        assert_eq!(hub.code(&P256.sign(&claims(&one))).await, "OK");
        assert_eq!(hub.code(&RSA.sign(&claims(&other))).await, "OK");
        assert_eq!(hub.code(&P256.sign(&claims(&other))).await, "TOKEN_ALGORITHM", "of one in the name of the other");
        assert_eq!(hub.code(&RSA.sign(&claims(&one))).await, "TOKEN_ALGORITHM");
        hub.served.stop().await;
    })
    .await;
}

fn verifier(text: &str) -> Result<TokenVerifier, TokenSettingsError> {
    TokenVerifier::with_issuers(None, issuer_settings(&auth(text).issuers))
}

fn refused(text: &str) -> IssuerSetupError {
    let auth = auth(text);
    let tokens = TokenVerifier::with_issuers(None, issuer_settings(&auth.issuers)).unwrap();
    match Issuers::new(&auth, Arc::new(tokens)) {
        Ok(_) => panic!("{text} is taken"),
        Err(error) => error,
    }
}

#[test]
fn a_configuration_that_cannot_be_meant_is_refused_at_start() {
    let issuer =
        |name: &str, more: &str| format!("[[auth.issuers]]\nissuer = '{name}'\naudiences = ['onefold']\n{more}\n");
    let good = issuer("https://a.example", "");
    assert!(verifier(&good).is_ok());
    let twice = verifier(&format!("{good}{good}")).unwrap_err();
    assert_eq!(twice, TokenSettingsError::Twice { issuer: "https://a.example".to_owned() });
    let nobody = "[[auth.issuers]]\nissuer = 'https://a.example'\naudiences = []\n";
    assert!(matches!(verifier(nobody), Err(TokenSettingsError::Nothing { what: "audiences", .. })));
    let unsigned = verifier(&issuer("https://a.example", "algorithms = []"));
    assert!(matches!(unsigned, Err(TokenSettingsError::Nothing { what: "algorithms", .. })));
    for wrong in [
        issuer("https://a.example", "algorithms = ['HS256']"),
        issuer("https://a.example", "algorithms = ['none']"),
        issuer("https://a.example", "keys = { url = 'https://a.example', file = 'a' }"),
        issuer("https://a.example", "audience = 'onefold'"),
    ] {
        assert!(Config::parse(&wrong, Path::new("onefold.toml")).is_err(), "{wrong}");
    }
    for wrong in [issuer("http://a.example", ""), issuer("https://a.example", "keys = { url = 'http://b.example' }")] {
        assert!(matches!(refused(&wrong), IssuerSetupError::Address { .. }), "{wrong}");
    }
    let login = |url: &str, issuer: &str| {
        format!("{good}[auth.login]\nissuer = '{issuer}'\nclient_id = 'onefold'\npublic_url = '{url}'\n")
    };
    assert!(matches!(
        refused(&login("https://hub.example", "https://b.example")),
        IssuerSetupError::UnknownLoginIssuer(_)
    ));
    assert!(matches!(refused(&login("https://hub.example/path", "https://a.example")), IssuerSetupError::PublicUrl));
    assert!(matches!(refused(&login("http://hub.example", "https://a.example")), IssuerSetupError::Address { .. }));
    let unset = format!(
        "{}client_secret = {{ env = 'ONEFOLD_NOT_SET_ANYWHERE' }}\n",
        login("https://hub.example", "https://a.example")
    );
    let error = refused(&unset);
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(matches!(error, IssuerSetupError::Secret(_)) && cause.contains("ONEFOLD_NOT_SET_ANYWHERE"), "{cause}");
}

#[test]
fn issuers_make_the_shared_secret_optional_and_nothing_else_does() {
    let missing = "secret = { env = 'ONEFOLD_NOT_SET_ANYWHERE' }\n";
    let with_issuer = "[[auth.issuers]]\nissuer = 'https://a.example'\naudiences = ['onefold']\n";
    assert!(auth(&format!("[auth]\n{missing}")).shared_secret().is_err());
    let named = auth(&format!("[auth]\n{missing}{with_issuer}")).shared_secret();
    assert!(named.is_err(), "who names a place means it");
}
