//! Figures over many: facets of customers, and sums of amounts.
//!
//! A figure tells of every value in it, so whoever asks for one may read each of them as it is: the amount, and whatever it is
//! chosen and told apart by.

use super::customer::CUSTOMER;
use super::{AppError, ReadKind, Session};
use crate::store::{CustomerFilter, CustomerOrder, Direction, FacetField, SumFilter, SumGroup};
use onefold_model::{Money, RecordKind};

/// How customers spread over the words of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerFacet {
    /// The field.
    pub field: FacetField,
    /// The words that most have, with how many have each.
    pub values: Vec<(String, i64)>,
    /// There are more words.
    pub has_more: bool,
}

/// Which amount of what happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Summed {
    /// What accounts hold.
    AccountBalance,
    /// What invoices come to.
    InvoiceTotal,
    /// What was paid.
    PaymentAmount,
    /// What subscriptions bring regularly.
    SubscriptionRecurring,
}

/// What some amounts come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AmountSum {
    /// The sum.
    pub sum: Money,
    /// Of how many.
    pub count: i64,
    /// In the order of what they are told apart by; none where there is no such word.
    pub groups: Vec<Option<String>>,
}

/// So many rows a sum may have: a table that somebody reads, and not an export.
const MAX_SUMS: u32 = 1_000;

impl Summed {
    /// The kind, and its fields: the amount, and when it happened.
    fn of(self) -> (RecordKind, &'static str, &'static str) {
        match self {
            Self::AccountBalance => (RecordKind::Account, "balance", "openedOn"),
            Self::InvoiceTotal => (RecordKind::Invoice, "total", "issuedAt"),
            Self::PaymentAmount => (RecordKind::Payment, "amount", "paidAt"),
            Self::SubscriptionRecurring => (RecordKind::Subscription, "recurring", "startedAt"),
        }
    }
}

fn facet_reads(field: FacetField) -> Option<&'static str> {
    match field {
        FacetField::Kind => None,
        FacetField::Department | FacetField::Source => Some("sourceRecords"),
        FacetField::Country | FacetField::Region => Some("addresses"),
        FacetField::Tag => Some("tags"),
    }
}

impl Session {
    /// How the customers that the filter leaves spread over each of these fields: of each the `first` words that most have.
    pub async fn customer_facets(
        &self,
        filter: &CustomerFilter,
        fields: &[FacetField],
        first: u32,
    ) -> Result<Vec<CustomerFacet>, AppError> {
        self.uses_allowed(filter, CustomerOrder::Updated(Direction::Desc)).await?;
        for field in fields {
            if let Some(field) = facet_reads(*field) {
                self.use_allowed(CUSTOMER, field, "a facet").await?;
            }
        }
        let mut facets = Vec::with_capacity(fields.len());
        for field in fields {
            let mut values = self.store().customer_facet(self.scope(), filter, *field, first.saturating_add(1)).await?;
            let has_more = values.len() > first as usize;
            values.truncate(first as usize);
            facets.push(CustomerFacet { field: *field, values, has_more });
        }
        Ok(facets)
    }

    /// What amounts come to. None where nothing of that type is shown.
    pub async fn amount_sums(
        &self,
        of: Summed,
        filter: &SumFilter,
        by: &[SumGroup],
    ) -> Result<Option<Vec<AmountSum>>, AppError> {
        let (kind, amount, at) = of.of();
        let type_name = kind.type_name();
        if !self.shows_type(type_name) {
            return Ok(None);
        }
        self.use_allowed(type_name, amount, "a sum").await?;
        if filter.statuses.is_some() || by.contains(&SumGroup::Status) {
            self.use_allowed(type_name, "status", "a sum").await?;
        }
        if filter.since.is_some() || filter.before.is_some() || by.contains(&SumGroup::Month) {
            self.use_allowed(type_name, at, "a sum").await?;
        }
        let rows = self.store().activity_sums(self.scope(), kind, filter, by, MAX_SUMS + 1).await?;
        if rows.len() > MAX_SUMS as usize {
            let message =
                format!("the sums have more than {MAX_SUMS} rows: ask for a shorter time, or for fewer groups");
            return Err(AppError::Invalid(message));
        }
        self.read(filter.customer.filter(|_| !rows.is_empty()), ReadKind::of_record(kind));
        let sum = |row: crate::store::SumRow| {
            Ok(AmountSum { sum: money(row.micros, row.currency)?, count: row.count, groups: row.groups })
        };
        rows.into_iter().map(sum).collect::<Result<_, AppError>>().map(Some)
    }
}

fn money(micros: i128, currency: onefold_model::Currency) -> Result<Money, AppError> {
    Money::from_micros(micros, currency).ok_or(AppError::Invariant("a sum has more digits than an amount may have"))
}
