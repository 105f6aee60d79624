//! Tables: what the columns of a file are about, and its rows as records that can be matched.
//!
//! Promises that the same rows in any order are read the same way, that a row's id is never compared, and that every column
//! which is not used says why. Does not read files, does not guess what neither header nor values tell, and does not know
//! what agreement is worth.

mod cells;
mod date;
mod delimited;
mod ends;
mod header;
mod look;
mod names;
mod reader;
mod recognise;
mod role;
mod row;
mod words;

pub use cells::Table;
pub use reader::RowReader;
pub use recognise::{ColumnRole, Hints, TableRoles, recognise};
pub use role::{Role, UnknownRole};
