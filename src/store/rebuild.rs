//! What is derived from facts, made anew and compared. Where nothing was wrong, nothing is written.

use super::attribute::attributes;
use super::list::in_list;
use super::term::terms;
use super::{Arg, Row, StoreError, Tx};
use crate::args;
use onefold_model::{RecordId, RecordKind, SourceId, SourceKey, StandardRecord};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// One piece of a rebuild.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RebuildStep {
    /// Records that were looked at.
    pub looked_at: u64,
    /// Records of which something derived was not as the facts have it.
    pub mended: u64,
    /// Where the next piece begins; none at the end.
    pub next: Option<RecordId>,
}

/// A record as the facts have it.
struct Fact {
    source: SourceId,
    source_key: SourceKey,
    record: StandardRecord,
    deleted: bool,
}

/// The columns of `activity` beside its key, in the order of the insert.
const ACTIVITY: &str =
    "source_id, kind, party_id, parent_id, occurred_at, status, number, amount_micros, currency, deleted";

impl Tx {
    /// Makes the derived rows of up to `limit` records after `after` anew, and mends those that differ.
    pub async fn derived_rebuild(&mut self, after: Option<RecordId>, limit: i64) -> Result<RebuildStep, StoreError> {
        let facts = self.facts(after, limit).await?;
        let ids: Vec<Uuid> = facts.keys().map(|id| id.0).collect();
        let mut step = RebuildStep {
            looked_at: ids.len() as u64,
            mended: 0,
            next: facts.keys().next_back().copied().filter(|_| i64::try_from(ids.len()) == Ok(limit)),
        };
        if ids.is_empty() {
            return Ok(step);
        }
        let activities = self.stored_activities(&ids).await?;
        let words = self.stored_terms(&ids).await?;
        let attributes = self.attributes_stored(&ids).await?;
        let has_attributes =
            |id: Uuid| attributes.range((id, String::new(), String::new())..).take_while(move |a| a.0 == id);
        for (id, fact) in &facts {
            let has_activity = activities.get(&id.0);
            let wants_activity = wanted_activity(*id, fact);
            let has_terms = words.get(&id.0).cloned().unwrap_or_default();
            let wants_terms = wanted_terms(fact);
            let has_attributes = has_attributes(id.0).map(|(_, name, value)| (name.as_str(), value.clone()));
            let is_marked = has_attributes.collect::<BTreeSet<_>>() == wanted_attributes(fact);
            if has_activity == wants_activity.as_ref() && has_terms == wants_terms && is_marked {
                continue;
            }
            step.mended += 1;
            if wants_activity.is_none() {
                self.execute("delete from activity where record_id = $1", args![id.0]).await?;
            }
            self.activity_write(fact.source, &fact.source_key, &[(*id, &fact.record, fact.deleted)]).await?;
            self.term_clear(&[id.0]).await?;
            self.attribute_clear(&[id.0]).await?;
            if !fact.deleted {
                self.attribute_write(&[(*id, &fact.record)]).await?;
                self.term_write(&[(*id, &fact.record)]).await?;
            }
        }
        Ok(step)
    }

    async fn facts(&mut self, after: Option<RecordId>, limit: i64) -> Result<BTreeMap<RecordId, Fact>, StoreError> {
        let after = after.map_or(Uuid::nil(), |id| id.0);
        let rows = self
            .fetch(
                "select r.record_id, r.source_id, s.key, r.kind, r.deleted_at, v.mapped
                 from record r
                 join source s on s.source_id = r.source_id
                 join record_version v on v.record_id = r.record_id and v.version = r.version
                 where r.record_id > $1
                 order by r.record_id
                 limit $2",
                args![after, limit],
            )
            .await?;
        rows.iter().map(|row| Ok((RecordId(row.uuid(0)?), Fact::read(row)?))).collect()
    }

    async fn stored_activities(&mut self, ids: &[Uuid]) -> Result<BTreeMap<Uuid, Vec<Arg>>, StoreError> {
        let mut binds = Vec::new();
        let list = in_list(ids, &mut binds);
        let rows =
            self.fetch(format!("select record_id, {ACTIVITY} from activity where record_id in {list}"), binds).await?;
        rows.iter()
            .map(|row| {
                let columns = args![
                    row.uuid(1)?,
                    row.text(2)?,
                    row.opt_uuid(3)?,
                    row.opt_uuid(4)?,
                    row.opt_time(5)?,
                    row.opt_text(6)?,
                    row.opt_text(7)?,
                    row.opt_int(8)?,
                    row.opt_text(9)?,
                    row.bool(10)?
                ];
                Ok((row.uuid(0)?, columns))
            })
            .collect()
    }

    async fn stored_terms(
        &mut self,
        ids: &[Uuid],
    ) -> Result<BTreeMap<Uuid, BTreeSet<(String, String, String)>>, StoreError> {
        let mut binds = Vec::new();
        let list = in_list(ids, &mut binds);
        let rows = self
            .fetch(format!("select record_id, term, path, whole from term where record_id in {list}"), binds)
            .await?;
        let mut stored: BTreeMap<Uuid, BTreeSet<(String, String, String)>> = BTreeMap::new();
        for row in &rows {
            stored.entry(row.uuid(0)?).or_default().insert((row.text(1)?, row.text(2)?, row.text(3)?));
        }
        Ok(stored)
    }
}

impl Fact {
    fn read(row: &Row) -> Result<Self, StoreError> {
        let corrupt = |what| StoreError::Corrupt { what };
        let kind: RecordKind = super::record::kind(&row.text(3)?)?;
        let mapped: Value = row.json(5)?;
        Ok(Self {
            source: SourceId(row.uuid(1)?),
            source_key: SourceKey::new(row.text(2)?).map_err(|_| corrupt("a source key is not a slug"))?,
            record: kind.read(&mapped).map_err(|_| corrupt("a stored record does not read back"))?,
            deleted: row.opt_time(4)?.is_some(),
        })
    }
}

fn wanted_activity(id: RecordId, fact: &Fact) -> Option<Vec<Arg>> {
    (fact.record.kind() != RecordKind::Party).then(|| {
        let mut columns = super::activity::activity_args(id, fact.source, &fact.source_key, &fact.record, fact.deleted);
        columns.remove(0);
        columns
    })
}

/// As the store keeps them: in both databases the replacement character stands for U+0000.
fn wanted_attributes(fact: &Fact) -> BTreeSet<(&'static str, String)> {
    let wanted = if fact.deleted { BTreeSet::new() } else { attributes(&fact.record) };
    wanted.into_iter().map(|(name, value)| (name, value.replace('\0', "\u{FFFD}"))).collect()
}

fn wanted_terms(fact: &Fact) -> BTreeSet<(String, String, String)> {
    if fact.deleted {
        return BTreeSet::new();
    }
    // Two wholes of one record may share a word: the first one in order is kept, as the insert does.
    let mut seen: BTreeSet<(String, &str)> = BTreeSet::new();
    terms(&fact.record)
        .into_iter()
        .filter(|(term, path, _)| seen.insert((term.clone(), *path)))
        .map(|(term, path, whole)| (term, path.to_owned(), whole))
        .collect()
}
