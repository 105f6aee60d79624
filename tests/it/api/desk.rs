//! The desk of a steward: what is put off and what ends, what comes back, claims, ranking, and deciding many at once.

use super::hub::*;
use super::plans::{Desk, graph_id};
use crate::harness::on_both;
use crate::identity::people::party;
use crate::store::fixture::{number, time};
use onefold::auth::{Actor, default_policies};
use onefold::config::MatchingConfig;
use onefold::identity::Identity;
use onefold_model::RecordId;
use serde_json::{Value, json};

const DECIDE: &str = "mutation($input: MatchDecideInput!) { matchDecide(input: $input) {
    decision { id kind reason expiresAt scope plan } replayed left { id } right { id } userErrors { code message } } }";
const QUEUE: &str = "query($filter: CandidateFilterInput, $orderBy: CandidateOrderInput) {
    matchCandidates(filter: $filter, orderBy: $orderBy, first: 50) { totalCount nodes { id probability leftRecord { id } rightRecord { id }
    desk { openInvoices openTickets consentConflicts impact assignee dueAt contests } } } }";

/// Two records that matching leaves to a person, for each of these names.
async fn pairs(desk: &Desk, names: &[&str]) -> Vec<(RecordId, RecordId)> {
    let mut pairs = Vec::new();
    let families = ["Vogelsang", "Quendelbauer", "Wiesinger", "Zirngibl"];
    for (n, (name, family)) in names.iter().zip(families).enumerate() {
        let one = desk.push("stripe", &format!("one{n}"), party(name, family, &format!("{n}@one.example"))).await;
        let mail = format!("{n}@other.example");
        let other = desk.push("zendesk", &format!("other{n}"), party(name, family, &mail)).await;
        pairs.push((one, other));
    }
    desk.hub.fold().await;
    pairs
}

/// A desk whose queue has these pairs: the threshold of review is so low that a shared name is enough.
pub(super) async fn desk_with(store: &onefold::store::Store, names: &[&str]) -> (Desk, Vec<(RecordId, RecordId)>) {
    let matching = MatchingConfig { auto_merge: 0.999_999, review: 0.000_1, ..MatchingConfig::default() };
    let identity = Identity::new(&matching).unwrap();
    let hub = Hub::with(store, policies(&default_policies(&departments())), identity).await;
    let desk = Desk { hub };
    let pairs = pairs(&desk, names).await;
    (desk, pairs)
}

async fn queue(desk: &Desk, who: &Actor, filter: Value, order: &str) -> Vec<Value> {
    let variables = json!({"filter": filter, "orderBy": order});
    let mut answer = desk.hub.data(who, QUEUE, variables).await;
    let pairs = answer["matchCandidates"]["nodes"].take();
    assert_eq!(answer["matchCandidates"]["totalCount"].as_u64(), pairs.as_array().map(|pairs| pairs.len() as u64));
    pairs.as_array().unwrap().clone()
}

async fn decide(desk: &Desk, who: &Actor, pair: (RecordId, RecordId), more: Value) -> Value {
    let mut input = json!({"leftRecord": graph_id(pair.0), "rightRecord": graph_id(pair.1), "reason": "they said so",
        "idempotencyKey": more.to_string()});
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    desk.hub.data(who, DECIDE, json!({"input": input})).await["matchDecide"].take()
}

fn other_steward() -> Actor {
    actor(&["billing"], &["steward"])
}

