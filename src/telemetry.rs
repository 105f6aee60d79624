//! Logs: to standard error, as text for people or as JSON (`ONEFOLD_LOG_FORMAT=json`), filtered by `ONEFOLD_LOG`. Coloured
//! only on a terminal. Traces: to a collector, where the environment names one.
//!
//! Promises: what a span says is the name of an operation, a source, a number or a word of ours, and never a value, an address
//! or a person. Deliberately sends no logs and no figures to the collector: figures are at `/metrics`.

mod trace;

pub use trace::{continues, tell};

use std::io::{IsTerminal, stderr};
use trace::Traces;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

/// What is written and sent, until this ends: then what was gathered is sent.
#[must_use = "traces are sent until this is dropped"]
pub struct Telemetry(Option<Traces>);

/// Starts logs and traces. Safe to call twice: the first call counts. Outside of the asynchronous runtime, because traces are
/// sent from a thread of their own.
pub fn start() -> Telemetry {
    let filter = EnvFilter::try_from_env("ONEFOLD_LOG").unwrap_or_else(|_| EnvFilter::new("warn,onefold=info"));
    let logs = fmt::layer().with_writer(stderr).with_target(false).with_ansi(stderr().is_terminal());
    let is_json = std::env::var("ONEFOLD_LOG_FORMAT").is_ok_and(|format| format == "json");
    let logs = if is_json { logs.json().boxed() } else { logs.compact().boxed() };
    let traces = Traces::of_environment();
    let (traces, refused) = match traces {
        Ok(traces) => (traces, None),
        Err(refused) => (None, Some(refused)),
    };
    let spans = traces.as_ref().map(Traces::layer);
    // Only the first of a process can be set; a test that starts a second hub keeps it.
    let _ = tracing_subscriber::registry().with(logs.with_filter(filter)).with(spans).try_init();
    if let Some(refused) = refused {
        tracing::warn!(error = %refused, "no traces are sent: look at the OTEL_EXPORTER_OTLP_ variables");
    }
    Telemetry(traces)
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(traces) = self.0.take() {
            traces.end();
        }
    }
}
