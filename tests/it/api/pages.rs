//! Relay pages: every object once, in both directions, whatever the order, the filter and the size of the page.

use super::hub::*;
use super::story::{filled, history, party_id, person};
use crate::harness::on_both;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const DOCUMENT: &str = r"query($order: CustomerOrderInput, $filter: CustomerFilterInput, $first: Int, $after: String, $last: Int, $before: String) {
    customers(orderBy: $order, filter: $filter, first: $first, after: $after, last: $last, before: $before) {
        totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { id } } nodes { id }
    } }";

/// The ids of a page, in order.
fn ids(page: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let of_edges: Vec<String> =
        page["edges"].as_array().unwrap().iter().map(|edge| text(&edge["node"]["id"])).collect();
    let of_nodes: Vec<String> = page["nodes"].as_array().unwrap().iter().map(|node| text(&node["id"])).collect();
    assert_eq!(of_edges, of_nodes);
    let cursors: Vec<&Value> = page["edges"].as_array().unwrap().iter().map(|edge| &edge["cursor"]).collect();
    if let (Some(first), Some(last)) = (cursors.first(), cursors.last()) {
        assert_eq!((*first, *last), (&page["pageInfo"]["startCursor"], &page["pageInfo"]["endCursor"]));
    }
    of_edges
}

/// Walks through the list in pages of this size: all ids in order of the list.
async fn walk(hub: &Hub, order: &str, filter: &Value, size: usize, is_forward: bool) -> Vec<String> {
    let mut pages: Vec<Vec<String>> = Vec::new();
    let mut cursor = Value::Null;
    loop {
        let mut asked = json!({"order": order, "filter": filter});
        let (count, beyond) = if is_forward { ("first", "after") } else { ("last", "before") };
        (asked[count], asked[beyond]) = (json!(size), cursor.clone());
        let page = hub.data(&everyone(), DOCUMENT, asked).await["customers"].take();
        let (more, back, next) = if is_forward {
            ("hasNextPage", "hasPreviousPage", "endCursor")
        } else {
            ("hasPreviousPage", "hasNextPage", "startCursor")
        };
        assert_eq!(page["pageInfo"][back], json!(!cursor.is_null()));
        pages.push(ids(&page));
        if page["pageInfo"][more] == false {
            if !is_forward {
                pages.reverse();
            }
            return pages.concat();
        }
        assert_eq!(pages.last().unwrap().len(), size, "only the last page is short");
        cursor = page["pageInfo"][next].clone();
    }
}

#[tokio::test]
async fn every_customer_is_on_exactly_one_page_in_both_directions() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 11).await;
        // Later than the others, so that the orders by time are not those of the ids.
        hub.push_all(person(11).into_iter().chain(person(3).into_iter().take(1))).await;
        hub.fold().await;
        let total = hub.data(&everyone(), DOCUMENT, json!({})).await["customers"]["totalCount"].as_u64().unwrap();
        for order in ["NAME_ASC", "NAME_DESC", "UPDATED_ASC", "UPDATED_DESC", "CREATED_ASC", "CREATED_DESC"] {
            let whole = walk(&hub, order, &json!({}), 200, true).await;
            assert_eq!(whole.iter().collect::<BTreeSet<_>>().len() as u64, total, "{order}");
            for size in [1, 4, 7] {
                assert_eq!(walk(&hub, order, &json!({}), size, true).await, whole, "{order} {size} forward");
                assert_eq!(walk(&hub, order, &json!({}), size, false).await, whole, "{order} {size} backward");
            }
        }
        let ascending = walk(&hub, "NAME_ASC", &json!({}), 5, true).await;
        let mut descending = walk(&hub, "NAME_DESC", &json!({}), 5, true).await;
        descending.reverse();
        assert_eq!(ascending, descending);
    })
    .await;
}

#[tokio::test]
async fn a_filter_leaves_what_it_says_and_counts_it() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 5).await;
        hub.push("zendesk", vec![person(7).remove(1).1]).await;
        hub.fold().await;
        let of = |filter: Value| {
            let hub = &hub;
            async move {
                let page =
                    hub.data(&everyone(), DOCUMENT, json!({"filter": filter, "first": 2})).await["customers"].take();
                let walked = walk(hub, "NAME_ASC", &filter, 2, true).await;
                assert_eq!(page["totalCount"], json!(walked.len()), "{filter}");
                walked
            }
        };
        let all = of(json!({})).await;
        assert_eq!(all.len(), 9, "five people, the company, the namesakes and one whom only Support knows");
        assert_eq!(of(json!({"kind": "ORGANIZATION"})).await.len(), 1);
        assert_eq!(of(json!({"minRecords": 3})).await.len(), 5);
        assert_eq!(of(json!({"source": "mailchimp"})).await.len(), 5);
        assert_eq!(of(json!({"department": "support"})).await.len(), 8);
        assert_eq!(of(json!({"nameStartsWith": "ROB"})).await, [hub.customer(party_id("stripe", 0)).await.to_string()]);
        assert_eq!(of(json!({"email": "Anna.1@Example.com"})).await.len(), 1);
        assert_eq!(of(json!({"phone": "+43 660 1234502"})).await.len(), 1);
        assert_eq!(of(json!({"phone": "43 1 9990003"})).await.len(), 1, "a number that only Marketing has");
        assert_eq!(of(json!({"kind": "PERSON", "department": "marketing", "minRecords": 3})).await.len(), 5);
        assert_eq!(of(json!({"source": "nowhere"})).await, Vec::<String>::new());
        let newest = hub
            .data(&everyone(), "{ customers(orderBy: UPDATED_DESC, first: 1) { nodes { id changedAt } } }", json!({}))
            .await;
        let newest = &newest["customers"]["nodes"][0];
        assert_eq!(of(json!({"updatedSince": newest["changedAt"]})).await, [newest["id"].as_str().unwrap()]);
    })
    .await;
}

