//! Events of `tracing` as log records, and nothing that feeds back into itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use llmobs_runtime::conventions::operation;
use llmobs_runtime::processor::{BatchLogProcessor, Batching};
use llmobs_runtime::{call, instrument_llm, tracing_events};
use llmobs_tests::Recorder;
use opentelemetry::logs::AnyValue;
use opentelemetry::logs::Severity;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{
    InMemoryLogExporter, LogBatch, LogExporter, SdkLogRecord, SdkLoggerProvider,
};
use tracing::Level;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;

fn in_memory() -> (InMemoryLogExporter, SdkLoggerProvider) {
    let logs = InMemoryLogExporter::default();
    let loggers = SdkLoggerProvider::builder().with_simple_exporter(logs.clone()).build();
    (logs, loggers)
}

fn records(logs: &InMemoryLogExporter) -> Vec<SdkLogRecord> {
    logs.get_emitted_logs().unwrap().into_iter().map(|log| log.record).collect()
}

fn body(record: &SdkLogRecord) -> Option<&str> {
    match record.body()? {
        AnyValue::String(text) => Some(text.as_str()),
        other => panic!("{other:?}"),
    }
}

fn value<'a>(record: &'a SdkLogRecord, key: &str) -> Option<&'a AnyValue> {
    record.attributes_iter().find(|(known, _)| known.as_str() == key).map(|(_, value)| value)
}

#[test]
fn an_event_becomes_a_record_with_all_that_it_says() {
    let (logs, loggers) = in_memory();
    let subscriber = tracing_subscriber::registry().with(tracing_events::layer(&loggers));
    tracing::subscriber::with_default(subscriber, || {
        let error = std::io::Error::other("no room");
        let error: &dyn std::error::Error = &error;
        tracing::warn!(target: "shop::till", attempts = 3, ratio = 0.5, paid = false, who = "you", "too {}", "busy");
        tracing::error!(error, "it failed");
        tracing::info!("microsoft.custom_event.name" = "sold", amount = 2);
        tracing::trace!("trace");
        tracing::debug!("debug");
    });
    let records = records(&logs);
    let [warning, failure, event, trace, debug] = &records[..] else { panic!("{}", records.len()) };
    assert_eq!(body(warning), Some("too busy"));
    assert_eq!(warning.target().map(|target| &**target), Some("shop::till"));
    assert_eq!(
        (warning.severity_number(), warning.severity_text()),
        (Some(Severity::Warn), Some("WARN"))
    );
    assert_eq!(value(warning, "attempts"), Some(&AnyValue::Int(3)));
    assert_eq!(value(warning, "ratio"), Some(&AnyValue::Double(0.5)));
    assert_eq!(value(warning, "paid"), Some(&AnyValue::Boolean(false)));
    assert_eq!(value(warning, "who"), Some(&AnyValue::from("you")));
    assert!(warning.observed_timestamp().is_some() && warning.trace_context().is_none());
    assert_eq!(value(failure, "exception.message"), Some(&AnyValue::from("no room")));
    assert_eq!(
        (body(failure), failure.severity_number()),
        (Some("it failed"), Some(Severity::Error))
    );
    assert_eq!(value(event, "microsoft.custom_event.name"), Some(&AnyValue::from("sold")));
    assert_eq!((value(event, "amount"), body(event)), (Some(&AnyValue::Int(2)), None));
    assert_eq!(
        [trace.severity_number(), debug.severity_number()],
        [Some(Severity::Trace), Some(Severity::Debug)]
    );
}

#[instrument_llm(provider = "openai", model = "m", response = none)]
async fn chat() {
    tracing::info!("in the chat");
    tokio::task::yield_now().await;
    tracing::info!("later in the chat");
}

#[instrument_llm(operation = execute_tool)]
fn tool() {
    tracing::info!("in the tool");
}

