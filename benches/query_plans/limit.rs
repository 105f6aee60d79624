//! The three queries by hand: the rows that they need, written for them alone, with no rights, no rules of survivorship and no
//! GraphQL. The first record that has a name or an address wins.

use super::Question;
use super::place::Place;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgRow;
use sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, Row, SqliteConnection};
use std::collections::HashMap;
use std::error::Error;
use uuid::Uuid;

type Failed = Box<dyn Error>;

/// One connection, with its statements prepared.
pub enum Limit {
    Postgres(Box<PgConnection>),
    Sqlite(Box<SqliteConnection>),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Party {
    display_name: Option<String>,
    #[serde(default)]
    emails: Vec<Email>,
    #[serde(default)]
    phones: Vec<Phone>,
}

#[derive(Deserialize)]
struct Email {
    address: String,
}

#[derive(Deserialize)]
struct Phone {
    e164: Option<String>,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Customer {
    id: String,
    display_name: Option<String>,
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    changed_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    record_count: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invoices: Option<Nodes<Invoice>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tickets: Option<Nodes<Ticket>>,
}

#[derive(Default, Serialize)]
struct Nodes<T> {
    nodes: Vec<T>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Invoice {
    #[serde(default)]
    id: String,
    number: Option<String>,
    status: Option<String>,
    issued_at: Option<DateTime<Utc>>,
    total: Option<Money>,
}

#[derive(Serialize, Deserialize)]
struct Money {
    amount: String,
    currency: String,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ticket {
    #[serde(default)]
    id: String,
    number: Option<String>,
    subject: Option<String>,
    status: Option<String>,
    opened_at: Option<DateTime<Utc>>,
}

#[derive(Serialize)]
struct Data<T> {
    data: T,
}

#[derive(Serialize)]
struct One {
    customer: Customer,
}

#[derive(Serialize)]
struct Many {
    customers: Page,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    #[serde(skip_serializing_if = "Option::is_none")]
    total_count: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    has_next_page: Option<bool>,
    nodes: Vec<Customer>,
}

impl Customer {
    fn add(&mut self, mapped: &str) -> Result<(), Failed> {
        let party: Party = serde_json::from_str(mapped)?;
        if self.display_name.is_none() {
            self.display_name = party.display_name;
        }
        if self.email.is_none() {
            self.email = party.emails.into_iter().next().map(|email| email.address);
        }
        if self.phone.is_none() {
            self.phone = party.phones.into_iter().find_map(|phone| phone.e164);
        }
        Ok(())
    }
}

const MEMBERS: &str = "join link l on l.customer_id = c.customer_id
    join record r on r.record_id = l.record_id and r.kind = 'party'
    join record_version v on v.record_id = r.record_id and v.version = r.version";
const ONE: &str = "select c.updated_at, c.record_count, v.mapped from customer c";
const PAGE: &str = "select customer_id from customer where (sort_name, customer_id) > ($1, $2)
    order by sort_name nulls first, customer_id limit 50";
const NAMED: &str = "select customer_id, updated_at from customer
    where kind = 'PERSON' and sort_name >= $1 and sort_name < $2 order by sort_name nulls first, customer_id limit 21";
const COUNT: &str = "select count(*) from customer where kind = 'PERSON' and sort_name >= $1 and sort_name < $2";

/// The latest five of a kind, of each customer of a page.
fn latest(kind: &str) -> String {
    format!(
        "select p.customer_id, a.record_id, v.mapped from ({PAGE}) p cross join lateral (
             select a.record_id from link l join activity a on a.party_id = l.record_id
             where l.customer_id = p.customer_id and a.kind = '{kind}' and not a.deleted
             order by a.occurred_at desc nulls last, a.record_id desc limit 5) a
         join record r on r.record_id = a.record_id
         join record_version v on v.record_id = r.record_id and v.version = r.version"
    )
}

/// The same without `lateral`, which SQLite does not have.
fn latest_ranked(kind: &str) -> String {
    format!(
        "select a.customer_id, a.record_id, v.mapped from (
             select l.customer_id, a.record_id, row_number() over (
                 partition by l.customer_id order by a.occurred_at desc, a.record_id desc) as place
             from ({PAGE}) p cross join link l cross join activity a
             where l.customer_id = p.customer_id and a.party_id = l.record_id and a.kind = '{kind}' and not a.deleted) a
         cross join record r cross join record_version v
         where a.place <= 5 and r.record_id = a.record_id and v.record_id = r.record_id and v.version = r.version"
    )
}

impl Limit {
    pub async fn open(place: &Place) -> Result<Self, Failed> {
        if place.kind == "SQLite" {
            // As the hub's own connections that read.
            let options = SqliteConnectOptions::new()
                .filename(place.path())
                .read_only(true)
                .pragma("cache_size", "-65536")
                .pragma("mmap_size", "2147418112");
            return Ok(Self::Sqlite(Box::new(options.connect().await?)));
        }
        let mut connection = PgConnection::connect(&place.url).await?;
        // As the hub's own connections for what begins at ids.
        connection.execute("set plan_cache_mode = force_generic_plan").await?;
        connection.execute("set jit = off").await?;
        Ok(Self::Postgres(Box::new(connection)))
    }

