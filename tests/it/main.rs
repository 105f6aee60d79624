//! The integration tests: one binary, whose folders mirror `src/`.

mod api;
mod cli;
mod crash;
#[expect(clippy::expect_used, unreachable_pub, reason = "a test ends where its preparation fails")]
mod harness;
mod house;
mod identity;
mod issuer;
#[expect(clippy::expect_used, clippy::panic, reason = "a test ends where its preparation fails")]
mod readme;
mod store;
mod sync;
mod vendor;
