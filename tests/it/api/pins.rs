//! Values that stewards hold fast: what is shown, until when, and for whom.

use super::hub::*;
use super::plans::{Desk, graph_id};
use crate::harness::on_both;
use crate::identity::people::party;
use crate::store::dump::dump;
use crate::store::fixture::time;
use onefold::auth::Actor;
use onefold_model::{CustomerId, PinId, RecordId};
use serde_json::{Value, json};

const PIN: &str = "mutation($input: ValuePinInput!) { valuePin(input: $input) {
    pin { id path by reason expiresAt sourceRecord { id } } replayed pending customer { id displayName } userErrors { code message } } }";
const UNPIN: &str = "mutation($input: ValueUnpinInput!) { valueUnpin(input: $input) {
    pin { undoneReason } replayed userErrors { code message } } }";

async fn pin(desk: &Desk, who: &Actor, record: RecordId, path: &str, more: Value) -> Value {
    let mut input = json!({"record": graph_id(record), "path": path, "reason": "as they sign",
        "idempotencyKey": format!("{record} {path} {more}")});
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    desk.hub.data(who, PIN, json!({"input": input})).await["valuePin"].take()
}

async fn shown(desk: &Desk, id: CustomerId) -> (Value, Value) {
    let selection =
        "displayName provenance(paths: [\"displayName\"]) { rule sourceRecord { id } alternatives { lostBecause } }";
    let mut doc = desk.hub.customer_doc(&steward(), id, selection).await;
    (doc["displayName"].take(), doc["provenance"][0]["rule"].take())
}

/// Somebody whom three systems know, one of them by another name.
async fn three(desk: &Desk) -> [RecordId; 3] {
    let mut records = Vec::new();
    for (source, name) in [("stripe", "Ann Archer"), ("zendesk", "Ann Archer"), ("mailchimp", "Annie Archer")] {
        let mut data = party("Ann", "Archer", "ann@archer.example");
        data["displayName"] = json!(name);
        records.push(desk.push(source, "ann", data).await);
    }
    desk.hub.fold().await;
    [records[0], records[1], records[2]]
}

#[tokio::test]
async fn a_pinned_value_is_shown_whatever_the_rules_say_and_let_go_without_a_trace() {
    on_both(|store| async move {
        let desk = Desk::open(&store).await;
        let [one, _, nick] = three(&desk).await;
        let id = desk.of(one).await;
        let before = desk.read().await;
        assert_eq!(shown(&desk, id).await.0, json!("Ann Archer"));
        let pinned = pin(&desk, &steward(), nick, "displayName", json!({})).await;
        assert_eq!(
            (&pinned["userErrors"], &pinned["customer"]["displayName"]),
            (&json!([]), &json!("Annie Archer")),
            "{pinned}"
        );
        assert_eq!(shown(&desk, id).await, (json!("Annie Archer"), json!("PINNED")));
        assert_eq!(pin(&desk, &steward(), nick, "displayName", json!({})).await["replayed"], json!(true));
        // Lists are ordered by what is shown, and a rebuild finds nothing to change.
        let found = "{ customers(filter: {nameStartsWith: \"annie\"}) { nodes { id } } }";
        assert_eq!(
            desk.hub.data(&steward(), found, json!({})).await["customers"]["nodes"].as_array().unwrap().len(),
            1
        );
        assert_eq!(desk.hub.app.rebuild("system:test", |_, _| {}).await.unwrap().customers_changed, 0);
        // The later of two pins counts, and what is pinned is the record's own word.
        pin(&desk, &steward(), one, "displayName", json!({})).await;
        assert_eq!(shown(&desk, id).await, (json!("Ann Archer"), json!("PINNED")));
        let pins = format!("{{ valuePins(customer: {:?}) {{ id path sourceRecord {{ id }} }} }}", id.to_string());
        let pins = desk.hub.data(&steward(), &pins, json!({})).await["valuePins"].take();
        assert_eq!(pins.as_array().unwrap().len(), 2);
        for pinned in pins.as_array().unwrap() {
            let input = json!({"input": {"id": pinned["id"], "reason": "no more"}});
            let gone = desk.hub.data(&steward(), UNPIN, input.clone()).await["valueUnpin"].take();
            assert_eq!((&gone["userErrors"], &gone["replayed"]), (&json!([]), &json!(false)));
            assert_eq!(desk.hub.data(&steward(), UNPIN, input).await["valueUnpin"]["replayed"], json!(true));
        }
        assert_eq!(desk.read().await, before);
    })
    .await;
}

#[tokio::test]
async fn a_pin_goes_with_its_record_and_ends_at_its_time() {
    on_both(|store| async move {
        let desk = Desk::open(&store).await;
        let [one, same, nick] = three(&desk).await;
        let id = desk.of(one).await;
        let before = desk.read().await;
        let until = time(1_400);
        let pinned = pin(&desk, &steward(), nick, "displayName", json!({"until": until})).await;
        assert_eq!(pinned["userErrors"], json!([]), "{pinned}");
        let groups = vec![vec![graph_id(nick)]];
        let seen = desk.split_preview(&steward(), &id.to_string(), &groups).await["preview"].take();
        let split = desk.split(&steward(), (&id.to_string(), &groups), &seen["fingerprint"], "her sister", "s").await;
        assert_eq!(split["userErrors"], json!([]), "{split}");
        assert_eq!(shown(&desk, desk.of(nick).await).await, (json!("Annie Archer"), json!("PINNED")));
        assert_eq!(shown(&desk, desk.of(same).await).await.0, json!("Ann Archer"));
        desk.undo(&steward(), &split["plan"]["id"]).await;
        assert_eq!(shown(&desk, id).await.1, json!("PINNED"));
        let mut looks = 0;
        while shown(&desk, id).await.1 == json!("PINNED") {
            desk.hub.app.fold_due().await.unwrap();
            looks += 1;
            assert!(looks < 600, "it ends");
        }
        assert_eq!(desk.read().await, before);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_pinned_is_told_as_data_and_changes_nothing() {
    on_both(|store| async move {
        let desk = Desk::open(&store).await;
        let [one, ..] = three(&desk).await;
        let before = dump(&store).await;
        let unknown = RecordId(uuid::Uuid::from_u128(7));
        for (record, path, more, code) in [
            (one, "shoeSize", json!({}), "INVALID_INPUT"),
            (one, "jobTitle", json!({}), "INVALID_INPUT"),
            (one, "displayName", json!({"until": time(1)}), "INVALID_INPUT"),
            (one, "displayName", json!({"reason": " "}), "INVALID_INPUT"),
            (one, "displayName", json!({"idempotencyKey": ""}), "INVALID_INPUT"),
            (unknown, "displayName", json!({}), "NOT_FOUND"),
        ] {
            let answer = pin(&desk, &steward(), record, path, more).await;
            assert_eq!(
                (&answer["userErrors"][0]["code"], &answer["pin"]),
                (&json!(code), &Value::Null),
                "{path}: {answer}"
            );
        }
        let nobody = onefold_model::NodeId::from(PinId(uuid::Uuid::from_u128(7))).to_string();
        let missing = desk.hub.data(&steward(), UNPIN, json!({"input": {"id": nobody, "reason": "x"}})).await;
        assert_eq!(missing["valueUnpin"]["userErrors"][0]["code"], "NOT_FOUND");
        assert_eq!(dump(&store).await, before);
        for who in [billing(), support(), marketing()] {
            let refused = pin(&desk, &who, one, "displayName", json!({})).await;
            assert!(refused["pin"].is_null() && refused["userErrors"][0]["code"].is_string(), "{refused}");
        }
    })
    .await;
}
