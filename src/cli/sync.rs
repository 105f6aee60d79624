//! `onefold sync`.

use super::error::CliError;
use super::fold::fold;
use super::progress::SyncBars;
use super::start;
use super::trial::TrialArgs;
use crate::app::{App, RunState};
use crate::sync::{AcceptedLosses, SourceSetup, Tick};
use clap::Args;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Reads the configured systems, then folds customers.
#[derive(Debug, Args)]
pub(super) struct Sync {
    /// Only these sources, by key.
    #[arg(value_name = "SOURCE")]
    sources: Vec<String>,
    /// A stream that stopped with SUDDEN_LOSS and whose records are really gone: this run may delete them.
    #[arg(long, value_name = "SOURCE/STREAM")]
    accept_loss: Vec<String>,
    /// Does not fold customers afterwards.
    #[arg(long)]
    no_match: bool,
    /// Tries one source on a few customers: tells what a sync would store of them, and stores nothing.
    #[arg(long, conflicts_with = "accept_loss")]
    trial: bool,
    #[command(flatten)]
    on: TrialArgs,
}

impl Sync {
    pub(super) async fn run(self, config: Option<&Path>) -> Result<(), CliError> {
        let app = start::app(&start::config(config)?).await?;
        if self.trial {
            let [source] = self.sources.as_slice() else {
                return Err(CliError::Usage("--trial: name the one source to try".to_owned()));
            };
            return self.on.run(&app, source).await;
        }
        let all = app.source_setups();
        let known = || all.iter().map(|setup| setup.row.key.to_string()).collect::<Vec<_>>().join(", ");
        let is_wanted = |key: &str| self.sources.is_empty() || self.sources.iter().any(|wanted| wanted == key);
        let mut losses: BTreeMap<String, AcceptedLosses> = BTreeMap::new();
        for loss in &self.accept_loss {
            let Some((source, stream)) = loss.split_once('/') else {
                return Err(CliError::Usage(format!(
                    "--accept-loss {loss}: write SOURCE/STREAM, as the error names them"
                )));
            };
            if !is_wanted(source) {
                return Err(CliError::Usage(format!(
                    "--accept-loss {loss}: {source} is not among the sources to sync"
                )));
            }
            losses.entry(source.to_owned()).or_default().insert(stream.to_owned());
        }
        for wanted in self.sources.iter().chain(losses.keys()) {
            if !all.iter().any(|setup| setup.row.key.as_str() == wanted) {
                return Err(CliError::NoSource(wanted.clone(), known()));
            }
        }
        let setups =
            all.iter().filter(|setup| is_wanted(setup.row.key.as_str()) && !setup.configured.connector().is_file());
        let complete = sync_all(&app, setups.cloned().collect(), &losses, "command").await?;
        if !self.no_match {
            fold(&app).await?;
        }
        if complete { Ok(()) } else { Err(CliError::Incomplete) }
    }
}

/// Reads sources side by side with a line for each stream; `losses` are those accepted, by source. Says whether all of them were read to their end.
pub(super) async fn sync_all(
    app: &Arc<App>,
    setups: Vec<SourceSetup>,
    losses: &BTreeMap<String, AcceptedLosses>,
    trigger: &'static str,
) -> Result<bool, CliError> {
    let bars = Arc::new(SyncBars::default());
    let runs = setups.into_iter().map(|setup| {
        let (app, bars) = (Arc::clone(app), Arc::clone(&bars));
        let accepted = losses.get(setup.row.key.as_str()).cloned().unwrap_or_default();
        async move {
            let run = app.system(trigger).run_begin(&setup, trigger, &accepted).await?;
            let key = setup.row.key.clone();
            let show = |tick: Tick| bars.show(key.as_str(), &tick.task, &tick.outcome);
            let report = app.sync_run(&setup, &run, &accepted, show).await?;
            Ok::<_, CliError>((setup.row.key, report))
        }
    });
    // One that is busy or fails leaves the others to go on.
    let reports = futures_util::future::join_all(runs).await;
    bars.finish();
    let mut is_complete = true;
    let mut failed = None;
    for report in reports {
        let (key, report) = match report {
            Ok(read) => read,
            Err(error) => {
                if let Some(earlier) = failed.replace(error) {
                    eprintln!("{earlier}");
                }
                continue;
            }
        };
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
    failed.map_or(Ok(is_complete), Err)
}
