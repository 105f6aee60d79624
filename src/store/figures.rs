//! Figures over many: how customers spread over a word that their records have, and what amounts come to.
//!
//! Promises: only rows that the scope shows are counted, by the same conditions as lists of them. Deliberately looks at every
//! such row: what is asked of all customers takes as long as reading them all.

use super::visible::{Rows, Whose, visible};
use super::{Arg, CustomerFilter, Dialect, Store, StoreError, scoped};
use crate::auth::Scope;
use onefold_model::{Currency, CustomerId, DepartmentKey, RecordKind, SourceId, Timestamp};

/// What customers are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FacetField {
    /// A person or an organisation.
    Kind,
    /// The departments of their records.
    Department,
    /// The sources of their records, by key.
    Source,
    /// The countries of their addresses.
    Country,
    /// The regions of their addresses.
    Region,
    /// Their labels.
    Tag,
}

/// By what amounts are told apart, besides their currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SumGroup {
    /// The state.
    Status,
    /// The month in which it happened, in UTC.
    Month,
    /// The department whose source said it.
    Department,
    /// The source, by key.
    Source,
}

/// Which amounts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SumFilter {
    /// Those of this customer.
    pub customer: Option<CustomerId>,
    /// In one of these states.
    pub statuses: Option<Vec<String>>,
    /// That happened at or after.
    pub since: Option<Timestamp>,
    /// That happened before.
    pub before: Option<Timestamp>,
    /// From sources of this department.
    pub department: Option<DepartmentKey>,
    /// From this source.
    pub source: Option<SourceId>,
}

/// What some amounts come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SumRow {
    /// Of which currency.
    pub currency: Currency,
    /// In the order of what they are told apart by; none where there is no such word.
    pub groups: Vec<Option<String>>,
    /// How many there are.
    pub count: i64,
    /// In millionths of a major unit.
    pub micros: i128,
}

/// Millionths in a major unit. Units and the rest are summed apart, because SQLite fails where a sum is larger than an amount
/// may be.
const UNIT: i64 = 1_000_000;

impl FacetField {
    /// What joins a customer with the word, and the word.
    fn sql(self) -> (String, &'static str) {
        let attribute =
            |name: &str| format!("join record_attribute kv on kv.record_id = kr.record_id and kv.name = '{name}'");
        match self {
            Self::Kind => (String::new(), "c.kind"),
            Self::Department => (String::new(), "ks.department"),
            Self::Source => (String::new(), "ks.key"),
            Self::Country => (attribute(super::attribute::COUNTRY), "kv.value"),
            Self::Region => (attribute(super::attribute::REGION), "kv.value"),
            Self::Tag => (attribute(super::attribute::TAG), "kv.value"),
        }
    }
}

impl SumGroup {
    fn sql(self, dialect: Dialect) -> &'static str {
        match (self, dialect) {
            (Self::Status, _) => "a.status",
            (Self::Month, Dialect::Postgres) => "to_char(a.occurred_at at time zone 'UTC', 'YYYY-MM')",
            // Whole seconds, rounded down before 1970 too.
            (Self::Month, Dialect::Sqlite) => {
                "strftime('%Y-%m', (a.occurred_at - case when a.occurred_at < 0 then 999999 else 0 end) / 1000000,
                          'unixepoch')"
            }
            (Self::Department, _) => "s.department",
            (Self::Source, _) => "s.key",
        }
    }
}

impl SumFilter {
    fn condition(&self, binds: &mut Vec<Arg>) -> String {
        let mut bind = |arg: Arg| {
            binds.push(arg);
            format!("${}", binds.len())
        };
        let mut parts = Vec::new();
        if let Some(customer) = self.customer {
            parts.push(format!("l.customer_id = {}", bind(customer.0.into())));
        }
        if let Some(statuses) = &self.statuses {
            let places: Vec<String> = statuses.iter().map(|status| bind(status.as_str().into())).collect();
            parts.push(if places.is_empty() {
                "1 = 0".to_owned()
            } else {
                format!("a.status in ({})", places.join(", "))
            });
        }
        if let Some(since) = self.since {
            parts.push(format!("a.occurred_at >= {}", bind(since.into())));
        }
        if let Some(before) = self.before {
            parts.push(format!("a.occurred_at < {}", bind(before.into())));
        }
        if let Some(department) = &self.department {
            parts.push(format!("s.department = {}", bind(department.as_str().into())));
        }
        if let Some(source) = self.source {
            parts.push(format!("a.source_id = {}", bind(source.0.into())));
        }
        if parts.is_empty() { "1 = 1".to_owned() } else { parts.join(" and ") }
    }
}

