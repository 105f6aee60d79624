//! What matching promises, tested through its public functions.
#![expect(clippy::unwrap_used, reason = "a builder that fails is a test that fails")]

mod decisions;
mod explanations;
mod households;
mod incremental;
mod labelled;
mod laws;
mod organizations;
mod party;
mod plan;
mod set;
mod survivorship;
