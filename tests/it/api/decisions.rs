//! What stewards decide through the graph: what follows at once, that it can be taken back without a trace, and who may.

use super::hub::*;
use crate::harness::on_both;
use crate::identity::people::{customer, party};
use crate::store::dump::dump;
use crate::store::fixture::number;
use onefold::auth::Actor;
use onefold_model::RecordId;
use serde_json::{Value, json};

const DECIDE: &str = "mutation($input: MatchDecideInput!) { matchDecide(input: $input) {
    decision { id kind by reason model undoneAt leftRecord { id } rightRecord { id } } replayed pending
    left { id } right { id } userErrors { code message } } }";
const UNDO: &str = "mutation($input: DecisionUndoInput!) { decisionUndo(input: $input) {
    decision { id undoneAt undoneBy undoneReason } replayed left { id } right { id } userErrors { code message } } }";
const DECISIONS: &str =
    "query($customer: ID, $standing: Boolean) { decisions(customer: $customer, standing: $standing) {
    nodes { id kind by reason undoneBy undoneReason } totalCount } }";
const CUSTOMERS: &str = "{ customers(first: 50, orderBy: NAME_ASC) { nodes {
    id displayName emails { address } sourceRecords { nodes { id } } provenance { path value } } } }";

/// A steward's hub with three people whom nothing puts together, and a company.
struct Desk {
    hub: Hub,
    ann: String,
    anna: String,
    bob: String,
    firm: String,
}

fn graph_id(record: RecordId) -> String {
    onefold_model::NodeId::from(record).to_string()
}

impl Desk {
    async fn open(store: &onefold::store::Store) -> Self {
        let hub = Hub::open(store).await;
        let push = async |source: &str, key: &str, data: Value| {
            let answer = hub.push(source, vec![customer(key, data)]).await;
            graph_id(answer.results[0].id)
        };
        let ann = push("stripe", "ann", party("Ann", "Archer", "ann@archer.example")).await;
        let anna = push("zendesk", "anna", party("Annabel", "Smith", "office@smith.example")).await;
        let bob = push("mailchimp", "bob", party("Robert", "Baker", "bob@baker.example")).await;
        let data = json!({"kind": "ORGANIZATION", "displayName": "Baker Ltd", "legalName": "Baker Ltd"});
        let firm = push("stripe", "firm", data).await;
        hub.app.fold_changes("system:test").await.unwrap();
        Self { hub, ann, anna, bob, firm }
    }

    async fn decide(&self, who: &Actor, left: &str, right: &str, decision: &str, key: &str) -> Value {
        let input = json!({"leftRecord": left, "rightRecord": right, "decision": decision, "reason": "they said so",
            "idempotencyKey": key});
        self.hub.data(who, DECIDE, json!({"input": input})).await["matchDecide"].take()
    }

    async fn undo(&self, who: &Actor, id: &Value, reason: &str) -> Value {
        let input = json!({"id": id, "reason": reason});
        self.hub.data(who, UNDO, json!({"input": input})).await["decisionUndo"].take()
    }

    async fn customers(&self) -> Value {
        self.hub.data(&everyone(), CUSTOMERS, json!({})).await
    }
}

#[tokio::test]
async fn a_link_is_one_customer_at_once_and_taken_back_leaves_what_was() {
    on_both(|store| async move {
        let desk = Desk::open(&store).await;
        let before = desk.customers().await;
        let done = desk.decide(&steward(), &desk.ann, &desk.anna, "LINK", "one").await;
        assert_eq!(done["userErrors"], json!([]), "{done}");
        assert_eq!(done["left"]["id"], done["right"]["id"], "together when the answer comes");
        assert_eq!((&done["replayed"], &done["decision"]["kind"]), (&json!(false), &json!("LINK")));
        let together = desk.customers().await;
        assert_ne!(before, together);

        // The same request, and another one with the same sense, decide nothing twice.
        for key in ["one", "two"] {
            let again = desk.decide(&steward(), &desk.anna, &desk.ann, "LINK", key).await;
            assert_eq!((&again["replayed"], &again["decision"]["id"]), (&json!(true), &done["decision"]["id"]));
        }
        assert_eq!(number(&store, "select count(*) from decision").await, 1);
        // Neither a new fold of everything nor a rebuild forgets it.
        desk.hub.app.fold("system:test", |_| {}).await.unwrap();
        assert_eq!(desk.hub.app.rebuild("system:test", |_, _| {}).await.unwrap().customers_changed, 0);
        assert_eq!(desk.customers().await, together);

        let undone = desk.undo(&steward(), &done["decision"]["id"], "they took it back").await;
        assert_eq!(undone["userErrors"], json!([]));
        assert_ne!(undone["left"]["id"], undone["right"]["id"]);
        assert_eq!(desk.customers().await, before, "nothing was copied, so nothing is left");
        let again = desk.undo(&steward(), &done["decision"]["id"], "once more").await;
        assert_eq!(
            (&again["replayed"], &again["decision"]["undoneReason"]),
            (&json!(true), &json!("they took it back"))
        );
        let deeds = "select count(*) from audit where action in ('decision.make', 'decision.undo')";
        assert_eq!(number(&store, deeds).await, 2, "one entry for each deed, none for repetitions");
    })
    .await;
}

