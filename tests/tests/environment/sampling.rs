//! Which traces are kept.

use llmobs_runtime::conventions::operation;
use llmobs_runtime::{builder, call};
use llmobs_tests::alone;
use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};
use opentelemetry_sdk::trace::InMemorySpanExporter;

const CALLS: usize = 400;

/// How many calls are kept that begin a trace, below a parent that is kept, and below one that is not.
fn kept() -> [usize; 3] {
    let spans = InMemorySpanExporter::default();
    let telemetry = builder().span_exporter(spans.clone()).install().unwrap();
    let mut counts = [0; 3];
    for (count, parent) in counts.iter_mut().zip([None, Some(true), Some(false)]) {
        for id in 1..=CALLS {
            let flags = TraceFlags::default().with_sampled(parent == Some(true));
            // Ids that lie evenly over all that there are.
            let trace = TraceId::from((id as u128) * (u128::MAX / (CALLS as u128 + 1)));
            let remote = SpanContext::new(trace, SpanId::from(1), flags, true, TraceState::NONE);
            let above = Context::new().with_remote_span_context(remote);
            let _above = parent.map(|_| above.attach());
            call(&operation::CHAT).model("m").start().end();
        }
        telemetry.force_flush().unwrap();
        *count = spans.get_finished_spans().unwrap().len();
        spans.reset();
    }
    counts
}

#[test]
fn each_sampler_keeps_what_its_name_says() {
    let test = "sampling::each_sampler_keeps_what_its_name_says";
    let (none, some, all) = ((0, 0), (CALLS / 4, 3 * CALLS / 4), (CALLS, CALLS));
    for (sampler, argument, kept_of) in [
        ("", "", [all, all, none]),
        ("always_on", "", [all, all, all]),
        ("always_off", "", [none, none, none]),
        ("traceidratio", "0.5", [some, some, some]),
        ("traceidratio", "0", [none, none, none]),
        ("traceidratio", "", [all, all, all]),
        ("parentbased_always_on", "", [all, all, none]),
        ("parentbased_always_off", "", [none, all, none]),
        (" ParentBased_TraceIdRatio ", " 0.5 ", [some, all, none]),
        ("microsoft.fixed_percentage", "0.5", [some, all, none]),
        ("microsoft.fixed_percentage", "0", [none, all, none]),
        // Of so many at once few, and at least the first.
        ("microsoft.rate_limited", "2", [(1, CALLS / 2), all, none]),
        // What nobody knows is as if it were not there.
        ("xray", "", [all, all, none]),
    ] {
        let expected = format!("{kept_of:?}");
        let variables = [
            ("OTEL_TRACES_SAMPLER", sampler),
            ("OTEL_TRACES_SAMPLER_ARG", argument),
            ("EXPECTED", expected.as_str()),
        ];
        alone(test, &variables, || {
            let ranges = std::env::var("EXPECTED").unwrap();
            let numbers: Vec<usize> = ranges
                .split(|letter: char| !letter.is_ascii_digit())
                .filter_map(|number| number.parse().ok())
                .collect();
            let kept = kept();
            for (count, range) in kept.iter().zip(numbers.chunks(2)) {
                assert!((range[0]..=range[1]).contains(count), "{kept:?} in {ranges}");
            }
        });
    }
}
