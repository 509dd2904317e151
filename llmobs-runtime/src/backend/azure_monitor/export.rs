//! The exporters: each encodes on the thread that exports and hands over what it encoded.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::logs::{LogBatch, LogExporter as ExportsLogs};
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use opentelemetry_sdk::trace::{SpanData, SpanExporter as ExportsSpans};

use super::item::Item;
use super::mapping::{Mapper, Options};
use super::statistics::{DropReason, Statistics};
use super::transmission::Transmitter;

/// How long a flush may take where the caller cannot say.
const FLUSH: Duration = Duration::from_secs(5);

/// The three exporters of one destination: they share one connection, one buffer and one storage.
///
/// Each is to be given to a provider of OpenTelemetry's SDK, or dropped. What is sent last leaves when the last of
/// them has been shut down.
#[derive(Debug)]
#[non_exhaustive]
pub struct Exporters {
    /// For a tracer provider, in a processor.
    pub spans: SpanExporter,
    /// For a meter provider, in a periodic reader.
    pub metrics: MetricExporter,
    /// For a logger provider, in a processor.
    pub logs: LogExporter,
}

impl Exporters {
    pub(super) fn new(
        transmitter: &Arc<Transmitter>,
        instrumentation_key: &str,
        options: &Options,
    ) -> Self {
        let way = || Way {
            transmitter: Arc::clone(transmitter),
            instrumentation_key: instrumentation_key.into(),
            options: options.clone(),
            down: AtomicBool::new(false),
        };
        let nobody = Resource::builder_empty().build();
        let mapper = || Mapper::new(instrumentation_key, &nobody, options);
        Self {
            spans: SpanExporter { way: way().used(), mapper: mapper() },
            metrics: MetricExporter { way: way().used(), mapper: RwLock::default() },
            logs: LogExporter { way: way().used(), mapper: mapper() },
        }
    }

    /// For who gives the exporters away.
    pub(crate) fn watch(&self) -> Watch {
        Watch(Arc::clone(&self.spans.way.transmitter))
    }

    /// What became of everything that these exporters were given; see also [`SpanExporter::statistics`].
    pub fn statistics(&self) -> Statistics {
        self.spans.statistics()
    }
}

/// What can be asked of the exporters after they were given away.
#[derive(Clone, Debug)]
pub(crate) struct Watch(Arc<Transmitter>);

impl Watch {
    /// Delivers what all three were given; a processor of log records cannot ask its exporter to.
    pub(crate) fn flush(&self, timeout: Duration) -> OTelSdkResult {
        self.0.flush(timeout)
    }

    pub(crate) fn statistics(&self) -> Statistics {
        self.0.statistics()
    }
}

/// What the exporters have in common.
struct Way {
    transmitter: Arc<Transmitter>,
    instrumentation_key: Arc<str>,
    options: Options,
    down: AtomicBool,
}

impl Way {
    fn used(self) -> Self {
        self.transmitter.retain();
        self
    }

    fn mapper(&self, resource: &Resource) -> Mapper {
        Mapper::new(&self.instrumentation_key, resource, &self.options)
    }

    fn check(&self) -> OTelSdkResult {
        if self.down.load(Ordering::Relaxed) {
            return Err(OTelSdkError::AlreadyShutdown);
        }
        Ok(())
    }

    /// Encodes one thing; what panics, in a value's `Display` say, costs itself only.
    fn encode(&self, out: &mut Vec<Item>, encode: impl FnOnce(&mut Vec<Item>)) {
        let before = out.len();
        if catch_unwind(AssertUnwindSafe(|| encode(out))).is_err() {
            out.truncate(before);
            self.transmitter.counters().lose(DropReason::NotEncoded, 1);
        }
    }

    fn shutdown(&self, timeout: Duration) -> OTelSdkResult {
        if self.down.swap(true, Ordering::Relaxed) {
            return Ok(());
        }
        self.transmitter.release(timeout)
    }
}

impl Drop for Way {
    fn drop(&mut self) {
        // Who drops an exporter without shutting it down does not wait for it.
        if !*self.down.get_mut() {
            let _ = self.transmitter.release(Duration::ZERO);
        }
    }
}

impl fmt::Debug for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Way")
            .field("transmitter", &self.transmitter)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// Sends spans to Azure Monitor, as requests and dependencies; their events as exceptions and messages.
