//! Secrets: where they are, and a wrapper that never prints them.

mod command;

pub use command::CommandLine;

use super::ConfigError;
use serde::Deserialize;
use std::fmt;
use std::path::PathBuf;

/// A secret in memory. Printing it shows `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself: for the one call that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Where a secret is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum SecretPlace {
    /// In an environment variable.
    Env {
        /// Its name.
        env: String,
    },
    /// In a file, without the line end.
    File {
        /// Its path.
        file: PathBuf,
    },
    /// Printed by a program.
    Command {
        /// The program and its arguments.
        command: CommandLine,
    },
}

impl SecretPlace {
    /// Fetches the secret; `what` is for the message where it is missing.
    pub fn read(&self, what: &str) -> Result<Secret, ConfigError> {
        let (found, place) = match self {
            Self::Env { env } => (std::env::var(env).ok(), format!("set the environment variable {env}")),
            Self::File { file } => (
                std::fs::read_to_string(file).ok().map(|text| text.trim_end_matches(['\r', '\n']).to_owned()),
                format!("put it into the file {}", file.display()),
            ),
            Self::Command { command } => match command.output() {
                Ok(text) => (Some(text), String::new()),
                Err(why) => (None, format!("the program {:?} has to print it, but {why}", command.program())),
            },
        };
        found
            .filter(|text| !text.is_empty())
            .map(Secret)
            .ok_or_else(|| ConfigError::Secret { what: what.to_owned(), place })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_printed() {
        assert_eq!(format!("{:?}", Secret::new("sk_live_1")), "***");
    }
}
