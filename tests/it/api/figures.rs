//! Figures over many: they are what one gets by reading every row and counting, and nobody gets one of what is hidden.

use super::hub::*;
use super::story::filled;
use crate::harness::on_both;
use onefold::auth::{Actor, default_policies};
use onefold_model::RecordKind;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// By word, how many customers have it: read one by one.
async fn counted(hub: &Hub, who: &Actor, filter: &str, words: impl Fn(&Value) -> BTreeSet<String>) -> Value {
    let document = format!(
        "{{ customers(first: 200{filter}) {{ nodes {{ __typename tags addresses {{ country region }}
             sourceRecords(first: 50) {{ nodes {{ source {{ key department }} }} }} }} }} }}"
    );
    let data = hub.data(who, &document, json!({})).await;
    let mut counts: BTreeMap<String, i64> = BTreeMap::new();
    for customer in data["customers"]["nodes"].as_array().unwrap() {
        for word in words(customer) {
            *counts.entry(word).or_default() += 1;
        }
    }
    let mut counts: Vec<(String, i64)> = counts.into_iter().collect();
    counts.sort_by(|(one, count), (other, others)| others.cmp(count).then(one.cmp(other)));
    counts.into_iter().map(|(value, count)| json!({"value": value, "count": count})).collect()
}

fn texts<'a>(values: &'a Value, read: impl Fn(&'a Value) -> &'a Value) -> BTreeSet<String> {
    values.as_array().into_iter().flatten().filter_map(|value| read(value).as_str().map(str::to_owned)).collect()
}

async fn facet(hub: &Hub, who: &Actor, field: &str, filter: &str) -> Value {
    let document = format!(
        "{{ customerFacets(fields: [{field}], first: 50{filter}) {{ field hasMore values {{ value count }} }} }}"
    );
    let mut data = hub.data(who, &document, json!({})).await;
    assert_eq!(
        (&data["customerFacets"][0]["field"], &data["customerFacets"][0]["hasMore"]),
        (&json!(field), &json!(false))
    );
    data["customerFacets"][0]["values"].take()
}

#[tokio::test]
async fn a_facet_is_what_one_counts_by_reading_every_customer() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 5).await;
        let who = everyone();
        for filter in ["", ", filter: {nameStartsWith: \"r\"}", ", filter: {department: \"billing\", minRecords: 2}"] {
            let kind = |customer: &Value| BTreeSet::from([customer["__typename"].as_str().unwrap().to_uppercase()]);
            assert_eq!(facet(&hub, &who, "KIND", filter).await, counted(&hub, &who, filter, kind).await, "{filter}");
            for (field, column) in [("DEPARTMENT", "department"), ("SOURCE", "key")] {
                let words =
                    |customer: &Value| texts(&customer["sourceRecords"]["nodes"], |node| &node["source"][column]);
                let expected = counted(&hub, &who, filter, words).await;
                assert_eq!(facet(&hub, &who, field, filter).await, expected, "{field} {filter}");
            }
            for (field, column) in [("COUNTRY", "country"), ("REGION", "region")] {
                let words = |customer: &Value| texts(&customer["addresses"], |address| &address[column]);
                let expected = counted(&hub, &who, filter, words).await;
                assert_eq!(facet(&hub, &who, field, filter).await, expected, "{field} {filter}");
            }
            let tags = |customer: &Value| texts(&customer["tags"], |tag| tag);
            let expected = counted(&hub, &who, filter, tags).await;
            assert_eq!(facet(&hub, &who, "TAG", filter).await, expected, "{filter}");
            assert!(filter.len() > 1 || expected.as_array().unwrap().len() > 2, "too few words to tell: {expected}");
        }
        // Each word of a facet chooses as many as it counts.
        for (field, argument) in [("COUNTRY", "country"), ("TAG", "tag"), ("DEPARTMENT", "department")] {
            let values = facet(&hub, &who, field, "").await;
            for word in values.as_array().unwrap() {
                let document = format!("{{ customers(filter: {{{argument}: {}}}) {{ totalCount }} }}", word["value"]);
                let data = hub.data(&who, &document, json!({})).await;
                assert_eq!(data["customers"]["totalCount"], word["count"], "{document}");
            }
        }
        let nobody = hub.data(&who, "{ customers(filter: {region: \"Atlantis\"}) { totalCount } }", json!({})).await;
        assert_eq!(nobody["customers"]["totalCount"], json!(0));
        let first = "{ customerFacets(fields: [TAG, KIND], first: 1) { hasMore values { value } } }";
        let data = hub.data(&who, first, json!({})).await;
        assert_eq!(data["customerFacets"][0]["hasMore"], json!(true));
        assert_eq!(data["customerFacets"][0]["values"].as_array().unwrap().len(), 1);
    })
    .await;
}

