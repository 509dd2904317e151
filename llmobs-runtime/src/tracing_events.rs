//! Events of `tracing` as log records, with the trace and the span in which they happened.
//!
//! OpenTelemetry's own bridge does the work; this leaves out what must not go through it.
//!
//! ```
//! use opentelemetry_sdk::logs::{InMemoryLogExporter, SdkLoggerProvider};
//! use tracing_subscriber::layer::SubscriberExt;
//! use tracing_subscriber::util::SubscriberInitExt;
//!
//! let loggers =
//!     SdkLoggerProvider::builder().with_simple_exporter(InMemoryLogExporter::default()).build();
//! tracing_subscriber::registry().with(llmobs_runtime::tracing_events::layer(&loggers)).init();
//! tracing::warn!(attempts = 3, "the model was too busy");
//! ```

use opentelemetry::logs::{Logger, LoggerProvider};
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use tracing::{Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::LookupSpan;

/// Crates whose events stay out: what records, and what may be at work while records are sent.
const OWN: [&str; 18] = [
    "llmobs",
    "llmobs_runtime",
    "azure_identity",
    "reqwest",
    "hyper",
    "hyper_util",
    "hyper_rustls",
    "hyper_tls",
    "h2",
    "rustls",
    "rustls_platform_verifier",
    "tokio",
    "tokio_util",
    "tokio_rustls",
    "mio",
    "want",
    "tower",
    "tonic",
];

/// Those of which all that have a name that begins so stay out.
const FAMILIES: [&str; 3] = ["opentelemetry", "azure_core", "typespec"];

/// A layer that makes a log record of every event.
///
/// A record has the event's target, level and time, its message as body and its fields as attributes: a field that
/// is an error becomes `exception.message`. It belongs to the span that is current in OpenTelemetry where the event
/// happens, so also to the one of a call of ours that runs there; spans of `tracing` are not looked at.
///
/// Events of this crate, of OpenTelemetry's and of those that carry what is sent (`azure_core`, `reqwest`, `hyper`,
/// `h2`, `rustls`, `tokio` and their like) make no records: they would bring about more of themselves. Which crate an
/// event is of is told by its target. Other layers see all of them. For a level or more filters, see
/// [`Layer::with_filter`].
pub fn layer<P, S>(loggers: &P) -> impl Layer<S> + Send + Sync + use<P, S>
where
    P: LoggerProvider + Send + Sync + 'static,
    P::Logger: Logger + Send + Sync + 'static,
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    OpenTelemetryTracingBridge::new(loggers)
        .with_filter(filter_fn(|event: &Metadata<'_>| is_wanted(event.target())))
}

pub(crate) fn is_wanted(target: &str) -> bool {
    let of = target.split_once("::").map_or(target, |(of, _)| of);
    !OWN.contains(&of) && !FAMILIES.iter().any(|family| is_of_family(of, family))
}

/// The crate itself, and `family_…`, `family-…`.
fn is_of_family(of: &str, family: &str) -> bool {
    of.strip_prefix(family).is_some_and(|rest| rest.is_empty() || rest.starts_with(['_', '-', '.']))
}

#[cfg(test)]
mod tests {
    use super::is_wanted;

    #[test]
    fn crates_are_told_by_the_first_part_of_the_target() {
        let own = [
            "llmobs",
            "llmobs::diagnostics",
            "llmobs_runtime::call",
            "opentelemetry",
            "opentelemetry_sdk",
            "opentelemetry-otlp",
            "opentelemetry_sdk::trace::span_processor",
            "azure_core::http::policies",
            "azure_core_opentelemetry",
            "azure_identity::credentials",
            "typespec",
            "typespec_client_core::http",
            "reqwest::connect",
            "hyper::proto::h1::io",
            "hyper_util::client::legacy::pool",
            "h2::codec::framed_read",
            "rustls::client::hs",
            "tokio::task",
        ];
        for target in own {
            assert!(!is_wanted(target), "{target}");
        }
        let others = [
            "",
            "app",
            "app::hyper",
            "llmobs_demo",
            "hyperion::web",
            "h2o",
            "tokio_postgres::query",
            "opentelemetryish",
            "azure_storage_blob",
            "reqwest_eventsource",
        ];
        for target in others {
            assert!(is_wanted(target), "{target}");
        }
    }
}
