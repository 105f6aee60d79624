//! Logs: to standard error, as text for people or as JSON (`ONEFOLD_LOG_FORMAT=json`), filtered by `ONEFOLD_LOG`. Coloured
//! only on a terminal.

use std::io::{IsTerminal, stderr};
use tracing_subscriber::EnvFilter;

/// Starts logging. Safe to call twice: the first call counts.
pub fn start() {
    let filter = EnvFilter::try_from_env("ONEFOLD_LOG").unwrap_or_else(|_| EnvFilter::new("warn,onefold=info"));
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(stderr).with_target(false);
    let logs = logs.with_ansi(stderr().is_terminal());
    let is_json = std::env::var("ONEFOLD_LOG_FORMAT").is_ok_and(|format| format == "json");
    // Only the first of a process can be set; a test that starts a second hub keeps it.
    let _ = if is_json { logs.json().try_init() } else { logs.compact().try_init() };
}
