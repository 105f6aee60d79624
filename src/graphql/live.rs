//! An operation that may answer more than once: queries and mutations answer and are complete, subscriptions go on.
//!
//! Promises: each answer is made for the caller as they stand at that moment, so that a token that ran out, a session that
//! was ended and a policy that was replaced count from the next event on, and at the latest after [`STANDING`]; nothing is
//! read ahead of what the client takes, so that a slow one costs a place in the log and no memory; nothing is skipped
//! between two answers. Deliberately does not know how answers travel.

use super::HubSchema;
use super::error::failed;
use super::subscription::{Event, Start, Turn, Wanted};
use super::types::{cursor_of, cursor_read};
use crate::app::{AppError, ChangeAsk, ChangeView, ExportRow, RunRow, RunState, Session, StreamProgress};
use async_graphql::{Error, Pos, Request, Response, ServerError};
use futures_util::future::BoxFuture;
use onefold_model::{ExportId, SyncRunId};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

/// How long a subscription may be silent before it is asked again whether the caller may have it.
const STANDING: Duration = Duration::from_secs(10);
/// How long what was seen to be visible is taken to be.
const FRESH: Duration = Duration::from_millis(200);
/// How often the numbers of a run are looked at.
const LOOK: Duration = Duration::from_millis(500);

/// Why somebody is not let in any more.
#[derive(Debug, Clone)]
pub struct Ended {
    /// A stable code.
    pub code: &'static str,
    /// What happened, for people.
    pub message: String,
}

/// Whoever asks, for as long as they ask.
pub trait Standing: Send + Sync {
    /// What they may do now.
    fn session(&self) -> BoxFuture<'_, Result<Session, Ended>>;
}

/// What is told.
#[derive(Debug)]
pub enum Told {
    /// An answer, and behind which place the next connection would go on.
    Answer(Box<Response>, Option<String>),
    /// Nothing more comes, and why: what was asked for is not valid, or is not allowed any more.
    Refused(Vec<ServerError>),
}

/// An operation on its way.
pub struct Live {
    schema: HubSchema,
    standing: Arc<dyn Standing>,
    request: Request,
    resume: Option<String>,
    state: State,
}

enum State {
    Begins,
    Changes(Box<Changes>),
    Run { id: SyncRunId, told: Option<(RunRow, Vec<StreamProgress>)> },
    Export { id: ExportId, told: Option<Box<ExportRow>> },
    Over,
}

struct Changes {
    ask: ChangeAsk,
    /// The place behind which the log is still to be read.
    place: i64,
    waiting: VecDeque<ChangeView>,
    read_at: Instant,
    generation: u64,
    longer: watch::Receiver<i64>,
}

impl Live {
    /// Nothing is done before [`Live::next`]. `resume` is the cursor of the last event that an earlier connection brought; it
    /// goes before the argument of the document.
    pub fn new(schema: HubSchema, standing: Arc<dyn Standing>, request: Request, resume: Option<String>) -> Self {
        Self { schema, standing, request, resume, state: State::Begins }
    }

    /// The next that is to be told; none where the operation is complete. Given up halfway, it is told neither now nor
    /// later: ask on only after an answer.
    pub async fn next(&mut self) -> Option<Told> {
        let step = match &mut self.state {
            State::Over => return None,
            State::Begins => self.begin().await,
            State::Changes(_) => self.next_change().await,
            State::Run { .. } => self.next_run().await,
            State::Export { .. } => self.next_export().await,
        };
        let told = step.unwrap_or_else(|errors| Some(Told::Refused(errors)));
        if !matches!(told, Some(Told::Answer(..))) {
            self.state = State::Over;
        }
        told
    }

    async fn session(&self) -> Result<Session, Vec<ServerError>> {
        self.standing.session().await.map_err(|ended| refusal(ended.code, ended.message))
    }

    async fn begin(&mut self) -> Result<Option<Told>, Vec<ServerError>> {
        let session = self.session().await?;
        if !self.schema.stays(&self.request) {
            let response = super::execute(&self.schema, session, self.copy()).await;
            if !super::was_run(&response) {
                return Err(response.errors);
            }
            self.state = State::Over;
            return Ok(Some(Told::Answer(Box::new(response), None)));
        }
        let turn = Turn::begin();
        let answer = self.schema.tell(session.clone(), self.copy(), Arc::clone(&turn)).await;
        let Some(wanted) = turn.wanted() else {
            return Err(answer.map(|response| response.errors).unwrap_or_default());
        };
        match wanted {
            Wanted::Run(id) => self.state = State::Run { id, told: None },
            Wanted::Export(id) => self.state = State::Export { id, told: None },
            Wanted::Changes { start, ask } => {
                let changes = self.changes(&session, start, ask).await.map_err(|error| told_error(&error))?;
                self.state = State::Changes(Box::new(changes));
            }
        }
        Box::pin(self.next()).await.map_or(Ok(None), |told| Ok(Some(told)))
    }

