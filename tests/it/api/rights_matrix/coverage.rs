//! What the schema has, against what the matrix walks: an operation, an argument, a type or a way of use that nobody has
//! thought of fails here.

use super::super::rights_walk::governed;
use super::lists;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};
use onefold::graphql::{graph_fields, sdl};
use std::collections::{BTreeMap, BTreeSet};

/// Every operation, each walked in `uses`. Those of `lists` come besides.
const OPERATIONS: &[&str] = &[
    "Mutation.apiKeyCreate",
    "Mutation.apiKeyRevoke",
    "Mutation.blindReviewJudge",
    "Mutation.blindReviewNext",
    "Mutation.candidateAssign",
    "Mutation.candidateClaim",
    "Mutation.candidateRelease",
    "Mutation.decideManyApply",
    "Mutation.decisionUndo",
    "Mutation.driftAcknowledge",
    "Mutation.exportCancel",
    "Mutation.exportDelete",
    "Mutation.exportStart",
    "Mutation.matchDecide",
    "Mutation.matchModelActivate",
    "Mutation.matchModelTrain",
    "Mutation.matchQualityDraw",
    "Mutation.mergeApply",
    "Mutation.planUndo",
    "Mutation.privacyErase",
    "Mutation.privacyExport",
    "Mutation.quarantineDiscard",
    "Mutation.quarantineDiscardUndo",
    "Mutation.quarantineRetry",
    "Mutation.recordsIngest",
    "Mutation.replayApply",
    "Mutation.sourcePause",
    "Mutation.sourceResume",
    "Mutation.splitApply",
    "Mutation.syncCancel",
    "Mutation.survivorshipApply",
    "Mutation.syncStart",
    "Mutation.syncTrial",
    "Mutation.valuePin",
    "Mutation.valueUnpin",
    "Mutation.webhookCreate",
    "Mutation.webhookDelete",
    "Mutation.webhookReplay",
    "Mutation.webhookUpdate",
    "Query._entities",
    "Query._service",
    "Query.amountSums",
    "Query.apiKeys",
    "Query.auditEntries",
    "Query.customer",
    "Query.customerBySource",
    "Query.customerFacets",
    "Query.customers",
    "Query.dataMap",
    "Query.decideManyPreview",
    "Query.decisions",
    "Query.explainAccess",
    "Query.explainCustomer",
    "Query.explainMatch",
    "Query.exports",
    "Query.matchCandidateGroups",
    "Query.matchCandidates",
    "Query.matchModelPlan",
    "Query.matchModels",
    "Query.matchQuality",
    "Query.matchThresholdProposal",
    "Query.mergePreview",
    "Query.node",
    "Query.nodes",
    "Query.plans",
    "Query.policyStatus",
    "Query.quarantine",
    "Query.quarantineDiscards",
    "Query.quarantineGroups",
    "Query.replayPreview",
    "Query.search",
    "Query.sources",
    "Query.splitPreview",
    "Query.survivorshipPreview",
    "Query.syncRuns",
    "Query.valuePins",
    "Query.viewAs",
    "Query.viewer",
    "Query.webhooks",
    "SubscriptionRoot.changes",
    "SubscriptionRoot.exportProgress",
    "SubscriptionRoot.syncRun",
];

