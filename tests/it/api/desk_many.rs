//! Deciding many is held back until decisions made one by one prove enough of pairs like these.

use super::desk::desk_with;
use super::hub::*;
use super::plans::Desk;
use crate::harness::on_both;
use crate::identity::people::party;
use crate::store::fixture::{number, time};
use onefold::store::{DecisionRow, NEVER_LINK, SCOPE_RECORDS, Store};
use onefold_model::{DecisionId, RecordId};
use serde_json::{Value, json};
use uuid::Uuid;

const PREVIEW: &str = "query($input: DecideManyInput!) { decideManyPreview(input: $input) {
    preview { pairCount fingerprint proved evidence { decisionCount agreeingCount mostWrong missingCount } }
    userErrors { code message } } }";
const APPLY: &str = "mutation($input: DecideManyApplyInput!) { decideManyApply(input: $input) {
    plan { id decisions { reason } } userErrors { code message } } }";

async fn look(desk: &Desk, decide: &Value) -> Value {
    let answer = desk.hub.data(&steward(), PREVIEW, json!({"input": decide})).await;
    assert_eq!(answer["decideManyPreview"]["userErrors"], json!([]), "{answer}");
    answer["decideManyPreview"]["preview"].clone()
}

async fn apply(desk: &Desk, decide: &Value, unproved: Option<&str>) -> Value {
    let fingerprint = look(desk, decide).await["fingerprint"].take();
    let input = json!({"decide": decide, "fingerprint": fingerprint, "reason": "namesakes", "unproved": unproved,
        "idempotencyKey": format!("{unproved:?} {decide}")});
    desk.hub.data(&steward(), APPLY, json!({"input": input})).await["decideManyApply"].take()
}

/// So many people whom nothing connects, and their pairs.
async fn strangers(desk: &Desk, pairs: usize) -> Vec<(RecordId, RecordId)> {
    let mut records: Vec<RecordId> = Vec::new();
    let mut made = Vec::new();
    while made.len() < pairs {
        let letter = |n: usize| char::from(b"bcdfghjklmnpqrstvwxz"[n % 20]);
        let n = records.len();
        let name = format!("{}o{}a{}i", letter(n), letter(n / 20 + 7), letter(n * 7 + 3));
        let mail = format!("{name}@{name}.example");
        let record = desk.push("stripe", &name, party(&name, &format!("Van{name}"), &mail)).await;
        made.extend(records.iter().map(|other| (record.min(*other), record.max(*other))));
        records.push(record);
    }
    desk.hub.fold().await;
    made.truncate(pairs);
    made
}

/// As a steward leaves them who keeps pairs apart one after the other.
async fn keep_apart(store: &Store, pairs: &[(RecordId, RecordId)]) {
    let mut tx = store.begin().await.unwrap();
    for (left, right) in pairs {
        let decision = DecisionRow {
            id: DecisionId(Uuid::now_v7()),
            kind: NEVER_LINK.to_owned(),
            left: *left,
            right: *right,
            actor: "ann".to_owned(),
            reason: "two people".to_owned(),
            made_at: time(50),
            model: None,
            request: None,
            undone: None,
            plan: None,
            expires_at: None,
            scope: SCOPE_RECORDS.to_owned(),
        };
        tx.decision_insert(&decision).await.unwrap();
    }
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn too_few_decisions_behind_many_need_a_reason_of_their_own() {
    on_both(|store| async move {
        let (desk, _) = desk_with(&store, &["Ottokar", "Wendelin", "Kunigunde"]).await;
        let decide = json!({"decision": "NEVER_LINK", "sample": 1});
        let seen = look(&desk, &decide).await;
        assert!(seen["pairCount"].as_u64().unwrap() > 1, "{seen}");
        let nothing = json!({"decisionCount": 0, "agreeingCount": 0, "mostWrong": 1.0, "missingCount": 299});
        assert_eq!((&seen["proved"], &seen["evidence"]), (&json!(false), &nothing));
        for silent in [None, Some(" ")] {
            let refused = apply(&desk, &decide, silent).await;
            assert_eq!(refused["userErrors"][0]["code"], "REASON_NEEDED", "{refused}");
            assert!(refused["userErrors"][0]["message"].as_str().unwrap().contains("299 more"), "{refused}");
        }
        assert_eq!(number(&store, "select count(*) from decision").await, 0, "nothing is decided");
        let whole = json!({"decision": "NEVER_LINK", "sample": 50});
        assert_eq!(look(&desk, &whole).await["proved"], true, "whoever saw every pair needs no proof");
        let later = json!({"decision": "LATER", "until": time(9_000), "sample": 1});
        assert_eq!(look(&desk, &later).await["proved"], true, "what is put off is decided later");
        let done = apply(&desk, &decide, Some("a list of the registry")).await;
        assert_eq!(done["userErrors"], json!([]), "{done}");
        let kept = done["plan"]["decisions"][0]["reason"].as_str().unwrap();
        assert!(
            kept.contains("namesakes") && kept.contains("a list of the registry"),
            "every decision tells it: {kept}"
        );
        desk.undo(&steward(), &done["plan"]["id"]).await;
    })
    .await;
}

#[tokio::test]
async fn enough_decisions_of_pairs_alike_prove_the_rest() {
    on_both(|store| async move {
        let (desk, _) = desk_with(&store, &["Ottokar", "Wendelin", "Kunigunde"]).await;
        let pairs = strangers(&desk, 299).await;
        keep_apart(&store, &pairs[..298]).await;
        let decide = json!({"decision": "NEVER_LINK", "sample": 1});
        let seen = look(&desk, &decide).await;
        assert_eq!(
            (&seen["proved"], &seen["evidence"]["decisionCount"], &seen["evidence"]["missingCount"]),
            (&json!(false), &json!(298), &json!(1)),
            "{seen}"
        );
        keep_apart(&store, &pairs[298..]).await;
        let seen = look(&desk, &decide).await;
        assert_eq!((&seen["proved"], &seen["evidence"]["agreeingCount"]), (&json!(true), &json!(299)), "{seen}");
        assert!(seen["evidence"]["mostWrong"].as_f64().unwrap() <= 0.01, "{seen}");
        // They say the opposite of a merge, and nothing of pairs of another source or another department.
        let merge = look(&desk, &json!({"decision": "LINK", "sample": 1})).await;
        assert_eq!((&merge["proved"], &merge["evidence"]["agreeingCount"]), (&json!(false), &json!(0)), "{merge}");
        let decided = async |filter: Value| {
            let seen = look(&desk, &json!({"decision": "NEVER_LINK", "sample": 0, "filter": filter})).await;
            seen["evidence"]["decisionCount"].as_u64().unwrap()
        };
        for filter in [json!({"source": "zendesk"}), json!({"department": "support"}), json!({"kind": "ORGANIZATION"})]
        {
            assert_eq!(decided(filter.clone()).await, 0, "{filter}");
        }
        // Each pair counts on its side of a score.
        let (likelier, others) =
            (decided(json!({"minProbability": 0.5})).await, decided(json!({"maxProbability": 0.5})).await);
        assert!(likelier < 150 && likelier + others == 299, "{likelier} and {others}: strangers are seldom alike");
        let done = apply(&desk, &decide, None).await;
        assert_eq!(done["userErrors"], json!([]), "{done}");
        desk.undo(&steward(), &done["plan"]["id"]).await;
        let seen = look(&desk, &decide).await;
        assert_eq!(
            seen["evidence"]["decisionCount"], 299,
            "what was decided for many proves nothing of itself: {seen}"
        );
    })
    .await;
}
