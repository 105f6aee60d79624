//! The data map and freshness through the graph: what the figures say, and that they tell nobody of what is hidden.

use super::hub::*;
use super::story::filled;
use crate::harness::on_both;
use onefold::auth::{Actor, default_policies};
use onefold::identity::Identity;
use serde_json::{Value, json};

const MAP: &str =
    "query($source: String) { dataMap(source: $source) { type field source { key department } records filled
    fillRate lastArrivalAt wins conflicts } }";
const SHALLOW: &str = "{ dataMap { type field records filled } }";
const FRESH: &str = "{ sources { key freshness { stream freshAt ageSeconds lastRunAt lastRunState } } }";

struct Map(Vec<Value>);

impl Map {
    async fn of(hub: &Hub, who: &Actor) -> Self {
        let map = hub.data(who, MAP, json!({"source": null})).await["dataMap"].take();
        Self(map.as_array().unwrap().clone())
    }

    fn entry(&self, path: &str, source: &str) -> Option<&Value> {
        let (of, field) = path.split_once('.').unwrap();
        self.0.iter().find(|entry| entry["type"] == of && entry["field"] == field && entry["source"]["key"] == source)
    }

    /// Records, filled, wins and conflicts.
    fn figures(&self, path: &str, source: &str) -> [Option<i64>; 4] {
        let entry = self.entry(path, source).unwrap_or_else(|| panic!("{path} of {source} is not there"));
        ["records", "filled", "wins", "conflicts"].map(|name| entry[name].as_i64())
    }
}

#[tokio::test]
async fn the_map_says_who_fills_what_whose_value_is_shown_and_who_disagrees() {
    on_both(|store| async move {
        let hub = Hub::with(&store, policies(&[("all.cedar", ALL)]), Identity::default()).await;
        filled(&hub, 3).await;
        let map = Map::of(&hub, &billing()).await;
        // Three people, the company and a namesake in Billing and in Support; three people in Marketing.
        assert_eq!(map.figures("Customer.birthDate", "zendesk"), [Some(5), Some(3), Some(3), Some(0)]);
        assert_eq!(map.figures("Customer.birthDate", "stripe"), [Some(5), Some(0), Some(0), Some(0)]);
        let languages = [map.figures("Customer.language", "stripe"), map.figures("Customer.language", "mailchimp")];
        assert_eq!(languages.map(|of| of[1]), [Some(3), Some(3)]);
        assert_eq!(languages[0][2].unwrap() + languages[1][2].unwrap(), 3, "each of three people shows one of the two");
        assert_eq!(languages.map(|of| of[3]), [Some(3), Some(3)], "de and en, of each of them");
        assert_eq!(map.figures("Customer.familyName", "stripe")[3], Some(0), "another spelling is no other name");
        assert_eq!(map.figures("Customer.tags", "stripe"), [Some(5), Some(3), None, None], "every label is shown");
        assert_eq!(map.figures("Invoice.total", "stripe"), [Some(6), Some(6), None, None]);
        assert!(map.entry("Invoice.total", "zendesk").is_none(), "Support has no invoices");
        let entry = map.entry("Customer.birthDate", "zendesk").unwrap();
        assert_eq!((&entry["fillRate"], &entry["source"]["department"]), (&json!(0.6), &json!("support")));
        assert!(entry["lastArrivalAt"].is_string());
        assert_eq!(map.entry("Customer.birthDate", "stripe").unwrap()["lastArrivalAt"], Value::Null);
        assert!(map.entry("Customer.email", "stripe").is_none(), "the list is what a record has");
        let won = |source| map.figures("Customer.emails", source)[2].unwrap();
        assert_eq!(won("stripe") + won("zendesk") + won("mailchimp"), 4, "three people and the company");

        let one = hub.data(&billing(), MAP, json!({"source": "zendesk"})).await["dataMap"].take();
        assert!(one.as_array().unwrap().iter().all(|entry| entry["source"]["key"] == "zendesk"));
        let before = store.statements();
        hub.data(&billing(), SHALLOW, json!({})).await;
        assert_eq!(store.statements() - before, 2, "customers are looked at where that is asked for");
    })
    .await;
}

const ALL: &str = r#"@id("all") permit (principal, action == Onefold::Action::"read", resource);"#;

