//! What happened with a customer: invoices, payments, tickets, touches and the rest. One table of keys for all kinds; the
//! record itself is read from its newest version, so nothing is kept twice.

mod choice;

pub use choice::{ActivityChoice, ActivityCondition, ActivityField, ActivityOrder, ActivityTest, ActivityValue, Holds};

use super::list::{KeyType, in_list};
use super::record::{department, kind};
use super::visible::{Rows, Whose, visible};
use super::{Arg, Direction, Keyset, PageAsk, Row, Slice, Store, StoreError, Tx};
use crate::args;
use crate::auth::Scope;
use onefold_model::{CustomerId, DepartmentKey, RecordId, RecordKind, SourceId, SourceKey, StandardRecord, Timestamp};
use serde_json::Value;
use std::collections::HashMap;
use uuid::Uuid;

/// Something that happened, as its source tells it.
#[derive(Debug, Clone, PartialEq)]
pub struct ActivityRow {
    /// The record.
    pub id: RecordId,
    /// The source.
    pub source: SourceId,
    /// The department that owns the source.
    pub department: DepartmentKey,
    /// Whose it is, where the party is known.
    pub customer: Option<CustomerId>,
    /// What it belongs to, whether that has arrived or not.
    pub parent: Option<RecordId>,
    /// When it happened.
    pub occurred_at: Option<Timestamp>,
    /// Its version, from 1.
    pub version: i64,
    /// When it last became different.
    pub changed_at: Timestamp,
    /// What it is.
    pub kind: RecordKind,
    /// What it says, in the JSON form of its kind.
    pub mapped: Value,
}

/// Which of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ActivityFilter {
    /// Those of customers.
    Customers(Vec<CustomerId>),
    /// Those that belong to these records.
    Parents(Vec<RecordId>),
    /// Exactly these.
    Ids(Vec<RecordId>),
}

/// Latest first; what has no date comes last.
pub(super) const LATEST: Keyset<'_> = Keyset {
    name: "activity.occurred_at",
    column: "a.occurred_at",
    id: "a.record_id",
    ty: KeyType::Time,
    nullable: true,
    direction: Direction::Desc,
};

const COLUMNS: &str = "a.record_id, a.source_id, s.department, l.customer_id, a.parent_id, a.occurred_at, a.kind,
    r.version, r.changed_at, v.mapped";

impl ActivityRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: RecordId(row.uuid(0)?),
            source: SourceId(row.uuid(1)?),
            department: department(row.text(2)?)?,
            customer: row.opt_uuid(3)?.map(CustomerId),
            parent: row.opt_uuid(4)?.map(RecordId),
            occurred_at: row.opt_time(5)?,
            kind: kind(&row.text(6)?)?,
            version: row.int(7)?,
            changed_at: row.time(8)?,
            mapped: row.json(9)?,
        })
    }
}

impl ActivityFilter {
    /// The column that groups rows, the condition, and how the customers of the rows are known.
    fn sql(&self, binds: &mut Vec<Arg>) -> (&'static str, String, Whose) {
        let (column, ids): (_, Vec<Uuid>) = match self {
            Self::Customers(ids) => ("l.customer_id", ids.iter().map(|id| id.0).collect()),
            Self::Parents(ids) => ("a.parent_id", ids.iter().map(|id| id.0).collect()),
            Self::Ids(ids) => ("a.record_id", ids.iter().map(|id| id.0).collect()),
        };
        let list = in_list(&ids, binds);
        let condition = format!("{column} in {list}");
        let whose = match self {
            Self::Customers(_) => Whose::These(list),
            Self::Parents(_) | Self::Ids(_) => Whose::Anybodys,
        };
        (column, condition, whose)
    }

    /// From a customer's side the join starts at its links; from the other side the link may be missing.
    fn from(&self) -> &'static str {
        match self {
            Self::Customers(_) => "link l join activity a on a.party_id = l.record_id",
            Self::Parents(_) | Self::Ids(_) => "activity a left join link l on l.record_id = a.party_id",
        }
    }
}

impl Store {
    /// The first page of each group of the filter, one statement for all of them: by customer, parent or record id.
    pub async fn activity_pages(
        &self,
        scope: &Scope,
        kind: RecordKind,
        filter: &ActivityFilter,
        ask: &PageAsk,
    ) -> Result<HashMap<Uuid, Slice<ActivityRow>>, StoreError> {
        self.activity_pages_of(scope, kind, filter, &ActivityChoice::default(), ask).await
    }

