//! Customers chosen by what some record says of them, beside a look at every record.

use super::hub::*;
use super::story::{filled, party_id, person};
use crate::harness::on_both;
use onefold::app::IngestRecord;
use onefold_model::RecordKind;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const PEOPLE: usize = 4;

/// Fields that some records of the story have and others have not.
const FIELDS: [&str; 12] = [
    "displayName",
    "givenName",
    "middleName",
    "familyName",
    "namePrefix",
    "nameSuffix",
    "nickname",
    "company",
    "jobTitle",
    "language",
    "timeZone",
    "birthDate",
];

/// The people of whom some record is so.
fn of_whom(is_so: impl Fn(&Value) -> bool) -> BTreeSet<usize> {
    let some = |n: &usize| person(*n).iter().any(|(_, record)| record.data.as_ref().is_some_and(&is_so));
    (0..PEOPLE).filter(some).collect()
}

/// Which of the people are found; the story has others too.
async fn found(hub: &Hub, filter: &str) -> BTreeSet<usize> {
    let document = format!("{{ customers(filter: {{kind: PERSON, {filter}}}) {{ totalCount nodes {{ id }} }} }}");
    let data = hub.data(&everyone(), &document, json!({})).await;
    let nodes = data["customers"]["nodes"].as_array().unwrap().clone();
    assert_eq!(data["customers"]["totalCount"], json!(nodes.len()), "{filter}");
    let mut people = BTreeSet::new();
    for n in 0..PEOPLE {
        let id = json!({"id": hub.customer(party_id("stripe", n)).await.to_string()});
        people.extend(nodes.contains(&id).then_some(n));
    }
    people
}

#[tokio::test]
async fn a_condition_holds_of_whom_some_record_says_so() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, PEOPLE).await;
        for field in FIELDS {
            let said = person(1).into_iter().find_map(|(_, record)| record.data?[field].as_str().map(str::to_owned));
            let said = said.unwrap_or_else(|| panic!("nobody says {field}"));
            let text = |value: &Value| value[field].as_str().map(str::to_owned);
            let beginning: String = said.chars().take(3).collect();
            let within: String = said.chars().skip(1).take(3).collect();
            let like = |word: &str, is_so: fn(&str, &str) -> bool| {
                let word = word.to_ascii_lowercase();
                of_whom(|value| text(value).is_some_and(|text| is_so(&text.to_ascii_lowercase(), &word)))
            };
            for (filter, expected) in [
                (format!("{field}: {{equals: {said:?}}}"), of_whom(|value| text(value).as_deref() == Some(&said))),
                (
                    format!("{field}: {{oneOf: [{said:?}, \"?\"]}}"),
                    of_whom(|value| text(value).as_deref() == Some(&said)),
                ),
                (
                    format!("{field}: {{startsWith: {beginning:?}}}"),
                    like(&beginning, |text, word| text.starts_with(word)),
                ),
                (format!("{field}: {{contains: {within:?}}}"), like(&within, |text, word| text.contains(word))),
                (format!("{field}: {{isNull: false}}"), of_whom(|value| text(value).is_some())),
                (format!("{field}: {{equals: \"nobody's\"}}"), BTreeSet::new()),
            ] {
                assert_eq!(found(&hub, &filter).await, expected, "{filter}");
            }
            let without: BTreeSet<usize> = &(0..PEOPLE).collect() - &of_whom(|value| text(value).is_some());
            assert_eq!(found(&hub, &format!("{field}: {{isNull: true}}")).await, without, "{field}");
        }
        assert_eq!(found(&hub, "identifier: \"K-0002\"").await, BTreeSet::from([2]));
        for nothing in ["identifier: \"crm\"", "domains: {hasAny: [\"example.com\"]}", "tradeNames: {isNull: false}"] {
            assert_eq!(found(&hub, nothing).await, BTreeSet::new(), "{nothing}");
        }
        // Two conditions need not hold of the same record: Billing has the prefix, Marketing the company.
        assert_eq!(found(&hub, "namePrefix: {equals: \"Dr.\"}, company: {isNull: false}").await.len(), PEOPLE);
        let long = format!("{{ customers(filter: {{company: {{equals: {:?}}}}}) {{ totalCount }} }}", "x".repeat(201));
        assert_eq!(hub.refusals(&everyone(), &long, json!({})).await[0].0, "INVALID_INPUT");
    })
    .await;
}

#[tokio::test]
async fn what_a_source_no_longer_has_says_nothing() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, PEOPLE).await;
        assert_eq!(found(&hub, "company: {isNull: false}").await.len(), PEOPLE);
        let gone = IngestRecord {
            kind: RecordKind::Party,
            stream: "customers".to_owned(),
            external_id: "c1".to_owned(),
            data: None,
            deleted: true,
        };
        hub.push("mailchimp", vec![gone]).await;
        hub.fold().await;
        assert_eq!(found(&hub, "company: {isNull: false}").await, BTreeSet::from([0, 2, 3]));
        assert_eq!(found(&hub, "company: {isNull: true}").await, BTreeSet::from([1]));
    })
    .await;
}
