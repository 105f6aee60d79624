//! `onefold connector discover`.

use super::folder::bytes;
use crate::cli::error::CliError;
use crate::cli::output::print;
use crate::sync::Registry;
use clap::Args;
use onefold_connector::{Found, FoundStream, Upload, discover, discover_rows, read_yaml, sketch};
use onefold_model::RecordKind;
use serde_json::Value;
use std::ops::ControlFlow;
use std::path::PathBuf;

/// Lists the streams and fields of a sample of records (JSON, JSON lines, CSV, Excel, Parquet) or of an API description (OpenAPI
/// or Swagger, JSON or YAML), and proposes a map. What it shows of a sample is what stands in it.
#[derive(Debug, Args)]
pub(super) struct Discover {
    /// The sample or the description.
    file: PathBuf,
    /// Only streams with this name, with their fields. Of a description with many streams, the others are only named.
    #[arg(long)]
    stream: Option<String>,
    /// What the records are.
    #[arg(long, default_value = "party")]
    kind: String,
}

/// Streams that are shown with their fields where none was asked for.
const SHOWN: usize = 5;
/// Rows of a file that are looked at.
const ROWS: usize = 1_000;

impl Discover {
    pub(super) fn run(self) -> Result<(), CliError> {
        let kinds = || RecordKind::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ");
        let kind: RecordKind = self
            .kind
            .parse()
            .map_err(|()| CliError::Usage(format!("--kind {:?} is none of {}", self.kind, kinds())))?;
        let bytes = bytes(&self.file)?;
        let mut found = self.found(&bytes)?;
        if let Some(name) = &self.stream {
            let names = found.iter().map(|stream| stream.name.clone()).collect::<Vec<_>>().join(", ");
            found.retain(|stream| stream.name == *name);
            if found.is_empty() {
                return Err(CliError::Usage(format!("there is no stream {name:?}; there are: {names}")));
            }
        }
        if found.is_empty() {
            return Err(CliError::Usage(format!("{} holds no list of records", self.file.display())));
        }
        let files = Registry::load(None)?;
        let files = files.get("files/party").ok_or_else(|| CliError::Usage("files/party is missing".to_owned()))?;
        let is_whole = self.stream.is_some() || found.len() <= SHOWN;
        for stream in &found {
            print(&head(stream))?;
            if !is_whole {
                continue;
            }
            for field in &stream.fields {
                let filled = if stream.seen > 0 { format!(" {}/{}", field.filled, stream.seen) } else { String::new() };
                let sample = field.sample.as_deref().map(|sample| format!("  {sample}")).unwrap_or_default();
                print(&format!("  {:<32} {:<6}{filled}{sample}", field.path, field.form))?;
            }
            let sketch = sketch(stream, kind, files);
            if sketch.map.is_empty() {
                print(&format!("  no field is called like one of a {kind}"))?;
            } else {
                print(&format!("  proposed map to a {kind}:"))?;
                for line in sketch.map.lines() {
                    print(&format!("    {line}"))?;
                }
            }
            for note in &sketch.notes {
                print(&format!("  note: {note}"))?;
            }
        }
        if !is_whole {
            print("name one with --stream to see its fields")?;
        }
        Ok(())
    }

    fn found(&self, bytes: &[u8]) -> Result<Vec<FoundStream>, CliError> {
        if let Ok(document) = serde_json::from_slice::<Value>(bytes) {
            return Ok(discover(&document));
        }
        let is_yaml = self.file.extension().is_some_and(|ending| ending == "yaml" || ending == "yml");
        if is_yaml {
            let text = String::from_utf8_lossy(bytes);
            let name = self.file.display().to_string();
            let document = read_yaml(&name, &text).map_err(|error| CliError::Connector(error.to_string()))?;
            return Ok(discover(&document));
        }
        let refused =
            |source: onefold_connector::FileError| CliError::Import { path: self.file.clone(), source: source.into() };
        let upload = Upload::open(bytes.to_vec()).map_err(refused)?;
        let mut rows = Vec::new();
        let each = upload.each_row(None, &mut |found| {
            if let Found::Row(row) = found {
                rows.push(row.raw);
            }
            if rows.len() < ROWS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        each.map_err(refused)?;
        Ok(vec![discover_rows(&rows)])
    }
}

fn head(stream: &FoundStream) -> String {
    let at = if stream.records.is_empty() { "''".to_owned() } else { stream.records.clone() };
    match &stream.get {
        Some(path) => format!("{}: get {path}, records at {at}, {} fields", stream.name, stream.fields.len()),
        None => format!("{}: records at {at}, {} seen, {} fields", stream.name, stream.seen, stream.fields.len()),
    }
}
