//! Span processors that also take calls which were never spans of the SDK.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use opentelemetry::trace::SpanContext;
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{Span, SpanData, SpanProcessor};

use super::{Deferred, Starts};
use crate::pipeline::outlets::each;
use crate::processor::{FLUSH, Watched};

/// A processor of ours, which can be shared and needs no span of the SDK's when one starts.
pub(crate) trait CallProcessor: SpanProcessor {
    /// As `on_start`, of a call; what comes back is put on its span.
    fn call_starts(&self, start: &CallStart<'_>) -> Vec<KeyValue> {
        let _ = start;
        Vec::new()
    }

    /// As `set_resource`, of one that is shared.
    fn tell_resource(&self, resource: &Resource) {
        let _ = resource;
    }

    /// As `force_flush`, for so long at most where it can be told.
    fn flush_within(&self, timeout: Duration) -> OTelSdkResult {
        let _ = timeout;
        self.force_flush()
    }

    /// What becomes of its spans, where that is counted.
    fn watched(&self) -> Option<Watched> {
        None
    }
}

/// The span of a call at its start.
#[cfg_attr(
    not(feature = "azure-monitor"),
    expect(dead_code, reason = "only Azure Monitor has a view of agents")
)]
pub(crate) struct CallStart<'a> {
    pub(crate) span: &'a SpanContext,
    /// That of the span above, where there is one.
    pub(crate) parent: Option<&'a SpanContext>,
    pub(crate) call: &'a dyn Starts,
    /// What has been added to its attributes so far.
    pub(crate) added: &'a [KeyValue],
}

/// All processors of a pipeline: for its calls, and as one for the SDK's spans.
///
/// A span of the SDK's that ends takes its place behind the calls that ended before it.
#[derive(Clone, Debug)]
pub(in crate::pipeline) struct Processors {
    all: Vec<Arc<dyn CallProcessor>>,
    deferred: Arc<OnceLock<Arc<dyn Deferred>>>,
    /// How long a flush may take where the caller cannot say.
    patience: Duration,
}

impl Default for Processors {
    fn default() -> Self {
        Self { all: Vec::new(), deferred: Arc::default(), patience: FLUSH }
    }
}

impl Processors {
    pub(in crate::pipeline) fn add(&mut self, processor: impl CallProcessor + 'static) {
        self.all.push(Arc::new(processor));
    }

    pub(in crate::pipeline) fn wait_for(&mut self, patience: Duration) {
        self.patience = patience;
    }

    pub(in crate::pipeline) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// What holds the calls that wait, where any ever has.
    pub(super) fn deferred(&self) -> &OnceLock<Arc<dyn Deferred>> {
        &self.deferred
    }

    #[inline]
    pub(super) fn call_starts(&self, start: &CallStart<'_>) -> Vec<KeyValue> {
        match self.all.as_slice() {
            [only] => only.call_starts(start),
            all => all.iter().flat_map(|processor| processor.call_starts(start)).collect(),
        }
    }

    /// A span is over, of whatever kind.
    pub(super) fn ended(&self, span: SpanData) {
        let Some((last, others)) = self.all.split_last() else { return };
        for other in others {
            other.on_end(span.clone());
        }
        last.on_end(span);
    }

    /// All of them at the same time; the first failure of all.
    fn each(&self, ask: impl Fn(&dyn CallProcessor) -> OTelSdkResult + Sync) -> OTelSdkResult {
        each(&self.all, |processor| ask(&**processor))
    }
}

impl SpanProcessor for Processors {
    fn on_start(&self, span: &mut Span, parent: &Context) {
        // First, for all to see.
        crate::scope::put_on(span, parent);
        for processor in &self.all {
            processor.on_start(span, parent);
        }
    }

    fn on_end(&self, span: SpanData) {
        let back = match self.deferred.get() {
            Some(deferred) => deferred.pass(span),
            None => Some(span),
        };
        if let Some(span) = back {
            self.ended(span);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        if let Some(deferred) = self.deferred.get() {
            deferred.drain();
        }
        self.each(|processor| processor.flush_within(self.patience))
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        if let Some(deferred) = self.deferred.get() {
            deferred.close();
        }
        self.each(|processor| processor.shutdown_with_timeout(timeout))
    }

    fn set_resource(&mut self, resource: &Resource) {
        for processor in &self.all {
            processor.tell_resource(resource);
        }
    }
}

impl CallProcessor for crate::processor::BatchSpanProcessor {
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

#[cfg(feature = "console")]
impl CallProcessor for crate::backend::console::Console {
    fn call_starts(&self, start: &CallStart<'_>) -> Vec<KeyValue> {
        self.started(start.span);
        Vec::new()
    }
}

#[cfg(feature = "azure-monitor")]
impl<P: CallProcessor> CallProcessor for crate::backend::azure_monitor::MainAgentAround<P> {
    fn call_starts(&self, start: &CallStart<'_>) -> Vec<KeyValue> {
        let attributes = || {
            let mut attributes = start.call.attributes();
            attributes.extend_from_slice(start.added);
            attributes
        };
        let names_agent = start.call.names_agent();
        let mut added = self.starts(start.span, start.parent, &|| names_agent.then(attributes));
        added.extend(self.inner().call_starts(start));
        added
    }

    fn tell_resource(&self, resource: &Resource) {
        self.inner().tell_resource(resource);
    }

    fn flush_within(&self, timeout: Duration) -> OTelSdkResult {
        self.inner().flush_within(timeout)
    }

    fn watched(&self) -> Option<Watched> {
        self.inner().watched()
    }
}