impl Store {
    /// The words that most customers have, with how many have each, at most `limit`. One with records of two departments is
    /// counted under both.
    pub async fn customer_facet(
        &self,
        scope: &Scope,
        filter: &CustomerFilter,
        field: FacetField,
        limit: u32,
    ) -> Result<Vec<(String, i64)>, StoreError> {
        let mut binds = Vec::new();
        let condition = filter.condition(self.dialect(), scope, &mut binds);
        let seen = visible(scope, Rows::Customer("c"), &mut binds);
        let (join, word) = field.sql();
        let sql = if field == FacetField::Kind {
            format!(
                "select {word}, count(*) from customer c where {condition} and {seen}
                 group by {word} order by 2 desc, 1 limit {limit}"
            )
        } else {
            // What a record says counts only where the record may be seen.
            let owners = scoped(scope.type_owners("Customer"), "ks.department", &mut binds);
            format!(
                "select {word}, count(distinct c.customer_id)
                 from customer c
                 join link kl on kl.customer_id = c.customer_id
                 join record kr on kr.record_id = kl.record_id
                 join source ks on ks.source_id = kr.source_id
                 {join}
                 where {condition} and {seen} and {owners}
                 group by {word} order by 2 desc, 1 limit {limit}"
            )
        };
        self.fetch(sql, binds).await?.iter().map(|row| Ok((row.text(0)?, row.int(1)?))).collect()
    }

    /// What the amounts of a kind of activity come to, by currency and by these groups, in their order; at most `limit` rows.
    pub async fn activity_sums(
        &self,
        scope: &Scope,
        kind: RecordKind,
        filter: &SumFilter,
        by: &[SumGroup],
        limit: u32,
    ) -> Result<Vec<SumRow>, StoreError> {
        let mut binds = Vec::new();
        let seen = visible(scope, Rows::Activity(kind, &Whose::Anybodys), &mut binds);
        let condition = filter.condition(&mut binds);
        let words: Vec<&str> = by.iter().map(|group| group.sql(self.dialect())).collect();
        let columns = words.iter().fold(String::new(), |text, word| text + ", " + word);
        let places: Vec<String> = (5..5 + by.len()).map(|place| place.to_string()).collect();
        let order = [places.as_slice(), &["1".to_owned()]].concat().join(", ");
        let sql = format!(
            "select a.currency, count(*), cast(sum(a.amount_micros / {UNIT}) as text),
                    cast(sum(a.amount_micros % {UNIT}) as text){columns}
             from activity a
             join source s on s.source_id = a.source_id
             left join link l on l.record_id = a.party_id
             where a.kind = '{}' and a.deleted = false and a.amount_micros is not null and a.currency is not null
               and {condition} and {seen}
             group by {order} order by {order} limit {limit}",
            kind.as_str()
        );
        let unreadable = StoreError::Corrupt { what: "an amount is in no currency, or its sum is no number" };
        let mut sums = Vec::new();
        for row in &self.fetch(sql, binds).await? {
            let currency = Currency::new(&row.text(0)?).ok();
            let (whole, rest): (Option<i128>, Option<i128>) = (row.text(2)?.parse().ok(), row.text(3)?.parse().ok());
            let (Some(currency), Some(whole), Some(rest)) = (currency, whole, rest) else { return Err(unreadable) };
            let groups = (4..4 + by.len()).map(|at| row.opt_text(at)).collect::<Result<_, _>>()?;
            sums.push(SumRow { currency, groups, count: row.int(1)?, micros: whole * i128::from(UNIT) + rest });
        }
        Ok(sums)
    }
}
