//! What arrives of the dashboards' workload.

use std::sync::{Mutex, PoisonError};

use llmobs_runtime::backend::azure_monitor::{AzureMonitor, Exporters, MainAgent, Storage};
use llmobs_runtime::conventions::Dialect;
use llmobs_runtime::tracing_events;
use llmobs_tests::dashboards::workload;
use llmobs_tests::ingestion::Ingestion;
use opentelemetry::logs::{AnyValue, LogRecord, Logger, LoggerProvider};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::{SdkLogger, SdkLoggerProvider};
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider};
use opentelemetry_sdk::trace::{SdkTracerProvider, SimpleSpanProcessor};
use serde_json::Value;
use tracing_subscriber::layer::SubscriberExt;

/// A process has one pipeline.
static TURN: Mutex<()> = Mutex::new(());

fn evaluate(logger: &SdkLogger) {
    let emit = |attributes: Vec<(&'static str, AnyValue)>| {
        let mut record = logger.create_log_record();
        record.set_event_name("gen_ai.evaluation.result");
        record.add_attribute("gen_ai.evaluation.name", "Relevance");
        record.add_attributes(attributes);
        logger.emit(record);
    };
    emit(vec![
        ("gen_ai.evaluation.score.value", AnyValue::Double(2.0)),
        ("gen_ai.evaluation.score.label", "fail".into()),
    ]);
    emit(vec![("error.type", "timeout".into())]);
}

/// Its envelopes in one dialect.
pub(crate) fn envelopes(dialect: Dialect) -> Vec<Value> {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let server = Ingestion::start();
    let Exporters { spans, metrics, logs, .. } = AzureMonitor::new()
        .connection_string(server.connection_string())
        .storage(Storage::off())
        .exporters()
        .expect("a connection string");
    let resource = Resource::builder_empty().with_service_name("travel").build();
    let agents = MainAgent::new();
    let tracers = SdkTracerProvider::builder()
        .with_span_processor(agents.around(SimpleSpanProcessor::new(spans)))
        .with_resource(resource.clone())
        .build();
    let meters = SdkMeterProvider::builder()
        .with_reader(PeriodicReader::builder(metrics).build())
        .with_resource(resource.clone())
        .build();
    let loggers = SdkLoggerProvider::builder()
        .with_log_processor(agents)
        .with_simple_exporter(logs)
        .with_resource(resource)
        .build();
    let telemetry = llmobs_runtime::builder()
        .dialect(dialect)
        .providers(&tracers, &meters)
        .loggers(&loggers)
        .install()
        .expect("no other pipeline");
    let subscriber = tracing_subscriber::registry().with(tracing_events::layer(&loggers));
    tracing::subscriber::with_default(subscriber, || {
        workload::round(|| {
            evaluate(&loggers.logger("evaluation"));
            let error = std::io::Error::other("no room");
            let error: &dyn std::error::Error = &error;
            tracing::error!(error, "it failed");
        });
    });
    drop(telemetry);
    loggers.shutdown().expect("delivered");
    meters.shutdown().expect("delivered");
    tracers.shutdown().expect("delivered");
    server.envelopes()
}
