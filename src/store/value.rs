//! Values on their way into and out of SQL, the same for both databases. Decides nothing about meaning.

use super::StoreError;
use onefold_model::{Timestamp, truncate_to_micros};
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments, Row as _};
use uuid::Uuid;

/// One bind value. Typed nulls, because PostgreSQL asks for the type of every bind.
#[derive(Debug, Clone, PartialEq)]
pub enum Arg {
    /// An id.
    Uuid(Option<Uuid>),
    /// Text.
    Text(Option<String>),
    /// A whole number.
    Int(Option<i64>),
    /// A truth value.
    Bool(bool),
    /// A time in whole microseconds.
    Time(Option<Timestamp>),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A real number.
    Real(f64),
}

macro_rules! arg_from {
    ($($ty:ty => |$v:ident| $make:expr),* $(,)?) => { $(impl From<$ty> for Arg { fn from($v: $ty) -> Self { $make } })* };
}

arg_from! {
    Uuid => |v| Arg::Uuid(Some(v)),
    Option<Uuid> => |v| Arg::Uuid(v),
    &str => |v| Arg::Text(Some(v.to_owned())),
    String => |v| Arg::Text(Some(v)),
    &String => |v| Arg::Text(Some(v.clone())),
    Option<String> => |v| Arg::Text(v),
    Option<&str> => |v| Arg::Text(v.map(str::to_owned)),
    i64 => |v| Arg::Int(Some(v)),
    Option<i64> => |v| Arg::Int(v),
    bool => |v| Arg::Bool(v),
    Timestamp => |v| Arg::Time(Some(v)),
    Option<Timestamp> => |v| Arg::Time(v),
    &[u8] => |v| Arg::Bytes(v.to_vec()),
    f64 => |v| Arg::Real(v),
}

/// Binds from a list of anything that is an [`Arg`].
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::store::Arg::from($value)),*] };
}

fn bind_error(source: sqlx::error::BoxDynError) -> StoreError {
    StoreError::Database { doing: "bind a value", source: sqlx::Error::Encode(source) }
}

/// PostgreSQL has no U+0000 in text: the replacement character stands for it, in both databases alike. The payload and the
/// mapped record are JSON, where it is written with an escape, so that no value is lost.
pub(super) fn without_zero(text: Option<String>) -> Option<String> {
    text.map(|text| if text.contains('\0') { text.replace('\0', "\u{FFFD}") } else { text })
}

/// SQLite keeps times as microseconds since 1970 in an integer, and truth values as 0 and 1.
pub(super) fn bind_sqlite(args: Vec<Arg>) -> Result<SqliteArguments, StoreError> {
    let mut out = SqliteArguments::default();
    for arg in args {
        match arg {
            Arg::Uuid(v) => out.add(v.map(|id| id.as_bytes().to_vec())),
            Arg::Text(v) => out.add(without_zero(v)),
            Arg::Int(v) => out.add(v),
            Arg::Bool(v) => out.add(v),
            Arg::Time(v) => out.add(v.map(|at| at.timestamp_micros())),
            Arg::Bytes(v) => out.add(v),
            Arg::Real(v) => out.add(v),
        }
        .map_err(bind_error)?;
    }
    Ok(out)
}

pub(super) fn bind_postgres(args: Vec<Arg>) -> Result<PgArguments, StoreError> {
    let mut out = PgArguments::default();
    for arg in args {
        match arg {
            Arg::Uuid(v) => out.add(v),
            Arg::Text(v) => out.add(without_zero(v)),
            Arg::Int(v) => out.add(v),
            Arg::Bool(v) => out.add(v),
            // The driver would round towards the year 2000 what is finer than a microsecond.
            Arg::Time(v) => out.add(v.map(truncate_to_micros)),
            Arg::Bytes(v) => out.add(v),
            Arg::Real(v) => out.add(v),
        }
        .map_err(bind_error)?;
    }
    Ok(out)
}

/// The values of one column.
enum Column {
    Uuid(Vec<Option<Uuid>>),
    Text(Vec<Option<String>>),
    Int(Vec<Option<i64>>),
    Bool(Vec<bool>),
    Time(Vec<Option<Timestamp>>),
    Bytes(Vec<Vec<u8>>),
    Real(Vec<f64>),
}

impl Column {
    /// An empty column of the type of a value.
    fn of(arg: &Arg) -> Self {
        match arg {
            Arg::Uuid(_) => Self::Uuid(Vec::new()),
            Arg::Text(_) => Self::Text(Vec::new()),
            Arg::Int(_) => Self::Int(Vec::new()),
            Arg::Bool(_) => Self::Bool(Vec::new()),
            Arg::Time(_) => Self::Time(Vec::new()),
            Arg::Bytes(_) => Self::Bytes(Vec::new()),
            Arg::Real(_) => Self::Real(Vec::new()),
        }
    }

