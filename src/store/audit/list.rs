//! Reading the audit: pages, the latest first. Who may is decided by whoever asks for them.

use super::chain::read_hash;
use crate::args;
use crate::store::list::in_list;
use crate::store::{Arg, PageAsk, Row, Slice, Store, StoreError};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use onefold_model::{ContentHash, CustomerId, Timestamp};
use std::collections::HashMap;
use std::fmt::Write;
use uuid::Uuid;

/// An entry as it stands in the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Its number.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// What, as `noun.verb`.
    pub action: String,
    /// To what.
    pub target: String,
    /// Figures, or kinds of fields.
    pub detail: Option<String>,
    /// The customers that it is about.
    pub customers: Vec<CustomerId>,
    /// The hash of the entry before, in hexadecimal.
    pub previous: String,
    /// Its hash, in hexadecimal.
    pub hash: String,
}

/// Which entries. All conditions hold together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct AuditFilter {
    /// Of this actor.
    pub actor: Option<String>,
    /// Of this action, as `noun.verb`.
    pub action: Option<String>,
    /// About one of these customers, or done to one of them.
    pub customers: Option<Vec<CustomerId>>,
    /// At or after.
    pub since: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
}

const COLUMNS: &str = "a.seq, a.at, a.actor, a.action, a.target, a.detail, a.previous, a.hash";
/// What a page cursor begins with, so that one of another list is refused.
const CURSOR: &str = "audit:";

impl AuditRow {
    fn read(row: &Row, customers: Vec<CustomerId>) -> Result<Self, StoreError> {
        Ok(Self {
            seq: row.int(0)?,
            at: row.time(1)?,
            actor: row.text(2)?,
            action: row.text(3)?,
            target: row.text(4)?,
            detail: row.opt_text(5)?,
            customers,
            previous: ContentHash(read_hash(row, 6)?).to_hex(),
            hash: ContentHash(read_hash(row, 7)?).to_hex(),
        })
    }
}

impl AuditFilter {
    fn condition(&self, binds: &mut Vec<Arg>) -> String {
        let mut sql = "1 = 1".to_owned();
        let mut bind = |sql: &mut String, text: &str, arg: Arg| {
            binds.push(arg);
            let _ = write!(sql, " and {text} ${}", binds.len());
        };
        if let Some(actor) = &self.actor {
            bind(&mut sql, "a.actor =", actor.into());
        }
        if let Some(action) = &self.action {
            bind(&mut sql, "a.action =", action.into());
        }
        if let Some(since) = self.since {
            bind(&mut sql, "a.at >=", since.into());
        }
        if let Some(until) = self.until {
            bind(&mut sql, "a.at <", until.into());
        }
        if let Some(customers) = &self.customers {
            let ids: Vec<Uuid> = customers.iter().map(|id| id.0).collect();
            let list = in_list(&ids, binds);
            let first = binds.len() + 1;
            binds.extend(customers.iter().map(|id| Arg::from(id.to_string())));
            let names: Vec<String> = (first..=binds.len()).map(|n| format!("${n}")).collect();
            let targets = if names.is_empty() { "('')".to_owned() } else { format!("({})", names.join(", ")) };
            let _ = write!(
                sql,
                " and (a.seq in (select x.seq from audit_subject x where x.customer_id in {list}) or a.target in {targets})"
            );
        }
        sql
    }
}

fn encode(seq: i64) -> String {
    URL_SAFE_NO_PAD.encode(format!("{CURSOR}{seq}"))
}

fn decode(cursor: &str) -> Result<i64, StoreError> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| StoreError::PageCursor)?;
    let text = String::from_utf8(bytes).map_err(|_| StoreError::PageCursor)?;
    text.strip_prefix(CURSOR).and_then(|seq| seq.parse().ok()).ok_or(StoreError::PageCursor)
}

impl Store {
    /// A page of entries, the latest first.
    pub async fn audit_list(&self, filter: &AuditFilter, ask: &PageAsk) -> Result<Slice<AuditRow>, StoreError> {
        let mut binds = Vec::new();
        let condition = filter.condition(&mut binds);
        let (count, cursor, sign, order) = match ask {
            PageAsk::Forward { count, after } => (*count, after, "<", "desc"),
            PageAsk::Backward { count, before } => (*count, before, ">", "asc"),
        };
        let mut sql = format!("select {COLUMNS} from audit a where {condition}");
        if let Some(cursor) = cursor {
            binds.push(decode(cursor)?.into());
            let _ = write!(sql, " and a.seq {sign} ${}", binds.len());
        }
        binds.push((i64::from(count) + 1).into());
        let _ = write!(sql, " order by a.seq {order} limit ${}", binds.len());
        let rows = self.fetch(sql, binds).await?;
        let rows = self.audit_rows(&rows).await?.into_iter().map(|row| (encode(row.seq), row)).collect();
        Ok(Slice::of(rows, ask))
    }

    /// Every entry about these customers, in order: for what a person is told of themselves.
    pub async fn audit_about(&self, customers: &[CustomerId]) -> Result<Vec<AuditRow>, StoreError> {
        let filter = AuditFilter { customers: Some(customers.to_vec()), ..AuditFilter::default() };
        let mut binds = Vec::new();
        let condition = filter.condition(&mut binds);
        let rows = self.fetch(format!("select {COLUMNS} from audit a where {condition} order by a.seq"), binds).await?;
        self.audit_rows(&rows).await
    }

    /// With the customers of each.
    async fn audit_rows(&self, rows: &[Row]) -> Result<Vec<AuditRow>, StoreError> {
        let mut customers: HashMap<i64, Vec<CustomerId>> = HashMap::new();
        let numbers = rows.iter().map(|row| row.int(0)).collect::<Result<Vec<_>, _>>()?;
        for chunk in numbers.chunks(256) {
            let names: Vec<String> = (1..=chunk.len()).map(|n| format!("${n}")).collect();
            let sql = format!(
                "select seq, customer_id from audit_subject where seq in ({}) order by seq, customer_id",
                names.join(", ")
            );
            for row in self.fetch(sql, chunk.iter().map(|seq| Arg::from(*seq)).collect()).await? {
                customers.entry(row.int(0)?).or_default().push(CustomerId(row.uuid(1)?));
            }
        }
        rows.iter()
            .zip(numbers)
            .map(|(row, seq)| AuditRow::read(row, customers.remove(&seq).unwrap_or_default()))
            .collect()
    }

    /// How many entries there are.
    pub async fn audit_count(&self) -> Result<i64, StoreError> {
        let rows = self.fetch("select count(*) from audit", args![]).await?;
        rows.first().map_or(Ok(0), |row| row.int(0))
    }
}