    async fn changes(&self, session: &Session, start: Start, ask: ChangeAsk) -> Result<Changes, Error> {
        let last = session.change_last().await.map_err(|error| failed(&error))?;
        let place = match (&self.resume, start) {
            (Some(cursor), _) => cursor_read("Last-Event-ID", cursor)?,
            (None, Start::After(place)) => place,
            (None, Start::Now) => last,
        };
        if place > last {
            let message = "the cursor is ahead of the log: it is of another store, or of one that was put back";
            return Err(super::error::coded("CURSOR_AHEAD", message));
        }
        Ok(Changes {
            ask,
            place,
            waiting: VecDeque::new(),
            read_at: Instant::now(),
            generation: session.policy_generation(),
            longer: session.change_watch(),
        })
    }

    async fn next_change(&mut self) -> Result<Option<Told>, Vec<ServerError>> {
        loop {
            let session = self.session().await?;
            if !session.change_readable() {
                return Err(refusal("RIGHTS_ENDED", "you may see neither customers nor records any more".to_owned()));
            }
            let State::Changes(changes) = &mut self.state else { return Ok(None) };
            let Some(view) = changes.next(&session).await.map_err(|error| told_error(&failed(&error)))? else {
                // Somebody who waits is asked again in time, whether they still may.
                let _ = timeout(STANDING, changes.longer.changed()).await;
                continue;
            };
            let cursor = cursor_of(view.seq);
            let Some(response) = self.answer(session, Event::Change(view)).await else { return Ok(None) };
            return Ok(Some(Told::Answer(Box::new(response), Some(cursor))));
        }
    }

    async fn next_run(&mut self) -> Result<Option<Told>, Vec<ServerError>> {
        loop {
            let session = self.session().await?;
            let State::Run { id, told } = &mut self.state else { return Ok(None) };
            if told.as_ref().is_some_and(|(run, _)| run.state != RunState::Running) {
                return Ok(None);
            }
            let now = standing_of(&session, *id).await.map_err(|error| told_error(&failed(&error)))?;
            let Some(now) = now else {
                return Err(refusal("RIGHTS_ENDED", "the run is not shown to you any more".to_owned()));
            };
            if told.as_ref() == Some(&now) {
                sleep(LOOK).await;
                continue;
            }
            let run = now.0.clone();
            *told = Some(now);
            return Ok(self
                .answer(session, Event::Run(run))
                .await
                .map(|response| Told::Answer(Box::new(response), None)));
        }
    }

    async fn next_export(&mut self) -> Result<Option<Told>, Vec<ServerError>> {
        loop {
            let session = self.session().await?;
            let State::Export { id, told } = &mut self.state else { return Ok(None) };
            if told.as_ref().is_some_and(|row| row.state.is_over()) {
                return Ok(None);
            }
            let now = session.export_get(*id).await.map_err(|error| told_error(&failed(&error)))?;
            let Some(now) = now else {
                return Err(refusal("RIGHTS_ENDED", "the export is not there or not shown to you any more".to_owned()));
            };
            if told.as_ref().is_some_and(|before| is_as_far(before, &now)) {
                sleep(LOOK).await;
                continue;
            }
            *told = Some(Box::new(now.clone()));
            return Ok(self
                .answer(session, Event::Export(Box::new(now)))
                .await
                .map(|response| Told::Answer(Box::new(response), None)));
        }
    }

    /// The event as the document asks for it.
    async fn answer(&self, session: Session, event: Event) -> Option<Response> {
        self.schema.tell(session, self.copy(), Arc::new(Turn::Tell(event))).await
    }

    /// A request is taken apart by whoever runs it.
    fn copy(&self) -> Request {
        let mut copy = Request::new(self.request.query.clone()).variables(self.request.variables.clone());
        copy.operation_name.clone_from(&self.request.operation_name);
        copy
    }
}

impl Changes {
    /// The next entry that the caller may see; none at the end of the log.
    async fn next(&mut self, session: &Session) -> Result<Option<ChangeView>, AppError> {
        let generation = session.policy_generation();
        let is_fresh = self.generation == generation && self.read_at.elapsed() < FRESH;
        while let Some(view) = self.waiting.pop_front() {
            if is_fresh {
                return Ok(Some(view));
            }
            if let Some(view) = session.change_again(&view, &self.ask).await? {
                return Ok(Some(view));
            }
        }
        loop {
            // Before the log is read: what comes meanwhile is told of by the next wait.
            self.longer.borrow_and_update();
            let step = session.change_step(self.place, &self.ask).await?;
            self.place = step.up_to;
            self.waiting = step.told.into();
            (self.read_at, self.generation) = (Instant::now(), generation);
            if let Some(view) = self.waiting.pop_front() {
                return Ok(Some(view));
            }
            if !step.has_more {
                return Ok(None);
            }
        }
    }
}

/// Whether there is nothing to be told that was not told before.
fn is_as_far(before: &ExportRow, now: &ExportRow) -> bool {
    (before.state, before.rows, before.total, before.bytes) == (now.state, now.rows, now.total, now.bytes)
}

async fn standing_of(session: &Session, id: SyncRunId) -> Result<Option<(RunRow, Vec<StreamProgress>)>, AppError> {
    let Some(run) = session.run_get(id).await? else { return Ok(None) };
    let streams = session.run_streams(&[id]).await?.remove(&id).unwrap_or_default();
    Ok(Some((run, streams)))
}

fn refusal(code: &'static str, message: String) -> Vec<ServerError> {
    told_error(&super::error::coded(code, message))
}

fn told_error(error: &Error) -> Vec<ServerError> {
    vec![error.clone().into_server_error(Pos::default())]
}
