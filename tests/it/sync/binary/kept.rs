//! What a store has kept of the sources: for tests that look at it after a command.

use super::hub::Hub;
use onefold::args;
use onefold::store::{Arg, PageAsk, QuarantineFilter, QuarantineRow, Row, RunRow, RunState, Store, StreamProgress};
use onefold_model::{SourceId, SourceKey};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// An open store, read-only by habit.
pub(crate) struct Kept {
    pub(crate) store: Store,
}

/// A version of a record.
#[derive(Debug, Clone)]
pub(crate) struct Version {
    pub(crate) deleted: bool,
    pub(crate) raw: Value,
    pub(crate) mapped: Value,
}

impl Kept {
    /// Opens the store of a hub.
    pub(crate) async fn of(hub: &Hub) -> Self {
        Self { store: hub.store().await }
    }

    /// Closes it, so that the next command finds it as after any other.
    pub(crate) async fn close(self) {
        self.store.close().await;
    }

    async fn rows(&self, sql: &str, binds: Vec<Arg>) -> Vec<Row> {
        self.store.fetch(sql, binds).await.expect("the store answers")
    }

    /// How many rows a table has.
    pub(crate) async fn count(&self, table: &str) -> i64 {
        self.rows(&format!("select count(*) from {table}"), args![]).await[0].int(0).unwrap()
    }

    /// The keys of a stream, those of tombstones among them.
    pub(crate) async fn keys(&self, source: &str, stream: &str) -> BTreeSet<String> {
        let (live, gone) = self.live_and_gone(source, stream).await;
        live.into_iter().chain(gone).collect()
    }

    /// The keys of a stream: of those that live, and of those that the source no longer has.
    pub(crate) async fn live_and_gone(&self, source: &str, stream: &str) -> (BTreeSet<String>, BTreeSet<String>) {
        let sql = "select r.external_id, r.deleted_at from record r join source s on s.source_id = r.source_id
                   where s.key = $1 and r.stream = $2";
        let (mut live, mut gone) = (BTreeSet::new(), BTreeSet::new());
        for row in self.rows(sql, args![source, stream]).await {
            let keys = if row.opt_time(1).unwrap().is_none() { &mut live } else { &mut gone };
            keys.insert(row.text(0).unwrap());
        }
        (live, gone)
    }

    /// The versions of a record, oldest first.
    pub(crate) async fn versions(&self, source: &str, stream: &str, key: &str) -> Vec<Version> {
        let sql = "select v.deleted, v.raw, v.mapped from record_version v
                   join record r on r.record_id = v.record_id join source s on s.source_id = r.source_id
                   where s.key = $1 and r.stream = $2 and r.external_id = $3 order by v.version";
        let rows = self.rows(sql, args![source, stream, key]).await;
        let version = |row: &Row| Version {
            deleted: row.bool(0).unwrap(),
            raw: row.json(1).unwrap(),
            mapped: row.json(2).unwrap(),
        };
        rows.iter().map(version).collect()
    }

    /// Everything in quarantine, resolved or not.
    pub(crate) async fn quarantine(&self) -> Vec<QuarantineRow> {
        let sources = ["stripe", "zendesk", "mailchimp", "files"].map(id);
        let filter = QuarantineFilter { sources: sources.to_vec(), code: None, include_resolved: true };
        let ask = PageAsk::Forward { count: 500, after: None };
        self.store.quarantine_list(&filter, &ask).await.unwrap().rows.into_iter().map(|(_, row)| row).collect()
    }

    /// The keys in quarantine that wait for a repair.
    pub(crate) async fn waiting(&self, source: &str, stream: &str) -> BTreeSet<String> {
        let is_meant =
            |row: &&QuarantineRow| row.source == id(source) && row.item.stream == stream && row.resolved_at.is_none();
        self.quarantine().await.iter().filter(is_meant).filter_map(|row| row.item.external_id.clone()).collect()
    }

    /// The newest run of a source and what it did, by stream.
    pub(crate) async fn run(&self, source: &str) -> (RunRow, BTreeMap<String, StreamProgress>) {
        let ask = PageAsk::Forward { count: 1, after: None };
        let (_, run) = self.store.run_list(&[id(source)], &ask).await.unwrap().rows.remove(0);
        let streams = self.store.run_streams(&[run.id]).await.unwrap();
        (run, streams.into_iter().map(|(_, progress)| (progress.stream.clone(), progress)).collect())
    }

    /// Code and message of a stream that the newest run did not read to its end.
    pub(crate) async fn failure(&self, source: &str, stream: &str) -> (String, String) {
        let (_, mut streams) = self.run(source).await;
        let progress = streams.remove(stream).expect("the stream was read");
        assert_eq!(progress.state, RunState::Failed, "{progress:?}");
        (progress.error_code.expect("a code"), progress.error.expect("a message"))
    }

    /// Nothing of the newest run of each source was new to the store.
    pub(crate) async fn assert_nothing_new(&self, sources: &[&str]) {
        for source in sources {
            let (run, streams) = self.run(source).await;
            assert_eq!(run.state, RunState::Succeeded, "{source}");
            for (stream, done) in streams {
                assert_eq!((done.created, done.updated, done.deleted), (0, 0, 0), "{source} {stream}: {done:?}");
            }
        }
    }
}

/// The id of a source.
pub(crate) fn id(source: &str) -> SourceId {
    SourceId::derive(&SourceKey::new(source).unwrap())
}
