//! What a mutation refuses, as data of a type that says what the caller can do about it.

use super::hub::*;
use super::plans::{Desk, graph_id};
use crate::harness::on_both;
use crate::identity::people::party;
use crate::store::dump::dump;
use onefold::auth::{Actor, default_policies};
use onefold::identity::Identity;
use onefold::store::Store;
use onefold_model::{CustomerId, RecordId};
use serde_json::{Value, json};

const PIN: &str = "mutation($input: ValuePinInput!) { valuePin(input: $input) {
    pin { id } replayed customer { version displayName } userErrors { __typename code message path
      ... on StaleVersionError { ifVersion currentVersion baseKnown differences { field base current yours } } } } }";

/// Somebody whom three systems know, Support by another name: the records of Billing and of Support.
async fn two(desk: &Desk) -> [RecordId; 2] {
    let mut data = party("Ann", "Archer", "ann@archer.example");
    let one = desk.push("stripe", "ann", data.clone()).await;
    desk.push("mailchimp", "ann", data.clone()).await;
    data["displayName"] = json!("Annie Archer");
    let other = desk.push("zendesk", "ann", data).await;
    desk.hub.fold().await;
    [one, other]
}

/// Billing learns another name and another address of hers.
async fn renamed(desk: &Desk, name: &str) {
    let mut data = party("Ann", "Archer", "ann@archer.example");
    data["displayName"] = json!(name);
    data["emails"] = json!([{"address": "ann@bowman.example", "original": "ann@bowman.example"},
                            {"address": "ann@archer.example", "original": "ann@archer.example"}]);
    desk.push("stripe", "ann", data).await;
    desk.hub.fold().await;
}

async fn version(desk: &Desk, id: CustomerId) -> i64 {
    desk.hub.customer_doc(&steward(), id, "version").await["version"].as_i64().unwrap()
}

async fn pin(hub: &Hub, who: &Actor, record: RecordId, key: &str, if_version: i64) -> Value {
    let input = json!({"record": graph_id(record), "path": "displayName", "reason": "as she signs", "idempotencyKey": key,
                       "ifVersion": if_version});
    hub.data(who, PIN, json!({"input": input})).await["valuePin"].take()
}

fn difference<'a>(error: &'a Value, field: &str) -> &'a Value {
    let all = error["differences"].as_array().unwrap();
    all.iter().find(|told| told["field"] == field).unwrap_or(&Value::Null)
}

#[tokio::test]
async fn a_pin_over_another_version_does_nothing_and_tells_what_became_different() {
    on_both(|store| async move {
        let desk = Desk::open(&store).await;
        let [one, nick] = two(&desk).await;
        let id = desk.of(one).await;
        let looked_at = version(&desk, id).await;
        let shown = desk.hub.customer_doc(&steward(), id, "displayName").await["displayName"].take();
        renamed(&desk, "Ann Archer-Bowman").await;
        let now = version(&desk, id).await;
        assert!(now > looked_at);
        let before = dump(&store).await;
        let refused = pin(&desk.hub, &steward(), nick, "late", looked_at).await;
        assert_eq!(dump(&store).await, before, "nothing was done");
        let error = &refused["userErrors"][0];
        assert_eq!((&error["__typename"], &error["code"]), (&json!("StaleVersionError"), &json!("STALE_VERSION")));
        assert_eq!((&error["ifVersion"], &error["currentVersion"]), (&json!(looked_at), &json!(now)));
        assert_eq!((&error["baseKnown"], &refused["pin"]), (&json!(true), &Value::Null));
        let current = desk.hub.customer_doc(&steward(), id, "displayName").await;
        let told = difference(error, "displayName");
        assert_eq!((&told["base"], &told["yours"]), (&shown, &json!("Annie Archer")), "{error}");
        assert_eq!(told["current"], current["displayName"]);
        assert!(difference(error, "familyName").is_null(), "that is the same: {error}");
        let fresh = pin(&desk.hub, &steward(), nick, "in time", now).await;
        assert_eq!((&fresh["userErrors"], &fresh["customer"]["displayName"]), (&json!([]), &json!("Annie Archer")));
        // What was pinned is another version too: a second steward, who has not seen it, is told.
        let second = pin(&desk.hub, &steward(), one, "second", now).await["userErrors"][0].take();
        let told = difference(&second, "displayName");
        assert_eq!((&told["base"], &told["current"]), (&current["displayName"], &json!("Annie Archer")), "{second}");
        // The same request again is answered as before, whatever has become of the version.
        renamed(&desk, "Ann Bowman-Archer").await;
        assert_eq!(pin(&desk.hub, &steward(), nick, "in time", now).await["replayed"], json!(true));
    })
    .await;
}

