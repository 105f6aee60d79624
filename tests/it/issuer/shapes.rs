//! The tokens of four widely used issuers, as they are, under the configuration that the guide shows for each: the blocks of
//! the guide are read and used here.

use super::fake::auth;
use super::keys::{P256, RSA, set};
use crate::store::fixture::time;
use onefold::auth::{Actor, PublishedKeys, TokenError, TokenVerifier};
use onefold::issuer::issuer_settings;
use serde_json::{Value, json};

const NOW: i64 = 50_000;

/// The block of TOML under a heading of the guide.
fn block(heading: &str) -> String {
    let guide = include_str!("../../../docs/guides/authentication.md");
    let start = guide.find(&format!("\n### {heading}")).unwrap_or_else(|| panic!("the guide tells of {heading}"));
    let rest = &guide[start..];
    let rest = &rest[rest.find("```toml\n").expect("a block") + 8..];
    rest[..rest.find("```").expect("its end")].to_owned()
}

fn check(heading: &str, claims: &Value) -> Result<Actor, TokenError> {
    let config = auth(&block(heading));
    let tokens = TokenVerifier::with_issuers(None, issuer_settings(&config.issuers)).unwrap();
    let issuer = &config.issuers[0].issuer;
    tokens.keys_put(issuer, Some(PublishedKeys::read(set(&[RSA, P256]).to_string().as_bytes()).unwrap()));
    tokens.verify(&RSA.sign(claims), time(NOW))
}

#[track_caller]
fn is(heading: &str, claims: &Value, subject: &str, departments: &[&str], roles: &[&str]) {
    let actor = check(heading, claims).unwrap_or_else(|error| panic!("{heading}: {error}"));
    assert_eq!(actor.subject(), subject, "{heading}");
    assert_eq!(actor.departments().iter().map(ToString::to_string).collect::<Vec<_>>(), departments, "{heading}");
    assert_eq!(actor.roles(), roles, "{heading}");
}

