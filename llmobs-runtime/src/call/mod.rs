//! The life of one operation: prepared, started, run, ended.
//!
//! `#[instrument_llm]` writes what can be written by hand here:
//!
//! ```
//! use llmobs_runtime::conventions::operation;
//!
//! # async fn send(_: &str) -> Result<serde_json::Value, std::io::Error> { Ok(serde_json::Value::Null) }
//! async fn answer(question: &str) -> Result<serde_json::Value, std::io::Error> {
//!     let mut call = llmobs_runtime::call(&operation::CHAT)
//!         .provider("openai")
//!         .model("gpt-4o-mini")
//!         .attribute("shop.tenant", "north")
//!         .start();
//!     let result = call.run(send(question)).await;
//!     match &result {
//!         Ok(response) => call.response(response),
//!         Err(error) => call.fail(error),
//!     }
//!     call.end();
//!     result
//! }
//! ```
//!
//! The span is the current one while the future is polled and at no other time. A [`Call`] that is dropped
//! before [`Call::end`] was cancelled, or panicked; it is recorded as that with all that is known by then.

mod agent;
pub(crate) mod error;
mod metrics;
pub(crate) use metrics::Measured;
mod outcome;
mod scope;
mod span;

use std::borrow::Cow;
use std::error::Error;
use std::time::{Instant, SystemTime};

use opentelemetry::Context;
use opentelemetry::trace::TraceContextExt;

use crate::conventions::{Attribute, Operation, SpanKind, attr, value};
use crate::payload::{
    Any, AttributeValue, Fields, LlmRequest, LlmResponse, LlmUsage, ServerEndpoint, Text, Value, record_server,
};
use crate::pipeline::{self, Pipeline};

pub use scope::Running;

#[doc(hidden)]
pub use outcome::__outcome;

use agent::Agent;

/// Prepares the recording of one operation; see [`crate::conventions::operation`] for all of them.
///
/// Costs next to nothing when nobody records: no pipeline, or telemetry suppressed.
pub fn call(operation: &'static Operation) -> CallBuilder {
    CallBuilder { draft: pipeline::current().map(|pipeline| Box::new(Draft::new(operation, pipeline))) }
}

/// An operation that has not started: what is known before it runs.
///
/// The attributes set here are given to the sampler.
#[must_use = "an operation is recorded from `start()` on"]
#[derive(Debug)]
pub struct CallBuilder {
    draft: Option<Box<Draft>>,
}

/// An operation that runs: one span, and one point per metric at its end.
///
/// Eight bytes wide wherever it is held.
#[must_use = "an operation that is dropped without `end()` counts as cancelled"]
#[derive(Debug)]
pub struct Call {
    draft: Option<Box<Draft>>,
}

/// All that is known of a call, before and while it runs.
#[derive(Debug)]
struct Draft {
    pipeline: std::sync::Arc<Pipeline>,
    operation: &'static Operation,
    kind: SpanKind,
    name: Option<Text>,
    fields: Fields,
    metric_attributes: Vec<(Cow<'static, str>, Value)>,
    live: Option<Live>,
    /// The call runs in straight-line code that may return anywhere: dropping it is ending it.
    ends_on_drop: bool,
}

/// What a running call holds.
#[derive(Debug)]
struct Live {
    context: Context,
    began: Instant,
    began_at: SystemTime,
    agent: Option<std::sync::Arc<Agent>>,
}

impl Draft {
    fn new(operation: &'static Operation, pipeline: std::sync::Arc<Pipeline>) -> Self {
        Self {
            pipeline,
            operation,
            kind: operation.span.kind,
            name: None,
            fields: Fields::with_room(),
            metric_attributes: Vec::new(),
            live: None,
            ends_on_drop: false,
        }
    }
}

impl CallBuilder {
    /// Whether anybody records this call; where nobody does, attributes need not be computed.
    pub fn is_recording(&self) -> bool {
        self.draft.is_some()
    }

    /// What has been named so far, to add to; `None` where nobody records.
    pub fn fields(&mut self) -> Option<&mut Fields> {
        self.draft.as_mut().map(|draft| &mut draft.fields)
    }

    /// The provider, such as `"openai"` or `"azure.ai.openai"` (`gen_ai.provider.name`).
    pub fn provider<V: AttributeValue<crate::conventions::Text>>(self, provider: V) -> Self {
        self.set(attr::GEN_AI_PROVIDER_NAME, &provider)
    }

    /// The model asked for (`gen_ai.request.model`).
    pub fn model<V: AttributeValue<crate::conventions::Text>>(self, model: V) -> Self {
        self.set(attr::GEN_AI_REQUEST_MODEL, &model)
    }

    /// All that the request says of itself.
    pub fn request<R: LlmRequest + ?Sized>(mut self, request: &R) -> Self {
        if let Some(fields) = self.fields() {
            request.record(fields);
        }
        self
    }

    /// The conversation that this call belongs to (`gen_ai.conversation.id`): a real id, never a made-up one.
    pub fn conversation_id<V: AttributeValue<crate::conventions::Text>>(self, id: V) -> Self {
        self.set(attr::GEN_AI_CONVERSATION_ID, &id)
    }

    /// Where the service is: a URL, `host:port`, a host, or `(host, port)` (`server.address`, `server.port`).
    pub fn server<S: ServerEndpoint>(mut self, server: S) -> Self {
        if let Some(fields) = self.fields() {
            record_server(&server, fields);
        }
        self
    }

    /// Sets an attribute of the conventions.
    pub fn set<T, V: AttributeValue<T> + ?Sized>(mut self, attribute: Attribute<T>, value: &V) -> Self {
        if let Some(fields) = self.fields() {
            fields.set(attribute, value);
        }
        self
    }