/// Arguments by which rows are chosen or ordered, and the field whose rights that takes; none where the choice tells
/// nothing that is not free. Those of pages are not listed.
pub(super) const CHOICES: &[(&str, Option<&str>)] = &[
    // Of the other types likewise: `no_figure_tells_of_what_its_reader_may_not_read`.
    ("AmountFilterInput.before", Some("Invoice.issuedAt")),
    ("AmountFilterInput.customer", None),
    ("AmountFilterInput.department", None),
    ("AmountFilterInput.since", Some("Invoice.issuedAt")),
    ("AmountFilterInput.source", None),
    ("AmountFilterInput.statuses", Some("Invoice.status")),
    ("AuditFilterInput.action", None),
    ("AuditFilterInput.actor", None),
    ("AuditFilterInput.customer", None),
    ("AuditFilterInput.since", None),
    ("AuditFilterInput.until", None),
    // The department, source and kind of a record that is shown are free, and the rest is of the queue itself.
    ("CandidateFilterInput.assignee", None),
    ("CandidateFilterInput.contested", None),
    ("CandidateFilterInput.customer", None),
    ("CandidateFilterInput.department", None),
    ("CandidateFilterInput.dueBy", None),
    ("CandidateFilterInput.foundBefore", None),
    ("CandidateFilterInput.foundSince", None),
    ("CandidateFilterInput.kind", None),
    ("CandidateFilterInput.maxProbability", None),
    ("CandidateFilterInput.minProbability", None),
    ("CandidateFilterInput.source", None),
    // Counts nothing that the scope hides: `the_queue_is_ordered_by_what_matters_and_chosen_from`.
    ("CandidateOrderInput.IMPACT", None),
    ("CandidateOrderInput.LIKELIEST", None),
    ("CandidateOrderInput.OLDEST", None),
    ("CustomerFilterInput.country", Some("Customer.addresses")),
    ("CustomerFilterInput.department", Some("Customer.sourceRecords")),
    ("CustomerFilterInput.email", Some("Customer.emails")),
    ("CustomerFilterInput.kind", None),
    ("CustomerFilterInput.minRecords", None),
    ("CustomerFilterInput.nameStartsWith", Some("Customer.displayName")),
    ("CustomerFilterInput.phone", Some("Customer.phones")),
    ("CustomerFilterInput.region", Some("Customer.addresses")),
    ("CustomerFilterInput.source", Some("Customer.sourceRecords")),
    ("CustomerFilterInput.tag", Some("Customer.tags")),
    ("CustomerFilterInput.identifier", Some("Customer.identifiers")),
    ("CustomerFilterInput.displayName", Some("Customer.displayName")),
    ("CustomerFilterInput.givenName", Some("Customer.givenName")),
    ("CustomerFilterInput.middleName", Some("Customer.middleName")),
    ("CustomerFilterInput.familyName", Some("Customer.familyName")),
    ("CustomerFilterInput.namePrefix", Some("Customer.namePrefix")),
    ("CustomerFilterInput.nameSuffix", Some("Customer.nameSuffix")),
    ("CustomerFilterInput.nickname", Some("Customer.nickname")),
    ("CustomerFilterInput.legalName", Some("Customer.legalName")),
    ("CustomerFilterInput.company", Some("Customer.company")),
    ("CustomerFilterInput.jobTitle", Some("Customer.jobTitle")),
    ("CustomerFilterInput.language", Some("Customer.language")),
    ("CustomerFilterInput.timeZone", Some("Customer.timeZone")),
    ("CustomerFilterInput.birthDate", Some("Customer.birthDate")),
    ("CustomerFilterInput.tradeNames", Some("Customer.tradeNames")),
    ("CustomerFilterInput.domains", Some("Customer.domains")),
    ("CustomerFilterInput.updatedSince", None),
    ("CustomerOrderInput.CREATED_ASC", None),
    ("CustomerOrderInput.CREATED_DESC", None),
    ("CustomerOrderInput.NAME_ASC", Some("Customer.displayName")),
    ("CustomerOrderInput.NAME_DESC", Some("Customer.displayName")),
    ("CustomerOrderInput.UPDATED_ASC", None),
    ("CustomerOrderInput.UPDATED_DESC", None),
    ("Query.apiKeys.source", None),
    ("Query.customerBySource.externalId", Some("SourceRecord.externalId")),
    ("Query.customerBySource.source", None),
    ("Query.dataMap.source", None),
    ("Query.decisions.customer", None),
    ("Query.decisions.standing", None),
    ("Query.matchCandidates.customer", None),
    ("Query.matchCandidates.minProbability", None),
    ("Query.quarantine.code", Some("Quarantine.code")),
    ("Query.quarantine.source", None),
    ("Query.quarantineDiscards.source", None),
    ("Query.quarantineGroups.source", None),
    ("Query.search.text", Some("search")),
    ("Query.syncRuns.source", None),
];

