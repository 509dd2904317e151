//! Spans of Azure SDK clients inside ours.
//!
//! Clients on `azure_core` record their operations and HTTP requests when they are given a tracer provider. This one
//! makes OpenTelemetry spans of them, below the span that is current where the client is called:
//!
//! ```
//! use std::sync::Arc;
//!
//! use azure_core::http::{ClientOptions, InstrumentationOptions};
//! use llmobs_runtime::azure_sdk::AzureSdkTracerProvider;
//!
//! let options = ClientOptions {
//!     instrumentation: InstrumentationOptions {
//!         tracer_provider: Some(Arc::new(AzureSdkTracerProvider::new())),
//!     },
//!     ..Default::default()
//! };
//! # drop(options);
//! ```
//!
//! `azure_core_opentelemetry` does the same for older versions of OpenTelemetry, whose contexts are not ours.
//!
//! # Contexts
//!
//! Which span is the parent is decided when a client's future is polled for the first time: by then it runs inside
//! the caller's span. `azure_core` hands its own spans on in its own context and does not make them current while it
//! waits, and neither does this: the guard that [`Span::set_current`] gives belongs to one thread, is to be dropped
//! before the next `.await`, and ends the scope, not the span. A span that nobody ended, because its future was dropped,
//! ends with its last handle.

use std::any::Any;
use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

use azure_core::http::headers::{HeaderName, HeaderValue};
use azure_core::http::{Context as AzureContext, Request};
use azure_core::tracing::{
    AsAny, Attribute, AttributeArray, AttributeValue, Span, SpanGuard, SpanKind, SpanStatus,
    Tracer, TracerProvider,
};
use opentelemetry::global::{self, BoxedTracer};
use opentelemetry::propagation::Injector;
use opentelemetry::trace::{
    SpanContext, SpanKind as OtelKind, Status, TraceContextExt, Tracer as OtelTracer,
    TracerProvider as OtelProvider,
};
use opentelemetry::{Array, Context, ContextGuard, InstrumentationScope, KeyValue, Value};

/// Set on spans of a tracer with a namespace; see
/// <https://github.com/Azure/azure-sdk/blob/main/docs/tracing/distributed-tracing-conventions.md>.
const NAMESPACE: &str = "az.namespace";

type MakeTracer = dyn Fn(InstrumentationScope) -> BoxedTracer + Send + Sync;

/// A tracer provider for clients of the Azure SDK that records into OpenTelemetry; see the [module](self).
#[derive(Clone)]
pub struct AzureSdkTracerProvider {
    tracers: Arc<MakeTracer>,
}

impl AzureSdkTracerProvider {
    /// Records into OpenTelemetry's global tracer provider: the one that is set when a span starts, so that clients
    /// may be made before it is.
    pub fn new() -> Self {
        Self { tracers: Arc::new(global::tracer_with_scope) }
    }

    /// Records into this tracer provider.
    pub fn with_provider<P>(provider: P) -> Self
    where
        P: OtelProvider + Send + Sync + 'static,
        P::Tracer: Send + Sync + 'static,
        <P::Tracer as OtelTracer>::Span: Send + Sync + 'static,
    {
        let tracer = move |scope| BoxedTracer::new(Box::new(provider.tracer_with_scope(scope)));
        Self { tracers: Arc::new(tracer) }
    }
}

impl Default for AzureSdkTracerProvider {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for AzureSdkTracerProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AzureSdkTracerProvider")
    }
}

impl TracerProvider for AzureSdkTracerProvider {
    fn get_tracer(
        &self,
        namespace: Option<&'static str>,
        crate_name: &'static str,
        crate_version: Option<&'static str>,
    ) -> Arc<dyn Tracer> {
        let scope = InstrumentationScope::builder(crate_name);
        let scope = match crate_version {
            Some(version) => scope.with_version(version),
            None => scope,
        };
        let tracers = Arc::clone(&self.tracers);
        Arc::new(ClientTracer { tracers, scope: scope.build(), namespace })
    }
}

/// The tracer of one client.
struct ClientTracer {
    tracers: Arc<MakeTracer>,
    scope: InstrumentationScope,
    namespace: Option<&'static str>,
}

impl ClientTracer {
    fn start(
        &self,
        name: Cow<'static, str>,
        kind: &SpanKind,
        attributes: Vec<Attribute>,
        parent: &Context,
    ) -> Arc<dyn Span> {
        let mut attributes: Vec<_> = attributes
            .into_iter()
            .filter_map(|Attribute { key, value }| Some(KeyValue::new(key, converted(value)?)))
            .collect();
        if let Some(namespace) = self.namespace
            && !attributes.iter().any(|attribute| attribute.key.as_str() == NAMESPACE)
        {
            attributes.push(KeyValue::new(NAMESPACE, namespace));
        }
        let tracer = (self.tracers)(self.scope.clone());
        let builder =
            tracer.span_builder(name).with_kind(kind_of(kind)).with_attributes(attributes);
        let span = tracer.build_with_context(builder, parent);
        Arc::new(ClientSpan { context: parent.with_span(span) })
    }
}

