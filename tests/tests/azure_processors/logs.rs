//! Log records, which have the same queue.

use std::sync::Arc;
use std::time::Duration;

use llmobs_runtime::processor::{BatchLogProcessor, Batching};
use opentelemetry::InstrumentationScope;
use opentelemetry::logs::{LogRecord, Logger, LoggerProvider as _};
use opentelemetry::trace::{SpanId, TraceFlags, TraceId};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{LogProcessor, SdkLogRecord, SdkLogger, SdkLoggerProvider};

use super::gate::{Asked, Gate, Plan};
use super::spans::NEVER;

#[derive(Clone, Debug)]
struct Shared(Arc<BatchLogProcessor>);

impl LogProcessor for Shared {
    fn emit(&self, record: &mut SdkLogRecord, scope: &InstrumentationScope) {
        self.0.emit(record, scope);
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }
}

fn write(logger: &SdkLogger, body: &str, at: Option<(u128, u64, Option<TraceFlags>)>) {
    let mut record = logger.create_log_record();
    record.set_body(body.to_owned().into());
    if let Some((trace, span, flags)) = at {
        record.set_trace_context(TraceId::from(trace), SpanId::from(span), flags);
    }
    logger.emit(record);
}

#[test]
fn a_burst_from_eight_threads_loses_nothing() {
    let gate = Gate::closed();
    let processor = Arc::new(BatchLogProcessor::new(gate.clone()));
    let provider =
        SdkLoggerProvider::builder().with_log_processor(Shared(Arc::clone(&processor))).build();
    let logger = provider.logger("app");
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let logger = &logger;
            scope.spawn(move || {
                (0..2_000).for_each(|n| write(logger, &format!("{thread}/{n}"), None));
            });
        }
    });
    gate.open();
    provider.force_flush().unwrap();
    let names = gate.names();
    assert_eq!((names.len(), processor.dropped()), (16_000, 0));
    for thread in 0..8 {
        let prefix = format!("app:{thread}/");
        let own: Vec<_> = names.iter().filter_map(|name| name.strip_prefix(&prefix)).collect();
        assert_eq!(own, super::spans::numbered(0..2_000));
    }
}

#[test]
fn records_follow_their_trace_only_when_asked_and_only_where_it_is_known() {
    let (no, yes) = (Some(TraceFlags::NOT_SAMPLED), Some(TraceFlags::SAMPLED));
    for follow in [false, true] {
        let gate = Gate::default();
        let processor = BatchLogProcessor::new(gate.clone()).follow_traces(follow);
        let provider = SdkLoggerProvider::builder().with_log_processor(processor).build();
        let logger = provider.logger("");
        write(&logger, "no trace", None);
        write(&logger, "sampled", Some((1, 2, yes)));
        write(&logger, "not sampled", Some((1, 2, no)));
        write(&logger, "not known", Some((1, 2, None)));
        write(&logger, "no span", Some((1, 0, no)));
        write(&logger, "no id", Some((0, 2, no)));
        provider.shutdown().unwrap();
        let mut expected =
            [":no trace", ":sampled", ":not sampled", ":not known", ":no span", ":no id"].to_vec();
        expected.retain(|name| !follow || *name != ":not sampled");
        assert_eq!(gate.names(), expected);
    }
}

#[test]
fn full_panicking_and_shut_down_are_as_with_spans() {
    let gate = Gate::planned(&[Plan::Panic]);
    let few = Batching::new().max_queue_size(5).interval(NEVER);
    let processor = Arc::new(BatchLogProcessor::with(gate.clone(), few.clone()));
    let provider = SdkLoggerProvider::builder()
        .with_resource(Resource::builder_empty().with_service_name("shop").build())
        .with_log_processor(Shared(Arc::clone(&processor)))
        .build();
    let logger = provider.logger("app");
    (0..4).for_each(|n| write(&logger, &n.to_string(), None));
    assert!(processor.force_flush().is_err());
    assert_eq!(processor.dropped(), 4);
    write(&logger, "after", None);
    provider.shutdown().unwrap();
    write(&logger, "too late", None);
    assert_eq!(gate.asked(), [Asked::Export(vec!["app:after".to_owned()]), Asked::Shutdown]);

    let gate = Gate::closed();
    let mut processor = BatchLogProcessor::with(gate.clone(), few);
    processor.set_resource(&Resource::builder_empty().with_service_name("shop").build());
    let processor = Arc::new(processor);
    let provider =
        SdkLoggerProvider::builder().with_log_processor(Shared(Arc::clone(&processor))).build();
    let logger = provider.logger("app");
    (0..9).for_each(|n| write(&logger, &n.to_string(), None));
    assert_eq!(processor.dropped(), 4);
    gate.open();
    provider.shutdown().unwrap();
    let five: Vec<_> = (0..5).map(|n| format!("app:{n}")).collect();
    assert_eq!(gate.names(), five);
    assert_eq!(gate.asked()[0], Asked::Resource(Some("shop".to_owned())));
}
