//! The connector crate from outside: folders, manifests, reading against simulated systems, real payloads, files.

mod drive;
mod feed_laws;
mod files;
mod fixtures;
mod folders;
mod manifest_errors;
mod paging_laws;
mod schema;
mod server;
mod shared_payloads;
mod stream_laws;
