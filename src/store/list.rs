//! Keyset pages: which slice of an ordered list, and the page cursor that leads to the next one.
//!
//! A page cursor holds the sort value and the id of a row, never a row number, so a page stays right while rows come and
//! go. It is opaque: base64url of JSON with the name of the order it belongs to.

use super::{Arg, Row, Store, StoreError};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use onefold_model::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Ascending or descending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Smallest first.
    Asc,
    /// Largest first.
    Desc,
}

/// Which slice of a list is asked for, already checked: at most one of the two directions.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PageAsk {
    /// The first `count` after the page cursor.
    Forward {
        /// How many.
        count: u32,
        /// After which row.
        after: Option<String>,
    },
    /// The last `count` before the page cursor.
    Backward {
        /// How many.
        count: u32,
        /// Before which row.
        before: Option<String>,
    },
}

/// A slice of a list, in the order of the list.
#[derive(Debug, Clone)]
pub struct Slice<T> {
    /// The rows, each with its page cursor.
    pub rows: Vec<(String, T)>,
    /// There is more after the last row.
    pub has_next: bool,
    /// There is more before the first row.
    pub has_previous: bool,
}

/// A sort value as a page cursor keeps it. Tagged, because `serde_json` with `arbitrary_precision` reads no real number out of
/// an untagged enum.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Key {
    /// Microseconds since 1970.
    Time(i64),
    /// The bits of the number: its decimal form would not read back exactly, and ties are told by equality.
    Real(u64),
    Text(String),
    Null,
}

/// The earliest time that PostgreSQL knows, in November 4714 BC. The latest of ours is within its range.
const EARLIEST_MICROS: i64 = -210_866_803_200_000_000;

#[derive(Serialize, Deserialize)]
struct Cursor {
    o: String,
    k: Key,
    i: Uuid,
}

/// How a list is ordered: by one column and, among equals, by id.
#[derive(Debug, Clone, Copy)]
pub struct Keyset<'a> {
    /// A name that goes into the page cursor, so that one of another order is refused.
    pub name: &'a str,
    /// The SQL expression of the sort column.
    pub column: &'a str,
    /// The SQL expression of the id.
    pub id: &'static str,
    /// What the sort column holds.
    pub ty: KeyType,
    /// Whether it may hold nothing.
    pub nullable: bool,
    /// The direction of both.
    pub direction: Direction,
}

/// What a sort column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyType {
    /// A time.
    Time,
    /// Text.
    Text,
    /// A real number.
    Real,
    /// A number of this type of the database. Its page cursor keeps it as text, as exact as it was written.
    Number(&'static str),
}

impl KeyType {
    /// The bind with this number as something that the sort column is compared with.
    pub(super) fn place(self, number: usize) -> String {
        match self {
            Self::Time | Self::Text | Self::Real => format!("${number}"),
            Self::Number(ty) => format!("cast(${number} as {ty})"),
        }
    }
}

/// The earliest time that both databases know.
pub(super) fn earliest() -> Timestamp {
    Timestamp::from_timestamp_micros(EARLIEST_MICROS).unwrap_or_default()
}

/// The parts of a statement that make a page.
pub(super) struct PageSql {
    /// A condition, or `1 = 1`.
    pub condition: String,
    /// `order by …`
    pub order: String,
    /// How many rows to read: one more than asked for.
    pub limit: i64,
}

impl Keyset<'_> {
    /// The condition, order and limit of a page. Binds are pushed onto `args`.
    pub(super) fn page(&self, ask: &PageAsk, args: &mut Vec<Arg>) -> Result<PageSql, StoreError> {
        let (count, cursor, forward) = match ask {
            PageAsk::Forward { count, after } => (*count, after, true),
            PageAsk::Backward { count, before } => (*count, before, false),
        };
        let ascending = (self.direction == Direction::Asc) == forward;
        let condition = match cursor {
            None => "1 = 1".to_owned(),
            Some(text) => self.beyond(&self.decode(text)?, ascending, args)?,
        };
        let (word, nulls) = if ascending { ("asc", "nulls first") } else { ("desc", "nulls last") };
        Ok(PageSql {
            condition,
            order: format!("order by {} {word} {nulls}, {} {word}", self.column, self.id),
            limit: i64::from(count) + 1,
        })
    }

    /// Null is the smallest value in both databases: `nulls first` ascending, `nulls last` descending.
    fn beyond(&self, cursor: &Cursor, ascending: bool, args: &mut Vec<Arg>) -> Result<String, StoreError> {
        let (column, id) = (self.column, self.id);
        let sign = if ascending { ">" } else { "<" };
        args.push(Arg::from(cursor.i));
        let i = args.len();
        let key = match (&cursor.k, self.ty) {
            (Key::Null, _) => {
                let others = if ascending { format!(" or {column} is not null") } else { String::new() };
                return Ok(format!("(({column} is null and {id} {sign} ${i}){others})"));
            }
            (Key::Time(micros), KeyType::Time) if *micros >= EARLIEST_MICROS => {
                Arg::from(Timestamp::from_timestamp_micros(*micros).ok_or(StoreError::PageCursor)?)
            }
            (Key::Real(bits), KeyType::Real) => Arg::from(f64::from_bits(*bits)),
            (Key::Text(value), KeyType::Text) => Arg::from(value),
            (Key::Text(value), KeyType::Number(_)) if Decimal::from_str_exact(value).is_ok() => Arg::from(value),
            _ => return Err(StoreError::PageCursor),
        };
        args.push(key);
        let k = self.ty.place(args.len());
        // Compared as one, an index is entered at the row. Of an `or`, PostgreSQL reads it from its beginning and throws away
        // what comes before: the further the page, the longer it takes.
        let beyond = format!("({column}, {id}) {sign} ({k}, ${i})");
        // Descending, what holds nothing is still to come.
        let nulls_come = self.nullable && !ascending;
        Ok(if nulls_come { format!("({beyond} or {column} is null)") } else { beyond })
    }

    fn decode(&self, text: &str) -> Result<Cursor, StoreError> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| StoreError::PageCursor)?;
        let cursor: Cursor = serde_json::from_slice(&bytes).map_err(|_| StoreError::PageCursor)?;
        if cursor.o == self.name { Ok(cursor) } else { Err(StoreError::PageCursor) }
    }

    fn encode(&self, key: Key, id: Uuid) -> String {
        let cursor = Cursor { o: self.name.to_owned(), k: key, i: id };
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(&cursor).unwrap_or_default())
    }

    /// The page cursor of a row.
    pub(super) fn cursor(&self, value: &SortValue, id: Uuid) -> String {
        let key = match value {
            SortValue::Time(at) => at.map_or(Key::Null, |at| Key::Time(at.timestamp_micros())),
            SortValue::Text(text) => text.clone().map_or(Key::Null, Key::Text),
            SortValue::Real(number) => Key::Real(number.to_bits()),
        };
        self.encode(key, id)
    }
}

