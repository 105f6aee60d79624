//! Records that a machine pushes: each has a result, the same again changes nothing, what does not fit is kept and named, and
//! nobody pushes into another department's source.

use super::hub::*;
use super::story::{billing_party, history};
use crate::harness::on_both;
use crate::store::fixture::number;
use onefold_model::RecordKind;
use serde_json::{Value, json};

const INGEST: &str = r"mutation($input: RecordsIngestInput!) { recordsIngest(input: $input) {
    created updated unchanged deleted userErrors { code message path } results { id externalId state error { code message } } } }";

pub(super) async fn ingest(hub: &Hub, who: &onefold::auth::Actor, source: &str, records: Value) -> Value {
    let input = json!({"input": {"source": source, "records": records}});
    hub.data(who, INGEST, input).await["recordsIngest"].take()
}

fn counts(answer: &Value) -> [u64; 4] {
    ["created", "updated", "unchanged", "deleted"].map(|name| answer[name].as_u64().unwrap())
}

fn party(key: &str, data: &Value) -> Value {
    json!({"kind": "PARTY", "stream": "customers", "externalId": key, "data": data})
}

#[tokio::test]
async fn the_same_records_again_change_nothing() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        let batch = json!([party("1", &billing_party(0)), party("2", &billing_party(1))]);
        let first = ingest(&hub, &billing(), "stripe", batch.clone()).await;
        assert_eq!((counts(&first), &first["userErrors"]), ([2, 0, 0, 0], &json!([])));
        assert_eq!(first["results"][0]["id"], json!(record_id("stripe", "customers", "1").to_string()));
        assert_eq!(first["results"][1]["externalId"], "2");
        let changes = store.change_list(0, 100).await.unwrap().len();
        let second = ingest(&hub, &billing(), "stripe", batch).await;
        assert_eq!(counts(&second), [0, 0, 2, 0]);
        assert_eq!(second["results"], first["results"]);
        assert_eq!(store.change_list(0, 100).await.unwrap().len(), changes);

        let mut other = billing_party(1);
        other["displayName"] = json!("Anna H.");
        let third =
            ingest(&hub, &billing(), "stripe", json!([party("1", &billing_party(0)), party("2", &other)])).await;
        assert_eq!(counts(&third), [0, 1, 1, 0]);
        let deletion = json!([{"kind": "PARTY", "stream": "customers", "externalId": "2", "deleted": true}]);
        assert_eq!(counts(&ingest(&hub, &billing(), "stripe", deletion.clone()).await), [0, 0, 0, 1]);
        assert_eq!(counts(&ingest(&hub, &billing(), "stripe", deletion).await), [0, 0, 1, 0]);
        let audited = number(&store, "select count(*) from audit where action = 'records.ingest'").await;
        assert_eq!(audited, 5, "who pushed is in the audit, also where nothing changed");
    })
    .await;
}

#[tokio::test]
async fn what_does_not_fit_is_kept_and_named_and_the_rest_is_stored() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        let records = json!([
            party("good", &billing_party(0)),
            party("typo", &json!({"kind": "PERSON", "shoeSize": 44})),
            party("word", &json!({"kind": "ROBOT"})),
            {"kind": "INVOICE", "stream": "invoices", "externalId": "date", "data": {"dueOn": "soon"}},
            party("", &billing_party(1)),
            {"kind": "PARTY", "stream": "customers", "externalId": "nothing"},
        ]);
        let answer = ingest(&hub, &billing(), "stripe", records).await;
        assert_eq!(counts(&answer), [1, 0, 0, 0]);
        let results = answer["results"].as_array().unwrap();
        assert_eq!((&results[0]["state"], &results[0]["error"]), (&json!("ACCEPTED"), &Value::Null));
        for (at, code, word) in [
            (1, "DATA_INVALID", "shoeSize"),
            (2, "DATA_INVALID", "kind does not read: one of PERSON, ORGANIZATION is expected"),
            (3, "DATA_INVALID", "data is no invoice: dueOn does not read: a day"),
            (4, "KEY_MISSING", "externalId"),
            (5, "DATA_MISSING", "data"),
        ] {
            assert_eq!(results[at]["state"], "QUARANTINED");
            assert_eq!(results[at]["error"]["code"], code);
            assert!(results[at]["error"]["message"].as_str().unwrap().contains(word), "{}", results[at]);
        }
        let waiting = hub
            .data(&billing(), "{ quarantine { totalCount nodes { code path message externalId raw } } }", json!({}))
            .await;
        assert_eq!(waiting["quarantine"]["totalCount"], 5);
        for row in waiting["quarantine"]["nodes"].as_array().unwrap() {
            let message = row["message"].as_str().unwrap();
            assert!(!message.contains("ROBOT") && !message.contains("soon"), "a value is repeated: {message}");
            if row["externalId"] == "word" {
                assert_eq!(row["path"], "kind", "{row}");
            }
        }
        assert_eq!(
            hub.data(&support(), "{ quarantine { totalCount } }", json!({})).await["quarantine"]["totalCount"],
            0
        );

        let mended = json!([party("typo", &json!({"kind": "PERSON"}))]);
        assert_eq!(counts(&ingest(&hub, &billing(), "stripe", mended).await), [1, 0, 0, 0]);
        let waiting = hub.data(&billing(), "{ quarantine { totalCount } }", json!({})).await;
        assert_eq!(waiting["quarantine"]["totalCount"], 4, "what fits now no longer waits");
    })
    .await;
}

