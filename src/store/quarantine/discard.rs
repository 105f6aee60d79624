//! That payloads of one cause are not to be taken: by whom, when and why.
//!
//! Promises: what is discarded stays in quarantine, whole; the decision can be taken back; a payload that is delivered again
//! is judged anew and waits again where it still does not fit.

use super::super::list::{KeyType, SortValue, in_list};
use super::super::{Arg, Direction, Keyset, PageAsk, Row, Slice, Store, StoreError, Tx, Undone};
use super::group::{QuarantineCause, WAITS};
use crate::args;
use onefold_model::{QuarantineDiscardId, SourceId, Timestamp};

/// A decision to discard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantineDiscard {
    /// Its id.
    pub id: QuarantineDiscardId,
    /// The source.
    pub source: SourceId,
    /// Which payloads: those with this cause.
    pub cause: QuarantineCause,
    /// And of those the ones that were last seen by then: whoever decided saw no later ones.
    pub up_to: Timestamp,
    /// How many those were.
    pub payloads: i64,
    /// Who decided.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// What the caller names the request by, so that it decides once however often it is sent.
    pub request: String,
    /// When.
    pub made_at: Timestamp,
    /// That it was taken back.
    pub undone: Option<Undone>,
}

const COLUMNS: &str = "discard_id, source_id, stream, code, path, up_to, payloads, actor, reason, request, made_at,
    undone_at, undone_by, undone_reason";

const LATEST: Keyset<'_> = Keyset {
    name: "quarantine_discard.made_at",
    column: "made_at",
    id: "discard_id",
    ty: KeyType::Time,
    nullable: false,
    direction: Direction::Desc,
};

impl QuarantineDiscard {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: QuarantineDiscardId(row.uuid(0)?),
            source: SourceId(row.uuid(1)?),
            cause: QuarantineCause { stream: row.text(2)?, code: row.text(3)?, path: row.opt_text(4)? },
            up_to: row.time(5)?,
            payloads: row.int(6)?,
            actor: row.text(7)?,
            reason: row.text(8)?,
            request: row.text(9)?,
            made_at: row.time(10)?,
            undone: Undone::read(row, 11)?,
        })
    }
}

impl Store {
    /// Decisions to discard of these sources, the latest first: also those that were taken back.
    pub async fn quarantine_discards(
        &self,
        sources: &[SourceId],
        ask: &PageAsk,
    ) -> Result<Slice<QuarantineDiscard>, StoreError> {
        let mut binds = Vec::new();
        let ids: Vec<_> = sources.iter().map(|id| id.0).collect();
        let list = in_list(&ids, &mut binds);
        let head = format!("select {COLUMNS} from quarantine_discard where source_id in {list}");
        self.slice(LATEST, ask, &head, binds, |row| {
            let discard = QuarantineDiscard::read(row)?;
            Ok((SortValue::Time(Some(discard.made_at)), discard.id.0, discard))
        })
        .await
    }

    /// A decision to discard.
    pub async fn quarantine_discard_get(
        &self,
        id: QuarantineDiscardId,
    ) -> Result<Option<QuarantineDiscard>, StoreError> {
        let sql = format!("select {COLUMNS} from quarantine_discard where discard_id = $1");
        self.fetch(sql, args![id.0]).await?.first().map(QuarantineDiscard::read).transpose()
    }
}

impl Tx {
    /// What a request of this caller's discarded before.
    pub async fn quarantine_discard_of_request(
        &mut self,
        actor: &str,
        request: &str,
    ) -> Result<Option<QuarantineDiscard>, StoreError> {
        let sql = format!("select {COLUMNS} from quarantine_discard where actor = $1 and request = $2");
        self.fetch(sql, args![actor, request]).await?.first().map(QuarantineDiscard::read).transpose()
    }

    /// Writes a decision and takes what it is about out of what waits. Gives how many payloads that were; none leaves a
    /// decision about nothing, which the caller drops with the transaction. Under the lock of the source.
    pub async fn quarantine_discard(&mut self, discard: &QuarantineDiscard) -> Result<u64, StoreError> {
        let cause = &discard.cause;
        self.execute(
            format!(
                "insert into quarantine_discard ({COLUMNS})
                 values ($1, $2, $3, $4, $5, $6, 0, $7, $8, $9, $10, null, null, null)"
            ),
            args![
                discard.id.0,
                discard.source.0,
                &cause.stream,
                &cause.code,
                cause.path.as_deref(),
                discard.up_to,
                &discard.actor,
                &discard.reason,
                &discard.request,
                discard.made_at
            ],
        )
        .await?;
        let mut binds: Vec<Arg> = args![discard.id.0, discard.source.0, discard.up_to];
        let condition = cause.condition(&mut binds);
        let taken = self
            .execute(
                format!(
                    "update quarantine set discard_id = $1
                     where source_id = $2 and last_seen_at <= $3 and {condition} and {WAITS}"
                ),
                binds,
            )
            .await?;
        let payloads = i64::try_from(taken).unwrap_or(i64::MAX);
        self.execute(
            "update quarantine_discard set payloads = $2 where discard_id = $1",
            args![discard.id.0, payloads],
        )
        .await?;
        Ok(taken)
    }

    /// Takes a decision back, if it stands: what it discarded and has not been delivered since waits again. Gives how many
    /// payloads those are; nothing where it was taken back before.
    pub async fn quarantine_discard_undo(
        &mut self,
        id: QuarantineDiscardId,
        undone: &Undone,
    ) -> Result<Option<u64>, StoreError> {
        let touched = self
            .execute(
                "update quarantine_discard set undone_at = $2, undone_by = $3, undone_reason = $4
                 where discard_id = $1 and undone_at is null",
                args![id.0, undone.at, &undone.by, &undone.reason],
            )
            .await?;
        if touched == 0 {
            return Ok(None);
        }
        let back = self.execute("update quarantine set discard_id = null where discard_id = $1", args![id.0]).await?;
        Ok(Some(back))
    }
}
