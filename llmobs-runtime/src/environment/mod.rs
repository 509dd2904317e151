//! Every environment variable that this crate reads.
//!
//! A variable that is empty or blank counts as unset, space around a value does not count. What code says goes before
//! what a variable says, except that no code switches on what `OTEL_SDK_DISABLED` switches off, nor captures more
//! content than the environment allows.
//!
//! What cannot be read (not a number, a ratio above 1, a broken pair, a word where only `true` and `false` are
//! accepted) is an error of [`install`](crate::Builder::install) and of [`configure`](crate::configure) that names
//! every such variable with the value that was read and what is accepted; see
//! [`EnvironmentError`](crate::EnvironmentError). What is only unknown (an exporter, a sampler or a propagator of that
//! name, a variable whose name is a letter or two away from one of these) is left out, and one warning names all of it.
//!
//! # Which backends
//!
//! Where the application gives the builder no backend, or asks for
//! [those of the environment](crate::Builder::backends_from_env) as well, each signal goes
//!
//! 1. to those that its variable (`OTEL_TRACES_EXPORTER`, `OTEL_METRICS_EXPORTER`, `OTEL_LOGS_EXPORTER`) names, with
//!    commas between; `none` for none;
//! 2. else to all that are compiled in and described by variables of their own;
//! 3. else to those that are named for another signal;
//! 4. else to the console if that is compiled in, else to OTLP where it listens by default.
//!
//! | name | feature | takes | described by |
//! |---|---|---|---|
//! | `console` | `console` | traces; metrics and logs where it is named for them | |
//! | `otlp` | `otlp-http`, `otlp-grpc` | traces, metrics, logs | `OTEL_EXPORTER_OTLP_ENDPOINT`, `…_HEADERS`, `…_PROTOCOL`, in general or of the signal |
//! | `prometheus` | `prometheus` | metrics | `OTEL_EXPORTER_PROMETHEUS_HOST`, `…_PORT` |
//! | `azure_monitor`, `azure_monitor_opentelemetry_exporter` | `azure-monitor` | traces, metrics, logs | `APPLICATIONINSIGHTS_CONNECTION_STRING`, `APPINSIGHTS_INSTRUMENTATIONKEY` |
//! | `jaeger` | `jaeger` | traces | `JAEGER_URL`, `OTEL_EXPORTER_JAEGER_ENDPOINT` and its siblings |
//! | `grafana` | `grafana` | traces, metrics, logs | `GRAFANA_CLOUD_ZONE`, `GRAFANA_CLOUD_OTLP_ENDPOINT`, `ALLOY_URL`; `TEMPO_URL`, `MIMIR_URL`, `LOKI_URL` for their signal |
//! | `datadog` | `datadog` | traces, metrics, logs | `DD_API_KEY`, `DD_TRACE_AGENT_URL`, `DD_AGENT_HOST` |
//! | `langfuse` | `langfuse` | traces | `LANGFUSE_PUBLIC_KEY`, `LANGFUSE_SECRET_KEY` |
//!
//! # The variables
//!
//! The last column names the test that proves the row, below `tests/tests` of the repository.
//!
#![doc = include_str!("variables.md")]

#[cfg(feature = "sdk")]
pub(crate) mod described;
pub(crate) mod names;
pub(crate) mod table;

/// What a value says; `None` where it is blank.
pub(crate) fn told(value: String) -> Option<String> {
    let trimmed = value.trim();
    match trimmed.len() {
        0 => None,
        all if all == value.len() => Some(value),
        _ => Some(trimmed.to_owned()),
    }
}

/// A whole number; one that is too large counts as the largest.
pub(crate) fn whole(said: &str) -> Option<u64> {
    let said = said.trim();
    let is_number = !said.is_empty() && said.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| said.parse().unwrap_or(u64::MAX))
}

/// Whether the address of an Agent is a socket in the file system: tracers of Datadog's talk to that, and their
/// admission controller names it to every container, but no OTLP is taken there.
#[cfg(feature = "sdk")]
pub(crate) fn is_socket(address: &str) -> bool {
    address.trim().get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("unix:"))
}

/// A reader of metrics that exports them as often as the environment says, else in so many milliseconds; what it says and nobody can read is left for
/// whoever installs a pipeline to tell.
#[cfg(feature = "sdk")]
pub(crate) fn reader_of<E>(exporter: E, usual: u64) -> opentelemetry_sdk::metrics::PeriodicReader<E>
where
    E: opentelemetry_sdk::metrics::exporter::PushMetricExporter,
{
    let said = std::env::var(names::METRIC_EXPORT_INTERVAL).ok();
    let interval = said.as_deref().and_then(whole).filter(|interval| *interval > 0);
    let interval = std::time::Duration::from_millis(interval.unwrap_or(usual));
    opentelemetry_sdk::metrics::PeriodicReader::builder(exporter).with_interval(interval).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_digits_only_and_none_is_too_large() {
        assert_eq!(whole("0"), Some(0));
        assert_eq!(whole(" 128\n"), Some(128));
        assert_eq!(whole(&"9".repeat(99)), Some(u64::MAX));
        for said in ["", " ", "-1", "+1", "1.5", "1e3", "1_000", "0x1", "many", "１"] {
            assert_eq!(whole(said), None, "{said:?}");
        }
    }

    #[test]
    fn space_around_a_value_does_not_count_and_blank_is_unset() {
        assert_eq!(told(" a b ".to_owned()).as_deref(), Some("a b"));
        assert_eq!(told("a".to_owned()).as_deref(), Some("a"));
        assert_eq!(told(" \t".to_owned()), None);
        assert_eq!(told(String::new()), None);
    }
}
