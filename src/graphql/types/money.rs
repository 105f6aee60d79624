//! Exact money.

use async_graphql::{Description, Object};
use onefold_model::Money as Exact;

/// An exact amount.
#[derive(Description)]
pub struct Money(pub Exact);

#[Object(use_type_description)]
impl Money {
    /// In major units, exact, as text: `"12.30"`.
    pub async fn amount(&self) -> String {
        self.0.amount.to_string()
    }

    /// The currency code of ISO 4217: `EUR`.
    pub async fn currency(&self) -> String {
        self.0.currency.to_string()
    }

    /// As a count of minor units: `"1230"` for 12.30 EUR. Null where the amount is no whole number of them.
    pub async fn minor_units(&self) -> Option<String> {
        self.0.to_minor().map(|minor| minor.to_string())
    }
}
