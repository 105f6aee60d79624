//! What can be subscribed to. A resolver here is asked twice: once at the beginning, to say what is wanted, and once for each
//! event, which it then only hands on. What lies between, waiting and asking again for rights, is in [`live`](super::live).

use super::error::{coded, failed};
use super::ids::typed_id;
use super::types::{Change, ChangeKind, Export, SyncRun, cursor_read};
use crate::app::{ChangeAsk, ChangeView, ExportRow, RunRow, Session};
use async_graphql::{Context, Description, Enum, ID, Result, Subscription};
use futures_util::Stream;
use futures_util::stream::iter;
use onefold_model::{CustomerId, ExportId, SyncRunId};
use std::sync::{Arc, Mutex, PoisonError};

/// Where a subscription begins that names no cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum ChangeStart {
    /// With what happens from now on.
    Now,
    /// With the first entry of the log.
    Beginning,
}

/// Where to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    Now,
    After(i64),
}

/// What a subscription wants.
#[derive(Debug, Clone)]
pub(super) enum Wanted {
    Changes { start: Start, ask: ChangeAsk },
    Run(SyncRunId),
    Export(ExportId),
}

/// Something that a subscription tells.
#[derive(Debug, Clone)]
pub(super) enum Event {
    Change(ChangeView),
    Run(RunRow),
    Export(Box<ExportRow>),
}

/// Why a resolver is asked.
pub(super) enum Turn {
    /// To say what is wanted.
    Begin(Mutex<Option<Wanted>>),
    /// To hand this on.
    Tell(Event),
}

impl Turn {
    pub(super) fn begin() -> Arc<Self> {
        Arc::new(Self::Begin(Mutex::default()))
    }

    /// What was wanted, once a resolver has said it.
    pub(super) fn wanted(&self) -> Option<Wanted> {
        match self {
            Self::Begin(wanted) => wanted.lock().unwrap_or_else(PoisonError::into_inner).take(),
            Self::Tell(_) => None,
        }
    }

    /// The event, or none where the caller has only been asked what it wants.
    fn event(&self, want: impl FnOnce() -> Wanted) -> Option<Event> {
        match self {
            Self::Begin(wanted) => {
                *wanted.lock().unwrap_or_else(PoisonError::into_inner) = Some(want());
                None
            }
            Self::Tell(event) => Some(event.clone()),
        }
    }
}

/// What is told as it happens, over WebSocket (`graphql-transport-ws`) and server-sent events, both at `/graphql`. Rights are
/// asked for anew with each event; where they end, the subscription ends with an error that says why.
#[derive(Description)]
pub struct SubscriptionRoot;

#[Subscription(use_type_description)]
impl SubscriptionRoot {
    /// What became different of customers and source records that you may see, in the order in which it was committed, each
    /// entry once. A connection that broke goes on behind the last `cursor` that it brought.
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only of these kinds.")] kinds: Option<Vec<ChangeKind>>,
        #[graphql(desc = "Only what concerns this customer. After a merge, go on with the id that it leads to.")]
        customer: Option<ID>,
        #[graphql(desc = "Behind the entry with this cursor.")] after: Option<String>,
        #[graphql(desc = "Where to begin without a cursor.", default_with = "ChangeStart::Now")] from: ChangeStart,
    ) -> Result<impl Stream<Item = Change>> {
        let customer = customer.map(|id| typed_id::<CustomerId>("customer", &id)).transpose()?;
        let start = match (&after, from) {
            (Some(_), ChangeStart::Beginning) => {
                return Err(coded("INVALID_INPUT", "give either after or from: BEGINNING, not both"));
            }
            (Some(after), ChangeStart::Now) => Start::After(cursor_read("after", after)?),
            (None, ChangeStart::Beginning) => Start::After(0),
            (None, ChangeStart::Now) => Start::Now,
        };
        if !ctx.data::<Session>()?.change_readable() {
            return Err(coded("FORBIDDEN", "changes are not shown to you: you may see neither customers nor records"));
        }
        let kinds = kinds.unwrap_or_default().into_iter().map(Into::into).collect();
        let wanted = || Wanted::Changes { start, ask: ChangeAsk { kinds, customer } };
        Ok(iter(match ctx.data::<Arc<Turn>>()?.event(wanted) {
            Some(Event::Change(view)) => Some(Change(view)),
            Some(Event::Run(_) | Event::Export(_)) | None => None,
        }))
    }

    /// A run of a sync: now, whenever its numbers change, and at its end, after which the subscription is complete.
    async fn sync_run(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id of the run.")] id: ID,
    ) -> Result<impl Stream<Item = SyncRun>> {
        let id: SyncRunId = typed_id("id", &id)?;
        let turn = ctx.data::<Arc<Turn>>()?;
        if matches!(**turn, Turn::Begin(_)) {
            let run = ctx.data::<Session>()?.run_get(id).await.map_err(|error| failed(&error))?;
            run.ok_or_else(|| coded("NOT_FOUND", "there is no such run, or you may not see it"))?;
        }
        Ok(iter(match turn.event(|| Wanted::Run(id)) {
            Some(Event::Run(run)) => Some(SyncRun(run)),
            Some(Event::Change(_) | Event::Export(_)) | None => None,
        }))
    }
    /// An export of yours: now, whenever it has come further, and at its end, after which the subscription is complete. Of any
    /// export for those who administer every department.
    async fn export_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id of the export.")] id: ID,
    ) -> Result<impl Stream<Item = Export>> {
        let id: ExportId = typed_id("id", &id)?;
        let turn = ctx.data::<Arc<Turn>>()?;
        if matches!(**turn, Turn::Begin(_)) {
            let row = ctx.data::<Session>()?.export_get(id).await.map_err(|error| failed(&error))?;
            row.ok_or_else(|| coded("NOT_FOUND", "there is no such export, or you may not see it"))?;
        }
        Ok(iter(match turn.event(|| Wanted::Export(id)) {
            Some(Event::Export(row)) => Some(Export(*row)),
            Some(Event::Change(_) | Event::Run(_)) | None => None,
        }))
    }
}