#[tokio::test]
async fn nobody_pushes_into_the_source_of_another_department() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        let batch = json!([party("1", &billing_party(0))]);
        for (who, source, code) in [
            (marketing(), "stripe", "FORBIDDEN"),
            (support(), "mailchimp", "FORBIDDEN"),
            (steward(), "stripe", "FORBIDDEN"),
            (actor(&["marketing"], &["operator"]), "stripe", "FORBIDDEN"),
            (actor(&["legal"], &[]), "stripe", "NOT_FOUND"),
            (billing(), "nowhere", "NOT_FOUND"),
        ] {
            let answer = ingest(&hub, &who, source, batch.clone()).await;
            assert_eq!(answer["userErrors"][0]["code"], code, "{}: {answer}", who.subject());
            assert!(answer["userErrors"][0]["message"].as_str().unwrap().contains(source));
            assert_eq!((counts(&answer), &answer["results"]), ([0; 4], &json!([])));
        }
        assert_eq!(number(&store, "select count(*) from record").await, 0);
        assert_eq!(number(&store, "select count(*) from audit where action = 'records.ingest'").await, 0);
        assert_eq!(number(&store, "select count(*) from audit where action = 'right.refused'").await, 5, "who tried");
        let unknown = ingest(&hub, &actor(&["legal"], &[]), "nowhere", batch.clone()).await;
        let unseen = ingest(&hub, &actor(&["legal"], &[]), "stripe", batch).await;
        let told = |answer: &Value, source| answer["userErrors"][0]["message"].as_str().unwrap().replace(source, "X");
        assert_eq!(
            told(&unknown, "nowhere"),
            told(&unseen, "stripe"),
            "a source that may not be seen is as one that is not there"
        );
    })
    .await;
}

#[tokio::test]
async fn every_kind_of_record_is_taken() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        let mut kinds = Vec::new();
        let parties = [("stripe", "c0"), ("zendesk", "c0"), ("mailchimp", "c0")];
        let parties = parties.map(|(source, key)| (source, put(RecordKind::Party, "customers", key, billing_party(0))));
        for (source, record) in parties.into_iter().chain(history(0)) {
            let kind = record.kind.as_str().to_uppercase();
            let pushed =
                json!([{"kind": kind, "stream": record.stream, "externalId": record.external_id, "data": record.data}]);
            let answer = ingest(&hub, &everyone(), source, pushed).await;
            assert_eq!((counts(&answer), &answer["results"][0]["error"]), ([1, 0, 0, 0], &Value::Null), "{kind}");
            kinds.push(kind);
        }
        kinds.sort();
        kinds.dedup();
        assert_eq!(kinds.len(), RecordKind::ALL.len());
    })
    .await;
}

