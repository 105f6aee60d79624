//! Files that people export: read row by row into the store. Uploading a file again is an update, not a second copy.

mod read;
mod rules;

use super::drift::{Shown, Watch};
use super::task::add;
use super::{Engine, SourceSetup, SyncError};
use crate::store::{PageCommit, PageOutcome, RunRow, RunState};
use onefold_connector::{FileError, LoadError, Proposal, Upload};
use onefold_model::RecordKind;

/// A file to be read.
#[derive(Debug, Clone)]
pub struct FileRequest<'a> {
    /// What is in it.
    pub content: FileContent<'a>,
    /// The stream that its rows belong to.
    pub stream: &'a str,
    /// The sheet of a workbook; without it the first one that is understood.
    pub sheet: Option<&'a str>,
    /// The map as YAML; without it one is proposed from the header.
    pub map: Option<(&'a str, RecordKind)>,
    /// The column that holds the key of a row; without it the one that the proposal names, or the content.
    pub key: Option<&'a str>,
    /// The country of telephone numbers without a prefix, ISO 3166-1 alpha-2.
    pub country: Option<&'a str>,
}

/// Where the content of a file is.
#[derive(Debug, Clone)]
pub enum FileContent<'a> {
    /// In memory.
    Bytes(&'a [u8]),
    /// Where it is read as it is needed: [`Upload::lines`].
    Lines(Upload),
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileReport {
    /// What was written.
    pub outcome: PageOutcome,
    /// The map that was proposed, to be looked at and kept.
    pub proposal: Option<Proposal>,
}

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
pub enum FileFailure {
    /// The source or the file.
    #[error(transparent)]
    Sync(#[from] SyncError),
    /// The map.
    #[error(transparent)]
    Map(#[from] LoadError),
    /// No column was understood.
    #[error("no column of the file was understood: write a map and give it with --map; the columns are: {0}")]
    NotUnderstood(String),
    /// A run of the source goes on.
    #[error("a run of the source {0} goes on: try again when it has ended")]
    Busy(String),
}

impl From<crate::store::StoreError> for FileFailure {
    fn from(error: crate::store::StoreError) -> Self {
        Self::Sync(error.into())
    }
}

impl Engine {
    /// Reads a file into a source. Each bad row is named by line and column and goes into quarantine; the rest goes on.
    pub async fn import(
        &self,
        setup: &SourceSetup,
        run: &RunRow,
        request: &FileRequest<'_>,
        tick: impl Fn(PageOutcome) + Send + Sync,
    ) -> Result<FileReport, FileFailure> {
        let key = &setup.row.key;
        let Some(_busy) = self.hold(setup, run).await? else { return Err(FileFailure::Busy(key.to_string())) };
        let outcome = if setup.configured.connector().is_file() {
            self.import_rows(setup, run, request, &tick).await
        } else {
            Err(SyncError::NotFile(key.to_string()).into())
        };
        let at = self.clock.now();
        let (state, error) = match &outcome {
            Ok(_) => (RunState::Succeeded, None),
            Err(error @ FileFailure::Sync(SyncError::Cancelled)) => (RunState::Cancelled, Some(error.to_string())),
            Err(error) => (RunState::Failed, Some(error.to_string())),
        };
        let mut tx = self.store.begin().await?;
        // Whoever took over has marked this run.
        if tx.lease_end(run.source, run.id).await? {
            let stream_error = error.as_deref().map(|message| ("FILE", message));
            tx.run_stream_finish(run.id, request.stream, state, stream_error, at).await?;
            tx.run_finish(run.id, state, error.as_deref(), at).await?;
        }
        tx.commit().await?;
        outcome
    }

    async fn import_rows(
        &self,
        setup: &SourceSetup,
        run: &RunRow,
        request: &FileRequest<'_>,
        tick: &(impl Fn(PageOutcome) + Send + Sync),
    ) -> Result<FileReport, FileFailure> {
        let upload = match &request.content {
            FileContent::Bytes(bytes) => read::open(bytes.to_vec()).await?,
            FileContent::Lines(upload) => upload.clone(),
        };
        if !setup.configured.connector().formats().contains(&upload.format()) {
            return Err(FileError::Format.into());
        }
        let rules = rules::rules(setup, &upload, request).await?;
        let mut batches = read::Batches::start(upload, rules.sheet.clone());
        let mut sum = PageOutcome::default();
        let mut watch = Watch::new(&self.store, &setup.row);
        while let Some(rows) = batches.next().await {
            let (mut records, mut quarantined) = (Vec::new(), Vec::new());
            for row in rows {
                match rules.record(request.stream, row) {
                    Ok(record) => records.push(record),
                    Err(unfit) => quarantined.push(*unfit),
                }
            }
            let shown = records.iter().filter_map(Shown::record).chain(quarantined.iter().filter_map(Shown::unfit));
            let news = watch.look(shown).await?;
            watch.reads(request.stream, &rules.reads());
            let page = PageCommit {
                source: setup.row.id,
                source_key: &setup.row.key,
                run: Some(run.id),
                stream: request.stream,
                mapping: &rules.mapping,
                records,
                quarantined,
                checkpoints: Vec::new(),
                generation: None,
                at: self.clock.now(),
            };
            let mut tx = self.store.begin().await?;
            self.lease_hold(&mut tx, setup, run.id).await?;
            let outcome = tx.page_commit(page).await?;
            for stream in &news {
                watch.write(&mut tx, stream, self.clock.now()).await?;
            }
            tx.commit().await?;
            add(&mut sum, &outcome);
            tick(sum);
        }
        batches.end().await?;
        let mut tx = self.store.begin().await?;
        watch.write(&mut tx, request.stream, self.clock.now()).await?;
        tx.shape_settle(setup.row.id, &[request.stream]).await?;
        tx.commit().await?;
        Ok(FileReport { outcome: sum, proposal: rules.proposal })
    }
}

impl From<FileError> for FileFailure {
    fn from(error: FileError) -> Self {
        Self::Sync(error.into())
    }
}
