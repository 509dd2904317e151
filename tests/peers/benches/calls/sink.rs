//! Where telemetry ends: it is counted, or written down to be compared.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use opentelemetry::{KeyValue, Value};
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::{
    AggregatedMetrics, HistogramDataPoint, Metric, MetricData, ResourceMetrics, ScopeMetrics,
};
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};

/// What becomes of a batch of spans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backend {
    /// It is taken at once.
    Takes,
    /// It is taken after a second.
    Slow,
    /// It is refused.
    Fails,
    /// Nothing is heard any more.
    Dead,
    /// There is none for spans.
    Absent,
}

/// An exporter of spans and of metrics; its clones share what they have seen.
#[derive(Clone, Debug)]
pub(crate) struct Sink(Arc<Seen>);

#[derive(Debug)]
struct Seen {
    backend: Backend,
    spans: AtomicU64,
    attributes: AtomicU64,
    points: AtomicU64,
    /// Lines, where they are wanted.
    written: Option<Mutex<Lines>>,
}

/// Of metrics only the last export counts: they are cumulative.
#[derive(Debug, Default)]
struct Lines {
    spans: Vec<String>,
    metrics: Vec<String>,
}

impl Sink {
    pub(crate) fn new(backend: Backend, writes: bool) -> Self {
        let written = writes.then(Mutex::default);
        let [spans, attributes, points] = [const { AtomicU64::new(0) }; 3];
        Self(Arc::new(Seen { backend, spans, attributes, points, written }))
    }

    /// Spans, attributes of spans, and values recorded by histograms.
    pub(crate) fn seen(&self) -> [u64; 3] {
        [&self.0.spans, &self.0.attributes, &self.0.points].map(|it| it.load(Ordering::Acquire))
    }

    /// What was exported, a line for each span, each attribute, each metric and each of its points; sorted.
    pub(crate) fn written(&self) -> Vec<String> {
        let Some(written) = &self.0.written else { return Vec::new() };
        let mut lines = written.lock().unwrap_or_else(PoisonError::into_inner);
        lines.metrics.sort();
        lines.spans.iter().chain(&lines.metrics).cloned().collect()
    }
}

impl SpanExporter for Sink {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        match self.0.backend {
            Backend::Takes | Backend::Fails | Backend::Absent => {}
            Backend::Slow => std::thread::sleep(Duration::from_secs(1)),
            Backend::Dead => loop {
                std::thread::park();
            },
        }
        let attributes: usize = batch.iter().map(|span| span.attributes.len()).sum();
        self.0.attributes.fetch_add(u64::try_from(attributes).unwrap_or(0), Ordering::AcqRel);
        if let Some(written) = &self.0.written {
            let mut lines = written.lock().unwrap_or_else(PoisonError::into_inner);
            lines.spans.extend(batch.iter().map(span_text));
        }
        self.0.spans.fetch_add(u64::try_from(batch.len()).unwrap_or(0), Ordering::AcqRel);
        if self.0.backend == Backend::Fails {
            return Err(OTelSdkError::InternalFailure("refused".to_owned()));
        }
        Ok(())
    }
}

impl PushMetricExporter for Sink {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        let all = || metrics.scope_metrics().flat_map(ScopeMetrics::metrics);
        let points = all().map(|metric| histograms(metric, None)).sum();
        self.0.points.store(points, Ordering::Release);
        if let Some(written) = &self.0.written {
            let mut lines = written.lock().unwrap_or_else(PoisonError::into_inner);
            lines.metrics.clear();
            all().for_each(|metric| {
                histograms(metric, Some(&mut lines.metrics));
            });
        }
        Ok(())
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }

    fn temporality(&self) -> Temporality {
        Temporality::Cumulative
    }
}

fn span_text(span: &SpanData) -> String {
    let mut text = format!("{} {:?} {:?}", span.name, span.span_kind, span.status);
    let ours = |key: &str| !TRACING_ADDS.iter().any(|added| key.starts_with(added));
    for attribute in sorted(span.attributes.iter()).iter().filter(|line| ours(line)) {
        let _ = write!(text, "\n  {attribute}");
    }
    text
}

/// What the layer adds of its own to each span.
const TRACING_ADDS: [&str; 5] = ["busy_ns", "code.", "idle_ns", "target", "thread."];

fn sorted<'a>(attributes: impl Iterator<Item = &'a KeyValue>) -> Vec<String> {
    let line = |it: &KeyValue| format!("{}={} ({})", it.key, it.value, type_of(&it.value));
    let mut lines: Vec<String> = attributes.map(line).collect();
    lines.sort();
    lines
}

/// Peers that know only text are compared without it.
fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Bool(_) => "bool",
        Value::I64(_) => "int",
        Value::F64(_) => "double",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        _ => "?",
    }
}

/// How many values a metric has recorded; with lines, one for each of its points.
fn histograms(metric: &Metric, mut lines: Option<&mut Vec<String>>) -> u64 {
    let head = format!("{} {}", metric.name(), metric.unit());
    let mut count = |(times, text): (u64, String)| {
        if let Some(lines) = &mut lines {
            lines.push(format!("{head} {text}"));
        }
        times
    };
    match metric.data() {
        AggregatedMetrics::F64(MetricData::Histogram(data)) => {
            data.data_points().map(|point| count(point_text(point, ""))).sum()
        }
        AggregatedMetrics::U64(MetricData::Histogram(data)) => {
            data.data_points().map(|point| count(point_text(point, &point.sum().to_string()))).sum()
        }
        _ => 0,
    }
}

/// The sum is told where it does not depend on time.
fn point_text<T: Copy>(point: &HistogramDataPoint<T>, sum: &str) -> (u64, String) {
    let bounds: Vec<f64> = point.bounds().collect();
    let attributes = sorted(point.attributes()).join(", ");
    (point.count(), format!("{} times {sum} in {bounds:?}: {attributes}", point.count()))
}
