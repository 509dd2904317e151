//! What it costs to drop a span for which the queue has no room.

use std::time::SystemTime;

use llmobs_bench::run_counted;
use llmobs_runtime::processor::{BatchSpanProcessor, Batching};
use opentelemetry::trace::{
    SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState,
};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks, SpanProcessor};

use super::sink::{Backend, Sink};

fn span() -> SpanData {
    let (trace, id) = (TraceId::from(1_u128), SpanId::from(2_u64));
    let now = SystemTime::now();
    SpanData {
        span_context: SpanContext::new(trace, id, TraceFlags::SAMPLED, false, TraceState::NONE),
        parent_span_id: SpanId::INVALID,
        parent_span_is_remote: false,
        span_kind: SpanKind::Client,
        name: "chat gpt-4o-mini".into(),
        start_time: now,
        end_time: now,
        attributes: (0..12).map(|_| KeyValue::new("gen_ai.operation.name", "chat")).collect(),
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status: Status::Unset,
        instrumentation_scope: InstrumentationScope::builder("full").build(),
    }
}

/// Makes so many spans, and offers them to a queue that is full, or only drops them.
pub(crate) fn run(how: &str, calls: u64) {
    const ROOM: usize = 4;
    let offers = how == "full";
    run_counted(move |pause| {
        let sink = Sink::new(Backend::Dead, false);
        let batching = Batching::new().max_queue_size(ROOM).max_export_batch_size(ROOM);
        let processor = BatchSpanProcessor::with(sink, batching);
        let template = span();
        for _ in 0..ROOM {
            processor.on_end(template.clone());
        }
        assert_eq!(processor.dropped(), 0, "it had room");
        pause();
        counted(&processor, &template, offers, calls);
        assert_eq!(processor.dropped(), if offers { calls } else { 0 }, "it had none");
        std::process::exit(0);
    });
}

/// Where counting begins.
#[inline(never)]
fn counted(processor: &BatchSpanProcessor, template: &SpanData, offers: bool, calls: u64) {
    for _ in 0..calls {
        let span = std::hint::black_box(template.clone());
        if offers {
            processor.on_end(span);
        }
    }
}
