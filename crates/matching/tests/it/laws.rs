//! The laws of matching, as properties over small worlds in which everything collides.

use crate::party::record;
use onefold_matching::{
    AddressText, Dataset, IdentifierText, LinkDecision, LinkDecisionKind, PartyRecord, PhoneText, RecordText,
    Resolution, Settings, SurvivorshipRules, block_keys, explain, resolve, resolve_dataset, survive,
};
use onefold_model::RecordId;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn one_of(values: &'static [&'static str]) -> impl Strategy<Value = Option<&'static str>> {
    proptest::option::weighted(0.75, proptest::sample::select(values))
}

pub(crate) fn party() -> impl Strategy<Value = Value> {
    (
        one_of(&["Ada", "ada", "William", "Bill", "B.", "Wiliam", "Mary Ann", "Mary", "n/a"]),
        one_of(&["King", "KING", "Kingsley", "Müller", "Mueller", "Ada", "King-Hall"]),
        one_of(&["ada@king.example", "a.king@king.example", "info@king.example", "test@king.example"]),
        one_of(&["+43 1 5237765", "01 5237765", "+43 1 5237756", "0000000000"]),
        one_of(&["Burggasse 12", "Burgg. 12", "Burggasse 12 Top 4", "Burggase", "Seeweg 3"]),
        one_of(&["1984-03-07", "1984-07-03", "1984", "1951-04-02", "1900-01-01"]),
        one_of(&["ATU12345678", "ATU87654321"]),
        proptest::bool::weighted(0.2),
    )
        .prop_map(|(given, family, email, phone, street, birth, vat, is_organization)| {
            let mut party = json!({});
            let mut put = |field: &str, value: Option<&str>| {
                if let Some(value) = value {
                    party[field] = json!(value);
                }
            };
            put("email", email);
            put("phone", phone);
            put("street", street);
            put("vat", vat);
            if is_organization {
                put("kind", Some("ORGANIZATION"));
                put("legalName", family);
            } else {
                put("givenName", given);
                put("familyName", family);
                put("birthDate", birth);
            }
            party
        })
}

fn records(most: usize) -> impl Strategy<Value = Vec<PartyRecord>> {
    proptest::collection::vec((party(), any::<bool>()), 1..most).prop_map(|parties| {
        let record = |(key, (party, deleted)): (usize, (Value, bool))| PartyRecord {
            deleted,
            ..record(["billing", "support"][key % 2], &key.to_string(), party)
        };
        parties.into_iter().enumerate().map(record).collect()
    })
}

pub(crate) fn decisions(records: &[PartyRecord], picks: &[(u8, u8, bool)]) -> Vec<LinkDecision> {
    let at = |pick: u8| records[usize::from(pick) % records.len()].id;
    let kind = |is_link: bool| if is_link { LinkDecisionKind::Link } else { LinkDecisionKind::NeverLink };
    picks
        .iter()
        .map(|&(left, right, is_link)| LinkDecision { kind: kind(is_link), left: at(left), right: at(right) })
        .collect()
}

fn run(records: &[PartyRecord], decisions: &[LinkDecision]) -> Resolution {
    resolve(records, decisions, &Settings::default(), &mut |_| {})
}

