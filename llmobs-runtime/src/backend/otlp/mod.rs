//! OTLP: to any Collector, and to the products that take it.
//!
//! ```
//! # #[cfg(feature = "otlp-http")]
//! # fn main() -> Result<(), llmobs_runtime::ConfigureError> {
//! use llmobs_runtime::backend::otlp::{Compression, Otlp, Protocol};
//!
//! let collector = Otlp::at("http://localhost:4318")
//!     .protocol(Protocol::HttpProtobuf)
//!     .compression(Compression::Gzip);
//! let _telemetry = llmobs_runtime::builder().otlp(collector).install()?;
//! # Ok(()) }
//! # #[cfg(not(feature = "otlp-http"))]
//! # fn main() {}
//! ```
//!
//! | feature | brings | crates, with `sdk`'s 46 |
//! |---|---|---|
//! | `otlp-http` | `http/protobuf`, `http/json` | 162 |
//! | `otlp-grpc` | `grpc` | 125 |
//! | both | | 183 |
//! | `jaeger`, `grafana`, `datadog`, `langfuse` | `otlp-http`, and a preset | 162 |
//!
//! # Which product takes what
//!
//! | product | traces | metrics | logs | protocols | what to say |
//! |---|---|---|---|---|---|
//! | OpenTelemetry Collector, Grafana Alloy, Datadog Agent, rotel | yes | yes | yes | all | [`Otlp::new`]: address |
//! | Jaeger, since 1.35 | yes | | | all | `Otlp::jaeger()` |
//! | Grafana Cloud | yes | yes | yes | HTTP | `Otlp::grafana()` |
//! | Tempo, Mimir, Loki | Tempo | Mimir | Loki | Tempo: all, others: HTTP | `Otlp::grafana()` |
//! | Datadog's intake | yes | deltas only | yes | `http/protobuf` | `Otlp::datadog()` |
//! | Langfuse | yes | | | HTTP | `Otlp::langfuse()` |
//! | Phoenix | yes | | | `http/protobuf`, gRPC | address; metrics and logs off |
//! | `MLflow` | yes | | | HTTP | address, header `x-mlflow-experiment-id`; metrics and logs off |
//! | Prometheus, `VictoriaMetrics` | | yes | | `http/protobuf` | [`Otlp::metrics_endpoint`]; traces and logs off |
//!
//! Sources: <https://opentelemetry.io/docs/specs/otlp/>,
//! <https://www.jaegertracing.io/docs/latest/architecture/apis/>,
//! <https://grafana.com/docs/grafana-cloud/send-data/otlp/send-data-otlp/>,
//! <https://docs.datadoghq.com/opentelemetry/setup/otlp_ingest/>,
//! <https://docs.datadoghq.com/llm_observability/instrumentation/otel_instrumentation/>,
//! <https://langfuse.com/integrations/native/opentelemetry>; Phoenix, `MLflow` and `VictoriaMetrics` as they were found to
//! answer.
//!
//! # What the environment says
//!
//! [`Otlp::new`] reads the variables of the
//! [specification](https://opentelemetry.io/docs/specs/otel/protocol/exporter/). Of each there is one for all signals and
//! one for each, which wins, as `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`; what code says wins over both. What is set to
//! nothing is not set; what makes no sense is an error that names it.
//!
//! | variable | is | unless said |
//! |---|---|---|
//! | `OTEL_EXPORTER_OTLP_ENDPOINT` | a base address, to which `/v1/traces` and so on is added; that of a signal is used as it stands | `http://localhost:4318`, gRPC `http://localhost:4317` |
//! | `OTEL_EXPORTER_OTLP_PROTOCOL` | `http/protobuf`, `http/json` or `grpc` | `http/protobuf`, or the one that is compiled in |
//! | `OTEL_EXPORTER_OTLP_HEADERS` | `name=value,name=value`, percent-encoded | none |
//! | `OTEL_EXPORTER_OTLP_TIMEOUT` | of one attempt, in ms; 0 is without end, here and below | 10,000 |
//! | `OTEL_EXPORTER_OTLP_COMPRESSION` | `gzip` or `none` | `none` |
//! | `OTEL_EXPORTER_OTLP_INSECURE` | `true`: gRPC without TLS where the address has no scheme | `false` |
//! | `OTEL_EXPORTER_OTLP_CERTIFICATE` | a PEM file with the only certificates to trust | those of the system |
//! | `OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE`, `…_CLIENT_KEY` | PEM files that say who the client is | none |
//! | `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE` | `cumulative`, `delta` or `lowmemory` | `cumulative` |
//! | `OTEL_METRIC_EXPORT_INTERVAL` | of metrics, in ms | 60,000 |
//! | `OTEL_BSP_EXPORT_TIMEOUT`, `OTEL_BLRP_EXPORT_TIMEOUT` | for how long spans and log records are tried to be delivered, in ms | 300,000 |
//! | `OTEL_METRIC_EXPORT_TIMEOUT` | the same of metrics | 30,000 |
//!
//! [`Otlp::at`] and the presets read none of those that begin with `OTEL_EXPORTER_OTLP_`: their headers are keys for
//! another place. An `HTTPS_PROXY` is used over HTTP.
//!
//! # Delivery
//!
//! `opentelemetry-otlp` makes requests of batches; they are sent from a thread `llmobs-otlp` with a runtime of its own, so
//! that it does not matter which runtime the application has, or that it has none. Nothing that happens there is recorded.
//!
//! - What may be taken later (429, 502, 503, 504, the codes of gRPC that say so, no connection, no answer in time) is sent
//!   again for 5 minutes ([`Otlp::retry_for`]), with pauses that double from ¼ s to 10 s, of which a random half is taken
//!   off, and not before `Retry-After` or `RetryInfo` says.
//! - Meanwhile the [processors](crate::processor) hold what comes, up to their bounds; what does not fit, and what was
//!   given up or refused, is counted. One batch of a signal is under way at a time.
//! - What is too large (413, `RESOURCE_EXHAUSTED`) is cut in two until it is taken.
//! - What a server takes but in part is counted and said seldom, without the server's words, which may quote content.
//! - Redirections are not followed: keys go to nobody whom nobody named.
//! - While the pipeline shuts down, a server that answers is asked until the deadline, one that is not there for a second.

