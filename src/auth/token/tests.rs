use super::*;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{TimeDelta, TimeZone, Utc};
use onefold_model::DepartmentKey;
use proptest::prelude::*;
use std::time::Duration;

fn now() -> Timestamp {
    Utc.with_ymd_and_hms(2026, 3, 1, 12, 0, 0).unwrap()
}

fn settings() -> TokenSettings {
    TokenSettings {
        keys: TokenKeys::Hs256 { secret: SigningSecret(b"0123456789abcdef0123456789abcdef".to_vec()) },
        issuer: "https://issuer.example".to_owned(),
        audience: "onefold".to_owned(),
        leeway_s: 30,
        departments_claim: "departments".to_owned(),
        roles_claim: "roles".to_owned(),
    }
}

fn verifier() -> TokenVerifier {
    TokenVerifier::new(settings()).unwrap()
}

fn department(key: &str) -> DepartmentKey {
    DepartmentKey::new(key).unwrap()
}

fn request() -> MintRequest {
    MintRequest {
        subject: "jane".to_owned(),
        departments: vec![department("support"), department("billing"), department("support")],
        roles: vec!["steward".to_owned(), "operator".to_owned()],
        ttl: Duration::from_hours(1),
    }
}

fn good() -> Value {
    json!({"iss": "https://issuer.example", "aud": "onefold", "sub": "jane", "exp": now().timestamp() + 60,
        "departments": ["billing"], "roles": []})
}

/// The good claims with one changed; a null takes the claim away.
fn but(name: &str, value: Value) -> Value {
    let mut claims = good();
    claims[name] = value;
    claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    claims
}

fn signed_with(header: &Value, claims: &Value, secret: &[u8]) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    let key = jsonwebtoken::EncodingKey::from_secret(secret);
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, jsonwebtoken::Algorithm::HS256).unwrap();
    format!("{message}.{signature}")
}

fn signed(claims: &Value) -> String {
    signed_with(&json!({"typ": "JWT", "alg": "HS256"}), claims, b"0123456789abcdef0123456789abcdef")
}

fn refusal(claims: &Value) -> TokenError {
    verifier().verify(&signed(claims), now()).unwrap_err()
}

#[test]
fn a_minted_token_gives_its_actor_back_sorted() {
    let token = verifier().mint(&request(), now()).unwrap();
    let actor = verifier().verify(&format!("Bearer {token}"), now()).unwrap();
    assert_eq!(actor.subject(), "jane");
    assert_eq!(actor.departments(), [department("billing"), department("support")]);
    assert_eq!(actor.roles(), ["operator", "steward"]);
    assert_eq!(verifier().verify(&format!("bearer  {token} "), now()).unwrap(), actor);
    assert_eq!(verifier().verify(&token, now()).unwrap(), actor);
}

#[test]
fn no_token_is_refused() {
    for bearer in ["", "  ", "Bearer", "Bearer ", "Basic amFuZTpzZWNyZXQ="] {
        assert_eq!(verifier().verify(bearer, now()).unwrap_err().code(), "TOKEN_MISSING", "{bearer:?}");
    }
}

#[test]
fn what_is_no_token_is_refused() {
    let token = signed(&good());
    let (message, signature) = token.rsplit_once('.').unwrap();
    let crit = signed_with(&json!({"alg": "HS256", "crit": ["b64"]}), &good(), b"0123456789abcdef0123456789abcdef");
    let texts = ["abc", "a.b", "a.b.c.d", "..", "!!!.e30.AA", &format!("{message}.!!!"), &format!("{token}.AA"), &crit];
    for text in texts {
        assert_eq!(verifier().verify(text, now()).unwrap_err().code(), "TOKEN_MALFORMED", "{text}");
    }
    assert_eq!(verifier().verify(&format!("{message}.{}", &signature[1..]), now()), Err(TokenError::Signature));
}