#[tokio::test]
async fn what_is_kept_apart_stays_apart_until_it_is_taken_back() {
    on_both(|store| async move {
        let desk = Desk::open(&store).await;
        let same = party("Ann", "Archer", "ann@archer.example");
        let twin = desk.hub.push("mailchimp", vec![customer("twin", same)]).await.results[0].id;
        let twin = graph_id(twin);
        desk.hub.app.fold_changes("system:test").await.unwrap();
        let apart = desk.decide(&steward(), &twin, &desk.ann, "NEVER_LINK", "apart").await;
        assert_eq!(apart["userErrors"], json!([]), "{apart}");
        assert_ne!(apart["left"]["id"], apart["right"]["id"]);

        // The other way round on the same pair, and around it by a third record.
        let against = desk.decide(&steward(), &twin, &desk.ann, "LINK", "against").await;
        assert_eq!(against["userErrors"][0]["code"], "CONFLICT", "{against}");
        let id = apart["decision"]["id"].as_str().unwrap();
        assert!(against["userErrors"][0]["message"].as_str().unwrap().contains(id), "{against}");
        let first = desk.decide(&steward(), &desk.bob, &desk.ann, "LINK", "first").await;
        assert_eq!(first["userErrors"], json!([]), "{first}");
        let around = desk.decide(&steward(), &desk.bob, &twin, "LINK", "around").await;
        assert_eq!(around["userErrors"][0]["code"], "CONFLICT", "{around}");
        assert_eq!(number(&store, "select count(*) from decision").await, 2);

        desk.undo(&steward(), &apart["decision"]["id"], "they are one").await;
        let around = desk.decide(&steward(), &desk.bob, &twin, "LINK", "around again").await;
        assert_eq!((&around["userErrors"], &around["left"]["id"]), (&json!([]), &around["right"]["id"]));
    })
    .await;
}

#[tokio::test]
async fn many_stewards_at_once_lose_no_decision_and_wait_for_no_connection() {
    on_both(|store| async move {
        let desk = Desk::open(&store).await;
        let names = ["Arno", "Berta", "Cyril", "Dora", "Emil", "Fritzi", "Gustav", "Hanna"];
        let mut pairs = Vec::new();
        for (n, name) in names.iter().enumerate() {
            let one = party(name, "Vogel", &format!("{n}@one.example"));
            let other = party(name, "Krause", &format!("{n}@other.example"));
            let one = desk.hub.push("stripe", vec![customer(&format!("one{n}"), one)]).await.results[0].id;
            let other = desk.hub.push("zendesk", vec![customer(&format!("other{n}"), other)]).await.results[0].id;
            pairs.push((graph_id(one), graph_id(other)));
        }
        desk.hub.app.fold_changes("system:test").await.unwrap();
        // Each pair twice at the same time: of the two one decides, and the other is told.
        let both = [&pairs, &pairs].into_iter().enumerate();
        let asks = both.flat_map(|(round, pairs)| pairs.iter().map(move |pair| (round, pair)));
        let asks: Vec<_> = asks.map(|(round, pair)| (pair, format!("{round} {}", pair.0))).collect();
        let who = steward();
        let answers = asks.iter().map(|((one, other), key)| desk.decide(&who, one, other, "LINK", key));
        let answers = futures_util::future::join_all(answers).await;
        for answer in &answers {
            assert_eq!((&answer["userErrors"], &answer["pending"]), (&json!([]), &json!(false)), "{answer}");
        }
        let replayed = answers.iter().filter(|answer| answer["replayed"] == json!(true)).count();
        assert_eq!((replayed, number(&store, "select count(*) from decision").await), (8, 8));
        let customers = "select count(distinct customer_id) from link where record_id in \
            (select left_record from decision union select right_record from decision)";
        assert_eq!(number(&store, customers).await, 8, "each pair is one customer");
        assert_eq!(desk.hub.app.rebuild("system:test", |_, _| {}).await.unwrap().customers_changed, 0);
    })
    .await;
}

