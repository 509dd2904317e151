//! How much a span may hold.

use llmobs_runtime::conventions::attr;
use llmobs_tests::alone;
use opentelemetry::trace::{Link, SpanKind, TraceContextExt, TraceFlags, TraceId, TraceState};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{SamplingDecision, SamplingResult, ShouldSample};

use super::both::{both, chat, one, only};
use super::mutation::elsewhere;

const FIVE: &[(&str, &str)] = &[
    ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "5"),
    ("OTEL_SPAN_EVENT_COUNT_LIMIT", "2"),
    ("OTEL_SPAN_LINK_COUNT_LIMIT", "1"),
];

/// Adds so many attributes itself.
#[derive(Clone, Debug)]
struct Adds(usize);

impl ShouldSample for Adds {
    fn should_sample(
        &self,
        _: Option<&Context>,
        _: TraceId,
        _: &str,
        _: &SpanKind,
        _: &[KeyValue],
        _: &[Link],
    ) -> SamplingResult {
        SamplingResult {
            decision: SamplingDecision::RecordAndSample,
            attributes: (0..self.0).map(|_| KeyValue::new("sampled", true)).collect(),
            trace_state: TraceState::NONE,
        }
    }
}

fn added_to(times: usize) {
    let mut call = chat().start();
    let context = call.context().unwrap().clone();
    for _ in 0..times {
        let attributes = vec![KeyValue::new("x", 1); 130];
        context.span().set_attribute(KeyValue::new("x", 1));
        context.span().add_event("x", attributes.clone());
        context.span().add_link(elsewhere(TraceFlags::SAMPLED, ""), attributes);
    }
    call.set(attr::GEN_AI_RESPONSE_ID, "r-1");
    call.attribute("y", 1);
    call.end();
}

#[test]
fn few() {
    alone("limits::few", FIVE, || {
        let span = one(|| added_to(0));
        assert_eq!((span.keys().len(), span.dropped_attributes), (5, 1));
        let span = one(|| added_to(4));
        assert_eq!((span.keys().len(), span.dropped_attributes), (5, 5));
        assert_eq!(span.keys()[4], "x");
        assert_eq!((span.events.len(), span.dropped_events), (2, 2));
        assert_eq!((span.links.len(), span.dropped_links), (1, 3));
        assert_eq!((span.events[0].1.len(), span.events[0].2), (128, 2));
        let link = &span.links[0];
        assert_eq!((link.attributes.len(), link.dropped_attributes_count), (128, 2));
        for adds in 0..4 {
            let sampled = |builder: llmobs_runtime::Builder| builder.sampler(Adds(adds));
            let span = only(both(sampled, || added_to(9)));
            assert_eq!((span.keys().len(), span.dropped_attributes as usize), (5, 10 + adds));
        }
    });
}

#[test]
fn none() {
    let nothing = [
        ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "0"),
        ("OTEL_SPAN_EVENT_COUNT_LIMIT", "0"),
        ("OTEL_SPAN_LINK_COUNT_LIMIT", "0"),
    ];
    alone("limits::none", &nothing, || {
        let span = one(|| added_to(3));
        assert_eq!((span.keys().len(), span.events.len(), span.links.len()), (0, 0, 0));
        assert_eq!((span.dropped_attributes, span.dropped_events, span.dropped_links), (9, 3, 3));
    });
}

#[test]
fn what_is_empty_is_not_said() {
    let empty = [
        ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", ""),
        ("OTEL_SPAN_EVENT_COUNT_LIMIT", " "),
        ("OTEL_SPAN_LINK_COUNT_LIMIT", ""),
    ];
    alone("limits::what_is_empty_is_not_said", &empty, || {
        let span = one(|| added_to(130));
        assert_eq!((span.keys().len(), span.events.len(), span.links.len()), (128, 128, 128));
        assert_eq!((span.dropped_attributes, span.dropped_events, span.dropped_links), (8, 2, 2));
    });
}
