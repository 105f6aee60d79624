//! The queue by the customers that would become one, of whom single ones are left out.

use super::desk::desk_with;
use super::hub::*;
use crate::harness::on_both;
use crate::identity::people::party;
use serde_json::{Value, json};

const GROUPS: &str = "query($first: Int, $after: String) { matchCandidateGroups(first: $first, after: $after) { totalCount
    pageInfo { hasNextPage endCursor } nodes { customerCount pairCount impact customers { id } pairs { left { id } right { id } desk { impact } } } } }";

#[tokio::test]
async fn whoever_pairs_join_is_one_group_and_single_members_are_left_out_of_the_merge() {
    on_both(|store| async move {
        let (desk, pairs) = desk_with(&store, &["Ottokar", "Wendelin"]).await;
        // A third of the same name: three pairs of three customers, beside one pair of two.
        let third = desk.push("mailchimp", "third", party("Ottokar", "Vogelsang", "0@third.example")).await;
        desk.hub.fold().await;
        let all = desk.hub.data(&everyone(), GROUPS, json!({"first": 50})).await["matchCandidateGroups"].take();
        assert_eq!(all["totalCount"], 2, "{all}");
        let of_three = all["nodes"].as_array().unwrap().iter().find(|group| group["customerCount"] == 3).unwrap();
        let shown = of_three["customers"].as_array().unwrap();
        assert_eq!((shown.len(), of_three["pairs"].as_array().unwrap().len()), (3, 3), "{of_three}");
        assert_eq!(of_three["pairCount"], 3);
        let sum: f64 =
            of_three["pairs"].as_array().unwrap().iter().map(|pair| pair["desk"]["impact"].as_f64().unwrap()).sum();
        assert!((of_three["impact"].as_f64().unwrap() - sum).abs() < 1e-9);

        let (mut after, mut met) = (Value::Null, 0);
        loop {
            let page = desk.hub.data(&everyone(), GROUPS, json!({"first": 1, "after": after})).await;
            let page = &page["matchCandidateGroups"];
            met += page["nodes"].as_array().unwrap().len();
            after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] == json!(false) {
                break;
            }
        }
        assert_eq!(met, 2, "each group is on one page");

        let whole = [desk.of(pairs[0].0).await, desk.of(pairs[0].1).await].map(|id| id.to_string());
        let seen = desk.merge_preview(&everyone(), &whole).await;
        let done = desk.merge(&everyone(), &whole, &seen["preview"]["fingerprint"], "one person", "two of three").await;
        assert_eq!(done["userErrors"], json!([]), "{done}");
        assert_eq!(desk.of(pairs[0].0).await, desk.of(pairs[0].1).await);
        assert_ne!(desk.of(third).await, desk.of(pairs[0].0).await, "who was left out stays a customer");
        let after = desk.hub.data(&everyone(), GROUPS, json!({"first": 50})).await["matchCandidateGroups"].take();
        assert!(after["nodes"].as_array().unwrap().iter().all(|group| group["customerCount"] == 2), "{after}");
        assert_eq!(
            desk.hub.data(&billing(), GROUPS, json!({"first": 50})).await["matchCandidateGroups"]["totalCount"],
            0
        );
    })
    .await;
}