#[tokio::test]
async fn bad_input_is_told_as_data_and_changes_nothing() {
    on_both(|store| async move {
        let desk = Desk::open(&store).await;
        let unknown = graph_id(RecordId(uuid::Uuid::from_u128(7)));
        desk.decide(&steward(), &desk.ann, &desk.bob, "LINK", "used").await;
        let before = dump(&store).await;
        for (left, right, decision, key, code) in [
            (&desk.ann, &desk.ann, "LINK", "a", "INVALID_INPUT"),
            (&desk.ann, &unknown, "LINK", "b", "NOT_FOUND"),
            (&desk.ann, &desk.firm, "LINK", "c", "INVALID_INPUT"),
            (&desk.ann, &desk.anna, "LINK", " ", "INVALID_INPUT"),
            (&desk.ann, &desk.anna, "LINK", "used", "CONFLICT"),
        ] {
            let answer = desk.decide(&steward(), left, right, decision, key).await;
            assert_eq!(answer["userErrors"][0]["code"], code, "{decision} {key:?}: {answer}");
            assert_eq!(answer["decision"], Value::Null);
        }
        let input = json!({"leftRecord": desk.ann, "rightRecord": desk.anna, "decision": "NEVER_LINK",
            "idempotencyKey": "why"});
        let silent = desk.hub.data(&steward(), DECIDE, json!({"input": input})).await["matchDecide"].take();
        assert_eq!(silent["userErrors"][0]["code"], "INVALID_INPUT", "{silent}");
        let nobody = onefold_model::NodeId::from(onefold_model::DecisionId(uuid::Uuid::from_u128(7))).to_string();
        let missing = desk.undo(&steward(), &json!(nobody), "for no reason").await;
        assert_eq!(missing["userErrors"][0]["code"], "NOT_FOUND");
        let wrong = json!({"input": {"id": desk.ann, "reason": "x"}});
        assert_eq!(desk.hub.refusals(&steward(), UNDO, wrong).await[0].0, "ID_WRONG_KIND");
        assert_eq!(dump(&store).await, before);
        // Systems disagree about kinds, and matching may link over it: keeping those apart is always possible.
        let apart = desk.decide(&steward(), &desk.ann, &desk.firm, "NEVER_LINK", "apart").await;
        assert_eq!((&apart["userErrors"], &apart["decision"]["kind"]), (&json!([]), &json!("NEVER_LINK")), "{apart}");
    })
    .await;
}

#[tokio::test]
async fn decisions_are_for_those_who_review_for_both_departments() {
    on_both(|store| async move {
        let desk = Desk::open(&store).await;
        let made = desk.decide(&steward(), &desk.ann, &desk.bob, "LINK", "made").await["decision"]["id"].take();
        let kept = desk.decide(&steward(), &desk.anna, &desk.bob, "NEVER_LINK", "kept").await["decision"]["id"].take();
        desk.undo(&steward(), &made, "a slip").await;
        let ask =
            async |who: &Actor, variables: Value| desk.hub.data(who, DECISIONS, variables).await["decisions"].take();
        let all = ask(&steward(), json!({})).await;
        assert_eq!((&all["totalCount"], &all["nodes"][0]["id"], &all["nodes"][1]["id"]), (&json!(2), &kept, &made));
        assert_eq!(all["nodes"][1]["undoneReason"], "a slip");
        let standing = ask(&steward(), json!({"standing": true})).await;
        assert_eq!((&standing["totalCount"], &standing["nodes"][0]["id"]), (&json!(1), &kept));
        for who in [billing(), support(), marketing()] {
            assert_eq!(ask(&who, json!({})).await, json!({"nodes": [], "totalCount": 0}), "{}", who.subject());
            let decided = desk.decide(&who, &desk.ann, &desk.bob, "LINK", "not mine").await;
            let code = decided["userErrors"][0]["code"].as_str().unwrap().to_owned();
            assert!(["FORBIDDEN", "NOT_FOUND"].contains(&code.as_str()), "{decided}");
            let undone = desk.undo(&who, &kept, "not mine").await;
            assert!(undone["userErrors"][0]["code"].is_string() && undone["decision"].is_null(), "{undone}");
        }
        assert_eq!(number(&store, "select count(*) from decision where undone_at is null").await, 1);
    })
    .await;
}
