//! Metrics: one item for each point. A histogram is its sum, count, least and greatest value; the service keeps no
//! buckets, so an exponential one is the same.

mod point;
mod standard;
#[cfg(test)]
mod tests;

use std::sync::atomic::AtomicU64;
use std::time::SystemTime;

use opentelemetry::KeyValue;
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData, ResourceMetrics};

use super::super::item::{Item, ItemKind};
use super::envelope::Envelope;
use super::properties::Properties;
use super::{Mapper, limits};
use crate::guard::seldom;
use point::{Number, Point};
use standard::Standard;

/// Metrics left out because the service counts the same itself.
static LEFT_OUT: AtomicU64 = AtomicU64::new(0);
/// Points whose value is no number that JSON has.
static NOT_FINITE: AtomicU64 = AtomicU64::new(0);

/// The counters of a host under the names that the portal's performance view reads.
const PERFORMANCE_COUNTERS: [(&str, &str); 9] = [
    ("memoryavailablebytes", r"\Memory\Available Bytes"),
    ("exceptionssec", r"\.NET CLR Exceptions(??APP_CLR_PROC??)\# of Exceps Thrown / sec"),
    ("requestexecutiontime", r"\ASP.NET Applications(??APP_W3SVC_PROC??)\Request Execution Time"),
    ("requestssec", r"\ASP.NET Applications(??APP_W3SVC_PROC??)\Requests/Sec"),
    ("processtime", r"\Process(??APP_WIN32_PROC??)\% Processor Time"),
    ("processtimenormalized", r"\Process(??APP_WIN32_PROC??)\% Processor Time Normalized"),
    ("processiobytessec", r"\Process(??APP_WIN32_PROC??)\IO Data Bytes/sec"),
    ("processprivatebytes", r"\Process(??APP_WIN32_PROC??)\Private Bytes"),
    ("processortotalprocessortime", r"\Processor(_Total)\% Processor Time"),
];
const PERFORMANCE_COUNTER: &str = "azuremonitor.performancecounter.";

/// All points of all metrics.
pub(super) fn metrics(mapper: &Mapper, metrics: &ResourceMetrics, out: &mut Vec<Item>) {
    for of_scope in metrics.scope_metrics() {
        let namespace = of_scope.scope().name();
        let namespace = Some(namespace).filter(|name| mapper.wants_namespace() && !name.is_empty());
        for metric in of_scope.metrics() {
            if standard::is_left_out(metric.name()) {
                seldom(&LEFT_OUT, (), |times| {
                    tracing::debug!(target: "llmobs", times, metric = metric.name(), "not sent to Azure Monitor: it counts the same from requests and dependencies");
                });
                continue;
            }
            let series = |time| Series {
                mapper,
                name: service_name(metric.name()),
                namespace,
                standard: Standard::of(metric.name()),
                time,
            };
            match metric.data() {
                AggregatedMetrics::F64(data) => points(data, series, out),
                AggregatedMetrics::U64(data) => points(data, series, out),
                AggregatedMetrics::I64(data) => points(data, series, out),
            }
        }
    }
}

fn service_name(name: &str) -> &str {
    let counter = name.strip_prefix(PERFORMANCE_COUNTER);
    let known = PERFORMANCE_COUNTERS.iter().find(|(known, _)| Some(*known) == counter);
    known.map_or(name, |(_, portal)| portal)
}

fn points<'a, T: Number>(
    data: &'a MetricData<T>,
    series: impl Fn(SystemTime) -> Series<'a>,
    out: &mut Vec<Item>,
) {
    match data {
        MetricData::Gauge(gauge) => {
            let series = series(gauge.time());
            for point in gauge.data_points() {
                series.item(&Point::single(point.value()), point.attributes(), out);
            }
        }
        MetricData::Sum(sum) => {
            let series = series(sum.time());
            for point in sum.data_points() {
                series.item(&Point::single(point.value()), point.attributes(), out);
            }
        }
        MetricData::Histogram(histogram) => {
            let series = series(histogram.time());
            for point in histogram.data_points() {
                let of = Point::of_many(point.sum(), point.count(), point.min(), point.max());
                series.item(&of, point.attributes(), out);
            }
        }
        MetricData::ExponentialHistogram(histogram) => {
            let series = series(histogram.time());
            for point in histogram.data_points() {
                let count = u64::try_from(point.count()).unwrap_or(u64::MAX);
                let of = Point::of_many(point.sum(), count, point.min(), point.max());
                series.item(&of, point.attributes(), out);
            }
        }
    }
}

/// What the points of one metric have in common.
struct Series<'a> {
    mapper: &'a Mapper,
    name: &'a str,
    namespace: Option<&'a str>,
    standard: Option<Standard>,
    time: SystemTime,
}

impl<'a> Series<'a> {
    /// The item of one point. Of a histogram into which nothing went there is nothing to tell; a sum too great for
    /// its type is not known.
    fn item<T: Number>(
        &self,
        point: &Point<T>,
        attributes: impl Iterator<Item = &'a KeyValue>,
        out: &mut Vec<Item>,
    ) {
        if point.is_empty() {
            return;
        }
        if !point.is_finite() {
            return seldom(&NOT_FINITE, (), |times| {
                tracing::warn!(target: "llmobs", times, metric = self.name, "a point is not sent: its value is not a finite number");
            });
        }
        out.push(if let Some(standard) = self.standard {
            let facts = standard.read(attributes).facts(self.mapper);
            self.envelope(point, facts.is_synthetic, facts.properties())
        } else {
            let mut properties = Properties::with_room(attributes.size_hint().0);
            for attribute in attributes {
                properties.add(attribute.key.as_str(), &attribute.value);
            }
            self.envelope(point, false, properties)
        });
    }

    fn envelope<T: Number>(
        &self,
        point: &Point<T>,
        is_synthetic: bool,
        properties: Properties<'_>,
    ) -> Item {
        let mut envelope = Envelope::new(self.mapper, ItemKind::Metric, properties.size());
        if is_synthetic {
            envelope.tag(super::tags::SYNTHETIC_SOURCE, "True");
        }
        let mut data = envelope.data(self.time, None);
        let out = data.field("metrics");
        out.extend_from_slice(b"[{\"name\":");
        super::json::string(out, limits::cut(self.name, limits::NAME));
        if let Some(namespace) = self.namespace {
            out.extend_from_slice(b",\"ns\":");
            super::json::string(out, limits::cut(namespace, limits::NAMESPACE));
        }
        point.write(out);
        out.extend_from_slice(b"}]");
        data.finish_metric(self.mapper, properties)
    }
}
