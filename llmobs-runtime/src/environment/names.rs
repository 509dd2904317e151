//! The names of all variables that are read: each stands here and nowhere else.

// OpenTelemetry's own:
// <https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/>.
pub(crate) const SDK_DISABLED: &str = "OTEL_SDK_DISABLED";
pub(crate) const SERVICE_NAME: &str = "OTEL_SERVICE_NAME";
pub(crate) const RESOURCE_ATTRIBUTES: &str = "OTEL_RESOURCE_ATTRIBUTES";
pub(crate) const RESOURCE_DETECTORS: &str = "OTEL_EXPERIMENTAL_RESOURCE_DETECTORS";
pub(crate) const PROPAGATORS: &str = "OTEL_PROPAGATORS";

pub(crate) const TRACES_EXPORTER: &str = "OTEL_TRACES_EXPORTER";
pub(crate) const METRICS_EXPORTER: &str = "OTEL_METRICS_EXPORTER";
pub(crate) const LOGS_EXPORTER: &str = "OTEL_LOGS_EXPORTER";

pub(crate) const TRACES_SAMPLER: &str = "OTEL_TRACES_SAMPLER";
pub(crate) const TRACES_SAMPLER_ARG: &str = "OTEL_TRACES_SAMPLER_ARG";

/// Of a batch processor.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Batches {
    pub(crate) delay: &'static str,
    pub(crate) timeout: &'static str,
    pub(crate) queue: &'static str,
    pub(crate) batch: &'static str,
}
pub(crate) const BSP: Batches = Batches {
    delay: "OTEL_BSP_SCHEDULE_DELAY",
    timeout: "OTEL_BSP_EXPORT_TIMEOUT",
    queue: "OTEL_BSP_MAX_QUEUE_SIZE",
    batch: "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
};
pub(crate) const BLRP: Batches = Batches {
    delay: "OTEL_BLRP_SCHEDULE_DELAY",
    timeout: "OTEL_BLRP_EXPORT_TIMEOUT",
    queue: "OTEL_BLRP_MAX_QUEUE_SIZE",
    batch: "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE",
};
pub(crate) const METRIC_EXPORT_INTERVAL: &str = "OTEL_METRIC_EXPORT_INTERVAL";
pub(crate) const METRIC_EXPORT_TIMEOUT: &str = "OTEL_METRIC_EXPORT_TIMEOUT";

pub(crate) const ATTRIBUTE_COUNT_LIMIT: &str = "OTEL_ATTRIBUTE_COUNT_LIMIT";
pub(crate) const SPAN_ATTRIBUTE_COUNT_LIMIT: &str = "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT";
pub(crate) const SPAN_EVENT_COUNT_LIMIT: &str = "OTEL_SPAN_EVENT_COUNT_LIMIT";
pub(crate) const SPAN_LINK_COUNT_LIMIT: &str = "OTEL_SPAN_LINK_COUNT_LIMIT";
pub(crate) const EVENT_ATTRIBUTE_COUNT_LIMIT: &str = "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT";
pub(crate) const LINK_ATTRIBUTE_COUNT_LIMIT: &str = "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT";
pub(crate) const ATTRIBUTE_VALUE_LENGTH_LIMIT: &str = "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT";
pub(crate) const SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: &str = "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT";
pub(crate) const LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT: &str =
    "OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT";

// Of its instrumentations.
pub(crate) const SEMCONV_OPT_IN: &str = "OTEL_SEMCONV_STABILITY_OPT_IN";
pub(crate) const CAPTURE: &str = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT";

// Of OTLP, for all signals and for each:
// <https://opentelemetry.io/docs/specs/otel/protocol/exporter/>.
pub(crate) const OTLP_ENDPOINT: [&str; 4] = [
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
    "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
];
pub(crate) const OTLP_PROTOCOL: [&str; 4] = [
    "OTEL_EXPORTER_OTLP_PROTOCOL",
    "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
    "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL",
    "OTEL_EXPORTER_OTLP_LOGS_PROTOCOL",
];
pub(crate) const OTLP_HEADERS: [&str; 4] = [
    "OTEL_EXPORTER_OTLP_HEADERS",
    "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
    "OTEL_EXPORTER_OTLP_METRICS_HEADERS",
    "OTEL_EXPORTER_OTLP_LOGS_HEADERS",
];
pub(crate) const OTLP_TIMEOUT: [&str; 4] = [
    "OTEL_EXPORTER_OTLP_TIMEOUT",
    "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
    "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT",
    "OTEL_EXPORTER_OTLP_LOGS_TIMEOUT",
];
pub(crate) const OTLP_COMPRESSION: [&str; 4] = [
    "OTEL_EXPORTER_OTLP_COMPRESSION",
    "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION",
    "OTEL_EXPORTER_OTLP_METRICS_COMPRESSION",
    "OTEL_EXPORTER_OTLP_LOGS_COMPRESSION",
];
pub(crate) const OTLP_INSECURE: [&str; 4] = [
    "OTEL_EXPORTER_OTLP_INSECURE",
    "OTEL_EXPORTER_OTLP_TRACES_INSECURE",
    "OTEL_EXPORTER_OTLP_METRICS_INSECURE",
    "OTEL_EXPORTER_OTLP_LOGS_INSECURE",
];
pub(crate) const OTLP_CERTIFICATE: [&str; 4] = [
    "OTEL_EXPORTER_OTLP_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE",
];
pub(crate) const OTLP_CLIENT_CERTIFICATE: [&str; 4] = [
    "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_LOGS_CLIENT_CERTIFICATE",
];
pub(crate) const OTLP_CLIENT_KEY: [&str; 4] = [
    "OTEL_EXPORTER_OTLP_CLIENT_KEY",
    "OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY",
    "OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY",
    "OTEL_EXPORTER_OTLP_LOGS_CLIENT_KEY",
];
pub(crate) const OTLP_TEMPORALITY: &str = "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE";

