//! Access tokens of a source: asked for, renewed before they end and when they are refused, and remembered between runs.
//!
//! Promises: a new refresh token is on the disk before the access token that came with it is used; the same refresh token
//! is spent by one process at a time; a token that was never accepted is not renewed again, so that no system is asked in a
//! circle. An access token is kept in memory alone, and nothing of either kind reaches a log, an error or the store.

mod kept;

pub use kept::KeptError;

use super::http::Client;
use super::stop::Stop;
use super::{Engine, SourceSetup, SyncError};
use chrono::TimeDelta;
use kept::Kept;
use onefold_connector::{Configured, HttpRequest, HttpResponse, ReadError, Refusal};
use onefold_model::{SyncRunId, Timestamp};
use std::sync::{Arc, PoisonError};

/// A token is renewed so long before it ends, or when a quarter of its life is left.
const AHEAD: TimeDelta = TimeDelta::seconds(60);

/// A source with its access token.
#[derive(Debug, Clone)]
pub(super) struct Access {
    configured: Configured,
    /// When it is renewed. Where the system does not say when it ends, once it is refused.
    due_at: Option<Timestamp>,
    /// The system has answered something else to it than 401.
    was_accepted: bool,
}

/// The access of one run.
pub(super) struct Asking<'a> {
    engine: &'a Engine,
    setup: &'a SourceSetup,
    run: SyncRunId,
    stop: Stop,
    current: Option<Access>,
}

impl<'a> Asking<'a> {
    /// Nothing is asked for yet; a token of an earlier run goes on to be used.
    pub(super) fn new(engine: &'a Engine, setup: &'a SourceSetup, run: SyncRunId, stop: Stop) -> Self {
        let known = engine.access.lock().unwrap_or_else(PoisonError::into_inner).get(&setup.row.key).cloned();
        Self { engine, setup, run, stop, current: known }
    }

    /// The source, ready to be asked.
    pub(super) async fn configured(&mut self, client: &Arc<Client>) -> Result<Configured, SyncError> {
        if self.setup.configured.token_request(None).is_none() {
            return Ok(self.setup.configured.clone());
        }
        let now = self.engine.clock.now();
        match &self.current {
            Some(access) if access.due_at.is_none_or(|due| now < due) => Ok(access.configured.clone()),
            Some(_) | None => self.renew(client).await,
        }
    }

    /// Sends a request with the newest token. One that is refused is renewed once, and the request sent again.
    pub(super) async fn send(
        &mut self,
        client: &Arc<Client>,
        mut request: HttpRequest,
    ) -> Result<HttpResponse, SyncError> {
        self.configured(client).await?.authorize(&mut request);
        let answer = self.stop.or(client.send(&request)).await?;
        let Some(access) = &mut self.current else { return Ok(answer) };
        if answer.status != 401 {
            if !access.was_accepted {
                access.was_accepted = true;
                let accepted = access.clone();
                self.remember(Some(accepted));
            }
            return Ok(answer);
        }
        if !access.was_accepted {
            return Ok(answer);
        }
        self.renew(client).await?.authorize(&mut request);
        self.stop.or(client.send(&request)).await
    }

    /// Leaves what was accepted to the next run. One that was not is asked for anew by it.
    fn remember(&self, access: Option<Access>) {
        let mut known = self.engine.access.lock().unwrap_or_else(PoisonError::into_inner);
        match access {
            Some(access) => known.insert(self.setup.row.key.clone(), access),
            None => known.remove(&self.setup.row.key),
        };
    }

    /// Asks for a token. What was there is forgotten, whatever comes of it.
    async fn renew(&mut self, client: &Arc<Client>) -> Result<Configured, SyncError> {
        self.current = None;
        self.remember(None);
        self.engine.lease_prove(self.setup, self.run).await?;
        let source = self.setup.configured.clone();
        // Two sources may share a refresh token: the lock of its file is theirs together.
        let kept = match source.refresh_token() {
            Some(token) => {
                Some(Kept::open(self.engine.secrets_dir(), token).await.map_err(|error| self.not_kept(error))?)
            }
            None => None,
        };
        // A run that is dropped must not drop the answer: the token in it may be the only one that is worth something.
        let spent = tokio::spawn(spend(Arc::clone(client), source, kept)).await;
        let access = match spent {
            Ok(Ok(access)) => access,
            Ok(Err(Fault::Refused(error))) => return Err(self.refused(error)),
            Ok(Err(Fault::NotKept(error))) => return Err(self.not_kept(error)),
            Ok(Err(Fault::Sync(error))) => return Err(error),
            Err(_) => return Err(ReadError::Unasked.into()),
        };
        tracing::debug!(source = %self.setup.row.key, "the access token of a source was renewed");
        let configured = access.configured.clone();
        self.current = Some(access);
        Ok(configured)
    }

    /// A refusal needs a person; anything else may pass by itself.
    fn refused(&self, error: ReadError) -> SyncError {
        let source_key = self.setup.row.key.to_string();
        match error {
            ReadError::Refused { refusal: Refusal::Auth, code, .. } => SyncError::SignIn {
                source_key,
                code: code.map(|code| format!(" ({code})")).unwrap_or_default(),
                how: if self.setup.configured.refresh_token().is_some() {
                    "sign in at the system again, put the new refresh token where the settings of the source say, and \
                     start the hub again"
                } else {
                    "check the id and the secret of the client in the settings of the source"
                },
            },
            error => error.into(),
        }
    }

    fn not_kept(&self, cause: KeptError) -> SyncError {
        SyncError::Kept { source_key: self.setup.row.key.to_string(), cause }
    }
}

/// Why nothing came of asking for a token.
enum Fault {
    Refused(ReadError),
    NotKept(KeptError),
    Sync(SyncError),
}

/// Asks for an access token, with the newest refresh token where there is one, and keeps the one that comes with the answer.
async fn spend(client: Arc<Client>, source: Configured, kept: Option<Kept>) -> Result<Access, Fault> {
    let newest = kept.as_ref().and_then(Kept::newest);
    let request = source.token_request(newest).ok_or(Fault::Refused(ReadError::Unasked))?;
    let answer = client.ask_token(&request).await.map_err(Fault::Sync)?;
    let token = source.accept_token(&answer).map_err(Fault::Refused)?;
    if let (Some(kept), Some(given)) = (&kept, &token.refresh)
        && Some(given) != kept.newest().or(source.refresh_token())
    {
        kept.replace(given).map_err(Fault::NotKept)?;
    }
    let due_at = token.ends_at.map(|ends| {
        let life = (ends - answer.at).max(TimeDelta::zero());
        ends - AHEAD.min(life / 4)
    });
    let configured = source.with_token(&token).map_err(Fault::Refused)?;
    Ok(Access { configured, due_at, was_accepted: false })
}