/// Arguments that name what is asked for, and choose nothing by its content.
const NAMING: &[&str] = &[
    "Source.drift.show",
    "Webhook.deliveries.state",
    "Customer.provenance.paths",
    "Mutation.apiKeyCreate.input",
    "Mutation.apiKeyRevoke.input",
    "Mutation.blindReviewJudge.input",
    "Mutation.candidateAssign.input",
    "Mutation.candidateClaim.input",
    "Mutation.candidateRelease.input",
    "Mutation.decideManyApply.input",
    "Mutation.decisionUndo.input",
    "Mutation.driftAcknowledge.input",
    "Mutation.exportCancel.input",
    "Mutation.exportDelete.input",
    "Mutation.exportStart.input",
    "Mutation.matchDecide.input",
    "Mutation.matchModelActivate.input",
    "Mutation.mergeApply.input",
    "Mutation.planUndo.input",
    "Mutation.privacyErase.input",
    "Mutation.privacyExport.input",
    "Mutation.quarantineDiscard.input",
    "Mutation.quarantineDiscardUndo.input",
    "Mutation.quarantineRetry.input",
    "Mutation.recordsIngest.input",
    "Mutation.replayApply.input",
    "Mutation.sourcePause.input",
    "Mutation.sourceResume.input",
    "Mutation.splitApply.input",
    "Mutation.syncCancel.input",
    "Mutation.survivorshipApply.input",
    "Mutation.syncStart.input",
    "Mutation.syncTrial.input",
    "Mutation.valuePin.input",
    "Mutation.valueUnpin.input",
    "Mutation.webhookCreate.input",
    "Mutation.webhookDelete.input",
    "Mutation.webhookReplay.input",
    "Mutation.webhookUpdate.input",
    "Query.amountSums.by",
    "Query.amountSums.filter",
    "Query.amountSums.of",
    "Query.auditEntries.filter",
    "Query.customer.asOf",
    "Query.customer.id",
    "Query.customer.knownAt",
    "Query.customerFacets.fields",
    "Query.customerFacets.filter",
    "Query.customers.filter",
    "Query.customers.orderBy",
    "Query.decideManyPreview.input",
    "Query.explainAccess.departments",
    "Query.explainAccess.id",
    "Query.explainAccess.paths",
    "Query.explainAccess.roles",
    "Query.explainCustomer.id",
    "Query.explainMatch.a",
    "Query.explainMatch.b",
    "Query.matchCandidateGroups.filter",
    "Query.matchCandidates.filter",
    "Query.matchCandidates.orderBy",
    "Query.matchModelPlan.examples",
    "Query.matchModelPlan.version",
    "Query.matchThresholdProposal.mostWrong",
    "Query.mergePreview.input",
    "Query.node.id",
    "Query.nodes.ids",
    "Query.replayPreview.source",
    "Query.splitPreview.input",
    "Query.survivorshipPreview.sample",
    "Query.valuePins.customer",
    "Query.viewAs.departments",
    "Query.viewAs.roles",
    "Query._entities.representations",
    "SubscriptionRoot.changes.customer",
    "SubscriptionRoot.changes.from",
    "SubscriptionRoot.changes.kinds",
    "SubscriptionRoot.exportProgress.id",
    "SubscriptionRoot.syncRun.id",
];

/// Types without an id and rights of their own: parts of a field, and what operations answer.
const PARTS: &[&str] = &[
    "AccessExplanation",
    "AccessView",
    "AccessViewAction",
    "AccessViewField",
    "AmountSum",
    "ApiKey",
    "ApiKeyCreatePayload",
    "ApiKeyRevokePayload",
    "AuditEntry",
    "DataMapEntry",
    "BetterLevel",
    "BlindLine",
    "BlindPair",
    "BlindReviewJudgePayload",
    "BlindReviewNextPayload",
    "CandidateAssignPayload",
    "CandidateClaimPayload",
    "CandidateDesk",
    "CandidateReleasePayload",
    "Change",
    "CustomerFacet",
    "CustomerFormation",
    "DecideManyEvidence",
    "DecideManyPlan",
    "DecideManyPreviewPayload",
    "DecisionPayload",
    "DriftAcknowledgePayload",
    "EffectiveConsent",
    "EmailAddress",
    "EnoughEvidence",
    "EvidenceLine",
    "Export",
    "ExportDeletePayload",
    "ExportPayload",
    "FacetValue",
    "FieldDrift",
    "FieldProvenance",
    "FormationBridge",
    "FormationStep",
    "Identifier",
    "IngestRecordResult",
    "LosingValue",
    "MatchCandidateGroup",
    "MatchExplanation",
    "MatchModel",
    "MatchModelActivatePayload",
    "MatchModelChange",
    "MatchModelPlan",
    "MatchModelTrainPayload",
    "MatchQuality",
    "MatchQualityDrawPayload",
    "MatchThresholdProposal",
    "Money",
    "PageInfo",
    "PhoneNumber",
    "PlanPayload",
    "PlanPreview",
    "PlanPreviewPayload",
    "PlannedConsent",
    "PlannedConsentPart",
    "PlannedCustomer",
    "PlannedDecision",
    "PlannedId",
    "PlannedValue",
    "PlannedValuePart",
    "PolicyReference",
    "PolicyStatus",
    "PostalAddress",
    "PrivacyErasePayload",
    "PrivacyErasedSource",
    "PrivacyExportPayload",
    "QualityEstimate",
    "QualityStratum",
    "QuarantineDiscard",
    "QuarantineDiscardPayload",
    "QuarantineGroup",
    "QuarantineRetryPayload",
    "RecordsIngestPayload",
    "ReplayApplyPayload",
    "ReplayField",
    "ReplayPlan",
    "ReplayPreviewPayload",
    "ReplayedRecord",
    "Restriction",
    "SearchHit",
    "SourceControl",
    "SourceControlPayload",
    "StewardDecision",
    "StreamFreshness",
    "SurvivorshipApplyPayload",
    "SurvivorshipField",
    "SurvivorshipPreview",
    "SurvivorshipSample",
    "StewardPlan",
    "SyncCancelPayload",
    "SyncStartPayload",
    "SyncStream",
    "SyncTrial",
    "SyncTrialFailure",
    "SyncTrialMatch",
    "SyncTrialPayload",
    "SyncTrialRecord",
    "SyncTrialRefused",
    "SyncTrialStream",
    "ValuePin",
    "ValuePinPayload",
    "Viewer",
    "Webhook",
    "WebhookCreatePayload",
    "WebhookDeletePayload",
    "WebhookDelivery",
    // What a mutation could not do, told to whoever asked for it.
    "ValidationError",
    "ReasonNeededError",
    "ForbiddenError",
    "FieldForbiddenError",
    "NotFoundError",
    "ConflictError",
    "PausedError",
    "ErasedSubjectError",
    "AuditUnavailableError",
    "PlanMovedError",
    "StaleVersionError",
    "RecordUnfitError",
    "FieldDifference",
    "_Service",
];

