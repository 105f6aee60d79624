//! Planned answers are the executor's: generated documents are answered both ways, for each role, and the bytes are compared.

mod documents;

use super::audit::audited;
use super::hub::*;
use super::story::{billing_party, filled, party_id};
use crate::harness::on_both;
use crate::store::fixture::time;
use async_graphql::Request;
use documents::{Documents, Known};
use onefold::args;
use onefold::auth::{Actor, PolicySet, default_policies};
use onefold::config::AuditReads;
use onefold::graphql::{self, Answer, CostSettings, GraphSettings, HubSchema, Planner};
use onefold::store::{PinRow, Store};
use onefold_model::{PinId, RecordKind};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Documents for each role under each set of policies.
const DOCUMENTS: usize = 30;

/// Rows of customers and of what happened are hidden by conditions, and more is masked than the shipped policies mask.
const STRICTER: &str = r#"
    @id("marketing.reachable")
    permit (principal in Onefold::Department::"marketing", action == Onefold::Action::"see", resource is Onefold::Customer)
    when { resource.tags.contains("reader") };
    @id("everybody.no-companies")
    forbid (principal in Onefold::Department::"billing", action == Onefold::Action::"see", resource is Onefold::Customer)
    when { resource.kind == "ORGANIZATION" };
    @id("billing.open-invoices")
    permit (principal in Onefold::Department::"billing", action == Onefold::Action::"see", resource is Onefold::Invoice)
    when { principal in resource.owner && resource.status != "PAID" };
"#;

/// What stands in a mask's way: of what is masked, only texts and addresses are shown in part.
const MASKED: &str = r#"
    @id("everything.initial") @mask("initial")
    permit (principal in Onefold::Department::"support", action == Onefold::Action::"readMasked", resource);
    @id("everything.last") @mask("lastFour")
    permit (principal in Onefold::Department::"billing", action == Onefold::Action::"readMasked", resource);
    @id("own")
    permit (principal in Onefold::Department::"marketing", action == Onefold::Action::"read", resource)
    when { principal in resource.owner };
"#;

fn sets() -> Vec<PolicySet> {
    let shipped = || default_policies(&departments());
    let stricter = shipped().into_iter().chain([("rows.cedar".to_owned(), STRICTER.to_owned())]);
    vec![policies(&shipped()), policies(&stricter.collect::<Vec<_>>()), policies(&[("masked.cedar", MASKED)])]
}

fn roles() -> Vec<Actor> {
    let role = |role| actor(&["nowhere"], &[role]);
    vec![
        billing(),
        support(),
        marketing(),
        steward(),
        everyone(),
        role("steward"),
        role("operator"),
        role("privacy"),
        actor(&["legal"], &[]),
    ]
}

fn schema(planner: Planner) -> HubSchema {
    // Points that never come back: what is left is then the same for both.
    let cost = CostSettings { limit: 1_000_000_000, per_second: 0 };
    graphql::schema_with(GraphSettings { cost, planner, ..GraphSettings::default() })
}

