//! `onefold sync`.

use super::error::CliError;
use super::fold::fold;
use super::progress::SyncBars;
use super::start;
use crate::app::{App, RunState};
use crate::sync::SourceSetup;
use clap::Args;
use std::path::Path;
use std::sync::Arc;

/// Reads the configured systems, then folds customers.
#[derive(Debug, Args)]
pub(super) struct Sync {
    /// Only these sources, by key.
    #[arg(value_name = "SOURCE")]
    sources: Vec<String>,
    /// Does not fold customers afterwards.
    #[arg(long)]
    no_match: bool,
}

impl Sync {
    pub(super) async fn run(self, config: Option<&Path>) -> Result<(), CliError> {
        let app = start::app(&start::config(config)?).await?;
        let all = app.source_setups();
        let known = || all.iter().map(|setup| setup.row.key.to_string()).collect::<Vec<_>>().join(", ");
        for wanted in &self.sources {
            if !all.iter().any(|setup| setup.row.key.as_str() == wanted) {
                return Err(CliError::NoSource(wanted.clone(), known()));
            }
        }
        let is_wanted = |setup: &SourceSetup| {
            self.sources.is_empty() || self.sources.iter().any(|key| key == setup.row.key.as_str())
        };
        let setups = all.iter().filter(|setup| is_wanted(setup) && !setup.configured.connector().is_file()).cloned();
        let complete = sync_all(&app, setups.collect(), "command").await?;
        if !self.no_match {
            fold(&app).await?;
        }
        if complete { Ok(()) } else { Err(CliError::Incomplete) }
    }
}

/// Reads sources side by side with a line for each stream. Says whether all of them were read to their end.
pub(super) async fn sync_all(
    app: &Arc<App>,
    setups: Vec<SourceSetup>,
    trigger: &'static str,
) -> Result<bool, CliError> {
    let bars = Arc::new(SyncBars::default());
    let runs = setups.into_iter().map(|setup| {
        let (app, bars) = (Arc::clone(app), Arc::clone(&bars));
        async move {
            let run = app.system(trigger).run_begin(&setup, trigger).await?;
            let key = setup.row.key.clone();
            let report = app.sync_run(&setup, &run, |tick| bars.show(key.as_str(), &tick.task, &tick.outcome)).await?;
            Ok::<_, CliError>((setup.row.key, report))
        }
    });
    let reports = futures_util::future::try_join_all(runs).await;
    bars.finish();
    let mut is_complete = true;
    for (key, report) in reports? {
        is_complete &= report.state == RunState::Succeeded;
        for (stream, done) in &report.streams {
            let what = &done.outcome;
            eprintln!(
                "{key} {stream}: {} new, {} changed, {} the same, {} deleted, {} in quarantine",
                what.created, what.updated, what.unchanged, what.deleted, what.quarantined
            );
            if let Some((code, message)) = &done.error {
                eprintln!("{key} {stream}: {code}: {message}");
            }
        }
    }
    Ok(is_complete)
}
