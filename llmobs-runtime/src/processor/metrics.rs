//! Exporters of metrics: the SDK's reader calls them from a thread that a panic would end.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::{
    AggregatedMetrics, Metric, MetricData, ResourceMetrics, ScopeMetrics,
};
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;

#[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
use super::counts::Rejections;
use super::counts::{Exports, Items, PANIC, Watched, kind_of, path_of};
use super::hurry::Hurry;
use super::worker::{not_exported, panicked};

/// An exporter whose panics cost what it was exporting, and whose exports are counted.
#[derive(Debug)]
pub(crate) struct Guarded<E> {
    exporter: E,
    name: &'static str,
    exports: Arc<Exports>,
    hurry: Arc<Hurry>,
    /// Whether the last export failed.
    failed: AtomicBool,
}

impl<E: PushMetricExporter> Guarded<E> {
    pub(crate) fn new(exporter: E) -> Self {
        let name = path_of::<E>();
        let (exports, hurry) = (Arc::default(), Arc::default());
        Self { exporter, name, exports, hurry, failed: AtomicBool::new(false) }
    }

    /// Shares the time at the end of the process with others.
    pub(crate) fn beside(mut self, hurry: Arc<Hurry>) -> Self {
        self.hurry = hurry;
        self
    }

    /// Calls the exporter so in metrics, by the name that the conventions have for it, and asks who knows what was
    /// rejected.
    #[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
    pub(crate) fn named(mut self, exporter: &'static str, rejections: Arc<dyn Rejections>) -> Self {
        self.name = exporter;
        self.exports.ask(rejections);
        self
    }

    pub(crate) fn watch(&self) -> Watched {
        Watched::exports(Items::Points, self.name, Arc::clone(&self.exports))
    }
}

/// What a panic becomes.
fn guarded(code: impl FnOnce() -> OTelSdkResult) -> OTelSdkResult {
    catch_unwind(AssertUnwindSafe(code)).unwrap_or_else(|panic| Err(failed(panic)))
}

fn failed(panic: Box<dyn std::any::Any + Send>) -> OTelSdkError {
    panicked(panic);
    OTelSdkError::InternalFailure("the exporter panicked".to_owned())
}

impl<E: PushMetricExporter> PushMetricExporter for Guarded<E> {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        let began = self.hurry.begin();
        let made = catch_unwind(AssertUnwindSafe(|| self.exporter.export(metrics)));
        let caught = match made {
            Ok(future) => {
                let mut future = pin!(future);
                poll_fn(|context| {
                    let poll = || future.as_mut().poll(context);
                    match catch_unwind(AssertUnwindSafe(poll)) {
                        Ok(Poll::Pending) if self.hurry.is_over(began, context.waker()) => {
                            Poll::Ready(Ok(Err(OTelSdkError::Timeout(Duration::ZERO))))
                        }
                        Ok(poll) => poll.map(Ok),
                        Err(panic) => Poll::Ready(Err(panic)),
                    }
                })
                .await
            }
            Err(panic) => Err(panic),
        };
        let (result, kind) = match caught {
            Ok(Ok(())) => (Ok(()), None),
            Ok(Err(error)) => {
                let kind = kind_of(&error);
                (Err(error), Some(kind))
            }
            Err(panic) => (Err(failed(panic)), Some(PANIC)),
        };
        if let Some((lost, kind)) = self.exports.over(points(metrics), kind) {
            let line = |since, all| not_exported("metric points", Some(kind), since, all);
            self.exports.lost.add(lost, line);
        }
        self.failed.store(result.is_err(), Ordering::Release);
        result
    }

    fn force_flush(&self) -> OTelSdkResult {
        guarded(|| self.exporter.force_flush())
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        let outcome = guarded(|| self.exporter.shutdown_with_timeout(timeout));
        self.hurry.ended(outcome.is_ok() && !self.failed.load(Ordering::Acquire));
        outcome
    }

    fn temporality(&self) -> Temporality {
        self.exporter.temporality()
    }
}

fn points(metrics: &ResourceMetrics) -> u64 {
    let points = metrics.scope_metrics().flat_map(ScopeMetrics::metrics).map(points_of);
    u64::try_from(points.fold(0, usize::saturating_add)).unwrap_or(u64::MAX)
}

fn points_of(metric: &Metric) -> usize {
    fn of<T>(data: &MetricData<T>) -> usize {
        match data {
            MetricData::Gauge(gauge) => gauge.data_points().count(),
            MetricData::Sum(sum) => sum.data_points().count(),
            MetricData::Histogram(histogram) => histogram.data_points().count(),
            MetricData::ExponentialHistogram(histogram) => histogram.data_points().count(),
        }
    }
    match metric.data() {
        AggregatedMetrics::F64(data) => of(data),
        AggregatedMetrics::U64(data) => of(data),
        AggregatedMetrics::I64(data) => of(data),
    }
}
