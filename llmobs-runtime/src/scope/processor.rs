//! What a scope says, on spans of the SDK that are not those of calls.

use std::time::Duration;

use opentelemetry::Context;
use opentelemetry::trace::Span as _;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{Span, SpanData, SpanProcessor};

use super::Active;
use crate::SCOPE;

/// A span processor that puts what a [`Scope`](super::Scope) says on every span that starts inside of it, for tracer
/// providers of the application's own.
///
/// Calls have it there anyway, and the pipelines of [`configure`](crate::configure) and
/// [`builder`](crate::builder) need no such processor. An attribute that a span starts with stays as it is.
///
/// ```
/// use llmobs_runtime::scope::ScopeSpans;
/// use opentelemetry::trace::{Tracer, TracerProvider};
/// use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
///
/// let spans = InMemorySpanExporter::default();
/// let tracers = SdkTracerProvider::builder()
///     .with_span_processor(ScopeSpans)
///     .with_simple_exporter(spans.clone())
///     .build();
/// llmobs_runtime::scope().user_id("u-3").in_scope(|| drop(tracers.tracer("shop").start("checkout")));
/// let spans = spans.get_finished_spans()?;
/// assert_eq!(spans[0].attributes[0].key.as_str(), "user.id");
/// # Ok::<(), opentelemetry_sdk::error::OTelSdkError>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct ScopeSpans;

impl SpanProcessor for ScopeSpans {
    fn on_start(&self, span: &mut Span, parent: &Context) {
        put_on(span, parent);
    }

    fn on_end(&self, _: SpanData) {}

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

/// Another processor, before which the scope has its say.
#[derive(Debug)]
pub(crate) struct Around<P>(pub(crate) P);

impl<P: SpanProcessor> SpanProcessor for Around<P> {
    fn on_start(&self, span: &mut Span, parent: &Context) {
        put_on(span, parent);
        self.0.on_start(span, parent);
    }

    fn on_end(&self, span: SpanData) {
        self.0.on_end(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.0.set_resource(resource);
    }
}

/// Puts what the scope says on a span that starts; that of a call has been told, as much as it may hold.
pub(crate) fn put_on(span: &mut Span, parent: &Context) {
    let Some(active) = Active::of(parent) else { return };
    // The API lets nobody look at the attributes alone. One that is not recorded has no data.
    let Some(data) = span.exported_data() else { return };
    if data.instrumentation_scope.name() == SCOPE {
        return;
    }
    let there = data.attributes;
    let mut attributes = active.attributes();
    attributes.retain(|said| there.iter().all(|known| known.key != said.key));
    span.set_attributes(attributes);
}
