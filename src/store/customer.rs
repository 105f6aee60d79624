//! Customers: the golden records as the fold left them, and the records that they are made of.

use super::activity::{ActivityCondition, ActivityTest};
use super::attribute::{COUNTRY, REGION, TAG};
use super::list::{KeyType, SortValue, in_list};
use super::record::StoredParty;
use super::visible::{Rows, visible};
use super::{Arg, Dialect, Direction, Keyset, PageAsk, Row, Slice, Store, StoreError, fold_text, scoped};
use crate::args;
use crate::auth::Scope;
use onefold_model::{CustomerId, DepartmentKey, PartyKind, RecordId, RecordKind, SourceId, Timestamp};
use std::collections::HashMap;
use uuid::Uuid;

/// A customer without its values: those are folded from its members when they are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerRow {
    /// Its id.
    pub id: CustomerId,
    /// A person or an organisation.
    pub kind: PartyKind,
    /// Rises with every change of its records or their content, also over a time in which the customer was part of another.
    pub version: i64,
    /// When it was first folded.
    pub created_at: Timestamp,
    /// When its records or their content last changed.
    pub updated_at: Timestamp,
    /// How many records it is made of.
    pub record_count: i64,
    /// The folded name by which it is ordered.
    pub sort_name: Option<String>,
}

/// A record that a customer is made of.
#[derive(Debug, Clone)]
pub struct MemberRow {
    /// The customer.
    pub customer: CustomerId,
    /// The record.
    pub party: StoredParty,
}

/// Which customers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustomerFilter {
    /// A person or an organisation.
    pub kind: Option<PartyKind>,
    /// The folded name begins so.
    pub name_prefix: Option<String>,
    /// Some record has this e-mail address.
    pub email: Option<String>,
    /// Some record has this number, digits only.
    pub phone_digits: Option<String>,
    /// Some record comes from this department.
    pub department: Option<DepartmentKey>,
    /// Some record comes from this source.
    pub source: Option<SourceId>,
    /// Some record has an address in this country, in upper case.
    pub country: Option<String>,
    /// Some record has an address in this region.
    pub region: Option<String>,
    /// Some record has this label.
    pub tag: Option<String>,
    /// Some record has an identifier with this value.
    pub identifier: Option<String>,
    /// What some record says: each of one that is still there, not all of the same one. Where a field must be absent, none says it.
    pub said: Vec<ActivityCondition>,
    /// Changed at or after.
    pub updated_since: Option<Timestamp>,
    /// Made of at least so many records.
    pub min_records: Option<i64>,
}

/// By what customers are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CustomerOrder {
    /// By folded name.
    Name(Direction),
    /// By last change.
    Updated(Direction),
    /// By first fold.
    Created(Direction),
}

pub(super) const COLUMNS: &str =
    "c.customer_id, c.kind, c.version, c.created_at, c.updated_at, c.record_count, c.sort_name";

impl CustomerRow {
    pub(super) fn read(row: &Row) -> Result<Self, StoreError> {
        let kind = match row.text(1)?.as_str() {
            "PERSON" => PartyKind::Person,
            "ORGANIZATION" => PartyKind::Organization,
            _ => return Err(StoreError::Corrupt { what: "a customer is neither person nor organisation" }),
        };
        Ok(Self {
            id: CustomerId(row.uuid(0)?),
            kind,
            version: row.int(2)?,
            created_at: row.time(3)?,
            updated_at: row.time(4)?,
            record_count: row.int(5)?,
            sort_name: row.opt_text(6)?,
        })
    }
}

impl CustomerOrder {
    /// The page cursor of a customer in a list of this order.
    pub fn cursor(self, row: &CustomerRow) -> String {
        self.keyset().cursor(&self.value(row), row.id.0)
    }

    /// Whether the page cursor, if any, is one of a list of this order.
    pub fn takes(self, ask: &PageAsk) -> bool {
        self.keyset().page(ask, &mut Vec::new()).is_ok()
    }

    pub(super) fn keyset(self) -> Keyset<'static> {
        let (name, column, ty, direction) = match self {
            Self::Name(direction) => ("customer.name", "c.sort_name", KeyType::Text, direction),
            Self::Updated(direction) => ("customer.updated_at", "c.updated_at", KeyType::Time, direction),
            Self::Created(direction) => ("customer.created_at", "c.created_at", KeyType::Time, direction),
        };
        Keyset { name, column, id: "c.customer_id", ty, nullable: ty == KeyType::Text, direction }
    }

    fn value(self, row: &CustomerRow) -> SortValue {
        match self {
            Self::Name(_) => SortValue::Text(row.sort_name.clone()),
            Self::Updated(_) => SortValue::Time(Some(row.updated_at)),
            Self::Created(_) => SortValue::Time(Some(row.created_at)),
        }
    }
}

