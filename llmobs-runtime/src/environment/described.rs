//! Which backends the environment describes: by variables of their own, for each signal.

use super::table::Signal;
use super::{is_socket, names};

/// Whether a variable of its own says where a backend is that takes a signal. `backend` is the name that it has in
/// `OTEL_TRACES_EXPORTER` and its siblings; `said` is what a variable says that is not blank.
pub(crate) fn is_described(
    backend: &str,
    signal: Signal,
    said: impl Fn(&str) -> Option<String>,
) -> bool {
    describing(backend, signal).into_iter().any(|name| {
        let is_other = |value: &str| name == names::DATADOG_AGENT_URL && is_socket(value);
        said(name).is_some_and(|value| !is_other(&value))
    })
}

/// The variables, of which one is enough.
fn describing(backend: &str, signal: Signal) -> Vec<&'static str> {
    match backend {
        "otlp" => {
            let each = |[all, traces, metrics, logs]: [&'static str; 4]| {
                [
                    all,
                    match signal {
                        Signal::Traces => traces,
                        Signal::Metrics => metrics,
                        Signal::Logs => logs,
                    },
                ]
            };
            [names::OTLP_ENDPOINT, names::OTLP_HEADERS, names::OTLP_PROTOCOL].map(each).concat()
        }
        "prometheus" => vec![names::PROMETHEUS_HOST, names::PROMETHEUS_PORT],
        "azure_monitor" => vec![names::CONNECTION_STRING, names::INSTRUMENTATION_KEY],
        "jaeger" => {
            let retired = [names::JAEGER_RETIRED_ADDRESSES, names::JAEGER_RETIRED_HOSTS];
            [&[names::JAEGER], &retired.concat()[..]].concat()
        }
        "grafana" => {
            let alone = match signal {
                Signal::Traces => names::TEMPO,
                Signal::Metrics => names::MIMIR,
                Signal::Logs => names::LOKI,
            };
            vec![names::GRAFANA_ZONE, names::GRAFANA_GATEWAY, names::ALLOY, alone]
        }
        "datadog" => {
            vec![names::DATADOG_AGENT_URL, names::DATADOG_AGENT_HOST, names::DATADOG_KEY]
        }
        "langfuse" => vec![names::LANGFUSE_PUBLIC, names::LANGFUSE_SECRET],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first letters of the signals for which a variable describes a backend.
    fn signals(backend: &str, variable: &str, value: &str) -> String {
        let said = |name: &str| (name == variable).then(|| value.to_owned());
        let is = |signal: &Signal| is_described(backend, *signal, said);
        let letter = |signal: Signal| signal.name().chars().next();
        Signal::ALL.into_iter().filter(is).filter_map(letter).collect()
    }

    #[test]
    fn a_backend_is_described_by_variables_of_its_own() {
        for (backend, variable, described) in [
            ("otlp", "OTEL_EXPORTER_OTLP_ENDPOINT", "tml"),
            ("otlp", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "m"),
            ("otlp", "OTEL_EXPORTER_OTLP_LOGS_HEADERS", "l"),
            ("otlp", "OTEL_EXPORTER_OTLP_PROTOCOL", "tml"),
            ("otlp", "OTEL_EXPORTER_OTLP_TIMEOUT", ""),
            ("otlp", "JAEGER_URL", ""),
            ("prometheus", "OTEL_EXPORTER_PROMETHEUS_HOST", "tml"),
            ("azure_monitor", "APPINSIGHTS_INSTRUMENTATIONKEY", "tml"),
            ("jaeger", "JAEGER_URL", "tml"),
            ("jaeger", "JAEGER_ENDPOINT", "tml"),
            ("jaeger", "OTEL_EXPORTER_JAEGER_AGENT_HOST", "tml"),
            ("grafana", "ALLOY_URL", "tml"),
            ("grafana", "TEMPO_URL", "t"),
            ("grafana", "LOKI_URL", "l"),
            ("grafana", "GRAFANA_CLOUD_API_KEY", ""),
            ("datadog", "DD_API_KEY", "tml"),
            ("datadog", "DD_TRACE_AGENT_URL", "tml"),
            ("datadog", "DD_SITE", ""),
            ("langfuse", "LANGFUSE_SECRET_KEY", "tml"),
            ("langfuse", "LANGFUSE_HOST", ""),
            ("console", "OTEL_EXPORTER_OTLP_ENDPOINT", ""),
        ] {
            assert_eq!(signals(backend, variable, "v"), described, "{backend} {variable}");
        }
        assert_eq!(signals("datadog", "DD_TRACE_AGENT_URL", "unix:///var/run/apm.socket"), "");
    }
}
