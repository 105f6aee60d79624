//! Stripe: newest first by `starting_after`, deletions only in the feed.

use super::{client, ids, json, refused, system};
use onefold::http::vendor::stripe::{customer_delete, event};
use onefold::http::vendor::{Stripe, VendorData, VendorServer};
use reqwest::RequestBuilder;
use serde_json::{Value, json};

const KEY: &str = "sk_test_of_the_tests";

/// Seven customers; two and two share a second.
fn customers() -> VendorData {
    let customer = |n: i64| json!({"id": format!("cus_{n}"), "object": "customer", "created": 1000 + n / 2 * 10});
    system([("customers".to_owned(), (0..7).map(customer).collect())])
}

async fn start(data: VendorData) -> VendorServer {
    VendorServer::start(Stripe { api_key: KEY.to_owned() }, data).await.unwrap()
}

fn get(server: &VendorServer, path: &str) -> RequestBuilder {
    client().get(format!("{}{path}", server.base_url())).bearer_auth(KEY)
}

async fn page_through(server: &VendorServer, path: &str, limit: usize) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    loop {
        let after = seen.last().map_or_else(String::new, |id| format!("&starting_after={id}"));
        let joint = if path.contains('?') { '&' } else { '?' };
        let page = json(get(server, &format!("{path}{joint}limit={limit}{after}"))).await;
        assert_eq!(page["object"], "list");
        seen.extend(ids(&page["data"]));
        if page["has_more"] == false {
            return seen;
        }
    }
}

#[tokio::test]
async fn pages_of_any_size_show_every_object_once_newest_first() {
    let server = start(customers()).await;
    for limit in 1..=8 {
        let seen = page_through(&server, "/v1/customers", limit).await;
        assert_eq!(seen, ["cus_6", "cus_5", "cus_4", "cus_3", "cus_2", "cus_1", "cus_0"], "limit {limit}");
    }
}

#[tokio::test]
async fn the_lower_bound_of_time_is_inclusive_and_the_upper_is_not() {
    let server = start(customers()).await;
    let seen = page_through(&server, "/v1/customers?created[gte]=1010&created[lt]=1020", 1).await;
    assert_eq!(seen, ["cus_3", "cus_2"]);
    let seen = page_through(&server, "/v1/customers?created%5Bgt%5D=1010&created%5Blte%5D=1020", 1).await;
    assert_eq!(seen, ["cus_5", "cus_4"]);
    let seen = page_through(&server, "/v1/customers?created[gte]=1020&created[lt]=1010", 5).await;
    assert!(seen.is_empty());
}

#[tokio::test]
async fn what_the_vendor_would_refuse_is_refused_in_its_words() {
    let server = start(customers()).await;
    let url = format!("{}/v1/customers", server.base_url());
    for request in [client().get(&url), client().get(&url).bearer_auth("sk_test_other")] {
        let (status, body) = refused(request).await;
        assert_eq!((status, &body["error"]["type"]), (401, &json!("invalid_request_error")));
        assert!(body["error"]["message"].is_string());
    }
    for (query, code) in [
        ("limit=0", "parameter_invalid_integer"),
        ("limit=101", "parameter_invalid_integer"),
        ("offset=10", "parameter_unknown"),
        ("starting_after=cus_99", "resource_missing"),
        ("created[gte]=yesterday", "parameter_invalid_integer"),
    ] {
        let (status, body) = refused(get(&server, &format!("/v1/customers?{query}"))).await;
        assert_eq!((status, &body["error"]["code"]), (400, &json!(code)), "{query}");
    }
    let (status, body) = refused(get(&server, "/v1/customers/cus_99")).await;
    assert_eq!((status, &body["error"]["code"]), (404, &json!("resource_missing")));
    assert_eq!(refused(get(&server, "/v1/nothing")).await.0, 404);
    assert_eq!(refused(get(&server, "/v2/customers")).await.0, 404);
}