impl CustomerFilter {
    /// Whether it asks for nothing that is not in the index of names.
    fn is_by_name(&self) -> bool {
        *self == Self { kind: self.kind, name_prefix: self.name_prefix.clone(), ..Self::default() }
    }

    /// What records say counts only where the record may be seen: else a filter would tell what the answer hides.
    pub(super) fn condition(&self, dialect: Dialect, scope: &Scope, binds: &mut Vec<Arg>) -> String {
        let owners = scoped(scope.type_owners("Customer"), "fs.department", binds);
        let mut parts: Vec<String> = self.said.iter().map(|said| said_by_some(said, dialect, &owners, binds)).collect();
        let mut bind = |arg: Arg| {
            binds.push(arg);
            binds.len()
        };
        if let Some(kind) = self.kind {
            parts.push(format!("c.kind = ${}", bind(kind.as_str().into())));
        }
        if let Some(prefix) = &self.name_prefix {
            let folded = fold_text(prefix);
            let high = format!("{folded}\u{10FFFF}");
            parts.push(format!("c.sort_name >= ${} and c.sort_name < ${}", bind(folded.into()), bind(high.into())));
        }
        let term = |path: &str, n: usize| {
            format!(
                "c.customer_id in (select fl.customer_id from term t
                                   join link fl on fl.record_id = t.record_id
                                   join record fr on fr.record_id = t.record_id
                                   join source fs on fs.source_id = fr.source_id
                                   where t.term = ${n} and t.path = '{path}' and {owners})"
            )
        };
        if let Some(email) = &self.email {
            parts.push(term("email", bind(email.to_lowercase().into())));
        }
        if let Some(digits) = &self.phone_digits {
            parts.push(term("phone", bind(digits.into())));
        }
        let member = |column: &str, n: usize| some_record("", &owners, &format!("fs.{column} = ${n}"));
        if let Some(department) = &self.department {
            parts.push(member("department", bind(department.as_str().into())));
        }
        if let Some(source) = self.source {
            parts.push(member("source_id", bind(source.0.into())));
        }
        let marked = |name: &str, n: usize| {
            let join = "join record_attribute fv on fv.record_id = fl.record_id";
            some_record(join, &owners, &format!("fv.name = '{name}' and fv.value = ${n}"))
        };
        for (name, value) in [(COUNTRY, &self.country), (REGION, &self.region), (TAG, &self.tag)] {
            if let Some(value) = value {
                parts.push(marked(name, bind(value.as_str().into())));
            }
        }
        if let Some(identifier) = &self.identifier {
            let has = dialect.json_list_value_is("identifiers", "value", bind(identifier.as_str().into()));
            parts.push(some_live(&owners, &has));
        }
        if let Some(since) = self.updated_since {
            parts.push(format!("c.updated_at >= ${}", bind(since.into())));
        }
        if let Some(least) = self.min_records {
            parts.push(format!("c.record_count >= ${}", bind(least.into())));
        }
        if parts.is_empty() { "1 = 1".to_owned() } else { parts.join(" and ") }
    }
}

/// Some record of the customer, `record fr` of `source fs`, with what is joined to it, is so.
fn some_record(join: &str, owners: &str, is_so: &str) -> String {
    format!(
        "exists (select 1 from link fl
                 join record fr on fr.record_id = fl.record_id
                 join source fs on fs.source_id = fr.source_id
                 {join}
                 where fl.customer_id = c.customer_id and {is_so} and {owners})"
    )
}

/// Some record of the customer that its source still has, in its newest `record_version v`, is so.
fn some_live(owners: &str, is_so: &str) -> String {
    let newest = "join record_version v on v.record_id = fr.record_id and v.version = fr.version";
    some_record(newest, owners, &format!("fr.kind = 'party' and fr.deleted_at is null and {is_so}"))
}

fn said_by_some(said: &ActivityCondition, dialect: Dialect, owners: &str, binds: &mut Vec<Arg>) -> String {
    if said.test == ActivityTest::Absent {
        let present = ActivityCondition { field: said.field, test: ActivityTest::Present };
        return format!("not {}", some_live(owners, &present.sql(dialect, RecordKind::Party, binds)));
    }
    some_live(owners, &said.sql(dialect, RecordKind::Party, binds))
}

