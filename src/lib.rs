//! Onefold: a self-hosted GraphQL customer hub.
//!
//! The library behind the `onefold` binary; `docs/ARCHITECTURE.md` is the map. Nothing here is a stable Rust API: the
//! product's contracts are in `schema/`.

pub mod auth;
pub mod store;
