//! Where a pipeline ends: several backends, of which none is to wait for another.
//!
//! The SDK's providers flush and shut down one thing after the other: a backend that does not answer would take the
//! others their time.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use opentelemetry::InstrumentationScope;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{LogProcessor, SdkLogRecord};
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;

use super::sdk::Parts;
use crate::processor::{BatchLogProcessor, Guarded, Watched};

/// From one export of metrics to the next where the environment does not say, in milliseconds.
const INTERVAL: u64 = 60_000;

/// Asks all at the same time; the first failure of all.
pub(super) fn each<T: Send + Sync>(
    all: &[T],
    ask: impl Fn(&T) -> OTelSdkResult + Sync,
) -> OTelSdkResult {
    let Some((last, others)) = all.split_last() else { return Ok(()) };
    let ask = &ask;
    thread::scope(|scope| {
        let start = |one| {
            let name = thread::Builder::new().name("llmobs-asks".into());
            // Where the system refuses a thread, this one does it.
            name.spawn_scoped(scope, move || ask(one)).map_err(|_| one)
        };
        let started: Vec<_> = others.iter().map(start).collect();
        let outcome = ask(last);
        started.into_iter().fold(outcome, |outcome, other| {
            outcome.and(match other {
                Ok(asked) => asked.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
                Err(one) => ask(one),
            })
        })
    })
}

/// A processor of log records of ours, which can be shared.
pub(super) trait RecordProcessor: LogProcessor {
    /// As `set_resource`, of one that is shared.
    fn tell_resource(&self, resource: &Resource) {
        let _ = resource;
    }

    /// As `force_flush`, for so long at most.
    fn flush_within(&self, timeout: Duration) -> OTelSdkResult;

    /// What becomes of its records, where that is counted.
    fn watched(&self) -> Option<Watched> {
        None
    }
}

impl RecordProcessor for BatchLogProcessor {
    fn tell_resource(&self, resource: &Resource) {
        self.tell_resource(resource);
    }

    fn flush_within(&self, timeout: Duration) -> OTelSdkResult {
        self.force_flush_within(timeout)
    }

    fn watched(&self) -> Option<Watched> {
        Some(self.watch())
    }
}

/// The processors of log records that are ours, as one.
#[derive(Debug)]
pub(super) struct LogProcessors {
    pub(super) all: Vec<Box<dyn RecordProcessor>>,
    /// How long a flush may take where the caller cannot say.
    pub(super) patience: Duration,
}

impl LogProcessor for LogProcessors {
    fn emit(&self, record: &mut SdkLogRecord, scope: &InstrumentationScope) {
        for processor in &self.all {
            processor.emit(record, scope);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        each(&self.all, |processor| processor.flush_within(self.patience))
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        each(&self.all, |processor| processor.shutdown_with_timeout(timeout))
    }

    fn set_resource(&mut self, resource: &Resource) {
        for processor in &self.all {
            processor.tell_resource(resource);
        }
    }
}

impl Parts {
    /// Adds a processor of log records of ours.
    pub(super) fn add_log_processor(&mut self, processor: impl RecordProcessor + 'static) {
        self.watched.extend(processor.watched());
        self.log_processors.push(Box::new(processor));
        self.logs = true;
        self.given = true;
    }

    /// Adds an exporter of metrics, called at the interval of the environment.
    pub(super) fn add_metric_exporter(&mut self, exporter: impl PushMetricExporter) {
        self.add_guarded_metrics(Guarded::new(exporter));
    }

    /// The same of one that has a name.
    pub(super) fn add_guarded_metrics<E: PushMetricExporter>(&mut self, exporter: Guarded<E>) {
        self.watched.push(exporter.watch());
        self.add_reader(exporter, INTERVAL);
    }

    /// The same of one that is not watched, with another interval where the environment does not say.
    pub(super) fn add_reader<E: PushMetricExporter>(&mut self, exporter: Guarded<E>, usual: u64) {
        let exporter = exporter.beside(Arc::clone(&self.hurry));
        self.metric_exporters = self.metric_exporters.saturating_add(1);
        let reader = crate::environment::reader_of(exporter, usual);
        self.meters = std::mem::take(&mut self.meters).with_reader(reader);
        self.given = true;
    }
}
