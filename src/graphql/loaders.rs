//! Batches: what many objects of one level need is asked for once.

use super::batch::{Batches, Load};
use super::error::Failure;
use crate::app::{
    ActivityChoice, ActivityFilter, ActivityView, AppError, CandidateFilter, CandidateOrder, CandidateView,
    CustomerRow, CustomerValues, FieldDrift, FieldName, FoldedConsent, PageAsk, QuarantineView, RecordView, RunRow,
    Session, Slice, SourceControl, StreamFreshness, StreamProgress,
};
use async_graphql::{Context, Result};
use onefold_model::{CustomerId, QuarantineId, RecordId, RecordKind, SourceId, SyncRunId};
use serde_json::Value;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use uuid::Uuid;

/// What one request loads in batches.
pub struct Loaders {
    session: Session,
}

impl Loaders {
    /// For one caller.
    pub fn new(session: Session) -> Self {
        Self { session }
    }
}

/// Asks for one thing, together with all that its siblings ask for.
pub(super) async fn load<K>(ctx: &Context<'_>, key: K) -> Result<Option<<Loaders as Load<K>>::Value>>
where
    K: Send + Sync + Hash + Eq + Clone + 'static,
    Loaders: Load<K>,
{
    Ok(ctx.data::<Arc<Batches<Loaders>>>()?.load(key).await?)
}

/// Whose activities: a customer's, or those that belong to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Group {
    /// A customer's.
    Customer(CustomerId),
    /// Of an invoice, a ticket, a campaign.
    Parent(RecordId),
}

impl Group {
    fn uuid(self) -> Uuid {
        match self {
            Self::Customer(id) => id.0,
            Self::Parent(id) => id.0,
        }
    }

    fn filters(groups: impl Iterator<Item = Self>) -> Vec<ActivityFilter> {
        let (mut customers, mut parents) = (Vec::new(), Vec::new());
        for group in groups {
            match group {
                Self::Customer(id) => customers.push(id),
                Self::Parent(id) => parents.push(id),
            }
        }
        let mut filters = Vec::new();
        filters.extend((!customers.is_empty()).then_some(ActivityFilter::Customers(customers)));
        filters.extend((!parents.is_empty()).then_some(ActivityFilter::Parents(parents)));
        filters
    }
}

/// A customer by any id that ever led to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CustomerKey(pub CustomerId);
/// The values of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ValuesKey(pub CustomerId);
/// The other ids of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AliasesKey(pub CustomerId);
/// The records of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RecordsKey(pub CustomerId);
/// The possible duplicates of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CandidatesKey(pub CustomerId);
/// A source record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RecordKey(pub RecordId);
/// What a source said, word for word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RawKey(pub RecordId);
/// What a source said in a version, word for word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PastRawKey(pub (RecordId, i64));
/// What a run did, by stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StreamsKey(pub SyncRunId);

/// How many payloads of a source wait in quarantine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct QuarantinedKey(pub SourceId);
/// How fresh the streams of a source are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FreshnessKey(pub SourceId);
/// How reading a source stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ControlKey(pub SourceId);
/// What has become of the fields of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DriftKey(pub SourceId);
/// A few values of a field.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SampleKey(pub FieldName);
/// A payload in quarantine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct QuarantineKey(pub QuarantineId);
/// What the consents of a customer amount to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ConsentsKey(pub CustomerId);

/// A page of the runs of a source.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RunsKey {
    /// Whose.
    pub source: SourceId,
    /// Which slice.
    pub ask: PageAsk,
}

/// One activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ActivityKey {
    /// What it is.
    pub kind: RecordKind,
    /// Which.
    pub id: RecordId,
}

/// A page of activities.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PageKey {
    /// What they are.
    pub kind: RecordKind,
    /// Whose.
    pub group: Group,
    /// Which of them, and in which order.
    pub choice: Arc<ActivityChoice>,
    /// Which slice.
    pub ask: PageAsk,
}

