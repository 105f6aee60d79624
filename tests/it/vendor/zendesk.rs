//! Zendesk: exports by position and by time, collections by position and by number.

use super::{client, ids, json, refused, system};
use onefold::http::vendor::{EmptyPages, VendorData, VendorServer, Zendesk};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const EMAIL: &str = "agent@example.com";
const TOKEN: &str = "token-of-the-tests";

fn at(second: i64) -> String {
    chrono::DateTime::from_timestamp(second, 0).unwrap().to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// Nine of each; three and three share a second.
fn account() -> VendorData {
    let second = |n: i64| 1_700_000_000 + n / 3 * 60;
    let dated = |n: i64| json!({"id": 100 - n, "created_at": at(second(n)), "updated_at": at(second(n))});
    let ticket = |n: i64| json!({"id": n, "updated_at": at(5), "generated_timestamp": second(n)});
    system([
        ("users".to_owned(), (0..9).map(dated).collect()),
        ("organizations".to_owned(), (0..9).map(dated).collect()),
        ("satisfaction_ratings".to_owned(), (0..9).map(dated).collect()),
        ("tickets".to_owned(), (0..9).map(ticket).collect()),
        ("tickets/3/comments".to_owned(), (0..4).map(dated).collect()),
    ])
}

async fn start(settings: Zendesk) -> VendorServer {
    VendorServer::start(settings, account()).await.unwrap()
}

fn with_pages_of(page_size: usize) -> Zendesk {
    Zendesk { page_size, ..Zendesk::new(EMAIL, TOKEN) }
}

fn get(url: &str) -> RequestBuilder {
    client().get(url).basic_auth(format!("{EMAIL}/token"), Some(TOKEN))
}

/// Follows an export to its end: the ids in order, and how many pages were empty.
async fn export(first_url: String, key: &str, next: &str) -> (Vec<String>, usize) {
    let (mut url, mut seen, mut empty, mut pages) = (first_url, Vec::new(), 0, 0);
    loop {
        let page = json(get(&url)).await;
        let rows = ids(&page[key]);
        empty += usize::from(rows.is_empty());
        seen.extend(rows);
        if page["end_of_stream"] == true {
            return (seen, empty);
        }
        url = page[next].as_str().unwrap().to_owned();
        pages += 1;
        assert!(pages < 100, "the export does not end");
    }
}

fn distinct(seen: &[String]) -> BTreeSet<&String> {
    seen.iter().collect()
}

#[tokio::test]
async fn exports_by_position_show_every_object_once_for_any_page_size() {
    for size in 1..=10 {
        let server = start(with_pages_of(size)).await;
        for (path, key) in [("users/cursor.json", "users"), ("tickets/cursor", "tickets")] {
            let url = format!("{}/api/v2/incremental/{path}?start_time=0", server.base_url());
            let (seen, empty) = export(url, key, "after_url").await;
            assert_eq!((seen.len(), distinct(&seen).len(), empty), (9, 9, 0), "{path} by {size}");
        }
    }
}

#[tokio::test]
async fn an_export_goes_on_from_its_last_position() {
    let server = start(with_pages_of(4)).await;
    let base = format!("{}/api/v2/incremental/tickets/cursor.json", server.base_url());
    let last = json(get(&format!("{base}?start_time=1700000120"))).await;
    assert_eq!(
        (ids(&last["tickets"]), &last["end_of_stream"]),
        (vec!["6".into(), "7".into(), "8".into()], &json!(true))
    );
    let position = last["after_cursor"].as_str().unwrap().to_owned();
    let resume = || get(&format!("{base}?cursor={}", position.replace('=', "%3D")));
    let nothing = json(resume()).await;
    assert_eq!((nothing["tickets"].as_array().unwrap().len(), &nothing["after_cursor"]), (0, &json!(position)));
    server.data().change("tickets", "2", |ticket| ticket["generated_timestamp"] = json!(1_800_000_000));
    assert_eq!(ids(&json(resume()).await["tickets"]), ["2"]);
}

#[tokio::test]
async fn an_empty_page_is_not_the_end_where_so_configured() {
    let server = start(Zendesk { empty_pages: EmptyPages::BetweenPages, ..with_pages_of(4) }).await;
    let url = format!("{}/api/v2/incremental/users/cursor.json?start_time=0", server.base_url());
    let (seen, empty) = export(url, "users", "after_url").await;
    assert_eq!((seen.len(), distinct(&seen).len(), empty), (9, 9, 2));
}

#[tokio::test]
async fn the_export_by_time_repeats_seconds_and_loses_nothing() {
    for size in 1..=10 {
        let server = start(with_pages_of(size)).await;
        let url = format!("{}/api/v2/incremental/organizations?start_time=0", server.base_url());
        let (seen, _) = export(url, "organizations", "next_page").await;
        assert_eq!(distinct(&seen).len(), 9, "by {size}");
    }
    let server = start(with_pages_of(1000)).await;
    let url = format!("{}/api/v2/incremental/organizations.json?start_time=1700000060", server.base_url());
    let page = json(get(&url)).await;
    assert_eq!((&page["count"], &page["end_time"]), (&json!(6), &json!(1_700_000_120)));
    assert!(page["next_page"].is_string(), "the vendor names a next page at the end too");
}

#[tokio::test]
async fn collections_by_position_show_every_object_once() {
    let server = start(with_pages_of(1000)).await;
    for (path, key, rows) in [
        ("/api/v2/satisfaction_ratings", "satisfaction_ratings", 9),
        ("/api/v2/satisfaction_ratings.json", "satisfaction_ratings", 9),
        ("/api/v2/tickets/3/comments.json", "comments", 4),
        ("/api/v2/organizations.json", "organizations", 9),
    ] {
        for size in 1..=10 {
            let (mut url, mut seen) = (format!("{}{path}?page[size]={size}", server.base_url()), Vec::new());
            loop {
                let page: Value = json(get(&url)).await;
                seen.extend(ids(&page[key]));
                assert_eq!(page["meta"]["has_more"].as_bool().unwrap(), page["links"]["next"].is_string());
                let Some(next) = page["links"]["next"].as_str() else { break };
                url = next.to_owned();
            }
            assert_eq!((seen.len(), distinct(&seen).len()), (rows, rows), "{path} by {size}");
        }
    }
}

#[tokio::test]
async fn collections_by_number_and_from_a_time() {
    let server = start(with_pages_of(1000)).await;
    let page = json(get(&format!("{}/api/v2/users.json?page=2&per_page=4", server.base_url()))).await;
    assert_eq!(
        (ids(&page["users"]), &page["count"]),
        (vec!["96".into(), "95".into(), "94".into(), "93".into()], &json!(9))
    );
    assert!(page["next_page"].as_str().unwrap().ends_with("/api/v2/users.json?page=3&per_page=4"));
    let rated = format!("{}/api/v2/satisfaction_ratings?page[size]=5&start_time=1700000060", server.base_url());
    assert_eq!(ids(&json(get(&rated)).await["satisfaction_ratings"]), ["95", "96", "97", "92", "93"]);
}

#[tokio::test]
async fn single_objects_are_named_and_missing_ones_are_not_found() {
    let server = start(with_pages_of(10)).await;
    let base = server.base_url();
    assert_eq!(json(get(&format!("{base}/api/v2/users/97.json"))).await["user"]["id"], 97);
    assert_eq!(json(get(&format!("{base}/api/v2/tickets/3.json"))).await["ticket"]["id"], 3);
    assert_eq!(json(get(&format!("{base}/api/v2/users/me.json"))).await["user"]["role"], "admin");
    for path in ["users/1.json", "tickets/99/comments.json"] {
        let (status, body) = refused(get(&format!("{base}/api/v2/{path}"))).await;
        assert_eq!((status, &body["error"]), (404, &json!("RecordNotFound")), "{path}");
    }
    for path in ["incremental/users/cursor.json", "incremental/organizations.json", "incremental/users/cursor?cursor=x"]
    {
        assert_eq!(refused(get(&format!("{base}/api/v2/{path}"))).await.0, 400, "{path}");
    }
}

#[tokio::test]
async fn only_the_token_opens_and_every_answer_tells_the_rate() {
    let server = start(Zendesk::new(EMAIL, TOKEN)).await;
    let url = format!("{}/api/v2/incremental/users/cursor.json?start_time=0", server.base_url());
    for request in [
        client().get(&url),
        client().get(&url).bearer_auth(TOKEN),
        client().get(&url).basic_auth(EMAIL, Some(TOKEN)),
        client().get(&url).basic_auth(format!("{EMAIL}/token"), Some("other")),
    ] {
        assert_eq!(refused(request).await, (401, json!({"error": "Couldn't authenticate you"})));
    }
    let answer = get(&url).send().await.unwrap();
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    assert_eq!((header("ratelimit-limit"), header("ratelimit-remaining")), ("400".into(), "399".into()));
    assert!(header("zendesk-ratelimit-incremental-exports-cursor").contains("remaining="));
}