#[tokio::test]
async fn the_map_tells_of_no_field_that_may_not_be_read_as_it_is() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 2).await;
        let set = policies(&default_policies(&departments()));
        for who in
            [billing(), support(), marketing(), steward(), actor(&["legal"], &["operator"]), actor(&["legal"], &[])]
        {
            let (map, scope) = (Map::of(&hub, &who).await, set.scope(&who));
            for entry in &map.0 {
                let text = |value: &Value| value.as_str().unwrap().to_owned();
                let owner = onefold_model::DepartmentKey::new(text(&entry["source"]["department"])).unwrap();
                let (of, field) = (text(&entry["type"]), text(&entry["field"]));
                assert!(scope.field(&of, &field, Some(&owner)).is_read(), "{} is told of {entry}", who.subject());
            }
        }
        let map = Map::of(&hub, &marketing()).await;
        assert!(map.entry("Customer.phones", "stripe").is_none(), "which it sees in part");
        assert!(map.entry("Invoice.total", "stripe").is_none());
        assert!(map.entry("Customer.language", "stripe").is_some());
        assert!(map.entry("Customer.tags", "stripe").is_none() && map.entry("Customer.tags", "mailchimp").is_some());
    })
    .await;
}

/// That two systems disagree tells whoever sees one value that there is another.
#[tokio::test]
async fn a_disagreement_with_a_hidden_value_is_not_told() {
    on_both(|store| async move {
        let all = Hub::with(&store, policies(&[("all.cedar", ALL)]), Identity::default()).await;
        filled(&all, 2).await;
        let hidden = r#"@id("all") permit (principal, action == Onefold::Action::"read", resource)
            unless { resource in [Onefold::Field::"Customer.language"] && resource.owner == Onefold::Department::"marketing" };"#;
        let hub = all.under(policies(&[("all.cedar", hidden)])).await;
        let map = Map::of(&hub, &billing()).await;
        assert!(map.entry("Customer.language", "mailchimp").is_none());
        assert_eq!(map.figures("Customer.language", "stripe")[3], Some(0));
        assert_eq!(Map::of(&all, &billing()).await.figures("Customer.language", "stripe")[3], Some(2));
    })
    .await;
}

#[tokio::test]
async fn hidden_customers_are_not_counted() {
    on_both(|store| async move {
        let all = Hub::with(&store, policies(&[("all.cedar", ALL)]), Identity::default()).await;
        filled(&all, 3).await;
        let rows = r#"@id("no-people") forbid (principal, action == Onefold::Action::"see", resource is Onefold::Customer)
            when { resource.kind == "PERSON" };"#;
        let hub = all.under(policies(&[("all.cedar", ALL), ("rows.cedar", rows)])).await;
        let map = Map::of(&hub, &billing()).await;
        assert_eq!(map.figures("Customer.displayName", "stripe")[..2], [Some(1), Some(1)], "the company");
        assert_eq!(map.figures("Customer.language", "stripe"), [Some(1), Some(0), Some(0), Some(0)]);
        assert!(map.entry("Customer.language", "mailchimp").is_none(), "of whom no record is left");
        assert!(map.entry("Invoice.total", "stripe").is_none(), "what happened with them is hidden with them");
    })
    .await;
}

#[tokio::test]
async fn freshness_is_told_with_its_age() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 1).await;
        let data = hub.data(&billing(), FRESH, json!({})).await;
        let sources = data["sources"].as_array().unwrap();
        assert_eq!(sources.len(), 3);
        for source in sources {
            let stream = &source["freshness"][0];
            assert_eq!(
                (&stream["freshAt"], &stream["ageSeconds"]),
                (&Value::Null, &Value::Null),
                "it never ended well"
            );
            assert_eq!(stream["lastRunState"], "FAILED", "{source}");
        }
        let hidden = r#"@id("all") permit (principal, action == Onefold::Action::"read", resource)
            unless { resource in [Onefold::Field::"Source.freshness"] };"#;
        let without = hub.under(policies(&[("all.cedar", hidden)])).await;
        let data = without.data(&billing(), FRESH, json!({})).await;
        assert!(data["sources"].as_array().unwrap().iter().all(|source| source["freshness"].is_null()), "{data}");
    })
    .await;
}

#[tokio::test]
async fn what_is_pushed_is_as_fresh_as_its_last_change() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        hub.push_all(super::story::person(0)).await;
        let data = hub.data(&billing(), FRESH, json!({})).await;
        let stripe = data["sources"].as_array().unwrap().iter().find(|source| source["key"] == "stripe").unwrap();
        let stream = &stripe["freshness"][0];
        assert_eq!((&stream["stream"], &stream["lastRunAt"]), (&json!("customers"), &Value::Null));
        assert!(stream["freshAt"].is_string() && stream["ageSeconds"].as_i64().unwrap() > 0, "{stream}");
    })
    .await;
}
