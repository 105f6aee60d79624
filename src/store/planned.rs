//! Planned reads: all that an answer needs of some customers, in one statement with one row a customer.
//!
//! The records that a customer is made of and each list of what happened with it come packed into one text each, because a
//! row costs the driver more than its bytes do. What is packed is separated by control characters, which no slug, no id and no
//! JSON text holds. Promises: the rows are those of [`Store::customer_members`](super::Store::customer_members) and
//! [`Store::activity_pages`](super::Store::activity_pages) under the same scope. Deliberately does not read what is in the
//! records, and asks for no column that the answer does not show.

mod packed;

pub use packed::{PackedActivity, PackedList, PackedMember, PackedMembers, PackedPin};

use super::customer::COLUMNS as CUSTOMER_COLUMNS;
use super::list::in_list;
use super::visible::{Rows, Whose, visible};
use super::{Arg, CustomerFilter, CustomerOrder, CustomerRow, Dialect, PageAsk, Slice, Store, StoreError};
use crate::auth::Scope;
use onefold_model::{CustomerId, RecordKind};
use packed::{FIELD, ROW};
use std::collections::HashMap;
use std::fmt::Write;
use uuid::Uuid;

/// The columns that a customer is read from.
const CUSTOMER_NAMES: &str = "whom.customer_id, whom.kind, whom.version, whom.created_at, whom.updated_at,
    whom.record_count, whom.sort_name";

/// The customer that has an id.
const CURRENT: &str = "from customer whom where whom.customer_id = $ID";

/// The customer that a retired id leads to.
const RETIRED: &str = "from customer_alias retired join customer whom on whom.customer_id = retired.customer_id
    where retired.retired_id = $ID";

/// What an answer asks of each customer besides its own row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct ReachAsk {
    /// Whether it asks for values, which are folded from the customer's records and from what is held fast of them.
    pub members: bool,
    /// The lists that it asks for.
    pub lists: Vec<ListAsk>,
}

/// A list of what happened with a customer, the latest first.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ListAsk {
    /// Of what.
    pub kind: RecordKind,
    /// So many rows are read.
    pub rows: u32,
    /// What is asked of each besides its fields.
    pub columns: Vec<ListColumn>,
    /// Whether it is asked how many there are in all.
    pub counted: bool,
}

/// What a row of a list has besides its fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ListColumn {
    /// Its place in the list, from 1.
    Place,
    /// Its id.
    Id,
    /// Its version.
    Version,
    /// When it last became different.
    ChangedAt,
    /// When it happened.
    OccurredAt,
    /// The text of the record.
    Mapped,
}

/// What is asked for as a part of a statement, with what the scope makes of it. Made once, used for many answers.
#[derive(Debug)]
pub struct Reach {
    ask: ReachAsk,
    /// Each with a comma before it.
    columns: String,
    binds: Vec<Arg>,
}

/// What there is of one customer.
#[derive(Debug, Default)]
pub struct Reached {
    /// The records that it is made of; nothing where they were not asked for.
    pub members: PackedMembers,
    /// In the order of what was asked for.
    pub lists: Vec<PackedList>,
}

impl ListAsk {
    fn has(&self, column: ListColumn) -> bool {
        self.columns.contains(&column)
    }
}

impl Reach {
    /// For callers of this scope. Customers are not asked again whether they may be seen: whoever reads them asks that.
    pub fn new(dialect: Dialect, scope: &Scope, mut ask: ReachAsk) -> Self {
        let scope = &scope.of_seen_customers();
        for list in &mut ask.lists {
            list.columns.extend(ordering(dialect));
        }
        let (mut columns, mut binds) = (String::new(), Vec::new());
        if ask.members {
            let _ = write!(columns, ",\n{},\n{}", members(dialect), pins(dialect));
        }
        for list in &ask.lists {
            let seen = visible(scope, Rows::Activity(list.kind, &Whose::Anybodys), &mut binds);
            let _ = write!(columns, ",\n{}", activities(dialect, list, &seen));
            if list.counted {
                let _ = write!(columns, ",\n{}", count(list.kind, &seen));
            }
        }
        Self { ask, columns, binds }
    }
}

