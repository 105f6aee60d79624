//! Keyset pages: every row exactly once, whatever the size of the page and the direction.

use super::fixture::*;
use crate::harness::on_both;
use onefold::args;
use onefold::auth::Scope;
use onefold::store::{
    ActivityFilter, CustomerFilter, CustomerOrder, Direction, FoldedCustomer, PageAsk, Resolution, Slice, SourceRow,
    Store, StoreError,
};
use onefold_model::{CustomerId, RecordId, RecordKind};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::collections::BTreeMap;
use tokio::runtime::Handle;
use tokio::task::block_in_place;

fn ask(forward: bool, count: u32, cursor: Option<String>) -> PageAsk {
    if forward { PageAsk::Forward { count, after: cursor } } else { PageAsk::Backward { count, before: cursor } }
}

/// Walks a whole list page by page, checks what each page says of its neighbours, and gives the rows in list order.
pub(super) async fn walk<T, F, Fut>(forward: bool, count: u32, read: F) -> Vec<T>
where
    F: Fn(PageAsk) -> Fut,
    Fut: Future<Output = Slice<T>>,
{
    let mut pages: Vec<Vec<T>> = Vec::new();
    let mut cursor = None;
    loop {
        let slice = read(ask(forward, count, cursor.clone())).await;
        let (more, began) =
            if forward { (slice.has_next, slice.has_previous) } else { (slice.has_previous, slice.has_next) };
        assert_eq!(began, cursor.is_some(), "there is something on the side that the walk came from");
        assert!(slice.rows.len() <= count as usize && (!more || slice.rows.len() == count as usize));
        cursor = (if forward { slice.rows.last() } else { slice.rows.first() }).map(|(cursor, _)| cursor.clone());
        pages.push(slice.rows.into_iter().map(|(_, row)| row).collect());
        if !more {
            break;
        }
    }
    if !forward {
        pages.reverse();
    }
    pages.into_iter().flatten().collect()
}

pub(super) fn runner(cases: u32) -> TestRunner {
    TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() })
}

pub(super) fn block<T>(future: impl Future<Output = T>) -> T {
    block_in_place(|| Handle::current().block_on(future))
}

/// Few values, so that ties are common; null is among them, and letters that languages order otherwise than bytes do.
const NAMES: &[Option<&str>] = &[
    None,
    Some(""),
    Some("a"),
    Some("B"),
    Some("b"),
    Some("a b"),
    Some("ab"),
    Some("å"),
    Some("z"),
    Some("😀"),
    Some("\u{FFFD}"),
];

/// Customers by name, time of creation and time of update, each an index or a second.
type Row = (usize, i64, i64);

async fn customers_store(store: &Store, rows: &[Row]) -> BTreeMap<CustomerId, (Option<&'static str>, i64, i64)> {
    let mut tx = store.begin().await.unwrap();
    tx.execute("delete from customer", args![]).await.unwrap();
    let mut expected = BTreeMap::new();
    for (n, (name, created, updated)) in rows.iter().enumerate() {
        // Ids in an order that has nothing to do with the order of the rows.
        let customer =
            CustomerId(uuid::Uuid::from_u128((n as u128 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835)));
        for at in [time(*created), time(*created + *updated)] {
            let customers: Vec<FoldedCustomer> = vec![folded(customer, NAMES[*name], 1)];
            tx.resolution_apply(&Resolution { customers, ..no_change(at) }).await.unwrap();
        }
        expected.insert(customer, (NAMES[*name], *created, *created + *updated));
    }
    tx.commit().await.unwrap();
    expected
}

