//! Traces: spans of this process, in OpenTelemetry's protocol over HTTP.
//!
//! Configured by the standard variables: `OTEL_EXPORTER_OTLP_ENDPOINT` (or `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`) turns them on,
//! `OTEL_SDK_DISABLED=true` off; headers, time limits, sampling and the name of the service have their usual ones.

use opentelemetry::Value;
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{ExporterBuildError, SpanExporter};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use std::time::Duration;
use tracing::{Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::LookupSpan;

/// The variables that turn traces on.
const ENDPOINTS: [&str; 2] = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];
/// So long the process waits at its end for what is still to be sent.
const LAST: Duration = Duration::from_secs(5);

/// Spans that are gathered and sent.
pub(super) struct Traces(SdkTracerProvider);

impl Traces {
    /// None where the environment names no collector.
    pub(super) fn of_environment() -> Result<Option<Self>, ExporterBuildError> {
        let is_off = std::env::var("OTEL_SDK_DISABLED").is_ok_and(|word| word.eq_ignore_ascii_case("true"));
        let is_named = ENDPOINTS.iter().any(|name| std::env::var(name).is_ok_and(|value| !value.is_empty()));
        if is_off || !is_named {
            return Ok(None);
        }
        // Another part of the process may choose one later; either will do.
        drop(rustls::crypto::ring::default_provider().install_default());
        let exporter = SpanExporter::builder().with_http().build()?;
        let resource = Resource::builder();
        // The SDK itself knows the variable, and has a name of its own where there is none.
        let resource = match std::env::var("OTEL_SERVICE_NAME") {
            Ok(_) => resource,
            Err(_) => resource.with_service_name("onefold"),
        };
        let provider = SdkTracerProvider::builder().with_resource(resource.build()).with_batch_exporter(exporter);
        Ok(Some(Self(provider.build())))
    }

    /// Takes the spans of this program, and nothing of the libraries: what those say is theirs.
    pub(super) fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer("onefold"))
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_filter(filter_fn(|seen| seen.is_span() && seen.target().starts_with("onefold")))
    }

    /// Sends what is left.
    pub(super) fn end(self) {
        if let Err(error) = self.0.shutdown_with_timeout(LAST) {
            tracing::warn!(error = %error, "the last spans were not sent");
        }
    }
}

/// Says something of a span in its trace alone: a line of the log has no place for it.
pub fn tell(span: &Span, key: &'static str, value: impl Into<Value>) {
    span.set_attribute(key, value);
}

/// Makes a span, before it begins, a part of the trace that a request names (W3C Trace Context). What is no trace is passed over.
pub fn continues<'a>(span: &Span, header: impl Fn(&str) -> Option<&'a str>) {
    let named = Named { parent: header("traceparent"), state: header("tracestate") };
    if named.parent.is_some() {
        // It fails only where nobody gathers spans.
        let _ = span.set_parent(TraceContextPropagator::new().extract(&named));
    }
}

/// The trace that a request names.
struct Named<'a> {
    parent: Option<&'a str>,
    state: Option<&'a str>,
}

impl Extractor for Named<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        match key {
            "traceparent" => self.parent,
            "tracestate" => self.state,
            _ => None,
        }
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent", "tracestate"]
    }
}
