//! Which terms there are, each once, however many records have it. Tells no record and no customer: whose a term is, and
//! whether the caller may search by it, is asked of [`Store::search_term`].

use super::{LAST, SearchPath, kinds};
use crate::args;
use crate::store::{Store, StoreError};

impl Store {
    /// Those of the words that are terms of these kinds, sorted: a look into the index for each.
    pub async fn vocabulary_has(&self, paths: &[SearchPath], words: &[String]) -> Result<Vec<String>, StoreError> {
        if paths.is_empty() || words.is_empty() {
            return Ok(Vec::new());
        }
        // Not `exists`, nor `in`: PostgreSQL makes a join of either, and may begin it with all terms.
        let sql = format!(
            "select distinct v.value
             from {}
             where (select min(t.term) from term t where t.term = v.value and t.path in ({})) is not null
             order by 1",
            self.dialect().texts_of_json("$1"),
            kinds(paths)
        );
        let rows = self.fetch(sql, args![serde_json::json!(words).to_string()]).await?;
        rows.iter().map(|row| row.text(0)).collect()
    }

    /// The terms that begin with one of these, at most `limit` of them, each once. Of each beginning the first term comes before
    /// the second of any, so that a beginning with many terms leaves room for the others.
    ///
    /// From one term the next greater one is looked for in the index: a name that a thousand records have costs what one costs.
    pub async fn vocabulary_under(&self, beginnings: &[String], limit: usize) -> Result<Vec<String>, StoreError> {
        if beginnings.is_empty() {
            return Ok(Vec::new());
        }
        let sql = format!(
            "with recursive near (beginning, term) as (
               select v.value,
                      (select min(t.term) from term t where t.term >= v.value and t.term < v.value || $2)
               from {}
               union all
               select n.beginning,
                      (select min(t.term) from term t where t.term > n.term and t.term < n.beginning || $2)
               from near n
               where n.term is not null
             )
             select term from near where term is not null limit {limit}",
            self.dialect().texts_of_json("$1")
        );
        let rows = self.fetch(sql, args![serde_json::json!(beginnings).to_string(), LAST.to_string()]).await?;
        rows.iter().map(|row| row.text(0)).collect()
    }
}
