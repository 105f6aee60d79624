//! The use cases: the only door to the hub. Each authorises, loads, decides, saves and audits.
//!
//! Promises: whatever leaves here has been through a [`Scope`]; a write commits with its audit entry and its place in the
//! change log. Deliberately does not know HTTP or GraphQL.

mod activity;
mod api_key;
mod audit;
mod bulk;
mod bulk_evidence;
mod candidate;
mod candidate_group;
mod change;
mod consent;
mod control;
mod customer;
mod data_map;
mod decision;
mod decision_time;
mod desk;
mod drift;
mod error;
mod explain;
mod export;
mod figures;
mod fold;
mod freshness;
mod ingest;
mod login_session;
mod model;
mod outgoing;
mod past;
mod pin;
mod plan;
mod planned;
mod policy;
mod privacy;
mod quality;
mod quarantine;
mod record;
mod redact;
mod replay;
mod schedule;
mod search;
mod seen;
mod source;
mod stale;
mod survivorship;
mod sync;
mod threshold;
mod trial;
mod uses;
mod webhook;

pub use activity::ActivityView;
pub use api_key::{API_KEY_MAX_DAYS, API_KEY_PREFIX, ApiKeyRefusal, ApiKeyState, ApiKeyView};
pub use audit::{CUSTOMER_READ, POLICY_CHANGED, RECORD_READ, RIGHT_REFUSED, ReadKind};
pub use bulk::{BulkAsk, BulkOrder, BulkOutcome, BulkPlan};
pub use bulk_evidence::BulkEvidence;
pub use candidate::{CandidateView, Evidence, EvidenceLine};
pub use candidate_group::CandidateGroup;
pub use change::{ChangeAsk, ChangeStep, ChangeView};
pub use consent::FoldedConsent;
pub use control::{ControlState, SourceControl};
pub use customer::{Contact, CustomerValues, Losing, Provenance, Said};
pub use data_map::{DataMapDepth, DataMapEntry, GoldenFigures};
pub use decision::{DecideAsk, Decided, DecisionScope, Verdict};
pub use desk::{AssignAsk, Claimed};
pub use drift::{DriftKind, DriftState, FieldDrift, FieldName};
pub use error::AppError;
pub use explain::{Better, Bridge, CustomerFormed, Enough, FormationStep, MatchExplained, WholeScore};
pub use export::{ExportAsk, ExportFound, ExportGone, ExportHeld, ExportLine, ExportNext};
pub use figures::{AmountSum, CustomerFacet, Summed};
pub use fold::Rebuilt;
pub use ingest::{IngestAnswer, IngestRecord, IngestResult};
pub use model::{ModelActivated, ModelView};
pub use outgoing::{OutgoingHeld, OutgoingTurn, SecretChange, WEBHOOK_SECRET_PREFIX, WebhookAsk, WebhookChange};
pub use past::{CustomerPast, PastAsk};
pub use pin::{PinAsk, Pinned};
pub use plan::{
    ConsentChange, IdChange, PlanApplied, PlanAsk, PlanKind, PlanMark, PlanOutcome, PlannedDecision, StewardPlan,
    ValueChange,
};
pub use planned::{PlannedAsk, PlannedCustomer, PlannedList, PlannedListAsk, PlannedReach, PlannedValues};
pub use policy::{AccessAction, AccessAsk, AccessField};
pub use quality::{BlindPair, MatchQuality};
pub use quarantine::{DiscardAsk, Discarded, QuarantineRetried, QuarantineView};
pub use record::RecordView;
pub use redact::{Redacted, Restriction};
pub use replay::{ReplayApplied, ReplayPlan, ReplaySample};
pub use search::{SearchMatch, SearchResult};
pub use source::SourceView;
pub use stale::{Stale, ValueDifference};
pub use survivorship::{SurvivorshipChange, SurvivorshipOutcome, SurvivorshipPlan};
pub use threshold::ThresholdProposal;
pub use trial::{
    TrialApplied, TrialChange, TrialChoice, TrialContent, TrialMatch, TrialPlan, TrialRefused, TrialShown, TrialVerdict,
};
pub use webhook::{WebhookError, WebhookTaken};

// What callers need to read plans of models.
pub use crate::identity::{Estimate, ModelPlan, Plan};

// What callers need to hand deliveries over.
pub use crate::sync::{Delivery, DeliveryRefusal};

// What callers need to ask and to read pages.
pub use crate::store::{
    ActivityChoice, ActivityCondition, ActivityField, ActivityFilter, ActivityOrder, ActivityTest, ActivityValue,
    AuditFilter, AuditHead, AuditRow, CandidateDesk, CandidateFilter, CandidateOrder, ChangeKind, CustomerFilter,
    CustomerOrder, CustomerRow, DecisionRow, DeliveryRow, DeliveryState, Direction, Erased, ErasedSource, ErasurePlan,
    ExportFormat, ExportMove, ExportPart, ExportRow, ExportState, FacetField, Holds, KeepOut, LATER, LINK, ListColumn,
    NEVER_LINK, OutgoingRow, OutgoingState, PackedActivity, PageAsk, PageOutcome, PersonAsk, PinRow, QualityStratum,
    QuarantineCause, QuarantineDiscard, QuarantineGroup, RunRow, RunState, SCOPE_CUSTOMERS, Same, Slice,
    StreamFreshness, StreamProgress, SumFilter, SumGroup,
};

