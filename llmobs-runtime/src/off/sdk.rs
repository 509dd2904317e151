//! What features add to the builder, vetoed: what is handed over is dropped at once.

use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::{LogProcessor, SdkLoggerProvider};
use opentelemetry_sdk::metrics::MeterProviderBuilder;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use opentelemetry_sdk::trace::{ShouldSample, SpanExporter, SpanProcessor};

use super::{Builder, Telemetry};

impl Builder {
    /// Does nothing.
    pub fn resource(self, _: Resource) -> Self {
        self
    }

    /// Does nothing.
    pub fn sampler(self, _: impl ShouldSample + 'static) -> Self {
        self
    }

    /// Does nothing.
    pub fn backends_from_env(self) -> Self {
        self
    }

    /// Does nothing.
    pub fn span_processor(self, _: impl SpanProcessor + 'static) -> Self {
        self
    }

    /// Does nothing.
    pub fn span_exporter(self, _: impl SpanExporter + 'static) -> Self {
        self
    }

    /// Does nothing.
    pub fn metric_exporter(self, _: impl PushMetricExporter) -> Self {
        self
    }

    /// Does nothing.
    pub fn log_processor(self, _: impl LogProcessor + 'static) -> Self {
        self
    }

    /// Does nothing.
    pub fn self_metrics(self, _: bool) -> Self {
        self
    }

    /// Does nothing.
    pub fn meters(self, _: impl FnOnce(MeterProviderBuilder) -> MeterProviderBuilder) -> Self {
        self
    }

    /// Does nothing.
    #[cfg(feature = "console")]
    pub fn console(self, _: crate::backend::console::Console) -> Self {
        self
    }

    /// Does nothing.
    #[cfg(feature = "prometheus")]
    pub fn prometheus(self, _: crate::backend::prometheus::Prometheus) -> Self {
        self
    }

    /// Does nothing.
    #[cfg(any(feature = "otlp-grpc", feature = "otlp-http"))]
    pub fn otlp(self, _: crate::backend::otlp::Otlp) -> Self {
        self
    }

    /// Does nothing.
    #[cfg(feature = "azure-monitor")]
    pub fn azure_monitor(self, _: crate::backend::azure_monitor::AzureMonitor) -> Self {
        self
    }
}

impl Telemetry {
    /// `None`.
    pub fn logger_provider(&self) -> Option<&SdkLoggerProvider> {
        None
    }

    /// A layer that does nothing.
    #[cfg(feature = "tracing-spans")]
    pub fn tracing_layer<S>(&self) -> impl tracing_subscriber::Layer<S> + Send + Sync + use<S>
    where
        S: tracing::Subscriber
            + for<'span> tracing_subscriber::registry::LookupSpan<'span>
            + Send
            + Sync
            + 'static,
    {
        tracing_subscriber::layer::Identity::new()
    }

    /// Installs nothing.
    ///
    /// # Errors
    ///
    /// None.
    #[cfg(feature = "tracing-spans")]
    pub fn install_tracing(&self) -> Result<(), crate::tracing_layers::TracingError> {
        Ok(())
    }

    /// `None`.
    #[cfg(feature = "azure-monitor")]
    pub fn azure_monitor_statistics(&self) -> Option<crate::backend::azure_monitor::Statistics> {
        None
    }
}
