//! Identity over real stores: the sentences of `docs/ARCHITECTURE.md`, "What always holds", each as a test of its name.
#![expect(clippy::unwrap_used, reason = "a test ends where its preparation fails")]

mod consent;
mod golden;
mod guards;
mod ids;
mod live;
mod partition;
pub(crate) mod people;
mod repeat;
mod undo;