#[test]
fn a_token_without_what_every_token_has_is_refused() {
    let wrong = [
        but("exp", Value::Null),
        but("exp", json!("tomorrow")),
        but("nbf", json!([])),
        but("sub", Value::Null),
        but("sub", json!(" ")),
        but("sub", json!(7)),
        but("departments", json!({"billing": true})),
        but("departments", json!(["billing", 7])),
        but("roles", json!(7)),
    ];
    for claims in wrong {
        assert_eq!(refusal(&claims).code(), "TOKEN_MALFORMED", "{claims}");
    }
}

#[test]
fn no_token_may_act_in_the_name_of_the_hub() {
    assert_eq!(refusal(&but("sub", json!("system:rebuild"))).code(), "TOKEN_MALFORMED");
}

#[test]
fn a_foreign_signature_is_refused() {
    let foreign = signed_with(&json!({"alg": "HS256"}), &good(), b"another-secret-of-enough-length!");
    assert_eq!(verifier().verify(&foreign, now()), Err(TokenError::Signature));
    let changed = signed(&good());
    let (head, signature) = changed.rsplit_once('.').unwrap();
    let (header, _) = head.split_once('.').unwrap();
    let claims = URL_SAFE_NO_PAD.encode(but("departments", json!(["support"])).to_string());
    assert_eq!(verifier().verify(&format!("{header}.{claims}.{signature}"), now()), Err(TokenError::Signature));
}

#[test]
fn an_expired_token_is_refused_by_the_callers_clock() {
    let token = verifier().mint(&request(), now()).unwrap();
    let at = |seconds| verifier().verify(&token, now() + TimeDelta::seconds(seconds));
    assert!(at(3600 + 29).is_ok(), "within the leeway");
    assert_eq!(at(3600 + 30), Err(TokenError::Expired));
    assert_eq!(refusal(&but("exp", json!(1.5))), TokenError::Expired);
    assert_eq!(refusal(&but("exp", json!(-5))), TokenError::Expired);
}

#[test]
fn a_token_of_the_future_is_refused_by_the_callers_clock() {
    let token = signed(&but("nbf", json!(now().timestamp() + 40)));
    assert_eq!(verifier().verify(&token, now()), Err(TokenError::NotYetValid));
    assert!(verifier().verify(&token, now() + TimeDelta::seconds(10)).is_ok(), "within the leeway");
}

#[test]
fn another_issuer_is_refused() {
    assert_eq!(refusal(&but("iss", json!("https://other.example"))), TokenError::Issuer);
    assert_eq!(refusal(&but("iss", Value::Null)), TokenError::Issuer);
}

#[test]
fn another_audience_is_refused() {
    assert_eq!(refusal(&but("aud", json!("elsewhere"))), TokenError::Audience);
    assert_eq!(refusal(&but("aud", Value::Null)), TokenError::Audience);
    assert!(verifier().verify(&signed(&but("aud", json!(["elsewhere", "onefold"]))), now()).is_ok());
}

#[test]
fn unsigned_and_otherwise_signed_tokens_are_refused() {
    let token = signed(&good());
    let (message, _) = token.rsplit_once('.').unwrap();
    let (_, claims) = message.split_once('.').unwrap();
    for algorithm in ["none", "None", "HS384", "HS512", "RS256", "ES256", "EdDSA", "hs256", "made-up"] {
        let header = json!({"typ": "JWT", "alg": algorithm});
        let unsigned = format!("{}.{claims}.", URL_SAFE_NO_PAD.encode(header.to_string()));
        assert_eq!(verifier().verify(&unsigned, now()), Err(TokenError::Algorithm), "{algorithm}");
        let resigned = signed_with(&header, &good(), b"0123456789abcdef0123456789abcdef");
        assert_eq!(verifier().verify(&resigned, now()), Err(TokenError::Algorithm), "{algorithm}");
    }
}

#[test]
fn a_huge_token_is_refused_unread() {
    let token = signed(&but("sub", json!("j".repeat(TOKEN_MAX_BYTES))));
    assert_eq!(verifier().verify(&token, now()), Err(TokenError::TooLarge));
}

