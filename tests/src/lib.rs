//! What the tests share: a pipeline that keeps in memory what it records.

pub mod dashboards;
pub mod envelope;
pub mod exposition;
pub mod ingestion;
pub mod otlp;
pub mod scrape;
pub mod scratch;
pub mod sinks;
pub mod soak;
pub mod written;

mod memory;
mod plain;
mod request;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use llmobs_runtime::conventions::Dialect;
use llmobs_runtime::processor::BatchLogProcessor;
use llmobs_runtime::{Builder, Telemetry};
use opentelemetry::logs::AnyValue;
use opentelemetry::trace::Status;
use opentelemetry::{KeyValue, Value};
use opentelemetry_sdk::logs::{InMemoryLogExporter, SdkLogRecord, SimpleLogProcessor};
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData};
use opentelemetry_sdk::metrics::{InMemoryMetricExporter, PeriodicReader};
use opentelemetry_sdk::trace::{InMemorySpanExporter, Sampler, SimpleSpanProcessor, SpanData};

pub use memory::Memory;
pub use plain::plain;

/// The road that calls take to what exports them. What is recorded is the same, so all tests hold on both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Road {
    /// That of a pipeline in which every processor is one of ours.
    Ours,
    /// Calls are spans of the SDK.
    Sdk,
}

impl Road {
    /// The SDK's where `LLMOBS_TESTS_SDK_SPANS` is set.
    fn usual() -> Self {
        if std::env::var_os("LLMOBS_TESTS_SDK_SPANS").is_some() { Self::Sdk } else { Self::Ours }
    }
}

/// A process has one pipeline; tests that run side by side take turns.
static TURN: Mutex<()> = Mutex::new(());

/// A pipeline for one test, until it is dropped.
pub struct Recorder {
    spans: InMemorySpanExporter,
    metrics: InMemoryMetricExporter,
    logs: InMemoryLogExporter,
    telemetry: Option<Telemetry>,
    _turn: MutexGuard<'static, ()>,
}

impl Recorder {
    /// Records everything in the released dialect.
    pub fn new() -> Self {
        Self::with(Dialect::Released, Sampler::AlwaysOn)
    }

    /// Records everything in the latest dialect.
    pub fn latest() -> Self {
        Self::with(Dialect::Latest, Sampler::AlwaysOn)
    }

    /// Records in a dialect what a sampler lets through.
    ///
    /// # Panics
    ///
    /// When the process has a pipeline already.
    pub fn with(
        dialect: Dialect,
        sampler: impl opentelemetry_sdk::trace::ShouldSample + 'static,
    ) -> Self {
        Self::built(|builder| builder.dialect(dialect).sampler(sampler))
    }

    /// Records into a pipeline that `more` is said of.
    ///
    /// # Panics
    ///
    /// When the process has a pipeline already.
    pub fn built(more: impl FnOnce(Builder) -> Builder) -> Self {
        Self::on(Road::usual(), more)
    }

