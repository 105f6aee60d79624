//! Lists of what happened: what each condition leaves and each order gives is what a look at all rows says, on every page.

mod naive;

use super::hub::*;
use super::rights_matrix::lists::{LISTS, field_of, inputs_and_enums};
use super::rights_walk::SEES_ALL;
use super::story::{filled, party_id};
use crate::harness::on_both;
use base64::Engine;
use naive::{Field, conditions, fields, fits, key};
use onefold::identity::Identity;
use onefold::store::Store;
use onefold_model::RecordKind;
use serde_json::{Map, Value, json};

/// Everything is shown to everybody: what may be used by whom is asked elsewhere.
pub(super) async fn everything(store: &Store) -> Hub {
    Hub::with(store, policies(&[("all.cedar", format!("{SEES_ALL};"))]), Identity::default()).await
}

/// Rows that differ in what a condition or an order could get wrong: nothing, equal values, case, accents, marks of patterns,
/// fractions of seconds, amounts of other lengths, signs and currencies.
async fn varied(hub: &Hub) {
    filled(hub, 3).await;
    let customer = |n: usize| json!({"stream": "customers", "externalId": format!("c{n}")});
    let money = |amount: &str, currency: &str| json!({"amount": amount, "currency": currency});
    let invoices = [
        json!({"number": "inv-0000", "status": "OPEN", "total": money("9", "EUR"), "dueOn": "2026-01-31"}),
        json!({"number": "50% Ä_b", "status": "DRAFT", "total": money("10.50", "EUR"), "issuedAt": "2026-02-03T04:05:06Z"}),
        json!({"number": "50x äxb", "status": "VOID", "total": money("-10.5", "USD"), "issuedAt": "2026-02-03T04:05:06.000001Z"}),
        json!({"number": "z\u{0}\"\\", "total": money("100", "USD"), "paidAt": "2026-02-03T04:05:06.5Z", "dueOn": "2025-12-31"}),
        json!({"status": "OPEN", "total": money("10.500", "EUR"), "paidAt": "2026-02-03T04:05:06Z"}),
        json!({"paidAt": "2026-02-03T04:05:06.25Z", "tax": money("0.1", "KWD"), "amountDue": money("0.10", "KWD")}),
        json!({}),
    ];
    let of = |at: usize, mut data: Value| {
        data["customer"] = customer(at % 2);
        data
    };
    let put_all = |kind, stream: &'static str, rows: Vec<Value>| {
        let rows = rows.into_iter().enumerate();
        rows.map(move |(at, data)| put(kind, stream, &format!("v{at}"), of(at, data))).collect::<Vec<_>>()
    };
    hub.push("stripe", put_all(RecordKind::Invoice, "invoices", invoices.into())).await;
    let tickets = vec![
        json!({"subject": "WHERE is it?", "priority": "LOW", "tags": ["Delivery", "late"], "solvedAt": "2026-02-03T04:05:06.123456Z"}),
        json!({"subject": "where", "priority": "URGENT", "status": "NEW", "tags": ["late"], "updatedAt": "2026-02-03T04:05:06Z"}),
        json!({"subject": "Straße", "priority": "NORMAL", "channel": "PHONE"}),
        json!({"channel": "WEB", "updatedAt": "2026-02-03T04:05:06.001Z"}),
    ];
    hub.push("zendesk", put_all(RecordKind::Ticket, "tickets", tickets)).await;
    let feedback = vec![
        json!({"instrument": "NPS", "score": -1, "scoreMax": 10}),
        json!({"instrument": "NPS", "score": 10, "scoreMax": 10, "comment": "friendly."}),
        json!({"instrument": "CES", "score": 9, "at": "2026-02-03T04:05:06Z"}),
        json!({"instrument": "REVIEW"}),
    ];
    hub.push("zendesk", put_all(RecordKind::Feedback, "feedback", feedback)).await;
    // Another version of one that has been there, whose values count from then on.
    let changed = json!({"number": "INV-0000", "customer": customer(0), "status": "VOID", "total": money("1", "EUR")});
    hub.push("stripe", vec![put(RecordKind::Invoice, "invoices", "i0", changed)]).await;
}

