//! Who may not read a field as it is chooses and orders by it nowhere: what is left and in which order would tell what is hidden.

use super::hub::*;
use super::lists::everything;
use super::rights_matrix::lists::{LISTS, uses};
use super::rights_walk::SEES_ALL;
use super::story::{filled, party_id};
use crate::harness::on_both;
use onefold::args;
use onefold::auth::Actor;
use onefold_model::RecordKind;
use serde_json::{Value, json};
use std::fmt::Write;

const FORBIDDEN: &str = "FIELD_FORBIDDEN";

/// Everything but this, for everybody.
async fn without(hub: &Hub, unless: &str) -> Hub {
    hub.under(policies(&[("own.cedar", format!("{SEES_ALL} unless {{ {unless} }};"))])).await
}

/// The code of a refusal; nothing where there is an answer.
async fn code(hub: &Hub, who: &Actor, document: &str) -> Option<String> {
    hub.refusals(who, document, json!({})).await.first().map(|(code, _)| code.clone())
}

#[tokio::test]
async fn a_hidden_field_is_chosen_and_ordered_by_nowhere() {
    on_both(|store| async move {
        let all = everything(&store).await;
        filled(&all, 1).await;
        let customer = all.customer(party_id("stripe", 0)).await.to_string();
        let mut walked = 0;
        for (of, list) in LISTS {
            // One half and then the other, so that the type itself is still shown.
            for half in [0, 1] {
                let governed: Vec<_> = uses().into_iter().filter(|one| one.of == of).collect();
                let mut paths: Vec<&String> = governed.iter().filter_map(|one| one.path.as_ref()).collect();
                paths.sort();
                paths.dedup();
                let hidden: Vec<&String> = paths.into_iter().skip(half).step_by(2).collect();
                let named: Vec<String> = hidden.iter().map(|path| format!("Onefold::Field::\"{path}\"")).collect();
                let hub = without(&all, &format!("resource in [{}]", named.join(", "))).await;
                for one in &governed {
                    let is_hidden = one.path.as_ref().is_some_and(|path| hidden.contains(&path));
                    let expected = is_hidden.then(|| FORBIDDEN.to_owned());
                    let asked = &one.asked;
                    for document in [
                        format!("{{ {list}({asked}) {{ nodes {{ id }} }} }}"),
                        format!("{{ {list}({asked}) {{ totalCount }} }}"),
                    ] {
                        assert_eq!(code(&hub, &billing(), &document).await, expected, "{document}");
                    }
                    if of != "Campaign" {
                        for document in [
                            format!("{{ {list}(customer: {customer:?}, {asked}) {{ totalCount }} }}"),
                            format!(
                                "{{ customer(id: {customer:?}) {{ {list}({asked}) {{ totalCount nodes {{ id }} }} }} }}"
                            ),
                        ] {
                            assert_eq!(code(&hub, &support(), &document).await, expected, "{document}");
                        }
                    }
                    walked += usize::from(is_hidden);
                }
            }
        }
        assert!(walked > 100, "{walked} uses of hidden fields");
    })
    .await;
}

/// One department's rows are enough: which of them are left would tell of theirs.
#[tokio::test]
async fn a_field_that_one_owner_hides_is_chosen_by_for_nobodys_rows() {
    on_both(|store| async move {
        let all = everything(&store).await;
        filled(&all, 1).await;
        let theirs =
            json!({"number": "Z-1", "customer": {"stream": "customers", "externalId": "c0"}, "status": "OPEN"});
        all.push("zendesk", vec![put(RecordKind::Invoice, "invoices", "z1", theirs)]).await;
        let hub = without(
            &all,
            "resource in [Onefold::Field::\"Invoice.number\"] && resource.owner == Onefold::Department::\"billing\"",
        )
        .await;
        for who in [billing(), support()] {
            let by_number = "{ invoices(filter: {number: {startsWith: \"Z\"}}) { nodes { number } } }";
            assert_eq!(code(&hub, &who, by_number).await.as_deref(), Some(FORBIDDEN));
            assert_eq!(
                code(&hub, &who, "{ invoices(orderBy: NUMBER_ASC) { totalCount } }").await.as_deref(),
                Some(FORBIDDEN)
            );
            let by_status =
                "{ invoices(filter: {status: [OPEN]}, orderBy: STATUS_ASC) { totalCount nodes { number } } }";
            let seen = hub.data(&who, by_status, json!({})).await;
            let numbers = seen["invoices"]["nodes"].as_array().unwrap().iter().map(|node| &node["number"]);
            assert_eq!(numbers.filter(|number| number.is_string()).collect::<Vec<_>>(), [&json!("Z-1")]);
        }
    })
    .await;
}

