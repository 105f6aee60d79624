//! How fresh the streams of a source are, for whoever may see the source.

use super::{AppError, Session};
use crate::store::StreamFreshness;
use onefold_model::{SourceId, Timestamp};
use std::collections::HashMap;

impl Session {
    /// How fresh the streams of these sources are: as their runs tell it, or where none reads them as what was pushed does.
    pub async fn freshness(&self, ids: &[SourceId]) -> Result<HashMap<SourceId, Vec<StreamFreshness>>, AppError> {
        let shown: Vec<SourceId> = ids.iter().copied().filter(|id| self.source_get(*id).is_some()).collect();
        if shown.is_empty() {
            return Ok(HashMap::new());
        }
        let mut streams: HashMap<SourceId, Vec<StreamFreshness>> = HashMap::new();
        for (source, freshness) in self.store().freshness_of_runs(&shown).await? {
            streams.entry(source).or_default().push(freshness);
        }
        let pushed: Vec<SourceId> = shown.into_iter().filter(|id| !streams.contains_key(id)).collect();
        if !pushed.is_empty() {
            for (source, freshness) in self.store().freshness_of_records(self.scope(), &pushed).await? {
                streams.entry(source).or_default().push(freshness);
            }
        }
        Ok(streams)
    }

    /// How long ago that was, in whole seconds; never less than none.
    pub fn age_seconds(&self, at: Timestamp) -> i64 {
        (self.app.clock.now() - at).num_seconds().max(0)
    }
}
