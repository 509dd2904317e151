//! Whose spans are recorded.

use llmobs_runtime::conventions::attr;
use llmobs_runtime::{Builder, call, conventions::operation};
use llmobs_tests::{Recorder, Road, alone};
use opentelemetry::trace::{
    Link, SpanContext, SpanKind, Status, TraceContextExt, TraceFlags, TraceId, TraceState, Tracer,
};
use opentelemetry::{Context, KeyValue, Value, global};
use opentelemetry_sdk::trace::{Sampler, SamplingDecision, SamplingResult, ShouldSample};

use super::both::{Parent, Seen, both, chat, only, plainly};
use super::mutation::elsewhere;

/// One call without a parent, and one below each kind of parent.
fn below_each_parent() {
    chat().start().end();
    let random = TraceFlags::new(0x82);
    for flags in [TraceFlags::SAMPLED, TraceFlags::NOT_SAMPLED, random, TraceFlags::new(0x83)] {
        let remote = elsewhere(flags, "vendor=1,other=2");
        let _below = Context::new().with_remote_span_context(remote).attach();
        let outer = chat().start();
        outer.scope(|| chat().start().end());
        outer.end();
    }
    // An active span that is none.
    let _below = Context::new().with_remote_span_context(SpanContext::NONE).attach();
    chat().start().end();
}

