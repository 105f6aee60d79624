//! Many rows in few statements, as each database takes them best.
//!
//! SQLite takes `values` with a bind for each value. PostgreSQL takes an array for each column: a statement of one text for
//! any number of rows, which it parses and plans once, where thousands of binds would each be named, typed and planned.

use super::value::{Arg, bind_postgres_columns};
use super::{Dialect, StoreError, Tx};
use std::fmt::Write;

/// Rows of one statement on PostgreSQL: a page of most streams. More would hold no less of the log and more of memory.
const AT_ONCE: usize = 512;

impl Tx {
    /// Inserts rows: `head` is `insert into t (a, b)`, `tail` what follows the values. To `tail`, the values of a row are
    /// `column1`, `column2` and so on.
    pub async fn insert_many(&mut self, head: &str, rows: Vec<Vec<Arg>>, tail: &str) -> Result<u64, StoreError> {
        match self.dialect() {
            Dialect::Sqlite => self.insert_values(head, rows, tail).await,
            Dialect::Postgres => self.insert_columns(head, rows, tail).await,
        }
    }

    /// Rows go in groups of 64, 8 and 1, so that three texts a table can be kept prepared.
    async fn insert_values(&mut self, head: &str, rows: Vec<Vec<Arg>>, tail: &str) -> Result<u64, StoreError> {
        let mut touched = 0;
        let mut rows = rows.into_iter();
        while rows.len() > 0 {
            let group = [64, 8, 1].into_iter().find(|size| *size <= rows.len()).unwrap_or(1);
            let taken: Vec<Vec<Arg>> = rows.by_ref().take(group).collect();
            let width = taken.first().map_or(0, Vec::len);
            let sql = format!("{head} values {} {tail}", placeholders(group, width));
            touched += self.execute(sql, taken.into_iter().flatten().collect()).await?;
        }
        Ok(touched)
    }

    async fn insert_columns(&mut self, head: &str, rows: Vec<Vec<Arg>>, tail: &str) -> Result<u64, StoreError> {
        let mut touched = 0;
        let mut rows = rows.into_iter();
        while rows.len() > 0 {
            let (types, columns) = bind_postgres_columns(rows.by_ref().take(AT_ONCE))?;
            let sql = format!("{head} select * from {} {tail}", unnested(&types));
            touched += self.execute_bound(sql, columns).await?;
        }
        Ok(touched)
    }
}

/// `(?, ?), (?, ?)` for two rows of two: a number would be a name, which SQLite looks for from the first name on, once for
/// each value.
fn placeholders(rows: usize, width: usize) -> String {
    let row = format!("({})", vec!["?"; width].join(", "));
    vec![row; rows].join(", ")
}

/// `unnest($1::uuid[], $2::text[]) as given (column1, column2)`.
fn unnested(types: &[&str]) -> String {
    let (mut arrays, mut names) = (String::new(), String::new());
    for (place, sql_type) in types.iter().enumerate() {
        let (comma, number) = (if place == 0 { "" } else { ", " }, place + 1);
        let _ = write!(arrays, "{comma}${number}::{sql_type}[]");
        let _ = write!(names, "{comma}column{number}");
    }
    format!("unnest({arrays}) as given ({names})")
}

#[cfg(test)]
mod tests {
    use super::{placeholders, unnested};

    #[test]
    fn each_database_is_given_rows_in_its_own_way() {
        assert_eq!(placeholders(2, 2), "(?, ?), (?, ?)");
        assert_eq!(unnested(&["uuid", "text"]), "unnest($1::uuid[], $2::text[]) as given (column1, column2)");
    }
}