#[tokio::test(flavor = "multi_thread")]
async fn every_customer_comes_exactly_once_in_order_whatever_the_page_size() {
    on_both(|store| async move {
        let scope = Scope::system("test");
        let strategy = (prop::collection::vec((0..NAMES.len(), 0..4_i64, 0..4_i64), 0..14), 1..7_u32);
        let result = runner(25).run(&strategy, |(rows, count)| {
            block(async {
                let expected = customers_store(&store, &rows).await;
                for direction in [Direction::Asc, Direction::Desc] {
                    for order in [CustomerOrder::Name, CustomerOrder::Updated, CustomerOrder::Created] {
                        let order = order(direction);
                        let mut sorted: Vec<(String, i64, CustomerId)> = expected
                            .iter()
                            .map(|(id, (name, created, updated))| match order {
                                CustomerOrder::Name(_) => {
                                    (name.map_or(String::new(), |name| format!("_{name}")), 0, *id)
                                }
                                CustomerOrder::Updated(_) => (String::new(), *updated, *id),
                                CustomerOrder::Created(_) => (String::new(), *created, *id),
                            })
                            .collect();
                        sorted.sort();
                        if direction == Direction::Desc {
                            sorted.reverse();
                        }
                        let wanted: Vec<CustomerId> = sorted.into_iter().map(|(_, _, id)| id).collect();
                        for forward in [true, false] {
                            let (store, scope) = (&store, &scope);
                            let got = walk(forward, count, |ask| async move {
                                let filter = CustomerFilter::default();
                                store.customer_list(scope, &filter, order, &ask).await.unwrap()
                            });
                            let got: Vec<CustomerId> = got.await.into_iter().map(|row| row.id).collect();
                            assert_eq!(got, wanted, "{order:?}, forward: {forward}, pages of {count}");
                        }
                    }
                }
            });
            Ok(())
        });
        result.unwrap();
    })
    .await;
}

/// Invoices by the customer of theirs (of three; the last has no record that was folded) and the second of issue.
type Issued = (usize, Option<i64>);