#[tokio::test]
async fn records_belong_to_the_call_that_they_are_written_in() {
    let recorder = Recorder::latest();
    let (logs, loggers) = in_memory();
    let subscriber = tracing_subscriber::registry().with(tracing_events::layer(&loggers));
    let _default = tracing::subscriber::set_default(subscriber);
    tracing::info!("before");
    futures::future::join(chat(), chat()).await;
    let agent = call(&operation::INVOKE_AGENT).start();
    agent.scope(|| {
        tracing::info!("in the agent");
        tool();
        tracing::info!("in the agent again");
    });
    agent.end();
    tracing::info!("after");
    let spans = recorder.spans();
    let [first, second, tool, agent] = &spans[..] else { panic!("four spans") };
    let at = |span: &llmobs_tests::Recorded| {
        let span = &span.0.span_context;
        Some((span.trace_id(), span.span_id(), Some(true)))
    };
    let expected = [
        ("before", None),
        ("in the chat", at(first)),
        ("in the chat", at(second)),
        ("later in the chat", at(first)),
        ("later in the chat", at(second)),
        ("in the agent", at(agent)),
        ("in the tool", at(tool)),
        ("in the agent again", at(agent)),
        ("after", None),
    ];
    let records = records(&logs);
    let found: Vec<_> = records
        .iter()
        .map(|record| {
            let at = record.trace_context().map(|at| {
                (at.trace_id, at.span_id, at.trace_flags.map(|flags| flags.is_sampled()))
            });
            (body(record).unwrap(), at)
        })
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn events_of_what_records_and_sends_make_no_records_and_are_seen_by_others() {
    #[derive(Clone, Default)]
    struct Count(Arc<AtomicUsize>);
    impl<S: tracing::Subscriber> Layer<S> for Count {
        fn on_event(&self, _: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let (logs, loggers) = in_memory();
    let others = Count::default();
    let subscriber =
        tracing_subscriber::registry().with(tracing_events::layer(&loggers)).with(others.clone());
    tracing::subscriber::with_default(subscriber, || {
        // Twice: what is decided of a callsite is remembered.
        for _ in 0..2 {
            tracing::warn!(target: "llmobs", "own");
            tracing::warn!(target: "llmobs_runtime::call", "own");
            tracing::warn!(target: "opentelemetry_sdk", "own");
            tracing::warn!(target: "opentelemetry-otlp", "own");
            tracing::warn!(target: "azure_core::http", "own");
            tracing::warn!(target: "typespec_client_core::http", "own");
            tracing::warn!(target: "reqwest::connect", "own");
            tracing::warn!(target: "hyper_util::client", "own");
            tracing::warn!(target: "h2::client", "own");
            tracing::warn!(target: "rustls::client", "own");
            tracing::warn!(target: "tokio::task", "own");
            tracing::warn!(target: "hyperion", "the application's");
        }
    });
    let found = records(&logs);
    assert_eq!(found.iter().map(body).collect::<Vec<_>>(), [Some("the application's"); 2]);
    assert_eq!(others.0.load(Ordering::Relaxed), 24);
}

#[test]
fn a_level_can_be_asked_for() {
    let (logs, loggers) = in_memory();
    let layer = tracing_events::layer(&loggers).with_filter(LevelFilter::from_level(Level::WARN));
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        tracing::info!("no");
        tracing::warn!("yes");
        tracing::warn!(target: "llmobs", "no");
    });
    assert_eq!(records(&logs).iter().map(body).collect::<Vec<_>>(), [Some("yes")]);
}

/// Writes about every export, as those that send do, under each of the names that may turn up.
#[derive(Clone, Debug, Default)]
struct Chatty {
    on_threads: bool,
    exports: Arc<AtomicUsize>,
    records: Arc<AtomicUsize>,
}

impl LogExporter for Chatty {
    async fn export(&self, batch: LogBatch<'_>) -> OTelSdkResult {
        self.exports.fetch_add(1, Ordering::Relaxed);
        self.records.fetch_add(batch.iter().count(), Ordering::Relaxed);
        chatter();
        if self.on_threads {
            // A thread that the exporter started knows nothing of telemetry being suppressed.
            std::thread::spawn(chatter).join().unwrap();
        }
        Ok(())
    }
}

fn chatter() {
    tracing::warn!(target: "llmobs", "sent");
    tracing::info!(target: "opentelemetry-otlp", "sent");
    tracing::debug!(target: "azure_core::http::policies", "sent");
    tracing::debug!(target: "hyper_util::client::legacy", "sent");
    tracing::debug!(target: "h2::codec", "sent");
}

#[test]
fn an_exporter_that_writes_about_each_export_is_not_heard() {
    // The subscriber of the whole process: the processor's thread and the exporter's have it too.
    llmobs_tests::alone("an_exporter_that_writes_about_each_export_is_not_heard", &[], || {
        let in_batches = Chatty { on_threads: true, ..Chatty::default() };
        let one_by_one = Batching::new().max_export_batch_size(1);
        let queued = SdkLoggerProvider::builder()
            .with_log_processor(BatchLogProcessor::with(in_batches.clone(), one_by_one))
            .build();
        // On the application's own thread, in the midst of an event.
        let simple = Chatty::default();
        let at_once = SdkLoggerProvider::builder().with_simple_exporter(simple.clone()).build();
        let subscriber = tracing_subscriber::registry()
            .with(tracing_events::layer(&queued))
            .with(tracing_events::layer(&at_once));
        tracing::subscriber::set_global_default(subscriber).unwrap();
        for number in 0..20 {
            tracing::info!(number, "the application's");
        }
        for _ in 0..3 {
            queued.force_flush().unwrap();
            at_once.force_flush().unwrap();
        }
        for chatty in [&in_batches, &simple] {
            let counts =
                [&chatty.exports, &chatty.records].map(|count| count.load(Ordering::Relaxed));
            assert_eq!(counts, [20, 20]);
        }
    });
}

#[test]
fn a_full_queue_does_not_tell_itself_of_it() {
    llmobs_tests::alone("a_full_queue_does_not_tell_itself_of_it", &[], || {
        let (logs, loggers) = in_memory();
        let chatty = Chatty::default();
        let hourly = Batching::new()
            .max_queue_size(10)
            .max_export_batch_size(10)
            .interval(std::time::Duration::from_hours(1));
        let full = Arc::new(std::sync::Barrier::new(2));
        let batches = SdkLoggerProvider::builder()
            .with_log_processor(BatchLogProcessor::with(
                Blocked(Arc::clone(&full), chatty.clone()),
                hourly,
            ))
            .build();
        // OpenTelemetry's bridge as it is, which leaves nothing out.
        let bridge = opentelemetry_bridge(&batches);
        let subscriber =
            tracing_subscriber::registry().with(bridge).with(tracing_events::layer(&loggers));
        tracing::subscriber::set_global_default(subscriber).unwrap();
        for _ in 0..100 {
            tracing::info!("the application's");
        }
        full.wait();
        batches.force_flush().unwrap();
        assert_eq!(chatty.records.load(Ordering::Relaxed), 10);
        assert_eq!(records(&logs).len(), 100);
    });
}

/// Exports once the queue is full.
#[derive(Debug)]
struct Blocked(Arc<std::sync::Barrier>, Chatty);

impl LogExporter for Blocked {
    async fn export(&self, batch: LogBatch<'_>) -> OTelSdkResult {
        self.0.wait();
        self.1.records.fetch_add(batch.iter().count(), Ordering::Relaxed);
        Ok(())
    }
}

/// As the bridge does it, without its filter.
fn opentelemetry_bridge<S: tracing::Subscriber>(
    loggers: &SdkLoggerProvider,
) -> impl Layer<S> + use<S> {
    use opentelemetry::logs::{LogRecord, Logger, LoggerProvider};

    struct Bridge(opentelemetry_sdk::logs::SdkLogger);
    impl<S: tracing::Subscriber> Layer<S> for Bridge {
        fn on_event(
            &self,
            event: &tracing::Event<'_>,
            _: tracing_subscriber::layer::Context<'_, S>,
        ) {
            let mut record = self.0.create_log_record();
            record.set_target(event.metadata().target().to_owned());
            self.0.emit(record);
        }
    }
    Bridge(loggers.logger(""))
}
