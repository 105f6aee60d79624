//! What a gateway of Apollo Federation asks, under the rights of whoever its token is of.

use super::hub::*;
use super::story::{filled, party_id};
use crate::harness::on_both;
use serde_json::json;

const ENTITIES: &str = "query($of: [_Any!]!) { _entities(representations: $of) { __typename ... on Person { id displayName invoices { totalCount } } ... on Organization { id } } }";

#[tokio::test]
async fn a_gateway_gets_customers_as_its_caller_may_see_them() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 2).await;
        let ids = [hub.customer(party_id("stripe", 0)).await, hub.customer(party_id("stripe", 1)).await];
        let of = |name: &str, n: usize| json!({"__typename": name, "id": ids[n].to_string(), "displayName": "ignored"});
        let all = json!({"of": [of("Person", 1), of("Customer", 0), of("Organization", 0)]});
        let entities = hub.data(&billing(), ENTITIES, all.clone()).await["_entities"].take();
        assert_eq!(entities[0]["id"], ids[1].to_string());
        assert_eq!((&entities[1]["__typename"], &entities[1]["id"]), (&json!("Person"), &json!(ids[0].to_string())));
        assert!(entities[2].is_null(), "a person is no organisation");
        assert!(entities[0]["invoices"]["totalCount"].is_number());

        let direct =
            hub.customer_doc(&marketing(), ids[1], "id ... on Person { displayName invoices { totalCount } }").await;
        let mut told = hub.data(&marketing(), ENTITIES, all).await["_entities"][0].take();
        told.as_object_mut().unwrap().remove("__typename");
        assert_eq!(told, direct, "the same rights as everywhere else");
        let nobody = hub.data(&actor(&["nowhere"], &[]), ENTITIES, json!({"of": [of("Person", 0)]})).await;
        assert_eq!(nobody["_entities"], json!([null]));
    })
    .await;
}

#[tokio::test]
async fn what_a_gateway_may_not_ask_is_refused() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        let record = party_id("stripe", 0).to_string();
        for of in [
            json!([{"__typename": "Invoice", "id": record}]),
            json!([{"__typename": "Person", "id": record}]),
            json!([{"__typename": "Person"}]),
            json!([{"id": record}]),
            json!(["x"]),
            json!(vec![json!({"__typename": "Person", "id": "x"}); 101]),
        ] {
            let refused = hub.refusals(&billing(), ENTITIES, json!({"of": of})).await;
            assert!(["INVALID_INPUT", "ID_WRONG_KIND"].contains(&refused[0].0.as_str()), "{of}: {refused:?}");
        }
        let sdl = hub.data(&billing(), "{ _service { sdl } }", json!({})).await["_service"]["sdl"].take();
        assert_eq!(sdl, json!(onefold::graphql::subgraph()));
    })
    .await;
}
