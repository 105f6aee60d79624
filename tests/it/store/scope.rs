//! Every read gives what its scope may see, and nothing else: not by a filter, a count or a way round either.

use super::fixture::*;
use crate::harness::on_both;
use onefold::auth::{Actor, GraphFields, PolicySet, Scope};
use onefold::store::{ActivityFilter, CustomerFilter, CustomerOrder, Direction, PageAsk, SourceRow, Store};
use onefold_model::{DepartmentKey, RecordId, RecordKind, StandardRecord};
use serde_json::json;

const ALL: PageAsk = PageAsk::Forward { count: 100, after: None };

fn department(key: &str) -> DepartmentKey {
    DepartmentKey::new(key).unwrap()
}

/// What somebody of this department sees where everybody sees exactly what is owned by their own.
fn own(key: &str) -> Scope {
    let graph: GraphFields = [
        ("Customer", vec!["displayName", "email", "phone"]),
        ("Invoice", vec!["number"]),
        ("SourceRecord", vec!["raw"]),
    ]
    .into_iter()
    .collect();
    let text = r#"@id("own") permit (principal, action == Onefold::Action::"read", resource)
                  when { principal in resource.owner };"#;
    let departments = ["billing", "support", "marketing"].map(department);
    let policies = PolicySet::load(&[("own.cedar", text)], &graph, &departments).unwrap();
    policies.scope(&Actor::new("ann", [department(key)], []))
}

fn party(email: &str, phone: &str) -> StandardRecord {
    let json = json!({"kind": "PERSON", "displayName": "Ada",
        "emails": [{"address": email, "original": email}], "phones": [{"e164": phone, "original": phone}]});
    record(RecordKind::Party, &json)
}

struct Filled {
    crm: SourceRow,
    shop: SourceRow,
    /// Of support and of billing, one customer; and one of support alone.
    parties: [RecordId; 3],
    invoice: RecordId,
}

async fn filled(store: &Store) -> Filled {
    let crm = source(store, "crm", "support").await;
    let shop = source(store, "shop", "billing").await;
    let ada = incoming("customers", "1", party("ada@support.test", "+43660111111"));
    deliver(store, &crm, vec![ada, incoming("customers", "2", person("Bo"))], time(1)).await;
    let bill = incoming("invoices", "i1", invoice("INV-1", "1", Some(time(0))));
    let ada = incoming("customers", "1", party("ada@billing.test", "+43660222222"));
    deliver(store, &shop, vec![ada, bill], time(1)).await;
    let parties = [id(&crm, "customers", "1"), id(&shop, "customers", "1"), id(&crm, "customers", "2")];
    fold(store, &one_customer(customer(1), "ada", &parties[..2], time(2))).await;
    fold(store, &one_customer(customer(2), "bo", &parties[2..], time(2))).await;
    let invoice = id(&shop, "invoices", "i1");
    Filled { crm, shop, parties, invoice }
}

