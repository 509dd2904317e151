//! What a flush and a shutdown say, and where they may be called.

use std::sync::Arc;
use std::time::Duration;

use llmobs_runtime::processor::{BatchSpanProcessor, Batching};
use opentelemetry::trace::{Span as _, Tracer, TracerProvider as _};
use opentelemetry_sdk::error::OTelSdkError;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter, SpanProcessor};

use super::gate::{Asked, Gate, LONG, Plan};
use super::spans::{NEVER, Shared, numbered, span};

fn said(result: opentelemetry_sdk::error::OTelSdkResult) -> String {
    match result {
        Err(OTelSdkError::InternalFailure(why)) => why,
        other => format!("{other:?}"),
    }
}

#[test]
fn a_flush_exports_flushes_and_tells_of_failures_once() {
    let gate = Gate::planned(&[Plan::Slow, Plan::Fail("no disk"), Plan::Slow]);
    let processor = BatchSpanProcessor::with(gate.clone(), Batching::new().interval(NEVER));
    processor.on_end(span("0".to_owned()));
    processor.force_flush().unwrap();
    processor.on_end(span("1".to_owned()));
    assert_eq!(said(processor.force_flush()), "no disk");
    processor.on_end(span("2".to_owned()));
    processor.force_flush().unwrap();
    let expected: Vec<_> =
        numbered(0..3).into_iter().flat_map(|n| [Asked::Export(vec![n]), Asked::Flush]).collect();
    assert_eq!(gate.asked(), expected);
    // What failed had been handed over: it is the exporter's to count.
    assert_eq!(processor.dropped(), 0);
}

#[test]
fn a_failure_in_between_is_told_at_the_next_flush_or_at_the_shutdown() {
    for shutdown in [false, true] {
        let gate = Gate::planned(&[Plan::Fail("refused")]);
        let settings = Batching::new().max_export_batch_size(1).interval(NEVER);
        let processor = BatchSpanProcessor::with(gate.clone(), settings);
        processor.on_end(span("0".to_owned()));
        processor.on_end(span("1".to_owned()));
        gate.wait_for_items(2);
        let result =
            if shutdown { processor.shutdown_with_timeout(LONG) } else { processor.force_flush() };
        assert_eq!(said(result), "refused");
    }
}

#[test]
fn an_exporter_that_panics_costs_its_batch_only() {
    let gate = Gate::planned(&[Plan::Panic, Plan::Slow, Plan::Panic]);
    let settings = Batching::new().max_export_batch_size(10).interval(NEVER);
    let processor = BatchSpanProcessor::with(gate.clone(), settings);
    for number in 0..45 {
        processor.on_end(span(number.to_string()));
    }
    assert_eq!(said(processor.force_flush()), "the exporter panicked");
    let mut expected = numbered(10..20);
    expected.extend(numbered(30..45));
    assert_eq!((gate.names(), processor.dropped()), (expected, 20));
    processor.on_end(span("later".to_owned()));
    processor.force_flush().unwrap();
    assert_eq!(gate.names().last().map(String::as_str), Some("later"));
}

#[test]
fn a_shutdown_exports_all_and_gives_the_exporter_what_is_left_of_the_time() {
    let gate = Gate::default();
    let processor = BatchSpanProcessor::with(gate.clone(), Batching::new().interval(NEVER));
    for number in 0..5_000 {
        processor.on_end(span(number.to_string()));
    }
    processor.shutdown_with_timeout(LONG).unwrap();
    assert_eq!((gate.names(), processor.dropped()), (numbered(0..5_000), 0));
    assert_eq!(gate.asked().last(), Some(&Asked::Shutdown));
    assert!(gate.left_at_shutdown().is_some_and(|left| left > Duration::ZERO && left < LONG));
}

#[test]
fn what_takes_too_long_is_said_and_goes_on() {
    let gate = Gate::closed();
    let processor = BatchSpanProcessor::with(gate.clone(), Batching::new().interval(NEVER));
    processor.on_end(span("0".to_owned()));
    let brief = Duration::from_millis(10);
    assert_eq!(said(processor.force_flush_within(brief)), "Err(Timeout(10ms))");
    processor.on_end(span("1".to_owned()));
    assert_eq!(said(processor.shutdown_with_timeout(brief)), "Err(Timeout(10ms))");
    gate.open();
    gate.wait_for_shutdown();
    assert_eq!((gate.names(), gate.left_at_shutdown()), (numbered(0..2), Some(Duration::ZERO)));
}

/// Flushes the processor that it exports for.
#[derive(Debug, Default)]
struct Curious(Arc<std::sync::OnceLock<Shared>>, Arc<std::sync::Mutex<Vec<String>>>);

impl SpanExporter for Curious {
    async fn export(&self, _: Vec<SpanData>) -> opentelemetry_sdk::error::OTelSdkResult {
        let result = self.0.get().map(SpanProcessor::force_flush);
        self.1.lock().unwrap().extend(result.map(said));
        Ok(())
    }
}

#[test]
fn an_exporter_that_flushes_itself_does_not_wait_for_itself() {
    let curious = Curious::default();
    let (own, heard) = (Arc::clone(&curious.0), Arc::clone(&curious.1));
    let processor = Shared(Arc::new(BatchSpanProcessor::new(curious)));
    own.set(processor.clone()).unwrap();
    processor.on_end(span("0".to_owned()));
    processor.force_flush().unwrap();
    let heard = heard.lock().unwrap();
    assert!(heard.len() == 1 && heard[0].contains("by the exporter itself"), "{heard:?}");
}

#[test]
fn dropped_without_a_shutdown_the_rest_is_exported_and_nobody_waits() {
    let gate = Gate::closed();
    let processor = BatchSpanProcessor::with(gate.clone(), Batching::new().interval(NEVER));
    for number in 0..1_000 {
        processor.on_end(span(number.to_string()));
    }
    // Were it to wait, it would do so for ever.
    drop(processor);
    gate.open();
    gate.wait_for_shutdown();
    assert_eq!(gate.names(), numbered(0..1_000));
}

fn a_workload(gate: &Gate) {
    let provider = SdkTracerProvider::builder()
        .with_span_processor(BatchSpanProcessor::new(gate.clone()))
        .build();
    let tracer = provider.tracer("t");
    for number in 0..600 {
        tracer.start(number.to_string()).end();
    }
    provider.force_flush().unwrap();
    assert_eq!(gate.names(), numbered(0..600));
    tracer.start("last").end();
    provider.shutdown().unwrap();
    assert_eq!(gate.names().last().map(String::as_str), Some("last"));
}

#[tokio::test(flavor = "current_thread")]
async fn works_and_is_dropped_in_a_current_thread_runtime() {
    let gate = Gate::planned(&[Plan::Slow, Plan::Slow]);
    a_workload(&gate);
    let gate = Gate::default();
    let processor = BatchSpanProcessor::with(gate.clone(), Batching::new().interval(NEVER));
    processor.on_end(span("0".to_owned()));
    drop(processor);
    gate.wait_for_shutdown();
    assert_eq!(gate.names(), ["0"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn works_in_a_multi_thread_runtime() {
    tokio::spawn(async { a_workload(&Gate::planned(&[Plan::Slow, Plan::Slow])) }).await.unwrap();
}

#[test]
fn works_without_a_runtime() {
    a_workload(&Gate::planned(&[Plan::Slow, Plan::Slow]));
}
