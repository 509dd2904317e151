//! From what the SDK has collected to metric families as Prometheus knows them.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::atomic::AtomicU64;

use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::data::{
    AggregatedMetrics, Histogram, Metric, MetricData, ResourceMetrics, ScopeMetrics,
};

use super::accept::Format;
use super::claims::Claims;
use super::exemplars::{Exemplar, Exemplars};
use super::labels::Labels;
use super::names::{self, Suffix};
use crate::SCOPE;
use crate::guard::seldom;

/// What the samples of a family are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Counter,
    Gauge,
    Histogram,
    Info,
}

/// Everything of one name.
#[derive(Debug)]
pub(super) struct Family {
    pub(super) kind: Kind,
    pub(super) unit: String,
    pub(super) help: String,
    /// By their labels.
    pub(super) series: BTreeMap<String, Sample>,
}

/// The families of a page by their names.
pub(super) type Families = BTreeMap<String, Family>;

/// One series now.
#[derive(Debug)]
pub(super) struct Sample {
    pub(super) value: Value,
    /// With the bucket that each is of; a counter has one.
    pub(super) exemplars: Vec<(usize, Exemplar)>,
}

#[derive(Debug)]
pub(super) enum Value {
    Number(Number),
    Histogram(Distribution),
}

/// A number in the type that it was measured in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    Natural(u64),
    Integer(i64),
    Float(f64),
}

#[derive(Debug)]
pub(super) struct Distribution {
    pub(super) bounds: Vec<f64>,
    /// How many are in each bucket alone.
    pub(super) counts: Vec<u64>,
    pub(super) count: u64,
    /// Absent where it may go down.
    pub(super) sum: Option<Number>,
}

impl From<u64> for Number {
    fn from(value: u64) -> Self {
        Self::Natural(value)
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<f64> for Number {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl Number {
    fn is_negative(self) -> bool {
        match self {
            Self::Natural(_) => false,
            Self::Integer(value) => value < 0,
            Self::Float(value) => value < 0.0,
        }
    }

    fn plus(self, other: Self) -> Self {
        match (self, other) {
            (Self::Natural(a), Self::Natural(b)) => Self::Natural(a.saturating_add(b)),
            (Self::Integer(a), Self::Integer(b)) => Self::Integer(a.saturating_add(b)),
            (a, b) => Self::Float(a.float() + b.float()),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "that is what a float of it is")]
    pub(super) fn float(self) -> f64 {
        match self {
            Self::Natural(value) => value as f64,
            Self::Integer(value) => value as f64,
            Self::Float(value) => value,
        }
    }
}

impl Distribution {
    /// Both together; `false` where their buckets differ.
    fn add(&mut self, other: &Self) -> bool {
        if self.bounds != other.bounds || self.counts.len() != other.counts.len() {
            return false;
        }
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count = count.saturating_add(*more);
        }
        self.count = self.count.saturating_add(other.count);
        self.sum = self.sum.zip(other.sum).map(|(a, b)| a.plus(b));
        true
    }
}

impl Sample {
    /// Takes in another of the same labels: two attributes may be one label, and two metrics one name.
    fn merge(&mut self, kind: Kind, other: Self) -> bool {
        let added = match (&mut self.value, other.value) {
            (Value::Number(a), Value::Number(b)) if kind == Kind::Counter => {
                *a = a.plus(b);
                true
            }
            (Value::Number(a), Value::Number(b)) => {
                *a = b;
                true
            }
            (Value::Histogram(a), Value::Histogram(b)) => a.add(&b),
            _ => false,
        };
        if added {
            for (bucket, exemplar) in other.exemplars {
                if !self.exemplars.iter().any(|(known, _)| *known == bucket) {
                    self.exemplars.push((bucket, exemplar));
                }
            }
        }
        added
    }
}

/// Metrics, or points of them, that have no place on a page.
static LEFT_OUT: AtomicU64 = AtomicU64::new(0);

fn left_out(metric: &str, why: &'static str) {
    seldom(&LEFT_OUT, (), |times| {
        tracing::warn!(target: "llmobs", metric, times, "not on the page for Prometheus: {why}");
    });
}

/// What a page consists of.
pub(super) struct Pages<'a> {
    pub(super) exemplars: &'a Exemplars,
    pub(super) scope_labels: bool,
    pub(super) target_info: bool,
    /// With `OpenMetrics` the metrics of the scope of calls have exemplars.
    pub(super) format: Format,
}

/// A page in the making.
struct Draft {
    families: Families,
    claims: Claims,
}

/// The name of the family that describes what is scraped.
const TARGET: &str = "target";

impl Pages<'_> {
    /// The families of what was collected.
    pub(super) fn families(&self, collected: &ResourceMetrics) -> Families {
        let mut draft = Draft { families: Families::new(), claims: Claims::new(self.format) };
        if self.target_info && !collected.resource().is_empty() {
            draft.claims.take(TARGET, Kind::Info);
            draft.families.insert(TARGET.to_owned(), target(collected.resource()));
        }
        // The SDK has them in no order; where two have one name, the same wins each time.
        let mut scopes: Vec<_> = collected.scope_metrics().collect();
        scopes.sort_by_key(|of| (of.scope().name(), of.scope().version()));
        for of in scopes {
            for metric in of.metrics() {
                self.add(of, metric, &mut draft);
            }
        }
        draft.families
    }

