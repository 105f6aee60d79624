//! `onefold privacy`.

use super::error::CliError;
use super::fold::fold;
use super::output::print;
use super::start;
use crate::app::{AppError, Erased, ErasedSource, KeepOut, PersonAsk};
use clap::{Args, Subcommand};
use onefold_model::{CustomerId, NodeId};
use std::path::{Path, PathBuf};

/// What people may ask about themselves: all that is known of them, and to be forgotten.
#[derive(Debug, Args)]
pub(super) struct Privacy {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Prints everything that is known of a person, with its sources, as one JSON document.
    Export(Export),
    /// Shows what would be erased of a person and, with --apply, erases it so that it stays erased.
    Erase(Erase),
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Who {
    /// A customer, by any id that leads to it.
    #[arg(value_name = "CUSTOMER")]
    customer: Option<String>,
    /// Whoever has this e-mail address.
    #[arg(long)]
    email: Option<String>,
}

#[derive(Debug, Args)]
struct Export {
    #[command(flatten)]
    who: Who,
    /// Writes into this file, which must not be there.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct Erase {
    #[command(flatten)]
    who: Who,
    /// Keeps their e-mail addresses and telephone numbers out too, whoever else has one of them.
    #[arg(long)]
    keep_out_contacts: bool,
    /// The fingerprint of the plan, which is shown without this.
    #[arg(long, value_name = "FINGERPRINT")]
    apply: Option<String>,
}

impl Who {
    fn person(&self) -> Result<PersonAsk, CliError> {
        match (&self.customer, &self.email) {
            (Some(id), _) => {
                let node: NodeId = id.parse().map_err(|error| CliError::Usage(format!("{id}: {error}")))?;
                let id = CustomerId::try_from(node).map_err(|error| CliError::Usage(format!("{id}: {error}")))?;
                Ok(PersonAsk::Customer(id))
            }
            (None, Some(email)) => Ok(PersonAsk::Email(email.clone())),
            (None, None) => Err(CliError::Usage("name a customer, or an address with --email".to_owned())),
        }
    }
}

impl Privacy {
    pub(super) async fn run(self, config: Option<&Path>) -> Result<(), CliError> {
        match self.what {
            What::Export(export) => export.run(config).await,
            What::Erase(erase) => erase.run(config).await,
        }
    }
}

fn unknown() -> CliError {
    CliError::App(AppError::Missing("nothing is known of this person".to_owned()))
}

impl Export {
    async fn run(self, config: Option<&Path>) -> Result<(), CliError> {
        let person = self.who.person()?;
        let app = start::app(&start::config(config)?).await?;
        let document = app.system("privacy").privacy_export(&person).await?.ok_or_else(unknown)?;
        let text = serde_json::to_string_pretty(&document).unwrap_or_default();
        match self.output {
            None => Ok(print(&text)?),
            Some(path) => write_new(&path, &text).map_err(|source| CliError::Write { path, source }),
        }
    }
}

/// Only its owner may read what is written, where the system knows owners.
fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    writeln!(options.open(path)?, "{text}")
}

impl Erase {
    async fn run(self, config: Option<&Path>) -> Result<(), CliError> {
        let person = self.who.person()?;
        let keep_out = if self.keep_out_contacts { KeepOut::Contacts } else { KeepOut::Keys };
        let app = start::app(&start::config(config)?).await?;
        let session = app.system("privacy");
        let Some(fingerprint) = &self.apply else {
            let plan = session.privacy_plan(&person, keep_out).await?.ok_or_else(unknown)?;
            print(&lines(&plan.sources, "would be erased"))?;
            return Ok(print(&format!("nothing is erased yet: to erase this, add --apply {}", plan.fingerprint))?);
        };
        match session.privacy_erase(&person, keep_out, fingerprint).await? {
            Erased::Now(plan) => print(&lines(&plan.sources, "erased"))?,
            Erased::Before(at, sources) => print(&format!("{}\ndone before, at {at}", lines(&sources, "erased")))?,
        }
        fold(&app).await
    }
}

/// One line a source, and one for each record that its system still has.
fn lines(sources: &[ErasedSource], done: &str) -> String {
    let mut lines = Vec::new();
    for source in sources {
        lines.push(format!(
            "{}: {} records with {} versions and {} in quarantine {done}; {} still there",
            source.source, source.records, source.versions, source.quarantined, source.still_there
        ));
        lines.extend(source.keys.iter().map(|key| format!("  erase in {}: {key}", source.source)));
    }
    lines.join("\n")
}
