//! Search by the words of records: names, e-mails, phones, numbers. Prefix search over folded terms; which terms there are at
//! all is asked of [`vocabulary`].

mod vocabulary;

use super::list::in_list;
use super::record::department;
use super::visible::{Rows, visible};
use super::{Row, Store, StoreError};
use crate::args;
use crate::auth::{Owners, Scope};
use onefold_model::{CustomerId, DepartmentKey, RecordId};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// A kind of term that the caller may search by, and the owners whose terms count.
#[derive(Debug, Clone)]
pub struct SearchPath {
    /// `name`, `email`, `phone`, `company`, `invoice`, `ticket`, `account`.
    pub path: &'static str,
    /// Whose.
    pub owners: Owners,
}

/// A term that was looked for, or begins with what was looked for.
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

/// So many terms are looked at in one step at least and at most: as many as are wanted, made a power of two, so that the databases see
/// few different texts.
const STEPS: (usize, usize) = (64, 512);

/// Behind everything that begins with a word.
const LAST: char = '\u{10FFFF}';

/// The kinds of term, as a list of the statement: they are words of ours.
fn kinds(paths: &[SearchPath]) -> String {
    let kinds: Vec<String> = paths.iter().map(|path| format!("'{}'", path.path)).collect();
    kinds.join(", ")
}

/// A term, before it is known whose it is.
#[derive(Clone)]
struct Term {
    folded: String,
    path: String,
    record: RecordId,
    whole: String,
}

/// Which terms: from one on, and below another.
struct Span {
    from: String,
    below: String,
}

impl Span {
    fn beginning_with(word: &str) -> Self {
        Self { from: word.to_owned(), below: format!("{word}{LAST}") }
    }

    /// This term alone: what goes on after it begins with no control character, which folding takes for a space.
    fn only(term: &str) -> Self {
        Self { from: term.to_owned(), below: format!("{term}\u{1}") }
    }
}

impl Store {
    /// The terms that begin with a folded word and belong to a customer: exact ones first, then by term.
    ///
    /// In two kinds of statements, because one alone is planned for longer than both run: what begins with the word, in the
    /// order of its index, and then whose that is. Where little of it may be seen, there are more steps.
    pub async fn search_terms(
        &self,
        scope: &Scope,
        paths: &[SearchPath],
        word: &str,
        limit: usize,
    ) -> Result<Vec<SearchHit>, StoreError> {
        self.terms_of(scope, paths, &Span::beginning_with(word), limit).await
    }

    /// As [`Store::search_terms`], of one whole term.
    pub async fn search_term(
        &self,
        scope: &Scope,
        paths: &[SearchPath],
        term: &str,
        limit: usize,
    ) -> Result<Vec<SearchHit>, StoreError> {
        self.terms_of(scope, paths, &Span::only(term), limit).await
    }

    async fn terms_of(
        &self,
        scope: &Scope,
        paths: &[SearchPath],
        span: &Span,
        limit: usize,
    ) -> Result<Vec<SearchHit>, StoreError> {
        let mut hits = Vec::new();
        let mut after: Option<Term> = None;
        if paths.is_empty() {
            return Ok(hits);
        }
        let step = limit.next_power_of_two().clamp(STEPS.0, STEPS.1);
        loop {
            let terms = self.terms_from(paths, span, after.as_ref(), step).await?;
            let is_last = terms.len() < step;
            let records: BTreeSet<RecordId> = terms.iter().map(|term| term.record).collect();
            let owned = self.terms_whose(scope, records).await?;
            after = terms.last().cloned();
            for Term { folded: term, path, record, whole } in terms {
                let Some((customer, department)) = owned.get(&record) else { continue };
                let is_allowed = |known: &SearchPath| known.path == path && known.owners.includes(Some(department));
                if paths.iter().any(is_allowed) {
                    hits.push(SearchHit { customer: *customer, record, path, term, whole });
                }
            }
            if is_last || hits.len() >= limit {
                hits.truncate(limit);
                return Ok(hits);
            }
        }
    }

    /// What is in the span, after a term: one step.
    async fn terms_from(
        &self,
        paths: &[SearchPath],
        span: &Span,
        after: Option<&Term>,
        step: usize,
    ) -> Result<Vec<Term>, StoreError> {
        let mut binds = args![span.from.as_str(), span.below.as_str()];
        let mut beyond = String::new();
        if let Some(Term { folded, path, record, .. }) = after {
            binds.extend(args![folded.as_str(), path.as_str(), record.0]);
            beyond.push_str("and (t.term, t.path, t.record_id) > ($3, $4, $5)");
        }
        let sql = format!(
            "select t.term, t.path, t.record_id, t.whole from term t
             where t.term >= $1 and t.term < $2 and t.path in ({}) {beyond}
             order by t.term, t.path, t.record_id
             limit {step}",
            kinds(paths)
        );
        let term = |row: &Row| {
            let (folded, path, record) = (row.text(0)?, row.text(1)?, RecordId(row.uuid(2)?));
            Ok(Term { folded, path, record, whole: row.text(3)? })
        };
        self.fetch(sql, binds).await?.iter().map(term).collect()
    }

    /// Whose the records are, and of which department: of those that belong to a customer and that the scope shows.
    async fn terms_whose(
        &self,
        scope: &Scope,
        records: BTreeSet<RecordId>,
    ) -> Result<HashMap<RecordId, (CustomerId, DepartmentKey)>, StoreError> {
        if records.is_empty() {
            return Ok(HashMap::new());
        }
        let ids: Vec<Uuid> = records.into_iter().map(|record| record.0).collect();
        let mut binds = Vec::new();
        let list = in_list(&ids, &mut binds);
        let visible = visible(scope, Rows::Found, &mut binds);
        let sql = format!(
            "select r.record_id, coalesce(own.customer_id, via.customer_id), s.department
             from record r
             join source s on s.source_id = r.source_id
             left join link own on own.record_id = r.record_id
             left join activity a on a.record_id = r.record_id
             left join link via on via.record_id = a.party_id
             where r.record_id in {list} and coalesce(own.customer_id, via.customer_id) is not null and {visible}"
        );
        let whose = |row: &Row| {
            let found = (CustomerId(row.uuid(1)?), department(row.text(2)?)?);
            Ok((RecordId(row.uuid(0)?), found))
        };
        self.serve(sql, binds).await?.iter().map(whose).collect()
    }
}
