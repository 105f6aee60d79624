//! Page cursors of the other lists, and page cursors that somebody made up.

use super::fixture::*;
use super::list::{block, runner, walk};
use crate::harness::on_both;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use onefold::auth::Scope;
use onefold::store::{
    CandidateFilter, CandidateOrder, CustomerFilter, CustomerOrder, Direction, FoundCandidate, PageAsk,
    QuarantineFilter, Quarantined, Resolution, StoreError,
};
use onefold_model::{MatchCandidateId, SourceId};
use proptest::prelude::*;
use serde_json::json;

/// A page cursor that is right in all but one place.
fn forged(order: &str, key: &serde_json::Value, id: &str) -> String {
    URL_SAFE_NO_PAD.encode(json!({"o": order, "k": key, "i": id}).to_string())
}

/// Whatever a client makes of a page cursor, the store reads it or refuses it: it is never an error of the database.
#[tokio::test(flavor = "multi_thread")]
async fn no_page_cursor_that_somebody_made_up_reaches_the_database_unread() {
    on_both(|store| async move {
        let scope = Scope::system("test");
        fold(&store, &Resolution { customers: vec![folded(customer(1), Some("a"), 1)], ..no_change(time(1)) }).await;
        let id = "00000000-0000-0000-0000-000000000001";
        let keys = [
            json!(null),
            json!(0),
            json!(i64::MAX),
            json!(i64::MIN),
            json!(-200_000_000_000_000_000_i64),
            json!(1.5),
            json!("x"),
            json!("\0"),
            json!([]),
            json!({}),
            json!({"Int": 1}),
            json!({"Text": "\0"}),
            json!({"Real": 1.5}),
            json!({"Int": i64::MIN}),
            json!({"Int": i64::MAX}),
            json!({"Int": -200_000_000_000_000_000_i64}),
            json!("Null"),
            json!({"Real": u64::MAX}),
            json!({"Time": -200_000_000_000_000_000_i64}),
            json!({"Time": -8_334_601_228_800_000_000_i64}),
            json!({"Time": 8_210_266_876_799_999_999_i64}),
        ];
        let mut cursors: Vec<String> = Vec::new();
        for order in ["customer.name", "customer.updated_at", "customer.created_at"] {
            cursors.extend(keys.iter().map(|key| forged(order, key, id)));
            cursors.push(forged(order, &json!(1), "no id"));
        }
        let read = |cursor: String| {
            let (store, scope) = (&store, &scope);
            async move {
                for direction in [Direction::Asc, Direction::Desc] {
                    for order in [CustomerOrder::Name, CustomerOrder::Updated, CustomerOrder::Created] {
                        let ask = PageAsk::Forward { count: 3, after: Some(cursor.clone()) };
                        let answer =
                            store.customer_list(scope, &CustomerFilter::default(), order(direction), &ask).await;
                        assert!(matches!(answer, Ok(_) | Err(StoreError::PageCursor)), "{cursor}: {answer:?}");
                    }
                }
            }
        };
        for cursor in cursors {
            read(cursor).await;
        }
        let result = runner(30).run(&".{0,40}", |text| {
            block(async {
                read(text.clone()).await;
                read(URL_SAFE_NO_PAD.encode(&text)).await;
            });
            Ok(())
        });
        result.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_pair_comes_exactly_once_likeliest_first() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "support").await;
        let keys: Vec<String> = (0..12).map(|n| n.to_string()).collect();
        deliver(&store, &crm, keys.iter().map(|key| incoming("customers", key, person("Ada"))).collect(), time(0))
            .await;
        let records: Vec<_> = keys.iter().map(|key| id(&crm, "customers", key)).collect();
        for (n, record) in (1..).zip(&records) {
            fold(&store, &one_customer(customer(n), "ada", &[*record], time(1))).await;
        }
        let near = prop_oneof![0.0..1.0_f64, Just(0.1 + 0.2), Just(0.3), Just(1.0), Just(0.0)];
        let strategy = (prop::collection::vec(near, 0..11), 1..5_u32);
        let result = runner(25).run(&strategy, |(probabilities, count)| {
            block(async {
                let found: Vec<FoundCandidate> = probabilities
                    .iter()
                    .zip(records.windows(2))
                    .map(|(probability, pair)| {
                        let (left, right) = (pair[0].min(pair[1]), pair[0].max(pair[1]));
                        let id = MatchCandidateId::derive(left, right);
                        let evidence = "[]".to_owned();
                        let probability = *probability;
                        FoundCandidate {
                            id,
                            left,
                            right,
                            probability,
                            weight: 1.0,
                            evidence,
                            contests: None,
                            cause: None,
                        }
                    })
                    .collect();
                fold(&store, &Resolution { candidates: found.clone(), ..no_change(time(2)) }).await;
                let mut sorted: Vec<(f64, MatchCandidateId)> =
                    found.iter().map(|pair| (pair.probability, pair.id)).collect();
                sorted.sort_by(|one, other| other.0.total_cmp(&one.0).then(other.1.cmp(&one.1)));
                for forward in [true, false] {
                    let store = &store;
                    let got = walk(forward, count, |ask| async move {
                        let filter = CandidateFilter::default();
                        store
                            .candidate_list(&Scope::system("test"), &filter, CandidateOrder::Likeliest, &ask)
                            .await
                            .unwrap()
                    });
                    let got: Vec<_> = got.await.into_iter().map(|row| (row.probability, row.id)).collect();
                    assert_eq!(got, sorted, "forward: {forward}, pages of {count}");
                }
            });
            Ok(())
        });
        result.unwrap();
    })
    .await;
}

#[tokio::test]
async fn every_quarantined_payload_comes_exactly_once() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "support").await;
        for at in 0..3 {
            let mut refused = page(&crm, Vec::new(), time(at));
            refused.quarantined = (0..4)
                .map(|n| Quarantined {
                    stream: "customers".to_owned(),
                    external_id: Some(format!("{at}-{n}")),
                    code: "MISSING".to_owned(),
                    path: None,
                    place: None,
                    message: "kind is missing".to_owned(),
                    raw: json!({}),
                })
                .collect();
            commit(&store, refused).await;
        }
        let filter = QuarantineFilter { sources: vec![crm.id], ..QuarantineFilter::default() };
        for (forward, count) in [(true, 1), (true, 5), (false, 5), (false, 12)] {
            let (store, filter) = (&store, &filter);
            let rows =
                walk(forward, count, |ask| async move { store.quarantine_list(filter, &ask).await.unwrap() }).await;
            let keys: Vec<_> = rows.iter().map(|row| (row.last_seen_at, row.id)).collect();
            let mut sorted = keys.clone();
            sorted.sort();
            sorted.dedup();
            sorted.reverse();
            assert_eq!((keys.len(), keys == sorted), (12, true));
        }
        let nobody = QuarantineFilter { sources: Vec::new(), ..QuarantineFilter::default() };
        assert_eq!(store.quarantine_count(&nobody).await.unwrap(), 0, "no source, no row");
        let other = QuarantineFilter { sources: vec![SourceId(uuid::Uuid::nil())], ..nobody };
        assert_eq!(store.quarantine_count(&other).await.unwrap(), 0);
    })
    .await;
}
