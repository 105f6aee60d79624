//! `onefold match`.

use super::error::CliError;
use super::progress::FoldBar;
use super::start;
use crate::app::App;
use clap::Args;
use std::path::Path;

/// Folds customers from the records that are there.
#[derive(Debug, Args)]
pub(super) struct Match {}

impl Match {
    pub(super) async fn run(self, config: Option<&Path>) -> Result<(), CliError> {
        fold(start::app(&start::config(config)?).await?.as_ref()).await
    }
}

/// Folds with a bar, and says what came of it.
pub(super) async fn fold(app: &App) -> Result<(), CliError> {
    let bar = FoldBar::new();
    let shown = bar.clone();
    let report = app.fold("system:match", move |step| shown.show(step)).await;
    bar.finish();
    let report = report?;
    eprintln!(
        "matched: {} records are {} customers ({} changed), {} pairs for review",
        report.records, report.customers, report.changed, report.candidates
    );
    Ok(())
}
