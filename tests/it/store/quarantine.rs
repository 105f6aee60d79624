//! What does not fit is kept once, counted, and resolved when it fits.

use super::fixture::*;
use crate::harness::on_both;
use onefold::store::{PageAsk, QuarantineFilter, QuarantineRow, Quarantined, SourceRow, Store};
use onefold_model::Timestamp;
use serde_json::{Value, json};

fn misfit(key: Option<&str>, code: &str, raw: Value) -> Quarantined {
    Quarantined {
        stream: "customers".to_owned(),
        external_id: key.map(str::to_owned),
        code: code.to_owned(),
        path: Some("birthDate".to_owned()),
        place: Some("line 7".to_owned()),
        message: "birthDate is not a date".to_owned(),
        raw,
    }
}

async fn refuse(store: &Store, source: &SourceRow, items: Vec<Quarantined>, at: Timestamp) {
    let mut refused = page(source, Vec::new(), at);
    refused.quarantined = items;
    commit(store, refused).await;
}

async fn rows(store: &Store, source: &SourceRow, include_resolved: bool) -> Vec<QuarantineRow> {
    let filter = QuarantineFilter { sources: vec![source.id], code: None, include_resolved };
    let slice = store.quarantine_list(&filter, &PageAsk::Forward { count: 50, after: None }).await.unwrap();
    assert_eq!(store.quarantine_count(&filter).await.unwrap(), i64::try_from(slice.rows.len()).unwrap());
    slice.rows.into_iter().map(|(_, row)| row).collect()
}

#[tokio::test]
async fn a_payload_that_comes_again_is_counted_and_not_copied() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "support").await;
        refuse(&store, &crm, vec![misfit(Some("1"), "NOT_A_DATE", json!({"id": 1, "born": "x"}))], time(1)).await;
        let later = misfit(Some("1"), "MISSING", json!({"id": 1}));
        refuse(&store, &crm, vec![later.clone()], time(2)).await;

        let found = rows(&store, &crm, true).await;

        assert_eq!(found.len(), 1, "one row a payload");
        assert_eq!(found[0].item, later, "the newest delivery and its cause");
        let times = (found[0].times, found[0].first_seen_at, found[0].last_seen_at, found[0].resolved_at);
        assert_eq!(times, (2, time(1), time(2), None));
        assert_eq!(store.quarantine_get(found[0].id).await.unwrap().as_ref(), Some(&found[0]));
    })
    .await;
}

#[tokio::test]
async fn a_payload_without_a_key_is_named_by_its_content() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "support").await;
        let twice = json!({"a": 1, "b": 2});
        let same = serde_json::from_str(r#"{"b":2,"a":1}"#).unwrap();
        let items = vec![
            misfit(None, "NO_KEY", twice.clone()),
            misfit(None, "NO_KEY", same),
            misfit(None, "NO_KEY", json!({"a": 2})),
        ];
        refuse(&store, &crm, items, time(1)).await;
        refuse(&store, &crm, vec![misfit(None, "NO_KEY", twice)], time(2)).await;
        let times: Vec<i64> = rows(&store, &crm, false).await.iter().map(|row| row.times).collect();
        assert_eq!(times, [2, 1], "last seen first");
    })
    .await;
}

#[tokio::test]
async fn quarantine_is_resolved_when_the_key_fits_later() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "support").await;
        let shop = source(&store, "shop", "billing").await;
        for source in [&crm, &shop] {
            let items = ["1", "2"].map(|key| misfit(Some(key), "NOT_A_DATE", json!({"id": key}))).to_vec();
            refuse(&store, source, items, time(1)).await;
        }

        deliver(&store, &crm, vec![incoming("customers", "1", person("Ada"))], time(2)).await;
        deliver(&store, &crm, vec![incoming("leads", "2", person("Bo"))], time(2)).await;

        let keys = |rows: Vec<QuarantineRow>| rows.into_iter().map(|row| row.item.external_id).collect::<Vec<_>>();
        assert_eq!(keys(rows(&store, &crm, false).await), [Some("2".to_owned())], "that key of that stream");
        assert_eq!(rows(&store, &shop, false).await.len(), 2, "of that source");
        let all = rows(&store, &crm, true).await;
        let resolved: Vec<_> = all.iter().filter_map(|row| row.resolved_at).collect();
        assert_eq!(resolved, [time(2)]);

        refuse(&store, &crm, vec![misfit(Some("1"), "NOT_A_DATE", json!({"id": "1"}))], time(3)).await;
        assert_eq!(rows(&store, &crm, false).await.len(), 2, "what does not fit again waits again");
    })
    .await;
}

/// The newest that is known of the key is that it does not fit.
#[tokio::test]
async fn a_key_that_fits_and_does_not_in_one_page_waits() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "support").await;
        let mut both = page(&crm, vec![incoming("customers", "1", person("Ada"))], time(1));
        both.quarantined = vec![misfit(Some("1"), "NOT_A_DATE", json!({"id": 1}))];
        commit(&store, both).await;
        assert_eq!(rows(&store, &crm, false).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_payload_that_a_person_closed_is_resolved() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "support").await;
        refuse(&store, &crm, vec![misfit(Some("1"), "NOT_A_DATE", json!({"id": 1}))], time(1)).await;
        let found = rows(&store, &crm, false).await;
        let mut tx = store.begin().await.unwrap();
        tx.quarantine_close(found[0].id, time(2)).await.unwrap();
        tx.commit().await.unwrap();
        assert!(rows(&store, &crm, false).await.is_empty());
        assert_eq!(rows(&store, &crm, true).await[0].resolved_at, Some(time(2)));
    })
    .await;
}