/// A mask leaves a part of a value: its beginning, its end. A condition would find out the rest letter by letter.
#[tokio::test]
async fn a_masked_field_is_chosen_and_ordered_by_nowhere() {
    on_both(|store| async move {
        let all = everything(&store).await;
        filled(&all, 2).await;
        let masked =
            "@id(\"m\") @mask(\"lastFour\") permit (principal, action == Onefold::Action::\"readMasked\", resource);";
        let field = "resource in [Onefold::Field::\"Ticket.subject\", Onefold::Field::\"Payment.amount\"]";
        let text = format!("{masked} {SEES_ALL} unless {{ {field} }};");
        let hub = all.under(policies(&[("own.cedar", text)])).await;
        let shown = hub.data(&support(), "{ tickets { nodes { subject } } }", json!({})).await;
        assert!(shown["tickets"]["nodes"][0]["subject"].as_str().is_some_and(|text| text.contains('…')), "{shown}");
        for who in [billing(), support(), marketing()] {
            for asked in [
                "tickets(filter: {subject: {equals: \"Where is it?\"}})",
                "tickets(filter: {subject: {contains: \"is\"}})",
                "tickets(filter: {subject: {isNull: true}})",
                "tickets(filter: {number: {isNull: false}, subject: {oneOf: []}})",
                "tickets(orderBy: SUBJECT_DESC)",
                "payments(filter: {amount: {currency: \"EUR\"}})",
                "payments(filter: {amount: {atLeast: \"12.30\"}})",
                "payments(orderBy: AMOUNT_ASC)",
            ] {
                let of_all = code(&hub, &who, &format!("{{ {asked} {{ totalCount }} }}")).await;
                let of_each =
                    code(&hub, &who, &format!("{{ customers {{ nodes {{ {asked} {{ nodes {{ id }} }} }} }} }}")).await;
                assert_eq!([of_all.as_deref(), of_each.as_deref()], [Some(FORBIDDEN); 2], "{asked}");
            }
            let by_others = "{ tickets(filter: {number: {isNull: false}}, orderBy: OPENED_AT_ASC) { totalCount } }";
            assert_eq!(hub.data(&who, by_others, json!({})).await["tickets"]["totalCount"], 2);
        }
    })
    .await;
}

/// With the shipped policies: what a department sees of another is neither chosen nor counted by, and what it may not see at all
/// is null as everywhere.
#[tokio::test]
async fn shipped_roles_choose_by_what_they_read_and_by_nothing_else() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 2).await;
        let (mut refused, mut answered, mut absent) = (0, 0, 0);
        for who in [billing(), support(), marketing(), steward(), actor(&["nowhere"], &["operator"])] {
            let session = hub.app.session(who.clone());
            for one in uses() {
                let Some(path) = &one.path else { continue };
                let (of, field) = path.split_once('.').unwrap();
                let list = LISTS.iter().find(|(known, _)| *known == of).unwrap().1;
                let document = format!("{{ {list}({}) {{ totalCount nodes {{ id }} }} }}", one.asked);
                let answer = hub.ask(&who, &document, json!({})).await;
                let code = answer["errors"][0]["extensions"]["code"].as_str();
                let may = session.scope().field_any_owner(of, field).is_read();
                if !session.shows_type(of) {
                    assert_eq!((code, &answer["data"][list]), (None, &Value::Null), "{} {document}", who.subject());
                    absent += 1;
                } else if may {
                    assert_eq!(code, None, "{} {document}", who.subject());
                    answered += 1;
                } else {
                    assert_eq!(code, Some(FORBIDDEN), "{} {document}", who.subject());
                    refused += 1;
                }
            }
        }
        eprintln!("{:?}: {answered} answered, {refused} refused, {absent} absent", store.dialect());
        assert!(answered > 50 && refused > 20 && absent > 20, "{answered} {refused} {absent}");
    })
    .await;
}

