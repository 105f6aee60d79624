//! Sync end to end: the real binary asks the demo's systems over real HTTP, and the store is looked at afterwards.
//!
//! [`systems`] are the vendors' side, [`hub`] is the operator's side, [`kept`] is what arrived. The connectors are the
//! shipped ones; most tests take away their waiting and make their pages small, one runs them as they are.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where its preparation fails")]

mod changes;
mod complete;
mod deletions;
mod faults;
mod files;
pub(crate) mod hub;
pub(crate) mod kept;
mod lookback;
mod matching;
mod outages;
mod payloads;
mod quarantine;
mod secrets;
mod setup;
pub(crate) mod systems;
mod twice;
