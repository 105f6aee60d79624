//! The command line: one file a command. Results go to standard output, progress and errors to standard error.

mod audit;
mod connector;
pub mod demo;
mod documents;
mod error;
mod export;
mod fold;
mod import;
mod key;
mod logins;
mod r#match;
mod output;
mod policy;
mod privacy;
mod progress;
mod rebuild;
mod retry;
mod schema;
mod serve;
mod start;
mod survivorship;
mod sync;
mod token;
mod trial;

use clap::{Parser, Subcommand};
use error::CliError;
use std::path::PathBuf;
use std::process::ExitCode;

/// A self-hosted GraphQL customer hub.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100)]
struct Cli {
    /// The configuration file. Without it and without an onefold.toml here, defaults hold.
    #[arg(long, global = true, env = "ONEFOLD_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Starts a hub with example data: three departments, synced over HTTP, matched and served.
    Demo(demo::Demo),
    /// Serves the graph.
    Serve(serve::Serve),
    /// Reads the configured systems, then folds customers.
    Sync(sync::Sync),
    /// Folds customers from the records that are there; with a further word: matches files.
    Match(r#match::Match),
    /// Reads a file into a source: CSV, JSON lines, Excel, Parquet or address cards.
    Import(import::Import),
    /// Writes customers into a file: everybody, or who changed since an export before.
    Export(export::Export),
    /// Maps what waits in quarantine once more, without asking the systems.
    Retry(retry::Retry),
    /// Makes what is derived anew from facts and decisions, and says what was not as it should be.
    Rebuild(rebuild::Rebuild),
    /// Shows what the survivorship rules of the configuration would change, and puts them in place.
    Survivorship(survivorship::Survivorship),
    /// Makes, lists and revokes keys with which machines push records.
    Key(key::Key),
    /// Ends every session of a person who has logged in with a browser.
    Logout(logins::Logout),
    /// What people may ask about themselves: all that is known of them, and to be forgotten.
    Privacy(privacy::Privacy),
    /// The audit: whether it is whole, and where it ends.
    Audit(audit::Audit),
    /// Checks, tests and compares policies before they hold.
    Policy(policy::Policy),
    /// Checks documents that are run by their id, and prints those ids. Needs no store and no network.
    Documents(documents::Documents),
    /// Makes, checks and tries out connectors. Needs no store and no network.
    Connector(connector::Connector),
    /// Prints a token for development.
    Token(token::Token),
    /// Prints a contract: the GraphQL schema or a JSON schema.
    Schema(schema::Schema),
    /// Computes jq filters of connectors. A sync starts it, with nothing in its environment.
    #[command(name = crate::sync::JQ_WORKER, hide = true)]
    JqWorker,
}

/// Runs the command.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    if matches!(cli.command, Command::JqWorker) {
        // Before anything that starts threads or reads configuration.
        return crate::sync::jq_worker();
    }
    let _telemetry = crate::telemetry::start();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&CliError::Runtime(error)),
    };
    match runtime.block_on(run(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

async fn run(cli: Cli) -> Result<(), CliError> {
    let config = cli.config.as_deref();
    match cli.command {
        Command::Demo(command) => command.run().await,
        Command::Serve(command) => command.run(config).await,
        Command::Sync(command) => command.run(config).await,
        Command::Match(command) => command.run(config).await,
        Command::Import(command) => command.run(config).await,
        Command::Export(command) => command.run(config).await,
        Command::Retry(command) => command.run(config).await,
        Command::Rebuild(command) => command.run(config).await,
        Command::Survivorship(command) => command.run(config).await,
        Command::Key(command) => command.run(config).await,
        Command::Logout(command) => command.run(config).await,
        Command::Privacy(command) => command.run(config).await,
        Command::Audit(command) => command.run(config).await,
        Command::Policy(command) => command.run(config),
        Command::Documents(command) => command.run(),
        Command::Connector(command) => command.run().await,
        Command::Token(command) => command.run(config),
        Command::Schema(command) => command.run(),
        Command::JqWorker => Ok(()),
    }
}

/// The whole chain of causes, each once, because the first alone seldom says what to do.
fn failed(error: &CliError) -> ExitCode {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.ends_with(&inner_text) {
            text.push_str("\n  because ");
            text.push_str(inner_text.trim_end());
        }
        cause = inner.source();
    }
    eprintln!("onefold: {text}");
    ExitCode::FAILURE
}
