//! The connectors that there are: those in the binary, and those of a folder of the operator's.

use onefold_connector::{Connector, LoadError};
use rust_embed::RustEmbed;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

#[derive(RustEmbed)]
#[folder = "connectors"]
#[include = "*.yaml"]
struct Shipped;

/// Why a folder of connectors cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The folder cannot be read.
    #[error("could not read the connectors in {}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// The connectors by folder, and what is wrong with those that cannot be used.
#[derive(Debug, Default)]
pub struct Registry {
    connectors: BTreeMap<String, Connector>,
    broken: Vec<LoadError>,
}

impl Registry {
    /// Loads the shipped connectors and those of a folder. One of the folder replaces a shipped one of the same name, even
    /// where it cannot be used; one that cannot be used is reported and leaves the others alone.
    pub fn load(folder: Option<&Path>) -> Result<Self, RegistryError> {
        let mut registry = Self::default();
        let shipped = Shipped::iter().filter_map(|path| {
            let text = String::from_utf8(Shipped::get(&path)?.data.into_owned()).ok()?;
            Some((path.into_owned(), text))
        });
        registry.add(&shipped.collect());
        if let Some(folder) = folder {
            registry.add(&files_of(folder)?);
        }
        Ok(registry)
    }

    fn add(&mut self, files: &BTreeMap<String, String>) {
        for name in Connector::folders(files) {
            match Connector::load(&name, files) {
                Ok(connector) => {
                    self.connectors.insert(name, connector);
                }
                Err(error) => {
                    // Whoever replaces a shipped one means theirs: the shipped one must not step in for it unseen.
                    self.connectors.remove(&name);
                    self.broken.push(error);
                }
            }
        }
    }

    /// The connector of a folder.
    pub fn get(&self, folder: &str) -> Option<&Connector> {
        self.connectors.get(folder)
    }

    /// The folders.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.connectors.keys().map(String::as_str)
    }

    /// What is wrong with those that cannot be used, each with file and line.
    pub fn broken(&self) -> &[LoadError] {
        &self.broken
    }
}

/// The YAML files below a folder, by their path within it, with slashes.
fn files_of(folder: &Path) -> Result<BTreeMap<String, String>, RegistryError> {
    let mut files = BTreeMap::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(path) = waiting.pop() {
        let failed = |source| RegistryError::Read { path: path.clone(), source };
        for entry in std::fs::read_dir(&path).map_err(failed)? {
            let entry = entry.map_err(failed)?.path();
            if entry.is_dir() {
                waiting.push(entry);
            } else if entry.extension().is_some_and(|extension| extension == "yaml") {
                let text = std::fs::read_to_string(&entry).map_err(failed)?;
                let inside = entry.strip_prefix(folder).unwrap_or(&entry);
                let name = inside.iter().filter_map(|part| part.to_str()).collect::<Vec<_>>().join("/");
                files.insert(name, text);
            }
        }
    }
    Ok(files)
}