#[test]
fn a_token_without_a_department_is_refused() {
    for departments in [Value::Null, json!([]), json!(["All Staff", "", "Ä"])] {
        assert_eq!(refusal(&but("departments", departments)), TokenError::NoDepartment);
    }
}

#[test]
fn groups_that_are_no_departments_grant_nothing() {
    let token = signed(&but("departments", json!(["All Staff", "billing"])));
    assert_eq!(verifier().verify(&token, now()).unwrap().departments(), [department("billing")]);
    let token = signed(&but("departments", json!("billing")));
    assert_eq!(verifier().verify(&token, now()).unwrap().departments(), [department("billing")]);
}

#[test]
fn claims_may_lie_deeper() {
    let verifier = TokenVerifier::new(TokenSettings {
        departments_claim: "/realm_access/departments".to_owned(),
        roles_claim: "/https:~1~1hub.example~1roles".to_owned(),
        ..settings()
    })
    .unwrap();
    let token = verifier.mint(&request(), now()).unwrap();
    let actor = verifier.verify(&token, now()).unwrap();
    assert_eq!((actor.departments().len(), actor.roles().len()), (2, 2));
}

#[test]
fn each_refusal_has_a_code_of_its_own() {
    use TokenError::*;
    let all = [
        Missing,
        Malformed(""),
        Signature,
        Expired,
        NotYetValid,
        Issuer,
        Audience,
        Algorithm,
        TooLarge,
        UnknownKey,
        KeyReference,
        KeysUnavailable,
        Nonce,
        NoDepartment,
    ];
    let codes: std::collections::BTreeSet<&str> = all.iter().map(|error| error.code()).collect();
    assert_eq!(codes.len(), all.len());
}

#[test]
fn weak_and_blank_settings_are_refused() {
    let short = TokenSettings { keys: TokenKeys::Hs256 { secret: SigningSecret(vec![7; 31]) }, ..settings() };
    let error = TokenVerifier::new(short).unwrap_err();
    assert_eq!(error, TokenSettingsError::SecretTooShort { found: 31, minimum: 32 });
    let error = TokenVerifier::new(TokenSettings { issuer: " ".to_owned(), ..settings() }).unwrap_err();
    assert_eq!(error, TokenSettingsError::Blank { setting: "issuer" });
    let error = TokenVerifier::new(TokenSettings { roles_claim: "/".to_owned(), ..settings() }).unwrap_err();
    assert_eq!(error, TokenSettingsError::Blank { setting: "roles_claim" });
}

#[test]
fn a_lifetime_beyond_any_date_is_refused() {
    let request = MintRequest { ttl: Duration::MAX, ..request() };
    assert!(matches!(verifier().mint(&request, now()), Err(MintError::Lifetime)));
}

#[test]
fn the_secret_does_not_show_itself() {
    let shown = format!("{:?} {:?}", settings(), verifier());
    assert!(!shown.contains("0123456789") && !shown.contains("48, 49"), "{shown}");
}

proptest! {
    #[test]
    fn no_text_makes_the_verifier_panic_or_repeat_it(text in "[ -~]{0,60}|[A-Za-z0-9_-]{4,20}[.][A-Za-z0-9_-]{4,20}[.][A-Za-z0-9_-]{0,20}") {
        let error = verifier().verify(&text, now()).unwrap_err();
        let shown = format!("{error} {error:?}");
        for part in text.split('.').filter(|part| part.len() > 12) {
            prop_assert!(!shown.contains(part), "{}", shown);
        }
    }

    #[test]
    fn a_token_changed_anywhere_is_refused(at: prop::sample::Index, to in "[A-Za-z0-9_-]") {
        let token = signed(&good());
        let at = at.index(token.len() - 1); // The last character carries bits that base64 ignores.
        prop_assume!(token[at..=at] != to && &token[at..=at] != ".");
        let changed = format!("{}{to}{}", &token[..at], &token[at + 1..]);
        prop_assert!(verifier().verify(&changed, now()).is_err());
    }
}
