//! The store's promises, each test on SQLite and on PostgreSQL from one body.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where its preparation fails")]

mod audit;
mod catalogue;
mod change;
mod data_map;
pub(crate) mod dump;
pub(crate) mod fixture;
mod golden;
mod lease;
mod list;
mod list_more;
mod page;
mod page_identity;
mod page_order;
mod parity;
mod person;
mod plans;
mod quarantine;
mod quarantine_groups;
mod readers;
mod resolution;
mod run;
mod scope;
mod search;
mod sweep;
mod writers;
