//! `onefold policy check`.

use super::files::{Where, load_apart};
use crate::auth::PolicySet;
use crate::cli::error::CliError;
use crate::cli::output::print;
use crate::config::Config;
use clap::Args;
use onefold_model::DepartmentKey;

/// Reads policies as a hub would at start, and names every mistake with file, line and the nearest name.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// A folder in the place of that of the configuration; or `installed`, or `shipped`.
    #[arg(default_value = "installed")]
    policies: Where,
}

impl Check {
    pub(super) fn run(self, config: &Config) -> Result<(), CliError> {
        let (set, files) = load_apart(config, &self.policies)?;
        print(&format!("{} policies in {files} files: no mistakes", set.count()))?;
        print(&format!("departments: {}", departments(&set)))?;
        Ok(print(&format!("roles: {}", set.roles().collect::<Vec<_>>().join(", ")))?)
    }
}

fn departments(set: &PolicySet) -> String {
    set.departments().iter().map(DepartmentKey::as_str).collect::<Vec<_>>().join(", ")
}
