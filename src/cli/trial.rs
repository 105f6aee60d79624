//! `onefold sync SOURCE --trial`.

use super::error::CliError;
use super::fold::fold;
use super::output::print;
use crate::app::{App, TrialApplied, TrialChange, TrialChoice, TrialPlan, TrialVerdict};
use clap::Args;
use onefold_model::{CustomerId, NodeId, SourceKey};
use std::fmt::Write;
use std::sync::Arc;

/// On whom a source is tried.
#[derive(Debug, Args)]
pub(super) struct TrialArgs {
    /// A customer to try it on, by id. May be given again.
    #[arg(long, value_name = "ID", requires = "trial")]
    customer: Vec<String>,
    /// The key of a customer in the source to try it on. May be given again.
    #[arg(long, value_name = "KEY", requires = "trial")]
    key: Vec<String>,
    /// Only this stream. May be given again.
    #[arg(long, value_name = "STREAM", requires = "trial")]
    stream: Vec<String>,
    /// So many payloads of each stream, at most 200.
    #[arg(long, value_name = "N", requires = "trial")]
    limit: Option<usize>,
    /// Stores what was looked at: the fingerprint of the trial.
    #[arg(long, value_name = "FINGERPRINT", requires = "trial")]
    apply: Option<String>,
}

impl TrialArgs {
    pub(super) async fn run(self, app: &Arc<App>, source: &str) -> Result<(), CliError> {
        let key = SourceKey::new(source).map_err(|error| CliError::Usage(format!("{source}: {error}")))?;
        let customer = |id: &String| {
            let read = id.parse::<NodeId>().ok().and_then(|node| CustomerId::try_from(node).ok());
            read.ok_or_else(|| CliError::Usage(format!("--customer {id}: this is no id of a customer")))
        };
        let choice = TrialChoice {
            customers: self.customer.iter().map(customer).collect::<Result<_, _>>()?,
            keys: self.key,
            streams: self.stream,
            limit: self.limit,
        };
        let session = app.system("command");
        let Some(fingerprint) = self.apply else {
            let plan = session.trial_preview(&key, &choice).await?;
            return Ok(print(&text(&plan))?);
        };
        match session.trial_apply(&key, &choice, &fingerprint).await? {
            TrialApplied::Stored(_, plan) => {
                print(&text(&plan))?;
                fold(app).await
            }
            TrialApplied::Moved(plan) => {
                print(&text(&plan))?;
                Err(CliError::Usage(format!(
                    "the plan has moved since it was looked at, and nothing was stored: look at it, then --apply {}",
                    plan.fingerprint
                )))
            }
        }
    }
}

fn text(plan: &TrialPlan) -> String {
    let mut out = format!("fingerprint {}\n{} payloads read", plan.fingerprint, plan.read);
    for (stream, done) in &plan.outcomes {
        let _ = write!(
            out,
            "\n{stream}: {} new, {} changed, {} the same, {} deleted, {} refused",
            done.created, done.updated, done.unchanged, done.deleted, done.quarantined
        );
    }
    for record in &plan.records {
        let word = match record.change {
            TrialChange::Created => "new",
            TrialChange::Updated => "changed",
            TrialChange::Unchanged => "the same",
            TrialChange::Deleted => "deleted",
        };
        let key = record.content.as_ref().map_or("", |content| content.external_id.as_str());
        let _ = write!(out, "\n{} {key}: {word}", record.stream);
        if let Some(content) = record.content.as_ref().filter(|_| record.change != TrialChange::Unchanged) {
            let _ = write!(out, " {}", content.after);
        }
        for found in &record.matches {
            let what = match found.verdict {
                TrialVerdict::Link => "would be linked with",
                TrialVerdict::Review => "would be shown to a person beside",
            };
            let _ = write!(out, "\n  {what} {} ({:.3})", NodeId::from(found.customer), found.probability);
        }
    }
    for unfit in &plan.refused {
        let key = unfit.external_id.as_deref().unwrap_or("without a key");
        let _ = write!(out, "\n{} {key}: refused: {}: {}", unfit.stream, unfit.code, unfit.message);
    }
    for key in &plan.missing {
        let _ = write!(out, "\n{key}: not among what was read; the system may have it further on");
    }
    for (name, code, message) in &plan.errors {
        let _ = write!(out, "\n{name}: not read: {code}: {message}");
    }
    out
}
