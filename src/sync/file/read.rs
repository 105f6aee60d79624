//! Reading a file beside the runtime: rows come in batches, and no more of them wait than the store takes.

use crate::sync::SyncError;
use onefold_connector::{BadRow, FileError, FileSetup, Found, Row, Upload};
use serde_json::Value;
use std::ops::ControlFlow;
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, spawn_blocking};

/// Rows that are written in one transaction: each one waits for the disk, and neighbours in an index are written together.
const BATCH: usize = 1_000;
/// Batches that wait for the store.
const WAITING: usize = 2;
/// Rows that are looked at to propose a map.
const SAMPLE: usize = 50;

pub(super) type RowOrBad = Result<Row, BadRow>;

/// The rows of a file.
pub(super) struct Batches {
    rows: mpsc::Receiver<Vec<RowOrBad>>,
    reading: JoinHandle<Result<(), FileError>>,
}

impl Batches {
    pub(super) fn start(upload: Upload, sheet: Option<String>) -> Self {
        let (sender, rows) = mpsc::channel(WAITING);
        Self { rows, reading: spawn_blocking(move || send_rows(&upload, sheet.as_deref(), &sender)) }
    }

    pub(super) async fn next(&mut self) -> Option<Vec<RowOrBad>> {
        self.rows.recv().await
    }

    /// Whether it came to its end. What was read before a fault stays.
    pub(super) async fn end(self) -> Result<(), SyncError> {
        drop(self.rows);
        Ok(self.reading.await.unwrap_or(Err(FileError::Damaged))?)
    }
}

fn send_rows(upload: &Upload, sheet: Option<&str>, sender: &mpsc::Sender<Vec<RowOrBad>>) -> Result<(), FileError> {
    let mut batch = Vec::with_capacity(BATCH);
    let read = upload.each_row(sheet, &mut |found| {
        match found {
            Found::Setup(_) => {}
            Found::Row(row) => batch.push(Ok(row)),
            Found::Bad(bad) => batch.push(Err(bad)),
        }
        if batch.len() < BATCH {
            return ControlFlow::Continue(());
        }
        // Nobody listens any more where the store has failed.
        match sender.blocking_send(std::mem::replace(&mut batch, Vec::with_capacity(BATCH))) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    });
    if !batch.is_empty() {
        let _ = sender.blocking_send(batch);
    }
    read
}

/// Opens a file. A damaged one must not end more than its own import.
pub(super) async fn open(bytes: Vec<u8>) -> Result<Upload, SyncError> {
    Ok(spawn_blocking(move || Upload::open(bytes)).await.unwrap_or(Err(FileError::Damaged))?)
}

/// The sheets of a workbook.
pub(super) async fn sheets(upload: &Upload) -> Result<Vec<String>, SyncError> {
    let upload = upload.clone();
    Ok(spawn_blocking(move || upload.sheets()).await.unwrap_or(Err(FileError::Damaged))?)
}

/// What a file, or one sheet of it, is like, and its first rows.
pub(super) async fn sample(upload: &Upload, sheet: Option<&str>) -> Result<(FileSetup, Vec<Value>), SyncError> {
    let (upload, sheet) = (upload.clone(), sheet.map(str::to_owned));
    let look = move || {
        let (mut setup, mut sample) = (None, Vec::new());
        upload.each_row(sheet.as_deref(), &mut |found| {
            match found {
                Found::Setup(found) => setup = Some(found),
                Found::Row(row) => sample.push(row.raw),
                Found::Bad(_) => {}
            }
            if sample.len() < SAMPLE { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        Ok((setup.ok_or(FileError::Empty)?, sample))
    };
    Ok(spawn_blocking(look).await.unwrap_or(Err(FileError::Damaged))?)
}
