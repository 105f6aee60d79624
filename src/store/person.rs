//! All that the store holds of one person: found, told, and taken out.
//!
//! Promises: [`TABLES`] names every table, with how a person's rows are found in it or why it holds none; a test compares it
//! with the catalogue. Export and erasure read the same list, so that what is told is what is taken out. Deliberately finds
//! no mention of a person in the free text of somebody else's record.

mod erase;
mod export;
mod find;
mod table;

pub use erase::{Erased, ErasedSource, ErasurePlan, KeepOut};
pub use find::{Person, PersonAsk};
pub use table::{TABLES, Table};