fn with(sampler: &(impl ShouldSample + Clone + 'static)) -> Seen {
    both(|builder: Builder| builder.sampler(sampler.clone()), below_each_parent)
}

#[test]
fn by_what_the_sdk_has() {
    let always = with(&Sampler::AlwaysOn);
    assert_eq!(always.spans.len(), 10);
    assert_eq!(always.spans[1].trace_state, "vendor=1,other=2");
    assert_eq!(
        (always.spans[1].parent, always.spans[2].parent),
        (Parent::Exported(2), Parent::Other)
    );
    let never = with(&Sampler::AlwaysOff);
    assert!(never.spans.is_empty());
    // Metrics are recorded all the same.
    assert_eq!(never.points, always.points);
    assert!(!never.points.is_empty());
    // Of the trace that all parents are in either all or none; roots have another.
    with(&Sampler::TraceIdRatioBased(0.0));
    with(&Sampler::TraceIdRatioBased(1.0));
    let by_parent = with(&Sampler::ParentBased(Box::new(Sampler::AlwaysOn)));
    assert_eq!(by_parent.spans.len(), 5);
    assert_eq!(with(&Sampler::ParentBased(Box::new(Sampler::AlwaysOff))).spans.len(), 4);
}

#[test]
fn by_the_same_trace_for_all_its_spans() {
    let ratio = Sampler::TraceIdRatioBased(0.5);
    let mut counted = [0, 0];
    for number in 0..64_u128 {
        let trace = TraceId::from(number << 58 | 1);
        let seen = both(
            |builder| builder.sampler(ratio.clone()),
            || {
                let remote = elsewhere(TraceFlags::NOT_SAMPLED, "");
                let remote = SpanContext::new(
                    trace,
                    remote.span_id(),
                    remote.trace_flags(),
                    true,
                    TraceState::NONE,
                );
                let _below = Context::new().with_remote_span_context(remote).attach();
                let outer = chat().start();
                outer.scope(|| chat().start().end());
                outer.end();
            },
        );
        assert!([0, 2].contains(&seen.spans.len()));
        counted[seen.spans.len() / 2] += 1;
    }
    assert_eq!(counted, [32, 32]);
}

#[test]
fn as_the_environment_says() {
    fn as_said() -> usize {
        plainly(below_each_parent).spans.len()
    }
    let said = |test, variables: &[(&str, &str)], expected: usize| {
        alone(test, variables, || assert_eq!(as_said(), expected));
    };
    // One test of its own for each process.
    let test = "sampling::as_the_environment_says";
    let sampler = "OTEL_TRACES_SAMPLER";
    if let Ok(expected) = std::env::var("EXPECTED") {
        return said(test, &[], expected.parse().unwrap());
    }
    for (variables, expected) in [
        (vec![], "5"),
        (vec![(sampler, "always_on")], "10"),
        (vec![(sampler, "always_off")], "0"),
        (vec![(sampler, "parentbased_always_on")], "5"),
        (vec![(sampler, "parentbased_always_off")], "4"),
        (vec![(sampler, "parentbased_traceidratio"), ("OTEL_TRACES_SAMPLER_ARG", "0")], "4"),
        (vec![(sampler, "traceidratio"), ("OTEL_TRACES_SAMPLER_ARG", "1")], "10"),
        (vec![(sampler, "xray")], "5"),
    ] {
        let variables: Vec<_> = variables.into_iter().chain([("EXPECTED", expected)]).collect();
        said(test, &variables, 0);
    }
}

/// Looks at everything, and says what it saw.
#[derive(Clone, Debug)]
struct Curious;

impl ShouldSample for Curious {
    fn should_sample(
        &self,
        parent: Option<&Context>,
        trace: TraceId,
        name: &str,
        kind: &SpanKind,
        attributes: &[KeyValue],
        links: &[Link],
    ) -> SamplingResult {
        assert_ne!(trace, TraceId::INVALID);
        assert!(links.is_empty());
        let parent = parent.expect("one is always given");
        let keys: Vec<_> = attributes.iter().map(|attribute| attribute.key.as_str()).collect();
        let text = |key: &str| {
            let found = attributes.iter().find(|attribute| attribute.key.as_str() == key);
            found.map(|attribute| attribute.value.as_str().into_owned())
        };
        let decision = match text("shop.tenant").as_deref() {
            Some("south") => SamplingDecision::Drop,
            Some("west") => SamplingDecision::RecordOnly,
            _ => SamplingDecision::RecordAndSample,
        };
        let has_parent = parent.span().span_context().is_valid();
        let state = parent.span().span_context().trace_state().insert("seen", "1").unwrap();
        SamplingResult {
            decision,
            attributes: vec![
                KeyValue::new("seen.name", name.to_owned()),
                KeyValue::new("seen.kind", format!("{kind:?}")),
                KeyValue::new("seen.keys", keys.join(",")),
                KeyValue::new("seen.parent", has_parent),
                KeyValue::new("gen_ai.request.model", "of the sampler"),
            ],
            trace_state: state,
        }
    }
}

#[test]
fn by_a_sampler_that_looks_and_adds() {
    let seen = both(
        |builder| builder.sampler(Curious),
        || {
            for tenant in ["north", "south", "west"] {
                let _below = Context::new()
                    .with_remote_span_context(elsewhere(TraceFlags::new(0x82), "vendor=1"))
                    .attach();
                let call = call(&operation::CHAT).model("m").attribute("shop.tenant", tenant);
                let mut call = call.start();
                let context = call.context().unwrap().clone();
                assert_eq!(context.span().is_recording(), tenant != "south");
                let span = context.span().span_context().clone();
                assert_eq!(span.is_sampled(), tenant == "north");
                assert_eq!(span.trace_state().header(), "seen=1,vendor=1");
                context.span().set_attribute(KeyValue::new("mine", true));
                call.scope(|| {
                    chat().attribute("shop.tenant", "south").start().end();
                    chat().start().end();
                });
                call.set(attr::GEN_AI_RESPONSE_ID, "r-1");
                call.end();
            }
        },
    );
    // One below each, and that of the north.
    assert_eq!(seen.spans.len(), 4);
    let north = &seen.spans[1];
    assert_eq!(north.flags, TraceFlags::new(0x83));
    assert_eq!(north.trace_state, "seen=1,vendor=1");
    assert_eq!(north.values("seen.name"), ["chat m"]);
    assert_eq!(north.values("seen.kind"), ["Client"]);
    assert_eq!(
        north.values("seen.keys"),
        ["gen_ai.operation.name,gen_ai.request.model,shop.tenant"]
    );
    assert_eq!(north.values("gen_ai.request.model"), ["m", "of the sampler"]);
    let mine = north.attributes.iter().find(|attribute| attribute.key.as_str() == "mine");
    assert_eq!(mine.map(|mine| &mine.value), Some(&Value::Bool(true)));
    assert_eq!(seen.spans[2].parent, Parent::Other);
}

#[derive(Clone, Debug)]
struct Panics;

impl ShouldSample for Panics {
    fn should_sample(
        &self,
        _: Option<&Context>,
        _: TraceId,
        _: &str,
        _: &SpanKind,
        _: &[KeyValue],
        _: &[Link],
    ) -> SamplingResult {
        std::panic::resume_unwind(Box::new("on purpose"))
    }
}

#[test]
fn by_a_sampler_that_panics() {
    let seen = both(
        |builder| builder.sampler(Panics),
        || {
            let call = chat().start();
            assert!(!call.is_recording());
            call.end();
        },
    );
    assert!(seen.spans.is_empty() && seen.points.is_empty());
}

#[test]
fn by_nobody_where_telemetry_is_suppressed() {
    let seen = plainly(|| {
        let _suppressed = Context::enter_telemetry_suppressed_scope();
        assert!(!chat().is_recording());
        chat().start().end();
        drop(global::tracer("theirs").start("theirs"));
    });
    assert!(seen.spans.is_empty() && seen.points.is_empty());
}

#[test]
fn by_nobody_where_it_was_suppressed_before_the_start() {
    let seen = plainly(|| {
        let prepared = chat();
        let _suppressed = Context::enter_telemetry_suppressed_scope();
        let call = prepared.start();
        if let Some(context) = call.context() {
            assert!(!context.span().is_recording());
            assert!(!context.span().span_context().is_valid());
        }
        call.end();
    });
    assert!(seen.spans.is_empty());
}

#[test]
fn also_one_that_ends_where_telemetry_is_suppressed() {
    let span = only(plainly(|| {
        let call = chat().start();
        let _suppressed = Context::enter_telemetry_suppressed_scope();
        call.end();
    }));
    assert_eq!(span.name, "chat m");
}

#[test]
fn and_what_is_added_where_nobody_records_is_not_kept() {
    let _recorder = Recorder::on(Road::Ours, |builder| builder.sampler(Sampler::AlwaysOff));
    let call = chat().start();
    let context = call.context().unwrap().clone();
    let allocated = allocation_counter::measure(|| {
        context.span().set_attribute(KeyValue::new("a", 1));
        context.span().set_status(Status::Ok);
        context.span().update_name("mine");
    });
    assert_eq!(allocated.count_total, 0);
    call.end();
}
