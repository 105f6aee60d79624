//! `onefold documents`, and the registered documents of the configuration.
//!
//! A folder holds documents as `*.graphql`, one a file, and manifests as `*.json`: those of Relay and of GraphQL Code Generator
//! (`{"id": "document"}`) and those of Apollo (`{"operations": [{"id": …, "body": …}]}`).

use super::error::CliError;
use super::output::print;
use crate::config::{GraphqlConfig, Planning, SchemaTold};
use crate::graphql::{
    CostSettings, GraphSettings, HubSchema, Introspection, Planner, TrustedDocuments, document_hash, schema,
    schema_with,
};
use clap::{Args, Subcommand};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Documents that are run by their id: what an installation registers.
#[derive(Debug, Args)]
pub(super) struct Documents {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Prints the id of each document of a folder. Fails where one is not valid under the schema of this version.
    Check {
        /// The folder.
        folder: PathBuf,
    },
}

/// A document of a folder.
struct Registered {
    file: PathBuf,
    name: Option<String>,
    text: String,
}

impl Documents {
    pub(super) fn run(self) -> Result<(), CliError> {
        let What::Check { folder } = self.what;
        let (schema, documents) = (schema(), read(&folder)?);
        let lines = documents.iter().map(|document| {
            let name = document.name.as_deref().unwrap_or("-");
            format!("{}  {name}  {}", document_hash(&document.text), document.file.display())
        });
        let lines: Vec<String> = lines.collect();
        if !lines.is_empty() {
            print(&lines.join("\n"))?;
        }
        check(&schema, &documents)
    }
}

/// The graph as the configuration has it.
pub(super) fn configured(config: &GraphqlConfig) -> Result<HubSchema, CliError> {
    let mut trusted = TrustedDocuments::default();
    if let Some(folder) = &config.documents {
        let documents = read(folder)?;
        check(&schema(), &documents)?;
        for document in documents {
            trusted.register(document.name.as_deref(), &document.text);
        }
    }
    let introspection = match config.introspection {
        SchemaTold::Open => Introspection::Open,
        SchemaTold::Closed => Introspection::Closed,
    };
    let planner = match config.planner {
        Planning::On => Planner::On,
        Planning::Off => Planner::Off,
    };
    let cost = CostSettings { limit: config.cost_limit, per_second: config.cost_per_second };
    let trusted_only = config.trusted_only.iter().cloned().collect();
    Ok(schema_with(GraphSettings { introspection, trusted, trusted_only, cost, planner }))
}

/// Says of all documents what is wrong with them.
fn check(schema: &HubSchema, documents: &[Registered]) -> Result<(), CliError> {
    let mut wrong = Vec::new();
    for Registered { file, name, text } in documents {
        let of = name.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
        wrong.extend(schema.problems(text).into_iter().map(|problem| format!("{}{of}: {problem}", file.display())));
    }
    if wrong.is_empty() { Ok(()) } else { Err(CliError::Usage(wrong.join("\n"))) }
}

fn read(folder: &Path) -> Result<Vec<Registered>, CliError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| CliError::File { path, source }
    };
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed(folder))? {
        files.push(entry.map_err(failed(folder))?.path());
    }
    files.sort();
    let mut documents = Vec::new();
    for file in files {
        let extension = file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        if !matches!(extension, "graphql" | "gql" | "json") {
            continue;
        }
        let text = std::fs::read_to_string(&file).map_err(failed(&file))?;
        if extension == "json" {
            documents.extend(manifest(&file, &text)?);
        } else {
            documents.push(Registered { file, name: None, text });
        }
    }
    Ok(documents)
}

fn manifest(file: &Path, text: &str) -> Result<Vec<Registered>, CliError> {
    let json = |source| CliError::Json { path: file.to_owned(), source };
    let usage = || CliError::Usage(format!("{} is no manifest of documents", file.display()));
    let content: Value = serde_json::from_str(text).map_err(json)?;
    let registered = |name: &str, text: &str| Registered {
        file: file.to_owned(),
        name: Some(name.to_owned()),
        text: text.to_owned(),
    };
    if let Some(operations) = content.get("operations").and_then(Value::as_array) {
        let read =
            |operation: &Value| Some(registered(operation.get("id")?.as_str()?, operation.get("body")?.as_str()?));
        return operations.iter().map(read).collect::<Option<_>>().ok_or_else(usage);
    }
    let Value::Object(entries) = &content else { return Err(usage()) };
    entries.iter().map(|(id, text)| Some(registered(id, text.as_str()?))).collect::<Option<_>>().ok_or_else(usage)
}
