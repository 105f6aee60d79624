//! What those who write policies have: to ask why, to look through other eyes, and to put new policies in place.

use super::hub::*;
use super::served::{NOW, SECRET, Served, answer, tokens};
use super::story::{filled, party_id};
use crate::harness::on_both;
use crate::store::fixture::time;
use onefold::auth::{Actor, MintRequest, default_policies};
use onefold_model::DepartmentKey;
use serde_json::{Value, json};
use std::time::Duration;

/// Somebody who may administer every department, and is a member of Billing.
fn author() -> Actor {
    actor(&["billing"], &["operator"])
}

const EXPLAIN: &str = "query($departments: [String!]!, $id: ID, $paths: [String!]!) {
    explainAccess(departments: $departments, id: $id, paths: $paths) {
      path owner verdict mask change policies { id file line } nearby { id } } }";

async fn explain(hub: &Hub, who: &Actor, variables: Value) -> Vec<Value> {
    hub.data(who, EXPLAIN, variables).await["explainAccess"].as_array().unwrap().clone()
}

#[tokio::test]
async fn access_is_explained_with_the_policy_its_line_and_what_would_change_it() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 1).await;
        let paths = ["Customer.birthDate", "Invoice.total", "Ticket.subject", "SourceRecord.raw"];
        let found = explain(&hub, &author(), json!({"departments": ["support"], "paths": paths})).await;
        assert_eq!(found.len(), paths.len() * 3, "for every owner");
        let of = |path: &str, owner: &str| {
            found.iter().find(|one| one["path"] == path && one["owner"] == owner).unwrap().clone()
        };
        let birth = of("Customer.birthDate", "billing");
        assert_eq!((&birth["verdict"], &birth["mask"]), (&json!("MASKED"), &json!("yearOnly")));
        assert_eq!(birth["policies"][0]["id"], "support.birth-year");
        let line = usize::try_from(birth["policies"][0]["line"].as_u64().unwrap()).unwrap();
        let file = include_str!("../../../schema/policy/support.cedar");
        assert_eq!(file.lines().nth(line - 1), Some("@id(\"support.birth-year\")"));
        let total = of("Invoice.total", "billing");
        assert_eq!((&total["verdict"], &total["policies"]), (&json!("HIDDEN"), &json!([])));
        assert!(total["nearby"].as_array().unwrap().contains(&json!({"id": "support.invoice-state"})), "{total}");
        assert!(total["change"].as_str().unwrap().contains("Onefold::Field::\"Invoice.total\""), "{total}");
        assert_eq!(of("Ticket.subject", "support")["verdict"], "READ");
        assert_eq!(of("SourceRecord.raw", "support")["verdict"], "READ");
        let raw = of("SourceRecord.raw", "billing");
        assert_eq!(raw["verdict"], "HIDDEN");
        assert!(raw["change"].as_str().unwrap().starts_with("it is shown where it comes from support"), "{raw}");
    })
    .await;
}

#[tokio::test]
async fn an_object_narrows_the_owners_only_where_the_author_may_see_it() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 1).await;
        let invoice = record_id("stripe", "invoices", "i0").to_string();
        let ask = json!({"departments": ["support"], "id": invoice, "paths": ["Invoice.total"]});
        let owners = |found: Vec<Value>| found.iter().map(|one| one["owner"].clone()).collect::<Vec<_>>();
        assert_eq!(owners(explain(&hub, &author(), ask.clone()).await), ["billing"]);
        let blind = actor(&["nowhere"], &["operator"]);
        assert_eq!(owners(explain(&hub, &blind, ask).await).len(), 3, "as of an object that does not exist");
    })
    .await;
}

#[tokio::test]
async fn only_who_administers_every_department_may_ask_about_others() {
    on_both(|store| async move {
        let one = r#"@id("one.admin") permit (principal in Onefold::Role::"deputy", action == Onefold::Action::"administer",
            resource == Onefold::Department::"billing");"#;
        let mut files = default_policies(&departments());
        files.push(("own.cedar".to_owned(), one.to_owned()));
        let hub = Hub::with(&store, policies(&files), onefold::identity::Identity::default()).await;
        let documents = [
            "{ explainAccess(departments: [\"support\"], paths: [\"Invoice.total\"]) { verdict } }",
            "{ viewAs(departments: [\"support\"]) { fields { path } } }",
            "{ policyStatus { generation } }",
        ];
        for who in [billing(), steward(), actor(&["billing"], &["deputy"]), actor(&["billing"], &["privacy"])] {
            for document in documents {
                let refused = hub.refusals(&who, document, json!({})).await;
                assert_eq!(refused[0].0, "FORBIDDEN", "{} {document}", who.subject());
            }
        }
        for document in documents {
            assert_eq!(hub.refusals(&author(), document, json!({})).await, [], "{document}");
        }
        for (document, near) in [
            ("{ explainAccess(departments: [\"suport\"], paths: [\"Invoice.total\"]) { verdict } }", "\"support\"?"),
            ("{ explainAccess(departments: [\"support\"], paths: [\"Invoice.totl\"]) { verdict } }", "\"Invoice.total\"?"),
            ("{ viewAs(departments: [\"Not a key\"]) { fields { path } } }", "departments"),
        ] {
            let refused = hub.refusals(&author(), document, json!({})).await;
            assert_eq!(refused[0].0, "INVALID_INPUT");
            assert!(refused[0].1.contains(near), "{refused:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_view_has_every_verdict_and_no_value() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 1).await;
        let document = "{ viewAs(departments: [\"marketing\"]) {
            fields { path owner verdict mask } actions { action department allowed } } }";
        let view = hub.data(&actor(&["nowhere"], &["operator"]), document, json!({})).await["viewAs"].take();
        let scope = policies(&default_policies(&departments())).scope(&marketing());
        let fields = view["fields"].as_array().unwrap();
        for path in onefold::graphql::graph_fields().paths() {
            let (type_name, field) = path.split_once('.').unwrap();
            for owner in departments() {
                let shown = fields.iter().find(|one| {
                    one["path"] == path.as_str() && (one["owner"].is_null() || one["owner"] == owner.as_str())
                });
                let verdict = scope.field(type_name, field, Some(&owner)).to_string();
                let word = verdict.split(' ').next().unwrap().to_uppercase();
                assert_eq!(shown.unwrap()["verdict"], word.as_str(), "{path} of {owner}");
            }
        }
        let own = json!({"action": "sync", "department": "marketing", "allowed": true});
        let other = json!({"action": "sync", "department": "billing", "allowed": false});
        assert!(view["actions"].as_array().unwrap().contains(&own));
        assert!(view["actions"].as_array().unwrap().contains(&other));
    })
    .await;
}