/// Text that PostgreSQL and SQLite write differently, and that reads back alike.
fn id_text(dialect: Dialect, column: &str) -> String {
    match dialect {
        Dialect::Sqlite => format!("hex({column})"),
        Dialect::Postgres => format!("cast({column} as text)"),
    }
}

/// Microseconds since 1970, or nothing.
fn time_text(dialect: Dialect, column: &str) -> String {
    match dialect {
        Dialect::Sqlite => format!("coalesce(cast({column} as text), '')"),
        Dialect::Postgres => {
            format!("coalesce(cast(cast(extract(epoch from {column}) * 1000000 as bigint) as text), '')")
        }
    }
}

fn packed(cells: &[String]) -> String {
    format!("string_agg({}, '{ROW}')", cells.join(&format!(" || '{FIELD}' || ")))
}

fn members(dialect: Dialect) -> String {
    let cells = [
        "s.key".to_owned(),
        "s.department".to_owned(),
        id_text(dialect, "r.source_id"),
        id_text(dialect, "r.record_id"),
        "case when r.deleted_at is null then '0' else '1' end".to_owned(),
        "v.mapped".to_owned(),
    ];
    format!(
        "(select {}
          from link l
          join record r on r.record_id = l.record_id
          join record_version v on v.record_id = r.record_id and v.version = r.version
          join source s on s.source_id = r.source_id
          where l.customer_id = whom.customer_id and r.kind = 'party')",
        packed(&cells)
    )
}

fn pins(dialect: Dialect) -> String {
    let cells = [
        time_text(dialect, "p.made_at"),
        id_text(dialect, "p.pin_id"),
        id_text(dialect, "p.record_id"),
        "p.path".to_owned(),
    ];
    // Few customers have one: it is asked once whether anybody has.
    format!(
        "(case when exists (select 1 from pin held where held.undone_at is null) then (select {}
          from link l
          join pin p on p.record_id = l.record_id
          where l.customer_id = whom.customer_id and p.undone_at is null) end)",
        packed(&cells)
    )
}

/// What tells the order of rows: what an aggregate makes of ordered rows is in their order, but nobody promises that. SQLite
/// is slower at numbering them, PostgreSQL at making a number of a time.
fn ordering(dialect: Dialect) -> &'static [ListColumn] {
    match dialect {
        Dialect::Sqlite => &[ListColumn::Id, ListColumn::OccurredAt],
        Dialect::Postgres => &[ListColumn::Place],
    }
}

fn activities(dialect: Dialect, list: &ListAsk, seen: &str) -> String {
    let mut cells = vec!["latest.department".to_owned()];
    let mut add = |column, cell: &str| {
        if list.has(column) {
            cells.push(cell.to_owned());
        }
    };
    add(ListColumn::Place, "cast(latest.place as text)");
    add(ListColumn::Id, &id_text(dialect, "latest.record_id"));
    add(ListColumn::Version, "cast(r.version as text)");
    add(ListColumn::ChangedAt, &time_text(dialect, "r.changed_at"));
    add(ListColumn::OccurredAt, &time_text(dialect, "latest.occurred_at"));
    // The newest version is the last in its index: where nothing else of the record is asked for, it is not looked up.
    let (record, mapped) = if list.has(ListColumn::Version) || list.has(ListColumn::ChangedAt) {
        let version = if list.has(ListColumn::Mapped) {
            "join record_version v on v.record_id = r.record_id and v.version = r.version"
        } else {
            ""
        };
        (format!("join record r on r.record_id = latest.record_id {version}"), "v.mapped")
    } else {
        let newest = "(select v.mapped from record_version v where v.record_id = latest.record_id
                       order by v.version desc limit 1)";
        (String::new(), newest)
    };
    add(ListColumn::Mapped, mapped);
    let order = "order by a.occurred_at desc nulls last, a.record_id desc";
    let place =
        if list.has(ListColumn::Place) { format!(", row_number() over ({order}) as place") } else { String::new() };
    let (kind, rows) = (list.kind.as_str(), list.rows);
    format!(
        "(select {}
          from (
              select a.record_id, a.occurred_at, s.department{place}
              from link l
              join activity a on a.party_id = l.record_id
              join source s on s.source_id = a.source_id
              where l.customer_id = whom.customer_id and a.kind = '{kind}' and a.deleted = false and {seen}
              {order} limit {rows}
          ) latest
          {record})",
        packed(&cells)
    )
}