/// Bills over months and states, one of them in another currency, one without an amount, one that is too large to be summed.
async fn bill(hub: &Hub) {
    let amounts = [
        ("12.30", "EUR", "PAID", "2026-01-31T23:59:59Z"),
        ("0.005", "EUR", "PAID", "2026-02-01T00:00:00Z"),
        ("99.95", "EUR", "OPEN", "2026-02-14T12:00:00Z"),
        ("-7", "EUR", "PAID", "1969-12-31T23:59:59.5Z"),
        ("1200", "JPY", "OPEN", "2026-02-14T12:00:00Z"),
        ("9000000000000", "EUR", "OPEN", "2026-03-01T00:00:00Z"),
        ("9000000000000", "EUR", "OPEN", "2026-03-02T00:00:00Z"),
    ];
    let whose = |n: usize| json!({"stream": "customers", "externalId": format!("c{}", n % 2)});
    let mut records: Vec<_> = amounts
        .iter()
        .enumerate()
        .map(|(n, (amount, currency, status, at))| {
            let total = json!({"amount": amount, "currency": currency});
            let data = json!({"customer": whose(n), "status": status, "issuedAt": at, "total": total});
            put(RecordKind::Invoice, "invoices", &format!("sum{n}"), data)
        })
        .collect();
    let without = json!({"customer": whose(0), "status": "DRAFT", "issuedAt": "2026-02-02T00:00:00Z"});
    records.push(put(RecordKind::Invoice, "invoices", "without", without));
    hub.push("stripe", records).await;
}

async fn sums(hub: &Hub, who: &Actor, arguments: &str) -> Vec<(String, i64, String)> {
    let document = format!(
        "{{ amountSums(of: INVOICE_TOTAL{arguments}) {{ sum {{ amount currency }} count status month department source }} }}"
    );
    let data = hub.data(who, &document, json!({})).await;
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let row = |row: &Value| {
        let groups = ["status", "month", "department", "source"].map(|group| text(&row[group])).join(" ");
        let sum = format!("{} {}", text(&row["sum"]["amount"]), text(&row["sum"]["currency"]));
        (groups, row["count"].as_i64().unwrap(), sum)
    };
    data["amountSums"].as_array().unwrap().iter().map(row).collect()
}

fn row(groups: &str, count: i64, sum: &str) -> (String, i64, String) {
    (groups.to_owned(), count, sum.to_owned())
}

#[tokio::test]
async fn amounts_are_summed_exactly_by_currency_and_group() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        hub.push(
            "stripe",
            vec![put(RecordKind::Party, "customers", "c0", json!({"kind": "PERSON", "displayName": "Ada"}))],
        )
        .await;
        hub.push(
            "stripe",
            vec![put(RecordKind::Party, "customers", "c1", json!({"kind": "PERSON", "displayName": "Berta"}))],
        )
        .await;
        bill(&hub).await;
        hub.fold().await;
        let who = billing();
        let all = [row("- - - -", 6, "18000000000105.255 EUR"), row("- - - -", 1, "1200 JPY")];
        assert_eq!(sums(&hub, &who, "").await, all);
        let by_state = [
            row("OPEN - - -", 3, "18000000000099.95 EUR"),
            row("OPEN - - -", 1, "1200 JPY"),
            row("PAID - - -", 3, "5.305 EUR"),
        ];
        assert_eq!(sums(&hub, &who, ", by: [STATUS, STATUS]").await, by_state);
        let paid = [
            row("- 1969-12 billing stripe", 1, "-7.00 EUR"),
            row("- 2026-01 billing stripe", 1, "12.30 EUR"),
            row("- 2026-02 billing stripe", 1, "0.005 EUR"),
        ];
        let arguments = ", by: [MONTH, DEPARTMENT, SOURCE], filter: {statuses: [\"PAID\", \"VOID\"]}";
        assert_eq!(sums(&hub, &who, arguments).await, paid);
        let february =
            ", filter: {since: \"2026-02-01T00:00:00Z\", before: \"2026-03-01T00:00:00Z\", source: \"stripe\"}";
        assert_eq!(sums(&hub, &who, february).await, [row("- - - -", 2, "99.955 EUR"), row("- - - -", 1, "1200 JPY")]);
        for nothing in [", filter: {statuses: []}", ", filter: {department: \"support\"}"] {
            assert_eq!(sums(&hub, &who, nothing).await, [], "{nothing}");
        }
        let ada = hub.customer(record_id("stripe", "customers", "c0")).await;
        let of_ada = format!(", filter: {{customer: {:?}, before: \"2026-03-01T00:00:00Z\"}}", ada.to_string());
        assert_eq!(sums(&hub, &who, &of_ada).await, [row("- - - -", 2, "112.25 EUR"), row("- - - -", 1, "1200 JPY")]);
        let wrong = "{ amountSums(of: INVOICE_TOTAL, filter: {customer: \"garbage\"}) { count } }";
        assert_eq!(hub.refusals(&who, wrong, json!({})).await[0].0, "ID_MALFORMED");
    })
    .await;
}