const PAGING: [&str; 4] = ["first", "after", "last", "before"];
const CONNECTION: [&str; 4] = ["edges", "nodes", "pageInfo", "totalCount"];

/// What the schema says of itself, as far as the matrix asks.
pub(super) struct Surface {
    /// What the matrix does not know.
    pub(super) unknown: Vec<String>,
    /// What the matrix knows and the schema has not.
    pub(super) gone: Vec<String>,
    /// Ways of use that the API does not have.
    pub(super) absent: Vec<&'static str>,
    /// By type, what everybody sees who sees the object at all.
    pub(super) free: BTreeMap<String, BTreeSet<String>>,
}

impl Surface {
    pub(super) fn read() -> Self {
        let document = parse_schema(sdl()).unwrap();
        let (mut operations, mut arguments, mut parts) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let mut free: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut has_subscription = false;
        let fields = graph_fields();
        for definition in document.definitions {
            let definition = match definition {
                TypeSystemDefinition::Schema(schema) => {
                    has_subscription |= schema.node.subscription.is_some();
                    continue;
                }
                TypeSystemDefinition::Type(definition) => definition.node,
                TypeSystemDefinition::Directive(_) => continue,
            };
            let name = definition.name.node.to_string();
            match definition.kind {
                TypeKind::Object(object) => {
                    let is_page = name.ends_with("Connection") || name.ends_with("Edge");
                    let is_root = ["Query", "Mutation", "SubscriptionRoot"].contains(&name.as_str());
                    if !is_page && !is_root && !fields.has_type(governed(&name)) {
                        parts.insert(name.clone());
                    }
                    for field in object.fields {
                        let field_name = field.node.name.node.to_string();
                        let path = format!("{}.{field_name}", governed(&name));
                        // A page that tells more than its rows would tell of rows: somebody has to think of it.
                        let tells_more = name.ends_with("Connection") && !CONNECTION.contains(&field_name.as_str());
                        if is_root || tells_more {
                            operations.insert(path.clone());
                        } else if fields.has_type(governed(&name)) && !fields.has_path(&path) {
                            free.entry(governed(&name).to_owned()).or_default().insert(field_name);
                        }
                        let own = field.node.arguments.iter().map(|argument| argument.node.name.node.to_string());
                        let own = own.filter(|argument| !PAGING.contains(&argument.as_str()));
                        arguments.extend(own.map(|argument| format!("{path}.{argument}")));
                    }
                }
                TypeKind::InputObject(input) if name.contains("Filter") => {
                    let own = input.fields.iter().map(|field| format!("{name}.{}", field.node.name.node));
                    arguments.extend(own);
                }
                TypeKind::Enum(words) if name.contains("Order") => {
                    arguments.extend(words.values.iter().map(|word| format!("{name}.{}", word.node.value.node)));
                }
                TypeKind::InputObject(_)
                | TypeKind::Enum(_)
                | TypeKind::Scalar
                | TypeKind::Interface(_)
                | TypeKind::Union(_) => {}
            }
        }
        let known: BTreeSet<String> =
            OPERATIONS.iter().chain(NAMING).chain(PARTS).map(|name| (*name).to_owned()).collect();
        let known: BTreeSet<String> =
            known.into_iter().chain(CHOICES.iter().map(|(name, _)| (*name).to_owned())).collect();
        let of_lists =
            lists::operations().chain(lists::arguments()).chain(lists::uses().into_iter().map(|one| one.argument));
        let known: BTreeSet<String> = known.into_iter().chain(of_lists).collect();
        let there: BTreeSet<String> = operations.iter().chain(&arguments).chain(&parts).cloned().collect();
        let uses = [
            ("aggregate", operations.contains("Query.amountSums")),
            ("subscription", has_subscription),
            ("export", operations.contains("Mutation.exportStart")),
        ];
        Self {
            unknown: there.difference(&known).cloned().collect(),
            gone: known.difference(&there).cloned().collect(),
            absent: uses.into_iter().filter(|(_, is_there)| !is_there).map(|(name, _)| name).collect(),
            free,
        }
    }
}