fn author_token() -> String {
    let request = MintRequest {
        subject: "ann".to_owned(),
        departments: vec![DepartmentKey::new("billing").unwrap()],
        roles: vec!["operator".to_owned()],
        ttl: Duration::from_mins(10),
    };
    tokens(SECRET, "onefold", "onefold").mint(&request, time(NOW)).unwrap()
}

#[tokio::test]
async fn the_header_shows_what_both_may_see_and_never_more() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 1).await;
        let served = Served::start(&hub).await;
        let invoice = record_id("stripe", "invoices", "j0").to_string();
        let ticket = record_id("zendesk", "tickets", "t0").to_string();
        let query = format!(
            "{{ invoice: node(id: {invoice:?}) {{ ... on Invoice {{ number total {{ amount }} restrictions {{ path }} }} }}
                ticket: node(id: {ticket:?}) {{ ... on Ticket {{ number subject }} }} }}"
        );
        let ask = |token: String, view: Option<&'static str>, query: &str| {
            let request = served.bare("POST", "/graphql").bearer_auth(token).header("content-type", "application/json");
            let request = request.body(json!({"query": query}).to_string());
            match view {
                Some(view) => request.header("onefold-view-as", view),
                None => request,
            }
        };
        let (_, _, own) = answer(ask(author_token(), None, &query)).await;
        assert_eq!(own["data"]["invoice"]["total"], json!({"amount": "99.95"}));
        assert_eq!(own["data"]["ticket"], json!({"number": "T-0000", "subject": null}));
        let (status, _, seen) = answer(ask(author_token(), Some("departments=support; roles="), &query)).await;
        assert_eq!(status, 200, "{seen}");
        let seen_invoice = &seen["data"]["invoice"];
        assert_eq!((&seen_invoice["number"], &seen_invoice["total"]), (&json!("OPEN-0000"), &Value::Null));
        assert!(seen_invoice["restrictions"].as_array().unwrap().contains(&json!({"path": "total"})));
        assert_eq!(seen["data"]["ticket"], json!({"number": "T-0000", "subject": null}), "Support reads it, the author not");
        for (token, view, query, status, code) in [
            (Served::token(&["billing"]), "departments=support", query.as_str(), 403, "FORBIDDEN"),
            (author_token(), "departments=suport", query.as_str(), 400, "INVALID_INPUT"),
            (author_token(), "department=support", query.as_str(), 400, "BAD_REQUEST"),
            (author_token(), "support", query.as_str(), 400, "BAD_REQUEST"),
            (
                author_token(),
                "departments=support",
                "mutation { syncStart(input: {source: \"stripe\"}) { userErrors { code } } }",
                400,
                "VIEW_AS_READS_ONLY",
            ),
        ] {
            let (found, _, body) = answer(ask(token, Some(view), query)).await;
            assert_eq!((found, &body["errors"][0]["extensions"]["code"]), (status, &json!(code)), "{view} {body}");
            assert_eq!(body.get("data"), None, "{view}");
        }
        served.stop().await;
    })
    .await;
}

#[tokio::test]
async fn new_policies_hold_for_the_next_request_and_not_for_one_that_has_begun() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 1).await;
        let begun = hub.app.session(billing());
        let id = hub.customer(party_id("stripe", 0)).await;
        hub.app.policies().replace(policies(&[("none.cedar", "// nothing")]));
        let values = begun.customer_values(&[id]).await.unwrap();
        assert!(values[&id].fields.get::<String>("displayName").is_some(), "the request that has begun");
        assert_eq!(hub.customer_doc(&billing(), id, "displayName").await["displayName"], Value::Null);
        hub.app.policies().replace(policies(&default_policies(&departments())));
        hub.app.policies().refuse("a.cedar:1:1: a mistake".to_owned());
        let document = "{ policyStatus { generation count refused } }";
        let status = hub.data(&author(), document, json!({})).await["policyStatus"].take();
        assert_eq!((&status["generation"], &status["refused"]), (&json!(3), &json!("a.cedar:1:1: a mistake")));
        assert!(hub.customer_doc(&billing(), id, "displayName").await["displayName"].is_string(), "what held goes on");
    })
    .await;
}
