//! Issuers of tokens: what is accepted of them over real HTTP, how their keys are kept, what their claims mean, and how people
//! log in at a real provider.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends where its preparation fails")]

mod fake;
mod keys;
mod login;
mod login_faults;
mod places;
mod provider;
mod refusals;
mod rotation;
mod shapes;
