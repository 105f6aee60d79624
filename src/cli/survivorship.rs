//! `onefold survivorship`.

use super::error::CliError;
use super::output::print;
use super::start;
use crate::app::{SurvivorshipOutcome, SurvivorshipPlan};
use clap::Args;
use std::fmt::Write;
use std::path::Path;

/// Shows what the survivorship rules of the configuration would change and, with --apply, puts them in place.
#[derive(Debug, Args)]
pub(super) struct Survivorship {
    /// So many changes are shown.
    #[arg(long, default_value_t = 10)]
    sample: usize,
    /// The fingerprint of the plan, which is shown without this.
    #[arg(long, value_name = "FINGERPRINT")]
    apply: Option<String>,
}

impl Survivorship {
    pub(super) async fn run(self, config: Option<&Path>) -> Result<(), CliError> {
        let app = start::app(&start::config(config)?).await?;
        let session = app.system("survivorship");
        let Some(fingerprint) = self.apply else {
            print(&shown(&session.survivorship_preview(self.sample).await?))?;
            return Ok(());
        };
        match session.survivorship_apply(&fingerprint).await? {
            SurvivorshipOutcome::InPlace(plan) => {
                print(&format!("in place: {} customers show other values", plan.customers))?;
                Ok(())
            }
            SurvivorshipOutcome::Moved(_, text) => Err(CliError::Usage(text)),
        }
    }
}

fn shown(plan: &SurvivorshipPlan) -> String {
    if plan.is_in_place {
        return "the rules of the configuration are in place: nothing would change".to_owned();
    }
    let mut text = format!("{} customers would show other values\n", plan.customers);
    for (path, customers) in &plan.fields {
        let _ = writeln!(text, "  {path}: {customers}");
    }
    for change in &plan.sample {
        let value = |value: &Option<serde_json::Value>| value.as_ref().map_or("-".to_owned(), ToString::to_string);
        let (before, after) = (value(&change.before), value(&change.after));
        let _ = writeln!(text, "{} {}: {before} -> {after}", change.customer, change.path);
    }
    let _ = write!(text, "put them in place with: onefold survivorship --apply {}", plan.fingerprint);
    text
}
