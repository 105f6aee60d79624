//! `onefold connector new`.

use super::folder::{Folder, outcome};
use crate::cli::error::CliError;
use crate::cli::output::print;
use clap::Args;
use onefold_connector::fixture_text;
use onefold_model::DepartmentKey;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The files of a new folder, by their names in it.
const FILES: [(&str, &str); 4] = [
    ("connector.yaml", include_str!("template/connector.yaml")),
    ("map/person.yaml", include_str!("template/person.yaml")),
    ("fixtures/people.json", include_str!("template/people.json")),
    ("README.md", include_str!("template/README.md")),
];

/// Writes a folder that loads: manifest, map, fixture and README.
#[derive(Debug, Args)]
pub(super) struct New {
    /// `department/system`: the folder that is made here.
    name: String,
    /// Where it is made.
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    within: PathBuf,
}

impl New {
    pub(super) async fn run(self) -> Result<(), CliError> {
        let wrong = || {
            CliError::Usage(format!("{:?} is not of the form department/system, such as support/harbour", self.name))
        };
        let (department, system) = self.name.split_once('/').ok_or_else(wrong)?;
        DepartmentKey::new(department).map_err(|_| wrong())?;
        let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if system.is_empty() || !system.chars().all(is_word) {
            return Err(wrong());
        }
        let folder = self.within.join(department).join(system);
        let mut title = system.replace('_', " ");
        if let Some(first) = title.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        for (name, text) in FILES {
            let text = text.replace("SYSTEM_TITLE", &title).replace("SYSTEM_NAME", system);
            let text = text.replace("FOLDER_NAME", &format!("{department}/{system}"));
            write_new(&folder.join(name), &text)?;
        }
        // What is expected is what the map makes, so that the folder is right from the start.
        let made = Folder::open(&folder)?;
        let connector = made.connector()?;
        for recorded in made.recorded(&connector) {
            let lines = outcome(&connector, &recorded).await?;
            write_new(&recorded.expected, &fixture_text(&lines))?;
        }
        print(&format!("wrote {}: `onefold connector test {0}` runs its fixture", folder.display()))?;
        Ok(())
    }
}

/// Writes a file that is not there yet.
fn write_new(path: &Path, text: &str) -> Result<(), CliError> {
    let failed = |source| CliError::Write { path: path.to_owned(), source };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(path).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)
}
