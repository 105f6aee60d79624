//! The keys of one issuer, kept fresh.
//!
//! Promises: one fetch at a time, and none within the configured interval of the one before, whether that went well or not;
//! what was fetched holds for its lifetime, and while the issuer does not answer until it is too old.

use super::discovery::discover;
use super::fetch::{Address, Fetcher};
use super::{IssuerError, IssuerSetupError};
use crate::auth::{PublishedKeys, TokenVerifier};
use crate::config::{IssuerConfig, KeyPlace};
use chrono::TimeDelta;
use onefold_model::Timestamp;
use std::error::Error as _;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::Mutex;

const WHAT: &str = "the key set";

/// What is read of a key set; one byte more is refused when it is parsed too.
const MAX_BYTES: usize = 256 * 1024;

/// Why keys are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// A token is to be checked: fetched where the lifetime is over.
    Lifetime,
    /// A token names a key that is not there: fetched unless that was tried a moment ago.
    NewKey,
}

/// An issuer, and when its keys were fetched.
pub(super) struct Kept {
    issuer: String,
    place: Place,
    hosts: Vec<String>,
    lifetime: TimeDelta,
    stale: TimeDelta,
    interval: TimeDelta,
    fetcher: Arc<Fetcher>,
    state: Mutex<State>,
}

enum Place {
    Discovery(Address),
    Url(Address),
    File(PathBuf),
}

#[derive(Default)]
struct State {
    fetched_at: Option<Timestamp>,
    tried_at: Option<Timestamp>,
}

impl Kept {
    pub(super) fn new(config: &IssuerConfig, fetcher: Arc<Fetcher>) -> Result<Self, IssuerSetupError> {
        let read = |what: &'static str, text: &str| {
            let failed = |source| IssuerSetupError::Address { what, issuer: config.issuer.clone(), source };
            Address::read(text).map_err(failed)
        };
        let mut hosts = config.hosts.clone();
        let place = match &config.keys {
            KeyPlace::Url { url } => Place::Url(read("the address of the keys", url)?),
            KeyPlace::File { file } => Place::File(file.clone()),
            KeyPlace::Discovery => {
                Place::Discovery(read("the name", &config.issuer)?.below(".well-known/openid-configuration"))
            }
        };
        if let Ok(own) = Address::read(&config.issuer) {
            hosts.push(own.host());
        }
        let seconds = |count: u32| TimeDelta::seconds(i64::from(count));
        Ok(Self {
            issuer: config.issuer.clone(),
            place,
            hosts,
            lifetime: seconds(config.key_lifetime_s),
            stale: seconds(config.key_stale_s),
            // Without any pause a flood of tokens would be a flood of fetches.
            interval: seconds(config.key_interval_s.max(1)),
            fetcher,
            state: Mutex::default(),
        })
    }

    pub(super) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Hosts that may be asked in the name of this issuer.
    pub(super) fn hosts(&self) -> &[String] {
        &self.hosts
    }

    /// Fetches the keys and puts them into the verifier, where that is due. Comes back when they are there, or when it is
    /// clear that they are not.
    pub(super) async fn freshen(&self, tokens: &TokenVerifier, wanted: Wanted, now: Timestamp) {
        let mut state = self.state.lock().await;
        let is_due = wanted == Wanted::NewKey || state.fetched_at.is_none_or(|at| is_over(at, self.lifetime, now));
        if !is_due || state.tried_at.is_some_and(|at| !is_over(at, self.interval, now)) {
            return;
        }
        // Before the fetch: whoever asks and goes away in the middle has asked as well.
        state.tried_at = Some(now);
        match self.fetch().await {
            Ok(keys) => {
                tracing::info!(issuer = %self.issuer, keys = keys.len(), "fetched the keys of an issuer");
                tokens.keys_put(&self.issuer, Some(keys));
                state.fetched_at = Some(now);
            }
            Err(error) => {
                let cause = error.source().map(ToString::to_string);
                if state.fetched_at.is_some_and(|at| !is_over(at, self.stale, now)) {
                    tracing::warn!(issuer = %self.issuer, %error, cause, "an issuer's keys could not be fetched: the old ones hold");
                } else {
                    tracing::error!(issuer = %self.issuer, %error, cause, "an issuer's keys could not be fetched: its tokens are refused");
                    tokens.keys_put(&self.issuer, None);
                    state.fetched_at = None;
                }
            }
        }
    }

    async fn fetch(&self) -> Result<PublishedKeys, IssuerError> {
        let bytes = match &self.place {
            Place::Discovery(address) => {
                let found = discover(&self.fetcher, &self.issuer, address, &self.hosts).await?;
                self.fetcher.get(WHAT, &found.keys, MAX_BYTES).await?
            }
            Place::Url(address) => self.fetcher.get(WHAT, address, MAX_BYTES).await?,
            Place::File(path) => tokio::fs::read(path).await.map_err(IssuerError::File)?,
        };
        Ok(PublishedKeys::read(&bytes)?)
    }
}

/// Whether so much time has gone by. A clock that was set back counts as gone by, or nothing would ever be fetched again.
fn is_over(since: Timestamp, time: TimeDelta, now: Timestamp) -> bool {
    now < since || now - since >= time
}