/// A page stays right while others come and go.
#[tokio::test]
async fn a_page_cursor_outlives_what_comes_and_goes() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        hub.push_all((0..6).flat_map(person)).await;
        hub.fold().await;
        let order = json!({"order": "CREATED_ASC", "first": 3});
        let first = hub.data(&everyone(), DOCUMENT, order).await["customers"].take();
        hub.push_all(person(8)).await;
        hub.fold().await;
        let next = json!({"order": "CREATED_ASC", "first": 10, "after": first["pageInfo"]["endCursor"]});
        let second = hub.data(&everyone(), DOCUMENT, next).await["customers"].take();
        let seen: BTreeSet<String> = ids(&first).into_iter().chain(ids(&second)).collect();
        assert_eq!((ids(&second).len(), seen.len()), (4, 7));
    })
    .await;
}

#[tokio::test]
async fn nested_lists_page_too() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 2).await;
        let more = (0..5).map(|n| {
            put(
                onefold_model::RecordKind::Invoice,
                "invoices",
                &format!("more{n}"),
                json!({
            "number": format!("MORE-{n}"), "customer": {"stream": "customers", "externalId": "c0"},
            "issuedAt": if n < 2 { Value::Null } else { json!(format!("2025-01-0{n}T00:00:00Z")) }}),
            )
        });
        hub.push("stripe", more.collect()).await;
        let id = hub.customer(party_id("zendesk", 0)).await;
        let mut seen = Vec::new();
        let mut after = Value::Null;
        loop {
            let document = "query($id: ID!, $after: String) { customer(id: $id) { invoices(first: 2, after: $after) {
                totalCount pageInfo { hasNextPage endCursor } nodes { number } } } }";
            let asked = json!({"id": id.to_string(), "after": after});
            let page = hub.data(&everyone(), document, asked).await["customer"]["invoices"].take();
            assert_eq!(page["totalCount"], 7);
            seen.extend(
                page["nodes"].as_array().unwrap().iter().map(|node| node["number"].as_str().unwrap().to_owned()),
            );
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
        assert_eq!(seen[..5], ["OPEN-0000", "INV-0000", "MORE-4", "MORE-3", "MORE-2"], "latest first");
        assert_eq!(seen[5..].iter().collect::<BTreeSet<_>>().len(), 2, "what has no date comes last");
        let last = "last: 2) { pageInfo { hasNextPage hasPreviousPage } nodes { externalId } }";
        let records = hub.customer_doc(&everyone(), id, &format!("sourceRecords({last}")).await;
        let records = &records["sourceRecords"];
        assert_eq!(records["nodes"].as_array().unwrap().len(), 2);
        assert_eq!(records["pageInfo"], json!({"hasNextPage": false, "hasPreviousPage": true}));
    })
    .await;
}

#[tokio::test]
async fn lists_of_runs_refused_payloads_and_pairs_page() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 1).await;
        hub.push_all(history(1)).await;
        for (list, id) in [("syncRuns", "id"), ("quarantine", "id"), ("matchCandidates", "id")] {
            let all = hub.data(&everyone(), &format!("{{ {list} {{ nodes {{ {id} }} }} }}"), json!({})).await;
            let all: Vec<Value> = all[list]["nodes"].as_array().unwrap().clone();
            let (mut seen, mut after) = (Vec::new(), Value::Null);
            loop {
                let document = format!("query($after: String) {{ {list}(first: 1, after: $after) {{
                    pageInfo {{ hasNextPage endCursor }} nodes {{ {id} }} }} }}");
                let page = hub.data(&everyone(), &document, json!({"after": after})).await[list].take();
                seen.extend(page["nodes"].as_array().unwrap().clone());
                if page["pageInfo"]["hasNextPage"] == false {
                    break;
                }
                after = page["pageInfo"]["endCursor"].clone();
            }
            assert_eq!(seen, all, "{list}");
            assert!(!all.is_empty(), "{list}");
        }
        let of_one = "{ quarantine(source: \"stripe\") { totalCount } all: quarantine(code: \"NOT_A_DATE\") { totalCount }
            none: quarantine(code: \"OTHER\") { totalCount } syncRuns(source: \"zendesk\") { nodes { source { key } } } }";
        let seen = hub.data(&everyone(), of_one, json!({})).await;
        assert_eq!((&seen["quarantine"]["totalCount"], &seen["all"]["totalCount"]), (&json!(1), &json!(3)));
        assert_eq!(seen["none"]["totalCount"], 0);
        assert_eq!(seen["syncRuns"]["nodes"], json!([{"source": {"key": "zendesk"}}]));
    })
    .await;
}
