//! The past through the graph: what was read at a time is read again for that time, and nobody sees more of it than of today.

use super::audit::officer;
use super::hub::*;
use super::plans::Desk;
use super::stewardship::{Pace, World, deed_or_news, run};
use crate::harness::on_both;
use crate::identity::people::{customer, party};
use onefold::config::Secret;
use onefold::identity::Identity;
use onefold_model::{CustomerId, Timestamp};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Everything that is read by time.
const WHO: &str = "__typename id redirectedFrom alternateIds version createdAt changedAt recordCount displayName email phone
    address { lines locality } emails { address original } phones { e164 original } identifiers { value } language timeZone tags
    restrictions { path kind } provenance { path value rule observedAt alternatives { value lostBecause } }
    sourceRecords(first: 50) { totalCount nodes { id version changedAt receivedAt deletedAtSource contentHash externalId raw } }
    ... on Person { givenName familyName birthDate } ... on Organization { legalName }";

async fn read(hub: &Hub, id: CustomerId, arguments: &str) -> Value {
    let document = format!("{{ customer(id: \"{id}\"{arguments}) {{ {WHO} }} }}");
    hub.data(&everyone(), &document, json!({})).await["customer"].take()
}

fn known_at(at: Timestamp) -> String {
    format!(", knownAt: {}", json!(at))
}

/// What is read now of these ids.
async fn read_all(world: &World, arguments: &str) -> BTreeMap<CustomerId, String> {
    let mut seen = BTreeMap::new();
    for id in &world.issued {
        seen.insert(*id, read(&world.desk.hub, *id, arguments).await.to_string());
    }
    seen
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, failure_persistence: None, rng_seed: RngSeed::Fixed(23), ..ProptestConfig::default() })]

    #[test]
    fn what_was_read_at_a_time_is_read_again_for_that_time(deeds in prop::collection::vec(deed_or_news(), 1..7)) {
        run(on_both(|store| {
            let deeds = deeds.clone();
            async move {
                let mut world = World::open(&store, Pace::Follows).await;
                let mut remembered = vec![(world.desk.hub.app.clock().now(), read_all(&world, "").await)];
                for deed in deeds {
                    world.act(deed).await;
                    remembered.push((world.desk.hub.app.clock().now(), read_all(&world, "").await));
                }
                for (step, (at, then)) in remembered.into_iter().enumerate() {
                    let again = read_all(&world, &known_at(at)).await;
                    for (id, seen) in again {
                        let before = then.get(&id).map_or("null", String::as_str);
                        assert_eq!(seen, before, "{id} after step {step}, at {at}");
                    }
                }
            }
        }));
    }
}

#[tokio::test]
async fn of_each_record_counts_what_its_source_says_to_have_held_then() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        let said = |name: &str, times: Value| {
            let mut data = party(name, "Archer", "ann@archer.example");
            data.as_object_mut().unwrap().extend(times.as_object().unwrap().clone());
            customer("ann", data)
        };
        let first = json!({"createdAt": "2020-01-01T00:00:00Z", "updatedAt": "2020-03-01T00:00:00Z"});
        let record = hub.push("stripe", vec![said("Ann", first)]).await.results[0].id;
        hub.fold().await;
        let between = hub.app.clock().now();
        let second = json!({"createdAt": "2020-01-01T00:00:00Z", "updatedAt": "2020-06-01T00:00:00Z"});
        hub.push("stripe", vec![said("Anna", second)]).await;
        hub.fold().await;
        let id = hub.customer(record).await;
        let name = async |arguments: &str| read(&hub, id, arguments).await["displayName"].take();
        assert_eq!(name("").await, "Anna Archer");
        assert_eq!(name(", asOf: \"2020-04-01T00:00:00Z\"").await, "Ann Archer", "not changed yet");
        assert_eq!(name(", asOf: \"2020-06-01T00:00:00Z\"").await, "Anna Archer", "the time itself counts");
        assert_eq!(
            read(&hub, id, ", asOf: \"2020-02-01T00:00:00Z\"").await,
            Value::Null,
            "what held then is not known"
        );
        assert_eq!(name(&known_at(between)).await, "Ann Archer");
        let late = format!("{}, asOf: \"2021-01-01T00:00:00Z\"", known_at(between));
        assert_eq!(name(&late).await, "Ann Archer", "what came later was not known");
        assert_eq!(read(&hub, id, ", knownAt: \"2000-01-01T00:00:00Z\"").await, Value::Null, "nothing was known");
        let ahead = format!("{{ customer(id: \"{id}\", knownAt: \"2999-01-01T00:00:00Z\") {{ id }} }}");
        assert_eq!(hub.refusals(&everyone(), &ahead, json!({})).await[0].0, "INVALID_INPUT");
        let lists =
            format!("{{ customer(id: \"{id}\", asOf: \"2999-01-01T00:00:00Z\") {{ id invoices {{ totalCount }} }} }}");
        let refused = hub.refusals(&everyone(), &lists, json!({})).await;
        assert!(
            refused[0].0 == "INVALID_INPUT" && refused[0].1.contains("invoices"),
            "said and not made up: {refused:?}"
        );
    })
    .await;
}

