//! Search by the words of records: names, e-mails, phones, numbers. Prefix search over folded terms.

use super::visible::{Rows, visible};
use super::{Store, StoreError, scoped};
use crate::args;
use crate::auth::{Owners, Scope};
use onefold_model::{CustomerId, RecordId};

/// A kind of term that the caller may search by, and the owners whose terms count.
#[derive(Debug, Clone)]
pub struct SearchPath {
    /// `name`, `email`, `phone`, `company`, `invoice`, `ticket`, `account`.
    pub path: &'static str,
    /// Whose.
    pub owners: Owners,
}

/// A term that begins with what was looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchHit {
    /// Whose it is.
    pub customer: CustomerId,
    /// The record that says so.
    pub record: RecordId,
    /// The kind of term.
    pub path: String,
    /// The folded term.
    pub term: String,
    /// The whole of which it is a part, as the source said it.
    pub whole: String,
}

impl Store {
    /// The terms that begin with a folded word and belong to a customer: exact ones first, then by term.
    pub async fn search_terms(
        &self,
        scope: &Scope,
        paths: &[SearchPath],
        word: &str,
        limit: i64,
    ) -> Result<Vec<SearchHit>, StoreError> {
        let mut binds = args![word, format!("{word}\u{10FFFF}")];
        let mut allowed = Vec::new();
        for path in paths {
            let owners = scoped(&path.owners, "s.department", &mut binds);
            allowed.push(format!("(t.path = '{}' and {owners})", path.path));
        }
        if allowed.is_empty() {
            return Ok(Vec::new());
        }
        let visible = visible(scope, Rows::Found, &mut binds);
        // `cross join`, because SQLite takes it for the order in which to join: left to itself, it begins with the few
        // sources and reads every term of every record.
        let sql = format!(
            "select coalesce(own.customer_id, via.customer_id), t.record_id, t.path, t.term, t.whole
             from term t
             cross join record r
             cross join source s
             left join link own on own.record_id = t.record_id
             left join activity a on a.record_id = t.record_id
             left join link via on via.record_id = a.party_id
             where t.term >= $1 and t.term < $2 and r.record_id = t.record_id and s.source_id = r.source_id and ({})
               and coalesce(own.customer_id, via.customer_id) is not null
               and {visible}
             order by t.term, t.path, t.record_id
             limit {limit}",
            allowed.join(" or ")
        );
        let rows = self.serve(sql, binds).await?;
        rows.iter()
            .map(|row| {
                Ok(SearchHit {
                    customer: CustomerId(row.uuid(0)?),
                    record: RecordId(row.uuid(1)?),
                    path: row.text(2)?,
                    term: row.text(3)?,
                    whole: row.text(4)?,
                })
            })
            .collect()
    }
}