/// How many activities.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CountKey {
    /// What they are.
    pub kind: RecordKind,
    /// Whose.
    pub group: Group,
    /// Which of them.
    pub choice: Arc<ActivityChoice>,
}

/// A loader for keys that wrap one id and that one use case answers with a map.
macro_rules! by_id {
    ($($key:ident -> $value:ty, |$session:ident, $ids:ident| $ask:expr;)*) => { $(
        impl Load<$key> for Loaders {
            type Value = $value;
            async fn load(&self, keys: &[$key]) -> Result<HashMap<$key, $value>, Failure> {
                let $session = &self.session;
                let $ids: Vec<_> = keys.iter().map(|key| key.0.clone()).collect();
                let found: Result<HashMap<_, $value>, AppError> = $ask;
                Ok(found?.into_iter().map(|(id, value)| ($key(id), value)).collect())
            }
        }
    )* };
}

by_id! {
    CustomerKey -> CustomerRow, |session, ids| session.customer_get(&ids).await;
    ValuesKey -> Arc<CustomerValues>, |session, ids| session.customer_values(&ids).await
        .map(|values| values.into_iter().map(|(id, values)| (id, Arc::new(values))).collect());
    AliasesKey -> Vec<CustomerId>, |session, ids| session.customer_aliases(&ids).await;
    RecordsKey -> Vec<RecordView>, |session, ids| session.record_by_customers(&ids).await;
    RecordKey -> RecordView, |session, ids| session.record_get(&ids).await
        .map(|records| records.into_iter().map(|record| (record.row.id, record)).collect());
    RawKey -> Value, |session, ids| session.record_raw(&ids).await;
    PastRawKey -> Value, |session, versions| session.record_raw_then(&versions).await;
    StreamsKey -> Vec<StreamProgress>, |session, ids| session.run_streams(&ids).await;
    CandidatesKey -> Vec<CandidateView>, |session, ids| candidates(session, ids).await;
    ConsentsKey -> Vec<FoldedConsent>, |session, ids| session.consent_effective(&ids).await;
    DriftKey -> Vec<FieldDrift>, |session, ids| session.drift_list(&ids).await;
    SampleKey -> Vec<Value>, |session, names| session.drift_samples(&names).await;
    ControlKey -> SourceControl, |session, ids| session.source_controls(&ids).await;
    FreshnessKey -> Vec<StreamFreshness>, |session, ids| session.freshness(&ids).await;
    QuarantineKey -> Arc<QuarantineView>, |session, ids| session.quarantine_by_ids(&ids).await
        .map(|views| views.into_iter().map(|(id, view)| (id, Arc::new(view))).collect());
    QuarantinedKey -> i64, |session, ids| quarantined(session, ids).await;
}

/// One statement a source: however many objects lead to sources, those are few.
async fn quarantined(session: &Session, ids: Vec<SourceId>) -> Result<HashMap<SourceId, i64>, AppError> {
    let mut counts = HashMap::new();
    for id in ids {
        counts.insert(id, session.quarantine_count(Some(id), None).await?);
    }
    Ok(counts)
}

impl Load<RunsKey> for Loaders {
    type Value = Arc<Slice<RunRow>>;

    async fn load(&self, keys: &[RunsKey]) -> Result<HashMap<RunsKey, Self::Value>, Failure> {
        let mut pages = HashMap::new();
        for key in keys {
            pages.insert(key.clone(), Arc::new(self.session.run_list(Some(key.source), &key.ask).await?));
        }
        Ok(pages)
    }
}

/// So many possible duplicates of the customers of one level are looked at.
const CANDIDATES: u32 = 200;

