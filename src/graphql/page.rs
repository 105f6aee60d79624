//! Relay pages: arguments in, connections out.

use super::error::coded;
use super::loaders::{CountKey, load};
use crate::app::{ActivityChoice, AppError, PageAsk, Session, Slice};
use async_graphql::connection::{Connection, Edge};
use async_graphql::{Context, Object, OutputType, Result};
use onefold_model::{CustomerId, RecordKind, SourceId};
use std::sync::Arc;

/// Rows of a page where the caller names no number.
pub(super) const DEFAULT_COUNT: u32 = 20;
/// Rows that a page may have.
pub(super) const MAX_COUNT: u32 = 200;

/// A connection whose page cursors are opaque texts.
pub(super) type Page<N> = Connection<String, N, Total>;

/// Which slice is asked for. Refuses what cannot be meant.
pub(super) fn page_ask(
    first: Option<i32>,
    after: Option<String>,
    last: Option<i32>,
    before: Option<String>,
) -> Result<PageAsk> {
    let invalid = |message: String| coded("INVALID_INPUT", message);
    let count = |argument: &str, number: i32| {
        u32::try_from(number)
            .ok()
            .filter(|number| *number <= MAX_COUNT)
            .ok_or_else(|| invalid(format!("argument {argument}: {number} is not between 0 and {MAX_COUNT}")))
    };
    match (first, last) {
        (Some(_), Some(_)) => Err(invalid("give either first or last, not both".to_owned())),
        (_, None) if before.is_some() => Err(invalid("before goes with last".to_owned())),
        (None, Some(_)) if after.is_some() => Err(invalid("after goes with first".to_owned())),
        (None, Some(last)) => Ok(PageAsk::Backward { count: count("last", last)?, before }),
        (first, None) => {
            let count = first.map_or(Ok(DEFAULT_COUNT), |first| count("first", first))?;
            Ok(PageAsk::Forward { count, after })
        }
    }
}

/// How many there are in all: counted only where it is selected.
pub enum Total {
    /// Known already.
    Known(i64),
    /// What happened with one customer or belongs to one record.
    Activity(CountKey),
    /// What happened with anybody.
    Activities(RecordKind, Arc<ActivityChoice>),
    /// Customers.
    Customers(Box<crate::app::CustomerFilter>),
    /// Quarantined payloads.
    Quarantine(Option<SourceId>, Option<String>),
    /// Pairs for review.
    Candidates(Box<crate::app::CandidateFilter>),
    /// Decisions of stewards.
    Decisions(Option<CustomerId>, Option<bool>),
    /// Not counted.
    Unknown,
}

#[Object]
impl Total {
    /// How many there are in all, for the caller. Null where it is not counted.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<Option<i64>> {
        let session = ctx.data::<Session>()?;
        let failed = |error: AppError| super::error::failed(&error);
        Ok(match self {
            Self::Known(count) => Some(*count),
            Self::Activity(key) => Some(load(ctx, key.clone()).await?.unwrap_or(0)),
            Self::Activities(kind, choice) => Some(session.activity_count(*kind, choice).await.map_err(failed)?),
            Self::Customers(filter) => Some(session.customer_count(filter).await.map_err(failed)?),
            Self::Quarantine(source, code) => {
                Some(session.quarantine_count(*source, code.clone()).await.map_err(failed)?)
            }
            Self::Candidates(filter) => Some(session.candidate_count(filter).await.map_err(failed)?),
            Self::Decisions(customer, standing) => {
                Some(session.decision_count(*customer, *standing).await.map_err(failed)?)
            }
            Self::Unknown => None,
        })
    }
}

/// A slice as a connection.
pub(super) fn connection<T, N: OutputType>(slice: Slice<T>, total: Total, make: impl Fn(T) -> N) -> Page<N> {
    let mut page = Connection::with_additional_fields(slice.has_previous, slice.has_next, total);
    page.edges.extend(slice.rows.into_iter().map(|(cursor, row)| Edge::new(cursor, make(row))));
    page
}

/// A page of a list that is whole in memory: its page cursors are places in it.
pub(super) fn slice_of<T>(items: Vec<T>, ask: &PageAsk, key: impl Fn(&T) -> String) -> Result<Slice<T>> {
    let place = |cursor: &str| {
        items.iter().position(|item| key(item) == cursor).ok_or_else(|| {
            coded("INVALID_INPUT", "the page cursor is not one of this list: ask for the first page again")
        })
    };
    let (from, to) = match ask {
        PageAsk::Forward { count, after } => {
            let from = after.as_deref().map(place).transpose()?.map_or(0, |at| at + 1);
            (from, (from + *count as usize).min(items.len()))
        }
        PageAsk::Backward { count, before } => {
            let to = before.as_deref().map(place).transpose()?.unwrap_or(items.len());
            (to.saturating_sub(*count as usize), to)
        }
    };
    let has_next = to < items.len();
    let rows = items.into_iter().take(to).skip(from).map(|item| (key(&item), item)).collect();
    Ok(Slice { rows, has_next, has_previous: from > 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_meant_is_refused() {
        assert!(page_ask(Some(1), None, Some(1), None).is_err());
        assert!(page_ask(Some(201), None, None, None).is_err());
        assert!(page_ask(Some(-1), None, None, None).is_err());
        assert!(page_ask(None, None, None, Some("x".into())).is_err());
        assert!(page_ask(None, Some("x".into()), Some(3), None).is_err());
        assert_eq!(page_ask(None, None, None, None).unwrap(), PageAsk::Forward { count: 20, after: None });
    }

    #[test]
    fn a_list_in_memory_pages_both_ways() {
        let pages = |ask: PageAsk| {
            let slice = slice_of(vec![1, 2, 3, 4, 5], &ask, ToString::to_string).unwrap();
            let rows: Vec<i32> = slice.rows.into_iter().map(|(_, n)| n).collect();
            (rows, slice.has_previous, slice.has_next)
        };
        assert_eq!(pages(PageAsk::Forward { count: 2, after: Some("2".into()) }), (vec![3, 4], true, true));
        assert_eq!(pages(PageAsk::Backward { count: 2, before: Some("2".into()) }), (vec![1], false, true));
    }
}
