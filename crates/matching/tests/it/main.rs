//! What matching promises, tested through its public functions.

mod decisions;
mod explanations;
mod households;
mod labelled;
mod laws;
mod organizations;
mod party;
mod set;
mod survivorship;
