//! Explanations: they add up, they are the scores of the run, and they can be read.

use crate::party::{record, resolved};
use onefold_matching::{Explanation, Frequencies, Settings, explain, resolve_with_frequencies, would_link};
use serde_json::json;

#[test]
fn an_explanation_is_a_sentence() {
    let one = record(
        "billing",
        "1",
        json!({ "givenName": "William", "familyName": "Wexford", "email": "w.wexford@mail.example", "street": "Burggasse 12" }),
    );
    let mut elsewhere = json!({ "givenName": "Bill", "familyName": "Wexford", "email": "W.Wexford+shop@mail.example" });
    elsewhere["addresses"] = json!([{ "lines": ["Seeweg 3"], "postalCode": "4020", "locality": "Linz" }]);
    let other = record("support", "2", elsewhere);
    let frequencies = resolved(&[one.clone(), other.clone()]).frequencies;
    let explanation = explain(&one, &other, &frequencies, &Settings::default());
    assert_eq!(
        explanation.sentence,
        "Probably the same: the e-mail agrees and nobody else has it; the family name agrees and nobody else has it; \
         the given name is a nickname. Against: what agrees is what people of one household share; the address differs."
    );
    let email = explanation
        .comparisons
        .iter()
        .find(|line| line.holders == Some(2) && line.left.as_deref().is_some_and(|l| l.contains('@')));
    assert_eq!(email.unwrap().right.as_deref(), Some("W.Wexford+shop@mail.example"));
}

#[test]
fn an_explanation_says_why_a_pair_was_never_compared() {
    let one = record("billing", "1", json!({ "givenName": "Ada", "familyName": "King" }));
    let other = record("support", "2", json!({ "givenName": "Bo", "familyName": "Quist" }));
    let explanation = explain(&one, &other, &Frequencies::empty(), &Settings::default());
    assert!(explanation.found_by.is_empty());
    assert_eq!(
        explanation.sentence,
        "Probably not the same: nothing that says much agrees. Against: the given name differs; the family name differs. \
         The two are never compared: they share no block key."
    );
}

#[test]
fn explanations_and_frequencies_survive_storage() {
    let records: Vec<_> = (0..6)
        .map(|i| {
            let (given, email) = [("Ada", "ada@wexford.example"), ("Bo", "bo@wexford.example")][i % 2];
            record("billing", &i.to_string(), json!({ "givenName": given, "familyName": "Wexford", "email": email }))
        })
        .collect();
    let resolution = resolved(&records);
    let stored = serde_json::to_string(&resolution.frequencies).unwrap();
    let read: Frequencies = serde_json::from_str(&stored).unwrap();
    assert_eq!(read, resolution.frequencies);

    let explanation = explain(&records[0], &records[2], &read, &Settings::default());
    let json = serde_json::to_value(&explanation).unwrap();
    assert!(json["comparisons"][0]["attribute"] == "GIVEN_NAME" && json["foundBy"].is_array());
    assert_eq!(serde_json::from_value::<Explanation>(json).unwrap(), explanation);

    // A later run over a part weighs as the whole did.
    let part = resolve_with_frequencies(&records[..3], &[], &Settings::default(), &read, &mut |_| {});
    assert!(!part.accepted.is_empty());
    for pair in &part.accepted {
        assert!(resolution.accepted.contains(pair));
    }
}

#[test]
fn settings_survive_storage() {
    let settings = Settings::default();
    settings.model.check().unwrap();
    let stored = serde_json::to_string(&settings).unwrap();
    assert_eq!(serde_json::from_str::<Settings>(&stored).unwrap(), settings);
    assert_eq!(serde_json::from_str::<Settings>("{}").unwrap(), settings);
}

#[test]
fn what_would_link_two_records_is_the_least_that_is_enough() {
    let ada = |key: &str, more: serde_json::Value| {
        let mut data = json!({ "familyName": "Wexford" });
        data.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        record("billing", key, data)
    };
    let (one, other) = (ada("1", json!({ "email": "ada@wexford.example" })), ada("2", json!({})));
    let (frequencies, settings) = (Frequencies::empty(), Settings::default());
    assert!(explain(&one, &other, &frequencies, &settings).probability < settings.thresholds.auto_merge);
    let ways = would_link(&one, &other, &frequencies, &settings);
    assert!(!ways.is_empty());
    let together = ways[0].better.len();
    for way in &ways {
        assert_eq!(way.better.len(), together, "the fewest attributes that do");
        assert!(way.probability >= settings.thresholds.auto_merge);
    }
    assert!(ways.windows(2).all(|two| two[0].total.0 <= two[1].total.0), "the least first");

    // Where there is enough, nothing is wanting.
    let agreed = |key| ada(key, json!({ "givenName": "Ada", "email": "ada@wexford.example" }));
    let (one, other) = (agreed("1"), agreed("2"));
    assert!(explain(&one, &other, &frequencies, &settings).probability >= settings.thresholds.auto_merge);
    assert_eq!(would_link(&one, &other, &frequencies, &settings), []);
}