mod answer;
#[cfg(any(feature = "grafana", feature = "langfuse"))]
mod basic;
#[cfg(feature = "datadog")]
mod datadog;
mod endpoint;
mod error;
mod exporter;
#[cfg(feature = "grafana")]
mod grafana;
#[cfg(feature = "otlp-grpc")]
mod grpc;
mod halves;
mod headers;
#[cfg(feature = "otlp-http")]
mod http;
mod io;
#[cfg(feature = "jaeger")]
mod jaeger;
#[cfg(feature = "langfuse")]
mod langfuse;
mod link;
#[cfg(any(feature = "datadog", feature = "grafana", feature = "jaeger", feature = "langfuse"))]
mod product;
mod protocol;
mod retry;
mod settings;
mod signal;
pub(crate) mod variables;

use std::fmt;
use std::time::Duration;

use headers::{Headers, MASK};
use signal::PerSignal;

use crate::environment::described::is_described;
use crate::environment::table::{self, compiled};
use crate::environment::told;

pub use error::OtlpError;
pub(crate) use io::Io;
pub use opentelemetry_sdk::metrics::Temporality;
pub use protocol::{Compression, Protocol};

/// Where telemetry goes over OTLP, and how.
///
/// What is not said comes from the environment, then from defaults; see the [module](self).
#[derive(Clone)]
#[must_use = "nothing is sent before it is given to a builder"]
pub struct Otlp {
    /// The product, for messages.
    name: &'static str,
    /// Whether the variables of the exporter apply.
    reads_variables: bool,
    /// A base address, and who gave it.
    endpoint: Option<(&'static str, String)>,
    /// Addresses that are used as they stand.
    endpoints: PerSignal<Option<(&'static str, String)>>,
    headers: Vec<(String, String)>,
    /// Headers that a product wants with a signal.
    own: PerSignal<Headers>,
    protocol: Option<Protocol>,
    timeout: Option<Duration>,
    retry_for: Option<Duration>,
    compression: Option<Compression>,
    temporality: Option<Temporality>,
    wanted: PerSignal<bool>,
    /// What a product's variables say of the service.
    resource: Vec<(String, String)>,
}

impl Otlp {
    /// As the variables of the environment say, `OTEL_EXPORTER_OTLP_ENDPOINT` and its siblings.
    pub fn new() -> Self {
        Self {
            name: "OTLP",
            reads_variables: true,
            endpoint: None,
            endpoints: PerSignal::default(),
            headers: Vec::new(),
            own: PerSignal::default(),
            protocol: None,
            timeout: None,
            retry_for: None,
            compression: None,
            temporality: None,
            wanted: PerSignal { traces: true, metrics: true, logs: true },
            resource: Vec::new(),
        }
    }

    /// To this address, as [`endpoint`](Self::endpoint) has it, and without a look at the variables of the exporter:
    /// their headers hold keys for another place.
    pub fn at(endpoint: impl Into<String>) -> Self {
        Self { reads_variables: false, ..Self::new() }.endpoint(endpoint)
    }

    /// To Jaeger, as `JAEGER_URL` says: where it takes OTLP, as `http://localhost:4318`, which is also what is taken
    /// where nothing is said. Of `OTEL_EXPORTER_JAEGER_ENDPOINT`, `OTEL_EXPORTER_JAEGER_AGENT_HOST`, `JAEGER_ENDPOINT`
    /// and `JAEGER_AGENT_HOST`, which clients read that Jaeger no longer takes spans from, the host is taken.
    ///
    /// # Errors
    ///
    /// [`OtlpError::Malformed`] where a variable holds no address.
    #[cfg(feature = "jaeger")]
    pub fn jaeger() -> Result<Self, OtlpError> {
        Self::preset("Jaeger", jaeger::from_env)
    }

    /// To Grafana Cloud, as `GRAFANA_CLOUD_ZONE` (or `GRAFANA_CLOUD_OTLP_ENDPOINT`), `GRAFANA_CLOUD_INSTANCE_ID` and
    /// `GRAFANA_CLOUD_API_KEY` (or `GRAFANA_CLOUD_API_TOKEN`) say; or to servers of one's own: Alloy at `ALLOY_URL`, as
    /// `http://localhost:4318`, or Tempo at `TEMPO_URL` (where it takes OTLP, as `http://localhost:4318`), Mimir at
    /// `MIMIR_URL` and Loki at `LOKI_URL`, each for its signal.
    ///
    /// # Errors
    ///
    /// [`OtlpError::Missing`] tells what is missing and where it is to be found, [`OtlpError::Malformed`] what is not
    /// understood.
    #[cfg(feature = "grafana")]
    pub fn grafana() -> Result<Self, OtlpError> {
        Self::preset("Grafana", grafana::from_env)
    }

    /// To Datadog: to the Agent that `DD_TRACE_AGENT_URL` or `DD_AGENT_HOST` names, on port 4318 unless
    /// `DD_OTLP_CONFIG_RECEIVER_PROTOCOLS_HTTP_ENDPOINT` says another; or else, and with
    /// `DD_LLMOBS_AGENTLESS_ENABLED=true`, directly to the intake of `DD_SITE` (`datadoghq.com` unless said) with
    /// `DD_API_KEY`, where traces go to LLM Observability. Metrics are deltas. A socket (`DD_TRACE_AGENT_URL=unix:…`) is
    /// for other traces, and is passed over.
    ///
    /// `DD_SERVICE`, `DD_ENV`, `DD_VERSION` and `DD_TAGS` become attributes of the resource of all backends, unless
    /// `OTEL_SERVICE_NAME` or `OTEL_RESOURCE_ATTRIBUTES` says the same, or code gives a resource.
    ///
    /// # Errors
    ///
    /// [`OtlpError::Missing`] tells what is missing and where it is to be found, [`OtlpError::Malformed`] what is not
    /// understood.
    #[cfg(feature = "datadog")]
    pub fn datadog() -> Result<Self, OtlpError> {
        Self::preset("Datadog", datadog::from_env)
    }

    /// To Langfuse, with `LANGFUSE_PUBLIC_KEY` and `LANGFUSE_SECRET_KEY`, at `LANGFUSE_BASE_URL` (or `LANGFUSE_HOST`;
    /// `https://cloud.langfuse.com` unless said). It takes traces only.
    ///
    /// # Errors
    ///
    /// [`OtlpError::Missing`] tells what is missing and where it is to be found, [`OtlpError::Malformed`] what is not
    /// understood.
    #[cfg(feature = "langfuse")]
    pub fn langfuse() -> Result<Self, OtlpError> {
        Self::preset("Langfuse", langfuse::from_env)
    }

    /// A base address, to which `/v1/traces`, `/v1/metrics` and `/v1/logs` are added: as `http://localhost:4318`. With
    /// gRPC, as `http://localhost:4317`.
    pub fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.endpoint = Some(("the address given to `Otlp::endpoint`", endpoint.into()));
        self
    }

    /// The address for traces, used as it stands.
    pub fn traces_endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.endpoints.traces =
            Some(("the address given to `Otlp::traces_endpoint`", endpoint.into()));
        self
    }

