//! Samplers: the reference's decisions, whole traces, and the rate on every span of them.

use std::collections::HashMap;

use llmobs_runtime::backend::azure_monitor::sampling::{
    FixedPercentageSampler, RateLimitedSampler,
};
use opentelemetry::trace::{
    SpanContext, SpanId, SpanKind, TraceContextExt, TraceFlags, TraceId, TraceState, Tracer,
    TracerProvider,
};
use opentelemetry::{Context, KeyValue, Value};
use opentelemetry_sdk::trace::{
    InMemorySpanExporter, SamplingDecision, SamplingResult, SdkTracerProvider, ShouldSample,
    SpanData,
};
use proptest::prelude::*;

const RATE: &str = "_MS.sampleRate";

fn decide(
    sampler: &dyn ShouldSample,
    parent: Option<&Context>,
    trace_id: TraceId,
) -> SamplingResult {
    sampler.should_sample(parent, trace_id, "span", &SpanKind::Internal, &[], &[])
}

fn keeps(sampler: &dyn ShouldSample, trace_id: TraceId) -> bool {
    decide(sampler, None, trace_id).decision == SamplingDecision::RecordAndSample
}

fn rate(attributes: &[KeyValue]) -> Option<f64> {
    let mut rates = attributes.iter().filter(|attribute| attribute.key.as_str() == RATE);
    let rate = rates.next().map(|attribute| match attribute.value {
        Value::F64(rate) => rate,
        ref other => panic!("{other:?} is not a number"),
    });
    assert_eq!(rates.next(), None);
    rate
}

fn under(trace_id: TraceId, is_sampled: bool, is_remote: bool, state: &str) -> Context {
    let flags = TraceFlags::default().with_sampled(is_sampled);
    let state: TraceState = state.parse().expect(state);
    Context::new().with_remote_span_context(SpanContext::new(
        trace_id,
        SpanId::from(1),
        flags,
        is_remote,
        state,
    ))
}

#[test]
fn scores_and_decisions_are_those_of_the_reference() {
    let text = include_str!("../data/azure_monitor/sampling.json");
    let vectors: Vec<serde_json::Value> = serde_json::from_str(text).expect("vectors");
    assert_eq!(vectors.len(), 100);
    let mut decisions = 0;
    for vector in vectors {
        let trace_id = vector["traceId"].as_str().expect("an id");
        let trace_id = TraceId::from_hex(trace_id).expect("an id");
        // To the bit: the ratio that is the score does not keep the trace, and the next one above does.
        let score = vector["score"].as_f64().expect("a score");
        assert!(!keeps(&FixedPercentageSampler::new(score), trace_id), "{trace_id}");
        assert!(keeps(&FixedPercentageSampler::new(score.next_up()), trace_id), "{trace_id}");
        for (ratio, is_kept) in vector["sampled"].as_object().expect("decisions") {
            let sampler = FixedPercentageSampler::new(ratio.parse().expect("a ratio"));
            assert_eq!(Some(keeps(&sampler, trace_id)), is_kept.as_bool(), "{trace_id} at {ratio}");
            decisions += 1;
        }
    }
    assert_eq!(decisions, 700);
}

#[test]
fn a_ratio_out_of_range_is_the_nearest_one() {
    let trace_id = TraceId::from(7);
    for (ratio, same_as) in
        [(-1.0, 0.0), (1.5, 1.0), (f64::INFINITY, 1.0), (f64::NEG_INFINITY, 0.0), (f64::NAN, 1.0)]
    {
        let sampler = FixedPercentageSampler::new(ratio);
        assert_eq!(sampler, FixedPercentageSampler::new(same_as));
        assert_eq!(keeps(&sampler, trace_id), same_as > 0.5);
    }
}

#[test]
fn the_rate_is_on_what_is_kept_and_in_its_trace_state() {
    // The score of this id is 0.0234.
    let low = TraceId::from(1);
    for (ratio, percent, state) in [
        (0.25, Some(25.0), "llmobs=p:25"),
        (1.0 / 3.0, Some(100.0 / 3.0), "llmobs=p:33.33333333333333"),
        // An item that stands for itself needs no rate; the trace state says that it is known.
        (1.0, None, "llmobs=p:100"),
    ] {
        let result = decide(&FixedPercentageSampler::new(ratio), None, low);
        assert_eq!(result.decision, SamplingDecision::RecordAndSample);
        let said = rate(&result.attributes);
        assert_eq!(said.is_some(), percent.is_some(), "{ratio}");
        assert!(said.zip(percent).is_none_or(|(said, percent)| (said - percent).abs() < 1e-12));
        assert!(result.trace_state.header().starts_with(state), "{:?}", result.trace_state);
    }
    let left_out = decide(&FixedPercentageSampler::new(0.01), None, low);
    assert_eq!(left_out.decision, SamplingDecision::Drop);
    assert_eq!((left_out.attributes, left_out.trace_state), (vec![], TraceState::NONE));
}

