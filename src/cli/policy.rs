//! `onefold policy`: policies are checked, tested and compared before they hold. Needs no store and no running hub.

mod check;
mod files;
mod plan;
mod reload;
mod test;

pub(super) use files::load;
pub(super) use reload::watch;

use super::error::CliError;
use clap::{Args, Subcommand};
use std::path::Path;

/// Checks, tests and compares policies.
#[derive(Debug, Args)]
pub(super) struct Policy {
    #[command(subcommand)]
    command: PolicyCommand,
}

#[derive(Debug, Subcommand)]
enum PolicyCommand {
    /// Names every mistake with file, line and the nearest name.
    Check(check::Check),
    /// Runs the tests that lie beside the policies, *.test.toml.
    Test(test::Test),
    /// Says who would gain and who would lose what, if other policies held.
    Plan(plan::Plan),
}

impl Policy {
    pub(super) fn run(self, config: Option<&Path>) -> Result<(), CliError> {
        let config = super::start::config(config)?;
        match self.command {
            PolicyCommand::Check(command) => command.run(&config),
            PolicyCommand::Test(command) => command.run(&config),
            PolicyCommand::Plan(command) => command.run(&config),
        }
    }
}
