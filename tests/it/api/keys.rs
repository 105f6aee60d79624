//! Keys of machines: who may make, see and revoke them, and what the store and the audit keep.

use super::hub::*;
use crate::harness::on_both;
use crate::store::fixture::number;
use onefold::auth::Actor;
use serde_json::{Value, json};

const CREATE: &str = "mutation($input: ApiKeyCreateInput!) { apiKeyCreate(input: $input) {
    secret apiKey { id name state createdBy lastUsedAt expiresAt source { key } } userErrors { code message } } }";
const REVOKE: &str = "mutation($id: ID!) { apiKeyRevoke(input: {id: $id}) { apiKey { id state revokedBy revokedAt } userErrors { code message } } }";
const LIST: &str = "query($source: String) { apiKeys(source: $source) { id name state source { key } } }";

fn operator() -> Actor {
    actor(&["billing"], &["operator"])
}

/// Makes a key for a source, as somebody.
async fn create(hub: &Hub, who: &Actor, source: &str) -> Value {
    let input = json!({"input": {"source": source, "name": "nightly export"}});
    hub.data(who, CREATE, input).await["apiKeyCreate"].take()
}

#[tokio::test]
async fn a_key_is_shown_once_and_kept_as_a_hash() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        let made = create(&hub, &operator(), "stripe").await;
        let (secret, key) = (made["secret"].as_str().unwrap(), &made["apiKey"]);
        assert_eq!(made["userErrors"], json!([]));
        assert_eq!(
            (&key["name"], &key["state"], &key["lastUsedAt"]),
            (&json!("nightly export"), &json!("ACTIVE"), &Value::Null)
        );
        assert_eq!((&key["source"]["key"], &key["createdBy"]), (&json!("stripe"), &json!(operator().subject())));
        let id = key["id"].as_str().unwrap().strip_prefix("apikey_").unwrap();
        let random = secret.strip_prefix(&format!("onefold_key_{id}_")).expect("the id is part of the text");
        assert_eq!(random.len(), 43, "256 bits");
        let again = create(&hub, &operator(), "stripe").await;
        assert_ne!(again["secret"], made["secret"]);
        let kept = crate::store::dump::dump(&store).await;
        assert!(kept.contains("nightly export"), "the store was looked at");
        assert!(!kept.contains(random), "no part of the store holds the secret");
        let audited = number(&store, "select count(*) from audit where action = 'apiKey.create'").await;
        assert_eq!(audited, 2);
    })
    .await;
}

#[tokio::test]
async fn who_does_not_administer_a_source_neither_makes_nor_sees_its_keys() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        let made = create(&hub, &operator(), "zendesk").await;
        let id = json!({"id": made["apiKey"]["id"]});
        for who in [billing(), support(), steward(), marketing()] {
            let refused = create(&hub, &who, "zendesk").await;
            assert_eq!(refused["userErrors"][0]["code"], "FORBIDDEN", "{}", who.subject());
            assert_eq!((&refused["secret"], &refused["apiKey"]), (&Value::Null, &Value::Null));
            assert_eq!(hub.data(&who, LIST, json!({})).await["apiKeys"], json!([]));
            assert_eq!(hub.refusals(&who, LIST, json!({"source": "zendesk"})).await[0].0, "FORBIDDEN");
            let revoked = hub.data(&who, REVOKE, id.clone()).await;
            assert_eq!(revoked["apiKeyRevoke"]["userErrors"][0]["code"], "NOT_FOUND", "as one that does not exist");
        }
        assert_eq!(number(&store, "select count(*) from api_key").await, 1);
        assert_eq!(number(&store, "select count(*) from api_key where revoked_at is not null").await, 0);
        assert_eq!(number(&store, "select count(*) from audit where action like 'apiKey.%'").await, 1);
        let node = hub.data(&operator(), "query($id: ID!) { node(id: $id) { id } }", id).await;
        assert_eq!(node["node"], Value::Null, "a key is listed and reached by no other way");
    })
    .await;
}

#[tokio::test]
async fn keys_are_listed_by_source_and_revoked_for_ever() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        let first = create(&hub, &operator(), "zendesk").await;
        create(&hub, &operator(), "stripe").await;
        create(&hub, &operator(), "zendesk").await;
        let sources = |data: &Value| -> Vec<String> {
            let keys = data["apiKeys"].as_array().unwrap();
            keys.iter().map(|key| key["source"]["key"].as_str().unwrap().to_owned()).collect()
        };
        let all = hub.data(&operator(), LIST, json!({})).await;
        assert_eq!(sources(&all), ["stripe", "zendesk", "zendesk"]);
        let one = hub.data(&operator(), LIST, json!({"source": "zendesk"})).await;
        assert_eq!(one["apiKeys"][1]["id"], first["apiKey"]["id"], "newest first");
        let id = json!({"id": first["apiKey"]["id"]});
        let revoked = hub.data(&operator(), REVOKE, id.clone()).await["apiKeyRevoke"].take();
        assert_eq!((&revoked["apiKey"]["state"], &revoked["userErrors"]), (&json!("REVOKED"), &json!([])));
        assert_eq!(revoked["apiKey"]["revokedBy"], json!(operator().subject()));
        let again = hub.data(&everyone(), REVOKE, id).await["apiKeyRevoke"].take();
        assert_eq!(again["apiKey"], revoked["apiKey"], "the first time counts");
        assert_eq!(number(&store, "select count(*) from audit where action = 'apiKey.revoke'").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_key_that_cannot_be_meant_is_refused() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        for (input, code) in [
            (json!({"source": "nothing", "name": "a"}), "NOT_FOUND"),
            (json!({"source": "stripe", "name": " "}), "INVALID_INPUT"),
            (json!({"source": "stripe", "name": "x".repeat(101)}), "INVALID_INPUT"),
            (json!({"source": "stripe", "name": "a\nb"}), "INVALID_INPUT"),
            (json!({"source": "stripe", "name": "a", "days": 0}), "INVALID_INPUT"),
            (json!({"source": "stripe", "name": "a", "days": -1}), "INVALID_INPUT"),
            (json!({"source": "stripe", "name": "a", "days": 1831}), "INVALID_INPUT"),
        ] {
            let refused = hub.data(&operator(), CREATE, json!({"input": input})).await;
            assert_eq!(refused["apiKeyCreate"]["userErrors"][0]["code"], code, "{input}");
        }
        let unknown = json!({"id": format!("apikey_{}", "0".repeat(32))});
        let refused = hub.data(&operator(), REVOKE, unknown).await;
        assert_eq!(refused["apiKeyRevoke"]["userErrors"][0]["code"], "NOT_FOUND");
        let other = json!({"id": format!("source_{}", "0".repeat(32))});
        assert_eq!(hub.refusals(&operator(), REVOKE, other).await[0].0, "ID_WRONG_KIND");
        assert_eq!(number(&store, "select count(*) from api_key").await, 0);
    })
    .await;
}