/// The story, with a customer that another has gone into, values that are held fast, a record that was taken back, and texts
/// that have to be escaped.
async fn seeded(hub: &Hub, store: &Store) -> Known {
    filled(hub, 4).await;
    let late = |key: &str, email: &str, name: &str| {
        let data = json!({"kind": "PERSON", "displayName": name, "givenName": "Ottilie", "familyName": "Quastenberg",
                          "emails": [{"address": email, "original": email, "verified": true}], "phones": [{"e164": "+43660777123", "original": "0660 777123"}]});
        put(RecordKind::Party, "customers", key, data)
    };
    let odd = "Ottilie \"Otti\" \\ \u{1}Quastenberg\u{7f}\u{2028}🦉";
    hub.push("stripe", vec![late("late", "ottilie@one.example", odd)]).await;
    let other = json!({"kind": "PERSON", "displayName": "Zebulon Unrelated", "emails": [{"address": "z@two.example", "original": "Z@two.example"}]});
    hub.push("zendesk", vec![put(RecordKind::Party, "customers", "late", other)]).await;
    hub.fold().await;
    let before = [
        hub.customer(record_id("stripe", "customers", "late")).await,
        hub.customer(record_id("zendesk", "customers", "late")).await,
    ];
    hub.push("zendesk", vec![late("late", "ottilie@one.example", "Ottilie Quastenberg")]).await;
    let odd_invoice = |key: &str, amount: &str, at: Option<&str>| {
        let mut data = json!({"number": "N\t\"1\"", "customer": {"stream": "customers", "externalId": "late"},
            "status": "OPEN", "total": {"amount": amount, "currency": "JPY"}, "dueOn": "2026-02-28"});
        if let Some(at) = at {
            data["issuedAt"] = json!(at);
        }
        put(RecordKind::Invoice, "invoices", key, data)
    };
    let invoices = [
        odd_invoice("odd1", "-0.5", None),
        odd_invoice("odd2", "12345678901234567890.123456", Some("2026-02-03T04:05:06.789Z")),
        odd_invoice("odd3", "7", Some("2026-02-03T04:05:06.000001Z")),
        odd_invoice("odd4", "007.10", Some("2026-02-03T04:05:06.789Z")),
    ];
    hub.push("stripe", invoices.into()).await;
    let mut gone = put(RecordKind::Party, "customers", "c3", billing_party(3));
    (gone.data, gone.deleted) = (None, true);
    hub.push("stripe", vec![gone]).await;
    hub.fold().await;
    let after = hub.customer(record_id("stripe", "customers", "late")).await;
    assert_eq!(after, hub.customer(record_id("zendesk", "customers", "late")).await, "they are one now");
    pinned(store).await;
    let mut customers: BTreeSet<String> = before.iter().map(ToString::to_string).collect();
    for n in 0..4 {
        customers.insert(hub.customer(party_id("zendesk", n)).await.to_string());
    }
    customers.insert(hub.customer(record_id("stripe", "customers", "org")).await.to_string());
    customers.insert("customer_00000000000000000000000000000007".to_owned());
    let pages = "{ a: customers(first: 2) { edges { cursor } } b: customers(orderBy: UPDATED_DESC, first: 3) { edges { cursor } } }";
    let pages = hub.data(&everyone(), pages, json!({})).await;
    let cursors = ["a", "b"].iter().flat_map(|page| pages[*page]["edges"].as_array().unwrap().clone());
    let cursors = cursors.map(|edge| edge["cursor"].as_str().unwrap().to_owned()).chain(["nonsense".to_owned()]);
    Known { customers: customers.into_iter().collect(), cursors: cursors.collect() }
}

async fn pinned(store: &Store) {
    let mut tx = store.begin().await.unwrap();
    for (n, (source, path)) in
        [("zendesk", "displayName"), ("mailchimp", "displayName"), ("mailchimp", "phone"), ("mailchimp", "givenName")]
            .into_iter()
            .enumerate()
    {
        let pin = PinRow {
            id: PinId(Uuid::from_u128(40 + n as u128)),
            record: party_id(source, 0),
            path: path.to_owned(),
            actor: "ann".to_owned(),
            reason: "she says so".to_owned(),
            request: format!("pin {n}"),
            made_at: time(900 + i64::try_from(n).unwrap()),
            expires_at: None,
            undone: None,
        };
        tx.pin_insert(&pin).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// The body of an answer, and whether it was planned.
async fn answered(hub: &Hub, schema: &HubSchema, who: &Actor, document: &str, variables: &Value) -> (String, bool) {
    let Value::Object(variables) = variables.clone() else { panic!("variables are an object") };
    let request = Request::new(document).variables(graphql::variables(variables));
    let answer = graphql::respond(schema, hub.app.session(who.clone()), request).await;
    let is_planned = matches!(answer, Answer::Planned(_));
    (String::from_utf8(answer.into_body()).unwrap(), is_planned)
}

#[tokio::test]
async fn a_planned_answer_is_the_executors_byte_for_byte() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        let known = seeded(&hub, &store).await;
        let (on, off) = (schema(Planner::On), schema(Planner::Off));
        let (mut asked, mut planned, mut with_data) = (0, 0, 0);
        for (of, set) in sets().into_iter().enumerate() {
            let hub = hub.under(set).await;
            for (at, who) in roles().into_iter().enumerate() {
                let mut documents = Documents::new((of * 100 + at) as u64, &known);
                for _ in 0..DOCUMENTS {
                    let (document, variables) = documents.next();
                    let (ours, is_planned) = answered(&hub, &on, &who, &document, &variables).await;
                    let (theirs, is_executed) = answered(&hub, &off, &who, &document, &variables).await;
                    assert_eq!(ours, theirs, "{}: {document} {variables}", who.subject());
                    assert!(!is_executed, "the planner is off");
                    let is_whole = !theirs.contains("\"errors\":");
                    assert_eq!(is_planned, is_whole, "{}: {document} {variables} {theirs}", who.subject());
                    asked += 1;
                    planned += usize::from(is_planned);
                    with_data += usize::from(is_planned && theirs.len() > 400);
                }
            }
        }
        assert!(planned * 10 > asked * 7, "{planned} of {asked} were planned");
        assert!(with_data * 5 > asked, "{with_data} of {asked} say something");
    })
    .await;
}