#[test]
fn the_parent_decides_and_its_rate_is_taken() {
    let (low, high) = (TraceId::from(1), TraceId::from_hex(&"f".repeat(32)).expect("an id"));
    let fixed = FixedPercentageSampler::new(0.25);
    let limited = RateLimitedSampler::new(0.0);
    // The trace, what the parent says, and the rate with either sampler.
    for (trace_id, state, by_ratio, by_limit) in [
        (low, "llmobs=p:10", Some(10.0), Some(10.0)),
        (high, "other=1,llmobs=p:10", Some(10.0), Some(10.0)),
        (high, "llmobs=p:100", None, None),
        // Nothing said: a ratio would have kept the one itself, and cannot know of the other.
        (low, "", Some(25.0), None),
        (high, "", None, None),
        (low, "llmobs=p:0", Some(25.0), None),
        (low, "llmobs=nonsense", Some(25.0), None),
        (high, "llmobs=p:1e9", None, None),
        // Whoever calls could make one span count as any number of them.
        (low, "llmobs=p:0.00009", Some(25.0), None),
        (low, "llmobs=p:1e-300", Some(25.0), None),
        (high, "llmobs=p:5e-324", None, None),
    ] {
        for is_remote in [true, false] {
            let parent = under(trace_id, true, is_remote, state);
            for (sampler, expected) in
                [(&fixed as &dyn ShouldSample, by_ratio), (&limited as &dyn ShouldSample, by_limit)]
            {
                let result = decide(sampler, Some(&parent), trace_id);
                assert_eq!(result.decision, SamplingDecision::RecordAndSample, "{state}");
                assert_eq!(rate(&result.attributes), expected, "{state}: {sampler:?}");
                assert_eq!(result.trace_state.header(), state);
            }
            let parent = under(trace_id, false, is_remote, state);
            for sampler in [&fixed as &dyn ShouldSample, &RateLimitedSampler::new(f64::INFINITY)] {
                let result = decide(sampler, Some(&parent), trace_id);
                assert_eq!(result.decision, SamplingDecision::Drop, "{state}");
                assert_eq!(result.trace_state.header(), state);
            }
        }
    }
}

#[test]
fn a_context_without_a_span_is_no_parent() {
    let empty = Context::new();
    assert!(
        decide(&FixedPercentageSampler::new(0.25), Some(&empty), TraceId::from(1)).decision
            == SamplingDecision::RecordAndSample
    );
    let invalid = Context::new().with_remote_span_context(SpanContext::empty_context());
    let first = decide(&RateLimitedSampler::new(1.0), Some(&invalid), TraceId::from(1));
    assert_eq!(first.decision, SamplingDecision::RecordAndSample);
}

/// A service: spans that are kept come out in memory.
struct Service {
    tracers: SdkTracerProvider,
    spans: InMemorySpanExporter,
}

impl Service {
    fn new(sampler: impl ShouldSample + 'static) -> Self {
        let spans = InMemorySpanExporter::default();
        let tracers = SdkTracerProvider::builder()
            .with_sampler(sampler)
            .with_simple_exporter(spans.clone())
            .build();
        Self { tracers, spans }
    }

    /// A span with two below it, one under the other; what an outgoing request of the last would carry.
    fn work(&self, parent: &Context) -> Context {
        let tracer = self.tracers.tracer("test");
        let mut context = parent.clone();
        for name in ["run", "step", "request"] {
            let span = tracer.start_with_context(name, &context);
            context = context.with_span(span);
        }
        let span = context.span().span_context().clone();
        Context::new().with_remote_span_context(SpanContext::new(
            span.trace_id(),
            span.span_id(),
            span.trace_flags(),
            true,
            span.trace_state().header().parse().expect("a trace state"),
        ))
    }

    fn traces(&self) -> HashMap<TraceId, Vec<SpanData>> {
        let mut traces = HashMap::<_, Vec<_>>::new();
        for span in self.spans.get_finished_spans().expect("spans") {
            traces.entry(span.span_context.trace_id()).or_default().push(span);
        }
        traces
    }
}

