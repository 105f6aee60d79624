//! Organisations, and their border with persons.

use crate::party::{record, resolved, together};
use onefold_matching::{Frequencies, Level, Settings, explain};
use serde_json::json;

#[test]
fn spellings_of_one_company_are_merged() {
    let one = record(
        "billing",
        "1",
        json!({
            "kind": "ORGANIZATION", "legalName": "Biller & Söhne GmbH & Co. KG", "phone": "+43 1 5237765",
            "email": "office@biller-soehne.example"
        }),
    );
    let other = record(
        "support",
        "2",
        json!({
            "kind": "ORGANIZATION", "displayName": "BILLER UND SOHNE", "phone": "01 5237765",
            "email": "info@biller-soehne.example"
        }),
    );
    assert!(together(&resolved(&[one.clone(), other.clone()]), &one, &other));
}

#[test]
fn a_contact_that_is_a_company_is_merged_with_the_company() {
    let company = record(
        "support",
        "1",
        json!({ "kind": "ORGANIZATION", "displayName": "Wexford Bikes Ltd", "domains": ["wexfordbikes.example"] }),
    );
    let contact = record(
        "marketing",
        "2",
        json!({ "company": "Wexford Bikes", "email": "info@wexfordbikes.example", "phone": "+43 1 5237765" }),
    );
    let payer = record(
        "billing",
        "3",
        json!({ "displayName": "WEXFORD BIKES", "email": "billing@wexfordbikes.example", "phone": "01 5237765" }),
    );
    let resolution = resolved(&[company.clone(), contact.clone(), payer.clone()]);
    assert!(together(&resolution, &company, &contact) && together(&resolution, &company, &payer));
}

#[test]
fn companies_of_one_group_are_not_merged_by_their_name() {
    let company = |key: &str, name: &str, street: &str| {
        record("billing", key, json!({ "kind": "ORGANIZATION", "legalName": name, "street": street }))
    };
    let acme = company("1", "Acme GmbH", "Burggasse 12");
    for other in ["Acme Holding AG", "Acme AG", "Acme Verwaltungs GmbH", "Acme Deutschland GmbH", "Acme Group"] {
        let other = company("2", other, "Seeweg 3");
        assert!(!together(&resolved(&[acme.clone(), other.clone()]), &acme, &other), "{:?}", other.party.legal_name);
    }
    // Another form is another company even at one address.
    let public = company("3", "Acme AG", "Burggasse 12");
    assert!(!together(&resolved(&[acme.clone(), public.clone()]), &acme, &public));
}

#[test]
fn spellings_of_an_organisation_are_told_from_its_namesakes() {
    let level = |one: &str, other: &str| {
        let company =
            |key: &str, name: &str| record("billing", key, json!({ "kind": "ORGANIZATION", "legalName": name }));
        let settings = Settings::default();
        explain(&company("1", one), &company("2", other), &Frequencies::empty(), &settings).comparisons[0].level
    };
    for (one, other, expected) in [
        ("Biller & Söhne GmbH", "BILLER UND SOEHNE", Level::Canonical),
        ("Wexford Data Works Inc.", "Wexford DataWorks", Level::Canonical),
        ("Works Data Wexford", "Wexford Data Works", Level::Canonical),
        ("Wexford Intl", "Wexford International Corp", Level::Exact),
        ("First Wexford Bank", "1st Wexford Bank, N.A.", Level::Exact),
        ("ОАО Газпром", "Gazprom JSC", Level::Exact),
        ("Wexford Manufacturing", "Wexfrod Manufacturing", Level::Near),
        ("Wexford Hospital", "Wexford Clinic", Level::RareWords),
        ("Chicago Public Schools Wexford, Delta", "Wexford", Level::Partial),
        ("Wexford Data Bicycles", "WDB", Level::Initial),
        ("Acme GmbH", "Acme AG", Level::Group),
        ("Acme GmbH", "Acme Holding GmbH", Level::Group),
        ("Acme France", "Acme Italia", Level::Group),
        ("Brigade 44", "Brigade 45", Level::Similar),
        ("Wexford Engines", "Delta Catering", Level::Different),
    ] {
        assert_eq!(level(one, other), expected, "{one} {other}");
        assert_eq!(level(other, one), expected, "{other} {one}");
    }
}

#[test]
fn two_companies_of_one_building_are_not_merged() {
    let company = |key: &str, name: &str| {
        record(
            "billing",
            key,
            json!({ "kind": "ORGANIZATION", "legalName": name, "phone": "+43 1 5237765", "street": "Burggasse 12" }),
        )
    };
    let (one, other) = (company("1", "Wexford Engines"), company("2", "Delta Catering"));
    assert!(!together(&resolved(&[one.clone(), other.clone()]), &one, &other));
}

#[test]
fn a_person_is_never_merged_with_an_organisation() {
    let person = record(
        "billing",
        "1",
        json!({ "displayName": "Ada Wexford", "email": "ada@wexford.example", "phone": "+43 1 5237765", "vat": "ATU12345678" }),
    );
    let company = record(
        "billing",
        "2",
        json!({
            "kind": "ORGANIZATION", "displayName": "Ada Wexford", "email": "ada@wexford.example",
            "phone": "+43 1 5237765", "vat": "ATU12345678"
        }),
    );
    let resolution = resolved(&[person.clone(), company.clone()]);
    assert!(!together(&resolution, &person, &company) && resolution.review.is_empty());
    let explanation = explain(&person, &company, &resolution.frequencies, &Settings::default());
    assert_eq!(explanation.sentence, "Not compared: one is a person, the other an organisation.");
}
