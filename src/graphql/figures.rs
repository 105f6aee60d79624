//! Figures over many: how customers spread over words, and what amounts come to.

use super::error::{coded, failed};
use super::ids::typed_id;
use super::query::customers::CustomerFilterInput;
use super::query::{bad, source_key};
use super::types::Money;
use crate::app::{AmountSum as Sum, CustomerFacet as Spread, FacetField, Session, SumFilter, SumGroup, Summed};
use async_graphql::{Context, Description, Enum, ID, InputObject, Object, Result, SimpleObject};
use onefold_model::{CustomerId, DepartmentKey, SourceId, Timestamp};

/// Figures over many.
#[derive(Description, Default)]
pub struct Figures;

/// What customers are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "FacetField")]
pub enum CustomerFacetField {
    /// `PERSON` or `ORGANIZATION`.
    Kind,
    /// The departments of their records. For whoever may read their source records.
    Department,
    /// The sources of their records, by key. For whoever may read their source records.
    Source,
    /// The countries of their addresses, as codes of ISO 3166-1. For whoever may read their addresses.
    Country,
    /// The regions of their addresses. For whoever may read their addresses.
    Region,
    /// Their labels. For whoever may read their tags.
    Tag,
}

/// How customers spread over the words of one field.
#[derive(SimpleObject)]
pub struct CustomerFacet {
    /// The field.
    field: CustomerFacetField,
    /// The words that most customers have. One who has several is counted under each.
    values: Vec<FacetValue>,
    /// There are more words than were asked for.
    has_more: bool,
}

/// A word, and how many have it.
#[derive(SimpleObject)]
pub struct FacetValue {
    /// The word.
    value: String,
    /// How many customers have it.
    count: i64,
}

/// Which amount is summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Summed")]
pub enum AmountKind {
    /// `Account.balance`.
    AccountBalance,
    /// `Invoice.total`.
    InvoiceTotal,
    /// `Payment.amount`.
    PaymentAmount,
    /// `Subscription.recurring`.
    SubscriptionRecurring,
}

/// By what amounts are told apart, besides their currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "SumGroup")]
pub enum AmountGroup {
    /// Their state.
    Status,
    /// The month in which it was issued, paid, started or opened, in UTC.
    Month,
    /// The department whose source said it.
    Department,
    /// The source, by key.
    Source,
}

/// Which amounts. All conditions hold together.
#[derive(InputObject, Default)]
pub struct AmountFilterInput {
    /// Those of this customer.
    customer: Option<ID>,
    /// In one of these states, in the words of the type: `PAID`.
    statuses: Option<Vec<String>>,
    /// Issued, paid, started or opened at or after.
    since: Option<Timestamp>,
    /// Issued, paid, started or opened before.
    before: Option<Timestamp>,
    /// From sources of this department.
    department: Option<String>,
    /// From the source with this key.
    source: Option<String>,
}

/// What some amounts come to.
#[derive(SimpleObject)]
pub struct AmountSum {
    /// The sum, exact.
    sum: Money,
    /// Of how many.
    count: i64,
    /// Their state. Null where it was not asked for, or there is none.
    status: Option<String>,
    /// The month in which they happened: `2026-03`. Null where it was not asked for, or is not known.
    month: Option<String>,
    /// The department whose source said them. Null where it was not asked for.
    department: Option<String>,
    /// The key of the source that said them. Null where it was not asked for.
    source: Option<String>,
}

/// Words of a facet where the caller names no number, and at most.
const WORDS: (i32, u32) = (10, 200);

#[Object(use_type_description, name = "FigureFields")]
impl Figures {
    /// How customers spread over each of these fields: the facets beside a list. Looks at every customer that the filter
    /// leaves, which takes a second where there are many. Refused for a field that you may not read as it is.
    async fn customer_facets(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "By what they are counted: at most ten fields.")] fields: Vec<CustomerFacetField>,
        #[graphql(desc = "Which customers.")] filter: Option<CustomerFilterInput>,
        #[graphql(desc = "Of each field the words that most have, at most 200.", default_with = "WORDS.0")] first: i32,
    ) -> Result<Vec<CustomerFacet>> {
        if fields.len() > 10 {
            return Err(coded("INVALID_INPUT", "argument fields: at most ten fields"));
        }
        let first = u32::try_from(first).ok().filter(|first| *first <= WORDS.1);
        let first = first.ok_or_else(|| coded("INVALID_INPUT", "argument first: not between 0 and 200"))?;
        let filter = filter.unwrap_or_default().read()?;
        let fields: Vec<FacetField> = fields.into_iter().map(Into::into).collect();
        let facets = ctx.data::<Session>()?.customer_facets(&filter, &fields, first).await;
        Ok(facets.map_err(|error| failed(&error))?.into_iter().map(CustomerFacet::from).collect())
    }

    /// What amounts come to, by currency and by whatever else is asked for: each row sums what agrees in all of it. Of what is
    /// not deleted, has an amount and may be seen by you; at most 1,000 rows. Null where you may see nothing of that type;
    /// refused where you may not read the amount, or what it is chosen and told apart by, as it is.
    async fn amount_sums(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which amount.")] of: AmountKind,
        #[graphql(desc = "By what they are told apart besides their currency, in the order of the rows.")] by: Option<
            Vec<AmountGroup>,
        >,
        #[graphql(desc = "Which of them.")] filter: Option<AmountFilterInput>,
    ) -> Result<Option<Vec<AmountSum>>> {
        let mut groups: Vec<SumGroup> = Vec::new();
        for group in by.into_iter().flatten().map(SumGroup::from) {
            if !groups.contains(&group) {
                groups.push(group);
            }
        }
        let filter = filter.unwrap_or_default().read()?;
        let sums = ctx.data::<Session>()?.amount_sums(of.into(), &filter, &groups).await;
        let rows = sums.map_err(|error| failed(&error))?;
        Ok(rows.map(|rows| rows.iter().map(|row| amount_sum(row, &groups)).collect()))
    }
}

impl From<Spread> for CustomerFacet {
    fn from(facet: Spread) -> Self {
        let values = facet.values.into_iter().map(|(value, count)| FacetValue { value, count }).collect();
        Self { field: facet.field.into(), values, has_more: facet.has_more }
    }
}

fn amount_sum(row: &Sum, groups: &[SumGroup]) -> AmountSum {
    let word = |group| {
        let at = groups.iter().position(|known| *known == group)?;
        row.groups.get(at).cloned().flatten()
    };
    AmountSum {
        sum: Money(row.sum),
        count: row.count,
        status: word(SumGroup::Status),
        month: word(SumGroup::Month),
        department: word(SumGroup::Department),
        source: word(SumGroup::Source),
    }
}

impl AmountFilterInput {
    fn read(self) -> Result<SumFilter> {
        if self.statuses.as_ref().is_some_and(|statuses| statuses.len() > 50) {
            return Err(coded("INVALID_INPUT", "argument filter.statuses: at most 50 words"));
        }
        let source = self.source.map(|key| source_key("filter.source", key)).transpose()?;
        let department = self.department.map(DepartmentKey::new).transpose();
        Ok(SumFilter {
            customer: self.customer.map(|id| typed_id::<CustomerId>("filter.customer", &id)).transpose()?,
            statuses: self.statuses,
            since: self.since,
            before: self.before,
            department: department.map_err(|error| bad("filter.department", &error))?,
            source: source.map(|key| SourceId::derive(&key)),
        })
    }
}