    /// As [`Store::activity_pages`], of those that are chosen and in the order that is asked for.
    pub async fn activity_pages_of(
        &self,
        scope: &Scope,
        kind: RecordKind,
        filter: &ActivityFilter,
        choice: &ActivityChoice,
        ask: &PageAsk,
    ) -> Result<HashMap<Uuid, Slice<ActivityRow>>, StoreError> {
        let mut binds = Vec::new();
        let (group, condition, whose) = filter.sql(&mut binds);
        let visible = visible(scope, Rows::Activity(kind, &whose), &mut binds);
        let chosen = choice.condition(self.dialect(), kind, &mut binds);
        let ordering = choice.order.of(self.dialect(), kind);
        let keyset = ordering.keyset();
        let page = keyset.page(ask, &mut binds)?;
        let (from, joins, beyond, order) = (filter.from(), choice.joins(kind), &page.condition, &page.order);
        let (kind, limit, kept) = (kind.as_str(), page.limit, &ordering.kept);
        let sql = format!(
            "select {COLUMNS}, ranked.group_id, {kept} as sort_value
             from (
                 select a.record_id, {group} as group_id, row_number() over (partition by {group} {order}) as place
                 from {from}
                 join source s on s.source_id = a.source_id
                 {joins}
                 where a.kind = '{kind}' and a.deleted = false and {condition} and {visible} and {chosen} and {beyond}
             ) ranked
             join activity a on a.record_id = ranked.record_id
             join source s on s.source_id = a.source_id
             join record r on r.record_id = a.record_id
             join record_version v on v.record_id = r.record_id and v.version = r.version
             left join link l on l.record_id = a.party_id
             where ranked.place <= {limit}
             order by ranked.group_id, ranked.place"
        );
        let mut groups: HashMap<Uuid, Vec<(String, ActivityRow)>> = HashMap::new();
        for row in self.serve(sql, binds).await? {
            let activity = ActivityRow::read(&row)?;
            let cursor = keyset.cursor(&ordering.value(&row, 11)?, activity.id.0);
            groups.entry(row.uuid(10)?).or_default().push((cursor, activity));
        }
        Ok(groups.into_iter().map(|(id, rows)| (id, Slice::of(rows, ask))).collect())
    }

    /// How many there are in each group.
    pub async fn activity_counts(
        &self,
        scope: &Scope,
        kind: RecordKind,
        filter: &ActivityFilter,
    ) -> Result<HashMap<Uuid, i64>, StoreError> {
        self.activity_counts_of(scope, kind, filter, &ActivityChoice::default()).await
    }

    /// As [`Store::activity_counts`], of those that are chosen.
    pub async fn activity_counts_of(
        &self,
        scope: &Scope,
        kind: RecordKind,
        filter: &ActivityFilter,
        choice: &ActivityChoice,
    ) -> Result<HashMap<Uuid, i64>, StoreError> {
        let mut binds = Vec::new();
        let (group, condition, whose) = filter.sql(&mut binds);
        let visible = visible(scope, Rows::Activity(kind, &whose), &mut binds);
        let chosen = choice.condition(self.dialect(), kind, &mut binds);
        let (from, joins, kind) = (filter.from(), choice.joins(kind), kind.as_str());
        let sql = format!(
            "select {group}, count(*)
             from {from}
             join source s on s.source_id = a.source_id
             {joins}
             where a.kind = '{kind}' and a.deleted = false and {condition} and {visible} and {chosen}
             group by {group}"
        );
        let rows = self.serve(sql, binds).await?;
        rows.iter().map(|row| Ok((row.uuid(0)?, row.int(1)?))).collect()
    }

    /// A page of all of a kind.
    pub async fn activity_list(
        &self,
        scope: &Scope,
        kind: RecordKind,
        choice: &ActivityChoice,
        ask: &PageAsk,
    ) -> Result<Slice<ActivityRow>, StoreError> {
        let mut binds = Vec::new();
        let visible = visible(scope, Rows::Activity(kind, &Whose::Anybodys), &mut binds);
        let chosen = choice.condition(self.dialect(), kind, &mut binds);
        let ordering = choice.order.of(self.dialect(), kind);
        let (kind, kept) = (kind.as_str(), &ordering.kept);
        let head = format!(
            "select {COLUMNS}, {kept} as sort_value
             from activity a
             join source s on s.source_id = a.source_id
             join record r on r.record_id = a.record_id
             join record_version v on v.record_id = r.record_id and v.version = r.version
             left join link l on l.record_id = a.party_id
             where a.kind = '{kind}' and a.deleted = false and {visible} and {chosen}"
        );
        self.slice(ordering.keyset(), ask, &head, binds, |row| {
            let activity = ActivityRow::read(row)?;
            Ok((ordering.value(row, 10)?, activity.id.0, activity))
        })
        .await
    }

