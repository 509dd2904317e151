//! What came out of one road, in a shape that can be compared with what came out of the other.

use std::collections::BTreeMap;

use llmobs_runtime::conventions::operation;
use llmobs_runtime::{Builder, CallBuilder, call};
use llmobs_tests::{Emitted, Point, Recorder, Road};
use opentelemetry::trace::{SpanId, SpanKind, Status, TraceFlags, TraceId};
use opentelemetry::{InstrumentationScope, KeyValue, Value};
use opentelemetry_sdk::trace::SpanData;

/// All that was recorded, but for ids and times.
#[derive(Debug, PartialEq)]
pub(crate) struct Seen {
    pub(crate) spans: Vec<Shape>,
    pub(crate) points: Vec<Point>,
    pub(crate) events: Vec<Said>,
}

/// A span; ids are the places of the spans that have them.
#[derive(Debug, PartialEq)]
pub(crate) struct Shape {
    pub(crate) name: String,
    pub(crate) kind: SpanKind,
    trace: usize,
    pub(crate) parent: Parent,
    parent_is_remote: bool,
    is_remote: bool,
    pub(crate) flags: TraceFlags,
    pub(crate) trace_state: String,
    pub(crate) attributes: Vec<KeyValue>,
    pub(crate) dropped_attributes: u32,
    pub(crate) events: Vec<(String, Vec<KeyValue>, u32)>,
    pub(crate) dropped_events: u32,
    pub(crate) links: Vec<opentelemetry::trace::Link>,
    pub(crate) dropped_links: u32,
    pub(crate) status: Status,
    scope: InstrumentationScope,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Parent {
    None,
    /// One that was exported, by its place.
    Exported(usize),
    /// Another one, which the test has chosen or nobody can know.
    Other,
}

/// An event.
#[derive(Debug, PartialEq)]
pub(crate) struct Said {
    name: Option<&'static str>,
    span: Parent,
    flags: Option<TraceFlags>,
    severity: Option<opentelemetry::logs::Severity>,
    body: bool,
    pub(crate) attributes: Vec<(String, serde_json::Value)>,
}

impl Shape {
    pub(crate) fn keys(&self) -> Vec<&str> {
        self.attributes.iter().map(|attribute| attribute.key.as_str()).collect()
    }

    pub(crate) fn values(&self, key: &str) -> Vec<String> {
        let of = self.attributes.iter().filter(|attribute| attribute.key.as_str() == key);
        of.map(|attribute| attribute.value.as_str().into_owned()).collect()
    }
}

/// Runs the same on both roads, finds no difference, and tells what came out.
pub(crate) fn both(more: impl Fn(Builder) -> Builder, body: impl Fn()) -> Seen {
    let [ours, sdk] = [Road::Ours, Road::Sdk].map(|road| {
        let recorder = Recorder::on(road, &more);
        body();
        seen(&recorder)
    });
    assert_eq!(ours, sdk, "our road, the SDK's");
    ours
}

/// As it is without anything said.
pub(crate) fn plainly(body: impl Fn()) -> Seen {
    both(|builder| builder, body)
}

/// The same, of one span, whose duration is that of its metric to the nanosecond.
pub(crate) fn one(body: impl Fn()) -> Shape {
    for road in [Road::Ours, Road::Sdk] {
        let recorder = Recorder::on(road, |builder| builder);
        body();
        assert_lasted(&recorder);
    }
    only(plainly(body))
}

/// The only span.
pub(crate) fn only(seen: Seen) -> Shape {
    let [span] = <[Shape; 1]>::try_from(seen.spans).expect("one span");
    span
}

/// The only span is as long as its metric says.
pub(crate) fn assert_lasted(recorder: &Recorder) {
    let SpanData { start_time, end_time, .. } = recorder.span().0;
    let length = end_time.duration_since(start_time).expect("no time machine").as_secs_f64();
    let mut points = recorder.points();
    points.retain(|point| point.metric.ends_with(".duration"));
    assert_eq!((points.len(), points[0].count), (1, 1));
    assert_eq!(points[0].sum.to_bits(), length.to_bits(), "{} {length}", points[0].sum);
}

pub(crate) fn seen(recorder: &Recorder) -> Seen {
    let spans: Vec<SpanData> = recorder.spans().into_iter().map(|span| span.0).collect();
    let mut places = Places::default();
    for span in &spans {
        places.of_span(span.span_context.span_id());
    }
    let points = recorder.points().into_iter().map(|mut point| {
        if point.unit == "s" {
            point.sum = 0.0;
        }
        point
    });
    Seen {
        points: points.collect(),
        events: recorder.events().iter().map(|event| places.event(event)).collect(),
        spans: spans.into_iter().map(|span| places.shape(span)).collect(),
    }
}

/// Which id has which place.
#[derive(Default)]
struct Places {
    spans: BTreeMap<[u8; 8], usize>,
    traces: BTreeMap<[u8; 16], usize>,
}

impl Places {
    fn of_span(&mut self, id: SpanId) {
        assert_ne!(id, SpanId::INVALID);
        let place = self.spans.len();
        assert_eq!(self.spans.insert(id.to_bytes(), place), None, "an id twice");
    }