async fn candidates(
    session: &Session,
    ids: Vec<CustomerId>,
) -> Result<HashMap<CustomerId, Vec<CandidateView>>, AppError> {
    if !session.shows("Customer", "matchCandidates") {
        return Ok(HashMap::new());
    }
    let filter = CandidateFilter { customers: ids.clone(), ..CandidateFilter::default() };
    let order = CandidateOrder::Likeliest;
    let slice = session.candidate_list(&filter, order, &PageAsk::Forward { count: CANDIDATES, after: None }).await?;
    let mut by_customer: HashMap<CustomerId, Vec<CandidateView>> = HashMap::new();
    for (_, view) in slice.rows {
        for customer in [view.left_customer, view.right_customer] {
            if ids.contains(&customer) {
                by_customer.entry(customer).or_default().push(view.clone());
            }
        }
    }
    Ok(by_customer)
}

/// What is asked for in one way is answered by one statement; what is wrong with one way is no reason to refuse another.
impl Load<PageKey> for Loaders {
    type Value = Result<Arc<Slice<ActivityView>>, Failure>;

    async fn load(&self, keys: &[PageKey]) -> Result<HashMap<PageKey, Self::Value>, Failure> {
        let mut alike: HashMap<(RecordKind, &ActivityChoice, &PageAsk), Vec<Group>> = HashMap::new();
        for key in keys {
            alike.entry((key.kind, &*key.choice, &key.ask)).or_default().push(key.group);
        }
        let mut pages: HashMap<_, HashMap<Uuid, Arc<Slice<ActivityView>>>> = HashMap::new();
        let mut failures: HashMap<_, Failure> = HashMap::new();
        for ((kind, choice, ask), groups) in alike {
            for filter in Group::filters(groups.into_iter()) {
                match self.session.activity_pages(kind, &filter, choice, ask).await {
                    Ok(found) => pages
                        .entry((kind, choice, ask))
                        .or_default()
                        .extend(found.into_iter().map(|(group, slice)| (group, Arc::new(slice)))),
                    Err(error) => {
                        failures.insert((kind, choice, ask), error.into());
                    }
                }
            }
        }
        let answer = |key: &PageKey| {
            let way = (key.kind, &*key.choice, &key.ask);
            let page = match failures.get(&way) {
                Some(failure) => Err(failure.clone()),
                None => Ok(Arc::clone(pages.get(&way)?.get(&key.group.uuid())?)),
            };
            Some((key.clone(), page))
        };
        Ok(keys.iter().filter_map(answer).collect())
    }
}

impl Load<CountKey> for Loaders {
    type Value = i64;

    async fn load(&self, keys: &[CountKey]) -> Result<HashMap<CountKey, i64>, Failure> {
        let mut alike: HashMap<(RecordKind, &ActivityChoice), Vec<Group>> = HashMap::new();
        for key in keys {
            alike.entry((key.kind, &*key.choice)).or_default().push(key.group);
        }
        let mut counts: HashMap<(RecordKind, &ActivityChoice, Uuid), i64> = HashMap::new();
        for ((kind, choice), groups) in alike {
            for filter in Group::filters(groups.into_iter()) {
                let found = self.session.activity_counts(kind, &filter, choice).await?;
                counts.extend(found.into_iter().map(|(group, count)| ((kind, choice, group), count)));
            }
        }
        let answer = |key: &CountKey| Some((key.clone(), *counts.get(&(key.kind, &*key.choice, key.group.uuid()))?));
        Ok(keys.iter().filter_map(answer).collect())
    }
}

impl Load<ActivityKey> for Loaders {
    type Value = ActivityView;

    async fn load(&self, keys: &[ActivityKey]) -> Result<HashMap<ActivityKey, ActivityView>, Failure> {
        let mut alike: HashMap<RecordKind, Vec<RecordId>> = HashMap::new();
        for key in keys {
            alike.entry(key.kind).or_default().push(key.id);
        }
        let mut found = HashMap::new();
        for (kind, ids) in alike {
            let views = self.session.activity_get(kind, &ids).await?;
            found.extend(views.into_iter().map(|view| (ActivityKey { kind, id: view.id }, view)));
        }
        Ok(found)
    }
}
