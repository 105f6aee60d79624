//! `onefold retry`.

use super::error::CliError;
use super::fold::fold;
use super::start;
use crate::app::QuarantineRetried;
use clap::Args;
use onefold_model::SourceKey;
use std::path::Path;

/// Maps what waits in quarantine once more, without asking the systems: after a better field map.
#[derive(Debug, Args)]
pub(super) struct Retry {
    /// Only of these sources, by key.
    #[arg(value_name = "SOURCE")]
    sources: Vec<String>,
    /// Does not fold customers afterwards.
    #[arg(long)]
    no_match: bool,
}

impl Retry {
    pub(super) async fn run(self, config: Option<&Path>) -> Result<(), CliError> {
        let app = start::app(&start::config(config)?).await?;
        let all: Vec<SourceKey> = app.source_setups().into_iter().map(|setup| setup.row.key).collect();
        let known = || all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        if let Some(unknown) = self.sources.iter().find(|wanted| all.iter().all(|key| key.as_str() != *wanted)) {
            return Err(CliError::NoSource(unknown.clone(), known()));
        }
        let is_wanted =
            |key: &SourceKey| self.sources.is_empty() || self.sources.iter().any(|wanted| wanted == key.as_str());
        for key in all.iter().filter(|key| is_wanted(key)) {
            let QuarantineRetried { resolved, unfit, left } = app.system("command").quarantine_retry(key, None).await?;
            eprintln!("{key}: {resolved} fit now, {unfit} still do not, {left} have to be delivered again");
        }
        if self.no_match { Ok(()) } else { fold(&app).await }
    }
}
