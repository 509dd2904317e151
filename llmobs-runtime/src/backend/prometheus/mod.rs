//! A page for Prometheus to scrape.
//!
//! ```
//! use llmobs_runtime::backend::prometheus::Prometheus;
//!
//! // Port 0 is any that is free: for an example that may run anywhere. The usual one is 9464.
//! let prometheus = Prometheus::new().host("127.0.0.1").port(0);
//! let page = prometheus.page();
//! let _telemetry = llmobs_runtime::builder().prometheus(prometheus).install()?;
//! println!("scrape http://{}/metrics", page.address().expect("a server"));
//! # Ok::<(), llmobs_runtime::ConfigureError>(())
//! ```
//!
//! | variable | meaning | default |
//! |---|---|---|
//! | `OTEL_EXPORTER_PROMETHEUS_HOST` | the host or address to serve at; `0.0.0.0` for all addresses | `localhost` |
//! | `OTEL_EXPORTER_PROMETHEUS_PORT` | the port; `0` for any that is free | `9464` |
//!
//! On a router of the application's own: [`Prometheus::without_server`] and [`Page::response`].
//!
//! Prometheus takes metrics and nothing else: traces need another backend beside this one. What was recorded after the
//! last scrape of a process that ends is lost to it; where that matters, push metrics by OTLP.
//!
//! # Names
//!
//! Those of OpenTelemetry's
//! [compatibility specification](https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/),
//! which a Collector and Prometheus's own OTLP receiver use as well:
//!
//! | OpenTelemetry | unit | Prometheus |
//! |---|---|---|
//! | histogram `gen_ai.client.operation.duration` | `s` | `gen_ai_client_operation_duration_seconds_bucket`, `…_sum`, `…_count` |
//! | histogram `gen_ai.client.token.usage` | `{token}` | `gen_ai_client_token_usage_bucket`, `…_sum`, `…_count` |
//! | counter `gen_ai.client.inference.usage.input_tokens` | `{token}` | `gen_ai_client_inference_usage_input_tokens_total` |
//! | attribute `gen_ai.request.model` | | label `gen_ai_request_model` |
//! | resource | | labels of `target_info` |
//! | what recorded it | | labels `otel_scope_name`, `otel_scope_version`, `otel_scope_schema_url` |
//!
//! Where attributes of one point become one label, their values are joined with `;`. Exponential histograms, which a
//! view may ask for, have no text and are left out.
//!
//! Where two metrics would have one name, the first one, by the names of their scopes, has it, and the other is left out,
//! of which a warning tells: metrics of different types, or those whose samples have one name, as a counter `jobs` and a
//! gauge `jobs.total` (`jobs_total`), a histogram `jobs` and a gauge `jobs.count`; in `OpenMetrics`, which forbids it, also a
//! counter `jobs` and a gauge `jobs.created`.
//!
//! # Exemplars
//!
//! A scraper that asks for `OpenMetrics` also gets exemplars: each bucket and each counter of the metrics of calls
//! names the last call in it whose span was sampled, by `trace_id` and `span_id`, for up to ten minutes. In Prometheus
//! they need `--enable-feature=exemplar-storage`; Grafana shows them as points that lead to the trace. Where a view
//! takes away attributes of a metric or renames it, that metric has none.
//!
//! # The server
//!
//! One thread (`llmobs-prometheus`) answers `GET` and `HEAD` of `/metrics`, one request per connection. No more than
//! 16 connections are open, a request may take 5 s and all of it 20 s. It speaks plain HTTP and asks nobody who he is:
//! labels hold whatever metric attributes hold, so think before serving them at an address that others reach.

mod accept;
mod claims;
mod error;
mod exemplars;
mod family;
mod labels;
mod names;
mod page;
mod reader;
mod server;
mod settings;
mod text;

use std::sync::Arc;

pub use error::PrometheusError;
pub(crate) use exemplars::{Exemplars, Slot, Source};
use page::Looks;
pub use page::{Page, Response};
pub(crate) use reader::Reader;
use server::Server;
use settings::Place;

/// A page for Prometheus, to be handed to the builder.
#[derive(Debug)]
#[must_use = "there is no page before it is handed to a builder"]
pub struct Prometheus {
    host: Option<String>,
    port: Option<u16>,
    without_server: bool,
    looks: Looks,
    page: Page,
}

impl Default for Prometheus {
    fn default() -> Self {
        Self::new()
    }
}

impl Prometheus {
    /// As the environment says, else at `http://localhost:9464/metrics`.
    pub fn new() -> Self {
        Self {
            host: None,
            port: None,
            without_server: false,
            looks: Looks::default(),
            page: Page::new(),
        }
    }

    /// The host or address to serve at, instead of `OTEL_EXPORTER_PROMETHEUS_HOST`: all addresses that it has.
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = Some(host.into());
        self
    }

    /// The port, instead of `OTEL_EXPORTER_PROMETHEUS_PORT`; 0 is any that is free, which [`Page::address`] tells.
    pub fn port(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// Serves nothing: a router of the application's own does; see [`Page::response`].
    pub fn without_server(mut self) -> Self {
        self.without_server = true;
        self
    }

    /// Whether each series has labels that say what recorded it (`otel_scope_…`); it has unless said.
    pub fn scope_labels(mut self, labels: bool) -> Self {
        self.looks.scope_labels = labels;
        self
    }

    /// Whether the resource is on the page (`target_info`); it is unless said.
    pub fn target_info(mut self, info: bool) -> Self {
        self.looks.target_info = info;
        self
    }

    /// The page, empty until this is installed.
    pub fn page(&self) -> Page {
        self.page.clone()
    }

    /// Whether the environment has a say in the port.
    pub(crate) fn reads_port(&self) -> bool {
        self.port.is_none() && !self.without_server
    }

    /// What notes the calls of metrics.
    #[cfg_attr(compiled_out, expect(dead_code, reason = "there are no calls"))]
    pub(crate) fn exemplars(&self) -> Arc<Exemplars> {
        Arc::clone(&self.page.shared().exemplars)
    }

    /// Serves the page, and reads for it.
    pub(crate) fn start(self) -> Result<Reader, PrometheusError> {
        let Self { host, port, without_server, looks, page } = self;
        let _ = page.shared().looks.set(looks);
        if without_server {
            return Ok(Reader::new(page, None));
        }
        let listeners = Place::new(host, port, |name| std::env::var(name).ok())?.listen()?;
        let addresses = listeners.iter().filter_map(|listener| listener.local_addr().ok());
        let _ = page.shared().addresses.set(addresses.collect());
        let server = Server::start(page.clone(), listeners)?;
        if let Some(address) = page.address() {
            tracing::debug!(target: "llmobs", %address, "metrics for Prometheus are at /metrics");
        }
        Ok(Reader::new(page, Some(server)))
    }
}
