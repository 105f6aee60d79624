//! `onefold connector`: a connector is made, checked and tried out. Needs no store, no configuration and no network.

mod check;
mod discover;
mod folder;
mod new;
mod preview;
mod test;

use super::error::CliError;
use clap::{Args, Subcommand};

/// Makes, checks and tries out connectors.
#[derive(Debug, Args)]
pub(super) struct Connector {
    #[command(subcommand)]
    command: ConnectorCommand,
}

#[derive(Debug, Subcommand)]
enum ConnectorCommand {
    /// Writes a folder that loads: manifest, map, fixture and README.
    New(new::New),
    /// Names every mistake of a folder with file, line and the nearest name, and says what the connector reads.
    Check(check::Check),
    /// Lists the streams and fields of a sample of records or of an API description, and proposes a map.
    Discover(discover::Discover),
    /// Runs the fixtures of a folder, and shows where what comes out is not what is expected.
    Test(test::Test),
    /// Shows what records an answer or a file would become. Stores nothing.
    Preview(preview::Preview),
}

impl Connector {
    pub(super) async fn run(self) -> Result<(), CliError> {
        match self.command {
            ConnectorCommand::New(command) => command.run().await,
            ConnectorCommand::Check(command) => command.run(),
            ConnectorCommand::Discover(command) => command.run(),
            ConnectorCommand::Test(command) => command.run().await,
            ConnectorCommand::Preview(command) => command.run().await,
        }
    }
}