/// A page of a list of all, or of the list of one customer.
async fn page(hub: &Hub, of: &str, list: &str, customer: Option<&str>, asked: Value) -> Value {
    let selection = fields(of).iter().map(|field| field.selection.as_str()).collect::<Vec<_>>().join(" ");
    let head = format!(
        "query($filter: {of}FilterInput, $order: {of}OrderInput, $first: Int, $after: String, $last: Int, $before: String)"
    );
    let call = format!(
        "{list}(filter: $filter, orderBy: $order, first: $first, after: $after, last: $last, before: $before) {{
             totalCount pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} nodes {{ {selection} }} }}"
    );
    match customer {
        None => hub.data(&everyone(), &format!("{head} {{ {call} }}"), asked).await[list].take(),
        Some(id) => {
            let document = format!("{head} {{ customer(id: {id:?}) {{ {call} }} }}");
            hub.data(&everyone(), &document, asked).await["customer"][list].take()
        }
    }
}

fn rows(page: &Value) -> Vec<Value> {
    page["nodes"].as_array().unwrap().clone()
}

fn ids(rows: &[Value]) -> Vec<String> {
    rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_condition_leaves_what_a_look_at_all_rows_leaves() {
    on_both(|store| async move {
        let hub = everything(&store).await;
        varied(&hub).await;
        let customer = hub.customer(party_id("stripe", 0)).await.to_string();
        let mut tried = 0;
        for (of, list) in LISTS {
            let places = if of == "Campaign" { vec![None] } else { vec![None, Some(customer.as_str())] };
            for place in places {
                let all = rows(&page(&hub, of, list, place, json!({"first": 200})).await);
                // The list of a customer is the same statement with other joins: some of the conditions prove it.
                let step = if place.is_some() { 5 } else { 1 };
                let every =
                    fields(of).iter().flat_map(|field| conditions(field, &all).into_iter().map(move |by| (field, by)));
                let asked: Vec<(&Field, Value)> = every.step_by(step).collect();
                for (at, (field, by)) in asked.iter().enumerate() {
                    // Every third one together with another: both hold.
                    let (other, other_by) = &asked[(at * 7 + 3) % asked.len()];
                    let mut filter = Map::from_iter([(field.name.clone(), by.clone())]);
                    let with_other = at % 3 == 0 && other.name != field.name;
                    if with_other {
                        filter.insert(other.name.clone(), other_by.clone());
                    }
                    let left = all.iter().filter(|row| {
                        fits(field, &row[&field.name], by) && (!with_other || fits(other, &row[&other.name], other_by))
                    });
                    let left: Vec<Value> = left.cloned().collect();
                    let seen = page(&hub, of, list, place, json!({"first": 200, "filter": filter})).await;
                    assert_eq!(ids(&rows(&seen)), ids(&left), "{list} {place:?} {filter:?}");
                    assert_eq!(seen["totalCount"], json!(left.len()), "{list} {place:?} {filter:?}");
                    tried += 1;
                }
            }
        }
        eprintln!("{:?}: {tried} filters", store.dialect());
        assert!(tried > 500, "{tried} filters");
    })
    .await;
}

/// Walks through a list in pages of two.
async fn walk(hub: &Hub, (of, list): (&str, &str), place: Option<&str>, order: &str, is_forward: bool) -> Vec<String> {
    let (count, beyond) = if is_forward { ("first", "after") } else { ("last", "before") };
    let (more, back, next) = if is_forward {
        ("hasNextPage", "hasPreviousPage", "endCursor")
    } else {
        ("hasPreviousPage", "hasNextPage", "startCursor")
    };
    let (mut pages, mut cursor) = (Vec::new(), Value::Null);
    loop {
        let mut asked = json!({"order": order});
        (asked[count], asked[beyond]) = (json!(2), cursor.clone());
        let seen = page(hub, of, list, place, asked).await;
        assert_eq!(seen["pageInfo"][back], json!(!cursor.is_null()), "{list} {order}");
        pages.push(ids(&rows(&seen)));
        if seen["pageInfo"][more] == false {
            if !is_forward {
                pages.reverse();
            }
            return pages.concat();
        }
        cursor = seen["pageInfo"][next].clone();
    }
}

#[tokio::test]
async fn an_order_gives_every_row_once_in_both_directions() {
    on_both(|store| async move {
        let hub = everything(&store).await;
        varied(&hub).await;
        let customer = hub.customer(party_id("stripe", 0)).await.to_string();
        let (_, enums) = inputs_and_enums();
        for (of, list) in LISTS {
            let all = page(&hub, of, list, None, json!({"first": 200})).await["totalCount"].clone();
            for word in &enums[&format!("{of}OrderInput")] {
                let field = fields(of).iter().find(|field| field.name == field_of(word)).unwrap();
                let whole = rows(&page(&hub, of, list, None, json!({"first": 200, "order": word})).await);
                assert_eq!(json!(whole.len()), all, "{list} {word}");
                let keys: Vec<_> = whole.iter().map(|row| key(field, &row[&field.name])).collect();
                let is_ascending = word.ends_with("_ASC");
                let in_order = |two: &[_]| if is_ascending { two[0] <= two[1] } else { two[0] >= two[1] };
                assert!(keys.windows(2).all(in_order), "{list} {word}: {keys:?}");
                let whole = ids(&whole);
                if let Some(name) = word.strip_suffix("_DESC") {
                    let turned =
                        page(&hub, of, list, None, json!({"first": 200, "order": format!("{name}_ASC")})).await;
                    let turned: Vec<String> = ids(&rows(&turned)).into_iter().rev().collect();
                    assert_eq!(whole, turned, "{list} {word}");
                }
                // Those have rows that differ, and between them every kind of field.
                if ["Invoice", "Ticket", "Feedback"].contains(&of) {
                    for is_forward in [true, false] {
                        assert_eq!(walk(&hub, (of, list), None, word, is_forward).await, whole, "{list} {word}");
                    }
                    let (there, back) = (
                        walk(&hub, (of, list), Some(&customer), word, true).await,
                        walk(&hub, (of, list), Some(&customer), word, false).await,
                    );
                    assert_eq!(there, back, "{list} {word}");
                    let of_customer: Vec<&String> = whole.iter().filter(|id| there.contains(*id)).collect();
                    assert_eq!(there.iter().collect::<Vec<_>>(), of_customer, "{list} {word}");
                    assert!(!there.is_empty(), "{list}");
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn the_list_of_all_of_one_customer_is_the_list_of_that_customer() {
    on_both(|store| async move {
        let hub = everything(&store).await;
        varied(&hub).await;
        let id = hub.customer(party_id("stripe", 0)).await.to_string();
        for (_, list) in LISTS.into_iter().filter(|(of, _)| *of != "Campaign") {
            let page = "{ totalCount nodes { id } pageInfo { hasNextPage endCursor } }";
            let document = format!(
                "{{ {list}(customer: {id:?}, first: 1) {page} customer(id: {id:?}) {{ {list}(first: 1) {page} }} }}"
            );
            let seen = hub.data(&everyone(), &document, json!({})).await;
            assert_eq!(seen[list], seen["customer"][list], "{list}");
            let nobody = "customer_00000000000000000000000000000007";
            let none = format!("{{ {list}(customer: {nobody:?}) {page} }}");
            assert_eq!(hub.data(&everyone(), &none, json!({})).await[list]["totalCount"], 0, "{list}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused_and_spoils_no_other_list() {
    on_both(|store| async move {
        let hub = everything(&store).await;
        varied(&hub).await;
        let cursor = |document: &'static str| {
            let hub = &hub;
            async move { hub.data(&everyone(), document, json!({})).await["invoices"]["pageInfo"]["endCursor"].take() }
        };
        let of_total = cursor("{ invoices(first: 1, orderBy: TOTAL_ASC) { pageInfo { endCursor } } }").await;
        let of_time = cursor("{ invoices(first: 1) { pageInfo { endCursor } } }").await;
        let forged = |key: &Value| {
            let cursor = json!({"o": "invoice.total", "k": key, "i": "00000000-0000-0000-0000-000000000007"});
            json!(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(cursor.to_string()))
        };
        let code = |order: &'static str, after: Value| {
            let hub = &hub;
            async move {
                let document = format!(
                    "query($after: String) {{ invoices(first: 1, orderBy: {order}, after: $after) {{ totalCount }} }}"
                );
                hub.refusals(&everyone(), &document, json!({"after": after}))
                    .await
                    .first()
                    .map(|(code, _)| code.clone())
            }
        };
        let refused = Some("INVALID_INPUT".to_owned());
        assert_eq!(code("TOTAL_ASC", of_total.clone()).await, None);
        assert_eq!(code("TOTAL_DESC", of_total.clone()).await, None, "the same place, the other way");
        assert_eq!(code("NUMBER_ASC", of_total.clone()).await, refused);
        assert_eq!(code("ISSUED_AT_DESC", of_time).await, refused);
        assert_eq!(code("TOTAL_ASC", forged(&json!({"Text": "1; drop"}))).await, refused);
        assert_eq!(code("TOTAL_ASC", forged(&json!({"Time": 7}))).await, refused);
        assert_eq!(code("TOTAL_ASC", forged(&json!({"Text": "12.5"}))).await, None);
        let long = "x".repeat(201);
        let many: Vec<String> = (0..101).map(|n| n.to_string()).collect();
        for filter in [
            json!({"number": {"contains": long}}),
            json!({"number": {"oneOf": many}}),
            json!({"total": {"atLeast": "1e5"}}),
            json!({"total": {"currency": "euro"}}),
            json!({"id": ["garbage"]}),
        ] {
            let document = "query($filter: InvoiceFilterInput) { invoices(filter: $filter) { totalCount } }";
            let refused = hub.refusals(&everyone(), document, json!({"filter": filter})).await;
            assert!(refused.len() == 1 && refused[0].1.contains("filter."), "{filter}: {refused:?}");
        }
        let id = hub.customer(party_id("stripe", 0)).await.to_string();
        let document = format!(
            "query($after: String) {{
                 wrong: customer(id: {id:?}) {{ invoices(first: 1, after: $after) {{ totalCount }} }}
                 right: customer(id: {id:?}) {{ invoices(first: 1) {{ totalCount }} tickets(first: 1) {{ totalCount }} }} }}"
        );
        let answer = hub.ask(&everyone(), &document, json!({"after": of_total})).await;
        assert_eq!(answer["data"]["wrong"], Value::Null, "{answer}");
        for list in ["invoices", "tickets"] {
            assert!(answer["data"]["right"][list]["totalCount"].as_i64() > Some(0), "{answer}");
        }
    })
    .await;
}

#[tokio::test]
async fn chosen_lists_cost_as_many_statements_for_one_customer_as_for_twenty() {
    on_both(|store| async move {
        let hub = everything(&store).await;
        filled(&hub, 24).await;
        let document = "query($first: Int!) { customers(first: $first) { nodes { id
            open: invoices(first: 1, filter: {status: [OPEN]}, orderBy: TOTAL_DESC) { totalCount nodes { number } }
            paid: invoices(first: 1, filter: {status: [PAID]}, orderBy: TOTAL_DESC) { totalCount nodes { number } }
            tickets(first: 1, orderBy: PRIORITY_DESC) { nodes { number } } } } }";
        let mut costs = Vec::new();
        for count in [1, 20] {
            let before = store.statements();
            let data = hub.data(&everyone(), document, json!({"first": count})).await;
            costs.push(store.statements() - before);
            let nodes = data["customers"]["nodes"].as_array().unwrap();
            assert_eq!(nodes.len(), count);
        }
        assert_eq!(costs[0], costs[1], "the customers, three lists and two counts");
        assert!(costs[1] <= 6, "{costs:?}");
    })
    .await;
}

/// A field of a type that has one value, or several texts, is chosen by, and ordered by where its values have an order.
#[test]
fn every_field_that_may_be_read_is_chosen_and_ordered_by() {
    let (inputs, enums) = inputs_and_enums();
    for (of, _) in LISTS {
        let known: Vec<String> = fields(of).iter().map(|field| field.name.clone()).collect();
        let mut chosen: Vec<&String> = inputs[&format!("{of}FilterInput")].iter().map(|(name, _)| name).collect();
        chosen.sort();
        let mut there: Vec<&String> = known.iter().collect();
        there.sort();
        assert_eq!(chosen, there, "{of}");
        let ordered = known.iter().filter(|name| !["id", "tags"].contains(&name.as_str()));
        let mut expected: Vec<String> =
            ordered.flat_map(|name| [format!("{name}_ASC"), format!("{name}_DESC")]).collect();
        let named = |word: &String| format!("{}_{}", field_of(word), word.rsplit_once('_').unwrap().1);
        let mut seen: Vec<String> = enums[&format!("{of}OrderInput")].iter().map(named).collect();
        expected.sort();
        seen.sort();
        assert_eq!(seen, expected, "{of}");
    }
}
