//! A file that is there once all of it is written, and not before.

use crate::cli::error::CliError;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// A file on its way. Dropped without [`NewFile::put`], nothing is left of it.
pub(super) struct NewFile {
    to: PathBuf,
    beside: PathBuf,
    content: Option<BufWriter<File>>,
}

impl NewFile {
    /// Only its owner may read it, where the system knows owners.
    pub(super) fn create(to: &Path) -> Result<Self, CliError> {
        let name = to.file_name().and_then(|name| name.to_str());
        let name = name.ok_or_else(|| CliError::Usage(format!("{}: this is no name of a file", to.display())))?;
        let beside = to.with_file_name(format!(".{name}.{}.part", std::process::id()));
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&beside).map_err(|source| failed(to, source))?;
        Ok(Self { to: to.to_owned(), beside, content: Some(BufWriter::new(file)) })
    }

    pub(super) fn write(&mut self, text: &str) -> Result<(), CliError> {
        let Some(content) = &mut self.content else { return Ok(()) };
        content.write_all(text.as_bytes()).map_err(|source| failed(&self.to, source))
    }

    /// Puts it in its place, where it replaces what was there.
    pub(super) fn put(mut self) -> Result<(), CliError> {
        let Some(content) = self.content.take() else { return Ok(()) };
        let put = || {
            content.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
            std::fs::rename(&self.beside, &self.to)
        };
        put().map_err(|source| failed(&self.to, source))
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        // After it was put in its place there is nothing under this name.
        let _ = std::fs::remove_file(&self.beside);
    }
}

fn failed(path: &Path, source: std::io::Error) -> CliError {
    CliError::ExportFile { path: path.to_owned(), source }
}
