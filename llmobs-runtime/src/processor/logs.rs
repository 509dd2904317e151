//! The processor of log records.

#[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
use std::sync::Arc;
use std::time::Duration;

use opentelemetry::InstrumentationScope;
use opentelemetry::trace::{SpanId, TraceId};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{LogBatch, LogExporter, LogProcessor, SdkLogRecord};

use super::block_on::block_on;
#[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
use super::counts::Rejections;
use super::counts::{Items, Watched, path_of};
use super::queue::{FLUSH, Queue};
use super::settings::Batching;
use super::size;
use super::worker::Exports;
use crate::environment::names::BLRP;

/// A record and what emitted it.
type Emitted = (SdkLogRecord, InstrumentationScope);

/// Exports log records in batches from a thread of its own, and holds enough of them that a burst loses none.
///
/// What it holds and for how long: see the [module](super). Flushing, shutting down and dropping are as with
/// [`BatchSpanProcessor`](super::BatchSpanProcessor); exporters of log records have no flush of their own.
#[derive(Debug)]
pub struct BatchLogProcessor {
    queue: Queue<Emitted>,
    follow_traces: bool,
}

impl BatchLogProcessor {
    /// In front of `exporter`, with the settings of the environment.
    pub fn new(exporter: impl LogExporter + 'static) -> Self {
        Self::with(exporter, Batching::new())
    }

    /// In front of `exporter`, with settings.
    pub fn with<E: LogExporter + 'static>(exporter: E, batching: Batching) -> Self {
        let limits = batching.resolve(&BLRP, |name| std::env::var(name).ok());
        let queue = Queue::start("log records", Exporter(exporter), limits);
        Self { queue, follow_traces: false }
    }

    /// As [`Queue::exporting_as`].
    #[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
    pub(crate) fn exporting_as(self, name: &'static str, rejections: Arc<dyn Rejections>) -> Self {
        Self { queue: self.queue.exporting_as(name, rejections), ..self }
    }

    /// Whether records that were emitted in a span that is not sampled are left out; they are kept unless said. What
    /// is left out is not counted as dropped.
    #[must_use]
    pub fn follow_traces(mut self, follow: bool) -> Self {
        self.follow_traces = follow;
        self
    }

    /// How many records were not handed to the exporter, for want of room, after the shutdown or without a thread, or
    /// were lost in a panic of the exporter's.
    pub fn dropped(&self) -> u64 {
        self.queue.dropped()
    }

    /// What became of its records, also after a provider has taken this.
    pub(crate) fn watch(&self) -> Watched {
        self.queue.watch(Items::Records)
    }

    /// As `set_resource`, of one that is shared.
    pub(crate) fn tell_resource(&self, resource: &Resource) {
        self.queue.set_resource(resource);
    }

    /// As `force_flush`, with another limit than 5 s.
    ///
    /// # Errors
    ///
    /// As [`BatchSpanProcessor`](super::BatchSpanProcessor) has them.
    pub fn force_flush_within(&self, timeout: Duration) -> OTelSdkResult {
        self.queue.flush(timeout)
    }
}

impl LogProcessor for BatchLogProcessor {
    fn emit(&self, record: &mut SdkLogRecord, scope: &InstrumentationScope) {
        if !(self.follow_traces && is_sampled_out(record)) {
            let emitted = (&*record, scope);
            self.queue.push(
                emitted,
                |(record, _)| size::of_record(record),
                |(record, scope)| (record.clone(), scope.clone()),
            );
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.force_flush_within(FLUSH)
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.queue.shutdown(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.tell_resource(resource);
    }
}

/// Whether the record belongs to a span of which it is known that it is not sampled.
fn is_sampled_out(record: &SdkLogRecord) -> bool {
    record.trace_context().is_some_and(|at| {
        at.trace_id != TraceId::INVALID
            && at.span_id != SpanId::INVALID
            && at.trace_flags.is_some_and(|flags| !flags.is_sampled())
    })
}

struct Exporter<E>(E);

impl<E: LogExporter + 'static> Exports for Exporter<E> {
    const NAME: &'static str = "logs";
    type Item = Emitted;

    fn path() -> &'static str {
        path_of::<E>()
    }

    fn export(&mut self, batch: Vec<Emitted>) -> OTelSdkResult {
        let records: Vec<_> = batch.iter().map(|(record, scope)| (record, scope)).collect();
        block_on(self.0.export(LogBatch::new(&records)))
    }

    fn shutdown(&mut self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.0.set_resource(resource);
    }
}