    fn add(&self, of: &ScopeMetrics, metric: &Metric, draft: &mut Draft) {
        match metric.data() {
            AggregatedMetrics::F64(data) => self.add_data(of.scope(), metric, data, draft),
            AggregatedMetrics::U64(data) => self.add_data(of.scope(), metric, data, draft),
            AggregatedMetrics::I64(data) => self.add_data(of.scope(), metric, data, draft),
        }
    }

    fn add_data<T: Copy + Into<Number>>(
        &self,
        scope: &InstrumentationScope,
        metric: &Metric,
        data: &MetricData<T>,
        draft: &mut Draft,
    ) {
        let (kind, suffix) = match data {
            MetricData::Sum(sum) if sum.is_monotonic() => (Kind::Counter, Suffix::Total),
            MetricData::Sum(_) => (Kind::Gauge, Suffix::None),
            MetricData::Gauge(_) => (Kind::Gauge, Suffix::Ratio),
            MetricData::Histogram(_) => (Kind::Histogram, Suffix::None),
            MetricData::ExponentialHistogram(_) => {
                return left_out(metric.name(), "text has no exponential histograms");
            }
        };
        let Some((name, unit)) = names::family(metric.name(), metric.unit(), suffix) else {
            return left_out(metric.name(), "nothing is left of its name");
        };
        let Draft { families, claims } = draft;
        let family = match families.entry(name) {
            Entry::Occupied(known) if known.get().kind != kind => {
                return left_out(metric.name(), "a metric of another type has its name");
            }
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) if !claims.take(place.key(), kind) => {
                return left_out(metric.name(), "samples of another metric have its name");
            }
            Entry::Vacant(place) => place.insert(Family {
                kind,
                unit,
                help: metric.description().to_owned(),
                series: BTreeMap::new(),
            }),
        };
        let mut series = Series { pages: self, scope, metric, family };
        match data {
            MetricData::Sum(sum) => {
                for point in sum.data_points() {
                    series.add(point.attributes(), Value::Number(point.value().into()));
                }
            }
            MetricData::Gauge(gauge) => {
                for point in gauge.data_points() {
                    series.add(point.attributes(), Value::Number(point.value().into()));
                }
            }
            MetricData::Histogram(histogram) => series.add_histogram(histogram),
            MetricData::ExponentialHistogram(_) => {}
        }
    }
}

/// Where the points of one metric go.
struct Series<'a> {
    pages: &'a Pages<'a>,
    scope: &'a InstrumentationScope,
    metric: &'a Metric,
    family: &'a mut Family,
}

impl Series<'_> {
    fn add_histogram<T: Copy + Into<Number>>(&mut self, histogram: &Histogram<T>) {
        for point in histogram.data_points() {
            // A sum to which something negative was added may go down, which a counter must not.
            let rises = point.min().is_none_or(|min| !min.into().is_negative());
            let distribution = Distribution {
                bounds: point.bounds().collect(),
                counts: point.bucket_counts().collect(),
                count: point.count(),
                sum: rises.then(|| point.sum().into()),
            };
            self.add(point.attributes(), Value::Histogram(distribution));
        }
    }

    fn add<'k>(&mut self, attributes: impl Iterator<Item = &'k KeyValue>, value: Value) {
        let mut labels = Labels::of(attributes);
        let exemplars = self.exemplars(&mut labels, &value);
        if self.pages.scope_labels {
            of_scope(self.scope, &mut labels);
        }
        let (kind, sample) = (self.family.kind, Sample { value, exemplars });
        match self.family.series.entry(labels.text()) {
            Entry::Vacant(place) => {
                place.insert(sample);
            }
            Entry::Occupied(mut known) => {
                if !known.get_mut().merge(kind, sample) {
                    left_out(self.metric.name(), "a point with other buckets has the same labels");
                }
            }
        }
    }

    /// Those of a point with these labels, of which none is of the scope yet.
    fn exemplars(&self, labels: &mut Labels<'_>, value: &Value) -> Vec<(usize, Exemplar)> {
        if self.pages.format != Format::OpenMetrics || self.scope.name() != SCOPE {
            return Vec::new();
        }
        let bounds = match value {
            Value::Histogram(distribution) => distribution.bounds.as_slice(),
            Value::Number(_) if self.family.kind == Kind::Counter => &[],
            Value::Number(_) => return Vec::new(),
        };
        self.pages.exemplars.of(self.metric.name(), &labels.text(), bounds)
    }
}

/// Labels that say what recorded a point.
fn of_scope<'a>(scope: &'a InstrumentationScope, labels: &mut Labels<'a>) {
    let mut add = |key: &'a str, value: String| {
        let label = names::label(&format!("otel_scope_{key}"));
        labels.add(label, key, value);
    };
    add("name", scope.name().to_owned());
    add("version", scope.version().unwrap_or_default().to_owned());
    add("schema_url", scope.schema_url().unwrap_or_default().to_owned());
    for KeyValue { key, value, .. } in scope.attributes() {
        if !matches!(key.as_str(), "name" | "version" | "schema_url") {
            add(key.as_str(), value.as_str().into_owned());
        }
    }
}

/// The resource, as the labels of a sample of its own.
fn target(resource: &Resource) -> Family {
    let attributes: Vec<_> =
        resource.iter().map(|(key, value)| KeyValue::new(key.clone(), value.clone())).collect();
    let sample = Sample { value: Value::Number(Number::Natural(1)), exemplars: Vec::new() };
    Family {
        kind: Kind::Info,
        unit: String::new(),
        help: "Target metadata".to_owned(),
        series: BTreeMap::from([(Labels::of(attributes.iter()).text(), sample)]),
    }
}
