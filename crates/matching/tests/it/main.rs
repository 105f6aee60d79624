//! What matching promises, tested through its public functions.
#![expect(clippy::unwrap_used, reason = "a builder that fails is a test that fails")]

mod any_text;
mod blocking;
mod decisions;
mod explanations;
mod households;
mod incremental;
mod labelled;
mod labelled_file;
mod laws;
mod learning;
mod name_pairs;
mod organizations;
mod party;
mod plan;
mod roles;
mod set;
mod survivorship;
mod world;
