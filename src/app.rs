//! The use cases: the only door to the hub. Each authorises, loads, decides, saves and audits.
//!
//! Promises: whatever leaves here has been through a [`Scope`]; a write commits with its audit entry and its place in the
//! change log. Deliberately does not know HTTP or GraphQL.

mod activity;
mod candidate;
mod consent;
mod customer;
mod error;
mod fold;
mod ingest;
mod policy;
mod quarantine;
mod record;
mod redact;
mod search;
mod source;
mod sync;

pub use activity::ActivityView;
pub use candidate::{CandidateView, Evidence};
pub use consent::FoldedConsent;
pub use customer::{Contact, CustomerValues, Losing, Provenance, Said};
pub use error::AppError;
pub use fold::Rebuilt;
pub use ingest::{IngestAnswer, IngestRecord, IngestResult};
pub use policy::{AccessAction, AccessAsk, AccessField};
pub use quarantine::{QuarantineRetried, QuarantineView};
pub use record::RecordView;
pub use redact::{Redacted, Restriction};
pub use search::SearchResult;
pub use source::SourceView;

// What callers need to ask and to read pages.
pub use crate::store::{
    ActivityFilter, CandidateFilter, CustomerFilter, CustomerOrder, CustomerRow, Direction, PageAsk, RunRow, RunState,
    Slice, StreamProgress,
};

use crate::auth::{Actor, LivePolicies, Owners, PolicySet, Scope};
use crate::identity::Identity;
use crate::store::{SourceRow, Store};
use crate::sync::Engine;
use onefold_model::{Clock, SourceId};
use std::collections::HashMap;
use std::sync::Arc;
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
}

impl App {
    /// Over an open store. The sources of the engine are those that can be synced; the store may know others from before.
    pub async fn open(
        store: Store,
        policies: PolicySet,
        identity: Identity,
        engine: Arc<Engine>,
        clock: Arc<dyn Clock>,
    ) -> Result<Arc<Self>, AppError> {
        let sources = store.source_list().await?.into_iter().map(|source| (source.id, source)).collect();
        let policies = LivePolicies::new(policies);
        Ok(Arc::new(Self { store, policies, identity, engine, clock, sources, fold_wanted: Notify::new() }))
    }

    /// What somebody with a verified token may do.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "whoever opens a session hands over the actor that was verified for it"
    )]
    pub fn session(self: &Arc<Self>, actor: Actor) -> Session {
        let scope = self.policies.state().set.scope(&actor);
        Session { app: Arc::clone(self), scope }
    }

    /// What the process itself may do: everything. For the command line, which already has the store in its hands.
    pub fn system(self: &Arc<Self>, reason: &'static str) -> Session {
        Session { app: Arc::clone(self), scope: Scope::system(reason) }
    }

    /// The policies that hold, for whoever puts others in their place.
    pub fn policies(&self) -> &LivePolicies {
        &self.policies
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
