//! Survivorship: which value wins, and what is said of the others.

use crate::party::{changed, record};
use chrono::Duration;
use onefold_matching::{
    Golden, GoldenField, PartyRecord, Pin, Rule, SurvivorshipRules, pinnable, survive, survive_pinned,
};
use onefold_model::{PartyKind, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

fn field<'a>(golden: &'a Golden, path: &str) -> &'a GoldenField {
    golden.fields.iter().find(|field| field.path == path).unwrap()
}

fn golden(members: &[PartyRecord]) -> Golden {
    survive(members, &SurvivorshipRules::default()).unwrap()
}

#[test]
fn the_most_recent_value_wins_and_the_others_say_why_they_lost() {
    let old = changed(record("billing", "1", json!({ "jobTitle": "Engineer" })), 1);
    let new = changed(record("support", "2", json!({ "jobTitle": "Head of Engines" })), 2);
    let golden = golden(&[new.clone(), old.clone()]);
    let job = field(&golden, "jobTitle");
    assert_eq!((&job.value, job.record, job.rule), (&json!("Head of Engines"), new.id, Rule::MostRecent));
    assert_eq!(job.losing.len(), 1);
    assert_eq!((job.losing[0].record, job.losing[0].lost_because.as_str()), (old.id, "another record changed later"));
}

#[test]
fn sources_come_in_the_order_that_is_set() {
    let billing = changed(record("billing", "1", json!({ "company": "Wexford" })), 1);
    let support = changed(record("support", "2", json!({ "company": "King" })), 2);
    let rules = SurvivorshipRules { sources: vec![billing.source], ..SurvivorshipRules::default() };
    let golden = survive(&[billing, support], &rules).unwrap();
    let company = field(&golden, "company");
    assert_eq!((&company.value, company.rule), (&json!("Wexford"), Rule::SourcePriority));
}

#[test]
fn given_and_family_name_come_from_one_record() {
    let members = [
        changed(record("billing", "1", json!({ "givenName": "Ada", "familyName": "King" })), 1),
        changed(record("support", "2", json!({ "familyName": "Lovelace-Byron-King" })), 3),
        changed(record("support", "3", json!({ "givenName": "Augusta Ada Noel" })), 2),
    ];
    let golden = golden(&members);
    let (given, family) = (field(&golden, "givenName"), field(&golden, "familyName"));
    assert_eq!((&given.value, &family.value), (&json!("Ada"), &json!("King")));
    assert_eq!((given.record, family.record), (members[0].id, members[0].id));
    assert_eq!(family.losing[0].lost_because, "the name is taken from one record");
}

#[test]
fn verified_addresses_and_primary_ones_come_first() {
    let emails = |emails: serde_json::Value| json!({ "emails": emails });
    let members = [
        changed(
            record(
                "billing",
                "1",
                emails(json!([{ "address": "a@b.example", "original": "a@b.example", "primary": true }])),
            ),
            2,
        ),
        changed(
            record(
                "support",
                "2",
                emails(json!([{ "address": "c@d.example", "original": "c@d.example", "verified": true }])),
            ),
            1,
        ),
    ];
    let golden = golden(&members);
    let email = field(&golden, "email");
    assert_eq!((&email.value, email.rule), (&json!("c@d.example"), Rule::Verified));
}

#[test]
fn a_placeholder_never_beats_a_value() {
    let members = [
        changed(
            record("billing", "1", json!({ "givenName": "Ada", "birthDate": "1984-03-07", "phone": "+43 1 5237765" })),
            1,
        ),
        changed(
            record("support", "2", json!({ "givenName": "Unknown", "birthDate": "1900-01-01", "phone": "0000000000" })),
            2,
        ),
    ];
    let golden = golden(&members);
    for path in ["givenName", "birthDate", "phone"] {
        let field = field(&golden, path);
        assert_eq!((field.record, field.rule), (members[0].id, Rule::NoPlaceholder), "{path}");
    }
}

#[test]
fn spellings_of_one_value_are_one_vote_each_for_it() {
    let members = [
        changed(record("billing", "1", json!({ "givenName": "Ada", "familyName": "KING" })), 1),
        changed(record("support", "2", json!({ "givenName": "Ada", "familyName": "King" })), 1),
        changed(record("support", "3", json!({ "givenName": "Ada", "familyName": "Kingsley-Somerset" })), 9),
    ];
    let golden = golden(&members);
    let family = field(&golden, "familyName");
    assert_eq!((&family.value, family.record), (&json!("King"), members[1].id));
    assert_eq!(family.losing.len(), 1, "the other spelling did not lose, it agreed");
}

#[test]
fn deleted_records_count_only_when_all_are_deleted() {
    let gone = PartyRecord { deleted: true, ..changed(record("billing", "1", json!({ "jobTitle": "Old" })), 9) };
    let kept = record("support", "2", json!({ "jobTitle": "New" }));
    assert_eq!(field(&golden(&[gone.clone(), kept]), "jobTitle").value, json!("New"));
    assert_eq!(field(&golden(&[gone]), "jobTitle").value, json!("Old"));
    assert!(survive(&[], &SurvivorshipRules::default()).is_none());
}