impl Store {
    /// These customers by the ids that were asked for: a retired id gives the customer that it leads to now.
    pub async fn customer_get(
        &self,
        scope: &Scope,
        ids: &[CustomerId],
    ) -> Result<HashMap<CustomerId, CustomerRow>, StoreError> {
        let mut binds = Vec::new();
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let list = in_list(&ids, &mut binds);
        let visible = visible(scope, Rows::Customer("c"), &mut binds);
        let sql = format!(
            "select {COLUMNS}, c.customer_id as asked from customer c where c.customer_id in {list} and {visible}
             union all
             select {COLUMNS}, a.retired_id from customer_alias a join customer c on c.customer_id = a.customer_id
             where a.retired_id in {list} and {visible}"
        );
        let rows = self.serve(sql, binds).await?;
        rows.iter().map(|row| Ok((CustomerId(row.uuid(7)?), CustomerRow::read(row)?))).collect()
    }

    /// A page of customers.
    pub async fn customer_list(
        &self,
        scope: &Scope,
        filter: &CustomerFilter,
        order: CustomerOrder,
        ask: &PageAsk,
    ) -> Result<Slice<CustomerRow>, StoreError> {
        let mut binds = Vec::new();
        let condition = filter.condition(self.dialect(), scope, &mut binds);
        let visible = visible(scope, Rows::Customer("c"), &mut binds);
        let head = format!("select {COLUMNS} from customer c where {condition} and {visible}");
        self.slice(order.keyset(), ask, &head, binds, |row| {
            let customer = CustomerRow::read(row)?;
            Ok((order.value(&customer), customer.id.0, customer))
        })
        .await
    }

    /// Customers that the scope shows, in the order of their ids.
    pub async fn customer_ids(
        &self,
        scope: &Scope,
        after: Option<CustomerId>,
        count: i64,
    ) -> Result<Vec<CustomerId>, StoreError> {
        let mut binds = args![after.map_or(Uuid::nil(), |id| id.0)];
        let visible = visible(scope, Rows::Customer("c"), &mut binds);
        let sql = format!(
            "select c.customer_id from customer c
             where c.customer_id > $1 and {visible}
             order by c.customer_id
             limit {count}"
        );
        self.fetch(sql, binds).await?.iter().map(|row| row.uuid(0).map(CustomerId)).collect()
    }

    /// How many customers the filter leaves.
    pub async fn customer_count(&self, scope: &Scope, filter: &CustomerFilter) -> Result<i64, StoreError> {
        let mut binds = Vec::new();
        let condition = filter.condition(self.dialect(), scope, &mut binds);
        let visible = visible(scope, Rows::Customer("c"), &mut binds);
        let sql = format!("select count(*) from customer c where {condition} and {visible}");
        let rows = self.listed(filter, CustomerOrder::Name(Direction::Asc), sql, binds).await?;
        rows.first().map_or(Ok(0), |row| row.int(0))
    }

    /// Rows of a list of customers. One that is chosen and ordered by names alone has a way that is best whatever the values
    /// are, its index, so that PostgreSQL need not plan it for each of them, which takes longer than a page.
    pub(super) async fn listed(
        &self,
        filter: &CustomerFilter,
        order: CustomerOrder,
        sql: String,
        binds: Vec<Arg>,
    ) -> Result<Vec<Row>, StoreError> {
        if filter.is_by_name() && matches!(order, CustomerOrder::Name(_)) {
            self.serve(sql, binds).await
        } else {
            self.fetch(sql, binds).await
        }
    }

    /// The records that these customers are made of, by the key of their source.
    ///
    /// All of them, because a golden value is the same for everybody; who may see which is decided value by value, by the
    /// owner of the record that it came from.
    pub async fn customer_members(
        &self,
        scope: &Scope,
        customers: &[CustomerId],
    ) -> Result<Vec<MemberRow>, StoreError> {
        let mut binds = Vec::new();
        let ids: Vec<Uuid> = customers.iter().map(|id| id.0).collect();
        let list = in_list(&ids, &mut binds);
        let visible = visible(scope, Rows::OfCustomer("l.customer_id"), &mut binds);
        let sql = format!(
            "select l.customer_id, r.record_id, r.source_id, s.department, r.changed_at, r.first_seen_at, r.deleted_at,
                    v.mapped
             from link l
             join record r on r.record_id = l.record_id
             join record_version v on v.record_id = r.record_id and v.version = r.version
             join source s on s.source_id = r.source_id
             where l.customer_id in {list} and r.kind = 'party' and {visible}
             order by s.key, r.record_id"
        );
        let rows = self.serve(sql, binds).await?;
        rows.iter()
            .map(|row| Ok(MemberRow { customer: CustomerId(row.uuid(0)?), party: StoredParty::read(row, 1)? }))
            .collect()
    }

