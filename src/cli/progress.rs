//! Progress on standard error: bars where a person looks, nothing where nobody does.

use crate::identity::{Progress, Stage};
use crate::store::PageOutcome;
use indicatif::{MultiProgress, ProgressBar, ProgressState, ProgressStyle};
use std::collections::HashMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

fn style(template: &str) -> ProgressStyle {
    // The templates are ours; a wrong one shows as the plain style.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// One line for each stream of each source.
#[derive(Default)]
pub(super) struct SyncBars {
    bars: MultiProgress,
    streams: Mutex<HashMap<(String, String), ProgressBar>>,
}

impl SyncBars {
    /// Shows what a stream has done so far.
    pub(super) fn show(&self, source: &str, stream: &str, outcome: &PageOutcome) {
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        let bar = streams.entry((source.to_owned(), stream.to_owned())).or_insert_with(|| {
            let bar = self.bars.add(ProgressBar::new_spinner());
            // Of the library's own rate all decimals are shown.
            let rate = |state: &ProgressState, out: &mut dyn Write| {
                let _ = write!(out, "{:.0}/s", state.per_sec());
            };
            let line = style("{spinner} {prefix:32} {pos:>8} records {rate:>10}  {msg}");
            bar.set_style(line.with_key("rate", rate));
            bar.set_prefix(format!("{source} {stream}"));
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        bar.set_position(outcome.created + outcome.updated + outcome.unchanged + outcome.deleted + outcome.quarantined);
        if outcome.quarantined > 0 {
            bar.set_message(format!("{} in quarantine", outcome.quarantined));
        }
    }

    /// Leaves the lines as they are.
    pub(super) fn finish(&self) {
        for bar in self.streams.lock().unwrap_or_else(PoisonError::into_inner).values() {
            bar.finish();
        }
    }
}

/// One bar for the stages of matching.
#[derive(Clone)]
pub(super) struct FoldBar(ProgressBar);

impl FoldBar {
    pub(super) fn new() -> Self {
        let bar = ProgressBar::new(0);
        bar.set_style(style("  {prefix:32} {bar:30} {pos}/{len}"));
        Self(bar)
    }

    pub(super) fn show(&self, step: Progress) {
        self.0.set_prefix(match step.stage {
            Stage::Normalise => "matching: normalise records",
            Stage::Block => "matching: find candidate pairs",
            Stage::Compare => "matching: compare pairs",
            Stage::Train => "matching: learn weights",
            Stage::Cluster => "matching: form customers",
        });
        self.0.set_length(step.total);
        self.0.set_position(step.done);
    }

    pub(super) fn finish(&self) {
        self.0.finish_and_clear();
    }
}

/// One bar for things of which there is a known number.
pub(super) struct CountBar(ProgressBar);

impl CountBar {
    pub(super) fn new(what: &'static str) -> Self {
        let bar = ProgressBar::new(0);
        bar.set_style(style("  {prefix:32} {bar:30} {pos}/{len}"));
        bar.set_prefix(what);
        Self(bar)
    }

    pub(super) fn show(&self, done: u64, total: i64) {
        self.0.set_length(u64::try_from(total).unwrap_or(0));
        self.0.set_position(done);
    }

    pub(super) fn finish(&self) {
        self.0.finish_and_clear();
    }
}
