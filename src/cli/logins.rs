//! `onefold logout`.

use super::error::CliError;
use super::output::print;
use super::start;
use clap::Args;
use std::path::Path;

/// Ends every session of a person who has logged in with a browser. What they hold as a token lasts until it expires.
#[derive(Debug, Args)]
pub(super) struct Logout {
    /// The person, as the audit names them: the subject of their token.
    subject: String,
}

impl Logout {
    pub(super) async fn run(self, config: Option<&Path>) -> Result<(), CliError> {
        let app = start::app(&start::config(config)?).await?;
        let ended = app.login_close_all(&self.subject, "system:logout").await;
        app.store().close().await;
        Ok(print(&format!("{} sessions ended", ended?))?)
    }
}
