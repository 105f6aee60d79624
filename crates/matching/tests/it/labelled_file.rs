//! The files of the labelled sets as tables of text.

use onefold_matching::Table;
use std::error::Error;
use std::path::{Path, PathBuf};

/// A file of the labelled sets, which are beside the repository or where `ONEFOLD_LABELLED` says. Its absence is said aloud.
pub(crate) fn labelled_file(name: &str) -> Option<PathBuf> {
    let beside = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/matching"));
    let path = std::env::var_os("ONEFOLD_LABELLED").map_or_else(beside, PathBuf::from).join(name);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: the labelled file {name} is not beside the repository");
    None
}

/// Reads a file of comma-separated values.
pub(crate) fn read_table(path: &Path) -> Result<Table, Box<dyn Error>> {
    Ok(Table::of_delimited(std::fs::read_to_string(path)?, b',', None))
}