    /// The address for metrics, used as it stands.
    pub fn metrics_endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.endpoints.metrics =
            Some(("the address given to `Otlp::metrics_endpoint`", endpoint.into()));
        self
    }

    /// The address for logs, used as it stands.
    pub fn logs_endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.endpoints.logs = Some(("the address given to `Otlp::logs_endpoint`", endpoint.into()));
        self
    }

    /// How requests are encoded and carried.
    pub fn protocol(mut self, protocol: Protocol) -> Self {
        self.protocol = Some(protocol);
        self
    }

    /// A header that is sent along. Its value is shown nowhere.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// How long one attempt to deliver a batch may take; 10 s unless said, and without end where this is zero.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// How long a batch is tried to be delivered before it is given up and counted as dropped; 5 min unless said, 30 s
    /// for metrics.
    pub fn retry_for(mut self, time: Duration) -> Self {
        self.retry_for = Some(time);
        self
    }

    /// How requests are compressed.
    pub fn compression(mut self, compression: Compression) -> Self {
        self.compression = Some(compression);
        self
    }

    /// Whether metrics count from the start of the process or from the last time.
    pub fn temporality(mut self, temporality: Temporality) -> Self {
        self.temporality = Some(temporality);
        self
    }

    /// Whether traces are sent.
    pub fn traces(mut self, wanted: bool) -> Self {
        self.wanted.traces = wanted;
        self
    }

    /// Whether metrics are sent.
    pub fn metrics(mut self, wanted: bool) -> Self {
        self.wanted.metrics = wanted;
        self
    }

    /// Whether log records are sent.
    pub fn logs(mut self, wanted: bool) -> Self {
        self.wanted.logs = wanted;
        self
    }

    /// As a product's variables say; where all is compiled out, nobody looks at them.
    #[cfg(any(feature = "datadog", feature = "grafana", feature = "jaeger", feature = "langfuse"))]
    fn preset(
        name: &'static str,
        from_env: fn(variables::Env<'_>) -> Result<Self, OtlpError>,
    ) -> Result<Self, OtlpError> {
        if cfg!(compiled_out) { Ok(Self::of_product(name)) } else { from_env(&variable) }
    }

    /// What a product's variables say of the service: attributes of the resource.
    pub(crate) fn resource(&self) -> &[(String, String)] {
        &self.resource
    }
}