#[tokio::test]
async fn a_deleted_customer_is_in_no_list_and_only_the_feed_tells() {
    let server = start(customers()).await;
    assert!(customer_delete(server.data(), "cus_3", "evt_1", 2000));
    assert!(!customer_delete(server.data(), "cus_99", "evt_2", 2000));
    assert!(!page_through(&server, "/v1/customers", 2).await.contains(&"cus_3".to_owned()));
    let stub = json(get(&server, "/v1/customers/cus_3")).await;
    assert_eq!(stub, json!({"id": "cus_3", "object": "customer", "deleted": true}));
    let events = json(get(&server, "/v1/events")).await;
    assert_eq!(events["data"][0]["type"], "customer.deleted");
    assert_eq!(events["data"][0]["data"]["object"]["id"], "cus_3");
    assert!(events["data"][0]["data"]["object"].get("deleted").is_none());
}

#[tokio::test]
async fn subscriptions_leave_out_the_cancelled_unless_asked_for_all() {
    let row = |id: &str, status: &str| json!({"id": id, "created": 1, "status": status, "customer": "cus_1"});
    let rows = vec![row("sub_1", "active"), row("sub_2", "canceled"), row("sub_3", "past_due")];
    let server = start(system([("subscriptions".to_owned(), rows)])).await;
    let list = async |query: &str| ids(&json(get(&server, &format!("/v1/subscriptions?{query}"))).await["data"]);
    assert_eq!(list("").await, ["sub_3", "sub_1"]);
    assert_eq!(list("status=all").await, ["sub_3", "sub_2", "sub_1"]);
    assert_eq!(list("status=canceled").await, ["sub_2"]);
    assert!(list("status=all&customer=cus_2").await.is_empty());
}

#[tokio::test]
async fn what_is_added_while_a_reader_pages_comes_first_and_shifts_nothing() {
    let server = start(customers()).await;
    let first = json(get(&server, "/v1/customers?limit=3")).await;
    server.data().add("customers", json!({"id": "cus_new", "object": "customer", "created": 9000}));
    let second = json(get(&server, "/v1/customers?limit=100&starting_after=cus_4")).await;
    assert_eq!(ids(&first["data"]), ["cus_6", "cus_5", "cus_4"]);
    assert_eq!(ids(&second["data"]), ["cus_3", "cus_2", "cus_1", "cus_0"]);
    assert_eq!(ids(&json(get(&server, "/v1/customers?limit=1")).await["data"]), ["cus_new"]);
}

#[tokio::test]
async fn changes_show_at_once_and_events_can_be_asked_for_by_type() {
    let server = start(customers()).await;
    assert!(server.data().change("customers", "cus_1", |customer| customer["name"] = json!("Ann")));
    let changed: Value = server.data().get("customers", "cus_1").unwrap();
    server.data().add("events", event("evt_1", "customer.updated", 5, &changed));
    server.data().add("events", event("evt_2", "invoice.paid", 6, &json!({"id": "in_1"})));
    assert_eq!(json(get(&server, "/v1/customers/cus_1")).await["name"], "Ann");
    let of_type = json(get(&server, "/v1/events?types[]=customer.updated&types[]=customer.created")).await;
    assert_eq!(ids(&of_type["data"]), ["evt_1"]);
    assert!(server.data().delete("customers", "cus_1").is_some());
    assert_eq!(refused(get(&server, "/v1/customers/cus_1")).await.0, 404);
}

#[tokio::test]
async fn lists_inside_an_object_page_like_the_others() {
    let lines = (0..5).map(|n| json!({"id": format!("il_{n}"), "object": "line_item"})).collect();
    let server = start(system([("invoices/in_1/lines".to_owned(), lines)])).await;
    let mut seen = page_through(&server, "/v1/invoices/in_1/lines", 2).await;
    seen.sort_unstable();
    assert_eq!(seen, ["il_0", "il_1", "il_2", "il_3", "il_4"]);
}