#[tokio::test]
async fn a_version_that_never_was_has_no_base() {
    on_both(|store| async move {
        let desk = Desk::open(&store).await;
        let [_, nick] = two(&desk).await;
        let error = pin(&desk.hub, &steward(), nick, "x", 99).await["userErrors"][0].take();
        assert_eq!((&error["code"], &error["baseKnown"]), (&json!("STALE_VERSION"), &json!(false)));
        let told = error["differences"].as_array().unwrap();
        assert_eq!(told.len(), 1);
        assert_eq!((&told[0]["base"], &told[0]["yours"]), (&Value::Null, &json!("Annie Archer")));
    })
    .await;
}

/// Nobody reads the best address.
const NO_ADDRESS: &str = r#"
    @id("own.no-address")
    forbid (principal, action == Onefold::Action::"read", resource == Onefold::Field::"Customer.email");
"#;

async fn without_addresses(store: &Store) -> Desk {
    let mut files = default_policies(&departments());
    files.push(("own.cedar".to_owned(), NO_ADDRESS.to_owned()));
    Desk { hub: Hub::with(store, policies(&files), Identity::default()).await }
}

#[tokio::test]
async fn differences_tell_nothing_that_is_hidden() {
    on_both(|store| async move {
        let desk = without_addresses(&store).await;
        let [one, nick] = two(&desk).await;
        let looked_at = version(&desk, desk.of(one).await).await;
        renamed(&desk, "Ann Archer-Bowman").await;
        let error = pin(&desk.hub, &steward(), nick, "late", looked_at).await["userErrors"][0].take();
        assert_eq!(error["code"], "STALE_VERSION");
        assert!(!error.to_string().contains('@'), "{error}");
        for who in [support(), billing(), marketing()] {
            let refused = pin(&desk.hub, &who, nick, "not mine", looked_at).await["userErrors"][0].take();
            assert!(refused["differences"].is_null() && refused["code"] != "STALE_VERSION", "{refused}");
        }
    })
    .await;
}

#[tokio::test]
async fn each_refusal_has_a_type_and_what_all_have() {
    on_both(|store| async move {
        let desk = Desk::open(&store).await;
        let [one, _] = two(&desk).await;
        let unknown = RecordId(uuid::Uuid::from_u128(7));
        let ask = "mutation($input: ValuePinInput!) { valuePin(input: $input) { userErrors { __typename code message path
            ... on ForbiddenError { policy } ... on FieldForbiddenError { typeName field } ... on PlanMovedError { fingerprint } } } }";
        for (who, record, path, kind, code) in [
            (steward(), one, "shoeSize", "ValidationError", "INVALID_INPUT"),
            (steward(), unknown, "displayName", "NotFoundError", "NOT_FOUND"),
            (actor(&["support"], &[]), one, "displayName", "ForbiddenError", "FORBIDDEN"),
        ] {
            let input = json!({"record": graph_id(record), "path": path, "reason": "x", "idempotencyKey": "x"});
            let mut data = desk.hub.data(&who, ask, json!({"input": input})).await;
            let error = data["valuePin"]["userErrors"][0].take();
            assert_eq!((&error["__typename"], &error["code"]), (&json!(kind), &json!(code)), "{error}");
            assert!(error["message"].as_str().is_some_and(|text| !text.is_empty()) && error["path"].is_null());
        }
    })
    .await;
}
