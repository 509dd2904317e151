//! Telemetry as tests like to look at it.

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::metrics::v1::exemplar::Value as Exemplary;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value as Number;
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, Exemplar, HistogramDataPoint, Metric, NumberDataPoint,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1;
use serde_json::Value;

use super::Payload;

/// Attributes by name; integers, doubles, booleans and arrays stay what they are.
pub type Attributes = BTreeMap<String, Value>;

/// A span.
#[derive(Clone, Debug)]
pub struct Span {
    /// The resource's attributes.
    pub resource: Attributes,
    /// The scope's name and version.
    pub scope: (String, String),
    /// The name.
    pub name: String,
    /// `CLIENT`, `INTERNAL` and so on.
    pub kind: String,
    /// In hexadecimal digits.
    pub trace_id: String,
    /// In hexadecimal digits.
    pub span_id: String,
    /// In hexadecimal digits; empty at the root.
    pub parent: String,
    /// The attributes.
    pub attributes: Attributes,
    /// `UNSET`, `OK` or `ERROR`.
    pub status: String,
    /// All of it.
    pub proto: v1::Span,
}

/// A metric point.
#[derive(Clone, Debug)]
pub struct Point {
    /// The resource's attributes.
    pub resource: Attributes,
    /// The metric.
    pub metric: String,
    /// Its unit.
    pub unit: String,
    /// `sum`, `gauge` or `histogram`.
    pub kind: &'static str,
    /// `DELTA`, `CUMULATIVE`; `UNSPECIFIED` of a gauge.
    pub temporality: String,
    /// The attributes.
    pub attributes: Attributes,
    /// The sum of a histogram, the value of anything else.
    pub value: f64,
    /// The count of a histogram; 1 of anything else.
    pub count: u64,
    /// The bucket boundaries of a histogram.
    pub bounds: Vec<f64>,
    /// The counts of its buckets.
    pub buckets: Vec<u64>,
    /// Of its exemplars: value, trace id and span id.
    pub exemplars: Vec<(f64, String, String)>,
}

/// A log record.
#[derive(Clone, Debug)]
pub struct Log {
    /// The resource's attributes.
    pub resource: Attributes,
    /// The scope's name and version.
    pub scope: (String, String),
    /// The event's name; empty where it is none.
    pub event: String,
    /// The body.
    pub body: Value,
    /// The severity as a number and as text.
    pub severity: (i32, String),
    /// In hexadecimal digits.
    pub trace_id: String,
    /// In hexadecimal digits.
    pub span_id: String,
    /// The attributes.
    pub attributes: Attributes,
}

/// The spans of a request.
pub(super) fn spans(payload: &Payload) -> Vec<Span> {
    let Payload::Traces(request) = payload else { return Vec::new() };
    let mut spans = Vec::new();
    for of_resource in &request.resource_spans {
        for of_scope in &of_resource.scope_spans {
            spans.extend(of_scope.spans.iter().map(|span| Span {
                resource: of(of_resource.resource.as_ref()),
                scope: name(of_scope.scope.as_ref()),
                name: span.name.clone(),
                kind: short(span.kind().as_str_name(), "SPAN_KIND_"),
                trace_id: hex(&span.trace_id),
                span_id: hex(&span.span_id),
                parent: hex(&span.parent_span_id),
                attributes: attributes(&span.attributes),
                status: span.status.as_ref().map_or("UNSET".to_owned(), |status| {
                    short(status.code().as_str_name(), "STATUS_CODE_")
                }),
                proto: span.clone(),
            }));
        }
    }
    spans
}

/// The points of a request.
pub(super) fn points(payload: &Payload) -> Vec<Point> {
    let Payload::Metrics(request) = payload else { return Vec::new() };
    let mut points = Vec::new();
    for of_resource in &request.resource_metrics {
        let resource = of(of_resource.resource.as_ref());
        for metric in of_resource.scope_metrics.iter().flat_map(|of_scope| &of_scope.metrics) {
            points.extend(points_of(&resource, metric));
        }
    }
    points
}