impl Store {
    /// A page of a list: `head` is the statement with its conditions, to which those of the page are added. `read` gives the
    /// sort value and the id of a row, which make its page cursor, and the row itself.
    pub(super) async fn slice<T>(
        &self,
        keyset: Keyset<'_>,
        ask: &PageAsk,
        head: &str,
        mut binds: Vec<Arg>,
        read: impl Fn(&Row) -> Result<(SortValue, Uuid, T), StoreError>,
    ) -> Result<Slice<T>, StoreError> {
        let page = keyset.page(ask, &mut binds)?;
        let sql = format!("{head} and {} {} limit {}", page.condition, page.order, page.limit);
        let mut rows = Vec::new();
        for row in &self.fetch(sql, binds).await? {
            let (value, id, row) = read(row)?;
            rows.push((keyset.cursor(&value, id), row));
        }
        Ok(Slice::of(rows, ask))
    }
}

/// The sort value of one row.
pub(super) enum SortValue {
    Time(Option<Timestamp>),
    Text(Option<String>),
    Real(f64),
}

impl<T> Slice<T> {
    /// Nothing.
    pub fn empty() -> Self {
        Self { rows: Vec::new(), has_next: false, has_previous: false }
    }

    /// The same slice of something else.
    pub fn map<U>(self, mut change: impl FnMut(T) -> U) -> Slice<U> {
        let rows = self.rows.into_iter().map(|(cursor, row)| (cursor, change(row))).collect();
        Slice { rows, has_next: self.has_next, has_previous: self.has_previous }
    }

    /// From the rows that a page statement gave: one more than asked for tells that there is more.
    pub(super) fn of(mut rows: Vec<(String, T)>, ask: &PageAsk) -> Self {
        let (count, forward, began) = match ask {
            PageAsk::Forward { count, after } => (*count, true, after.is_some()),
            PageAsk::Backward { count, before } => (*count, false, before.is_some()),
        };
        let more = rows.len() > count as usize;
        rows.truncate(count as usize);
        if !forward {
            rows.reverse();
        }
        let (has_next, has_previous) = if forward { (more, began) } else { (began, more) };
        Self { rows, has_next, has_previous }
    }
}

/// `($3, $4, $5)` for three ids when two binds are there already. The list is filled up to a power of two by repeating the
/// last id, so that the databases see few different texts.
pub(super) fn in_list(ids: &[Uuid], args: &mut Vec<Arg>) -> String {
    let width = ids.len().max(1).next_power_of_two();
    let first = args.len() + 1;
    let last = ids.last().copied().unwrap_or(Uuid::nil());
    args.extend((0..width).map(|i| Arg::from(ids.get(i).copied().unwrap_or(last))));
    let names: Vec<String> = (first..first + width).map(|n| format!("${n}")).collect();
    format!("({})", names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::{Direction, KeyType, Keyset, PageAsk, SortValue};
    use uuid::Uuid;

    #[test]
    fn a_page_begins_at_its_row_in_the_index() {
        let condition = |nullable, direction, is_forward| {
            let keyset =
                Keyset { name: "of.tests", column: "t.name", id: "t.id", ty: KeyType::Text, nullable, direction };
            let cursor = Some(keyset.cursor(&SortValue::Text(Some("m".to_owned())), Uuid::nil()));
            let ask = if is_forward {
                PageAsk::Forward { count: 5, after: cursor }
            } else {
                PageAsk::Backward { count: 5, before: cursor }
            };
            keyset.page(&ask, &mut Vec::new()).unwrap().condition
        };
        for (direction, is_forward) in [(Direction::Asc, true), (Direction::Desc, false)] {
            for nullable in [true, false] {
                assert_eq!(condition(nullable, direction, is_forward), "(t.name, t.id) > ($2, $1)");
            }
        }
        for (direction, is_forward) in [(Direction::Desc, true), (Direction::Asc, false)] {
            assert_eq!(condition(false, direction, is_forward), "(t.name, t.id) < ($2, $1)");
            let with_nulls = "((t.name, t.id) < ($2, $1) or t.name is null)";
            assert_eq!(condition(true, direction, is_forward), with_nulls);
        }
    }
}