#[tokio::test]
async fn a_customer_is_seen_where_one_of_its_records_is() {
    on_both(|store| async move {
        filled(&store).await;
        let asked = [customer(1), customer(2)];
        for (key, expected) in
            [("support", vec![customer(1), customer(2)]), ("billing", vec![customer(1)]), ("marketing", vec![])]
        {
            let (scope, filter) = (own(key), CustomerFilter::default());
            let order = CustomerOrder::Name(Direction::Asc);
            let listed = store.customer_list(&scope, &filter, order, &ALL).await.unwrap().rows;
            assert_eq!(listed.iter().map(|(_, row)| row.id).collect::<Vec<_>>(), expected, "{key}");
            assert_eq!(store.customer_count(&scope, &filter).await.unwrap(), i64::try_from(expected.len()).unwrap());
            let mut got: Vec<_> = store.customer_get(&scope, &asked).await.unwrap().into_keys().collect();
            got.sort();
            assert_eq!(got, expected, "{key}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_old_id_of_a_customer_that_may_not_be_seen_leads_nowhere() {
    on_both(|store| async move {
        let shop = filled(&store).await;
        let mut merged = one_customer(customer(3), "bo", &shop.parties[2..], time(3));
        merged.retired = vec![(customer(2), customer(3))];
        fold(&store, &merged).await;
        assert_eq!(store.customer_get(&own("support"), &[customer(2)]).await.unwrap()[&customer(2)].id, customer(3));
        assert!(store.customer_get(&own("billing"), &[customer(2)]).await.unwrap().is_empty());
    })
    .await;
}

/// Billing sees the customer through its own record; what Support's record says stays Support's.
#[tokio::test]
async fn a_filter_does_not_tell_what_a_hidden_record_says() {
    on_both(|store| async move {
        let shop = filled(&store).await;
        let none = CustomerFilter::default;
        let cases = [
            (CustomerFilter { email: Some("ada@support.test".to_owned()), ..none() }, 1, 0),
            (CustomerFilter { email: Some("ada@billing.test".to_owned()), ..none() }, 0, 1),
            (CustomerFilter { phone_digits: Some("43660111111".to_owned()), ..none() }, 1, 0),
            (CustomerFilter { phone_digits: Some("43660222222".to_owned()), ..none() }, 0, 1),
            (CustomerFilter { department: Some(department("support")), ..none() }, 2, 0),
            (CustomerFilter { department: Some(department("billing")), ..none() }, 0, 1),
            (CustomerFilter { source: Some(shop.crm.id), ..none() }, 2, 0),
            (CustomerFilter { source: Some(shop.shop.id), ..none() }, 0, 1),
        ];
        for (filter, support, billing) in cases {
            let mut counts = Vec::new();
            for key in ["support", "billing"] {
                let scope = own(key);
                let order = CustomerOrder::Updated(Direction::Desc);
                let listed = store.customer_list(&scope, &filter, order, &ALL).await.unwrap().rows.len();
                assert_eq!(store.customer_count(&scope, &filter).await.unwrap(), i64::try_from(listed).unwrap());
                counts.push(listed);
            }
            assert_eq!(counts, [support, billing], "{filter:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn records_are_seen_by_the_owner_of_their_source() {
    on_both(|store| async move {
        let shop = filled(&store).await;
        for (key, own_party) in [("support", shop.parties[0]), ("billing", shop.parties[1])] {
            let scope = own(key);
            let both = [shop.parties[0], shop.parties[1]];
            let rows = store.record_get(&scope, &both).await.unwrap();
            assert_eq!(rows.iter().map(|row| row.id).collect::<Vec<_>>(), [own_party]);
            let raw = store.record_raw(&scope, &both).await.unwrap();
            assert_eq!(raw.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [own_party]);
            let rows = store.record_by_customers(&scope, &[customer(1)]).await.unwrap();
            assert_eq!(
                rows.iter().map(|row| (row.id, row.customer)).collect::<Vec<_>>(),
                [(own_party, Some(customer(1)))]
            );
        }
        let by_key = |key, source| {
            let store = store.clone();
            async move { store.record_by_key(&own(key), source, "1").await.unwrap().len() }
        };
        assert_eq!((by_key("billing", shop.shop.id).await, by_key("billing", shop.crm.id).await), (1, 0));
    })
    .await;
}

#[tokio::test]
async fn activities_are_seen_by_the_owner_of_their_source() {
    on_both(|store| async move {
        let shop = filled(&store).await;
        let kind = RecordKind::Invoice;
        for (key, seen) in [("billing", 1), ("support", 0), ("marketing", 0)] {
            let scope = own(key);
            for filter in [ActivityFilter::Customers(vec![customer(1)]), ActivityFilter::Ids(vec![shop.invoice])] {
                assert_eq!(store.activity_pages(&scope, kind, &filter, &ALL).await.unwrap().len(), seen, "{key}");
                let counted: i64 = store.activity_counts(&scope, kind, &filter).await.unwrap().values().sum();
                assert_eq!(counted, i64::try_from(seen).unwrap(), "{key}");
            }
            assert_eq!(store.activity_get(&scope, kind, &[shop.invoice]).await.unwrap().len(), seen, "{key}");
        }
    })
    .await;
}
