//! The door that a key opens, over real HTTP: records into its one source, and nothing else.

use super::hub::*;
use super::served::{Served, answer};
use super::story::{billing_party, filled};
use crate::harness::on_both;
use crate::store::fixture::number;
use onefold::args;
use onefold::store::Store;
use onefold_model::SourceKey;
use serde_json::{Value, json};

const INGEST: &str = "mutation($input: RecordsIngestInput!) { recordsIngest(input: $input) {
    created unchanged userErrors { code message } results { id externalId state } } }";

async fn key(hub: &Hub, source: &str) -> String {
    let source = SourceKey::new(source).unwrap();
    hub.app.system("test").api_key_create(&source, "a machine", 30).await.unwrap().1
}

async fn send(served: &Served, key: &str, document: &str, variables: Value) -> (u16, Value) {
    let request = served.bare("POST", "/graphql").bearer_auth(key).header("content-type", "application/json");
    let (status, _, body) = answer(request.body(json!({"query": document, "variables": variables}).to_string())).await;
    (status, body)
}

fn batch(source: &str) -> Value {
    let record = json!({"kind": "PARTY", "stream": "customers", "externalId": "k1", "data": billing_party(0)});
    json!({"input": {"source": source, "records": [record]}})
}

async fn change(store: &Store, sql: &str) {
    let mut tx = store.begin().await.unwrap();
    tx.execute(sql, args![]).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_key_pushes_into_its_source_and_is_audited_by_its_id() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        let served = Served::start(&hub).await;
        let key = key(&hub, "stripe").await;
        let (status, body) = send(&served, &key, INGEST, batch("stripe")).await;
        assert_eq!(status, 200, "{body}");
        assert_eq!((&body["data"]["recordsIngest"]["created"], &body["errors"]), (&json!(1), &Value::Null));
        let (_, again) = send(&served, &key, INGEST, batch("stripe")).await;
        assert_eq!(again["data"]["recordsIngest"]["unchanged"], 1);
        let actors =
            store.fetch("select distinct actor from audit where action = 'records.ingest'", args![]).await.unwrap();
        assert_eq!(actors.len(), 1);
        let id = &key["onefold_key_".len()..][..32];
        assert_eq!(actors[0].text(0).unwrap(), format!("key:apikey_{id}"));
        assert_eq!(number(&store, "select count(*) from api_key where last_used_at is not null").await, 1);
        served.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_key_does_nothing_but_push_into_its_own_source() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 1).await;
        let served = Served::start(&hub).await;
        let key = key(&hub, "stripe").await;
        let before = number(&store, "select count(*) from record").await;
        for source in ["zendesk", "mailchimp", "nothing"] {
            let (_, body) = send(&served, &key, INGEST, batch(source)).await;
            let errors = &body["data"]["recordsIngest"]["userErrors"];
            assert_eq!(errors[0]["code"], "NOT_FOUND", "{source}: one that may not be seen is as one that is not there");
        }
        for document in [
            "{ viewer { subject } }",
            "{ customers { totalCount } }",
            "{ sources { key } }",
            "{ apiKeys { id } }",
            "{ __typename }",
            "{ __schema { types { name } } }",
            "mutation { syncStart(input: {source: \"stripe\"}) { run { id } } }",
            "mutation { quarantineRetry(input: {source: \"stripe\"}) { resolved } }",
            "mutation { apiKeyCreate(input: {source: \"stripe\", name: \"a\"}) { secret } }",
            "mutation { recordsIngest(input: {source: \"stripe\", records: []}) { created } apiKeyCreate(input: {source: \"stripe\", name: \"a\"}) { secret } }",
            "mutation { ...A } fragment A on Mutation { apiKeyCreate(input: {source: \"stripe\", name: \"a\"}) { secret } }",
        ] {
            let (_, body) = send(&served, &key, document, json!({})).await;
            assert_eq!(body["errors"][0]["extensions"]["code"], "KEY_SCOPE", "{document}: {body}");
            assert_eq!(body["data"], Value::Null, "{document}");
        }
        // The scope itself permits nothing either, whatever a document might come to ask.
        let session = hub.app.api_key_session(&key).await.unwrap();
        let source = SourceKey::new("stripe").unwrap();
        assert!(session.source_list().is_empty() && !session.shows_type("Customer") && !session.shows_type("Source"));
        assert_eq!(session.sync_start(&source, std::collections::BTreeSet::new()).await.unwrap_err().code(), "NOT_FOUND");
        assert_eq!(session.quarantine_retry(&source, None).await.unwrap_err().code(), "NOT_FOUND");
        assert_eq!(session.api_key_create(&source, "a", 1).await.unwrap_err().code(), "NOT_FOUND");
        assert!(session.api_key_list(None).await.unwrap().is_empty());
        assert_eq!(number(&store, "select count(*) from record").await, before);
        assert_eq!(number(&store, "select count(*) from api_key").await, 1);
        served.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_key_that_is_none_is_refused_with_its_own_code() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        let served = Served::start(&hub).await;
        let key = key(&hub, "stripe").await;
        let other = self::key(&hub, "stripe").await;
        let mixed = format!("{}{}", &key[..45], &other[45..]);
        let refused = |key: String, code: &'static str| {
            let served = &served;
            async move {
                let request = served.bare("POST", "/graphql").bearer_auth(&key);
                let response = request.header("content-type", "application/json").body("{}").send().await.unwrap();
                let challenge = super::served::header(&response, "www-authenticate");
                assert_eq!(response.status(), 401, "{code}");
                assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
                let body: Value = response.json().await.unwrap();
                assert_eq!(body["errors"][0]["extensions"]["code"], code);
                assert!(!body.to_string().contains(&key[12..]), "no key in an answer");
            }
        };
        refused("onefold_key_".to_owned() + "rubbish", "KEY_UNKNOWN").await;
        refused(key[..key.len() - 1].to_owned(), "KEY_UNKNOWN").await;
        refused(mixed, "KEY_UNKNOWN").await;
        change(&store, "update api_key set expires_at = created_at").await;
        refused(key.clone(), "KEY_EXPIRED").await;
        change(&store, "update api_key set revoked_at = created_at").await;
        refused(key.clone(), "KEY_REVOKED").await;
        change(&store, "delete from api_key").await;
        refused(key, "KEY_UNKNOWN").await;
        assert_eq!(number(&store, "select count(*) from record").await, 0);
        served.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_revoked_key_is_refused_from_the_next_request_on() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        let served = Served::start(&hub).await;
        let key = key(&hub, "stripe").await;
        assert_eq!(send(&served, &key, INGEST, batch("stripe")).await.0, 200);
        let session = hub.app.system("test");
        let listed = session.api_key_list(None).await.unwrap();
        session.api_key_revoke(listed[0].row.id).await.unwrap();
        assert_eq!(send(&served, &key, INGEST, batch("stripe")).await.0, 401);
        served.stop().await;
    })
    .await;
}