// Of the page for Prometheus.
pub(crate) const PROMETHEUS_HOST: &str = "OTEL_EXPORTER_PROMETHEUS_HOST";
pub(crate) const PROMETHEUS_PORT: &str = "OTEL_EXPORTER_PROMETHEUS_PORT";

// Of Azure Monitor, by Microsoft's names.
pub(crate) const CONNECTION_STRING: &str = "APPLICATIONINSIGHTS_CONNECTION_STRING";
pub(crate) const INSTRUMENTATION_KEY: &str = "APPINSIGHTS_INSTRUMENTATIONKEY";
pub(crate) const AUTHENTICATION_STRING: &str = "APPLICATIONINSIGHTS_AUTHENTICATION_STRING";
pub(crate) const RESOURCE_METRIC_DISABLED: &str =
    "APPLICATIONINSIGHTS_OPENTELEMETRY_RESOURCE_METRIC_DISABLED";
pub(crate) const METRIC_NAMESPACE: &str = "APPLICATIONINSIGHTS_METRIC_NAMESPACE_OPT_IN";

// Of Jaeger; the second and the third are of clients that it no longer takes spans from.
pub(crate) const JAEGER: &str = "JAEGER_URL";
pub(crate) const JAEGER_RETIRED_ADDRESSES: [&str; 2] =
    ["OTEL_EXPORTER_JAEGER_ENDPOINT", "JAEGER_ENDPOINT"];
pub(crate) const JAEGER_RETIRED_HOSTS: [&str; 2] =
    ["OTEL_EXPORTER_JAEGER_AGENT_HOST", "JAEGER_AGENT_HOST"];

// Of Grafana Cloud, and of servers of one's own.
pub(crate) const GRAFANA_ZONE: &str = "GRAFANA_CLOUD_ZONE";
pub(crate) const GRAFANA_GATEWAY: &str = "GRAFANA_CLOUD_OTLP_ENDPOINT";
pub(crate) const GRAFANA_INSTANCE: &str = "GRAFANA_CLOUD_INSTANCE_ID";
pub(crate) const GRAFANA_TOKEN: [&str; 2] = ["GRAFANA_CLOUD_API_KEY", "GRAFANA_CLOUD_API_TOKEN"];
pub(crate) const ALLOY: &str = "ALLOY_URL";
pub(crate) const TEMPO: &str = "TEMPO_URL";
pub(crate) const MIMIR: &str = "MIMIR_URL";
pub(crate) const LOKI: &str = "LOKI_URL";

// Of Datadog.
pub(crate) const DATADOG_KEY: &str = "DD_API_KEY";
pub(crate) const DATADOG_SITE: &str = "DD_SITE";
pub(crate) const DATADOG_AGENT_URL: &str = "DD_TRACE_AGENT_URL";
pub(crate) const DATADOG_AGENT_HOST: &str = "DD_AGENT_HOST";
pub(crate) const DATADOG_AGENT_OTLP: &str = "DD_OTLP_CONFIG_RECEIVER_PROTOCOLS_HTTP_ENDPOINT";
pub(crate) const DATADOG_AGENTLESS: &str = "DD_LLMOBS_AGENTLESS_ENABLED";
pub(crate) const DATADOG_TAGS: &str = "DD_TAGS";
pub(crate) const DATADOG_SERVICE: &str = "DD_SERVICE";
pub(crate) const DATADOG_ENV: &str = "DD_ENV";
pub(crate) const DATADOG_VERSION: &str = "DD_VERSION";

// Of Langfuse; the second and the third server are what older clients read.
pub(crate) const LANGFUSE_PUBLIC: &str = "LANGFUSE_PUBLIC_KEY";
pub(crate) const LANGFUSE_SECRET: &str = "LANGFUSE_SECRET_KEY";
pub(crate) const LANGFUSE_SERVER: [&str; 3] =
    ["LANGFUSE_BASE_URL", "LANGFUSE_HOST", "LANGFUSE_BASEURL"];
