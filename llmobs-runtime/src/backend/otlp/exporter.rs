//! The exporters: those of `opentelemetry-otlp`, which encode, with clients of ours.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use opentelemetry_otlp::{RetryPolicy, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::logs::{LogBatch, LogExporter};
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};

use super::error::OtlpError;
use super::io::Io;
use super::link::{Carrier, Link};
use super::settings::{Way, Ways};
use super::signal::Signal;
use super::{Otlp, endpoint, variables};
use crate::guard::seldom;
use crate::processor::Rejections;

/// What an [`Otlp`] sends with.
#[derive(Debug)]
pub(crate) struct Exporters {
    pub(crate) spans: Option<Spans>,
    pub(crate) metrics: Option<Metrics>,
    pub(crate) logs: Option<Logs>,
}

impl Otlp {
    /// The exporters of the signals that are wanted.
    pub(crate) fn exporters(&self, io: &Arc<Io>) -> Result<Exporters, OtlpError> {
        let Ways { signals, temporality } = self.resolve(&super::variable)?;
        let spans = signals.traces.map(|way| {
            let link = Link::new(&way, Signal::Traces, io)?;
            let inner =
                encoding(opentelemetry_otlp::SpanExporter::builder().with_http(), &way, &link);
            let inner = inner.build().map_err(|error| failed(&way, &error))?;
            Ok(Spans { inner, losses: Losses::of(link) })
        });
        let metrics = signals.metrics.map(|way| {
            let link = Link::new(&way, Signal::Metrics, io)?;
            let builder =
                opentelemetry_otlp::MetricExporter::builder().with_temporality(temporality);
            let inner = encoding(builder.with_http(), &way, &link);
            let inner = inner.build().map_err(|error| failed(&way, &error))?;
            Ok(Metrics { inner, losses: Losses::of(link) })
        });
        let logs = signals.logs.map(|way| {
            let link = Link::new(&way, Signal::Logs, io)?;
            let inner =
                encoding(opentelemetry_otlp::LogExporter::builder().with_http(), &way, &link);
            let inner = inner.build().map_err(|error| failed(&way, &error))?;
            Ok(Logs { inner, losses: Losses::of(link) })
        });
        Ok(Exporters {
            spans: spans.transpose()?,
            metrics: metrics.transpose()?,
            logs: logs.transpose()?,
        })
    }
}

/// Says everything that the exporter would read from the environment, and leaves only encoding to it.
fn encoding<B: WithExportConfig + WithHttpConfig>(builder: B, way: &Way, link: &Arc<Link>) -> B {
    builder
        .with_http_client(Carrier(Arc::clone(link)))
        .with_endpoint(way.endpoint.clone())
        .with_protocol(way.protocol.encoding())
        .with_timeout(way.retry_for)
        .with_retry_policy(RetryPolicy::disabled())
}

fn failed(way: &Way, _: &opentelemetry_otlp::ExporterBuildError) -> OtlpError {
    // Its message would show the address.
    OtlpError::Malformed {
        place: variables::ENDPOINT.names().first().copied().unwrap_or_default(),
        value: endpoint::masked(&way.endpoint),
        expected: "an address",
    }
}

/// What was lost on a way, and why.
#[derive(Debug)]
struct Losses {
    link: Arc<Link>,
    batches: AtomicU64,
}

impl Losses {
    fn of(link: Arc<Link>) -> Self {
        Self { link, batches: AtomicU64::new(0) }
    }

    /// With the reason that the exporter does not know.
    fn told(&self, outcome: OTelSdkResult) -> OTelSdkResult {
        let Err(error) = outcome else { return Ok(()) };
        let why = self.link.failure().unwrap_or_else(|| error.to_string());
        let what = self.link.signal.items();
        seldom(&self.batches, (), |times| {
            tracing::warn!(target: "llmobs", times, "a batch of {what} was not delivered: {why}");
        });
        Err(OTelSdkError::InternalFailure(why))
    }
}

/// Exports spans.
#[derive(Debug)]
pub(crate) struct Spans {
    inner: opentelemetry_otlp::SpanExporter,
    losses: Losses,
}

impl Spans {
    /// As the conventions call it.
    pub(crate) fn name(&self) -> &'static str {
        self.losses.link.name
    }

    /// Who knows what was rejected.
    pub(crate) fn rejections(&self) -> Arc<dyn Rejections> {
        self.losses.link.clone()
    }
}

impl SpanExporter for Spans {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.losses.told(self.inner.export(batch).await)
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}

/// Exports metrics.
#[derive(Debug)]
pub(crate) struct Metrics {
    inner: opentelemetry_otlp::MetricExporter,
    losses: Losses,
}

impl Metrics {
    /// As the conventions call it.
    pub(crate) fn name(&self) -> &'static str {
        self.losses.link.name
    }

    /// Who knows what was rejected.
    pub(crate) fn rejections(&self) -> Arc<dyn Rejections> {
        self.losses.link.clone()
    }
}

impl PushMetricExporter for Metrics {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        self.losses.told(self.inner.export(metrics).await)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn temporality(&self) -> Temporality {
        self.inner.temporality()
    }
}

/// Exports log records.
#[derive(Debug)]
pub(crate) struct Logs {
    inner: opentelemetry_otlp::LogExporter,
    losses: Losses,
}

impl Logs {
    /// As the conventions call it.
    pub(crate) fn name(&self) -> &'static str {
        self.losses.link.name
    }

    /// Who knows what was rejected.
    pub(crate) fn rejections(&self) -> Arc<dyn Rejections> {
        self.losses.link.clone()
    }
}

impl LogExporter for Logs {
    async fn export(&self, batch: LogBatch<'_>) -> OTelSdkResult {
        self.losses.told(self.inner.export(batch).await)
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}
