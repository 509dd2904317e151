//! Spans: bursts, order, bounds.

use std::sync::Arc;
use std::time::Duration;

use llmobs_runtime::processor::{BatchSpanProcessor, Batching};
use opentelemetry::trace::{
    Span as _, SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState, Tracer,
    TracerProvider as _,
};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{
    Sampler, SdkTracerProvider, Span, SpanData, SpanEvents, SpanLinks, SpanProcessor,
};

use super::gate::{Asked, Gate, LONG};

/// One processor that a provider and a test share.
#[derive(Clone, Debug)]
pub(crate) struct Shared(pub(crate) Arc<BatchSpanProcessor>);

impl SpanProcessor for Shared {
    fn on_start(&self, span: &mut Span, parent: &opentelemetry::Context) {
        self.0.on_start(span, parent);
    }

    fn on_end(&self, span: SpanData) {
        self.0.on_end(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }
}

pub(crate) fn span(name: String) -> SpanData {
    let (trace, id) = (TraceId::from(1), SpanId::from(2));
    SpanData {
        span_context: SpanContext::new(trace, id, TraceFlags::SAMPLED, false, TraceState::NONE),
        parent_span_id: SpanId::INVALID,
        parent_span_is_remote: false,
        span_kind: SpanKind::Internal,
        name: name.into(),
        start_time: std::time::UNIX_EPOCH,
        end_time: std::time::UNIX_EPOCH,
        attributes: Vec::new(),
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status: Status::Unset,
        instrumentation_scope: InstrumentationScope::default(),
    }
}

pub(crate) fn numbered(numbers: std::ops::Range<usize>) -> Vec<String> {
    numbers.map(|number| number.to_string()).collect()
}

/// Never on its own account.
pub(crate) const NEVER: Duration = Duration::from_hours(1);

#[test]
fn a_burst_while_the_exporter_stands_still_loses_nothing_and_keeps_its_order() {
    let gate = Gate::closed();
    let processor = Arc::new(BatchSpanProcessor::new(gate.clone()));
    let provider =
        SdkTracerProvider::builder().with_span_processor(Shared(Arc::clone(&processor))).build();
    let tracer = provider.tracer("burst");
    for number in 0..10_000 {
        tracer.start(number.to_string()).end();
    }
    gate.wait_for_export();
    assert_eq!(gate.names(), Vec::<String>::new());
    gate.open();
    provider.force_flush().unwrap();
    assert_eq!(gate.names(), numbered(0..10_000));
    assert_eq!(processor.dropped(), 0);
    assert!(gate.batches().iter().all(|size| *size <= 512), "{:?}", gate.batches());
    let (threads, unsuppressed) = gate.ran_on();
    assert_eq!((threads.len(), unsuppressed), (1, 0));
    assert_ne!(threads[0], std::thread::current().id());
}

#[test]
fn eight_threads_at_once_lose_nothing_and_each_keeps_its_order() {
    let gate = Gate::closed();
    let processor = Arc::new(BatchSpanProcessor::new(gate.clone()));
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let processor = &processor;
            scope.spawn(move || {
                for number in 0..5_000 {
                    processor.on_end(span(format!("{thread}/{number}")));
                }
            });
        }
    });
    gate.open();
    processor.force_flush().unwrap();
    let names = gate.names();
    assert_eq!((names.len(), processor.dropped()), (40_000, 0));
    for thread in 0..8 {
        let own: Vec<_> =
            names.iter().filter_map(|name| name.strip_prefix(&format!("{thread}/"))).collect();
        assert_eq!(own, numbered(0..5_000), "thread {thread}");
    }
}

#[test]
fn what_finds_no_room_is_counted_to_the_last_item() {
    let gate = Gate::closed();
    let few = Batching::new().max_queue_size(1_000).max_export_batch_size(10).interval(NEVER);
    let processor = BatchSpanProcessor::with(gate.clone(), few);
    for number in 0..10 {
        processor.on_end(span(number.to_string()));
    }
    // The batch in the exporter's hands counts as held.
    gate.wait_for_export();
    for number in 10..3_000 {
        processor.on_end(span(number.to_string()));
    }
    assert_eq!(processor.dropped(), 2_000);
    gate.open();
    processor.force_flush().unwrap();
    assert_eq!(gate.names(), numbered(0..1_000));
    for number in 3_000..4_000 {
        processor.on_end(span(number.to_string()));
    }
    processor.force_flush().unwrap();
    assert_eq!(gate.names().len(), 2_000);
    assert_eq!(processor.dropped(), 2_000);
}