fn without(claims: &Value, name: &str) -> Value {
    let mut claims = claims.clone();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

#[test]
fn a_token_of_keycloak_gives_departments_and_roles() {
    let now = time(NOW).timestamp();
    let claims = json!({
        "exp": now + 300, "iat": now, "auth_time": now - 20, "jti": "onrtac:5b1d9c0e-8f3e-4a0b-9a36-2a7f8c3d1e55",
        "iss": "https://login.example/realms/company", "aud": ["onefold", "account"],
        "sub": "f1e7a3c2-6f0d-4c55-9d7f-0a4b1c9e2d31", "typ": "Bearer", "azp": "console",
        "sid": "1c1f0c52-0a3d-4d7a-8a53-3b8a7f3e4c11", "acr": "1", "allowed-origins": ["https://hub.example"],
        "realm_access": {"roles": ["offline_access", "default-roles-company", "uma_authorization"]},
        "resource_access": {
            "onefold": {"roles": ["steward"]},
            "account": {"roles": ["manage-account", "view-profile"]}
        },
        "scope": "openid profile email", "email_verified": true, "name": "Ann Example",
        "groups": ["/company/billing", "/company/everybody"],
        "preferred_username": "ann", "given_name": "Ann", "family_name": "Example", "email": "ann@company.example"
    });
    is("Keycloak", &claims, "f1e7a3c2-6f0d-4c55-9d7f-0a4b1c9e2d31", &["billing"], &["steward"]);
    assert_eq!(check("Keycloak", &without(&claims, "groups")), Err(TokenError::NoDepartment));
    let no_roles = without(&claims, "resource_access");
    is("Keycloak", &no_roles, "f1e7a3c2-6f0d-4c55-9d7f-0a4b1c9e2d31", &["billing"], &[]);
}

#[test]
fn a_token_of_entra_gives_departments_and_roles() {
    let now = time(NOW).timestamp();
    let tenant = "72f988bf-86f1-41af-91ab-2d7cd011db47";
    let claims = json!({
        "aud": "6e74172b-be56-4843-9ff4-e66a39bb12e3",
        "iss": format!("https://login.microsoftonline.com/{tenant}/v2.0"),
        "iat": now, "nbf": now, "exp": now + 4_200, "aio": "AXQAi/8IAAAA", "azp": "8d7f1f6a-2a8e-4f6a-8a64-0d3f9b1f2a10",
        "azpacr": "0", "name": "Ann Example", "oid": "690222be-ff1a-4d56-abd1-7e4f7d38e474",
        "preferred_username": "ann@company.example", "rh": "I", "scp": "access_as_user",
        "groups": ["3f2f4a1e-7a3c-4a9e-9d0b-0c1d2e3f4a5b", "9a8b7c6d-5e4f-4a3b-8c2d-1e0f9a8b7c6d"],
        "roles": ["Onefold.Steward", "Other.Role"],
        "sub": "HKZpfaHyWadeOouYlitjrI-KffTm222X5rrV3xDqfKQ", "tid": tenant, "uti": "fqiBqXLPj0eQa82S-IYFAA", "ver": "2.0"
    });
    let ann = "690222be-ff1a-4d56-abd1-7e4f7d38e474";
    is("Entra", &claims, ann, &["billing", "support"], &["steward"]);
    // A person in more than 200 groups has none of them in the token, but a place to ask for them.
    let mut overage = without(&claims, "groups");
    overage["_claim_names"] = json!({"groups": "src1"});
    overage["_claim_sources"] =
        json!({"src1": {"endpoint": "https://graph.microsoft.com/v1.0/users/x/getMemberObjects"}});
    assert_eq!(check("Entra", &overage), Err(TokenError::NoDepartment));
    let mut v1 = claims.clone();
    v1["iss"] = json!(format!("https://sts.windows.net/{tenant}/"));
    assert_eq!(check("Entra", &v1), Err(TokenError::Issuer));
}

#[test]
fn a_token_of_auth0_gives_departments_and_roles() {
    let now = time(NOW).timestamp();
    let claims = json!({
        "https://hub.example/departments": ["marketing"], "https://hub.example/roles": ["operator"],
        "iss": "https://company.eu.auth0.com/", "sub": "auth0|5f7c8ec7c33c6c004bbafe82",
        "aud": ["https://hub.example/graphql", "https://company.eu.auth0.com/userinfo"],
        "iat": now, "exp": now + 86_400, "azp": "my_client_id", "scope": "openid profile", "permissions": ["read:graph"]
    });
    is("Auth0", &claims, "auth0|5f7c8ec7c33c6c004bbafe82", &["marketing"], &["operator"]);
    assert_eq!(check("Auth0", &without(&claims, "https://hub.example/departments")), Err(TokenError::NoDepartment));
    let mut slashless = claims.clone();
    slashless["iss"] = json!("https://company.eu.auth0.com");
    assert_eq!(check("Auth0", &slashless), Err(TokenError::Issuer), "letter for letter");
}

#[test]
fn a_token_of_okta_gives_departments_and_roles() {
    let now = time(NOW).timestamp();
    let claims = json!({
        "ver": 1, "jti": "AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE",
        "iss": "https://company.okta.com/oauth2/aus1a2b3c4d5e6f7g8h9", "aud": "api://onefold",
        "sub": "ann@company.example", "iat": now, "exp": now + 3_600, "cid": "nmdP1fcyvdVO11AL7ECm",
        "uid": "00ucmukel4KHsPARU0h7", "auth_time": now - 10, "scp": ["openid", "profile"],
        "groups": ["Everyone", "Hub Support", "Hub Stewards"]
    });
    is("Okta", &claims, "00ucmukel4KHsPARU0h7", &["support"], &["steward"]);
    let mut outsider = claims.clone();
    outsider["groups"] = json!(["Everyone"]);
    assert_eq!(check("Okta", &outsider), Err(TokenError::NoDepartment));
    // The group is called as a department is, and is not in the table: the table alone counts.
    outsider["groups"] = json!(["billing", "steward"]);
    assert_eq!(check("Okta", &outsider), Err(TokenError::NoDepartment));
}
