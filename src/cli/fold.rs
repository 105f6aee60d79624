//! Folding customers, which several commands do at their end.

use super::error::CliError;
use super::progress::FoldBar;
use crate::app::App;

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
    if let Some(recall) = &report.matching.blocking.recall {
        eprintln!(
            "of the pairs that belong together, {:.1} % are estimated to have been compared",
            recall.recall * 100.0
        );
    }
    Ok(())
}
