//! Onefold: a self-hosted GraphQL customer hub.
//!
//! The library behind the `onefold` binary; `docs/ARCHITECTURE.md` is the map. Nothing here is a stable Rust API: the
//! product's contracts are in `schema/`.

pub mod app;
pub mod auth;
pub mod cli;
pub mod config;
pub mod graphql;
pub mod http;
pub mod identity;
pub mod issuer;
pub mod store;
pub mod sync;
pub mod telemetry;
