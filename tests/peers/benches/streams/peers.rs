//! Streams that are recorded in other ways.

use std::pin::Pin;
use std::task::{Context as Waking, Poll};
use std::time::{Duration, Instant};

use futures::Stream;
use opentelemetry::trace::{SpanKind, TraceContextExt, Tracer};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::SdkTracer;

/// A span as our calls begin it.
pub(crate) fn span(tracer: &SdkTracer) -> Context {
    let span = tracer
        .span_builder("chat m")
        .with_kind(SpanKind::Client)
        .with_attributes([
            KeyValue::new("gen_ai.operation.name", "chat"),
            KeyValue::new("gen_ai.provider.name", "openai"),
            KeyValue::new("gen_ai.request.model", "m"),
            KeyValue::new("gen_ai.request.stream", true),
        ])
        .start(tracer);
    Context::current_with_span(span)
}

/// Enters a context for every poll, and nothing more.
pub(crate) struct Entered<S> {
    stream: S,
    context: Context,
}

impl<S> Entered<S> {
    pub(crate) fn new(stream: S, context: Context) -> Self {
        Self { stream, context }
    }
}

impl<S: Stream + Unpin> Stream for Entered<S> {
    type Item = S::Item;

    fn poll_next(mut self: Pin<&mut Self>, waking: &mut Waking<'_>) -> Poll<Option<S::Item>> {
        let _entered = self.context.clone().attach();
        Pin::new(&mut self.stream).poll_next(waking)
    }
}

/// The same, and reads the clock for every chunk.
pub(crate) struct Clocked<S> {
    inner: Entered<S>,
    first: Option<Instant>,
    last: Option<Instant>,
    longest: Duration,
    chunks: u64,
}

impl<S> Clocked<S> {
    pub(crate) fn new(stream: S, context: Context) -> Self {
        let inner = Entered::new(stream, context);
        Self { inner, first: None, last: None, longest: Duration::ZERO, chunks: 0 }
    }
}

impl<S: Stream + Unpin> Stream for Clocked<S> {
    type Item = S::Item;

    fn poll_next(mut self: Pin<&mut Self>, waking: &mut Waking<'_>) -> Poll<Option<S::Item>> {
        let polled = Pin::new(&mut self.inner).poll_next(waking);
        if let Poll::Ready(Some(_)) = &polled {
            let now = Instant::now();
            if let Some(last) = self.last.replace(now) {
                self.longest = self.longest.max(now.saturating_duration_since(last));
            } else {
                self.first = Some(now);
            }
            self.chunks += 1;
        }
        polled
    }
}

/// What a stream inside a span of `tracing` does: enters it for every poll.
pub(crate) struct Instrumented<S> {
    stream: S,
    span: tracing::Span,
}

impl<S> Instrumented<S> {
    pub(crate) fn new(stream: S) -> Self {
        let span = tracing::info_span!(
            "chat",
            otel.name = "chat m",
            otel.kind = "client",
            gen_ai.operation.name = "chat",
            gen_ai.provider.name = "openai",
            gen_ai.request.model = "m",
            gen_ai.request.stream = true,
        );
        Self { stream, span }
    }
}

impl<S: Stream + Unpin> Stream for Instrumented<S> {
    type Item = S::Item;

    fn poll_next(mut self: Pin<&mut Self>, waking: &mut Waking<'_>) -> Poll<Option<S::Item>> {
        let Self { stream, span } = &mut *self;
        let _entered = span.enter();
        Pin::new(stream).poll_next(waking)
    }
}
