//! What to read, and in which order.

use crate::configured::Configured;
use crate::manifest::stream::{Changes, Stream};
use crate::read::state::{Checkpoints, FeedState, load_feed, load_stream};
use onefold_model::Timestamp;

/// One thing to read. Tasks are done in order; one that fails leaves the others to go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// What kind of reading it is.
    pub kind: TaskKind,
    /// The stream or feed.
    pub name: String,
    /// The streams whose records it gives.
    pub streams: Vec<String>,
}

impl Task {
    /// The streams whose payloads it gives, and itself.
    pub fn given(&self) -> impl Iterator<Item = &str> {
        self.streams.iter().chain([&self.name]).map(String::as_str)
    }
}

/// The kinds of reading, in the order in which they are done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TaskKind {
    /// Takes note of where a feed stands, before anything else is read.
    Position,
    /// Reads everything.
    Snapshot,
    /// Reads what a feed says has changed.
    Feed,
    /// Reads what has changed since the stream cursor.
    Changes,
}

impl TaskKind {
    /// The word in logs.
    pub fn as_str(self) -> &'static str {
        match self {
            TaskKind::Position => "position",
            TaskKind::Snapshot => "snapshot",
            TaskKind::Feed => "feed",
            TaskKind::Changes => "changes",
        }
    }
}

/// The position of a feed comes before the snapshots, the feed after them, children after their parents.
pub(crate) fn plan(source: &Configured, checkpoints: &Checkpoints, now: Timestamp) -> Vec<Task> {
    let mut positions = Vec::new();
    let mut feeds = Vec::new();
    let mut kept: Vec<(&str, FeedState)> = Vec::new();
    for feed in &source.manifest().feeds {
        let streams: Vec<String> = source
            .streams()
            .filter(|stream| stream.feed() == Some(&feed.name))
            .map(|stream| stream.name.clone())
            .collect();
        if streams.is_empty() {
            continue;
        }
        // An unreadable checkpoint is not a missing one: its reader refuses it by name.
        match load_feed(checkpoints, &feed.name) {
            Ok(Some(state)) if state.position + feed.retention > now => kept.push((&feed.name, state)),
            Ok(_) => {
                positions.push(Task { kind: TaskKind::Position, name: feed.name.clone(), streams: streams.clone() });
            }
            Err(_) => {}
        }
        feeds.push(Task { kind: TaskKind::Feed, name: feed.name.clone(), streams });
    }
    let (mut parents, mut parent_changes, mut children) = (Vec::new(), Vec::new(), Vec::new());
    for stream in source.streams() {
        let snapshot = snapshot_due(stream, checkpoints, &kept, now);
        let changes = matches!(stream.changes, Some(Changes::Cursor { .. }));
        let kind = match (snapshot, changes) {
            (true, _) => TaskKind::Snapshot,
            (false, true) => TaskKind::Changes,
            (false, false) => continue,
        };
        let task = Task { kind, name: stream.name.clone(), streams: vec![stream.name.clone()] };
        match (&stream.parent, kind) {
            (Some(_), _) => children.push(task),
            (None, TaskKind::Snapshot) => parents.push(task),
            (None, _) => parent_changes.push(task),
        }
    }
    [positions, parents, feeds, parent_changes, children].into_iter().flatten().collect()
}

fn snapshot_due(stream: &Stream, checkpoints: &Checkpoints, feeds: &[(&str, FeedState)], now: Timestamp) -> bool {
    let Some(snapshot) = &stream.snapshot else { return false };
    let Ok(state) = load_stream(checkpoints, &stream.name) else { return true };
    let Some(done) = state.snapshot.as_ref() else { return true };
    let Some(done_at) = done.done_at else { return true };
    match &stream.changes {
        Some(Changes::Feed { feed, .. }) => {
            let epoch = feeds.iter().find(|(name, _)| name == feed).map(|(_, state)| state.epoch);
            // What was deleted in a time that the feed no longer tells of is seen only by absence.
            epoch.is_none() || done.epoch != epoch || stream.deletes.sweep.is_some_and(|every| done_at + every <= now)
        }
        Some(Changes::Cursor { .. }) => stream.deletes.sweep.is_some_and(|every| done_at + every <= now),
        None => {
            let every = stream.deletes.sweep.unwrap_or(snapshot.every).max(snapshot.every);
            done_at + every <= now
        }
    }
}