impl fmt::Debug for ClientTracer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientTracer")
            .field("scope", &self.scope)
            .field("namespace", &self.namespace)
            .finish_non_exhaustive()
    }
}

impl Tracer for ClientTracer {
    fn start_span(
        &self,
        name: Cow<'static, str>,
        kind: SpanKind,
        attributes: Vec<Attribute>,
    ) -> Arc<dyn Span> {
        self.start(name, &kind, attributes, &Context::current())
    }

    fn start_span_with_parent(
        &self,
        name: Cow<'static, str>,
        kind: SpanKind,
        attributes: Vec<Attribute>,
        parent: Arc<dyn Span>,
    ) -> Arc<dyn Span> {
        match parent.as_any().downcast_ref::<ClientSpan>() {
            Some(parent) => self.start(name, &kind, attributes, &parent.context),
            // Of another provider: what is current is the best guess.
            None => self.start(name, &kind, attributes, &Context::current()),
        }
    }

    fn namespace(&self) -> Option<&'static str> {
        self.namespace
    }
}

/// A span, in a context that holds it.
struct ClientSpan {
    context: Context,
}

impl AsAny for ClientSpan {
    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Span for ClientSpan {
    fn is_recording(&self) -> bool {
        self.context.span().is_recording()
    }

    fn span_id(&self) -> [u8; 8] {
        self.context.span().span_context().span_id().to_bytes()
    }

    fn end(&self) {
        self.context.span().end();
    }

    fn set_status(&self, status: SpanStatus) {
        self.context.span().set_status(match status {
            SpanStatus::Error { description } => Status::error(description),
            _ => Status::Unset,
        });
    }

    fn set_attribute(&self, key: &'static str, value: AttributeValue) {
        if let Some(value) = converted(value) {
            self.context.span().set_attribute(KeyValue::new(key, value));
        }
    }

    fn record_error(&self, error: &dyn Error) {
        self.context.span().record_error(error);
    }

    fn set_current(&self, _: &AzureContext) -> Box<dyn SpanGuard> {
        Box::new(Scope { _entered: self.context.clone().attach() })
    }

    fn propagate_headers(&self, request: &mut Request) {
        let injected = global::get_text_map_propagator(|propagator| {
            propagator.inject_context(&self.context, &mut Headers(request));
            propagator.fields().next().is_some()
        });
        if !injected {
            inject(self.context.span().span_context(), &mut Headers(request));
        }
    }
}

/// Where an application has set no propagator: the headers of <https://www.w3.org/TR/trace-context/>.
fn inject(span: &SpanContext, headers: &mut Headers<'_>) {
    if !span.is_valid() {
        return;
    }
    let flags = span.trace_flags().to_u8();
    let parent = format!("00-{}-{}-{flags:02x}", span.trace_id(), span.span_id());
    headers.set("traceparent", parent);
    let state = span.trace_state().header();
    if !state.is_empty() {
        headers.set("tracestate", state);
    }
}

struct Headers<'a>(&'a mut Request);

impl Injector for Headers<'_> {
    fn set(&mut self, key: &str, value: String) {
        // The SDK's propagator sets a `tracestate` of nothing, which the specification would rather not have sent.
        if value.is_empty() {
            return;
        }
        self.0.insert_header(HeaderName::from(key.to_ascii_lowercase()), HeaderValue::from(value));
    }
}

/// While this lives the span is the current one of this thread.
struct Scope {
    _entered: ContextGuard,
}

impl SpanGuard for Scope {
    fn end(self) {}
}

fn kind_of(kind: &SpanKind) -> OtelKind {
    match kind {
        SpanKind::Client => OtelKind::Client,
        SpanKind::Server => OtelKind::Server,
        SpanKind::Producer => OtelKind::Producer,
        SpanKind::Consumer => OtelKind::Consumer,
        _ => OtelKind::Internal,
    }
}

/// `None`: a kind of value that is newer than this.
fn converted(value: AttributeValue) -> Option<Value> {
    Some(match value {
        AttributeValue::Bool(flag) => Value::Bool(flag),
        AttributeValue::I64(int) => Value::I64(int),
        AttributeValue::F64(double) => Value::F64(double),
        AttributeValue::String(text) => Value::String(text.into()),
        AttributeValue::Array(AttributeArray::Bool(list)) => Value::Array(Array::Bool(list)),
        AttributeValue::Array(AttributeArray::I64(list)) => Value::Array(Array::I64(list)),
        AttributeValue::Array(AttributeArray::F64(list)) => Value::Array(Array::F64(list)),
        AttributeValue::Array(AttributeArray::String(list)) => {
            Value::Array(Array::String(list.into_iter().map(Into::into).collect()))
        }
        _ => return None,
    })
}