    fn push(&mut self, arg: Arg) -> Result<(), StoreError> {
        match (self, arg) {
            (Self::Uuid(column), Arg::Uuid(v)) => column.push(v),
            (Self::Text(column), Arg::Text(v)) => column.push(without_zero(v)),
            (Self::Int(column), Arg::Int(v)) => column.push(v),
            (Self::Bool(column), Arg::Bool(v)) => column.push(v),
            // As with a single value.
            (Self::Time(column), Arg::Time(v)) => column.push(v.map(truncate_to_micros)),
            (Self::Bytes(column), Arg::Bytes(v)) => column.push(v),
            (Self::Real(column), Arg::Real(v)) => column.push(v),
            _ => return Err(bind_error("rows of one statement have values of different types".into())),
        }
        Ok(())
    }

    fn sql_type(&self) -> &'static str {
        match self {
            Self::Uuid(_) => "uuid",
            Self::Text(_) => "text",
            Self::Int(_) => "bigint",
            Self::Bool(_) => "boolean",
            Self::Time(_) => "timestamptz",
            Self::Bytes(_) => "bytea",
            Self::Real(_) => "double precision",
        }
    }
}

/// Rows as one array for each column, and the types of the columns.
pub(super) fn bind_postgres_columns(
    rows: impl Iterator<Item = Vec<Arg>>,
) -> Result<(Vec<&'static str>, PgArguments), StoreError> {
    let mut columns: Vec<Column> = Vec::new();
    for row in rows {
        if columns.is_empty() {
            columns = row.iter().map(Column::of).collect();
        }
        for (column, arg) in columns.iter_mut().zip(row) {
            column.push(arg)?;
        }
    }
    let types = columns.iter().map(Column::sql_type).collect();
    let mut out = PgArguments::default();
    for column in columns {
        match column {
            Column::Uuid(v) => out.add(v),
            Column::Text(v) => out.add(v),
            Column::Int(v) => out.add(v),
            Column::Bool(v) => out.add(v),
            Column::Time(v) => out.add(v),
            Column::Bytes(v) => out.add(v),
            Column::Real(v) => out.add(v),
        }
        .map_err(bind_error)?;
    }
    Ok((types, out))
}

/// One row of either database. Columns are counted from 0 in the order of the `select`.
#[derive(Debug)]
pub enum Row {
    /// From SQLite.
    Sqlite(SqliteRow),
    /// From PostgreSQL.
    Postgres(PgRow),
}

macro_rules! getter {
    ($(#[doc = $doc:literal])* $name:ident -> $ty:ty) => {
        $(#[doc = $doc])*
        pub fn $name(&self, column: usize) -> Result<$ty, StoreError> {
            match self {
                Row::Sqlite(row) => row.try_get(column),
                Row::Postgres(row) => row.try_get(column),
            }
            .map_err(|source| StoreError::Database { doing: "read a column", source })
        }
    };
}

impl Row {
    getter! {
        /// An id.
        uuid -> Uuid
    }
    getter! {
        /// An id or null.
        opt_uuid -> Option<Uuid>
    }
    getter! {
        /// Text.
        text -> String
    }
    getter! {
        /// Text or null.
        opt_text -> Option<String>
    }
    getter! {
        /// A whole number.
        int -> i64
    }
    getter! {
        /// A whole number or null.
        opt_int -> Option<i64>
    }
    getter! {
        /// A truth value.
        bool -> bool
    }
    getter! {
        /// Bytes.
        bytes -> Vec<u8>
    }
    getter! {
        /// A real number.
        real -> f64
    }

    /// A time.
    pub fn time(&self, column: usize) -> Result<Timestamp, StoreError> {
        self.opt_time(column)?.ok_or(StoreError::Corrupt { what: "a time is missing" })
    }

    /// A time or null.
    pub fn opt_time(&self, column: usize) -> Result<Option<Timestamp>, StoreError> {
        match self {
            Row::Sqlite(_) => self
                .opt_int(column)?
                .map(|micros| {
                    Timestamp::from_timestamp_micros(micros)
                        .ok_or(StoreError::Corrupt { what: "a time is out of range" })
                })
                .transpose(),
            Row::Postgres(row) => {
                row.try_get(column).map_err(|source| StoreError::Database { doing: "read a time", source })
            }
        }
    }

    /// JSON kept as text.
    pub fn json(&self, column: usize) -> Result<serde_json::Value, StoreError> {
        serde_json::from_str(&self.text(column)?)
            .map_err(|_| StoreError::Corrupt { what: "a JSON column does not parse" })
    }
}