#[tokio::test]
async fn what_is_planned_is_audited_as_what_is_executed() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        let known = seeded(&hub, &store).await;
        let hub = audited(&hub, AuditReads::All).await;
        let (on, off) = (schema(Planner::On), schema(Planner::Off));
        let (mut seen, mut entries) = (0, 0);
        let written = async |since: i64| {
            let sql = "select a.seq, a.actor, a.action, a.target, a.detail,
                              (select count(*) from audit_subject s where s.seq = a.seq)
                       from audit a where a.seq > $1 order by a.seq";
            let rows = hub.app.store().fetch(sql, args![since]).await.unwrap();
            let last = rows.last().map_or(since, |row| row.int(0).unwrap());
            let told = rows.iter().map(|row| {
                let texts = [1, 2, 3].map(|at| row.text(at).unwrap());
                (texts, row.opt_text(4).unwrap(), row.int(5).unwrap())
            });
            (last, told.collect::<Vec<_>>())
        };
        for (at, who) in roles().into_iter().enumerate() {
            let mut documents = Documents::new(7_000 + at as u64, &known);
            for _ in 0..12 {
                let (document, variables) = documents.next();
                let (since, _) = written(seen).await;
                answered(&hub, &off, &who, &document, &variables).await;
                let (between, theirs) = written(since).await;
                answered(&hub, &on, &who, &document, &variables).await;
                let (until, ours) = written(between).await;
                assert_eq!(ours, theirs, "{}: {document} {variables}", who.subject());
                entries += ours.len();
                seen = until;
            }
        }
        assert!(entries > 40, "{entries} entries");
    })
    .await;
}