#[tokio::test]
async fn what_is_put_off_is_not_due_until_its_time_and_ends_with_a_decision() {
    on_both(|store| async move {
        let (desk, pairs) = desk_with(&store, &["Ottokar"]).await;
        let before = desk.read().await;
        let until = json!(time(9_000));
        let silent = decide(&desk, &steward(), pairs[0], json!({"decision": "LATER"})).await;
        assert_eq!(silent["userErrors"][0]["code"], "INVALID_INPUT", "until when?");
        let past = decide(&desk, &steward(), pairs[0], json!({"decision": "LATER", "until": time(1)})).await;
        assert_eq!(past["userErrors"][0]["code"], "INVALID_INPUT");
        let later = decide(&desk, &steward(), pairs[0], json!({"decision": "LATER", "until": until})).await;
        assert_eq!((&later["userErrors"], &later["decision"]["kind"]), (&json!([]), &json!("LATER")), "{later}");
        assert_eq!(desk.read().await, before, "nothing is put together or apart by it");
        let due = |at: i64| json!({"dueBy": time(at)});
        assert_eq!(queue(&desk, &steward(), due(8_000), "IMPACT").await.len(), 0);
        assert_eq!(queue(&desk, &steward(), due(9_001), "IMPACT").await.len(), 1);
        assert_eq!(queue(&desk, &steward(), json!({}), "LIKELIEST").await.len(), 1, "whoever asks for all sees it");
        let link = decide(&desk, &steward(), pairs[0], json!({"decision": "LINK"})).await;
        assert_eq!((&link["userErrors"], &link["left"]["id"]), (&json!([]), &link["right"]["id"]), "{link}");
        let standing = "select count(*) from decision where undone_at is null";
        assert_eq!(number(&store, standing).await, 1, "what was put off is decided");
    })
    .await;
}

#[tokio::test]
async fn a_never_link_ends_at_its_time_and_leaves_what_was() {
    on_both(|store| async move {
        let desk = Desk::open(&store).await;
        let ann = desk.push("stripe", "ann", party("Ann", "Archer", "ann@archer.example")).await;
        let twin = desk.push("zendesk", "ann", party("Ann", "Archer", "ann@archer.example")).await;
        desk.hub.fold().await;
        let together = desk.read().await;
        // The clock moves on by a second with each look at it.
        let until = time(1_060);
        let never = decide(&desk, &steward(), (ann, twin), json!({"decision": "NEVER_LINK", "until": until})).await;
        assert_eq!(never["userErrors"], json!([]), "{never}");
        assert_ne!(desk.of(ann).await, desk.of(twin).await);
        let mut looks = 0;
        while desk.of(ann).await != desk.of(twin).await {
            desk.hub.app.fold_due().await.unwrap();
            looks += 1;
            assert!(looks < 200, "it ends");
        }
        assert_eq!(desk.read().await, together);
        let ended = "select count(*) from decision where undone_by = 'system:expiry'";
        assert_eq!(number(&store, ended).await, 1);
        assert_eq!(desk.hub.app.rebuild("system:test", |_, _| {}).await.unwrap().customers_changed, 0);
    })
    .await;
}

