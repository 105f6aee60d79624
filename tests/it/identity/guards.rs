//! What guards keep apart comes to a steward with its cause, whichever way customers are folded.

use super::people::{customer, partition, party};
use crate::api::hub::*;
use crate::harness::on_both;
use onefold::auth::default_policies;
use onefold::config::{BirthDatesRule, MatchingConfig};
use onefold::identity::Identity;
use onefold::store::Store;
use onefold_model::{NodeId, RecordId, SourceId, SourceKey};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The ids of Stripe are unique people, and days of birth that have nothing in common block.
fn guarded() -> Identity {
    let matching = MatchingConfig { birth_dates: BirthDatesRule::Block, ..MatchingConfig::default() };
    let stripe = SourceId::derive(&SourceKey::new("stripe").unwrap());
    Identity::new(&matching).unwrap().with_unique_people(BTreeSet::from([stripe]))
}

/// The pairs of the queue with their causes.
async fn queue(hub: &Hub) -> BTreeSet<(BTreeSet<String>, Option<String>)> {
    let ask = "{ matchCandidates(first: 50) { nodes { cause leftRecord { id } rightRecord { id } } } }";
    let answer = hub.data(&everyone(), ask, json!({})).await;
    let pairs = answer["matchCandidates"]["nodes"].as_array().unwrap().iter();
    let id = |pair: &Value, side: &str| pair[side]["id"].as_str().unwrap().to_owned();
    pairs
        .map(|pair| {
            let records = BTreeSet::from([id(pair, "leftRecord"), id(pair, "rightRecord")]);
            (records, pair["cause"].as_str().map(str::to_owned))
        })
        .collect()
}

fn pair(one: RecordId, other: RecordId) -> BTreeSet<String> {
    [one, other].map(|record| NodeId::from(record).to_string()).into()
}

async fn hub(store: &Store, identity: Identity) -> Hub {
    Hub::with(store, policies(&default_policies(&departments())), identity).await
}

#[tokio::test]
async fn two_records_of_a_source_of_unique_people_are_one_customer_only_for_a_steward() {
    for frozen_from in [1, 10_000] {
        on_both(|store| async move {
            let hub = hub(&store, guarded().frozen_from(frozen_from)).await;
            let ann = || party("Ann", "Archer", "ann@archer.example");
            let one = hub.push("stripe", vec![customer("one", ann())]).await.results[0].id;
            hub.app.fold_changes("system:test").await.unwrap();
            let two = hub.push("stripe", vec![customer("two", ann())]).await.results[0].id;
            hub.app.fold_changes("system:test").await.unwrap();
            let cause = Some("ONE_OF_SOURCE".to_owned());
            assert_eq!(queue(&hub).await, BTreeSet::from([(pair(one, two), cause.clone())]), "asked, with the cause");
            // Not by way of somebody whom another system has once.
            let far = hub.push("zendesk", vec![customer("far", ann())]).await.results[0].id;
            hub.app.fold_changes("system:test").await.unwrap();
            assert_ne!(hub.customer(one).await, hub.customer(two).await);
            let home = hub.customer(far).await;
            assert!(home == hub.customer(one).await || home == hub.customer(two).await);
            let other = if home == hub.customer(one).await { two } else { one };
            let expected = BTreeSet::from([(pair(one, two), cause.clone()), (pair(far, other), cause)]);
            assert_eq!(queue(&hub).await, expected);
            assert_eq!(hub.app.rebuild("system:test", |_, _| {}).await.unwrap().customers_changed, 0);
            assert_eq!(queue(&hub).await, expected, "a rebuild finds the same causes");

            let decide = "mutation($input: MatchDecideInput!) { matchDecide(input: $input) { userErrors { code message } } }";
            let input = json!({"leftRecord": NodeId::from(one).to_string(), "rightRecord": NodeId::from(two).to_string(),
                "decision": "LINK", "idempotencyKey": "one person"});
            let done = hub.data(&everyone(), decide, json!({"input": input})).await;
            assert_eq!(done["matchDecide"]["userErrors"], json!([]));
            assert_eq!(partition(&store).await, BTreeSet::from([BTreeSet::from([one, two, far])]), "a steward may say so");
        })
        .await;
    }
}

#[tokio::test]
async fn days_of_birth_that_have_nothing_in_common_are_a_question_and_no_customer() {
    on_both(|store| async move {
        let born = |day: &str| {
            let mut data = party("Ann", "Archer", "ann@archer.example");
            data["birthDate"] = json!(day);
            data
        };
        let hub = hub(&store, guarded()).await;
        let one = hub.push("zendesk", vec![customer("one", born("1950-02-03"))]).await.results[0].id;
        let two = hub.push("mailchimp", vec![customer("two", born("1988-11-30"))]).await.results[0].id;
        let slip = hub.push("stripe", vec![customer("slip", born("1950-02-08"))]).await.results[0].id;
        hub.fold().await;
        assert_ne!(hub.customer(one).await, hub.customer(two).await);
        assert_eq!(hub.customer(one).await, hub.customer(slip).await, "a slip of the pen is none");
        for (_, cause) in queue(&hub).await {
            assert!(cause.is_none() || cause.as_deref() == Some("BIRTH_DATE"), "{cause:?}");
        }
    })
    .await;
}
