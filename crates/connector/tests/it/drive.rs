//! Drives readers as the hub does: items and checkpoints are stored together or not at all.

use crate::server::{Server, time};
use onefold_connector::{Checkpoints, Configured, Note, Page, ReadError, Step};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What is stored: the records of each stream, and how far everything has been read.
#[derive(Debug, Default, Clone)]
pub(crate) struct Stored {
    pub(crate) records: BTreeMap<String, Value>,
    pub(crate) versions: BTreeMap<String, onefold_model::Timestamp>,
    pub(crate) checkpoints: Checkpoints,
    seen: BTreeMap<String, BTreeSet<String>>,
    pub(crate) notes: Vec<Note>,
    pub(crate) refused: usize,
    pub(crate) sweeps: usize,
}

impl Stored {
    fn commit(&mut self, page: Page) {
        self.refused += page.refused.len();
        self.notes.extend(page.notes);
        for item in page.items {
            if let Some(enumeration) = &page.enumeration {
                self.seen.entry(enumeration.generation.clone()).or_default().insert(item.external_id.clone());
            }
            let known = self.versions.get(&item.external_id);
            if known > item.version.as_ref() {
                continue;
            }
            self.versions.insert(item.external_id.clone(), item.version.unwrap());
            if item.deleted {
                self.records.remove(&item.external_id);
            } else {
                self.records.insert(item.external_id, item.raw);
            }
        }
        for checkpoint in page.checkpoints {
            self.checkpoints.insert(checkpoint.name, checkpoint.state);
        }
        if let Some(enumeration) = page.enumeration.filter(|enumeration| enumeration.complete) {
            let seen = self.seen.remove(&enumeration.generation).unwrap_or_default();
            self.records.retain(|id, _| seen.contains(id));
            self.sweeps += 1;
        }
    }
}

/// A run. `crashes` are requests whose answer is lost together with the process: the run begins again from what is stored.
pub(crate) fn run(
    source: &Configured,
    server: &mut Server,
    stored: &mut Stored,
    crashes: &BTreeSet<usize>,
) -> Result<(), ReadError> {
    'run: loop {
        let now = time(server.clock);
        let tasks = source.plan(&stored.checkpoints, now);
        for task in tasks {
            let mut reader = source.reader(&task, &stored.checkpoints, now).unwrap();
            let mut steps = 0;
            while let Step::Request(request) = reader.next_step() {
                steps += 1;
                assert!(steps < 5_000, "{task:?} does not end:\n{}", server.log[server.log.len() - 20..].join("\n"));
                let at = server.requests;
                let response = server.answer(&request);
                if crashes.contains(&at) {
                    continue 'run;
                }
                stored.commit(reader.accept(&response)?);
            }
        }
        return Ok(());
    }
}

/// What the system has, in the form of what is stored.
pub(crate) fn live(server: &Server) -> BTreeMap<String, u32> {
    server.records.values().map(|record| (record.id.to_string(), record.value)).collect()
}

pub(crate) fn values(stored: &Stored) -> BTreeMap<String, u32> {
    stored
        .records
        .iter()
        .map(|(id, raw)| (id.clone(), u32::try_from(raw["value"].as_u64().unwrap_or_default()).unwrap()))
        .collect()
}

/// Runs once against a system that is a function. Before the answer to the request number `crash` the process ends, and
/// begins again from what is stored.
pub(crate) fn run_with(
    source: &Configured,
    now: onefold_model::Timestamp,
    stored: &mut Stored,
    crash: usize,
    system: &mut dyn FnMut(&onefold_connector::HttpRequest) -> onefold_connector::HttpResponse,
) -> Result<(), ReadError> {
    let mut requests = 0;
    'run: loop {
        for task in source.plan(&stored.checkpoints, now) {
            let mut reader = source.reader(&task, &stored.checkpoints, now).unwrap();
            while let Step::Request(request) = reader.next_step() {
                requests += 1;
                assert!(requests < 1000, "it does not end");
                if requests - 1 == crash {
                    continue 'run;
                }
                stored.commit(reader.accept(&system(&request))?);
            }
        }
        return Ok(());
    }
}