#[tokio::test]
async fn a_never_link_of_customers_reaches_to_every_record_of_both() {
    on_both(|store| async move {
        let desk = Desk::open(&store).await;
        let mut ours = Vec::new();
        for (source, key) in [("stripe", "a1"), ("zendesk", "a2")] {
            ours.push(desk.push(source, key, party("Ann", "Archer", "ann@archer.example")).await);
        }
        let bob = desk.push("mailchimp", "bob", party("Bob", "Baker", "bob@baker.example")).await;
        desk.hub.fold().await;
        let asked = json!({"decision": "NEVER_LINK", "scope": "CUSTOMERS"});
        let never = decide(&desk, &steward(), (ours[0], bob), asked.clone()).await;
        assert_eq!((&never["userErrors"], &never["decision"]["scope"]), (&json!([]), &json!("CUSTOMERS")), "{never}");
        assert_eq!(decide(&desk, &steward(), (ours[0], bob), asked).await["replayed"], json!(true));
        assert_eq!(number(&store, "select count(*) from decision").await, 2);
        let around = decide(&desk, &steward(), (ours[1], bob), json!({"decision": "LINK"})).await;
        assert_eq!(around["userErrors"][0]["code"], "CONFLICT");
        let same = json!({"decision": "NEVER_LINK", "scope": "CUSTOMERS", "reason": "once more"});
        let same = decide(&desk, &steward(), (ours[0], ours[1]), same).await;
        assert_eq!(same["userErrors"][0]["code"], "INVALID_INPUT", "{same}");
        let undo = "mutation($input: DecisionUndoInput!) { decisionUndo(input: $input) { userErrors { code } } }";
        let input = json!({"input": {"id": never["decision"]["id"], "reason": "a slip"}});
        assert_eq!(desk.hub.data(&steward(), undo, input).await["decisionUndo"]["userErrors"], json!([]));
        assert_eq!(number(&store, "select count(*) from decision where undone_at is null").await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_link_that_new_facts_contradict_stands_and_comes_back_for_review() {
    on_both(|store| async move {
        let desk = Desk::open(&store).await;
        let person = |given: &str, family: &str, born: &str, vat: &str, mail: &str| {
            let mut data = party(given, family, mail);
            data["birthDate"] = json!(born);
            data["identifiers"] = json!([{"system": "vat", "value": vat}]);
            data
        };
        let ann = person("Ann", "Archer", "1984-02-03", "ATU11111111", "ann@archer.example");
        let one = desk.push("stripe", "ann", ann.clone()).await;
        let other = desk.push("zendesk", "ann", party("Anna", "Archer", "anna@elsewhere.example")).await;
        desk.hub.fold().await;
        let link = decide(&desk, &steward(), (one, other), json!({"decision": "LINK"})).await;
        assert_eq!(link["userErrors"], json!([]));
        let contested = json!({"contested": true});
        assert_eq!(queue(&desk, &steward(), contested.clone(), "IMPACT").await.len(), 0);

        let stranger = person("Zacharias", "Quendelbauer", "1951-11-30", "ATU99999999", "zq@quendel.example");
        desk.push("zendesk", "ann", stranger).await;
        desk.hub.app.fold_changes("system:test").await.unwrap();
        let found = queue(&desk, &steward(), contested.clone(), "IMPACT").await;
        assert_eq!(found.len(), 1, "it comes back");
        assert_eq!(found[0]["desk"]["contests"], link["decision"]["id"]);
        assert_eq!(desk.of(one).await, desk.of(other).await, "and stands");
        assert_eq!(desk.hub.app.rebuild("system:test", |_, _| {}).await.unwrap().customers_changed, 0);
        assert_eq!(queue(&desk, &steward(), contested.clone(), "IMPACT").await.len(), 1);

        let confirmed =
            decide(&desk, &steward(), (one, other), json!({"decision": "LINK", "reason": "she married"})).await;
        assert_eq!((&confirmed["userErrors"], &confirmed["replayed"]), (&json!([]), &json!(false)), "{confirmed}");
        assert_ne!(confirmed["decision"]["id"], link["decision"]["id"]);
        assert_eq!(queue(&desk, &steward(), contested, "IMPACT").await.len(), 0, "seen with what is known now");
        assert_eq!(desk.of(one).await, desk.of(other).await);
    })
    .await;
}

const CLAIM: &str = "mutation($input: CandidateClaimInput!) { candidateClaim(input: $input) {
    candidate { id } until userErrors { code message } } }";
const RELEASE: &str = "mutation($input: CandidateReleaseInput!) { candidateRelease(input: $input) {
    released userErrors { code message } } }";

#[tokio::test]
async fn two_stewards_are_never_given_the_same_pair() {
    on_both(|store| async move {
        let names = ["Ottokar", "Wendelin", "Kunigunde", "Leopoldine"];
        let (desk, pairs) = desk_with(&store, &names).await;
        let claim = async |who: &Actor, input: Value| {
            desk.hub.data(who, CLAIM, json!({"input": input})).await["candidateClaim"].take()
        };
        let waiting = queue(&desk, &steward(), json!({}), "IMPACT").await.len();
        assert!(waiting >= 4, "{waiting}");
        let stewards: Vec<Actor> =
            (0..waiting).map(|n| Actor::new(format!("steward {n}"), Vec::new(), ["steward".to_owned()])).collect();
        let asks = stewards.iter().map(|who| claim(who, json!({})));
        let taken = futures_util::future::join_all(asks).await;
        let mut ids: Vec<String> = taken.iter().map(|it| it["candidate"]["id"].as_str().unwrap().to_owned()).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), waiting, "each has another: {taken:?}");
        let none = claim(&other_steward(), json!({})).await;
        assert_eq!((&none["candidate"], &none["userErrors"]), (&Value::Null, &json!([])), "nothing is left");

        let first = taken[0]["candidate"]["id"].clone();
        let held = claim(&other_steward(), json!({"id": first})).await;
        assert_eq!(held["userErrors"][0]["code"], "CONFLICT");
        let renewed = claim(&stewards[0], json!({"id": first})).await;
        assert!(renewed["until"].as_str() > taken[0]["until"].as_str(), "{renewed}");
        // Nobody else decides about it meanwhile.
        let row = queue(&desk, &steward(), json!({}), "IMPACT").await.into_iter().find(|it| it["id"] == first).unwrap();
        let of_pair = |pair: &&(RecordId, RecordId)| {
            [graph_id(pair.0), graph_id(pair.1)].contains(&row["leftRecord"]["id"].as_str().unwrap().to_owned())
        };
        let pair = *pairs.iter().find(of_pair).unwrap();
        let other = decide(&desk, &other_steward(), pair, json!({"decision": "NEVER_LINK"})).await;
        assert_eq!(other["userErrors"][0]["code"], "CONFLICT", "{other}");
        let release = async |who: &Actor| {
            desk.hub.data(who, RELEASE, json!({"input": {"id": first}})).await["candidateRelease"]["released"].take()
        };
        assert_eq!((release(&other_steward()).await, release(&stewards[0]).await), (json!(false), json!(true)));
        let next = claim(&other_steward(), json!({})).await;
        assert_eq!(next["candidate"]["id"], first, "the one that was given back");

        // Two minutes later it is anybody's: the clock moves on by a second with each look at it.
        for _ in 0..125 {
            desk.hub.app.fold_due().await.unwrap();
        }
        let again = claim(&steward(), json!({"id": first})).await;
        assert_eq!(again["userErrors"], json!([]), "{again}");
        for who in [billing(), support()] {
            let refused = claim(&who, json!({"id": first})).await;
            assert!(refused["candidate"].is_null() && refused["userErrors"][0]["code"].is_string(), "{refused}");
            assert_eq!(claim(&who, json!({})).await["candidate"], Value::Null);
        }
    })
    .await;
}

