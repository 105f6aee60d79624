//! Whatever text a source writes into any field: nothing panics, both directions agree, and what is equal stays equal.
//!
//! The same laws as the fuzz targets (`fuzz/`), with a bounded number of cases, so that every test run holds them.

use crate::party::record;
use onefold_matching::{
    Attribute, Frequencies, Level, PartyRecord, Settings, SurvivorshipRules, block_keys, explain, resolve, survive,
};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Any text, or words that the normalisers know, in any order.
fn text() -> impl Strategy<Value = String> {
    let known = proptest::collection::vec(
        proptest::sample::select(
            &[
                "Dr.",
                "von",
                "O\u{2019}",
                "Ada",
                "KING",
                "Müller",
                "GmbH",
                "& Co",
                "KG",
                "(",
                ")",
                "Ltd",
                "dba",
                "c/o",
                "the",
                "first",
                "44",
                "II",
                "S.A.",
                "de C.V.",
                "株式会社",
                "Фирма",
                "n/a",
                "+49 (0)",
                "x12",
                "00",
                "@",
                ".example",
                "info",
                "12-14",
                "5/12",
                "St.",
                "Top",
                "P.O. Box",
                "\u{202e}",
                "\u{0}",
                "ß",
                "ﬁ",
                "İ",
                "习",
                "김",
                "\u{301}",
            ][..],
        ),
        0..6,
    );
    prop_oneof![
        ".{0,24}",
        "\\PC{0,24}",
        known.prop_map(|words| words.join(" ")),
        "[0-9+()/. x-]{0,18}",
        "[a-z.+]{1,9}@[a-z]{1,8}[.](com|example)"
    ]
}

fn party() -> impl Strategy<Value = Value> {
    (any::<bool>(), proptest::collection::vec(proptest::option::of(text()), 14)).prop_map(|(is_organization, texts)| {
        let mut party = json!({ "kind": if is_organization { "ORGANIZATION" } else { "PERSON" } });
        let names =
            ["displayName", "givenName", "middleName", "familyName", "nameSuffix", "nickname", "legalName", "company"];
        for (field, text) in names.iter().zip(&texts) {
            if let Some(text) = text {
                party[*field] = json!(text);
            }
        }
        let said = |at: usize| texts[at].as_deref();
        if let Some(text) = said(8) {
            party["emails"] = json!([{ "address": text, "original": text }]);
        }
        if let Some(text) = said(9) {
            party["phones"] = json!([{ "original": text }, { "original": text, "e164": text }]);
        }
        party["addresses"] =
            json!([{ "lines": said(10).into_iter().chain(said(11)).collect::<Vec<_>>(), "postalCode": said(12), "country": "US" }]);
        party["addresses"][0].as_object_mut().unwrap().retain(|_, value| !value.is_null());
        if let Some(text) = said(13) {
            party["identifiers"] = json!([{ "system": "vat", "value": text }]);
            party["domains"] = json!([text]);
            party["tradeNames"] = json!([text]);
        }
        party
    })
}

fn levels(one: &PartyRecord, other: &PartyRecord) -> Vec<(Attribute, Level, f64)> {
    let explanation = explain(one, other, &Frequencies::empty(), &Settings::default());
    explanation.comparisons.iter().map(|line| (line.attribute, line.level, line.weight.0)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn any_two_records_compare_alike_in_both_directions(one in party(), other in party()) {
        let (one, other) = (record("billing", "1", one), record("support", "2", other));
        prop_assert_eq!(levels(&one, &other), levels(&other, &one));
        prop_assert_eq!(block_keys(&one), block_keys(&one));
        let both = [one, other];
        let forwards = resolve(&both, &[], &Settings::default(), &mut |_| {});
        let [one, other] = both;
        let backwards = resolve(&[other.clone(), one.clone()], &[], &Settings::default(), &mut |_| {});
        prop_assert_eq!(forwards, backwards);
        prop_assert!(survive(&[one, other], &SurvivorshipRules::default()).is_some());
    }

    #[test]
    fn a_record_agrees_with_its_copy_in_all_that_it_says(party in party()) {
        let (one, copy) = (record("billing", "1", party.clone()), record("support", "2", party));
        for (attribute, level, _) in levels(&one, &copy) {
            let agrees = matches!(level, Level::Exact | Level::Missing | Level::Related)
                // An initial that fits, an office's mailbox, an address without a street: known, and no more than that.
                || matches!(level, Level::Initial | Level::SharedMailbox | Level::PostCode | Level::Locality | Level::Near);
            prop_assert!(agrees, "{attribute:?} {level:?} of {:?}", one.party);
        }
        prop_assert_eq!(block_keys(&one), block_keys(&copy));
    }
}
