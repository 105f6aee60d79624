//! What a fold writes: one customer for each record, ids that resolve for ever, a queue that keeps its times.

use super::fixture::*;
use crate::harness::on_both;
use onefold::args;
use onefold::auth::Scope;
use onefold::store::{
    CandidateFilter, CandidateOrder, ChangeEntry, ChangeKind, FoundCandidate, LinkChange, PageAsk, Resolution,
    SourceRow, Store,
};
use onefold_model::{CustomerId, MatchCandidateId, RecordId};
use serde_json::json;

/// A source with so many parties, and their record ids.
async fn parties(store: &Store, count: usize) -> (SourceRow, Vec<RecordId>) {
    let crm = source(store, "crm", "support").await;
    let keys: Vec<String> = (0..count).map(|n| n.to_string()).collect();
    deliver(store, &crm, keys.iter().map(|key| incoming("customers", key, person("Ada"))).collect(), time(0)).await;
    let ids = keys.iter().map(|key| id(&crm, "customers", key)).collect();
    (crm, ids)
}

async fn leads_to(store: &Store, asked: CustomerId) -> Option<CustomerId> {
    store.customer_get(&Scope::system("test"), &[asked]).await.unwrap().get(&asked).map(|row| row.id)
}

/// Everything of the one customer goes into the other.
fn merge(records: &[RecordId], from: CustomerId, into: CustomerId, at: i64) -> Resolution {
    Resolution { retired: vec![(from, into)], ..one_customer(into, "ada", records, time(at)) }
}

#[tokio::test]
async fn a_record_belongs_to_exactly_one_customer() {
    on_both(|store| async move {
        let (_, records) = parties(&store, 1).await;
        fold(&store, &one_customer(customer(1), "ada", &records, time(1))).await;
        let mut tx = store.begin().await.unwrap();
        let sql = "insert into link (record_id, customer_id, model, linked_at) values ($1, $2, $3, $4)";
        assert!(tx.execute(sql, args![records[0].0, customer(1).0, "m", time(2)]).await.is_err(), "a second link");
        drop(tx);
        let mut tx = store.begin().await.unwrap();
        let orphan =
            Resolution { links: vec![LinkChange { record: records[0], customer: customer(9) }], ..no_change(time(2)) };
        assert!(tx.resolution_apply(&orphan).await.is_err(), "a link to a customer that is not there");
        drop(tx);

        fold(&store, &one_customer(customer(2), "ada", &records, time(2))).await;

        let links = store.link_list().await.unwrap();
        assert_eq!(links, [(records[0].0, customer(2), time(2))], "a link moves, it is not doubled");
    })
    .await;
}

#[tokio::test]
async fn a_customer_with_records_cannot_be_retired() {
    on_both(|store| async move {
        let (_, records) = parties(&store, 1).await;
        fold(&store, &one_customer(customer(1), "ada", &records, time(1))).await;
        let mut tx = store.begin().await.unwrap();
        let careless = Resolution { retired: vec![(customer(1), customer(2))], ..no_change(time(2)) };
        assert!(tx.resolution_apply(&careless).await.is_err());
        drop(tx);
        assert_eq!(leads_to(&store, customer(1)).await, Some(customer(1)));
    })
    .await;
}

#[tokio::test]
async fn a_retired_id_resolves_for_ever_through_chains() {
    on_both(|store| async move {
        let (_, records) = parties(&store, 4).await;
        for (n, record) in (1..).zip(&records) {
            fold(&store, &one_customer(customer(n), "ada", &[*record], time(1))).await;
        }
        fold(&store, &merge(&records[..2], customer(1), customer(2), 2)).await;
        fold(&store, &merge(&records[..3], customer(2), customer(3), 3)).await;
        fold(&store, &merge(&records[..4], customer(3), customer(4), 4)).await;
        for n in 1..=4 {
            assert_eq!(leads_to(&store, customer(n)).await, Some(customer(4)), "customer {n}");
        }
        assert_eq!(leads_to(&store, customer(9)).await, None, "an id that was never issued");
        let mut aliases: Vec<CustomerId> = store
            .customer_aliases(&Scope::system("test"), &[customer(4)])
            .await
            .unwrap()
            .into_iter()
            .map(|(_, retired)| retired)
            .collect();
        aliases.sort();
        assert_eq!(aliases, [customer(1), customer(2), customer(3)]);
    })
    .await;
}

