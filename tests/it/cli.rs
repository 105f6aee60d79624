//! The commands, run as the real binary in a folder of their own.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends where its preparation fails")]

mod connector;
mod documents;
mod export;
pub(crate) mod guide;
mod keys;
mod matching;
mod models;
mod people;
mod policy;
mod privacy;
mod traces;
