//! The graph as its clients meet it: what a document answers, what it costs, what it withholds and how it refuses. Each test
//! builds a hub through the public library interface, on SQLite and on PostgreSQL from one body.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends where its preparation fails")]

mod audit;
mod batching;
mod clients;
mod contract;
mod customer;
mod data_map;
mod decisions;
mod desk;
mod errors;
mod explain;
mod groups;
pub(crate) mod hub;
mod ingest;
mod keys;
mod keys_door;
mod models;
mod pages;
mod past;
mod pins;
mod plans;
mod plans_refused;
mod policy;
mod privacy;
mod quality;
mod quarantine;
mod rights;
mod rights_custom;
mod rights_masks;
mod rights_matrix;
mod rights_walk;
mod rows;
mod rows_law;
pub(crate) mod served;
mod session;
mod shape;
mod stewardship;
mod stewardship_guide;
pub(crate) mod story;
mod survivorship;
mod sync;
mod webhooks;
mod wire;