#[tokio::test]
async fn a_batch_that_is_too_large_is_refused_whole() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        let batch: Vec<Value> = (0..1_001).map(|n| party(&n.to_string(), &json!({"kind": "PERSON"}))).collect();
        let answer = ingest(&hub, &billing(), "stripe", json!(batch)).await;
        assert_eq!(answer["userErrors"][0]["code"], "INVALID_INPUT");
        assert_eq!(number(&store, "select count(*) from record").await, 0);
        let answer = ingest(&hub, &billing(), "stripe", json!(batch[..1_000])).await;
        assert_eq!(counts(&answer), [1_000, 0, 0, 0]);
        assert_eq!(counts(&ingest(&hub, &billing(), "stripe", json!([])).await), [0; 4]);
        let bad = json!({"input": {"source": "No Such", "records": []}});
        assert_eq!(hub.refusals(&billing(), INGEST, bad).await[0].0, "INVALID_INPUT");
    })
    .await;
}

/// So many letters without pattern, in words, as no index would make them shorter.
fn long(letters: usize) -> String {
    let mut state = 88_172_645_463_325_252_u64;
    let letter = |n: usize, state: u64| if n % 40 == 39 { ' ' } else { char::from(b'a' + (state % 26) as u8) };
    (0..letters)
        .map(|n| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            letter(n, state >> 20)
        })
        .collect()
}

#[tokio::test]
async fn what_is_longer_than_an_index_takes_stops_nobody() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        let text = long(12_000);
        let mail = format!("{}@example.com", text.replace(' ', ""));
        let name = json!({"kind": "PERSON", "displayName": text, "company": text.replace(' ', ""),
                          "emails": [{"address": mail, "original": mail}]});
        let invoice = json!({"number": text, "customer": {"stream": "customers", "externalId": "long"}});
        let records = json!([
            party("long", &name),
            {"kind": "INVOICE", "stream": "invoices", "externalId": "long", "data": invoice},
            party(&text, &billing_party(0)),
            {"kind": "PARTY", "stream": text, "externalId": "1", "data": billing_party(0)},
            party("zero", &json!({"kind": "PERSON", "displayName": "Ze\u{0}ro", "givenName": "\u{0}"})),
            party("ke\u{0}y", &billing_party(1)),
        ]);
        let answer = ingest(&hub, &billing(), "stripe", records).await;
        let codes: Vec<&str> =
            answer["results"].as_array().unwrap().iter().map(|r| r["error"]["code"].as_str().unwrap_or("")).collect();
        assert_eq!(codes, ["", "", "KEY_TOO_LONG", "KEY_TOO_LONG", "", ""]);
        hub.fold().await;
        let id = hub.customer(record_id("stripe", "customers", "long")).await;
        let seen = hub.customer_doc(&billing(), id, "displayName invoices { nodes { number } }").await;
        assert_eq!((&seen["displayName"], &seen["invoices"]["nodes"][0]["number"]), (&json!(text), &json!(text)));
        let word: String = text.chars().take(39).collect();
        let found = hub.data(&billing(), "query($t: String!) { search(text: $t) { customer { id } } }", json!({"t": word})).await;
        assert_eq!(found["search"], json!([{"customer": {"id": id.to_string()}}]), "it is found by its beginning");
        let paged = hub.data(&billing(), "{ customers { totalCount nodes { displayName } } }", json!({})).await;
        assert_eq!(paged["customers"]["totalCount"], 3);
        let odd = "query($t: String!) { search(text: $t) { score } customers(filter: {nameStartsWith: $t, email: $t}) { totalCount }
            customerBySource(source: \"stripe\", externalId: $t) { id } quarantine(code: $t) { totalCount } }";
        for odd_text in ["a\u{0}b", text.as_str(), "\u{FFFF}\u{10FFFF}a", "%_a'\";--"] {
            hub.data(&billing(), odd, json!({"t": odd_text})).await;
        }
    })
    .await;
}

/// What is pushed is folded, and the graph shows it.
#[tokio::test]
async fn what_is_pushed_word_for_word_is_read_word_for_word() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        let mut data = billing_party(0);
        data["extensions"] =
            serde_json::from_str(r#"{"rate": 12.30, "big": 12345678901234567890123, "small": 1e-3}"#).unwrap();
        ingest(&hub, &billing(), "stripe", json!([party("1", &data)])).await;
        hub.fold().await;
        let id = hub.customer(record_id("stripe", "customers", "1")).await;
        let seen = hub.customer_doc(&billing(), id, "sourceRecords { nodes { raw contentHash } }").await;
        let raw = &seen["sourceRecords"]["nodes"][0]["raw"];
        assert_eq!(raw.to_string(), data.to_string());
    })
    .await;
}
