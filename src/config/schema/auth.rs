//! The section `auth` of the schema.

use serde_json::{Value, json};

/// The section, given the form of a secret's place.
pub(super) fn auth(secret: &Value) -> Value {
    object(
        &[],
        &json!({
            "secret": secret,
            "issuer": text("The iss that a token must carry."),
            "audience": text("The aud that a token must carry."),
            "departments_claim": text("The claim that lists departments: a name or a JSON pointer."),
            "roles_claim": text("The claim that lists roles: a name or a JSON pointer."),
            "leeway_s": seconds("How far clocks may differ, in seconds."),
            "issuers": {"type": "array", "items": issuer(), "description": "Those who sign tokens with keys that they publish."},
            "login": login(secret),
        }),
    )
}

fn issuer() -> Value {
    let place = json!({"oneOf": [
        object(&["url"], &json!({"url": text("Where the key set is, with https.")})),
        object(&["file"], &json!({"file": text("The file that holds the key set.")})),
    ], "description": "Where its keys are. Without it: where its discovery document says."});
    object(
        &["issuer", "audiences"],
        &json!({
            "issuer": text("The iss of its tokens, letter for letter."),
            "audiences": texts("A token must be meant for one of these (aud)."),
            "algorithms": {
                "type": "array",
                "minItems": 1,
                "items": {"enum": crate::config::TokenAlgorithm::ALL.map(crate::config::TokenAlgorithm::as_str)},
                "description": "What its tokens may be signed with: RS256, ES256 and EdDSA unless told otherwise.",
            },
            "keys": place,
            "hosts": texts("Further hosts that the discovery document may name."),
            "leeway_s": seconds("How far clocks may differ, in seconds."),
            "subject_claim": text("The claim that names the person: sub unless told otherwise."),
            "departments": claim("How departments are read: from the claim departments unless told otherwise."),
            "roles": claim("How roles are read: from the claim roles unless told otherwise."),
            "key_lifetime_s": seconds("After so many seconds the keys are fetched again: 600."),
            "key_stale_s": seconds("So many seconds old keys still count while the issuer does not answer: 86400."),
            "key_interval_s": seconds("Seconds between two fetches, whatever tokens come: 30."),
        }),
    )
}

fn login(secret: &Value) -> Value {
    let mut login = object(
        &["issuer", "client_id", "public_url"],
        &json!({
            "issuer": text("The provider: the issuer of one of auth.issuers."),
            "client_id": text("Under which name the provider knows the hub."),
            "client_secret": secret,
            "client_authentication": {"enum": ["basic", "post"], "description": "How the secret is sent: basic."},
            "public_url": text("Where browsers reach the hub: https://hub.example."),
            "scopes": texts("What is asked for, besides openid."),
            "session_minutes": seconds("After so many minutes one has to log in again: 480."),
        }),
    );
    login["description"] = json!("How people log in with a browser.");
    login
}

fn claim(doc: &str) -> Value {
    let word = json!({"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]});
    let map = json!({
        "type": "object",
        "additionalProperties": word,
        "description": "What each value means; one that is not listed means nothing. Without it a value means itself.",
    });
    let mut claim = object(
        &["claim"],
        &json!({"claim": text("A name, or a JSON pointer where it begins with a slash."), "map": map}),
    );
    claim["description"] = json!(doc);
    claim
}

fn object(required: &[&str], properties: &Value) -> Value {
    json!({"type": "object", "additionalProperties": false, "required": required, "properties": properties})
}

fn text(doc: &str) -> Value {
    json!({"type": "string", "description": doc})
}

fn texts(doc: &str) -> Value {
    json!({"type": "array", "items": {"type": "string"}, "description": doc})
}

fn seconds(doc: &str) -> Value {
    json!({"type": "integer", "minimum": 0, "description": doc})
}
