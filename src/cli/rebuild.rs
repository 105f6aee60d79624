//! `onefold rebuild`.

use super::error::CliError;
use super::start;
use clap::Args;
use indicatif::ProgressBar;
use std::path::Path;

/// Makes what is derived anew from facts and decisions. On a store that is as it should be, nothing changes.
#[derive(Debug, Args)]
pub(super) struct Rebuild {}

impl Rebuild {
    pub(super) async fn run(self, config: Option<&Path>) -> Result<(), CliError> {
        let app = start::app(&start::config(config)?).await?;
        let bar = ProgressBar::new_spinner();
        let done = app.rebuild("system:rebuild", |looked_at, _| bar.set_position(looked_at)).await;
        bar.finish_and_clear();
        let done = done?;
        eprintln!(
            "rebuilt: {} records looked at, {} mended, {} customers changed",
            done.looked_at, done.mended, done.customers_changed
        );
        Ok(())
    }
}
