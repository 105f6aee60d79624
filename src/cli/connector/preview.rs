//! `onefold connector preview`.

use super::folder::{Folder, bytes, page_outcome, then};
use crate::cli::error::CliError;
use crate::cli::output::print;
use clap::Args;
use onefold_connector::{Connector, Fixture, FixtureError, Page};
use serde_json::Value;
use std::path::PathBuf;

/// Shows what records an answer or a file would become, a line each, with what is refused and what is left out. Stores nothing.
#[derive(Debug, Args)]
pub(super) struct Preview {
    /// The folder, `department/system` at its end.
    folder: PathBuf,
    /// An answer of the system as JSON, a list of its records, records as JSON lines, or a file that the connector reads.
    #[arg(long, value_name = "FILE")]
    input: PathBuf,
    /// The stream that the input is of. Not needed where the connector has one.
    #[arg(long)]
    stream: Option<String>,
    /// For files: the country of telephone numbers without a prefix, for example AT.
    #[arg(long)]
    country: Option<String>,
}

impl Preview {
    pub(super) async fn run(self) -> Result<(), CliError> {
        let folder = Folder::open(&self.folder)?;
        let connector = folder.connector()?;
        let bytes = bytes(&self.input)?;
        let refused = |source| CliError::Fixture { path: self.input.clone(), source };
        let lines = if connector.is_file() {
            connector.fixture_file(&bytes, self.country.as_deref()).map_err(refused)?
        } else {
            let stream = self.stream(&connector)?;
            let page = self.page(&connector, &stream, &bytes)?;
            page_outcome(&connector, &page).await?
        };
        let has = |line: &Value, names: &[&str]| names.iter().any(|name| line.get(name).is_some());
        for line in &lines {
            print(&line.to_string())?;
        }
        let records = lines.iter().filter(|line| has(line, &["record"])).count();
        let unfit = lines.iter().filter(|line| has(line, &["misfit", "refused", "bad", "blankKey"])).count();
        eprintln!("{records} records, {unfit} do not fit; nothing was stored");
        Ok(())
    }

    fn stream(&self, connector: &Connector) -> Result<String, CliError> {
        let names: Vec<&str> = connector.streams().iter().map(|stream| stream.name).collect();
        match (&self.stream, names.as_slice()) {
            (Some(name), names) if names.contains(&name.as_str()) => Ok(name.clone()),
            (None, [only]) => Ok((*only).to_owned()),
            (_, names) => Err(CliError::Usage(format!("say with --stream which it is of: {}", names.join(", ")))),
        }
    }

    /// An answer is read as the stream reads it; a list of records, or a line each, as its payloads.
    fn page(&self, connector: &Connector, stream: &str, bytes: &[u8]) -> Result<Page, CliError> {
        let refused = |source| CliError::Fixture { path: self.input.clone(), source };
        let whole: Result<Value, _> = serde_json::from_slice(bytes);
        let document = match whole {
            Ok(document) => document,
            Err(error) => {
                let lines: Result<Vec<Value>, _> = serde_json::Deserializer::from_slice(bytes).into_iter().collect();
                let payloads = lines.map_err(|_| CliError::Json { path: self.input.clone(), source: error })?;
                return connector.fixture_payloads(stream, payloads, then()).map_err(refused);
            }
        };
        let fixture = document.is_object().then(|| serde_json::from_value::<Fixture>(document.clone()).ok()).flatten();
        let fixture = fixture.unwrap_or_else(|| Fixture::of(document.clone()));
        match (connector.fixture_page(stream, &fixture, then()), document) {
            (Err(FixtureError::Read(_)), Value::Array(payloads)) => {
                connector.fixture_payloads(stream, payloads, then()).map_err(refused)
            }
            (page, _) => page.map_err(refused),
        }
    }
}
