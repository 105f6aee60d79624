//! How fresh a source is that no run reads.

use super::super::list::in_list;
use super::super::visible::{Rows, visible};
use super::super::{Arg, Store, StoreError};
use super::StreamFreshness;
use crate::auth::Scope;
use onefold_model::SourceId;

impl Store {
    /// When records of these sources last became different, by source and stream. Of the records that a scope shows.
    pub async fn freshness_of_records(
        &self,
        scope: &Scope,
        sources: &[SourceId],
    ) -> Result<Vec<(SourceId, StreamFreshness)>, StoreError> {
        let mut binds: Vec<Arg> = Vec::new();
        let ids: Vec<_> = sources.iter().map(|id| id.0).collect();
        let list = in_list(&ids, &mut binds);
        let shown = visible(scope, Rows::Record, &mut binds);
        let sql = format!(
            "select r.source_id, r.stream, max(r.changed_at)
             from record r
             join source s on s.source_id = r.source_id
             left join link l on l.record_id = r.record_id
             where r.source_id in {list} and {shown}
             group by r.source_id, r.stream
             order by r.source_id, r.stream"
        );
        let rows = self.fetch(sql, binds).await?;
        rows.iter()
            .map(|row| {
                let freshness = StreamFreshness { stream: row.text(1)?, fresh_at: row.opt_time(2)?, last_run: None };
                Ok((SourceId(row.uuid(0)?), freshness))
            })
            .collect()
    }
}
