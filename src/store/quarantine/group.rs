//! What waits in quarantine by its cause, so that a person mends or discards what failed for one reason at once.
//!
//! A cause is a stream, a code and the field that did not fit. Deliberately does not look into payloads.

use super::super::list::in_list;
use super::super::{Arg, Row, Store, StoreError};
use crate::args;
use onefold_model::{QuarantineId, SourceId, Timestamp};

/// Why payloads of one stream do not fit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QuarantineCause {
    /// The stream.
    pub stream: String,
    /// The stable code.
    pub code: String,
    /// The field that did not fit, where it is one.
    pub path: Option<String>,
}

/// What waits of one source for one cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantineGroup {
    /// The source.
    pub source: SourceId,
    /// The cause.
    pub cause: QuarantineCause,
    /// How many payloads.
    pub payloads: i64,
    /// How often they came, all together.
    pub deliveries: i64,
    /// When the first of them first came.
    pub first_seen_at: Timestamp,
    /// When one of them last came.
    pub last_seen_at: Timestamp,
    /// That one.
    pub example: QuarantineId,
}

/// What waits: it neither fits by now nor has been discarded.
pub(super) const WAITS: &str = "resolved_at is null and discard_id is null";

impl QuarantineCause {
    /// The condition that payloads have this cause. Binds are pushed onto `binds`.
    pub(super) fn condition(&self, binds: &mut Vec<Arg>) -> String {
        let first = binds.len() + 1;
        binds.extend(args![&self.stream, &self.code]);
        let condition = format!("stream = ${first} and code = ${}", first + 1);
        match &self.path {
            None => format!("{condition} and path is null"),
            Some(path) => {
                binds.push(path.into());
                format!("{condition} and path = ${}", first + 2)
            }
        }
    }
}

impl QuarantineGroup {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            source: SourceId(row.uuid(0)?),
            cause: QuarantineCause { stream: row.text(1)?, code: row.text(2)?, path: row.opt_text(3)? },
            payloads: row.int(4)?,
            deliveries: row.int(5)?,
            first_seen_at: row.time(6)?,
            last_seen_at: row.time(7)?,
            example: QuarantineId(row.uuid(8)?),
        })
    }
}

impl Store {
    /// What waits of these sources by cause: most payloads first, then last seen first.
    pub async fn quarantine_groups(&self, sources: &[SourceId]) -> Result<Vec<QuarantineGroup>, StoreError> {
        let mut binds = Vec::new();
        let ids: Vec<_> = sources.iter().map(|id| id.0).collect();
        let list = in_list(&ids, &mut binds);
        let sql = format!(
            "select source_id, stream, code, path, payloads, deliveries, first_seen, last_seen, quarantine_id from (
                 select source_id, stream, code, path, quarantine_id,
                        count(*) over cause as payloads,
                        cast(sum(times) over cause as bigint) as deliveries,
                        min(first_seen_at) over cause as first_seen,
                        max(last_seen_at) over cause as last_seen,
                        row_number() over (partition by source_id, stream, code, path
                                           order by last_seen_at desc, quarantine_id desc) as place
                 from quarantine
                 where source_id in {list} and {WAITS}
                 window cause as (partition by source_id, stream, code, path)
             ) grouped
             where place = 1
             order by payloads desc, last_seen desc, quarantine_id"
        );
        self.fetch(sql, binds).await?.iter().map(QuarantineGroup::read).collect()
    }
}
