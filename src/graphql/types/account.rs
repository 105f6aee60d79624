//! Accounts.

use super::activity::activity;
use super::customer::{Customer, customer_of};
use super::money::Money;
use super::words::AccountStatus;
use crate::graphql::scalars::Date;
use async_graphql::{Context, Result};

activity! {
    /// What a customer holds with the company: the thing that invoices are written for.
    Account {
        /// The number on the letters.
        number: String = "number",
        /// Its state.
        status: AccountStatus = "status",
        /// First day.
        opened_on: Date = "openedOn" => Date,
        /// Last day.
        closed_on: Date = "closedOn" => Date,
        /// What is owed (positive) or in credit (negative).
        balance: Money = "balance" => Money,
    } extra {
        /// Whose account it is.
        pub async fn customer(&self, ctx: &Context<'_>) -> Result<Option<Customer>> {
            customer_of(ctx, self.0.customer).await
        }
    }
}