#[test]
fn the_kind_is_that_of_most_members() {
    let members = [
        record("billing", "1", json!({ "kind": "ORGANIZATION", "legalName": "Wexford" })),
        record("billing", "2", json!({ "kind": "ORGANIZATION", "legalName": "Wexford" })),
        record("billing", "3", json!({ "givenName": "Ada" })),
    ];
    assert_eq!(golden(&members).kind, PartyKind::Organization);
}

#[test]
fn a_record_without_a_time_of_its_own_never_counts_as_the_most_recent() {
    let arrived_last = PartyRecord {
        seen_at: Timestamp::UNIX_EPOCH + Duration::days(9_000),
        ..record("billing", "1", json!({ "jobTitle": "Engineer" }))
    };
    let told = changed(record("support", "2", json!({ "jobTitle": "Head of Engines" })), 1);
    let created = record("support", "3", json!({ "jobTitle": "Manager", "createdAt": "1970-01-09T00:00:00Z" }));
    let of = |members: &[PartyRecord]| field(&golden(members), "jobTitle").record;
    assert_eq!(of(&[arrived_last.clone(), told.clone()]), told.id);
    assert_eq!(of(&[arrived_last, told, created.clone()]), created.id, "created after the other one changed");
}

/// Somebody as four records say it, each with or without a time of its own.
fn said() -> impl Strategy<Value = Vec<PartyRecord>> {
    let text = |values: &'static [&'static str]| proptest::option::weighted(0.8, proptest::sample::select(values));
    let day = || proptest::option::of(1_i64..4);
    let one =
        (text(&["Ada", "A.", "n/a"]), text(&["King", "KING", "Kingsley"]), text(&["Engineer", "Head"]), day(), day());
    proptest::collection::vec(one, 2..5).prop_map(|all| {
        let member = |(key, (given, family, job, created, updated)): (usize, _)| {
            let day = |day: Option<i64>| day.map(|day| Timestamp::UNIX_EPOCH + Duration::days(day));
            let (created, updated): (Option<i64>, Option<i64>) = (created, updated);
            let mut party = json!({ "createdAt": day(created), "updatedAt": day(updated) });
            let words: [(&str, Option<&str>); 3] = [("givenName", given), ("familyName", family), ("jobTitle", job)];
            for (name, word) in words {
                party[name] = word.map_or(Value::Null, Value::from);
            }
            record(["billing", "support"][key % 2], &key.to_string(), party)
        };
        all.into_iter().enumerate().map(member).collect()
    })
}

proptest! {
    #[test]
    fn when_and_in_which_order_records_arrive_changes_no_value(
        members in said(),
        order in Just((0..5_usize).collect::<Vec<_>>()).prop_shuffle(),
        arrivals in proptest::collection::vec(0_i64..10_000, 5),
    ) {
        let arrived = |place: usize| PartyRecord {
            seen_at: Timestamp::UNIX_EPOCH + Duration::days(arrivals[place]),
            ..members[place].clone()
        };
        let again: Vec<PartyRecord> = order.into_iter().filter(|place| *place < members.len()).map(arrived).collect();
        prop_assert_eq!(golden(&again), golden(&members));
    }
}

#[test]
fn what_is_pinned_wins_over_every_rule_as_long_as_its_record_says_it() {
    let frequent =
        |key: &str| changed(record("billing", key, json!({ "displayName": "Ada King", "jobTitle": "Head" })), 9);
    let pinned = changed(record("support", "3", json!({ "displayName": "Ada Byron" })), 1);
    let members = [frequent("1"), frequent("2"), pinned.clone()];
    let pin = |path: &str, record: &PartyRecord| Pin { path: path.to_owned(), record: record.id };
    let with = |pins: &[Pin]| survive_pinned(&members, &SurvivorshipRules::default(), pins).unwrap();
    let golden = with(&[pin("displayName", &pinned)]);
    let name = field(&golden, "displayName");
    assert_eq!((&name.value, name.record, name.rule), (&json!("Ada Byron"), pinned.id, Rule::Pinned));
    assert!(name.losing.iter().all(|lost| lost.lost_because == "what another record says is pinned"));
    // The first of two pins counts; of a record that says nothing there, none does.
    let two = with(&[pin("displayName", &members[0]), pin("displayName", &pinned)]);
    assert_eq!((field(&two, "displayName").record, field(&two, "displayName").rule), (members[0].id, Rule::Pinned));
    let silent = with(&[pin("jobTitle", &pinned)]);
    assert_eq!(silent, with(&[]));
    assert!(pinnable().any(|path| path == "displayName"));
}

#[test]
fn who_pins_a_part_of_a_name_pins_the_name() {
    let members = [
        changed(record("billing", "1", json!({ "givenName": "Ada", "familyName": "King" })), 2),
        changed(record("support", "2", json!({ "givenName": "Augusta", "familyName": "Byron" })), 1),
    ];
    let pins = [Pin { path: "familyName".to_owned(), record: members[1].id }];
    let golden = survive_pinned(&members, &SurvivorshipRules::default(), &pins).unwrap();
    assert_eq!(
        (&field(&golden, "givenName").value, &field(&golden, "familyName").value),
        (&json!("Augusta"), &json!("Byron"))
    );
}
