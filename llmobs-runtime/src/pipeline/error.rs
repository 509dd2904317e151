//! Why nothing was configured.

use std::fmt;

use super::environment::EnvironmentError;

/// Why nothing was configured.
///
/// `Debug` shows the message too: it is what a `main` that returns a `Result` prints.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum ConfigureError {
    /// A pipeline is there already.
    #[error(
        "telemetry is configured already: call `configure` once per process and keep what it returns, \
         or drop that before configuring anew"
    )]
    AlreadyConfigured,
    /// No backend to send to.
    #[error(
        "no backend: switch on a cargo feature of llmobs-runtime that brings one (`console`, `otlp-http`, \
         `otlp-grpc`, `azure-monitor`, `prometheus`, …), give the builder a span processor or a metric exporter, or \
         hand it your own providers"
    )]
    NoBackend,
    /// Variables of the environment that cannot be read; see [`environment`](crate::environment).
    #[error("in the environment: {0}")]
    Environment(#[from] EnvironmentError),
    /// Azure Monitor is asked for and not compiled in.
    #[cfg(not(feature = "azure-monitor"))]
    #[error("no Azure Monitor: switch on the cargo feature `azure-monitor` of llmobs-runtime")]
    NoAzureMonitor,
    /// Nothing can be sent to Azure Monitor.
    #[cfg(feature = "azure-monitor")]
    #[error("Azure Monitor: {0}")]
    AzureMonitor(#[from] crate::backend::azure_monitor::AzureMonitorError),
    /// Nothing can be sent over OTLP.
    #[cfg(any(feature = "otlp-grpc", feature = "otlp-http"))]
    #[error("OTLP: {0}")]
    Otlp(#[from] crate::backend::otlp::OtlpError),
    /// There is no page for Prometheus.
    #[cfg(feature = "prometheus")]
    #[error("Prometheus: {0}")]
    Prometheus(#[from] crate::backend::prometheus::PrometheusError),
}

impl fmt::Debug for ConfigureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
