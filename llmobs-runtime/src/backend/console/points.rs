//! Metrics, as a block of lines each time that they are collected.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use opentelemetry::KeyValue;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::{
    AggregatedMetrics, Metric, MetricData, ResourceMetrics, ScopeMetrics,
};
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;

use super::FLUSH;
use super::pairs::pair;
use super::style::{Ink, Line, clean, clock, counted, number};
use super::worker::{Look, Mailbox};

/// Blanks between two parts of a line, and before a point.
const GAP: usize = 2;
/// Most metrics of a block.
const METRICS: usize = 100;
/// Most points of a metric.
const POINTS: usize = 20;
/// Longest name that is shown, in characters.
const NAME_LENGTH: usize = 80;

/// The part of a console that takes metrics.
#[derive(Debug)]
pub(crate) struct Points {
    mailbox: Arc<Mailbox>,
    look: Look,
    closed: AtomicBool,
}

impl Points {
    pub(super) fn new(mailbox: Arc<Mailbox>, look: Look) -> Self {
        Self { mailbox, look, closed: AtomicBool::new(false) }
    }
}

impl PushMetricExporter for Points {
    /// Waits until the block is printed, on the thread of a reader.
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        if self.closed.load(Ordering::Relaxed) {
            return Err(OTelSdkError::AlreadyShutdown);
        }
        match draw(metrics, SystemTime::now(), self.look) {
            block if block.is_empty() => Ok(()),
            block => self.mailbox.print(block, FLUSH),
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        if self.closed.swap(true, Ordering::Relaxed) {
            return Ok(());
        }
        self.mailbox.close(timeout)
    }

    fn temporality(&self) -> Temporality {
        Temporality::Cumulative
    }
}

/// A metric, ready to be drawn.
struct Drawn<'a> {
    name: &'a str,
    unit: &'a str,
    kind: String,
    /// Values and attributes.
    points: Vec<(String, Vec<String>)>,
}

/// The block; nothing where there is no point.
fn draw(metrics: &ResourceMetrics, now: SystemTime, look: Look) -> String {
    let metrics = metrics.scope_metrics().flat_map(ScopeMetrics::metrics);
    let mut metrics: Vec<_> = metrics.map(drawn).filter(|it| !it.points.is_empty()).collect();
    // The SDK has them, and their points, in no order.
    metrics.sort_by(|a, b| a.name.cmp(b.name));
    let mut out = String::new();
    if metrics.is_empty() {
        return out;
    }
    let mut write = |line: &Line| line.write(&mut out, look.color, look.width);
    let count = |count: usize, noun| counted(u64::try_from(count).unwrap_or(u64::MAX), noun);
    let all = metrics.iter().map(|metric| metric.points.len()).fold(0, usize::saturating_add);
    let mut head = Line::default();
    head.text(Ink::Bold, format!("{} UTC", clock(now))).gap(GAP);
    head.text(Ink::Bold, count(metrics.len(), "metric"))
        .gap(GAP)
        .text(Ink::Plain, count(all, "point"));
    write(&head);
    let left_out = metrics.len().saturating_sub(METRICS);
    for mut metric in metrics.into_iter().take(METRICS) {
        let mut line = Line::default();
        line.text(Ink::Model, clean(metric.name, NAME_LENGTH));
        line.gap(GAP).text(Ink::Plain, clean(metric.unit, NAME_LENGTH));
        line.close_gap(GAP).text(Ink::Dim, metric.kind);
        write(&line);
        metric.points.sort_by(|a, b| a.1.cmp(&b.1));
        let more = metric.points.len().saturating_sub(POINTS);
        for (values, attributes) in metric.points.into_iter().take(POINTS) {
            let mut line = Line::default();
            line.gap(GAP).text(Ink::Plain, values);
            for attribute in attributes {
                line.gap(GAP).text(Ink::Dim, attribute);
            }
            write(&line);
        }
        if more > 0 {
            let mut line = Line::default();
            line.gap(GAP).text(Ink::Warning, format!("{} not shown", count(more, "point")));
            write(&line);
        }
    }
    if left_out > 0 {
        let mut line = Line::default();
        line.text(Ink::Warning, format!("{} not shown", count(left_out, "metric")));
        write(&line);
    }
    // As below a trace.
    out.push('\n');
    out
}