#[tokio::test]
async fn every_field_that_is_one_value_is_planned() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        let known = seeded(&hub, &store).await;
        let (on, off) = (schema(Planner::On), schema(Planner::Off));
        let documents = documents::one_by_one(&known.customers[0]);
        assert!(documents.len() > 80, "{} fields", documents.len());
        for document in documents {
            let (ours, is_planned) = answered(&hub, &on, &everyone(), &document, &json!({})).await;
            assert!(is_planned, "{document} is not planned: {ours}");
            assert_eq!(ours, answered(&hub, &off, &everyone(), &document, &json!({})).await.0, "{document}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_the_planner_does_not_know_the_executor_answers_as_before() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        let known = seeded(&hub, &store).await;
        let (on, off) = (schema(Planner::On), schema(Planner::Off));
        let id = &known.customers[0];
        for document in [
            "{ viewer { subject } customers { totalCount } }".to_owned(),
            format!("{{ customer(id: \"{id}\") {{ id sourceRecords {{ totalCount }} }} }}"),
            format!("{{ customer(id: \"{id}\", knownAt: \"1970-01-01T00:20:00Z\") {{ id }} }}"),
            format!("{{ customer(id: \"{id}\") {{ invoices(first: 1, after: \"x\") {{ totalCount }} }} }}"),
            format!("{{ customer(id: \"{id}\") {{ invoices(filter: {{status: [OPEN]}}) {{ totalCount nodes {{ id }} }} }} }}"),
            format!("{{ customer(id: \"{id}\") {{ invoices(orderBy: TOTAL_ASC) {{ nodes {{ id }} }} }} }}"),
            format!("{{ customer(id: \"{id}\") {{ invoices(first: 201) {{ totalCount }} }} }}"),
            format!("{{ customer(id: \"{id}\") {{ invoices {{ nodes {{ number customer {{ id }} }} }} }} }}"),
            format!("{{ customer(id: \"{id}\") {{ id ... on Person {{ id }} }} }}"),
            format!("query($yes: Boolean!) {{ customer(id: \"{id}\") {{ id @include(if: $yes) }} }}"),
            "query A { customers { totalCount } } query B { viewer { subject } }".to_owned(),
            "{ customer(id: \"record_00000000000000000000000000000007\") { id } }".to_owned(),
            "{ customer(id: \"nobody\") { id } }".to_owned(),
            "{ customers(first: 201) { totalCount } }".to_owned(),
            "{ customers(first: 1, last: 1) { totalCount } }".to_owned(),
            "{ customers { nosuch } }".to_owned(),
            "{ __schema { queryType { name } } }".to_owned(),
            "mutation { nosuch }".to_owned(),
        ] {
            let variables = json!({"yes": true});
            let variables = if document.contains("$yes") { variables } else { json!({}) };
            let (ours, is_planned) = answered(&hub, &on, &everyone(), &document, &variables).await;
            assert!(!is_planned, "{document} is planned: {ours}");
            assert_eq!(ours, answered(&hub, &off, &everyone(), &document, &variables).await.0, "{document}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_plan_is_made_ready_anew_for_other_rights() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        let known = seeded(&hub, &store).await;
        let (on, off) = (schema(Planner::On), schema(Planner::Off));
        let document =
            "query($n: Int) { customers { nodes { id displayName email restrictions { path } invoices(first: $n) {
                        totalCount nodes { number status } pageInfo { hasNextPage } } } } }";
        let sets: Vec<Hub> = futures_util::future::join_all(sets().into_iter().map(|set| hub.under(set))).await;
        let mut answers = BTreeSet::new();
        // More than are kept, again and again, so that some were put aside before they are asked for once more.
        for round in 0..3 {
            for (hub, who) in sets.iter().flat_map(|hub| roles().into_iter().map(move |who| (hub, who))) {
                for n in [round, 1, 200] {
                    let variables = json!({"n": n});
                    let (ours, is_planned) = answered(hub, &on, &who, document, &variables).await;
                    assert!(is_planned);
                    assert_eq!(ours, answered(hub, &off, &who, document, &variables).await.0, "{}", who.subject());
                    answers.insert(ours);
                }
            }
        }
        assert!(answers.len() > 12, "roles are answered differently");
        assert!(!known.customers.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_customer_is_one_statement_and_a_page_two_however_much_is_nested() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        let known = seeded(&hub, &store).await;
        let on = schema(Planner::On);
        let whole = "id displayName email restrictions { path } invoices(first: 2) { totalCount nodes { number total { amount } } }
                     tickets { nodes { subject } pageInfo { hasNextPage endCursor } }";
        let listed = hub.data(&everyone(), "{ customers(first: 1) { nodes { id } } }", json!({})).await;
        let standing = &listed["customers"]["nodes"][0]["id"];
        for (document, statements) in [
            (format!("{{ customer(id: {standing}) {{ {whole} }} }}"), 1),
            // An id that is no customer's may be one that leads to a customer.
            (format!("{{ customer(id: \"{}\") {{ {whole} }} }}", known.customers[0]), 2),
            (format!("{{ customers {{ nodes {{ {whole} }} }} }}"), 2),
            (format!("{{ customers {{ totalCount nodes {{ {whole} }} }} }}"), 3),
            ("{ customers { nodes { id version } } }".to_owned(), 1),
        ] {
            let before = store.statements();
            let (answer, is_planned) = answered(&hub, &on, &everyone(), &document, &json!({})).await;
            assert!(is_planned, "{document}: {answer}");
            assert_eq!(store.statements() - before, statements, "{document}");
        }
    })
    .await;
}