fn points_of(resource: &Attributes, metric: &Metric) -> Vec<Point> {
    let empty = Point {
        resource: resource.clone(),
        metric: metric.name.clone(),
        unit: metric.unit.clone(),
        kind: "gauge",
        temporality: "UNSPECIFIED".to_owned(),
        attributes: Attributes::new(),
        value: 0.0,
        count: 1,
        bounds: Vec::new(),
        buckets: Vec::new(),
        exemplars: Vec::new(),
    };
    let number = |at: &NumberDataPoint| Point {
        attributes: attributes(&at.attributes),
        value: match at.value {
            Some(Number::AsDouble(value)) => value,
            Some(Number::AsInt(value)) => small(value),
            None => panic!("a point of {} without a value", metric.name),
        },
        exemplars: at.exemplars.iter().map(exemplar).collect(),
        ..empty.clone()
    };
    let temporality = |temporality: AggregationTemporality| {
        short(temporality.as_str_name(), "AGGREGATION_TEMPORALITY_")
    };
    match &metric.data {
        Some(Data::Gauge(gauge)) => gauge.data_points.iter().map(number).collect(),
        Some(Data::Sum(sum)) => {
            let of_sum = |at| Point {
                kind: "sum",
                temporality: temporality(sum.aggregation_temporality()),
                ..number(at)
            };
            sum.data_points.iter().map(of_sum).collect()
        }
        Some(Data::Histogram(histogram)) => {
            let of_histogram = |at: &HistogramDataPoint| Point {
                kind: "histogram",
                temporality: temporality(histogram.aggregation_temporality()),
                attributes: attributes(&at.attributes),
                value: at.sum.unwrap_or(f64::NAN),
                count: at.count,
                bounds: at.explicit_bounds.clone(),
                buckets: at.bucket_counts.clone(),
                exemplars: at.exemplars.iter().map(exemplar).collect(),
                ..empty.clone()
            };
            histogram.data_points.iter().map(of_histogram).collect()
        }
        other => panic!("an instrument that we do not use: {other:?}"),
    }
}

/// The log records of a request.
pub(super) fn logs(payload: &Payload) -> Vec<Log> {
    let Payload::Logs(request) = payload else { return Vec::new() };
    let mut logs = Vec::new();
    for of_resource in &request.resource_logs {
        for of_scope in &of_resource.scope_logs {
            logs.extend(of_scope.log_records.iter().map(|log| Log {
                resource: of(of_resource.resource.as_ref()),
                scope: name(of_scope.scope.as_ref()),
                event: log.event_name.clone(),
                body: log.body.as_ref().map_or(Value::Null, value),
                severity: (log.severity_number, log.severity_text.clone()),
                trace_id: hex(&log.trace_id),
                span_id: hex(&log.span_id),
                attributes: attributes(&log.attributes),
            }));
        }
    }
    logs
}

fn of(resource: Option<&Resource>) -> Attributes {
    resource.map(|resource| attributes(&resource.attributes)).unwrap_or_default()
}

fn name(scope: Option<&InstrumentationScope>) -> (String, String) {
    scope.map(|scope| (scope.name.clone(), scope.version.clone())).unwrap_or_default()
}

fn attributes(list: &[KeyValue]) -> Attributes {
    let mut attributes = Attributes::new();
    for KeyValue { key, value: said, .. } in list {
        let said = said.as_ref().map_or(Value::Null, value);
        let before = attributes.insert(key.clone(), said);
        assert_eq!(before, None, "the attribute {key} stands twice");
    }
    attributes
}

fn value(any: &AnyValue) -> Value {
    match &any.value {
        None => Value::Null,
        Some(Any::StringValue(text)) => text.as_str().into(),
        Some(Any::BoolValue(flag)) => (*flag).into(),
        Some(Any::IntValue(int)) => (*int).into(),
        Some(Any::DoubleValue(double)) => (*double).into(),
        Some(Any::ArrayValue(array)) => array.values.iter().map(value).collect(),
        Some(Any::KvlistValue(list)) => {
            attributes(&list.values).into_iter().collect::<serde_json::Map<_, _>>().into()
        }
        Some(other) => panic!("a value that we do not use: {other:?}"),
    }
}

fn exemplar(exemplar: &Exemplar) -> (f64, String, String) {
    let value = match exemplar.value {
        Some(Exemplary::AsDouble(value)) => value,
        Some(Exemplary::AsInt(value)) => small(value),
        None => f64::NAN,
    };
    (value, hex(&exemplar.trace_id), hex(&exemplar.span_id))
}

#[expect(clippy::cast_precision_loss, reason = "counts of a test are small")]
fn small(value: i64) -> f64 {
    value as f64
}

fn short(name: &str, prefix: &str) -> String {
    name.strip_prefix(prefix).unwrap_or(name).to_owned()
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;

    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