async fn invoices_store(store: &Store, source: &SourceRow, rows: &[Issued]) {
    let records = rows
        .iter()
        .enumerate()
        .map(|(n, (party, at))| {
            let mapped = invoice(&format!("INV-{n}"), &party.to_string(), at.map(time));
            incoming("invoices", &n.to_string(), mapped)
        })
        .collect();
    deliver(store, source, records, time(1)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_activity_comes_exactly_once_in_each_of_its_groups() {
    on_both(|store| async move {
        let scope = Scope::system("test");
        let shop = source(&store, "shop", "billing").await;
        let parties = (0..3).map(|n: usize| incoming("customers", &n.to_string(), person("Ada"))).collect();
        deliver(&store, &shop, parties, time(0)).await;
        for (n, key) in [(1, "0"), (2, "1")] {
            fold(&store, &one_customer(customer(n), "ada", &[id(&shop, "customers", key)], time(1))).await;
        }
        let groups = ActivityFilter::Customers(vec![customer(1), customer(2), customer(3)]);
        let strategy = (prop::collection::vec((0..3_usize, prop::option::of(0..4_i64)), 0..14), 1..5_u32);
        let result = runner(25).run(&strategy, |(rows, count)| {
            block(async {
                let mut tx = store.begin().await.unwrap();
                for table in ["term", "record_attribute", "activity", "record_version", "record"] {
                    let keep = if table == "record" {
                        " where kind <> 'party'"
                    } else {
                        " where record_id in (select record_id from record where kind <> 'party')"
                    };
                    tx.execute(format!("delete from {table}{keep}"), args![]).await.unwrap();
                }
                tx.commit().await.unwrap();
                invoices_store(&store, &shop, &rows).await;
                for (n, party) in [(1, 0), (2, 1)] {
                    let mut sorted: Vec<(i64, RecordId)> = rows
                        .iter()
                        .enumerate()
                        .filter(|(_, (of, _))| *of == party)
                        .map(|(n, (_, at))| (at.unwrap_or(-1), id(&shop, "invoices", &n.to_string())))
                        .collect();
                    sorted.sort();
                    let wanted: Vec<RecordId> = sorted.into_iter().rev().map(|(_, id)| id).collect();
                    let counts = store.activity_counts(&scope, RecordKind::Invoice, &groups).await.unwrap();
                    assert_eq!(counts.get(&customer(n).0).copied().unwrap_or(0), i64::try_from(wanted.len()).unwrap());
                    for forward in [true, false] {
                        let (store, scope, groups) = (&store, &scope, &groups);
                        let got = walk(forward, count, |ask| async move {
                            let mut pages =
                                store.activity_pages(scope, RecordKind::Invoice, groups, &ask).await.unwrap();
                            assert!(!pages.contains_key(&customer(3).0), "nothing for nobody");
                            pages.remove(&customer(n).0).unwrap_or_else(Slice::empty)
                        });
                        let got: Vec<RecordId> = got.await.into_iter().map(|row| row.id).collect();
                        assert_eq!(got, wanted, "customer {n}, forward: {forward}, pages of {count}");
                    }
                }
            });
            Ok(())
        });
        result.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_page_stays_right_while_rows_come_and_go() {
    on_both(|store| async move {
        let scope = Scope::system("test");
        let order = CustomerOrder::Name(Direction::Asc);
        for (n, name) in [(2, "b"), (4, "d"), (6, "f"), (8, "h")] {
            fold(&store, &Resolution { customers: vec![folded(customer(n), Some(name), 1)], ..no_change(time(1)) })
                .await;
        }
        let read = |forward, cursor| {
            let (store, scope) = (store.clone(), scope.clone());
            async move {
                let asked = ask(forward, 2, cursor);
                store.customer_list(&scope, &CustomerFilter::default(), order, &asked).await
            }
        };
        let first = read(true, None).await.unwrap();
        let names = |slice: &Slice<onefold::store::CustomerRow>| -> Vec<String> {
            slice.rows.iter().map(|(_, row)| row.sort_name.clone().unwrap()).collect()
        };
        assert_eq!(names(&first), ["b", "d"]);

        // One before the page, one after it, and the row of the page cursor itself is gone.
        for (n, name) in [(1, "a"), (5, "e")] {
            fold(&store, &Resolution { customers: vec![folded(customer(n), Some(name), 1)], ..no_change(time(2)) })
                .await;
        }
        fold(&store, &Resolution { retired: vec![(customer(4), customer(2))], ..no_change(time(3)) }).await;

        let last = first.rows.last().unwrap().0.clone();
        let second = read(true, Some(last.clone())).await.unwrap();
        assert_eq!(names(&second), ["e", "f"]);
        let third = read(true, Some(second.rows[1].0.clone())).await.unwrap();
        assert_eq!((names(&third), third.has_next), (vec!["h".to_owned()], false));
        let back = read(false, Some(last)).await.unwrap();
        assert_eq!((names(&back), back.has_previous), (vec!["a".to_owned(), "b".to_owned()], false));
    })
    .await;
}

#[tokio::test]
async fn a_page_cursor_of_another_list_is_refused() {
    on_both(|store| async move {
        let scope = Scope::system("test");
        let filter = CustomerFilter::default();
        fold(&store, &Resolution { customers: vec![folded(customer(1), Some("a"), 1)], ..no_change(time(1)) }).await;
        let by_name = CustomerOrder::Name(Direction::Asc);
        let first = ask(true, 5, None);
        let foreign = store.customer_list(&scope, &filter, by_name, &first).await.unwrap().rows.remove(0).0;
        for cursor in [foreign.as_str(), "", "rubbish", "e30", "bnVsbA", "Ä", "AAAA"] {
            for forward in [true, false] {
                let asked = ask(forward, 5, Some(cursor.to_owned()));
                let other = CustomerOrder::Updated(Direction::Desc);
                let refused = store.customer_list(&scope, &filter, other, &asked).await;
                assert!(matches!(refused, Err(StoreError::PageCursor)), "{cursor:?}: {refused:?}");
                let groups = ActivityFilter::Customers(vec![customer(1)]);
                let refused = store.activity_pages(&scope, RecordKind::Invoice, &groups, &asked).await;
                assert!(matches!(refused, Err(StoreError::PageCursor)), "{cursor:?}: {refused:?}");
            }
        }
    })
    .await;
}
