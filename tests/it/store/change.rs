//! The change log tells what became different, in order.

use super::fixture::*;
use crate::harness::on_both;
use onefold::store::{ChangeKind, ChangeRow};
use onefold_model::NodeId;

#[tokio::test]
async fn the_log_tells_each_change_with_its_kind_and_node() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "support").await;
        deliver(&store, &crm, vec![incoming("customers", "1", person("Ada"))], time(1)).await;
        deliver(&store, &crm, vec![incoming("customers", "1", person("Ada L"))], time(2)).await;
        deliver(&store, &crm, vec![deletion("customers", "1")], time(3)).await;
        let node = NodeId::from(id(&crm, "customers", "1"));
        let rows = store.change_list(0, 10).await.unwrap();
        let told: Vec<_> = rows.iter().map(|row| (row.kind, row.node, row.at, row.source)).collect();
        let expected = [
            (ChangeKind::RecordCreated, node, time(1), Some(crm.id)),
            (ChangeKind::RecordUpdated, node, time(2), Some(crm.id)),
            (ChangeKind::RecordDeleted, node, time(3), Some(crm.id)),
        ];
        assert_eq!(store.change_last().await.unwrap(), rows[2].seq);
        assert_eq!(told, expected);
    })
    .await;
}

#[tokio::test]
async fn the_log_is_read_on_from_any_entry() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "support").await;
        let records = (0..100).map(|n| incoming("customers", &n.to_string(), person("Ada"))).collect();
        deliver(&store, &crm, records, time(1)).await;
        let all = store.change_list(0, 1000).await.unwrap();
        assert_eq!(all.len(), 100);
        assert!(all.windows(2).all(|pair| pair[0].seq < pair[1].seq));
        let mut read: Vec<ChangeRow> = Vec::new();
        loop {
            let after = read.last().map_or(0, |row| row.seq);
            let rows = store.change_list(after, 7).await.unwrap();
            if rows.is_empty() {
                break;
            }
            read.extend(rows);
        }
        assert_eq!(read, all);
    })
    .await;
}

/// Records of a page are told in order of their ids: the same page gives the same log.
#[tokio::test]
async fn the_order_within_a_page_does_not_depend_on_its_arrangement() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "support").await;
        let mut records: Vec<_> = (0..20).map(|n| incoming("customers", &n.to_string(), person("Ada"))).collect();
        records.reverse();
        deliver(&store, &crm, records, time(1)).await;
        let rows = store.change_list(0, 100).await.unwrap();
        let nodes: Vec<String> = rows.iter().map(|row| row.node.to_string()).collect();
        let mut sorted = nodes.clone();
        sorted.sort();
        assert_eq!(nodes, sorted);
    })
    .await;
}
