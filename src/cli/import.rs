//! `onefold import`.

use super::error::CliError;
use super::fold::fold;
use super::progress::SyncBars;
use super::start;
use crate::sync::{AcceptedLosses, FileContent, FileRequest, SyncError};
use clap::Args;
use onefold_connector::Upload;
use onefold_model::{RecordKind, SourceKey};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

/// So much of a file tells what it is.
const START: u64 = 64 * 1024;

/// Reads a file into a source: CSV, JSON lines, Excel, Parquet or address cards. The same file again changes nothing.
#[derive(Debug, Args)]
pub(super) struct Import {
    /// The source, by key. Its connector must be one of files.
    source: String,
    /// The file.
    file: PathBuf,
    /// The stream that the rows belong to.
    #[arg(long, default_value = "records")]
    stream: String,
    /// The sheet of an Excel workbook; without it the first one that is understood.
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
    /// A field map in YAML; without it one is proposed from the header and shown.
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// What the rows of the map are.
    #[arg(long, default_value = "party")]
    kind: String,
    /// The column that holds the key of a row.
    #[arg(long)]
    key: Option<String>,
    /// The country of telephone numbers without a prefix, for example AT.
    #[arg(long)]
    country: Option<String>,
    /// Does not fold customers afterwards.
    #[arg(long)]
    no_match: bool,
}

fn read(path: &Path) -> Result<Vec<u8>, CliError> {
    std::fs::read(path).map_err(|source| CliError::File { path: path.to_owned(), source })
}

/// Whether a file can be read line by line, and need not be in memory as a whole.
fn is_lines(path: &Path) -> std::io::Result<bool> {
    let mut start = Vec::new();
    File::open(path)?.take(START).read_to_end(&mut start)?;
    Ok(Upload::begins_lines(&start))
}

fn lines(path: PathBuf) -> Upload {
    Upload::lines(move || Ok(Box::new(BufReader::new(File::open(&path)?))))
}

impl Import {
    pub(super) async fn run(self, config: Option<&Path>) -> Result<(), CliError> {
        let app = start::app(&start::config(config)?).await?;
        let known = || app.source_setups().iter().map(|setup| setup.row.key.to_string()).collect::<Vec<_>>().join(", ");
        let key = SourceKey::new(self.source.clone()).ok();
        let setup = key.and_then(|key| app.engine().source(&key).cloned());
        let setup = setup.ok_or_else(|| CliError::NoSource(self.source.clone(), known()))?;
        let refused = |source| CliError::Import { path: self.file.clone(), source };
        if !setup.configured.connector().is_file() {
            // Before a run begins: that would mark one that a hub has going as interrupted.
            return Err(refused(SyncError::NotFile(setup.row.key.to_string()).into()));
        }
        let failed = |source| CliError::File { path: self.file.clone(), source };
        let bytes = if is_lines(&self.file).map_err(failed)? { None } else { Some(read(&self.file)?) };
        let map = self.map.as_deref().map(read).transpose()?.map(|map| String::from_utf8_lossy(&map).into_owned());
        let kinds = || RecordKind::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ");
        let kind: RecordKind = self
            .kind
            .parse()
            .map_err(|()| CliError::Usage(format!("--kind {:?} is none of {}", self.kind, kinds())))?;
        let request = FileRequest {
            content: match &bytes {
                Some(bytes) => FileContent::Bytes(bytes),
                None => FileContent::Lines(lines(self.file.clone())),
            },
            stream: &self.stream,
            sheet: self.sheet.as_deref(),
            map: map.as_deref().map(|map| (map, kind)),
            key: self.key.as_deref(),
            country: self.country.as_deref(),
        };
        let run = app.system("import").run_begin(&setup, "import", &AcceptedLosses::new()).await?;
        let bars = SyncBars::default();
        let shown = |outcome| bars.show(&self.source, &self.stream, &outcome);
        let report = app.engine().import(&setup, &run, &request, shown).await;
        bars.finish();
        let report = report.map_err(refused)?;
        if let Some(proposal) = &report.proposal {
            eprintln!(
                "the map that was used (keep it and give it with --map to change it):\n{}",
                proposal.map.trim_end()
            );
            for note in &proposal.notes {
                eprintln!("note: {note}");
            }
        }
        let what = &report.outcome;
        eprintln!(
            "{} {}: {} new, {} changed, {} the same, {} in quarantine",
            self.source, self.stream, what.created, what.updated, what.unchanged, what.quarantined
        );
        if self.no_match { Ok(()) } else { fold(&app).await }
    }
}
