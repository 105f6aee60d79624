//! Samples of what matching did by itself, drawn once for a period, and what people said of them.

use super::{Row, Store, StoreError, Tx};
use crate::args;
use onefold_model::{MatchCandidateId, RecordId, Timestamp};

/// Pairs of one kind between two probabilities.
#[derive(Debug, Clone, PartialEq)]
pub struct QualityStratum {
    /// The period, `2026-11`.
    pub period: String,
    /// `LINK` or `NON_LINK`.
    pub automatic: String,
    /// At least so likely.
    pub low: f64,
    /// Less likely than this.
    pub high: f64,
    /// How many there were.
    pub pairs: i64,
    /// How many of them were drawn and are still there.
    pub drawn: i64,
    /// How many people have judged.
    pub judged: i64,
    /// Of how many they said that the two are one.
    pub same: i64,
    /// The model that decided.
    pub model: String,
    /// When the sample was drawn.
    pub drawn_at: Timestamp,
}

/// A pair of a sample.
#[derive(Debug, Clone, PartialEq)]
pub struct QualityPair {
    /// The id that the pair has in the queue.
    pub candidate: MatchCandidateId,
    /// The period.
    pub period: String,
    /// The record with the smaller id.
    pub left: RecordId,
    /// The other.
    pub right: RecordId,
    /// `LINK` or `NON_LINK`.
    pub automatic: String,
    /// Where its stratum begins.
    pub low: f64,
}

impl QualityPair {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            candidate: MatchCandidateId(row.uuid(0)?),
            period: row.text(1)?,
            left: RecordId(row.uuid(2)?),
            right: RecordId(row.uuid(3)?),
            automatic: row.text(4)?,
            low: row.real(5)?,
        })
    }
}

const PAIR: &str =
    "select q.candidate_id, q.period, q.left_record, q.right_record, q.automatic, q.low from quality_pair q";

impl Store {
    /// The strata of every period, the latest first.
    pub async fn quality_strata(&self) -> Result<Vec<QualityStratum>, StoreError> {
        let sql = "select s.period, s.automatic, s.low, s.high, s.pairs,
                       cast(count(q.candidate_id) as bigint),
                       cast(coalesce(sum(case when q.is_same is not null then 1 else 0 end), 0) as bigint),
                       cast(coalesce(sum(case when q.is_same then 1 else 0 end), 0) as bigint),
                       s.model, s.drawn_at
                   from quality_stratum s
                   left join quality_pair q
                     on q.period = s.period and q.automatic = s.automatic and q.low = s.low
                   group by s.period, s.automatic, s.low, s.high, s.pairs, s.model, s.drawn_at
                   order by s.period desc, s.automatic, s.low";
        let rows = self.fetch(sql, args![]).await?;
        let stratum = |row: &Row| {
            Ok(QualityStratum {
                period: row.text(0)?,
                automatic: row.text(1)?,
                low: row.real(2)?,
                high: row.real(3)?,
                pairs: row.int(4)?,
                drawn: row.int(5)?,
                judged: row.int(6)?,
                same: row.int(7)?,
                model: row.text(8)?,
                drawn_at: row.time(9)?,
            })
        };
        rows.iter().map(stratum).collect()
    }

    /// Pairs of samples that nobody has judged, of the latest period. Whoever is given one must review both of its records.
    pub async fn quality_open(&self) -> Result<Vec<QualityPair>, StoreError> {
        let sql = format!(
            "{PAIR} where q.is_same is null and q.period = (select max(period) from quality_stratum) order by q.candidate_id"
        );
        self.fetch(sql, args![]).await?.iter().map(QualityPair::read).collect()
    }

    /// A pair of a sample that nobody has judged.
    pub async fn quality_open_pair(&self, id: MatchCandidateId) -> Result<Option<QualityPair>, StoreError> {
        let sql = format!("{PAIR} where q.candidate_id = $1 and q.is_same is null order by q.period desc limit 1");
        self.fetch(sql, args![id.0]).await?.first().map(QualityPair::read).transpose()
    }
}

impl Tx {
    /// Whether a sample was drawn for a period.
    pub async fn quality_is_drawn(&mut self, period: &str) -> Result<bool, StoreError> {
        let sql = "select period from quality_stratum where period = $1 limit 1";
        Ok(!self.fetch(sql, args![period]).await?.is_empty())
    }

    /// Writes a sample.
    pub async fn quality_insert(&mut self, strata: &[QualityStratum], pairs: &[QualityPair]) -> Result<(), StoreError> {
        let rows = strata.iter().map(|stratum| {
            args![
                &stratum.period,
                &stratum.automatic,
                stratum.low,
                stratum.high,
                stratum.pairs,
                &stratum.model,
                stratum.drawn_at
            ]
        });
        let head = "insert into quality_stratum (period, automatic, low, high, pairs, model, drawn_at)";
        self.insert_many(head, rows.collect(), "").await?;
        let rows = pairs
            .iter()
            .map(|pair| args![pair.candidate.0, &pair.period, pair.left.0, pair.right.0, &pair.automatic, pair.low]);
        let head = "insert into quality_pair (candidate_id, period, left_record, right_record, automatic, low)";
        self.insert_many(head, rows.collect(), "").await?;
        Ok(())
    }

    /// Notes what somebody said of a pair, if nobody has yet.
    pub async fn quality_judge(
        &mut self,
        pair: &QualityPair,
        is_same: Same,
        by: &str,
        at: Timestamp,
    ) -> Result<u64, StoreError> {
        self.execute(
            "update quality_pair set is_same = $3, judged_by = $4, judged_at = $5
             where candidate_id = $1 and period = $2 and is_same is null",
            args![pair.candidate.0, &pair.period, is_same == Same::Yes, by, at],
        )
        .await
    }
}

/// Whether two records are one, as somebody says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Same {
    /// They are.
    Yes,
    /// They are not.
    No,
}