    /// Every id that ever led to these customers, in the order in which they were retired.
    pub async fn customer_aliases(
        &self,
        scope: &Scope,
        customers: &[CustomerId],
    ) -> Result<Vec<(CustomerId, CustomerId)>, StoreError> {
        let mut binds = Vec::new();
        let ids: Vec<Uuid> = customers.iter().map(|id| id.0).collect();
        let list = in_list(&ids, &mut binds);
        let visible = visible(scope, Rows::OfCustomer("ca.customer_id"), &mut binds);
        let sql = format!(
            "select ca.customer_id, ca.retired_id from customer_alias ca
             where ca.customer_id in {list} and {visible}
             order by ca.retired_at, ca.retired_id"
        );
        let rows = self.fetch(sql, binds).await?;
        rows.iter().map(|row| Ok((CustomerId(row.uuid(0)?), CustomerId(row.uuid(1)?)))).collect()
    }

    /// Every id that ever led to these customers, in the order in which they were retired, with the time at which the
    /// customer of each was folded first. Only for the process itself.
    pub async fn customer_retirements(
        &self,
        customers: &[CustomerId],
    ) -> Result<Vec<(CustomerId, CustomerId, Timestamp)>, StoreError> {
        let mut binds = Vec::new();
        let ids: Vec<Uuid> = customers.iter().map(|id| id.0).collect();
        let list = in_list(&ids, &mut binds);
        let sql = format!(
            "select customer_id, retired_id, coalesce(created_at, retired_at) from customer_alias
             where customer_id in {list}
             order by retired_at, retired_id"
        );
        let rows = self.fetch(sql, binds).await?;
        rows.iter().map(|row| Ok((CustomerId(row.uuid(0)?), CustomerId(row.uuid(1)?), row.time(2)?))).collect()
    }

    /// Who has which record now, for the fold: record, customer and when that customer was first folded.
    pub async fn link_list(&self) -> Result<Vec<(Uuid, CustomerId, Timestamp)>, StoreError> {
        let rows = self
            .fetch(
                "select l.record_id, l.customer_id, c.created_at
                 from link l join customer c on c.customer_id = l.customer_id
                 order by l.record_id",
                args![],
            )
            .await?;
        rows.iter().map(|row| Ok((row.uuid(0)?, CustomerId(row.uuid(1)?), row.time(2)?))).collect()
    }

    /// As [`Store::link_list`], of these records alone.
    pub async fn link_get(&self, records: &[RecordId]) -> Result<Vec<(Uuid, CustomerId, Timestamp)>, StoreError> {
        let mut links = Vec::new();
        for chunk in records.chunks(512) {
            let ids: Vec<Uuid> = chunk.iter().map(|id| id.0).collect();
            let mut binds = Vec::new();
            let list = in_list(&ids, &mut binds);
            let sql = format!(
                "select l.record_id, l.customer_id, c.created_at
                 from link l join customer c on c.customer_id = l.customer_id
                 where l.record_id in {list}
                 order by l.record_id"
            );
            for row in &self.fetch(sql, binds).await? {
                links.push((row.uuid(0)?, CustomerId(row.uuid(1)?), row.time(2)?));
            }
        }
        Ok(links)
    }

    /// Those of these ids that lead a customer.
    pub async fn customer_standing(&self, ids: &[CustomerId]) -> Result<Vec<CustomerId>, StoreError> {
        let mut standing = Vec::new();
        for chunk in ids.chunks(512) {
            let ids: Vec<Uuid> = chunk.iter().map(|id| id.0).collect();
            let mut binds = Vec::new();
            let list = in_list(&ids, &mut binds);
            let sql = format!("select customer_id from customer where customer_id in {list} order by customer_id");
            for row in &self.fetch(sql, binds).await? {
                standing.push(CustomerId(row.uuid(0)?));
            }
        }
        Ok(standing)
    }
}
