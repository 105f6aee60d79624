//! What a page leaves for identity: parties, and nothing else.

use super::fixture::*;
use crate::harness::on_both;
use onefold::auth::Scope;
use onefold::store::{ActivityFilter, PageAsk};
use onefold_model::{RecordKind, StandardRecord};
use serde_json::json;

fn account() -> StandardRecord {
    record(RecordKind::Account, &json!({"number": "A-1", "holder": {"stream": "customers", "externalId": "1"}}))
}

#[tokio::test]
async fn only_changes_of_parties_wait_for_identity() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "billing").await;
        let party = id(&crm, "customers", "1");
        let waiting = || {
            let store = store.clone();
            async move { store.outbox_list(50).await.unwrap().iter().map(|row| row.record).collect::<Vec<_>>() }
        };
        let both = vec![incoming("customers", "1", person("Ada")), incoming("accounts", "a1", account())];
        deliver(&store, &crm, both, time(1)).await;
        assert_eq!(waiting().await, [party]);
        deliver(&store, &crm, vec![deletion("customers", "1"), deletion("accounts", "a1")], time(2)).await;
        assert_eq!(waiting().await, [party; 2], "a deletion by key is known for what it deletes");
        deliver(&store, &crm, vec![incoming("accounts", "a2", account())], time(3)).await;
        let mut empty = page(&crm, Vec::new(), time(4));
        (empty.stream, empty.generation) = ("accounts", Some("g1"));
        commit(&store, empty).await;
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.sweep_close(crm.id, "accounts", "g1", None, time(5)).await.unwrap(), 1);
        tx.commit().await.unwrap();
        assert_eq!(waiting().await, [party; 2], "nor does a sweep of accounts concern identity");
    })
    .await;
}

/// A corrected field map may find that what was taken for an account is a customer, or the reverse.
#[tokio::test]
async fn a_record_that_turns_into_another_kind_leaves_nothing_of_the_first() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "billing").await;
        let scope = Scope::system("test");
        let (one, two) = (id(&crm, "customers", "1"), id(&crm, "customers", "2"));
        deliver(
            &store,
            &crm,
            vec![incoming("customers", "1", person("Ada")), incoming("customers", "2", account())],
            time(1),
        )
        .await;
        fold(&store, &one_customer(customer(1), "ada", &[one], time(2))).await;
        let seen = store.outbox_depth().await.unwrap().1;
        let mut corrected =
            page(&crm, vec![incoming("customers", "1", account()), incoming("customers", "2", person("Bo"))], time(3));
        corrected.mapping = "map-2";
        commit(&store, corrected).await;

        let told: Vec<_> =
            store.outbox_list(50).await.unwrap().iter().filter(|row| row.seq > seen).map(|row| row.record).collect();
        assert_eq!(told, if one < two { [one, two] } else { [two, one] }, "identity hears of both");
        assert!(
            store.customer_members(&scope, &[customer(1)]).await.unwrap().is_empty(),
            "an account is no part of a customer"
        );
        let parties: Vec<_> = store.party_list().await.unwrap().into_iter().map(|party| party.record).collect();
        assert_eq!(parties, [two]);
        let ask = PageAsk::Forward { count: 9, after: None };
        let both = ActivityFilter::Ids(vec![one, two]);
        let pages = store.activity_pages(&scope, RecordKind::Account, &both, &ask).await.unwrap();
        assert_eq!(pages.into_keys().collect::<Vec<_>>(), [one.0]);
        let kinds = store.record_get(&scope, &[one]).await.unwrap();
        assert_eq!((kinds[0].kind, kinds[0].version), (RecordKind::Account, 2));
    })
    .await;
}
