//! `onefold key`.

use super::error::CliError;
use super::output::print;
use super::start;
use crate::app::{API_KEY_MAX_DAYS, ApiKeyState, ApiKeyView};
use clap::{Args, Subcommand};
use onefold_model::{ApiKeyId, NodeId, SourceKey, Timestamp};
use std::path::Path;

/// Keys with which machines push records into one source.
#[derive(Debug, Args)]
pub(super) struct Key {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Makes a key for a source and prints it, once: the hub keeps only a hash of it.
    Create {
        /// The key of the source.
        source: String,
        /// What people call it: the machine or the job that gets it.
        #[arg(long)]
        name: String,
        /// For how many days it is made.
        #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=i64::from(API_KEY_MAX_DAYS)))]
        days: u32,
    },
    /// Lists the keys: id, source, state, last use, expiry, name.
    List {
        /// Only of the source with this key.
        source: Option<String>,
    },
    /// Revokes a key for ever.
    Revoke {
        /// The id of the key, as `onefold key list` prints it.
        id: String,
    },
}

impl Key {
    pub(super) async fn run(self, config: Option<&Path>) -> Result<(), CliError> {
        let app = start::app(&start::config(config)?).await?;
        let done = self.command.run(&app.system("key")).await;
        app.store().close().await;
        Ok(print(&done?)?)
    }
}

impl Command {
    async fn run(self, session: &crate::app::Session) -> Result<String, CliError> {
        match self {
            Self::Create { source, name, days } => {
                let (view, text) = session.api_key_create(&source_key(source)?, &name, days).await?;
                eprintln!(
                    "{} pushes into {} until {}; keep it now, it is not shown again",
                    view.row.id,
                    view.source.key,
                    day(view.row.expires_at)
                );
                Ok(text)
            }
            Self::List { source } => {
                let source = source.map(source_key).transpose()?;
                let keys = session.api_key_list(source.as_ref()).await?;
                Ok(keys.iter().map(line).collect::<Vec<_>>().join("\n"))
            }
            Self::Revoke { id } => {
                let wrong = |error: onefold_model::InvalidNodeId| CliError::Usage(error.to_string());
                let id = id.parse::<NodeId>().and_then(ApiKeyId::try_from).map_err(wrong)?;
                Ok(line(&session.api_key_revoke(id).await?))
            }
        }
    }
}

fn source_key(key: String) -> Result<SourceKey, CliError> {
    SourceKey::new(key).map_err(|error| CliError::Usage(error.to_string()))
}

fn line(view: &ApiKeyView) -> String {
    let state = match view.state {
        ApiKeyState::Active => "active",
        ApiKeyState::Expired => "expired",
        ApiKeyState::Revoked => "revoked",
    };
    let used =
        view.row.last_used_at.map_or_else(|| "never".to_owned(), |at| format!("{}", at.format("%Y-%m-%dT%H:%MZ")));
    let (id, source, until, name) = (view.row.id, &view.source.key, day(view.row.expires_at), &view.row.name);
    format!("{id}  {source}  {state}  used {used}  until {until}  {name}")
}

fn day(at: Timestamp) -> String {
    at.format("%Y-%m-%d").to_string()
}
