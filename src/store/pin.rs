//! Values that stewards hold fast: of a field, what one record says. The value stays with the record, so that nothing is
//! copied and a split takes the pin along with its record.

use super::list::in_list;
use super::{Row, Store, StoreError, Tx, Undone};
use crate::args;
use onefold_model::{PinId, RecordId, Timestamp};
use uuid::Uuid;

/// A pin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinRow {
    /// Its id.
    pub id: PinId,
    /// The record whose word counts.
    pub record: RecordId,
    /// The field.
    pub path: String,
    /// Who pinned it.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// What the caller names the request by.
    pub request: String,
    /// When.
    pub made_at: Timestamp,
    /// Until when it holds; none for ever.
    pub expires_at: Option<Timestamp>,
    /// That it was taken back.
    pub undone: Option<Undone>,
}

pub(super) const PIN: &str = "p.pin_id, p.record_id, p.path, p.actor, p.reason, p.request, p.made_at, p.expires_at,
    p.undone_at, p.undone_by, p.undone_reason";

impl PinRow {
    pub(super) fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: PinId(row.uuid(0)?),
            record: RecordId(row.uuid(1)?),
            path: row.text(2)?,
            actor: row.text(3)?,
            reason: row.text(4)?,
            request: row.text(5)?,
            made_at: row.time(6)?,
            expires_at: row.opt_time(7)?,
            undone: Undone::read(row, 8)?,
        })
    }
}

impl Store {
    /// Every pin that stands, the latest first. Only for the process itself.
    pub async fn pin_list(&self) -> Result<Vec<PinRow>, StoreError> {
        let sql = format!("select {PIN} from pin p where p.undone_at is null order by p.made_at desc, p.pin_id desc");
        self.fetch(sql, args![]).await?.iter().map(PinRow::read).collect()
    }

    /// As [`Store::pin_list`], of these records alone. Tells no value.
    pub async fn pin_of(&self, records: &[RecordId]) -> Result<Vec<PinRow>, StoreError> {
        let mut pins = Vec::new();
        for chunk in records.chunks(512) {
            let ids: Vec<Uuid> = chunk.iter().map(|id| id.0).collect();
            let mut binds = Vec::new();
            let list = in_list(&ids, &mut binds);
            let sql = format!("select {PIN} from pin p where p.undone_at is null and p.record_id in {list}");
            for row in &self.serve(sql, binds).await? {
                pins.push(PinRow::read(row)?);
            }
        }
        pins.sort_by_key(|pin| std::cmp::Reverse((pin.made_at, pin.id)));
        Ok(pins)
    }

    /// What was held fast of these records at a time, the latest first.
    pub async fn pin_then(&self, records: &[RecordId], known_at: Timestamp) -> Result<Vec<PinRow>, StoreError> {
        let mut pins = Vec::new();
        for chunk in records.chunks(512) {
            let ids: Vec<Uuid> = chunk.iter().map(|id| id.0).collect();
            let mut binds = args![known_at];
            let list = in_list(&ids, &mut binds);
            let sql = format!(
                "select {PIN} from pin p
                 where p.made_at <= $1 and (p.undone_at is null or p.undone_at > $1) and p.record_id in {list}"
            );
            for row in &self.fetch(sql, binds).await? {
                pins.push(PinRow::read(row)?);
            }
        }
        pins.sort_by_key(|pin| std::cmp::Reverse((pin.made_at, pin.id)));
        Ok(pins)
    }

    /// A pin. Whoever asks for one must be let near its record first.
    pub async fn pin_get(&self, id: PinId) -> Result<Option<PinRow>, StoreError> {
        let sql = format!("select {PIN} from pin p where p.pin_id = $1");
        self.fetch(sql, args![id.0]).await?.first().map(PinRow::read).transpose()
    }
}

impl Tx {
    /// What a request of this caller's pinned before.
    pub async fn pin_of_request(&mut self, actor: &str, request: &str) -> Result<Option<PinRow>, StoreError> {
        let sql = format!("select {PIN} from pin p where p.actor = $1 and p.request = $2");
        self.fetch(sql, args![actor, request]).await?.first().map(PinRow::read).transpose()
    }

    /// Pins. An older pin of the same field and record is taken back for it.
    pub async fn pin_insert(&mut self, pin: &PinRow) -> Result<(), StoreError> {
        self.execute(
            "update pin set undone_at = $3, undone_by = $4, undone_reason = 'pinned anew'
             where record_id = $1 and path = $2 and undone_at is null",
            args![pin.record.0, &pin.path, pin.made_at, &pin.actor],
        )
        .await?;
        self.execute(
            "insert into pin (pin_id, record_id, path, actor, reason, request, made_at, expires_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
            args![
                pin.id.0,
                pin.record.0,
                &pin.path,
                &pin.actor,
                &pin.reason,
                &pin.request,
                pin.made_at,
                pin.expires_at
            ],
        )
        .await?;
        Ok(())
    }

    /// Takes a pin back, if it stands. The row stays.
    pub async fn pin_undo(&mut self, id: PinId, undone: &Undone) -> Result<u64, StoreError> {
        self.execute(
            "update pin set undone_at = $2, undone_by = $3, undone_reason = $4 where pin_id = $1 and undone_at is null",
            args![id.0, undone.at, &undone.by, &undone.reason],
        )
        .await
    }
}