    /// Sets an attribute of the user's own on the span.
    pub fn attribute<V: AttributeValue<Any>>(mut self, key: impl Into<Cow<'static, str>>, value: V) -> Self {
        if let Some(fields) = self.fields() {
            fields.attribute(key, &value);
        }
        self
    }

    /// Sets an attribute of the user's own on the span and on every metric of this call.
    ///
    /// Each new value is a new time series: give it only what has few values.
    pub fn metric_attribute<V: AttributeValue<Any>>(
        mut self,
        key: impl Into<Cow<'static, str>>,
        value: V,
    ) -> Self {
        if let Some(draft) = &mut self.draft
            && let Some(given) = value.attribute_value()
        {
            let key = key.into();
            draft.fields.attribute(key.clone(), &value);
            draft.metric_attributes.push((key, given));
        }
        self
    }

    /// The span name, instead of the one that the conventions give (operation and model, tool, agent …).
    pub fn name(mut self, name: impl AsRef<str>) -> Self {
        if let Some(draft) = &mut self.draft {
            draft.name = Some(Text::copied(name.as_ref()));
        }
        self
    }

    /// The span kind, where the conventions leave a choice: a model running in this process is `Internal`.
    pub fn kind(mut self, kind: SpanKind) -> Self {
        if let Some(draft) = &mut self.draft {
            draft.kind = kind;
        }
        self
    }

    /// Starts the operation now, below the current span.
    pub fn start(self) -> Call {
        let Some(mut draft) = self.draft else { return Call { draft: None } };
        let parent = Context::current();
        let enclosing = parent.get::<std::sync::Arc<Agent>>().cloned();
        if let Some(enclosing) = &enclosing {
            enclosing.contains(draft.operation, &mut draft.fields);
        }

        let began_at = SystemTime::now();
        let builder = span::builder(&mut draft, began_at);
        let Some(span) = draft.pipeline.start(builder, &parent) else {
            return Call { draft: None };
        };
        let mut context = parent.with_span(span);
        let agent = Agent::of(draft.operation, &draft.fields);
        if let Some(agent) = &agent {
            context = context.with_value(agent.clone());
        }
        draft.live = Some(Live { context, began: Instant::now(), began_at, agent });
        Call { draft: Some(draft) }
    }
}

impl Call {
    /// Whether anybody records this call.
    pub fn is_recording(&self) -> bool {
        self.draft.is_some()
    }

    /// What has been named so far, to add to; `None` where nobody records.
    pub fn fields(&mut self) -> Option<&mut Fields> {
        self.draft.as_mut().map(|draft| &mut draft.fields)
    }

    /// All that the response says of itself.
    pub fn response<R: LlmResponse + ?Sized>(&mut self, response: &R) {
        if let Some(fields) = self.fields() {
            response.record(fields);
        }
    }

    /// The tokens used.
    pub fn usage<U: LlmUsage + ?Sized>(&mut self, usage: &U) {
        if let Some(fields) = self.fields() {
            fields.usage(usage);
        }
    }

    /// Sets an attribute of the conventions.
    pub fn set<T, V: AttributeValue<T> + ?Sized>(&mut self, attribute: Attribute<T>, value: &V) {
        if let Some(fields) = self.fields() {
            fields.set(attribute, value);
        }
    }

    /// Sets an attribute of the user's own on the span.
    pub fn attribute<V: AttributeValue<Any>>(&mut self, key: impl Into<Cow<'static, str>>, value: V) {
        if let Some(fields) = self.fields() {
            fields.attribute(key, &value);
        }
    }

    /// The call failed: `error.type` becomes the HTTP status, the provider's code or the name of the error's
    /// type, whichever is found first along its sources. The error's message is not recorded.
    pub fn fail<E: Error + 'static>(&mut self, error: &E) {
        if let Some(fields) = self.fields() {
            fields.set(attr::ERROR_TYPE, &error::of_error(error));
        }
    }

    /// The call failed with an `error.type` of the caller's choice: a code or a type name, one of few.
    pub fn fail_as<V: AttributeValue<crate::conventions::Text>>(&mut self, error_type: V) {
        self.set(attr::ERROR_TYPE, &error_type);
    }

    /// From here on dropping the call ends it: for synchronous code, which cannot be cancelled but may return
    /// in more places than one. A panic is still recorded as one.
    pub fn end_on_drop(&mut self) {
        if let Some(draft) = &mut self.draft {
            draft.ends_on_drop = true;
        }
    }

    /// The call ended; records its span and its metrics.
    pub fn end(mut self) {
        if let Some(draft) = self.draft.take() {
            close(&draft);
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let Some(mut draft) = self.draft.take() else { return };
        if std::thread::panicking() {
            draft.fields.set(attr::ERROR_TYPE, &Text::Static(error::PANIC));
        } else if !draft.ends_on_drop {
            draft.fields.set(attr::ERROR_TYPE, &Text::Static(error::CANCELLED));
        }
        close(&draft);
    }
}

/// Ends the span and records the metrics, of which the duration is that of the span to the nanosecond.
fn close(draft: &Draft) {
    let Some(live) = &draft.live else { return };
    let elapsed = live.began.elapsed();
    let error = draft.fields.get(attr::ERROR_TYPE).and_then(Value::as_text).cloned();
    span::end(draft, live, elapsed, error.as_ref());
    metrics::record(draft, live, elapsed);
}

/// `_OTHER`, for an error that says nothing about its kind.
const OTHER: &str = value::error_type::OTHER;
