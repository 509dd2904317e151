//! Code of the application's that runs where calls are put together, and does not come back soon.

use std::sync::Mutex;
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

use llmobs_runtime::builder;
use llmobs_runtime::content::{ContentCapture, Kind};
use llmobs_tests::{Recorder, alone};
use opentelemetry::global;
use opentelemetry::logs::{LogRecord, Logger, LoggerProvider};
use opentelemetry_sdk::logs::{InMemoryLogExporter, SdkLoggerProvider};

use super::both::chat;
use super::delivery::Kept;

fn asked() {
    chat().capture(Kind::Input, "When is high water?").start().end();
}

/// A redactor that waits until it is let go, or for long.
fn stubborn() -> (Sender<()>, impl Fn() + Send + Sync + 'static) {
    let (let_go, wait) = channel();
    let wait = Mutex::new(wait);
    (let_go, move || {
        let _ = wait.lock().unwrap().recv_timeout(Duration::from_secs(20));
    })
}

#[test]
fn a_redactor_that_hangs_holds_up_neither_flush_nor_shutdown() {
    let _turn = Recorder::new().without_pipeline();
    let (let_go, wait) = stubborn();
    let telemetry = builder()
        .capture_content(ContentCapture::SpanOnly)
        .redact_with(move |_, _| {
            wait();
            Ok(())
        })
        .span_exporter(Kept::default())
        .shutdown_deadline(Duration::from_millis(50))
        .install()
        .unwrap();
    asked();
    assert!(telemetry.force_flush().is_err());
    // Had it waited, nobody would be there any more.
    assert!(telemetry.shutdown().is_err());
    assert!(let_go.send(()).is_ok());
}

#[test]
fn a_redactor_that_makes_an_instrument_while_metrics_are_collected() {
    alone("stuck::a_redactor_that_makes_an_instrument_while_metrics_are_collected", &[], || {
        let (begun, has_begun) = channel();
        let (let_go, wait) = stubborn();
        let begun = Mutex::new(Some(begun));
        let exporter = opentelemetry_sdk::metrics::InMemoryMetricExporter::default();
        let reader = opentelemetry_sdk::metrics::PeriodicReader::builder(exporter)
            .with_interval(Duration::from_millis(250))
            .build();
        let telemetry = builder()
            .capture_content(ContentCapture::SpanOnly)
            .redact_with(move |_, _| {
                if let Some(begun) = begun.lock().unwrap().take() {
                    begun.send(()).unwrap();
                    wait();
                }
                global::meter("theirs").u64_counter("redacted").build().add(1, &[]);
                Ok(())
            })
            .meters(|meters| meters.with_reader(reader))
            .span_exporter(Kept::default())
            .install()
            .unwrap();
        asked();
        // Our thread is at it by itself, and metrics are collected meanwhile.
        has_begun.recv().unwrap();
        thread::sleep(Duration::from_millis(600));
        let_go.send(()).unwrap();
        // Not on this thread, which has to say so if it never ends.
        let (flushed, has_flushed) = channel();
        thread::spawn(move || flushed.send(telemetry.force_flush().is_ok()));
        assert_eq!(has_flushed.recv_timeout(Duration::from_secs(15)), Ok(true));
    });
}

#[test]
fn a_logger_of_the_applications_has_the_event_when_the_call_is_over() {
    let _turn = Recorder::new().without_pipeline();
    let logs = InMemoryLogExporter::default();
    let loggers = SdkLoggerProvider::builder().with_simple_exporter(logs.clone()).build();
    let telemetry = builder()
        .capture_content(ContentCapture::EventOnly)
        .loggers(&loggers)
        .span_exporter(Kept::default())
        .install()
        .unwrap();
    let logger = loggers.logger("theirs");
    asked();
    let mut record = logger.create_log_record();
    record.set_event_name("theirs");
    logger.emit(record);
    let names: Vec<_> =
        logs.get_emitted_logs().unwrap().iter().map(|log| log.record.event_name()).collect();
    assert_eq!(names, [Some("gen_ai.client.inference.operation.details"), Some("theirs")]);
    drop(telemetry);
}
