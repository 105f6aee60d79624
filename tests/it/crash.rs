//! `kill -9` at any moment and another run give the store that an undisturbed run gives, on SQLite and on PostgreSQL.
//!
//! The process that dies is the real binary. Moments are chosen by what it has asked for, not by a clock; where a moment is
//! spread by time all the same, the time only varies what is tried, never what must hold. [`same`] says what "the same
//! store" means.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends where its preparation fails")]

mod erase;
mod fold;
mod import;
mod inside;
mod same;
mod sync;