#[tokio::test]
async fn a_refused_use_is_written_down_once_for_all_customers_of_a_document() {
    on_both(|store| async move {
        let all = everything(&store).await;
        filled(&all, 3).await;
        let hub = without(&all, "resource in [Onefold::Field::\"Invoice.total\"]").await;
        let mut document = String::new();
        for n in 0..3 {
            let id = all.customer(party_id("stripe", n)).await.to_string();
            let _ = write!(
                document,
                "dear{n}: customer(id: {id:?}) {{ invoices(filter: {{total: {{atLeast: \"50\"}}}}) {{ totalCount nodes {{ id }} }} }}
                 all{n}: customer(id: {id:?}) {{ invoices {{ totalCount }} }} "
            );
        }
        let answer = hub.ask(&billing(), &format!("{{ {document} }}"), json!({})).await;
        let errors = answer["errors"].as_array().unwrap();
        assert!(errors.len() == 3 && errors.iter().all(|error| error["extensions"]["code"] == FORBIDDEN), "{errors:?}");
        for n in 0..3 {
            assert_eq!(answer["data"][format!("dear{n}")], Value::Null);
            let other = &answer["data"][format!("all{n}")]["invoices"]["totalCount"];
            assert!(other.as_i64().is_some(), "another list is answered: {answer}");
        }
        hub.ask(&billing(), "{ invoices(orderBy: TOTAL_ASC) { totalCount } }", json!({})).await;
        let sql = "select target from audit where action = 'right.refused' order by seq";
        let rows = store.fetch(sql, args![]).await.unwrap();
        let told: Vec<String> = rows.iter().map(|row| row.text(0).unwrap()).collect();
        assert_eq!(told, ["Invoice.total in filter", "Invoice.total in orderBy"]);
    })
    .await;
}

/// Rows that a policy hides are neither left by a condition nor counted.
#[tokio::test]
async fn hidden_rows_are_not_found_by_any_condition() {
    on_both(|store| async move {
        let all = everything(&store).await;
        filled(&all, 2).await;
        let rows = "@id(\"see\") permit (principal in Onefold::Department::\"billing\", action == Onefold::Action::\"see\", resource is Onefold::Invoice)
            when { resource.status != \"PAID\" };";
        let hub = all.under(policies(&[("own.cedar", format!("{SEES_ALL}; {rows}"))])).await;
        let by = |filter: &str| format!("{{ invoices(filter: {{{filter}}}) {{ totalCount nodes {{ status }} }} }}");
        for (filter, left) in [
            ("status: [PAID]", 0),
            ("number: {startsWith: \"INV\"}", 0),
            ("total: {atMost: \"12.30\"}", 0),
            ("status: [OPEN, PAID]", 2),
        ] {
            let seen = hub.data(&billing(), &by(filter), json!({})).await;
            assert_eq!(seen["invoices"]["totalCount"], json!(left), "{filter}");
            assert_eq!(seen["invoices"]["nodes"].as_array().unwrap().len(), left, "{filter}");
            let whole = all.data(&billing(), &by(filter), json!({})).await;
            assert_eq!(whole["invoices"]["totalCount"], json!(if filter.contains("OPEN") { 4 } else { 2 }), "{filter}");
        }
    })
    .await;
}