#[tokio::test]
async fn no_figure_tells_of_what_its_reader_may_not_read() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 3).await;
        let none = hub.data(&marketing(), "{ amountSums(of: INVOICE_TOTAL) { count } }", json!({})).await;
        assert_eq!(none["amountSums"], Value::Null);
        for (who, document) in [
            (marketing(), "{ customerFacets(fields: [KIND, COUNTRY]) { values { value } } }"),
            (marketing(), "{ customerFacets(fields: [REGION]) { values { value } } }"),
            // Support reads numbers, states and dates of bills, and no amounts.
            (support(), "{ amountSums(of: INVOICE_TOTAL) { count } }"),
            (support(), "{ amountSums(of: INVOICE_TOTAL, by: [STATUS]) { count } }"),
        ] {
            assert_eq!(hub.refusals(&who, document, json!({})).await[0].0, "FIELD_FORBIDDEN", "{document}");
            let noted = "{ auditEntries(first: 1, filter: {action: \"right.refused\"}) { nodes { target } } }";
            let noted = hub.data(&actor(&["legal"], &["privacy"]), noted, json!({})).await;
            let target = noted["auditEntries"]["nodes"][0]["target"].as_str().unwrap_or_default().to_owned();
            assert!(target.ends_with("in a facet") || target.ends_with("in a sum"), "{document}: {target}");
        }
        let filtered = "{ customerFacets(fields: [KIND], filter: {nameStartsWith: \"r\"}) { values { count } } }";
        let listed = "{ customers(filter: {nameStartsWith: \"r\"}) { totalCount } }";
        for who in [marketing(), support(), billing()] {
            let (facet, list) =
                (hub.refusals(&who, filtered, json!({})).await, hub.refusals(&who, listed, json!({})).await);
            assert_eq!(facet, list, "a facet is filtered by whoever may filter a list");
        }
    })
    .await;
}

#[tokio::test]
async fn hidden_rows_are_in_no_figure() {
    on_both(|store| async move {
        let rules = r#"
            @id("everybody.no-staff")
            forbid (principal, action == Onefold::Action::"see", resource is Onefold::Customer)
            when { resource.tags.contains("staff") };
            @id("billing.no-drafts")
            forbid (principal, action == Onefold::Action::"see", resource is Onefold::Invoice)
            when { resource.status == "OPEN" };
        "#;
        let mut files = default_policies(&departments());
        files.push(("rows.cedar".to_owned(), rules.to_owned()));
        let hub = Hub::open(&store).await;
        for (key, tags) in [("c0", vec!["staff", "tall"]), ("c1", vec!["tall"])] {
            let party = json!({"kind": "PERSON", "displayName": key, "tags": tags});
            hub.push("stripe", vec![put(RecordKind::Party, "customers", key, party)]).await;
        }
        bill(&hub).await;
        hub.fold().await;
        let guarded = hub.under(policies(&files)).await;
        let who = everyone();
        assert_eq!(facet(&guarded, &who, "TAG", "").await, json!([{"value": "tall", "count": 1}]));
        // Of Berta's three, two are open.
        assert_eq!(sums(&guarded, &who, "").await, [row("- - - -", 2, "-6.995 EUR")]);
    })
    .await;
}