fn count(kind: RecordKind, seen: &str) -> String {
    format!(
        "(select count(*)
          from link l
          join activity a on a.party_id = l.record_id
          join source s on s.source_id = a.source_id
          where l.customer_id = whom.customer_id and a.kind = '{}' and a.deleted = false and {seen})",
        kind.as_str()
    )
}

impl Store {
    /// The customer with this id, or the one that it leads to now, with what is asked of it.
    pub async fn planned_customer(
        &self,
        scope: &Scope,
        reach: &Reach,
        id: CustomerId,
    ) -> Result<Option<(CustomerRow, Reached)>, StoreError> {
        // Few ids are retired, and a statement for both would cost every other one a quarter more.
        match self.planned_one(scope, reach, id, CURRENT).await? {
            None => self.planned_one(scope, reach, id, RETIRED).await,
            found => Ok(found),
        }
    }

    /// `from` is where the customer is found, by the id that takes the place of `$ID`.
    async fn planned_one(
        &self,
        scope: &Scope,
        reach: &Reach,
        id: CustomerId,
        from: &str,
    ) -> Result<Option<(CustomerRow, Reached)>, StoreError> {
        let mut binds = reach.binds.clone();
        binds.push(Arg::from(id.0));
        let from = from.replace("$ID", &format!("${}", binds.len()));
        let visible = visible(scope, Rows::Customer("whom"), &mut binds);
        let sql = format!("select {CUSTOMER_NAMES}{} {from} and {visible}", reach.columns);
        let rows = self.serve(sql, binds).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        Ok(Some((CustomerRow::read(row)?, Reached::read(row, &reach.ask, 7)?)))
    }

    /// A page of customers, each with its place in the order: [`CustomerOrder::cursor`] makes a page cursor of it.
    pub async fn planned_page(
        &self,
        scope: &Scope,
        filter: &CustomerFilter,
        order: CustomerOrder,
        ask: &PageAsk,
    ) -> Result<Slice<CustomerRow>, StoreError> {
        let mut binds = Vec::new();
        let condition = filter.condition(self.dialect(), scope, &mut binds);
        let visible = visible(scope, Rows::Customer("c"), &mut binds);
        let page = order.keyset().page(ask, &mut binds)?;
        let sql = format!(
            "select {CUSTOMER_COLUMNS} from customer c where {condition} and {visible} and {} {} limit {}",
            page.condition, page.order, page.limit
        );
        let rows = self.listed(filter, order, sql, binds).await?;
        let read = rows.iter().map(|row| Ok((String::new(), CustomerRow::read(row)?)));
        Ok(Slice::of(read.collect::<Result<_, StoreError>>()?, ask))
    }

    /// What is asked of these customers, whom the scope has just shown.
    pub async fn planned_reach(
        &self,
        scope: &Scope,
        reach: &Reach,
        ids: &[CustomerId],
    ) -> Result<HashMap<CustomerId, Reached>, StoreError> {
        if ids.is_empty() || reach.columns.is_empty() {
            return Ok(HashMap::new());
        }
        let mut binds = reach.binds.clone();
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let list = in_list(&ids, &mut binds);
        let visible = visible(scope, Rows::OfCustomer("whom.customer_id"), &mut binds);
        let sql = format!(
            "select whom.customer_id{} from customer whom where whom.customer_id in {list} and {visible}",
            reach.columns
        );
        let rows = self.serve(sql, binds).await?;
        rows.iter().map(|row| Ok((CustomerId(row.uuid(0)?), Reached::read(row, &reach.ask, 1)?))).collect()
    }
}