#[test]
fn eight_threads_at_a_full_queue_lose_exactly_what_was_not_exported() {
    let gate = Gate::closed();
    let few = Batching::new().max_queue_size(500).interval(NEVER);
    let processor = BatchSpanProcessor::with(gate.clone(), few);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope
                .spawn(|| (0..1_000).for_each(|number| processor.on_end(span(number.to_string()))));
        }
    });
    gate.open();
    processor.force_flush().unwrap();
    assert_eq!(gate.names().len() as u64 + processor.dropped(), 8_000);
    assert!(gate.names().len() >= 500);
}

#[test]
fn bytes_are_bounded_too_and_one_large_span_alone_is_taken() {
    let large = |name: &str| {
        let mut span = span(name.to_owned());
        span.attributes.push(KeyValue::new("content", "x".repeat(400_000)));
        span
    };
    let gate = Gate::closed();
    let settings = Batching::new().max_queue_bytes(1_000_000).interval(NEVER);
    let processor = BatchSpanProcessor::with(gate.clone(), settings);
    for name in ["a", "b", "c", "d"] {
        processor.on_end(large(name));
    }
    // Two of them are a batch long before their number is: nobody flushes, and the interval is an hour.
    gate.wait_for_export();
    assert_eq!(processor.dropped(), 2);
    gate.open();
    gate.wait_for_items(2);
    processor.force_flush().unwrap();
    assert_eq!(gate.names(), ["a", "b"]);

    let gate = Gate::default();
    let settings = Batching::new().max_queue_bytes(1_000).interval(NEVER);
    let processor = BatchSpanProcessor::with(gate.clone(), settings);
    processor.on_end(large("alone"));
    gate.wait_for_items(1);
    processor.force_flush().unwrap();
    assert_eq!((gate.names(), processor.dropped()), (vec!["alone".to_owned()], 0));
}

#[test]
fn a_full_batch_does_not_wait_for_the_interval_and_a_partial_one_does_not_for_the_batch() {
    let gate = Gate::default();
    let settings = Batching::new().max_export_batch_size(3).interval(NEVER);
    let processor = BatchSpanProcessor::with(gate.clone(), settings);
    for number in 0..7 {
        processor.on_end(span(number.to_string()));
    }
    gate.wait_for_items(6);
    assert_eq!(gate.batches(), [3, 3]);
    processor.force_flush().unwrap();
    assert_eq!(gate.batches(), [3, 3, 1]);

    let gate = Gate::default();
    let settings = Batching::new().interval(Duration::from_millis(5));
    let processor = BatchSpanProcessor::with(gate.clone(), settings);
    processor.on_end(span("only".to_owned()));
    gate.wait_for_items(1);
    assert_eq!(gate.names(), ["only"]);
    drop(processor);
}

#[test]
fn only_sampled_spans_are_exported_and_the_resource_comes_first() {
    let gate = Gate::default();
    let processor = Arc::new(BatchSpanProcessor::new(gate.clone()));
    let off = SdkTracerProvider::builder()
        .with_sampler(Sampler::AlwaysOff)
        .with_span_processor(Shared(Arc::clone(&processor)))
        .build();
    off.tracer("t").start("not sampled").end();
    let mut recorded_only = span("recorded only".to_owned());
    recorded_only.span_context = SpanContext::new(
        TraceId::from(1),
        SpanId::from(2),
        TraceFlags::NOT_SAMPLED,
        false,
        TraceState::NONE,
    );
    processor.on_end(recorded_only);
    processor.on_end(span("sampled".to_owned()));
    processor.force_flush().unwrap();
    assert_eq!((gate.names(), processor.dropped()), (vec!["sampled".to_owned()], 0));

    let gate = Gate::default();
    let provider = SdkTracerProvider::builder()
        .with_resource(Resource::builder_empty().with_service_name("shop").build())
        .with_span_processor(BatchSpanProcessor::new(gate.clone()))
        .build();
    provider.tracer("t").start("one").end();
    provider.shutdown().unwrap();
    let expected = [
        Asked::Resource(Some("shop".to_owned())),
        Asked::Export(vec!["one".to_owned()]),
        Asked::Shutdown,
    ];
    assert_eq!(gate.asked(), expected);
}

#[test]
fn after_the_shutdown_spans_are_counted_as_dropped() {
    let gate = Gate::default();
    let processor = BatchSpanProcessor::new(gate.clone());
    processor.on_end(span("before".to_owned()));
    processor.shutdown_with_timeout(LONG).unwrap();
    processor.on_end(span("after".to_owned()));
    assert_eq!((gate.names(), processor.dropped()), (vec!["before".to_owned()], 1));
    assert!(matches!(processor.force_flush(), Err(OTelSdkError::AlreadyShutdown)));
    assert!(matches!(processor.shutdown(), Err(OTelSdkError::AlreadyShutdown)));
    assert_eq!(gate.asked().iter().filter(|asked| **asked == Asked::Shutdown).count(), 1);
}
