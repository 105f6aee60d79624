//! How fresh the streams of a source are: as its runs tell it, or where none reads it, as what was pushed into it does.

mod pushed;

use super::list::in_list;
use super::{Arg, RunState, Store, StoreError};
use onefold_model::{SourceId, Timestamp};

/// How fresh a stream is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamFreshness {
    /// The stream.
    pub stream: String,
    /// When it was last read to its end; of what is pushed, when a record last became different.
    pub fresh_at: Option<Timestamp>,
    /// The last run that read it: when it began, and how the stream ended in it. Nothing where none ever did.
    pub last_run: Option<(Timestamp, RunState)>,
}

impl Store {
    /// How fresh the streams of these sources are, by source and stream, as their runs tell it.
    pub async fn freshness_of_runs(
        &self,
        sources: &[SourceId],
    ) -> Result<Vec<(SourceId, StreamFreshness)>, StoreError> {
        let mut binds: Vec<Arg> = Vec::new();
        let ids: Vec<_> = sources.iter().map(|id| id.0).collect();
        let list = in_list(&ids, &mut binds);
        let sql = format!(
            "select source_id, stream, fresh_at, started_at, state from (
                 select run.source_id, part.stream, run.started_at,
                        -- A run that broke off may leave a stream as it stood.
                        case when part.state = 'RUNNING' then run.state else part.state end as state,
                        max(case when part.state = 'SUCCEEDED' then part.updated_at end)
                            over (partition by run.source_id, part.stream) as fresh_at,
                        row_number() over (partition by run.source_id, part.stream
                                           order by run.started_at desc, run.run_id desc) as place
                 from sync_run run
                 join sync_run_stream part on part.run_id = run.run_id
                 where run.source_id in {list}
                   -- What is mapped once more comes from the store.
                   and run.trigger_kind not in ('replay', 'trial')
             ) told
             where place = 1
             order by source_id, stream"
        );
        let rows = self.fetch(sql, binds).await?;
        rows.iter()
            .map(|row| {
                let freshness = StreamFreshness {
                    stream: row.text(1)?,
                    fresh_at: row.opt_time(2)?,
                    last_run: Some((row.time(3)?, RunState::read(&row.text(4)?)?)),
                };
                Ok((SourceId(row.uuid(0)?), freshness))
            })
            .collect()
    }
}