    /// The answer to one of the three.
    pub async fn ask(&mut self, query: usize, question: &Question) -> Result<Vec<u8>, Failed> {
        match query {
            0 => self.one(question).await,
            1 => self.nested(question).await,
            _ => self.counted(question).await,
        }
    }

    async fn of_page(&mut self, sql: String, question: &Question) -> Result<Vec<Cells>, Failed> {
        let (name, id) = (&question.after.0, question.after.1);
        Ok(match self {
            Self::Postgres(postgres) => {
                let rows = sqlx::query(AssertSqlSafe(sql)).bind(name).bind(id).fetch_all(&mut **postgres).await?;
                rows.into_iter().map(Cells::Postgres).collect()
            }
            Self::Sqlite(sqlite) => {
                let query = sqlx::query(AssertSqlSafe(sql)).bind(name).bind(&id.as_bytes()[..]);
                query.fetch_all(&mut **sqlite).await?.into_iter().map(Cells::Sqlite).collect()
            }
        })
    }

    async fn by_name(&mut self, sql: String, question: &Question) -> Result<Vec<Cells>, Failed> {
        let (low, high) = (&question.name, format!("{}\u{10FFFF}", question.name));
        Ok(match self {
            Self::Postgres(postgres) => {
                let rows = sqlx::query(AssertSqlSafe(sql)).bind(low).bind(high).fetch_all(&mut **postgres).await?;
                rows.into_iter().map(Cells::Postgres).collect()
            }
            Self::Sqlite(sqlite) => {
                let rows = sqlx::query(AssertSqlSafe(sql)).bind(low).bind(high).fetch_all(&mut **sqlite).await?;
                rows.into_iter().map(Cells::Sqlite).collect()
            }
        })
    }

    async fn one(&mut self, question: &Question) -> Result<Vec<u8>, Failed> {
        let sql = format!("{ONE} {MEMBERS} where c.customer_id = $1");
        let rows: Vec<Cells> = match self {
            Self::Postgres(postgres) => {
                let rows = sqlx::query(AssertSqlSafe(sql)).bind(question.id).fetch_all(&mut **postgres).await?;
                rows.into_iter().map(Cells::Postgres).collect()
            }
            Self::Sqlite(sqlite) => {
                let query = sqlx::query(AssertSqlSafe(sql)).bind(&question.id.as_bytes()[..]);
                query.fetch_all(&mut **sqlite).await?.into_iter().map(Cells::Sqlite).collect()
            }
        };
        let mut customer = whole(question.id);
        for row in &rows {
            (customer.changed_at, customer.record_count) = (Some(row.time(0)?), Some(row.int(1)?));
            customer.add(row.text(2)?)?;
        }
        written(One { customer })
    }

