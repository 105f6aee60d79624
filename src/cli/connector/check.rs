//! `onefold connector check`.

use super::folder::Folder;
use crate::cli::error::CliError;
use crate::cli::output::print;
use clap::Args;
use onefold_connector::Setting;
use std::path::PathBuf;

/// Names every mistake of a folder with file, line and the nearest name, and says what the connector reads.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// The folder, `department/system` at its end.
    folder: PathBuf,
}

impl Check {
    pub(super) fn run(self) -> Result<(), CliError> {
        let folder = Folder::open(&self.folder)?;
        let connector = folder.connector()?;
        print(&format!("{}: {} {}", folder.name, connector.title(), connector.version()))?;
        for stream in connector.streams() {
            let deletes = if stream.deletes.is_empty() { "not seen".to_owned() } else { stream.deletes.join(", ") };
            let reads = if connector.is_file() { "file" } else { stream.reads };
            print(&format!("  {} -> {}, reads: {reads}, deletions: {deletes}", stream.name, stream.into))?;
            for also in &stream.also {
                print(&format!("    also {} -> {}", also.name, also.into))?;
            }
        }
        let settings: Vec<String> = connector.settings().iter().map(told).collect();
        if !settings.is_empty() {
            print(&format!("  settings: {}", settings.join(", ")))?;
        }
        let recorded = folder.recorded(&connector);
        for stream in connector.streams() {
            if recorded.iter().all(|one| one.stream != stream.name) {
                print(&format!("  note: no fixture shows what {} becomes", stream.name))?;
            }
        }
        if !folder.path.join("README.md").is_file() {
            print("  note: there is no README.md that says what the connector cannot see")?;
        }
        Ok(())
    }
}

fn told(setting: &Setting) -> String {
    let words = [(setting.secret, "secret"), (setting.required, "required")];
    let words: Vec<&str> = words.into_iter().filter_map(|(holds, word)| holds.then_some(word)).collect();
    if words.is_empty() { setting.name.clone() } else { format!("{} ({})", setting.name, words.join(", ")) }
}
