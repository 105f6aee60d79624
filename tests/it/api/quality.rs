//! How good matching is: a sample that nobody chose, judged by people who are not told that it is one.

use super::hub::*;
use crate::harness::on_both;
use crate::identity::people::{crowd, party};
use crate::store::fixture::number;
use onefold::app::IngestRecord;
use onefold::store::Store;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const DRAW: &str = "mutation { matchQualityDraw { drawn userErrors { code } } }";
const NEXT: &str =
    "mutation { blindReviewNext { pair { id leftRecord { id } rightRecord { id } lines { attribute left right } }
    userErrors { code message } } }";
const JUDGE: &str = "mutation($input: BlindReviewJudgeInput!) { blindReviewJudge(input: $input) { noted userErrors { code message } } }";
const QUALITY: &str = "{ matchQuality { period model precision { value low high } recall { value low high }
    strata { linked low high pairCount drawnCount judgedCount sameCount } } }";
const PROPOSE: &str =
    "{ matchThresholdProposal { autoMerge proposed decisionCount right { low } plan { fingerprint } } }";

/// A crowd, and people who share a mailbox or a name with somebody else.
async fn open(store: &Store) -> Hub {
    let hub = Hub::open(store).await;
    hub.push_all(crowd()).await;
    let others = ["Ida", "Ivo", "Ian"].map(|given| party(given, "Huber", "familie.huber@example.org"));
    let records: Vec<IngestRecord> = others
        .into_iter()
        .enumerate()
        .map(|(n, data)| crate::identity::people::customer(&format!("other{n}"), data))
        .collect();
    hub.push("stripe", records).await;
    hub.fold().await;
    hub
}

async fn next(hub: &Hub) -> Value {
    hub.data(&everyone(), NEXT, json!({})).await["blindReviewNext"]["pair"].take()
}

#[tokio::test]
async fn a_sample_is_drawn_once_judged_blind_and_tells_precision_and_recall() {
    on_both(|store| async move {
        let hub = open(&store).await;
        for who in [billing(), steward()] {
            let refused = hub.data(&who, DRAW, json!({})).await;
            assert_eq!(refused["matchQualityDraw"]["userErrors"][0]["code"], "FORBIDDEN");
        }
        assert_eq!(hub.data(&everyone(), DRAW, json!({})).await["matchQualityDraw"]["drawn"], true);
        assert_eq!(hub.data(&everyone(), DRAW, json!({})).await["matchQualityDraw"]["drawn"], false, "once a month");
        let drawn = number(&store, "select count(*) from quality_pair").await;
        assert!(drawn > 5, "{drawn}");
        let before = hub.data(&everyone(), QUALITY, json!({})).await["matchQuality"][0].take();
        assert_eq!(
            (&before["precision"], &before["recall"]),
            (&Value::Null, &Value::Null),
            "nobody has judged: {before}"
        );
        assert_eq!(hub.refusals(&billing(), QUALITY, json!({})).await[0].0, "FORBIDDEN");

        // Somebody who agrees with matching: as far as it linked, they are one.
        let mut met = BTreeSet::new();
        loop {
            let pair = next(&hub).await;
            if pair.is_null() {
                break;
            }
            let told = pair.to_string();
            for word in ["probability", "weight", "level", "sample", "rarity", "score"] {
                assert!(!told.contains(word), "{told}");
            }
            let id = pair["id"].as_str().unwrap().to_owned();
            assert!(met.insert(id.clone()), "nobody is asked twice: {pair}");
            let names = pair["lines"].as_array().unwrap().iter().filter(|line| line["attribute"] == "GIVEN_NAME");
            let same = names.into_iter().all(|line| initial(&line["left"]) == initial(&line["right"]));
            let input = json!({"id": id, "same": same, "reason": "by their names", "idempotencyKey": id});
            let judged = hub.data(&everyone(), JUDGE, json!({"input": input})).await["blindReviewJudge"].take();
            assert_eq!((&judged["noted"], &judged["userErrors"]), (&json!(true), &json!([])), "{judged}");
            assert!(met.len() < 300, "it comes to an end");
        }
        assert!(i64::try_from(met.len()).unwrap() >= drawn, "all of the sample, and the queue");
        assert_eq!(number(&store, "select count(*) from quality_pair where is_same is null").await, 0);
        let after = hub.data(&everyone(), QUALITY, json!({})).await["matchQuality"][0].take();
        for of in ["precision", "recall"] {
            let number = |name: &str| after[of][name].as_f64().unwrap_or_else(|| panic!("{after}"));
            assert!(0.0 <= number("low") && number("low") <= number("value"), "{after}");
            assert!(number("value") <= number("high") && number("high") <= 1.0, "{after}");
            assert!(number("low") < number("high"), "so few prove little: {after}");
        }
        assert_eq!(hub.app.rebuild("system:test", |_, _| {}).await.unwrap().customers_changed, 0);
    })
    .await;
}

fn initial(name: &Value) -> Option<char> {
    name.as_str().and_then(|name| name.chars().next()).map(|letter| letter.to_ascii_lowercase())
}

#[tokio::test]
async fn the_same_records_give_the_same_sample() {
    on_both(|store| async move {
        let hub = open(&store).await;
        let draw = async || hub.app.system("test").quality_draw().await.unwrap();
        assert!(draw().await);
        let listed = async || -> Vec<String> {
            let rows = store.quality_open().await.unwrap();
            rows.into_iter().map(|pair| format!("{} {} {}", pair.candidate, pair.automatic, pair.low)).collect()
        };
        let first = listed().await;
        let mut tx = store.begin().await.unwrap();
        for table in ["quality_pair", "quality_stratum"] {
            tx.execute(format!("delete from {table}"), onefold::args![]).await.unwrap();
        }
        tx.commit().await.unwrap();
        assert!(draw().await);
        assert_eq!(listed().await, first);
    })
    .await;
}

#[tokio::test]
async fn what_contradicts_matching_is_a_decision_and_few_decisions_prove_no_threshold() {
    on_both(|store| async move {
        let hub = open(&store).await;
        hub.data(&everyone(), DRAW, json!({})).await;
        let linked = store.quality_open().await.unwrap().into_iter().find(|pair| pair.automatic == "LINK").unwrap();
        let input =
            json!({"id": linked.candidate.to_string(), "same": false, "reason": "two people", "idempotencyKey": "no"});
        let judged = hub.data(&everyone(), JUDGE, json!({"input": input})).await["blindReviewJudge"].take();
        assert_eq!((&judged["noted"], &judged["userErrors"]), (&json!(true), &json!([])), "{judged}");
        assert_ne!(hub.customer(linked.left).await, hub.customer(linked.right).await);
        assert_eq!(number(&store, "select count(*) from decision where kind = 'NEVER_LINK'").await, 1);
        assert_eq!(number(&store, "select count(*) from quality_pair where is_same is not null").await, 1);
        let again = hub
            .data(
                &everyone(),
                JUDGE,
                json!({"input": {"id": linked.candidate.to_string(), "same": true,
            "reason": "x", "idempotencyKey": "other"}}),
            )
            .await;
        assert_eq!(again["blindReviewJudge"]["noted"], false, "the first word counts");
        let proposal = hub.data(&everyone(), PROPOSE, json!({})).await["matchThresholdProposal"].take();
        assert_eq!((&proposal["proposed"], &proposal["plan"]), (&Value::Null, &Value::Null), "{proposal}");
        assert_eq!(hub.refusals(&billing(), PROPOSE, json!({})).await[0].0, "FORBIDDEN");
    })
    .await;
}