fn cluster_of(resolution: &Resolution, id: RecordId) -> usize {
    resolution.clusters.iter().position(|cluster| cluster.contains(&id)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn arrival_order_changes_nothing(
        (records, shuffled) in records(14).prop_flat_map(|records| (Just(records.clone()), Just(records).prop_shuffle())),
        picks in proptest::collection::vec(any::<(u8, u8, bool)>(), 0..4),
    ) {
        let decisions = decisions(&records, &picks);
        let reversed: Vec<LinkDecision> = decisions.iter().rev().copied().collect();
        prop_assert_eq!(run(&records, &decisions), run(&shuffled, &reversed));
    }

    #[test]
    fn a_data_set_does_not_remember_in_which_order_it_was_read(records in records(14)) {
        let mut builder = Dataset::builder();
        for record in records.iter().rev() {
            let party = &record.party;
            let text = |field: &'_ Option<String>| field.clone().unwrap_or_default();
            let names = [&party.given_name, &party.family_name, &party.legal_name].map(text);
            let emails: Vec<&str> = party.emails.iter().map(|email| email.address.as_str()).collect();
            let phones: Vec<PhoneText<'_>> = party.phones.iter().map(PhoneText::from).collect();
            let addresses: Vec<AddressText<'_>> = party.addresses.iter().map(AddressText::from).collect();
            let identifiers: Vec<IdentifierText<'_>> = party.identifiers.iter().map(IdentifierText::from).collect();
            let text = RecordText {
                kind: party.kind,
                given_name: &names[0],
                family_name: &names[1],
                legal_name: &names[2],
                birth_date: party.birth_date,
                emails: &emails,
                phones: &phones,
                addresses: &addresses,
                identifiers: &identifiers,
                ..RecordText::PERSON
            };
            // Of two with one id the last counts.
            builder.push(record.id, &RecordText::PERSON);
            builder.push(record.id, &text);
        }
        let resolution = resolve_dataset(&builder.build(), &[], &Settings::default(), &mut |_| {});
        prop_assert_eq!(resolution, run(&records, &[]));
    }

    #[test]
    fn clusters_partition_the_records(records in records(14)) {
        let resolution = run(&records, &[]);
        let mut members: Vec<RecordId> = resolution.clusters.iter().flatten().copied().collect();
        prop_assert!(resolution.clusters.iter().all(|cluster| cluster.is_sorted() && !cluster.is_empty()));
        prop_assert!(resolution.clusters.is_sorted());
        members.sort_unstable();
        let mut ids: Vec<RecordId> = records.iter().map(|record| record.id).collect();
        ids.sort_unstable();
        prop_assert_eq!(members, ids);
    }

    #[test]
    fn pairs_inside_a_cluster_are_not_for_review(records in records(14)) {
        let resolution = run(&records, &[]);
        for pair in &resolution.review {
            prop_assert!(pair.left < pair.right);
            prop_assert_ne!(cluster_of(&resolution, pair.left), cluster_of(&resolution, pair.right));
        }
        for pair in &resolution.accepted {
            prop_assert_eq!(cluster_of(&resolution, pair.left), cluster_of(&resolution, pair.right));
        }
    }

    #[test]
    fn never_links_are_respected_and_links_followed(
        records in records(14),
        picks in proptest::collection::vec(any::<(u8, u8, bool)>(), 0..6),
    ) {
        let decisions = decisions(&records, &picks);
        let resolution = run(&records, &decisions);
        let refused: BTreeSet<_> = resolution.report.refused_links.iter().copied().collect();
        for decision in decisions.iter().filter(|decision| decision.left != decision.right) {
            let together = cluster_of(&resolution, decision.left) == cluster_of(&resolution, decision.right);
            let pair = (decision.left.min(decision.right), decision.left.max(decision.right));
            match decision.kind {
                LinkDecisionKind::NeverLink => prop_assert!(!together),
                LinkDecisionKind::Link => prop_assert_eq!(together, !refused.contains(&pair)),
            }
        }
    }

    #[test]
    fn comparison_is_symmetric(records in records(10)) {
        let resolution = run(&records, &[]);
        let settings = Settings::default();
        for (one, other) in records.iter().zip(records.iter().skip(1)) {
            let forwards = explain(one, other, &resolution.frequencies, &settings);
            let backwards = explain(other, one, &resolution.frequencies, &settings);
            prop_assert_eq!(forwards.total, backwards.total);
            prop_assert_eq!(&forwards.found_by, &backwards.found_by);
            let sides = forwards.comparisons.iter().zip(&backwards.comparisons);
            for (line, mirrored) in sides {
                prop_assert_eq!((line.attribute, line.level, line.weight), (mirrored.attribute, mirrored.level, mirrored.weight));
                prop_assert_eq!(line.left.is_some(), mirrored.right.is_some());
            }
        }
    }

    #[test]
    fn the_lines_of_an_explanation_add_up_to_the_score_exactly(records in records(14)) {
        let resolution = run(&records, &[]);
        let by_id = |id: RecordId| records.iter().find(|record| record.id == id).unwrap();
        for pair in resolution.accepted.iter().chain(&resolution.review) {
            let explanation =
                explain(by_id(pair.left), by_id(pair.right), &resolution.frequencies, &Settings::default());
            prop_assert_eq!(explanation.total, pair.weight);
            prop_assert_eq!(explanation.probability, pair.probability);
            let sum = explanation.comparisons.iter().fold(explanation.prior.0, |sum, line| sum + line.weight.0);
            prop_assert_eq!(sum.to_bits(), pair.weight.0.to_bits());
            prop_assert!(!explanation.found_by.is_empty());
        }
    }

    #[test]
    fn what_shares_no_block_key_is_never_compared(records in records(10)) {
        let resolution = run(&records, &[]);
        let mut expected = 0;
        for (i, one) in records.iter().enumerate() {
            let keys = block_keys(one);
            expected += records[i + 1..].iter().filter(|other| block_keys(other).iter().any(|key| keys.contains(key))).count();
        }
        prop_assert_eq!(resolution.report.blocking.pairs, expected as u64);
    }

    #[test]
    fn survivorship_picks_a_value_that_some_member_has(records in records(8)) {
        let golden = survive(&records, &SurvivorshipRules::default()).unwrap();
        let all_deleted = records.iter().all(|record| record.deleted);
        for field in &golden.fields {
            let member = records.iter().find(|record| record.id == field.record).unwrap();
            prop_assert!(all_deleted || !member.deleted);
            let party = serde_json::to_value(&*member.party).unwrap();
            let said = match field.path.as_str() {
                "email" => party["emails"].as_array().unwrap().iter().any(|email| email["address"] == field.value),
                "phone" => party["phones"].as_array().unwrap().iter().any(|phone| phone["original"] == field.value),
                "address" => party["addresses"].as_array().unwrap().contains(&field.value),
                path => party[path] == field.value,
            };
            prop_assert!(said, "{field:?} of {party}");
            prop_assert!(field.losing.iter().all(|losing| records.iter().any(|record| record.id == losing.record)));
        }
        let mut reversed = records.clone();
        reversed.reverse();
        prop_assert_eq!(survive(&reversed, &SurvivorshipRules::default()).unwrap(), golden);
    }
}