/// Billing and Support read customers; nobody sees one with the tag `staff`.
const RULES: &str = r#"
    @id("own") permit (principal, action == Onefold::Action::"read", resource) when { principal in resource.owner };
    @id("staff") forbid (principal, action == Onefold::Action::"see", resource is Onefold::Customer)
    when { resource.tags.contains("staff") };
    @id("others") permit (principal, action == Onefold::Action::"see", resource is Onefold::Customer);"#;

#[tokio::test]
async fn the_past_is_read_under_the_rights_of_today() {
    on_both(|store| async move {
        let hub = Hub::with(&store, policies(&[("rules.cedar", RULES)]), Identity::default()).await;
        let mut ann = party("Ann", "Archer", "ann@archer.example");
        let record = hub.push("stripe", vec![customer("ann", ann.clone())]).await.results[0].id;
        hub.fold().await;
        let (id, alone) = (hub.customer(record).await, hub.app.clock().now());
        hub.push("zendesk", vec![customer("ann", ann.clone())]).await;
        hub.fold().await;
        let (both, ask) = (hub.app.clock().now(), |at: Timestamp| {
            format!(
                "{{ customer(id: \"{id}\"{}) {{ displayName sourceRecords {{ nodes {{ id raw }} }} }} }}",
                known_at(at)
            )
        });
        let seen = async |who, at| hub.data(&who, &ask(at), json!({})).await["customer"].take();
        assert_eq!(seen(billing(), alone).await["displayName"], "Ann Archer");
        assert_eq!(seen(support(), alone).await, Value::Null, "then it had no record of theirs");
        let theirs = seen(support(), both).await;
        assert_eq!(
            theirs["sourceRecords"]["nodes"].as_array().unwrap().len(),
            1,
            "of the two records theirs: {theirs}"
        );
        assert!(!theirs.to_string().contains(&record.to_string()), "{theirs}");

        ann["tags"] = json!(["staff"]);
        hub.push("zendesk", vec![customer("ann", ann)]).await;
        hub.fold().await;
        for who in [billing(), support()] {
            assert_eq!(seen(who, both).await, Value::Null, "whom nobody may see today nobody sees in the past");
        }
    })
    .await;
}

#[tokio::test]
async fn who_was_erased_is_in_no_past() {
    on_both(|store| async move {
        let store = store.with_erasure(&Secret::new("a secret of the tests, of more than 32 bytes")).unwrap();
        let desk = Desk::open(&store).await;
        let ann = desk.push("stripe", "ann", party("Ann", "Archer", "ann@archer.example")).await;
        let bea = desk.push("zendesk", "bea", party("Bea", "Baker", "bea@baker.example")).await;
        let dan = desk.push("zendesk", "dan", party("Dan", "Dyer", "dan@dyer.example")).await;
        desk.hub.fold().await;
        let ids = [desk.of(ann).await, desk.of(bea).await];
        let (other, apart) = (desk.of(dan).await, desk.hub.app.clock().now());
        let asked = ids.map(|id| id.to_string());
        let seen = desk.merge_preview(&everyone(), &asked).await;
        desk.merge(&everyone(), &asked, &seen["preview"]["fingerprint"], "one person", "merge").await;
        let together = desk.hub.app.clock().now();
        let erase = "mutation($input: PrivacyEraseInput!) { privacyErase(input: $input) { fingerprint isErased userErrors { code } } }";
        let input = json!({"customer": ids[0].to_string()});
        let plan = desk.hub.data(&officer(), erase, json!({"input": input})).await["privacyErase"].take();
        let input = json!({"customer": ids[0].to_string(), "apply": plan["fingerprint"]});
        let done = desk.hub.data(&officer(), erase, json!({"input": input})).await["privacyErase"].take();
        assert_eq!((&done["isErased"], &done["userErrors"]), (&json!(true), &json!([])), "{done}");
        for at in [apart, together] {
            for id in ids {
                assert_eq!(read(&desk.hub, id, &known_at(at)).await, Value::Null, "{id} at {at}");
            }
            assert_eq!(read(&desk.hub, other, &known_at(at)).await["displayName"], "Dan Dyer", "others are as they were");
        }
    })
    .await;
}