use crate::auth::{Actor, LivePolicies, Owners, PolicySet, Scope};
use crate::config::{AuditConfig, AuditReads, ExportConfig};
use crate::identity::Identity;
use crate::store::{SourceRow, Store};
use crate::sync::Engine;
use onefold_model::{Clock, SourceId};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use tokio::sync::Notify;

/// Everything that the use cases need, opened once.
pub struct App {
    store: Store,
    policies: LivePolicies,
    identity: Identity,
    engine: Arc<Engine>,
    clock: Arc<dyn Clock>,
    sources: HashMap<SourceId, SourceRow>,
    fold_wanted: Notify,
    /// What has not changed is to be judged anew too.
    refold_wanted: AtomicBool,
    audit: audit::Writer,
    audit_reads: AuditReads,
    exports: ExportConfig,
    /// Whoever reads the whole store for the data map.
    data_map: tokio::sync::Mutex<()>,
    /// Sources that systems have hinted at.
    hints: webhook::Hints,
    /// The end of the change log, for those who wait for more.
    watched: change::Watched,
}

/// What the operator decides of the use cases.
#[derive(Debug, Clone, Default)]
pub struct AppConfig {
    /// What the audit keeps of reads.
    pub audit: AuditConfig,
    /// How much may be exported.
    pub export: ExportConfig,
}

impl App {
    /// Over an open store. The sources of the engine are those that can be synced; the store may know others from before.
    /// Deeds are audited, reads are not.
    pub async fn open(
        store: Store,
        policies: PolicySet,
        identity: Identity,
        engine: Arc<Engine>,
        clock: Arc<dyn Clock>,
    ) -> Result<Arc<Self>, AppError> {
        Self::open_audited(store, policies, identity, engine, clock, AuditConfig { reads: AuditReads::None }).await
    }

    /// As [`App::open`], with what the audit keeps of reads.
    pub async fn open_audited(
        store: Store,
        policies: PolicySet,
        identity: Identity,
        engine: Arc<Engine>,
        clock: Arc<dyn Clock>,
        audit: AuditConfig,
    ) -> Result<Arc<Self>, AppError> {
        Self::open_with(store, policies, identity, engine, clock, AppConfig { audit, ..AppConfig::default() }).await
    }

    /// As [`App::open`], with what the operator decides.
    pub async fn open_with(
        store: Store,
        policies: PolicySet,
        identity: Identity,
        engine: Arc<Engine>,
        clock: Arc<dyn Clock>,
        config: AppConfig,
    ) -> Result<Arc<Self>, AppError> {
        let sources = store.source_list().await?.into_iter().map(|source| (source.id, source)).collect();
        identity.rules_open(&store, clock.as_ref()).await?;
        let policies = LivePolicies::new(policies);
        let audit = audit::Writer::start(store.clone(), Arc::clone(&clock));
        Ok(Arc::new(Self {
            store,
            policies,
            identity,
            engine,
            clock,
            sources,
            fold_wanted: Notify::new(),
            refold_wanted: AtomicBool::new(false),
            audit,
            audit_reads: config.audit.reads,
            exports: config.export,
            data_map: tokio::sync::Mutex::default(),
            hints: webhook::Hints::default(),
            watched: change::Watched::default(),
        }))
    }

    /// What somebody with a verified token may do.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "whoever opens a session hands over the actor that was verified for it"
    )]
    pub fn session(self: &Arc<Self>, actor: Actor) -> Session {
        let scope = self.policies.state().set.scope(&actor);
        Session { app: Arc::clone(self), scope, pushes_into: None, reads: self.reads(), seen: None }
    }

    /// What the process itself may do: everything. For the command line, which already has the store in its hands.
    pub fn system(self: &Arc<Self>, reason: &'static str) -> Session {
        Session { app: Arc::clone(self), scope: Scope::system(reason), pushes_into: None, reads: None, seen: None }
    }

    /// The policies that hold, for whoever puts others in their place.
    pub fn policies(&self) -> &LivePolicies {
        &self.policies
    }

    /// The clock by which everything here is written down.
    pub fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }

    /// The store, for the process's own housekeeping.
    pub fn store(&self) -> &Store {
        &self.store
    }
}

/// The use cases as one caller may use them. Cheap to clone.
#[derive(Clone)]
pub struct Session {
    app: Arc<App>,
    scope: Scope,
    /// The one source into which a machine with an API key may push. Its scope permits nothing.
    pushes_into: Option<SourceId>,
    /// What the session has read, where that is written down.
    reads: Option<Arc<audit::Reads>>,
    /// Whom the answer has shown, where the session is for one.
    seen: Option<Arc<seen::Seen>>,
}

impl Session {
    /// What the caller may see.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    fn store(&self) -> &Store {
        &self.app.store
    }

    /// Whether the caller may see objects of this type at all, of whatever owner.
    pub fn shows_type(&self, type_name: &str) -> bool {
        *self.scope.type_owners(type_name) != Owners::None
    }

    /// Whether the caller may see objects of this type that come from this source.
    pub fn shows_type_of(&self, type_name: &str, source: SourceId) -> bool {
        let department = self.source(source).map(|row| &row.department);
        self.scope.type_owners(type_name).includes(department)
    }

    /// Whether the caller may read this field as it is, for some owner.
    pub fn shows(&self, type_name: &str, field: &str) -> bool {
        self.app.sources.values().any(|row| self.scope.field(type_name, field, Some(&row.department)).is_read())
    }

    fn source(&self, id: SourceId) -> Option<&SourceRow> {
        self.app.sources.get(&id)
    }
}
