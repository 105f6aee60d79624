//! Mailchimp: `offset` and `count` over a total.

use super::{client, json, refused, system};
use onefold::http::vendor::{Mailchimp, VendorServer};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const KEY: &str = "0123456789abcdef-us1";

async fn start() -> VendorServer {
    let member = |n: u32| {
        let status = if n.is_multiple_of(3) { "unsubscribed" } else { "subscribed" };
        json!({"id": format!("m{n}"), "status": status, "last_changed": format!("2024-01-{:02}T00:00:00+00:00", 20 - n)})
    };
    let sent = |n: u32| json!({"email_id": format!("m{n}"), "campaign_id": "c1"});
    let data = system([
        ("lists".to_owned(), vec![json!({"id": "l1"}), json!({"id": "l2"})]),
        ("lists/l1/members".to_owned(), (0..7).map(member).collect()),
        ("campaigns".to_owned(), (0..3).map(|n| json!({"id": format!("c{n}")})).collect()),
        ("reports/c1/sent-to".to_owned(), (0..5).map(sent).collect()),
        ("reports/c1/email-activity".to_owned(), (0..5).map(sent).collect()),
    ]);
    VendorServer::start(Mailchimp { api_key: KEY.to_owned() }, data).await.unwrap()
}

fn get(server: &VendorServer, path: &str) -> RequestBuilder {
    client().get(format!("{}/3.0/{path}", server.base_url())).basic_auth("anystring", Some(KEY))
}

fn keys(rows: &Value) -> Vec<String> {
    let key = |row: &Value| row.get("id").or(row.get("email_id")).unwrap().as_str().unwrap().to_owned();
    rows.as_array().unwrap().iter().map(key).collect()
}

#[tokio::test]
async fn pages_of_any_size_show_every_object_once() {
    let server = start().await;
    for (path, key, total) in [
        ("lists", "lists", 2),
        ("lists/l1/members", "members", 7),
        ("campaigns", "campaigns", 3),
        ("reports/c1/sent-to", "sent_to", 5),
        ("reports/c1/email-activity", "emails", 5),
    ] {
        for count in 1..=8 {
            let mut seen = Vec::new();
            for offset in (0..total).step_by(count) {
                let page = json(get(&server, &format!("{path}?offset={offset}&count={count}"))).await;
                assert_eq!(page["total_items"], total);
                seen.extend(keys(&page[key]));
            }
            assert_eq!(seen.len(), total, "{path} by {count}");
            assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), total, "{path} by {count}");
        }
    }
}

#[tokio::test]
async fn members_are_filtered_by_status_and_by_strictly_later_change() {
    let server = start().await;
    let list = async |query: &str| json(get(&server, &format!("lists/l1/members?count=100&{query}"))).await;
    let unsubscribed = list("status=unsubscribed").await;
    assert_eq!(
        (keys(&unsubscribed["members"]), &unsubscribed["total_items"]),
        (vec!["m0".into(), "m3".into(), "m6".into()], &json!(3))
    );
    let later = list("since_last_changed=2024-01-17T00:00:00%2B00:00").await;
    assert_eq!(keys(&later["members"]), ["m0", "m1", "m2"]);
    let sorted = list("since_last_changed=2024-01-17T00:00:00Z&sort_field=last_changed&sort_dir=ASC").await;
    assert_eq!(keys(&sorted["members"]), ["m2", "m1", "m0"]);
}

#[tokio::test]
async fn ten_rows_come_where_no_count_is_asked_for_and_a_thousand_at_most() {
    let server = start().await;
    for n in 10..30 {
        server.data().add("lists/l1/members", json!({"id": format!("m{n}")}));
    }
    assert_eq!(json(get(&server, "lists/l1/members")).await["members"].as_array().unwrap().len(), 10);
    for query in ["count=1001", "count=many", "offset=-1", "since_last_changed=lately"] {
        assert_eq!(refused(get(&server, &format!("lists/l1/members?{query}"))).await.0, 400, "{query}");
    }
}

#[tokio::test]
async fn any_name_with_the_key_opens_and_nothing_else() {
    let server = start().await;
    let url = format!("{}/3.0/lists", server.base_url());
    let named = client().get(&url).basic_auth("somebody", Some(KEY));
    assert_eq!(json(named).await["total_items"], 2);
    for request in [client().get(&url), client().get(&url).basic_auth("somebody", Some("other"))] {
        let (status, body) = refused(request).await;
        assert_eq!((status, &body["title"]), (401, &json!("API Key Invalid")));
    }
}

#[tokio::test]
async fn single_objects_are_shown_and_missing_ones_are_not_found() {
    let server = start().await;
    assert_eq!(json(get(&server, "lists/l1")).await["id"], "l1");
    assert_eq!(json(get(&server, "lists/l1/members/m4")).await["id"], "m4");
    assert_eq!(json(get(&server, "ping")).await["health_status"], "Everything's Chimpy!");
    assert_eq!(json(get(&server, "lists/l2/members")).await["total_items"], 0);
    for path in ["lists/l9", "lists/l9/members", "reports/c9/sent-to", "nothing", "lists/l1/members/m99"] {
        let (status, body) = refused(get(&server, path)).await;
        assert_eq!((status, &body["title"]), (404, &json!("Resource Not Found")), "{path}");
    }
}