/// What the environment says.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Whether the environment describes a destination of this name for any signal, as
/// [`configure`](crate::configure) goes by: `otlp` with an address, headers or a protocol; `jaeger`, `grafana`, `datadog`
/// or `langfuse`, where the preset is compiled in, with a variable of the product's own. Of anything else it does not.
pub fn is_in_env(name: &str) -> bool {
    let product = ["jaeger", "grafana", "datadog", "langfuse"].contains(&name) && compiled(name);
    let said = |name: &str| variable(name).and_then(told);
    (name == "otlp" || product)
        && table::Signal::ALL.into_iter().any(|signal| is_described(name, signal, said))
}

impl Default for Otlp {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Otlp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let masked = |said: &Option<(&str, String)>| {
            said.as_ref().map(|(_, address)| endpoint::masked(address))
        };
        f.debug_struct(self.name)
            .field("endpoint", &masked(&self.endpoint))
            .field("traces_endpoint", &masked(&self.endpoints.traces))
            .field("metrics_endpoint", &masked(&self.endpoints.metrics))
            .field("logs_endpoint", &masked(&self.endpoints.logs))
            .field(
                "headers",
                &self.headers.iter().map(|(name, _)| (name, MASK)).collect::<Vec<_>>(),
            )
            .field("own_headers", &self.own)
            .field("protocol", &self.protocol)
            .field("timeout", &self.timeout)
            .field("retry_for", &self.retry_for)
            .field("compression", &self.compression)
            .field("temporality", &self.temporality)
            .field("wanted", &self.wanted)
            .finish_non_exhaustive()
    }
}
