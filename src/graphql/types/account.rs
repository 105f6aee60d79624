//! Accounts.

use super::activity::activity;
use super::customer::{Customer, customer_of};
use super::money::Money;
use super::words::AccountStatus;
use crate::graphql::scalars::Date;
use async_graphql::{Context, Result};

activity! {
    /// What a customer holds with the company: the thing that invoices are written for.
    Account, AccountFilterInput, AccountOrderInput {
        /// The number on the letters.
        number: String = "number", by NumberAsc NumberDesc;
        /// Its state.
        status: AccountStatus = "status", by StatusAsc StatusDesc;
        /// First day.
        opened_on: Date = "openedOn" => Date, by OpenedOnAsc OpenedOnDesc;
        /// Last day.
        closed_on: Date = "closedOn" => Date, by ClosedOnAsc ClosedOnDesc;
        /// What is owed (positive) or in credit (negative).
        balance: Money = "balance" => Money, by BalanceAsc BalanceDesc;
    } extra {
        /// Whose account it is.
        pub async fn customer(&self, ctx: &Context<'_>) -> Result<Option<Customer>> {
            customer_of(ctx, self.0.customer).await
        }
    }
}