#[tokio::test]
async fn the_queue_is_ordered_by_what_matters_and_chosen_from() {
    on_both(|store| async move {
        let (desk, pairs) = desk_with(&store, &["Ottokar", "Wendelin", "Kunigunde"]).await;
        let invoice = |n: usize| {
            let own = json!({"stream": "customers", "externalId": "one1"});
            json!({"number": format!("INV-{n}"), "customer": own, "status": "OPEN", "issuedAt": "2026-01-01T00:00:00Z"})
        };
        for n in 0..3 {
            let record = put(onefold_model::RecordKind::Invoice, "invoices", &format!("i{n}"), invoice(n));
            desk.hub.push("stripe", vec![record]).await;
        }
        let ranked = queue(&desk, &everyone(), json!({}), "IMPACT").await;
        let is_of = |row: &Value, pair: (RecordId, RecordId)| {
            let ids = [&row["leftRecord"]["id"], &row["rightRecord"]["id"]].map(|id| id.as_str().unwrap().to_owned());
            ids.contains(&graph_id(pair.0)) && ids.contains(&graph_id(pair.1))
        };
        assert!(is_of(&ranked[0], pairs[1]), "{ranked:?}");
        assert_eq!(ranked[0]["desk"]["openInvoices"], json!(3));
        let impacts: Vec<f64> = ranked.iter().map(|row| row["desk"]["impact"].as_f64().unwrap()).collect();
        assert!(impacts.windows(2).all(|two| two[0] >= two[1]), "{impacts:?}");
        // A steward sees no invoices, and the order tells them nothing of any.
        let blind = queue(&desk, &actor(&["nowhere"], &["steward"]), json!({}), "IMPACT").await;
        assert!(blind.iter().all(|row| row["desk"]["openInvoices"] == json!(0)), "{blind:?}");

        let all = ranked.len();
        for (filter, found) in [
            (json!({"department": "billing"}), all),
            (json!({"department": "marketing"}), 0),
            (json!({"source": "zendesk"}), all),
            (json!({"source": "mailchimp"}), 0),
            (json!({"kind": "PERSON"}), all),
            (json!({"kind": "ORGANIZATION"}), 0),
            (json!({"minProbability": 0.0, "maxProbability": 1.0}), all),
            (json!({"minProbability": 0.99999}), 0),
            (json!({"foundBefore": time(1)}), 0),
            (json!({"foundSince": time(1)}), all),
            (json!({"contested": false}), all),
            (json!({"assignee": "ben"}), 0),
        ] {
            assert_eq!(queue(&desk, &everyone(), filter.clone(), "OLDEST").await.len(), found, "{filter}");
        }
        let assign = "mutation($input: CandidateAssignInput!) { candidateAssign(input: $input) {
            candidates { id desk { assignee dueAt } } userErrors { code } } }";
        let ask =
            |assignee: Value| json!({"input": {"ids": [ranked[0]["id"]], "assignee": assignee, "dueAt": time(9_000)}});
        let assigned = desk.hub.data(&steward(), assign, ask(json!("ben"))).await["candidateAssign"].take();
        assert_eq!(
            (&assigned["userErrors"], &assigned["candidates"][0]["desk"]["assignee"]),
            (&json!([]), &json!("ben"))
        );
        assert_eq!(queue(&desk, &steward(), json!({"assignee": "ben"}), "IMPACT").await.len(), 1);
        desk.hub.data(&steward(), assign, ask(Value::Null)).await;
        assert_eq!(queue(&desk, &steward(), json!({"assignee": "ben"}), "IMPACT").await.len(), 0);
    })
    .await;
}

