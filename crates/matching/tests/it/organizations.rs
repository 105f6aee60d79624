//! Organisations, and their border with persons.

use crate::party::{record, resolved, together};
use onefold_matching::{Settings, explain};
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
