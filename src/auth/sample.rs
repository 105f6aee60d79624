//! A graph, departments and actors for the tests of this module.

use super::{Actor, GraphFields, PolicySet, default_policies};
use onefold_model::DepartmentKey;

const TYPES: &[(&str, &str)] = &[
    (
        "Customer",
        "displayName givenName middleName familyName namePrefix nameSuffix nickname legalName tradeNames company jobTitle \
         birthDate language timeZone email emails phone phones address addresses domains identifiers tags \
         accounts subscriptions invoices payments tickets interactions feedback campaignTouches consents sourceRecords \
         provenance matchCandidates",
    ),
    ("Account", "number status openedOn closedOn balance"),
    ("Subscription", "product status startedAt currentPeriodEnd cancelledAt cancelReason recurring interval"),
    ("Invoice", "number status issuedAt dueOn paidAt net tax total amountDue amountPaid"),
    ("Payment", "amount refunded status method failureReason paidAt"),
    ("Ticket", "number subject status priority channel openedAt updatedAt solvedAt tags"),
    ("Interaction", "kind direction channel at subject summary"),
    ("Feedback", "instrument score scoreMax comment at"),
    ("Campaign", "name subject purpose channel status sentAt"),
    ("CampaignTouch", "channel at result opens"),
    ("Consent", "purpose channel status legalBasis capturedAt capturedVia"),
    ("SourceRecord", "externalId stream receivedAt deletedAtSource contentHash raw"),
    ("Source", "key connector department enabled"),
    ("SyncRun", "startedAt finishedAt state received refused error"),
    ("Quarantine", "stream externalId code message raw refusedAt"),
    ("MatchCandidate", "left right probability evidence status"),
];

pub(super) fn graph() -> GraphFields {
    TYPES.iter().map(|(name, fields)| (*name, fields.split_whitespace())).collect()
}

pub(super) fn department(key: &str) -> DepartmentKey {
    DepartmentKey::new(key).unwrap()
}

pub(super) fn departments() -> Vec<DepartmentKey> {
    ["billing", "marketing", "support"].map(department).to_vec()
}

pub(super) fn actor(departments: &[&str], roles: &[&str]) -> Actor {
    Actor::new("jane", departments.iter().map(|key| department(key)), roles.iter().map(|role| (*role).to_owned()))
}

/// The shipped policies over the sample graph.
pub(super) fn shipped() -> PolicySet {
    PolicySet::load(&default_policies(&departments()), &graph(), &departments()).unwrap()
}

/// One file of policies over the sample graph.
pub(super) fn policies(text: &str) -> PolicySet {
    PolicySet::load(&[("test.cedar", text)], &graph(), &departments()).unwrap_or_else(|errors| panic!("{errors}"))
}
