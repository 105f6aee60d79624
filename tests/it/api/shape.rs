//! The same document has the same shape for everybody: what is withheld is null, never missing and never an error.

use super::hub::*;
use super::story::{filled, party_id};
use crate::harness::on_both;
use serde_json::{Value, json};

const EVERYTHING: &str = r"query($id: ID!) {
  viewer { subject departments roles }
  sources { key restrictions { path kind reason policy } syncRuns { nodes { id } } quarantinedCount }
  syncRuns { nodes { id error finishedAt streams { stream } } }
  quarantine { totalCount nodes { id code raw } }
  matchCandidates { totalCount nodes { id probability sentence evidence { attribute left right } } }
  customers(first: 5) { totalCount pageInfo { hasNextPage } nodes { id displayName } }
  customer(id: $id) {
    __typename id version createdAt changedAt recordCount displayName email phone language timeZone tags
    address { lines locality } emails { address original primary sourceRecord { id } } phones { e164 original }
    addresses { lines postalCode } identifiers { system value }
    ... on Person { givenName familyName birthDate company jobTitle nickname }
    restrictions { path kind reason policy }
    provenance { path value rule source { key } alternatives { value lostBecause } }
    sourceRecords { totalCount nodes { id kind externalId contentHash raw restrictions { path } } }
    effectiveConsents { purpose channel status statements }
    matchCandidates { id }
    accounts { totalCount nodes { number balance { amount } } }
    subscriptions { nodes { product recurring { amount currency } } }
    invoices { totalCount nodes { number status total { amount currency minorUnits } payments { nodes { amount { amount } } } restrictions { path } } }
    payments { nodes { amount { amount } invoice { number } } }
    tickets { nodes { number subject status interactions { nodes { summary } } feedback { nodes { score } } } }
    interactions { nodes { summary ticket { number } } }
    feedback { nodes { score comment ticket { status } } }
    campaignTouches { nodes { result campaign { name touches { totalCount } } } }
    consents { nodes { purpose status } }
  }
}";

/// Where both say something, they say it under the same keys in the same order; lists may have fewer items.
fn is_same_shape(place: &str, one: &Value, other: &Value) -> Result<(), String> {
    match (one, other) {
        (Value::Null, _) | (_, Value::Null) => Ok(()),
        (Value::Object(left), Value::Object(right)) => {
            let (left_keys, right_keys): (Vec<_>, Vec<_>) = (left.keys().collect(), right.keys().collect());
            if left_keys != right_keys {
                return Err(format!("{place}: {left_keys:?} and {right_keys:?}"));
            }
            // JSON of no type: a golden value, and what a source said.
            let typed = left.iter().filter(|(key, _)| !["value", "raw"].contains(&key.as_str()));
            typed.into_iter().try_for_each(|(key, value)| is_same_shape(&format!("{place}.{key}"), value, &right[key]))
        }
        (Value::Array(left), Value::Array(right)) => {
            let mut pairs = left.iter().flat_map(|one| right.iter().map(move |other| (one, other)));
            pairs.try_for_each(|(one, other)| is_same_shape(place, one, other))
        }
        _ if std::mem::discriminant(one) == std::mem::discriminant(other) => Ok(()),
        _ => Err(format!("{place}: {one} and {other}")),
    }
}

#[tokio::test]
async fn the_same_document_has_the_same_shape_for_every_role() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 2).await;
        let id = json!({"id": hub.customer(party_id("stripe", 0)).await.to_string()});
        let whole = hub.data(&everyone(), EVERYTHING, id.clone()).await;
        let nulls = whole.to_string().matches(":null").count();
        for who in [billing(), support(), marketing(), steward(), actor(&["billing"], &["operator"])] {
            let part = hub.data(&who, EVERYTHING, id.clone()).await;
            is_same_shape("$", &whole, &part).unwrap_or_else(|error| panic!("{}: {error}", who.subject()));
            assert!(part.to_string().matches(":null").count() > nulls, "{} is shown less", who.subject());
        }
    })
    .await;
}

/// A department for which nobody has written a policy.
#[tokio::test]
async fn whoever_may_see_nothing_gets_nothing_and_no_error() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 1).await;
        let id = json!({"id": hub.customer(party_id("stripe", 0)).await.to_string()});
        let nothing = hub.data(&actor(&["legal"], &[]), EVERYTHING, id).await;
        assert_eq!(nothing["customer"], Value::Null);
        for (list, empty) in [("customers", json!([])), ("quarantine", json!([])), ("matchCandidates", json!([]))] {
            assert_eq!((&nothing[list]["nodes"], &nothing[list]["totalCount"]), (&empty, &json!(0)), "{list}");
        }
        assert_eq!((&nothing["sources"], &nothing["syncRuns"]["nodes"]), (&json!([]), &json!([])));
    })
    .await;
}
