//! The processor of spans.

#[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
use std::sync::Arc;
use std::time::Duration;

use opentelemetry::Context;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{Span, SpanData, SpanExporter, SpanProcessor};

use super::block_on::block_on;
#[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
use super::counts::Rejections;
use super::counts::{Items, Watched, path_of};
use super::queue::{FLUSH, Queue};
use super::settings::Batching;
use super::size;
use super::worker::Exports;
use crate::environment::names::BSP;

/// Exports spans in batches from a thread of its own, and holds enough of them that a burst loses none.
///
/// What it holds and for how long: see the [module](super). Spans that are not sampled are left out.
///
/// `force_flush` waits, 5 s at most, until everything that ended before is exported, and then for the exporter's own
/// flush; `shutdown_with_timeout` also shuts the exporter down, which is given what is left of the time. Both fail
/// with the exporter's last failure since they were asked before, with `Timeout` when it takes too long, with
/// `AlreadyShutdown` after a shutdown, and with `InternalFailure` when the exporter panicked or there is no thread.
/// After a `Timeout` the work goes on. Dropped without a shutdown, it does not wait: the thread exports what is left,
/// if the process lives long enough.
#[derive(Debug)]
pub struct BatchSpanProcessor {
    queue: Queue<SpanData>,
}

impl BatchSpanProcessor {
    /// In front of `exporter`, with the settings of the environment.
    pub fn new(exporter: impl SpanExporter + 'static) -> Self {
        Self::with(exporter, Batching::new())
    }

    /// In front of `exporter`, with settings.
    pub fn with<E: SpanExporter + 'static>(exporter: E, batching: Batching) -> Self {
        let limits = batching.resolve(&BSP, |name| std::env::var(name).ok());
        let queue = Queue::start("spans", Exporter(exporter), limits);
        Self { queue }
    }

    /// As [`Queue::exporting_as`].
    #[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
    pub(crate) fn exporting_as(self, name: &'static str, rejections: Arc<dyn Rejections>) -> Self {
        Self { queue: self.queue.exporting_as(name, rejections) }
    }

    /// How many spans were not handed to the exporter, for want of room, after the shutdown or without a thread, or
    /// were lost in a panic of the exporter's.
    pub fn dropped(&self) -> u64 {
        self.queue.dropped()
    }

    /// What became of its spans, also after a provider has taken this.
    pub(crate) fn watch(&self) -> Watched {
        self.queue.watch(Items::Spans)
    }

    /// As `set_resource`, of one that is shared.
    pub(crate) fn tell_resource(&self, resource: &Resource) {
        self.queue.set_resource(resource);
    }

    /// As `force_flush`, with another limit than 5 s.
    ///
    /// # Errors
    ///
    /// As described [above](Self).
    pub fn force_flush_within(&self, timeout: Duration) -> OTelSdkResult {
        self.queue.flush(timeout)
    }
}

impl SpanProcessor for BatchSpanProcessor {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    fn on_end(&self, span: SpanData) {
        if span.span_context.is_sampled() {
            self.queue.push(span, size::of_span, |span| span);
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

struct Exporter<E>(E);

impl<E: SpanExporter + 'static> Exports for Exporter<E> {
    const NAME: &'static str = "spans";
    type Item = SpanData;

    fn path() -> &'static str {
        path_of::<E>()
    }

    fn export(&mut self, batch: Vec<SpanData>) -> OTelSdkResult {
        block_on(self.0.export(batch))
    }

    fn flush(&mut self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn shutdown(&mut self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.0.set_resource(resource);
    }
}
