//! `onefold token`.

use super::error::CliError;
use super::output::print;
use super::start;
use crate::auth::MintRequest;
use clap::Args;
use onefold_model::{Clock, DepartmentKey, SystemClock};
use std::path::Path;
use std::time::Duration;

/// Prints a token for development, signed with the configured secret.
#[derive(Debug, Args)]
pub(super) struct Token {
    /// A department. May be given more than once.
    #[arg(long = "department", required = true)]
    departments: Vec<String>,
    /// A role: steward, operator. May be given more than once.
    #[arg(long = "role")]
    roles: Vec<String>,
    /// Who it is for.
    #[arg(long, default_value = "developer")]
    subject: String,
    /// How long it holds, in hours.
    #[arg(long, default_value_t = 12)]
    hours: u64,
}

impl Token {
    pub(super) fn run(self, config: Option<&Path>) -> Result<(), CliError> {
        let config = start::config(config)?;
        let secret = config.auth.shared_secret()?;
        let departments = self.departments.into_iter().map(DepartmentKey::new).collect::<Result<Vec<_>, _>>();
        let request = MintRequest {
            subject: self.subject,
            departments: departments.map_err(|error| CliError::Usage(error.to_string()))?,
            roles: self.roles,
            ttl: Duration::from_hours(self.hours.min(24 * 365)),
        };
        let token = start::tokens(&config.auth, secret.as_ref())?.mint(&request, SystemClock.now())?;
        Ok(print(&token)?)
    }
}