const MANY: &str = "query($input: DecideManyInput!) { decideManyPreview(input: $input) {
    preview { pairCount customersBefore customersAfter fingerprint sample { id } } userErrors { code message } } }";
const MANY_APPLY: &str = "mutation($input: DecideManyApplyInput!) { decideManyApply(input: $input) {
    plan { id kind decisions { kind } } replayed userErrors { code message } } }";

#[tokio::test]
async fn many_pairs_are_decided_as_they_were_looked_at_or_not_at_all() {
    on_both(|store| async move {
        let (desk, _) = desk_with(&store, &["Ottokar", "Wendelin", "Kunigunde"]).await;
        let waiting = queue(&desk, &steward(), json!({}), "LIKELIEST").await.len();
        let decide = json!({"filter": {"kind": "PERSON"}, "decision": "NEVER_LINK", "sample": 2});
        let seen = desk.hub.data(&steward(), MANY, json!({"input": decide})).await["decideManyPreview"].take();
        let preview = &seen["preview"];
        assert_eq!((&seen["userErrors"], &preview["pairCount"]), (&json!([]), &json!(waiting)), "{seen}");
        assert_eq!(preview["sample"].as_array().unwrap().len(), 2);
        assert_eq!(number(&store, "select count(*) from decision").await, 0);
        let apply = async |fingerprint: &Value, reason: &str, key: &str| {
            let input = json!({"decide": decide, "fingerprint": fingerprint, "reason": reason, "unproved": "all of them are known",
                "idempotencyKey": key});
            desk.hub.data(&steward(), MANY_APPLY, json!({"input": input})).await["decideManyApply"].take()
        };
        let silent = apply(&preview["fingerprint"], "", "many").await;
        assert_eq!(silent["userErrors"][0]["code"], "REASON_NEEDED");
        // Another pair comes in between.
        desk.push("stripe", "late", party("Ottokar", "Vogelsang", "late@one.example")).await;
        let moved = apply(&preview["fingerprint"], "namesakes", "many").await;
        assert_eq!(moved["userErrors"][0]["code"], "PLAN_MOVED", "{moved}");
        assert_eq!(number(&store, "select count(*) from decision").await, 0);
        let seen = desk.hub.data(&steward(), MANY, json!({"input": decide})).await["decideManyPreview"].take();
        let fingerprint = &seen["preview"]["fingerprint"];
        let done = apply(fingerprint, "namesakes", "many").await;
        assert_eq!((&done["userErrors"], &done["plan"]["kind"]), (&json!([]), &json!("DECIDE")), "{done}");
        assert_eq!(
            Some(done["plan"]["decisions"].as_array().unwrap().len() as u64),
            seen["preview"]["pairCount"].as_u64()
        );
        assert_eq!(apply(fingerprint, "namesakes", "many").await["replayed"], json!(true));
        assert_eq!(queue(&desk, &steward(), json!({}), "LIKELIEST").await.len(), 0, "all are kept apart");
        desk.undo(&steward(), &done["plan"]["id"]).await;
        assert!(queue(&desk, &steward(), json!({}), "LIKELIEST").await.len() > waiting);
        let refused = desk.hub.data(&billing(), MANY, json!({"input": decide})).await["decideManyPreview"].take();
        assert_eq!((&refused["userErrors"][0]["code"], &refused["preview"]), (&json!("FORBIDDEN"), &Value::Null));
    })
    .await;
}
