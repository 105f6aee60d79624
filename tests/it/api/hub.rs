//! A hub over a fresh store: the sources of three departments, the shipped policies, and a clock that every look at it moves
//! on by a second.

use crate::store::fixture::{source, time};
use async_graphql::Request;
use onefold::app::{App, IngestAnswer, IngestRecord};
use onefold::auth::{Actor, PolicySet, Scope, default_policies};
use onefold::graphql::{self, HubSchema, graph_fields};
use onefold::identity::{FoldReport, Identity};
use onefold::store::Store;
use onefold::sync::Engine;
use onefold_model::{Clock, CustomerId, DepartmentKey, RecordId, RecordKind, SourceKey, Timestamp};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// The sources, with their departments.
pub(crate) const SOURCES: [(&str, &str); 3] =
    [("stripe", "billing"), ("zendesk", "support"), ("mailchimp", "marketing")];

/// Each look at it is a second later than the one before.
#[derive(Default)]
pub(crate) struct StepClock(AtomicI64);

impl Clock for StepClock {
    fn now(&self) -> Timestamp {
        time(1_000 + self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// Somebody of these departments with these roles.
pub(crate) fn actor(departments: &[&str], roles: &[&str]) -> Actor {
    let keys = departments.iter().map(|key| DepartmentKey::new(*key).expect("a slug"));
    Actor::new(format!("ann of {departments:?}"), keys, roles.iter().map(|role| (*role).to_owned()))
}

pub(crate) fn billing() -> Actor {
    actor(&["billing"], &[])
}

pub(crate) fn support() -> Actor {
    actor(&["support"], &[])
}

pub(crate) fn marketing() -> Actor {
    actor(&["marketing"], &[])
}

/// A steward of Support.
pub(crate) fn steward() -> Actor {
    actor(&["support"], &["steward"])
}

/// Somebody of all departments with all roles.
pub(crate) fn everyone() -> Actor {
    actor(&["billing", "support", "marketing"], &["operator", "steward"])
}

/// The departments of the sources.
pub(crate) fn departments() -> Vec<DepartmentKey> {
    SOURCES.iter().map(|(_, key)| DepartmentKey::new(*key).expect("a slug")).collect()
}

/// The policies of these files over the real graph.
pub(crate) fn policies(files: &[(impl AsRef<str>, impl AsRef<str>)]) -> PolicySet {
    PolicySet::load(files, &graph_fields(), &departments()).unwrap_or_else(|errors| panic!("{errors}"))
}

/// A record to push.
pub(crate) fn put(kind: RecordKind, stream: &str, key: &str, data: Value) -> IngestRecord {
    let (stream, external_id) = (stream.to_owned(), key.to_owned());
    IngestRecord { kind, stream, external_id, data: Some(data), deleted: false }
}

/// The use cases and the graph over them.
pub(crate) struct Hub {
    pub(crate) app: Arc<App>,
    pub(crate) schema: HubSchema,
}

impl Hub {
    /// With the shipped policies and the usual thresholds.
    pub(crate) async fn open(store: &Store) -> Self {
        Self::with(store, policies(&default_policies(&departments())), Identity::default()).await
    }

    /// With policies and thresholds of one's own.
    pub(crate) async fn with(store: &Store, policies: PolicySet, identity: Identity) -> Self {
        for (key, department) in SOURCES {
            source(store, key, department).await;
        }
        let clock: Arc<dyn Clock> = Arc::new(StepClock::default());
        let engine = Engine::open(store.clone(), Vec::new(), Arc::clone(&clock)).await.expect("an engine");
        let app = App::open(store.clone(), policies, identity, Arc::new(engine), clock).await.expect("an app");
        Self { app, schema: graphql::schema() }
    }

    /// The same store under other policies.
    pub(crate) async fn under(&self, policies: PolicySet) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(StepClock::default());
        let (store, engine) = (self.app.store().clone(), Arc::clone(self.app.engine()));
        let app = App::open(store, policies, Identity::default(), engine, clock).await.expect("an app");
        Self { app, schema: self.schema.clone() }
    }

    /// The whole answer to a document.
    pub(crate) async fn ask(&self, who: &Actor, document: &str, variables: Value) -> Value {
        let Value::Object(variables) = variables else { panic!("variables are an object") };
        let request = Request::new(document).variables(graphql::variables(variables));
        let answer = graphql::execute(&self.schema, self.app.session(who.clone()), request).await;
        serde_json::to_value(&answer).expect("an answer is JSON")
    }

    /// The data of an answer without errors.
    pub(crate) async fn data(&self, who: &Actor, document: &str, variables: Value) -> Value {
        let mut answer = self.ask(who, document, variables).await;
        assert_eq!(answer.get("errors"), None, "{document}");
        answer["data"].take()
    }

    /// The codes of the errors of an answer, and their messages.
    pub(crate) async fn refusals(&self, who: &Actor, document: &str, variables: Value) -> Vec<(String, String)> {
        let answer = self.ask(who, document, variables).await;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let errors = answer["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|error| (text(&error["extensions"]["code"]), text(&error["message"]))).collect()
    }

    /// Pushes records that all fit.
    pub(crate) async fn push(&self, source: &str, records: Vec<IngestRecord>) -> IngestAnswer {
        let key = SourceKey::new(source).expect("a slug");
        let answer = self.app.system("test").records_ingest(&key, records).await.expect("the batch is taken");
        let misfit = answer.results.iter().find(|result| result.problem.is_some());
        assert_eq!(misfit, None);
        answer
    }

    /// Pushes records of several sources, in their order.
    pub(crate) async fn push_all(&self, records: impl IntoIterator<Item = (&'static str, IngestRecord)>) {
        for (source, record) in records {
            self.push(source, vec![record]).await;
        }
    }

    /// Folds everything.
    pub(crate) async fn fold(&self) -> FoldReport {
        self.app.fold("system:test", |_| {}).await.expect("the fold comes to its end")
    }

    /// The customer that a party's record belongs to.
    pub(crate) async fn customer(&self, record: RecordId) -> CustomerId {
        let rows = self.app.store().record_get(&Scope::system("test"), &[record]).await.expect("the record");
        rows[0].customer.expect("the record has been folded")
    }

    /// A customer as a document gives it, by any of its ids.
    pub(crate) async fn customer_doc(&self, who: &Actor, id: CustomerId, selection: &str) -> Value {
        let document = format!("query($id: ID!) {{ customer(id: $id) {{ {selection} }} }}");
        self.data(who, &document, json!({"id": id.to_string()})).await["customer"].take()
    }
}

/// The id of a record of a source.
pub(crate) fn record_id(source: &str, stream: &str, key: &str) -> RecordId {
    RecordId::derive(&SourceKey::new(source).expect("a slug"), stream, key)
}
