//! `onefold audit`.

use super::error::CliError;
use super::output::print;
use super::progress::CountBar;
use super::start;
use crate::store::{AuditHead, Store};
use clap::{Args, Subcommand};
use std::path::Path;

/// The audit: whether it is whole, and where it ends.
#[derive(Debug, Args)]
pub(super) struct Audit {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Reads every entry and says where one was changed, removed, inserted or moved. Fails where it finds something.
    Verify(Verify),
    /// Prints number and hash of the last entry, to be kept where the hub's operators cannot change it.
    Head,
}

#[derive(Debug, Args)]
struct Verify {
    /// A head that `onefold audit head` printed before, which must still be in the chain.
    #[arg(long, value_name = "NUMBER:HASH")]
    head: Option<AuditHead>,
}

impl Audit {
    pub(super) async fn run(self, config: Option<&Path>) -> Result<(), CliError> {
        let config = start::config(config)?;
        let store = Store::open(&config.store.url).await?;
        let outcome = match self.what {
            What::Head => print(&store.audit_head().await?.to_string()).map_err(CliError::from),
            What::Verify(verify) => verify.run(&store).await,
        };
        store.close().await;
        outcome
    }
}

impl Verify {
    async fn run(self, store: &Store) -> Result<(), CliError> {
        let bar = CountBar::new("entries of the audit");
        let verdict = store.audit_verify(self.head, |done, total| bar.show(done, total)).await;
        bar.finish();
        let verdict = verdict?;
        if verdict.faults.is_empty() {
            return Ok(print(&format!(
                "{} entries, none missing and none changed\nhead {}",
                verdict.entries, verdict.head
            ))?);
        }
        let faults: Vec<String> = verdict.faults.iter().map(ToString::to_string).collect();
        Err(CliError::AuditBroken(faults.join("\n")))
    }
}