    /// The same on a road of the test's choice.
    ///
    /// # Panics
    ///
    /// When the process has a pipeline already.
    pub fn on(road: Road, more: impl FnOnce(Builder) -> Builder) -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let spans = InMemorySpanExporter::default();
        let metrics = InMemoryMetricExporter::default();
        let logs = InMemoryLogExporter::default();
        let reader = PeriodicReader::builder(metrics.clone()).build();
        let builder = more(llmobs_runtime::builder()).meters(|meters| meters.with_reader(reader));
        let builder = match road {
            Road::Sdk => builder
                .log_processor(SimpleLogProcessor::new(logs.clone()))
                .span_processor(SimpleSpanProcessor::new(spans.clone())),
            Road::Ours => builder
                .log_processor(BatchLogProcessor::new(logs.clone()))
                .span_exporter(spans.clone()),
        };
        let telemetry = builder.install().expect("no other pipeline");
        Self { spans, metrics, logs, telemetry: Some(telemetry), _turn: turn }
    }

    /// Lets everything that is over arrive.
    fn flush(&self) {
        if let Some(telemetry) = &self.telemetry {
            telemetry.force_flush().expect("exporters in memory");
        }
    }

    /// The guard of the pipeline.
    ///
    /// # Panics
    ///
    /// When the pipeline was given up.
    pub fn telemetry(&self) -> &Telemetry {
        self.telemetry.as_ref().expect("a pipeline")
    }

    /// Gives up the pipeline, but not the turn: for a test that installs others.
    #[must_use]
    pub fn without_pipeline(mut self) -> Self {
        drop(self.telemetry.take());
        self
    }

    /// The spans that have ended, in that order.
    ///
    /// # Panics
    ///
    /// When the exporter has been shut down.
    pub fn spans(&self) -> Vec<Recorded> {
        self.flush();
        let spans = self.spans.get_finished_spans().expect("an exporter in use");
        spans.into_iter().map(Recorded).collect()
    }

    /// The only span.
    ///
    /// # Panics
    ///
    /// When there is none, or more than one.
    pub fn span(&self) -> Recorded {
        let mut spans = self.spans();
        assert_eq!(
            spans.len(),
            1,
            "{:?}",
            spans.iter().map(|span| &span.0.name).collect::<Vec<_>>()
        );
        spans.remove(0)
    }

    /// The only span, which ended with this error or none, and whose duration was recorded once: with the same
    /// error, and of the same length.
    ///
    /// # Panics
    ///
    /// When any of that is not so.
    #[track_caller]
    pub fn ended(&self, error: Option<&str>) -> Recorded {
        let span = self.span();
        assert_eq!(span.text("error.type").as_deref(), error);
        let status = error.map_or(Status::Unset, |error| Status::error(error.to_owned()));
        assert_eq!(span.0.status, status);
        let mut durations = self.points();
        durations.retain(|point| point.metric.ends_with(".duration"));
        assert_eq!((durations.len(), durations[0].count), (1, 1));
        assert_eq!(durations[0].attribute("error.type"), error);
        let length = span.0.end_time.duration_since(span.0.start_time).expect("no time machine");
        let length = length.as_secs_f64();
        assert_eq!(durations[0].sum.to_bits(), length.to_bits(), "{} {length}", durations[0].sum);
        span
    }

    /// The events that have been emitted, in that order.
    ///
    /// # Panics
    ///
    /// When the exporter has been shut down.
    pub fn events(&self) -> Vec<Emitted> {
        self.flush();
        let logs = self.logs.get_emitted_logs().expect("an exporter in use");
        logs.into_iter().map(|log| Emitted(log.record)).collect()
    }

    /// Every metric point so far: the metric's name with its attributes, and its value: the sum and the count
    /// of a histogram, the value of a counter.
    ///
    /// # Panics
    ///
    /// When metrics cannot be collected.
    pub fn points(&self) -> Vec<Point> {
        self.flush();
        let collected = self.metrics.get_finished_metrics().expect("an exporter in use");
        let Some(last) = collected.last() else { return Vec::new() };
        let mut points = Vec::new();
        for metric in
            last.scope_metrics().flat_map(opentelemetry_sdk::metrics::data::ScopeMetrics::metrics)
        {
            // What the pipeline tells of itself is no part of what a test records.
            if metric.name().starts_with("otel.sdk.") {
                continue;
            }
            let mut point = |attributes: Vec<&KeyValue>, sum: f64, count: u64, bounds: Vec<f64>| {
                points.push(Point {
                    metric: metric.name().to_owned(),
                    unit: metric.unit().to_owned(),
                    attributes: texts(attributes),
                    sum,
                    count,
                    bounds,
                });
            };
            #[expect(clippy::cast_precision_loss, reason = "counts of a test are small")]
            match metric.data() {
                AggregatedMetrics::F64(MetricData::Histogram(histogram)) => {
                    for at in histogram.data_points() {
                        point(
                            at.attributes().collect(),
                            at.sum(),
                            at.count(),
                            at.bounds().collect(),
                        );
                    }
                }
                AggregatedMetrics::U64(MetricData::Histogram(histogram)) => {
                    for at in histogram.data_points() {
                        point(
                            at.attributes().collect(),
                            at.sum() as f64,
                            at.count(),
                            at.bounds().collect(),
                        );
                    }
                }
                AggregatedMetrics::U64(MetricData::Sum(sum)) => {
                    for at in sum.data_points() {
                        point(at.attributes().collect(), at.value() as f64, 1, Vec::new());
                    }
                }
                other => panic!("an instrument that we do not use: {other:?}"),
            }
        }
        points.sort_by(|a, b| (&a.metric, &a.attributes).cmp(&(&b.metric, &b.attributes)));
        points
    }

    /// The name, version and schema URL of everything that recorded metrics.
    ///
    /// # Panics
    ///
    /// When metrics cannot be collected.
    pub fn metric_scopes(&self) -> Vec<[String; 3]> {
        let _ = self.points();
        let collected = self.metrics.get_finished_metrics().expect("an exporter in use");
        let scopes = collected.last().into_iter().flat_map(|last| {
            last.scope_metrics().map(|recorded| {
                let scope = recorded.scope();
                let or_empty = |text: Option<&str>| text.unwrap_or_default().to_owned();
                [scope.name().to_owned(), or_empty(scope.version()), or_empty(scope.schema_url())]
            })
        });
        scopes.collect()
    }

    /// The points of one metric.
    pub fn points_of(&self, metric: &str) -> Vec<Point> {
        self.points().into_iter().filter(|point| point.metric == metric).collect()
    }
}

impl Default for Recorder {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        // Before the turn is over.
        drop(self.telemetry.take());
    }
}