///
/// `export` encodes and hands over; it never waits for the network. `force_flush` and `shutdown` return when
/// everything handed over before is delivered, in storage, or counted as dropped.
///
/// A provider's flush reaches this one through [`BatchSpanProcessor`](crate::processor::BatchSpanProcessor);
/// OpenTelemetry's own processors of spans and its periodic reader do not pass it on. Their shutdown does.
#[derive(Debug)]
pub struct SpanExporter {
    way: Way,
    /// For an empty resource until the provider tells its own.
    mapper: Mapper,
}

impl SpanExporter {
    /// What became of everything that this exporter and its siblings were given.
    pub fn statistics(&self) -> Statistics {
        self.way.transmitter.statistics()
    }
}

impl ExportsSpans for SpanExporter {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.way.check()?;
        let mut items = Vec::with_capacity(batch.len().saturating_add(1));
        self.way.encode(&mut items, |out| self.mapper.resource_metric(out));
        for span in &batch {
            self.way.encode(&mut items, |out| self.mapper.span(span, out));
        }
        self.way.transmitter.submit(items);
        Ok(())
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.way.shutdown(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.way.transmitter.flush(FLUSH)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.mapper = self.way.mapper(resource);
    }
}

/// Sends log records to Azure Monitor, as messages, exceptions, custom events and availability results.
///
/// A record is an exception where it has `exception.type`, `exception.message` or `exception.stacktrace`, or, from
/// severity `ERROR`, a text field `error`; a custom event where it has `microsoft.custom_event.name` or is the event
/// of an evaluation; an availability result where it has `microsoft.availability.id`, `.name`, `.duration` and
/// `.success`; else a message.
///
/// OpenTelemetry gives log exporters no `force_flush`: flush the loggers first and the tracers after them, whose
/// exporter delivers for all three. `shutdown` waits for what that of [`SpanExporter`] waits for.
#[derive(Debug)]
pub struct LogExporter {
    way: Way,
    /// For an empty resource until the provider tells its own.
    mapper: Mapper,
}

impl LogExporter {
    /// What became of everything that this exporter and its siblings were given.
    pub fn statistics(&self) -> Statistics {
        self.way.transmitter.statistics()
    }
}

impl ExportsLogs for LogExporter {
    async fn export(&self, batch: LogBatch<'_>) -> OTelSdkResult {
        self.way.check()?;
        let mut items = Vec::new();
        for (record, scope) in batch.iter() {
            self.way.encode(&mut items, |out| self.mapper.log(record, scope, out));
        }
        self.way.transmitter.submit(items);
        Ok(())
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.way.shutdown(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.mapper = self.way.mapper(resource);
    }
}

/// Sends metrics to Azure Monitor, one item for each point; counters and histograms as deltas.
///
/// A histogram's point has its sum, count, minimum and maximum: there is no place for buckets. Points that are no
/// finite number, and histograms in which nothing was recorded, are left out; so are, as Microsoft's own exporters
/// do, `http.server.active_requests` and `http.{server,client}.{request,response}.size`.
///
/// Its methods wait for what those of [`SpanExporter`] wait for; as the periodic reader does not call its
/// `force_flush`, flush the meters before the tracers, too.
#[derive(Debug)]
pub struct MetricExporter {
    way: Way,
    /// For the resource that came last: it comes with each export, and stays the same.
    mapper: RwLock<Option<(Resource, Arc<Mapper>)>>,
}

impl MetricExporter {
    /// What became of everything that this exporter and its siblings were given.
    pub fn statistics(&self) -> Statistics {
        self.way.transmitter.statistics()
    }

    fn mapper(&self, resource: &Resource) -> Arc<Mapper> {
        let known = self.mapper.read().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, mapper)) = known.as_ref()
            && of == resource
        {
            return Arc::clone(mapper);
        }
        drop(known);
        let mapper = Arc::new(self.way.mapper(resource));
        let mut known = self.mapper.write().unwrap_or_else(PoisonError::into_inner);
        *known = Some((resource.clone(), Arc::clone(&mapper)));
        mapper
    }
}

impl PushMetricExporter for MetricExporter {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        self.way.check()?;
        let mapper = self.mapper(metrics.resource());
        let mut items = Vec::new();
        self.way.encode(&mut items, |out| mapper.metrics(metrics, out));
        self.way.transmitter.submit(items);
        Ok(())
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.way.transmitter.flush(FLUSH)
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.way.shutdown(timeout)
    }

    fn temporality(&self) -> Temporality {
        Temporality::Delta
    }
}