fn drawn(metric: &Metric) -> Drawn<'_> {
    let (kind, points) = match metric.data() {
        AggregatedMetrics::F64(data) => read(data, float),
        AggregatedMetrics::U64(data) => read(data, number),
        AggregatedMetrics::I64(data) => read(data, integer),
    };
    Drawn { name: metric.name(), unit: metric.unit(), kind, points }
}

/// What kind of metric it is, and its points.
fn read<T: Copy>(
    data: &MetricData<T>,
    show: impl Fn(T) -> String,
) -> (String, Vec<(String, Vec<String>)>) {
    let since = |kind: &str, temporality: Temporality, start: SystemTime| {
        let temporality = match temporality {
            Temporality::Delta => "delta",
            _ => "cumulative",
        };
        format!("{kind}, {temporality} since {}", clock(start))
    };
    let spread = |count: u64, sum: T, least: Option<T>, most: Option<T>| {
        let ends = [("min", least), ("max", most)].into_iter();
        let ends = ends.filter_map(|(name, value)| Some(format!("  {name} {}", show(value?))));
        let said = format!("count {}  sum {}", number(count), show(sum));
        std::iter::once(said).chain(ends).collect::<String>()
    };
    match data {
        MetricData::Gauge(gauge) => {
            let points = gauge.data_points();
            let points = points.map(|at| (show(at.value()), pairs(at.attributes())));
            ("gauge".to_owned(), points.collect())
        }
        MetricData::Sum(sum) => {
            let kind = if sum.is_monotonic() { "counter" } else { "up-down counter" };
            let points = sum.data_points();
            let points = points.map(|at| (show(at.value()), pairs(at.attributes())));
            (since(kind, sum.temporality(), sum.start_time()), points.collect())
        }
        MetricData::Histogram(histogram) => {
            let points = histogram.data_points().map(|at| {
                (spread(at.count(), at.sum(), at.min(), at.max()), pairs(at.attributes()))
            });
            let kind = since("histogram", histogram.temporality(), histogram.start_time());
            (kind, points.collect())
        }
        MetricData::ExponentialHistogram(histogram) => {
            let points = histogram.data_points().map(|at| {
                let count = u64::try_from(at.count()).unwrap_or(u64::MAX);
                (spread(count, at.sum(), at.min(), at.max()), pairs(at.attributes()))
            });
            let (temporality, start) = (histogram.temporality(), histogram.start_time());
            (since("exponential histogram", temporality, start), points.collect())
        }
    }
}

fn pairs<'a>(attributes: impl Iterator<Item = &'a KeyValue>) -> Vec<String> {
    let shown = |of: &KeyValue| pair(of.key.as_str(), Some(of.value.as_str()));
    let mut pairs: Vec<String> = attributes.filter_map(shown).collect();
    pairs.sort();
    pairs
}

fn integer(value: i64) -> String {
    let sign = if value < 0 { "-" } else { "" };
    format!("{sign}{}", number(value.unsigned_abs()))
}

/// With six decimals at most, and with an exponent where those would not tell enough, or too much.
pub(super) fn float(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && size.is_finite() && !(1e-3..1e15).contains(&size) {
        let text = format!("{value:.5e}");
        return match text.split_once('e') {
            Some((digits, exponent)) => format!("{}e{exponent}", without_zeros(digits)),
            None => text,
        };
    }
    without_zeros(&format!("{value:.6}")).to_owned()
}

/// The digits without zeros that say nothing.
fn without_zeros(digits: &str) -> &str {
    if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits }
}