/// Runs `body` in a process of its own, in which no pipeline has been and the given variables are set.
///
/// `test` is the name of the test that calls this, the first thing that it does.
///
/// # Panics
///
/// When `body` does.
pub fn alone(test: &str, variables: &[(&str, &str)], body: impl FnOnce()) {
    const CHILD: &str = "LLMOBS_TESTS_CHILD";
    if std::env::var(CHILD).is_ok_and(|name| name == test) {
        return body();
    }
    let mut child = std::process::Command::new(std::env::current_exe().expect("this test binary"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("OTEL_")) {
        child.env_remove(name);
    }
    child.args(["--exact", test, "--nocapture", "--test-threads", "1"]).env(CHILD, test);
    let out = child.envs(variables.iter().copied()).output().expect("this test binary runs");
    let said = String::from_utf8_lossy(&out.stdout);
    assert!(
        out.status.success() && said.contains("1 passed"),
        "{test} on its own: {}\n{said}\n{}",
        out.status,
        String::from_utf8_lossy(&out.stderr)
    );
}

/// The same for each case, one after the other; `variables` says which are set for a case.
///
/// # Panics
///
/// When `body` does.
pub fn each_alone<C>(
    test: &str,
    cases: &[C],
    variables: impl for<'a> Fn(&'a C) -> Vec<(&'a str, &'a str)>,
    body: impl Fn(&C),
) {
    const CASE: &str = "LLMOBS_TESTS_CASE";
    // In the child its own case; in the parent all.
    let chosen = std::env::var(CASE).ok();
    for (index, case) in cases.iter().enumerate() {
        let number = index.to_string();
        if chosen.as_ref().is_none_or(|chosen| *chosen == number) {
            let mut variables = variables(case);
            variables.push((CASE, &number));
            alone(test, &variables, || body(case));
        }
    }
}

/// One metric point.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// The metric.
    pub metric: String,
    /// Its unit.
    pub unit: String,
    /// The attributes as text.
    pub attributes: BTreeMap<String, String>,
    /// The sum of a histogram, the value of a counter.
    pub sum: f64,
    /// The count of a histogram; 1 for a counter.
    pub count: u64,
    /// The bucket boundaries of a histogram.
    pub bounds: Vec<f64>,
}

impl Point {
    /// An attribute as text.
    pub fn attribute(&self, key: &str) -> Option<&str> {
        self.attributes.get(key).map(String::as_str)
    }
}

fn texts<'a>(attributes: impl IntoIterator<Item = &'a KeyValue>) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    for KeyValue { key, value, .. } in attributes {
        let before = texts.insert(key.to_string(), value.as_str().into_owned());
        assert_eq!(before, None, "the attribute {key} stands twice");
    }
    texts
}

/// An event that was emitted.
#[derive(Clone, Debug)]
pub struct Emitted(pub SdkLogRecord);

impl Emitted {
    /// The name.
    pub fn name(&self) -> Option<&'static str> {
        self.0.event_name()
    }

    /// The attribute of a key.
    pub fn value(&self, key: &str) -> Option<&AnyValue> {
        self.0.attributes_iter().find(|(known, _)| known.as_str() == key).map(|(_, value)| value)
    }

    /// The attribute of a key as JSON.
    pub fn json(&self, key: &str) -> Option<serde_json::Value> {
        self.value(key).map(json)
    }
}

/// A log record's value as JSON.
fn json(value: &AnyValue) -> serde_json::Value {
    match value {
        AnyValue::Int(int) => (*int).into(),
        AnyValue::Double(double) => (*double).into(),
        AnyValue::String(text) => text.as_str().into(),
        AnyValue::Boolean(flag) => (*flag).into(),
        AnyValue::ListAny(list) => list.iter().map(json).collect(),
        AnyValue::Map(map) => map
            .iter()
            .map(|(key, value)| (key.as_str().to_owned(), json(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        other => panic!("a value that we do not use: {other:?}"),
    }
}

/// A span that has ended.
#[derive(Clone, Debug)]
pub struct Recorded(pub SpanData);

impl Recorded {
    /// The attributes as text; none may stand twice.
    pub fn attributes(&self) -> BTreeMap<String, String> {
        texts(&self.0.attributes)
    }

    /// The attribute of a key.
    pub fn value(&self, key: &str) -> Option<&Value> {
        self.0
            .attributes
            .iter()
            .find(|attribute| attribute.key.as_str() == key)
            .map(|found| &found.value)
    }

    /// The attribute of a key as text.
    pub fn text(&self, key: &str) -> Option<String> {
        self.value(key).map(|value| value.as_str().into_owned())
    }

    /// The attribute of a key as an integer.
    pub fn int(&self, key: &str) -> Option<i64> {
        match self.value(key)? {
            Value::I64(int) => Some(*int),
            _ => None,
        }
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Whether this span is a child of `parent`.
    pub fn is_below(&self, parent: &Self) -> bool {
        self.0.parent_span_id == parent.0.span_context.span_id()
            && self.0.span_context.trace_id() == parent.0.span_context.trace_id()
    }
}

/// The README's examples compile and run.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