#[test]
fn traces_are_whole_across_services_of_different_samplers() {
    let front = Service::new(FixedPercentageSampler::new(0.25));
    let behind = [
        Service::new(FixedPercentageSampler::new(0.75)),
        Service::new(RateLimitedSampler::new(0.01)),
    ];
    for _ in 0..400 {
        let carried = front.work(&Context::new());
        for service in &behind {
            service.work(&carried);
        }
    }
    let kept = front.traces();
    // Of 400 at one in four: 100, give or take six times 8.7.
    assert!((48..=152).contains(&kept.len()), "{}", kept.len());
    for service in behind.iter().chain([&front]) {
        let traces = service.traces();
        assert_eq!(traces.len(), kept.len());
        for (trace_id, spans) in traces {
            assert!(kept.contains_key(&trace_id));
            assert_eq!(spans.len(), 3);
            assert!(spans.iter().all(|span| rate(&span.attributes) == Some(25.0)), "{spans:?}");
        }
    }
}

#[test]
fn the_first_trace_of_a_process_is_kept_whole() {
    for limit in [5.0, 0.01] {
        let service = Service::new(RateLimitedSampler::new(limit));
        service.work(&Context::new());
        let traces = service.traces();
        assert_eq!(traces.values().map(Vec::len).collect::<Vec<_>>(), [3]);
        assert!(traces.values().flatten().all(|span| rate(&span.attributes).is_none()));
    }
}

#[test]
fn a_flood_from_many_threads_is_limited_and_each_of_its_traces_whole() {
    let service = Service::new(RateLimitedSampler::new(1.0));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..1_000).for_each(|_| drop(service.work(&Context::new()))));
        }
    });
    let traces = service.traces();
    assert!((1..400).contains(&traces.len()), "{}", traces.len());
    for spans in traces.values() {
        assert_eq!(spans.len(), 3);
        let first = rate(&spans[0].attributes);
        assert!(spans.iter().all(|span| rate(&span.attributes) == first));
        // 100, 50, 33.3, 25, …
        let one_of = 100.0 / first.unwrap_or(100.0);
        assert!((one_of - one_of.round()).abs() < 1e-6, "{one_of}");
    }
}

#[test]
fn a_span_with_too_many_attributes_still_has_its_rate_in_its_trace_state() {
    let service = Service::new(FixedPercentageSampler::new(0.999_999_999));
    let tracer = service.tracers.tracer("test");
    let attributes = (0..200).map(|n| KeyValue::new(format!("a{n}"), n));
    drop(tracer.build(tracer.span_builder("wide").with_attributes(attributes)));
    let spans = service.spans.get_finished_spans().expect("spans");
    assert_eq!(rate(&spans[0].attributes), None);
    assert_eq!(spans[0].span_context.trace_state().header(), "llmobs=p:99.9999999");
}

proptest! {
    #[test]
    fn children_go_the_way_of_their_root(
        trace_id in 1_u128..,
        ratio in 0.0..=1.0_f64,
        own in 0.0..=1.0_f64,
        is_remote: bool,
    ) {
        let trace_id = TraceId::from(trace_id);
        let root = decide(&FixedPercentageSampler::new(ratio), None, trace_id);
        let is_kept = root.decision == SamplingDecision::RecordAndSample;
        let parent = under(trace_id, is_kept, is_remote, &root.trace_state.header());
        let child = decide(&FixedPercentageSampler::new(own), Some(&parent), trace_id);
        prop_assert_eq!(child, root.clone());
        let child = decide(&RateLimitedSampler::new(own), Some(&parent), trace_id);
        prop_assert_eq!(child, root);
    }

    #[test]
    fn a_trace_kept_at_one_ratio_is_kept_at_every_higher_one(
        trace_id in 1_u128..,
        low in 0.0..=1.0_f64,
        high in 0.0..=1.0_f64,
    ) {
        let (low, high) = (low.min(high), low.max(high));
        let trace_id = TraceId::from(trace_id);
        let kept = |ratio| keeps(&FixedPercentageSampler::new(ratio), trace_id);
        prop_assert!(!kept(low) || kept(high));
        prop_assert!(kept(1.0) && !kept(0.0));
    }

    #[test]
    fn no_trace_state_is_too_odd(value in "[ -+\\--<>-~]{0,64}", is_sampled: bool) {
        let Ok(state) = TraceState::NONE.insert("llmobs", value.clone()) else { return Ok(()) };
        let context = SpanContext::new(
            TraceId::from(1),
            SpanId::from(1),
            TraceFlags::default().with_sampled(is_sampled),
            true,
            state,
        );
        let parent = Context::new().with_remote_span_context(context);
        let result = decide(&RateLimitedSampler::new(5.0), Some(&parent), TraceId::from(1));
        prop_assert_eq!(result.decision == SamplingDecision::RecordAndSample, is_sampled);
        if let Some(rate) = rate(&result.attributes) {
            prop_assert!(rate > 0.0 && rate < 100.0 && value.starts_with("p:"));
        }
    }
}
