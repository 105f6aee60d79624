//! Which field which source fills, and how fresh streams are: the figures of the store.

use super::fixture::*;
use super::run::start;
use crate::harness::on_both;
use onefold::auth::Scope;
use onefold::store::{FieldFill, KindCount, RunState, SourceRow, Store, StreamFreshness};
use onefold_model::RecordKind;
use serde_json::json;

fn scope() -> Scope {
    Scope::system("test")
}

#[tokio::test]
async fn a_field_is_filled_by_what_says_something_in_it() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "support").await;
        let shop = source(&store, "shop", "billing").await;
        let said = [
            json!({"kind": "PERSON", "displayName": "Ada", "tags": ["a"], "extensions": {"x": 1}}),
            json!({"kind": "PERSON", "displayName": "B\u{0}", "tags": [], "extensions": {}}),
            json!({"kind": "PERSON", "displayName": "", "birthDate": "1984-03-07"}),
        ];
        for (n, party) in said.iter().enumerate() {
            let key = n.to_string();
            let record = incoming("customers", &key, record(RecordKind::Party, party));
            deliver(&store, &crm, vec![record], time(i64::try_from(n).unwrap())).await;
        }
        deliver(&store, &crm, vec![incoming("customers", "gone", person("Cy"))], time(8)).await;
        deliver(&store, &crm, vec![deletion("customers", "gone")], time(9)).await;
        deliver(&store, &shop, vec![incoming("invoices", "1", invoice("I-1", "1", None))], time(5)).await;

        let count = |source: &SourceRow, kind, records| KindCount { source: source.id, kind, records };
        let mut counts = store.data_map_counts(&scope()).await.unwrap();
        counts.sort_by_key(|count| count.records);
        assert_eq!(counts, [count(&shop, RecordKind::Invoice, 1), count(&crm, RecordKind::Party, 3)]);

        let fills: Vec<FieldFill> = store.data_map_fills(&scope()).await.unwrap();
        let told = |source: &SourceRow, field: &str| {
            let fill = fills.iter().find(|fill| fill.source == source.id && fill.field == field);
            fill.map(|fill| (fill.filled, fill.last_arrival_at))
        };
        assert_eq!(told(&crm, "kind"), Some((3, time(2))));
        assert_eq!(told(&crm, "displayName"), Some((2, time(1))), "a blank one says nothing");
        assert_eq!(told(&crm, "tags"), Some((1, time(0))), "nor does an empty list");
        assert_eq!(told(&crm, "extensions"), Some((1, time(0))));
        assert_eq!(told(&crm, "birthDate"), Some((1, time(2))));
        assert_eq!(told(&crm, "number"), None);
        assert_eq!(told(&shop, "number"), Some((1, time(5))));
    })
    .await;
}

#[tokio::test]
async fn customers_of_several_records_come_in_pages() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "support").await;
        let keys = ["1", "2", "3", "4", "5", "6", "7"];
        deliver(&store, &crm, keys.map(|key| incoming("customers", key, person("Ada"))).to_vec(), time(0)).await;
        let of = |keys: &[&str]| keys.iter().map(|key| id(&crm, "customers", key)).collect::<Vec<_>>();
        for (n, keys) in [(1, &["1", "2"][..]), (2, &["3"]), (3, &["4", "5"]), (4, &["6", "7"])] {
            let mut change = one_customer(customer(n), "Ada", &of(keys), time(1));
            change.forgotten = onefold::store::Forgotten::These(Vec::new());
            fold(&store, &change).await;
        }
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = store.customers_of_several(&scope(), after, 2).await.unwrap();
            after = page.last().copied();
            found.extend(page.iter().copied());
            if page.len() < 2 {
                break;
            }
        }
        assert_eq!(found, [customer(1), customer(3), customer(4)]);
    })
    .await;
}

async fn ran(store: &Store, source: &SourceRow, n: u128, streams: &[(&str, RunState)]) {
    let at = i64::try_from(n).unwrap() * 100;
    let run = start(store, source, n, at).await;
    let mut tx = store.begin().await.unwrap();
    for (stream, state) in streams {
        tx.run_stream_finish(run.id, stream, *state, None, time(at + 10)).await.unwrap();
    }
    tx.run_finish(run.id, RunState::Succeeded, None, time(at + 20)).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_stream_is_as_fresh_as_the_last_time_it_was_read_to_its_end() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "support").await;
        let till = source(&store, "till", "billing").await;
        ran(&store, &crm, 1, &[("tickets", RunState::Succeeded), ("users", RunState::Failed)]).await;
        ran(&store, &crm, 2, &[("tickets", RunState::Failed)]).await;
        deliver(&store, &till, vec![incoming("customers", "1", person("Ada"))], time(7)).await;
        deliver(&store, &till, vec![incoming("customers", "2", person("Bo"))], time(9)).await;

        let told = store.freshness_of_runs(&[crm.id, till.id]).await.unwrap();
        let fresh =
            |stream: &str, fresh_at, last_run| StreamFreshness { stream: stream.to_owned(), fresh_at, last_run };
        assert_eq!(
            told,
            [
                (crm.id, fresh("tickets", Some(time(110)), Some((time(200), RunState::Failed)))),
                (crm.id, fresh("users", None, Some((time(100), RunState::Failed))))
            ]
        );
        let pushed = store.freshness_of_records(&scope(), &[till.id]).await.unwrap();
        assert_eq!(pushed, [(till.id, fresh("customers", Some(time(9)), None))]);
    })
    .await;
}