    async fn nested(&mut self, question: &Question) -> Result<Vec<u8>, Failed> {
        let latest = if matches!(self, Self::Sqlite(_)) { latest_ranked } else { latest };
        let page = self.of_page(PAGE.to_owned(), question).await?;
        let members = format!("select c.customer_id, v.mapped from ({PAGE}) c {MEMBERS}");
        let members = self.of_page(members, question).await?;
        let invoices = self.of_page(latest("invoice"), question).await?;
        let tickets = self.of_page(latest("ticket"), question).await?;
        let places = index(&page)?;
        let mut nodes = Vec::with_capacity(page.len());
        for row in &page {
            let (invoices, tickets) = (Some(Nodes::default()), Some(Nodes::default()));
            nodes.push(Customer { invoices, tickets, ..whole(row.uuid(0)?) });
        }
        for row in &members {
            nodes[places[&row.uuid(0)?]].add(row.text(1)?)?;
        }
        for row in &invoices {
            let list = nodes[places[&row.uuid(0)?]].invoices.get_or_insert_default();
            list.nodes.push(Invoice { id: record(row.uuid(1)?), ..serde_json::from_str(row.text(2)?)? });
        }
        for row in &tickets {
            let list = nodes[places[&row.uuid(0)?]].tickets.get_or_insert_default();
            list.nodes.push(Ticket { id: record(row.uuid(1)?), ..serde_json::from_str(row.text(2)?)? });
        }
        nodes.iter_mut().for_each(|customer| customer.phone = None);
        written(Many { customers: Page { total_count: None, has_next_page: None, nodes } })
    }

    async fn counted(&mut self, question: &Question) -> Result<Vec<u8>, Failed> {
        let page = self.by_name(NAMED.to_owned(), question).await?;
        let members = format!("select c.customer_id, v.mapped from ({NAMED}) c {MEMBERS}");
        let members = self.by_name(members, question).await?;
        let count = self.by_name(COUNT.to_owned(), question).await?;
        let places = index(&page)?;
        let mut nodes = Vec::with_capacity(page.len());
        for row in &page {
            nodes.push(Customer { changed_at: Some(row.time(1)?), ..whole(row.uuid(0)?) });
        }
        for row in &members {
            nodes[places[&row.uuid(0)?]].add(row.text(1)?)?;
        }
        let more = nodes.len() > 20;
        nodes.truncate(20);
        nodes.iter_mut().for_each(|customer| customer.phone = None);
        let total = count.first().ok_or("no count")?.int(0)?;
        written(Many { customers: Page { total_count: Some(total), has_next_page: Some(more), nodes } })
    }
}

/// A row of either database.
enum Cells {
    Postgres(PgRow),
    Sqlite(SqliteRow),
}

impl Cells {
    fn uuid(&self, at: usize) -> Result<Uuid, Failed> {
        Ok(match self {
            Self::Postgres(row) => row.try_get(at)?,
            Self::Sqlite(row) => row.try_get(at)?,
        })
    }

    fn text(&self, at: usize) -> Result<&str, Failed> {
        Ok(match self {
            Self::Postgres(row) => row.try_get(at)?,
            Self::Sqlite(row) => row.try_get(at)?,
        })
    }

    fn int(&self, at: usize) -> Result<i64, Failed> {
        Ok(match self {
            Self::Postgres(row) => row.try_get(at)?,
            Self::Sqlite(row) => row.try_get(at)?,
        })
    }

    fn time(&self, at: usize) -> Result<DateTime<Utc>, Failed> {
        Ok(match self {
            Self::Postgres(row) => row.try_get(at)?,
            Self::Sqlite(row) => DateTime::from_timestamp_micros(row.try_get(at)?).ok_or("no time")?,
        })
    }
}

fn whole(id: Uuid) -> Customer {
    Customer { id: format!("customer_{}", id.simple()), ..Customer::default() }
}

fn record(id: Uuid) -> String {
    format!("record_{}", id.simple())
}

fn written<T: Serialize>(data: T) -> Result<Vec<u8>, Failed> {
    Ok(serde_json::to_vec(&Data { data })?)
}

/// Customers by their place on the page.
fn index(rows: &[Cells]) -> Result<HashMap<Uuid, usize>, Failed> {
    rows.iter().enumerate().map(|(at, row)| Ok((row.uuid(0)?, at))).collect()
}
