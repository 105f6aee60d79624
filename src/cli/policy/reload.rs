//! New policies for a running hub, without a restart: when a file of the folder changes, and on SIGHUP, which reads the
//! `[policies]` of the configuration anew too.
//!
//! Promises: all or nothing. Policies with a mistake are refused with their reasons in the log and in `policyStatus`, and
//! those that held before go on; requests that have begun keep theirs.

use super::files::{load_files, read};
use crate::app::App;
use crate::cli::error::CliError;
use crate::cli::start;
use crate::config::{Config, PoliciesConfig};
use onefold_model::DepartmentKey;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// What was read last, whatever became of it.
struct Seen {
    config: PoliciesConfig,
    files: Vec<(String, String)>,
}

/// Watches until the process ends. `path` is the configuration file, which SIGHUP reads again. Listens for the signal from
/// the call on: before, it would end the process.
pub(in crate::cli) fn watch(
    app: Arc<App>,
    config: PoliciesConfig,
    path: Option<PathBuf>,
) -> impl Future<Output = ()> + Send {
    let hangups = Hangups::new();
    let departments = app.policies().state().set.departments().to_vec();
    let files = read(&config, &departments).unwrap_or_default();
    watch_on(app, Seen { config, files }, path, hangups)
}

async fn watch_on(app: Arc<App>, mut seen: Seen, path: Option<PathBuf>, mut hangups: Hangups) {
    loop {
        let is_told = tokio::select! {
            () = next_look(&seen.config) => false,
            () = hangups.next() => true,
        };
        let outcome = if is_told { reread(&app, path.as_ref(), &mut seen).await } else { look(&app, &mut seen).await };
        match outcome {
            Ok(false) => {}
            Ok(true) => {
                let state = app.policies().state();
                let (set, count) =
                    (format!("generation {}", state.generation), format!("{} policies", state.set.count()));
                if let Err(error) = app.policy_changed("system:policies", &set, Some(count)).await {
                    tracing::error!(%error, "a change of policies could not be written into the audit");
                }
                tracing::info!(generation = state.generation, "{} policies hold from now on", state.set.count());
            }
            Err(error) => {
                // Said once and not at every look: the same reason is no news.
                let reason = error.to_string();
                if app.policies().state().refused.as_ref() != Some(&reason) {
                    tracing::error!("the new policies do not hold, those from before go on: {reason}");
                    app.policies().refuse(reason);
                }
            }
        }
    }
}

async fn next_look(config: &PoliciesConfig) {
    match (&config.folder, config.reload_s) {
        (None, _) | (_, 0) => std::future::pending().await,
        (Some(_), seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
    }
}

/// Takes what is in the folder, if it is not what was there before. Says whether it did.
async fn look(app: &App, seen: &mut Seen) -> Result<bool, CliError> {
    let departments = departments(app, &seen.config).await?;
    // A folder that comes back as it was is news after one that could not be read.
    let files = read(&seen.config, &departments).inspect_err(|_| seen.files.clear())?;
    if files == seen.files {
        return Ok(false);
    }
    seen.files = files;
    app.policies().replace(load_files(&seen.config, &seen.files, &departments)?);
    Ok(true)
}

/// Takes what the configuration says now.
async fn reread(app: &App, path: Option<&PathBuf>, seen: &mut Seen) -> Result<bool, CliError> {
    let Config { policies: config, .. } = start::config(path.map(PathBuf::as_path))?;
    let departments = departments(app, &config).await?;
    let files = read(&config, &departments)?;
    let set = load_files(&config, &files, &departments)?;
    *seen = Seen { config, files };
    app.policies().replace(set);
    Ok(true)
}

async fn departments(app: &App, config: &PoliciesConfig) -> Result<Vec<DepartmentKey>, CliError> {
    let of_sources = app.store().source_list().await?.into_iter().map(|source| source.department);
    let known: BTreeSet<DepartmentKey> = of_sources.chain(config.departments.iter().cloned()).collect();
    Ok(known.into_iter().collect())
}

/// The signal by which operators tell a process to read its files again.
struct Hangups(#[cfg(unix)] Option<tokio::signal::unix::Signal>);

impl Hangups {
    #[cfg(unix)]
    fn new() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        Self(signal(SignalKind::hangup()).ok())
    }

    #[cfg(not(unix))]
    fn new() -> Self {
        Self()
    }

    #[cfg(unix)]
    async fn next(&mut self) {
        let Some(signal) = &mut self.0 else { return std::future::pending().await };
        if signal.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
    }

    #[cfg(not(unix))]
    async fn next(&mut self) {
        std::future::pending().await
    }
}