    /// How many of a kind there are.
    pub async fn activity_count(
        &self,
        scope: &Scope,
        kind: RecordKind,
        choice: &ActivityChoice,
    ) -> Result<i64, StoreError> {
        let mut binds = Vec::new();
        let visible = visible(scope, Rows::Activity(kind, &Whose::Anybodys), &mut binds);
        let chosen = choice.condition(self.dialect(), kind, &mut binds);
        let (joins, kind) = (choice.joins(kind), kind.as_str());
        let sql = format!(
            "select count(*)
             from activity a
             join source s on s.source_id = a.source_id
             {joins}
             left join link l on l.record_id = a.party_id
             where a.kind = '{kind}' and a.deleted = false and {visible} and {chosen}"
        );
        let rows = self.fetch(sql, binds).await?;
        rows.first().map_or(Ok(0), |row| row.int(0))
    }

    /// Whose these records are, where that is known. Only for the process itself.
    pub async fn activity_customers(&self, ids: &[RecordId]) -> Result<Vec<(RecordId, CustomerId)>, StoreError> {
        let mut owners = Vec::new();
        for chunk in ids.chunks(512) {
            let ids: Vec<Uuid> = chunk.iter().map(|id| id.0).collect();
            let mut binds = Vec::new();
            let list = in_list(&ids, &mut binds);
            let sql = format!(
                "select a.record_id, l.customer_id from activity a join link l on l.record_id = a.party_id
                 where a.record_id in {list}"
            );
            for row in &self.fetch(sql, binds).await? {
                owners.push((RecordId(row.uuid(0)?), CustomerId(row.uuid(1)?)));
            }
        }
        Ok(owners)
    }

    /// These records, of whatever kind but party, as far as the scope may see them.
    pub async fn activity_get(
        &self,
        scope: &Scope,
        kind: RecordKind,
        ids: &[RecordId],
    ) -> Result<Vec<ActivityRow>, StoreError> {
        let filter = ActivityFilter::Ids(ids.to_vec());
        let ask = PageAsk::Forward { count: 1, after: None };
        let pages = self.activity_pages(scope, kind, &filter, &ask).await?;
        Ok(pages.into_values().flat_map(|slice| slice.rows).map(|(_, row)| row).collect())
    }
}

impl Tx {
    /// Writes the places of records in their customers' histories.
    pub(super) async fn activity_write(
        &mut self,
        source: SourceId,
        source_key: &SourceKey,
        records: &[(RecordId, &StandardRecord, bool)],
    ) -> Result<(), StoreError> {
        let rows = records
            .iter()
            .filter(|(_, record, _)| record.kind() != RecordKind::Party)
            .map(|(id, record, deleted)| activity_args(*id, source, source_key, record, *deleted))
            .collect();
        self.insert_many(
            "insert into activity (record_id, source_id, kind, party_id, parent_id, occurred_at, status, number,
                                   amount_micros, currency, deleted)",
            rows,
            "on conflict (record_id) do update set
                 kind = excluded.kind, party_id = excluded.party_id, parent_id = excluded.parent_id,
                 occurred_at = excluded.occurred_at, status = excluded.status, number = excluded.number,
                 amount_micros = excluded.amount_micros, currency = excluded.currency, deleted = excluded.deleted",
        )
        .await?;
        Ok(())
    }
}

/// The columns of a row of `activity`, its key first.
pub(super) fn activity_args(
    id: RecordId,
    source: SourceId,
    source_key: &SourceKey,
    record: &StandardRecord,
    deleted: bool,
) -> Vec<Arg> {
    let facets = record.facets();
    let target = |reference: Option<&onefold_model::RecordRef>| {
        reference.map(|to| RecordId::derive(source_key, &to.stream, &to.external_id).0)
    };
    // An amount beyond what the column holds is still in the record itself; only sums would miss it.
    let micros = facets.amount.and_then(|money| money.to_micros().ok());
    args![
        id.0,
        source.0,
        record.kind().as_str(),
        target(facets.party),
        target(facets.parent),
        facets.occurred_at,
        facets.status,
        facets.number,
        micros,
        facets.amount.map(|money| money.currency.to_string()),
        deleted
    ]
}
