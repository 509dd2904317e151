//! How batches are gathered, and how often metrics are exported.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use llmobs_runtime::builder;
use llmobs_runtime::processor::{BatchLogProcessor, BatchSpanProcessor};
use llmobs_tests::alone;
use opentelemetry::logs::{Logger, LoggerProvider};
use opentelemetry::trace::{Tracer, TracerProvider};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{LogBatch, LogExporter, SdkLoggerProvider};
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(30);

/// Tells how large each batch is, and takes the next one when it is let.
#[derive(Clone, Debug)]
struct Gate {
    sizes: Sender<usize>,
    open: Arc<Mutex<Receiver<()>>>,
}

impl Gate {
    fn new() -> (Self, Receiver<usize>, Sender<()>) {
        let ((sizes, told), (opens, open)) = (channel(), channel());
        (Self { sizes, open: Arc::new(Mutex::new(open)) }, told, opens)
    }

    fn pass(&self, size: usize) {
        self.sizes.send(size).expect("somebody listens");
        // When nobody can open it any more it is open.
        let _ = self.open.lock().expect("no panic").recv_timeout(PATIENCE);
    }
}

impl SpanExporter for Gate {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.pass(batch.len());
        Ok(())
    }
}

impl LogExporter for Gate {
    async fn export(&self, batch: LogBatch<'_>) -> OTelSdkResult {
        self.pass(batch.iter().count());
        Ok(())
    }
}

/// What was exported of 20 items, of which the first waits at the gate while the others come.
fn sizes(
    told: &Receiver<usize>,
    opens: Sender<()>,
    emit: impl Fn(),
    finish: impl FnOnce(),
) -> Vec<usize> {
    emit();
    // It came by itself: nobody has flushed.
    let mut sizes = vec![told.recv_timeout(PATIENCE).expect("the first batch")];
    for _ in 1..20 {
        emit();
    }
    drop(opens);
    finish();
    sizes.extend(told.try_iter());
    sizes
}

#[test]
fn spans_wait_as_the_environment_says() {
    let variables = [
        ("OTEL_BSP_MAX_QUEUE_SIZE", " 8 "),
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "3"),
        ("OTEL_BSP_SCHEDULE_DELAY", "0"),
    ];
    alone("batches::spans_wait_as_the_environment_says", &variables, || {
        let (gate, told, opens) = Gate::new();
        let processor = BatchSpanProcessor::new(gate);
        let provider = SdkTracerProvider::builder().with_span_processor(processor).build();
        let tracer = provider.tracer("app");
        let sizes = sizes(
            &told,
            opens,
            || drop(tracer.start("span")),
            || provider.shutdown().expect("in time"),
        );
        // 8 in all while the first one waits.
        assert_eq!(sizes, [1, 3, 3, 1]);
    });
}

#[test]
fn log_records_wait_as_the_environment_says() {
    let variables = [
        ("OTEL_BLRP_MAX_QUEUE_SIZE", "6"),
        ("OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", "2"),
        ("OTEL_BLRP_SCHEDULE_DELAY", "1"),
    ];
    alone("batches::log_records_wait_as_the_environment_says", &variables, || {
        let (gate, told, opens) = Gate::new();
        let processor = BatchLogProcessor::new(gate);
        let provider = SdkLoggerProvider::builder().with_log_processor(processor).build();
        let logger = provider.logger("app");
        let sizes = sizes(
            &told,
            opens,
            || logger.emit(logger.create_log_record()),
            || provider.shutdown().expect("in time"),
        );
        assert_eq!(sizes, [1, 2, 2, 1]);
    });
}

/// Tells of each export.
#[derive(Debug)]
struct Tells(Mutex<Sender<()>>);

impl PushMetricExporter for Tells {
    async fn export(&self, _: &ResourceMetrics) -> OTelSdkResult {
        let _ = self.0.lock().expect("no panic").send(());
        Ok(())
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }

    fn temporality(&self) -> Temporality {
        Temporality::Cumulative
    }
}

#[test]
fn metrics_are_exported_as_often_as_the_environment_says() {
    // The SDK alone would not read it with space around.
    let variables = [("OTEL_METRIC_EXPORT_INTERVAL", " 20 ")];
    alone("batches::metrics_are_exported_as_often_as_the_environment_says", &variables, || {
        let (tell, told) = channel();
        let telemetry = builder().metric_exporter(Tells(Mutex::new(tell))).install().unwrap();
        super::record(&telemetry);
        for _ in 0..3 {
            told.recv_timeout(PATIENCE).expect("another export");
        }
    });
}
