//! Privacy requests: what goes in, what comes out.

use super::super::mutation::UserError;
use crate::app::{Erased, ErasedSource, ErasurePlan, KeepOut, PersonAsk};
use crate::graphql::error::coded;
use crate::graphql::ids::{id, typed_id};
use crate::graphql::scalars::Json;
use async_graphql::{Enum, ID, InputObject, Result, SimpleObject};
use onefold_model::{CustomerId, Timestamp};

/// Whose request it is: one of the two.
#[derive(InputObject)]
pub struct PrivacyExportInput {
    /// A customer, by any id that leads to it.
    customer: Option<ID>,
    /// An e-mail address.
    email: Option<String>,
}

/// Everything that is known of a person, or why it is not told.
#[derive(SimpleObject)]
pub struct PrivacyExportPayload {
    /// Everything, with its sources. Null where nothing is known.
    pub document: Option<Json>,
    /// Why there is none.
    pub user_errors: Vec<UserError>,
}

/// By what an erased person is kept out for the future.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Enum)]
pub enum PrivacyKeepOut {
    /// By the keys of their records in each source, and whatever refers to those.
    #[default]
    Keys,
    /// Also by their e-mail addresses and telephone numbers: whoever shares one of them is kept out too.
    Contacts,
}

/// Whose request it is, and what is to be done.
#[derive(InputObject)]
pub struct PrivacyEraseInput {
    /// A customer, by any id that leads to it.
    customer: Option<ID>,
    /// An e-mail address.
    email: Option<String>,
    /// By what the person is kept out.
    #[graphql(default)]
    pub keep_out: PrivacyKeepOut,
    /// The fingerprint of the plan that is to be applied. Without it nothing is erased, and the plan is told.
    pub apply: Option<String>,
}

/// What is erased of one source, and what has to be erased there.
#[derive(SimpleObject)]
pub struct PrivacyErasedSource {
    /// The key of the source.
    source: String,
    /// Records.
    records: i64,
    /// Their versions, each with what the source said.
    versions: i64,
    /// Payloads that did not fit.
    quarantined: i64,
    /// Records that the source had when it was read last: they must be erased there.
    still_there: i64,
    /// Which these are, as `stream/key`. Empty where the erasure was done before: the hub no longer knows.
    keys: Vec<String>,
}

/// A plan, or what was done.
#[derive(SimpleObject, Default)]
pub struct PrivacyErasePayload {
    /// Names exactly what would be erased: give it as `apply`.
    fingerprint: Option<String>,
    /// Whether it is done.
    is_erased: bool,
    /// When it was done, where that was before this request.
    erased_before_at: Option<Timestamp>,
    /// The customers that go.
    customers: Vec<ID>,
    /// By source.
    sources: Vec<PrivacyErasedSource>,
    /// Why nothing was done.
    user_errors: Vec<UserError>,
}

impl PrivacyErasePayload {
    /// Nothing was done, for this reason.
    pub fn refused(error: UserError) -> Self {
        Self { user_errors: vec![error], ..Self::default() }
    }
}

impl PrivacyExportInput {
    /// Whom it is about.
    pub fn person(&self) -> Result<PersonAsk> {
        person(self.customer.as_ref(), self.email.as_deref())
    }
}

impl PrivacyEraseInput {
    /// Whom it is about.
    pub fn person(&self) -> Result<PersonAsk> {
        person(self.customer.as_ref(), self.email.as_deref())
    }
}

fn person(customer: Option<&ID>, email: Option<&str>) -> Result<PersonAsk> {
    match (customer, email) {
        (Some(id), None) => Ok(PersonAsk::Customer(typed_id::<CustomerId>("input.customer", id)?)),
        (None, Some(email)) => Ok(PersonAsk::Email(email.to_owned())),
        _ => Err(coded("INVALID_INPUT", "argument input: give either customer or email")),
    }
}

impl From<PrivacyKeepOut> for KeepOut {
    fn from(keep_out: PrivacyKeepOut) -> Self {
        match keep_out {
            PrivacyKeepOut::Keys => Self::Keys,
            PrivacyKeepOut::Contacts => Self::Contacts,
        }
    }
}

impl From<ErasedSource> for PrivacyErasedSource {
    fn from(erased: ErasedSource) -> Self {
        let signed = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        Self {
            source: erased.source,
            records: signed(erased.records),
            versions: signed(erased.versions),
            quarantined: signed(erased.quarantined),
            still_there: signed(erased.still_there),
            keys: erased.keys,
        }
    }
}

impl From<ErasurePlan> for PrivacyErasePayload {
    fn from(plan: ErasurePlan) -> Self {
        Self {
            fingerprint: Some(plan.fingerprint),
            customers: plan.customers.into_iter().map(id).collect(),
            sources: plan.sources.into_iter().map(Into::into).collect(),
            ..Self::default()
        }
    }
}

impl From<Erased> for PrivacyErasePayload {
    fn from(erased: Erased) -> Self {
        match erased {
            Erased::Now(plan) => Self { is_erased: true, ..plan.into() },
            Erased::Before(at, sources) => Self {
                is_erased: true,
                erased_before_at: Some(at),
                sources: sources.into_iter().map(Into::into).collect(),
                ..Self::default()
            },
        }
    }
}