    fn of_trace(&mut self, id: TraceId) -> usize {
        assert_ne!(id, TraceId::INVALID);
        let place = self.traces.len();
        *self.traces.entry(id.to_bytes()).or_insert(place)
    }

    fn parent(&self, id: SpanId) -> Parent {
        if id == SpanId::INVALID {
            return Parent::None;
        }
        self.spans.get(&id.to_bytes()).map_or(Parent::Other, |place| Parent::Exported(*place))
    }

    fn shape(&mut self, span: SpanData) -> Shape {
        assert!(span.start_time <= span.end_time);
        let events = span.events.events.into_iter();
        let mut attributes = span.attributes;
        for attribute in &mut attributes {
            if attribute.key.as_str().ends_with("time_to_first_chunk") {
                assert!(matches!(attribute.value, Value::F64(seconds) if seconds > 0.0));
                attribute.value = "some time".into();
            }
        }
        Shape {
            name: span.name.into_owned(),
            kind: span.span_kind,
            trace: self.of_trace(span.span_context.trace_id()),
            parent: self.parent(span.parent_span_id),
            parent_is_remote: span.parent_span_is_remote,
            is_remote: span.span_context.is_remote(),
            flags: span.span_context.trace_flags(),
            trace_state: span.span_context.trace_state().header(),
            attributes,
            dropped_attributes: span.dropped_attributes_count,
            events: events
                .map(|it| (it.name.into_owned(), it.attributes, it.dropped_attributes_count))
                .collect(),
            dropped_events: span.events.dropped_count,
            links: span.links.links,
            dropped_links: span.links.dropped_count,
            status: span.status,
            scope: span.instrumentation_scope,
        }
    }

    fn event(&self, event: &Emitted) -> Said {
        let record = &event.0;
        let at = record.trace_context();
        let attributes = record.attributes_iter().map(|(key, _)| {
            let mut value = event.json(key.as_str()).expect("it is there");
            if key.as_str().ends_with("time_to_first_chunk") {
                value = "some time".into();
            }
            (key.to_string(), value)
        });
        Said {
            name: event.name(),
            span: at.map_or(Parent::None, |at| self.parent(at.span_id)),
            flags: at.and_then(|at| at.trace_flags),
            severity: record.severity_number(),
            body: record.body().is_some(),
            attributes: attributes.collect(),
        }
    }
}

/// A call as most are.
pub(crate) fn chat() -> CallBuilder {
    call(&operation::CHAT).provider("openai").model("m").attribute("shop.tenant", "north")
}

/// Runs a future; the executor of `futures` cannot be entered twice, and the SDK enters it when a span ends.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(future)
}