#[tokio::test]
async fn a_chain_within_one_fold_resolves_in_whatever_order_it_is_told() {
    on_both(|store| async move {
        let (_, records) = parties(&store, 4).await;
        let steps = [(customer(1), customer(2)), (customer(2), customer(3)), (customer(3), customer(4))];
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
            for (n, record) in (1..).zip(&records) {
                fold(&store, &one_customer(customer(n), "ada", &[*record], time(1))).await;
            }
            let retired = order.map(|step| steps[step]).to_vec();
            fold(&store, &Resolution { retired, ..one_customer(customer(4), "ada", &records, time(2)) }).await;
            for n in 1..=4 {
                assert_eq!(leads_to(&store, customer(n)).await, Some(customer(4)), "customer {n}, order {order:?}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn an_id_that_leads_a_customer_again_is_no_alias_any_more() {
    on_both(|store| async move {
        let (_, records) = parties(&store, 2).await;
        fold(&store, &one_customer(customer(1), "ada", &records[..1], time(1))).await;
        fold(&store, &one_customer(customer(2), "ada", &records[1..], time(1))).await;
        fold(&store, &merge(&records, customer(1), customer(2), 2)).await;
        assert_eq!(leads_to(&store, customer(1)).await, Some(customer(2)));

        fold(&store, &one_customer(customer(1), "ada", &records[..1], time(3))).await;

        assert_eq!(leads_to(&store, customer(1)).await, Some(customer(1)));
        assert!(store.customer_aliases(&Scope::system("test"), &[customer(2)]).await.unwrap().is_empty());
        assert_eq!(number(&store, "select count(*) from customer_alias").await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_fold_of_a_known_customer_raises_its_version_and_keeps_its_beginning() {
    on_both(|store| async move {
        let (_, records) = parties(&store, 2).await;
        fold(&store, &one_customer(customer(1), "ada", &records[..1], time(1))).await;
        fold(&store, &one_customer(customer(1), "bo", &records, time(2))).await;
        let rows = store.customer_get(&Scope::system("test"), &[customer(1)]).await.unwrap();
        let row = &rows[&customer(1)];
        assert_eq!((row.version, row.created_at, row.updated_at), (2, time(1), time(2)));
        assert_eq!((row.record_count, row.sort_name.as_deref()), (2, Some("bo")));
        let members = store.customer_members(&Scope::system("test"), &[customer(1)]).await.unwrap();
        assert_eq!(members.len(), 2);
    })
    .await;
}

/// A customer that was part of another and leads again is as old as it was, and its version goes on.
#[tokio::test]
async fn a_customer_that_comes_back_goes_on_from_where_it_was() {
    on_both(|store| async move {
        let (_, records) = parties(&store, 2).await;
        let row = async |id| store.customer_get(&Scope::system("test"), &[id]).await.unwrap()[&id].clone();
        fold(&store, &one_customer(customer(1), "ada", &records[..1], time(1))).await;
        fold(&store, &one_customer(customer(2), "bo", &records[1..], time(2))).await;
        fold(&store, &one_customer(customer(2), "bob", &records[1..], time(3))).await;
        let mut merged = one_customer(customer(1), "ada", &records, time(4));
        merged.retired = vec![(customer(2), customer(1))];
        fold(&store, &merged).await;
        let retired = store.customer_retirements(&[customer(1)]).await.unwrap();
        assert_eq!(retired, [(customer(1), customer(2), time(2))], "as old as its customer");

        let mut split = one_customer(customer(1), "ada", &records[..1], time(5));
        let again = one_customer(customer(2), "bo", &records[1..], time(5));
        split.links.extend(again.links);
        split.customers.extend(again.customers);
        fold(&store, &split).await;
        let back = row(customer(2)).await;
        assert_eq!((back.version, back.created_at, back.updated_at), (3, time(2), time(5)));
        let kept = row(customer(1)).await;
        assert_eq!((kept.version, kept.created_at), (3, time(1)));
    })
    .await;
}

fn pair(one: RecordId, other: RecordId, probability: f64) -> FoundCandidate {
    FoundCandidate {
        id: MatchCandidateId::derive(one, other),
        left: one.min(other),
        right: one.max(other),
        probability,
        weight: 2.5,
        evidence: json!([{"field": "name"}]).to_string(),
        contests: None,
        cause: None,
    }
}

#[tokio::test]
async fn a_pair_that_is_found_again_keeps_the_time_of_its_finding() {
    on_both(|store| async move {
        let (_, records) = parties(&store, 3).await;
        for (n, record) in (1..).zip(&records) {
            fold(&store, &one_customer(customer(n), "ada", &[*record], time(1))).await;
        }
        let both = vec![pair(records[0], records[1], 0.6), pair(records[1], records[2], 0.7)];
        fold(&store, &Resolution { candidates: both, ..no_change(time(2)) }).await;
        let again = vec![pair(records[0], records[1], 0.8)];
        let kept = again[0].id;
        fold(&store, &Resolution { candidates: again, model: "model-2".to_owned(), ..no_change(time(3)) }).await;

        let ask = PageAsk::Forward { count: 9, after: None };
        let rows = store
            .candidate_list(&Scope::system("test"), &CandidateFilter::default(), CandidateOrder::Likeliest, &ask)
            .await
            .unwrap()
            .rows;
        assert_eq!(rows.len(), 1, "what is not found again is forgotten");
        let row = &rows[0].1;
        assert_eq!((row.id, row.found_at, row.probability, row.model.as_str()), (kept, time(2), 0.8, "model-2"));
        assert_eq!(row.evidence, json!([{"field": "name"}]));
        assert_eq!(store.candidate_get(&Scope::system("test"), kept).await.unwrap().as_ref(), Some(row));

        fold(&store, &merge(&records[..2], customer(1), customer(2), 4)).await;
        assert_eq!(store.candidate_count(&Scope::system("test"), &CandidateFilter::default()).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_pair_of_one_customer_does_not_wait() {
    on_both(|store| async move {
        let (_, records) = parties(&store, 3).await;
        fold(&store, &one_customer(customer(1), "ada", &records[..2], time(1))).await;
        fold(&store, &one_customer(customer(2), "ada", &records[2..], time(1))).await;
        let found = vec![pair(records[0], records[1], 0.9), pair(records[1], records[2], 0.5)];
        fold(&store, &Resolution { candidates: found, ..no_change(time(2)) }).await;
        let count = |customers: Vec<CustomerId>, min_probability| {
            let store = store.clone();
            async move {
                let filter = CandidateFilter { customers, min_probability, ..CandidateFilter::default() };
                store.candidate_count(&Scope::system("test"), &filter).await.unwrap()
            }
        };
        assert_eq!(count(vec![], None).await, 1);
        assert_eq!(count(vec![customer(1)], None).await, 1);
        assert_eq!(count(vec![customer(2), customer(7)], Some(0.5)).await, 1);
        assert_eq!(count(vec![], Some(0.51)).await, 0);
        assert_eq!(count(vec![customer(7)], None).await, 0);
    })
    .await;
}

#[tokio::test]
async fn the_outbox_is_emptied_up_to_the_seen_entry() {
    on_both(|store| async move {
        let (crm, records) = parties(&store, 2).await;
        let seen = store.outbox_list(10).await.unwrap();
        assert_eq!(seen.iter().map(|row| row.record).collect::<std::collections::BTreeSet<_>>().len(), 2);
        deliver(&store, &crm, vec![incoming("customers", "0", person("Ada L"))], time(1)).await;

        let up_to = seen.last().unwrap().seq;
        fold(&store, &Resolution { outbox_up_to: up_to, ..one_customer(customer(1), "ada", &records, time(2)) }).await;

        let left = store.outbox_list(10).await.unwrap();
        assert_eq!(left.iter().map(|row| row.record).collect::<Vec<_>>(), [records[0]]);
        assert_eq!(store.outbox_depth().await.unwrap(), (1, left[0].seq));
    })
    .await;
}

#[tokio::test]
async fn a_fold_tells_the_change_log_and_the_audit() {
    on_both(|store| async move {
        let (_, records) = parties(&store, 1).await;
        let before = store.change_list(0, 10).await.unwrap().last().unwrap().seq;
        let changes = vec![ChangeEntry {
            kind: ChangeKind::CustomerCreated,
            node: customer(1).into(),
            source: None,
            detail: None,
        }];
        fold(&store, &Resolution { changes, ..one_customer(customer(1), "ada", &records, time(1)) }).await;
        let told = store.change_list(before, 10).await.unwrap();
        assert_eq!((told[0].kind.as_str(), &told[0].node), ("CUSTOMER_CREATED", &customer(1).into()));
        assert_eq!(number(&store, "select count(*) from audit where action = 'identity.resolve'").await, 1);
    })
    .await;
}
