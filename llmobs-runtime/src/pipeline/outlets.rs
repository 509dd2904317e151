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
use crate::processor::{BatchLogProcessor, Guarded};

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

/// The processors of log records that are ours, as one.
#[derive(Debug)]
pub(super) struct LogProcessors {
    pub(super) all: Vec<BatchLogProcessor>,
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
        each(&self.all, |processor| processor.force_flush_within(self.patience))
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
    pub(super) fn add_log_processor(&mut self, processor: BatchLogProcessor) {
        self.watched.push(processor.watch());
        self.log_processors.push(processor);
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
        let exporter = exporter.beside(Arc::clone(&self.hurry));
        self.metric_exporters = self.metric_exporters.saturating_add(1);
        let reader = crate::environment::reader_of(exporter);
        self.meters = std::mem::take(&mut self.meters).with_reader(reader);
        self.given = true;
    }
}
