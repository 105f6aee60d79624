//! The driver over real HTTP: what the systems have arrives once, whatever goes wrong on the way.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "these are tests; the lint sees the functions that they share as production"
)]

mod addresses;
mod asked;
pub(crate) mod binary;
mod conformance;
mod crash;
mod deletes;
mod drift;
mod faults;
mod files;
mod jq;
mod lease;
mod quarantine;
mod reading;
mod replay;
mod rig;
mod rows;
mod standin;
mod tap;
mod tap_pypi;
mod taps;
mod tokens;
mod workbooks;
