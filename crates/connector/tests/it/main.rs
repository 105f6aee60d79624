//! The connector crate from outside: folders, manifests, reading against simulated systems, real payloads, files.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a builder that fails is a test that fails")]

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

mod asked;
mod conformance;
mod deliveries;
mod drive;
mod feed_laws;
mod files;
mod fixtures;
mod folders;
mod hand_written;
mod manifest_errors;
mod oauth;
mod paging_laws;
mod recorded;
mod schema;
mod server;
mod shared_payloads;
mod speed;
mod stream_laws;
mod ten_minutes;
mod uploads;
