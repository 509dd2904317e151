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
//! before [`Call::end`] was cancelled, or panicked; it is recorded as that with all that is known by then,
//! unless it was told before that it failed.
//!
//! Code of the application's that describes a request, a response, an error or a value runs inside the call. If
//! it panics, the panic is caught, printed by the panic hook as any other, and the call goes on without what was
//! missing.
#![doc = include_str!("by_hand.md")]

mod agent;
mod content;
pub(crate) mod error;
mod estimate;
mod event;
mod guard;
mod handed;
mod metrics;
mod outcome;
mod question;
mod returning;
mod scope;
mod span;
mod stream;
mod tempo;

use std::borrow::Cow;
use std::error::Error;
use std::time::{Duration, Instant, SystemTime};

use opentelemetry::Context;
use opentelemetry::trace::TraceContextExt;

use crate::content::{Content, Kinds};
use crate::conventions::{Attribute, Operation, SpanKind, attr, operation, value};
use crate::payload::{
    Any, AttributeValue, Fields, LlmChunk, LlmRequest, LlmResponse, LlmUsage, ServerEndpoint,
    Streamed, Text, Value, record_server,
};
use crate::pipeline::{self, Pipeline};

pub use scope::Running;
pub use stream::{Reader, Recorded, StreamItem, recorded};

#[doc(hidden)]
pub use handed::__handed;
#[doc(hidden)]
pub use outcome::__outcome;
#[doc(hidden)]
pub use question::__question;
#[doc(hidden)]
pub use returning::__returning;
#[doc(hidden)]
pub use stream::__stream;

use agent::Agent;
use guard::guarded;
use tempo::Tempo;

/// Prepares the recording of one operation; see [`crate::conventions::operation`] for all of them.
///
/// Costs next to nothing when nobody records: no pipeline, or telemetry suppressed.
pub fn call(operation: &'static Operation) -> CallBuilder {
    CallBuilder {
        draft: pipeline::current().map(|pipeline| Box::new(Draft::new(operation, pipeline))),
    }
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
    /// The content, where some is captured.
    content: Option<Box<Content>>,
    /// Which token counts were not reported.
    estimated: estimate::Estimated,
    /// The tempo of the answer, where it is a stream.
    tempo: Option<Box<Tempo>>,
    live: Option<Live>,
    /// The call runs in straight-line code that may return anywhere: dropping it is ending it.
    ends_on_drop: bool,
    /// The call started while its thread was panicking already, so that a panic at its end is not its own.
    in_panic: bool,
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
            content: content::begun(operation, &pipeline, Kinds::ALL),
            estimated: estimate::Estimated::default(),
            tempo: None,
            pipeline,
            operation,
            kind: operation.span.kind,
            name: None,
            fields: Fields::with_room(),
            metric_attributes: Vec::new(),
            live: None,
            ends_on_drop: false,
            in_panic: false,
        }
    }
}

/// No call carries more metric attributes of the user's own than this; further ones stay on the span.
const METRIC_LIMIT: usize = 16;

/// What a value of the user's says it is.
fn value_of<T, V: AttributeValue<T> + ?Sized>(value: &V) -> Option<Value> {
    guarded("an attribute value", &mut || value.attribute_value()).flatten()
}

/// Sets an attribute of the conventions, where somebody records.
fn put<T, V: AttributeValue<T> + ?Sized>(
    fields: Option<&mut Fields>,
    attribute: Attribute<T>,
    value: &V,
) {
    if let Some(fields) = fields
        && let Some(value) = value_of(value)
    {
        fields.put(attribute.id(), value);
    }
}

/// Sets an attribute of the user's own, where somebody records.
fn put_attribute<V: AttributeValue<Any>>(
    fields: Option<&mut Fields>,
    key: impl Into<Cow<'static, str>>,
    value: &V,
) {
    if let Some(fields) = fields
        && let Some(value) = value_of(value)
    {
        fields.put_attribute(key.into(), value);
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

    /// All that the request says of itself, and of its content what is captured.
    pub fn request<R: LlmRequest + ?Sized>(mut self, request: &R) -> Self {
        if let Some(draft) = &mut self.draft {
            guarded("the request", &mut || request.record(&mut draft.fields));
            draft.captured("the request", |content| request.capture(content));
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
            guarded("the server", &mut || record_server(&server, fields));
        }
        self
    }

    /// Sets an attribute of the conventions.
    pub fn set<T, V: AttributeValue<T> + ?Sized>(
        mut self,
        attribute: Attribute<T>,
        value: &V,
    ) -> Self {
        put(self.fields(), attribute, value);
        self
    }

    /// Sets an attribute of the user's own on the span.
    pub fn attribute<V: AttributeValue<Any>>(
        mut self,
        key: impl Into<Cow<'static, str>>,
        value: V,
    ) -> Self {
        put_attribute(self.fields(), key, &value);
        self
    }

    /// Sets an attribute of the user's own on the span and on every metric of this call.
    ///
    /// Each new value is a new time series: give it only what has few values. No more than 16 are recorded on
    /// metrics, and none whose key the metric has from the conventions.
    pub fn metric_attribute<V: AttributeValue<Any>>(
        mut self,
        key: impl Into<Cow<'static, str>>,
        value: V,
    ) -> Self {
        if let Some(draft) = &mut self.draft
            && let Some(value) = value_of(&value)
        {
            let key = key.into();
            draft.fields.put_attribute(key.clone(), value.clone());
            let given = &mut draft.metric_attributes;
            if let Some((_, before)) = given.iter_mut().find(|(known, _)| *known == key) {
                *before = value;
            } else if given.len() < METRIC_LIMIT && draft.fields.get_attribute(&key).is_some() {
                given.push((key, value));
            }
        }
        self
    }

    /// The span name, instead of the one that the conventions give (operation and model, tool, agent …). An
    /// empty one changes nothing.
    pub fn name(mut self, name: impl AsRef<str>) -> Self {
        if let Some(draft) = &mut self.draft
            && let Some(name) = guarded("the span name", &mut || Text::copied(name.as_ref()))
            && !name.as_str().is_empty()
        {
            draft.name = Some(name);
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
        // A sampler or a span processor of the user's.
        let started = guarded("the start of a span", &mut || draft.start());
        Call { draft: started.unwrap_or_default().then_some(draft) }
    }

    /// The answer is a stream.
    fn streams(&mut self) {
        put(self.fields(), attr::GEN_AI_REQUEST_STREAM, &true);
    }
}

impl Draft {
    /// Starts the span; `false` where nobody records.
    fn start(&mut self) -> bool {
        let parent = Context::current();
        if let Some(enclosing) = parent.get::<std::sync::Arc<Agent>>() {
            enclosing.contains(self.operation, &mut self.fields);
        }

        // Side by side, so that the end, reckoned from both, is not before that of a call inside this one.
        let (began, began_at) = (Instant::now(), SystemTime::now());
        let builder = span::builder(self, began_at);
        let Some(span) = self.pipeline.start(builder, &parent) else { return false };
        let mut context = parent.with_span(span);
        let agent = Agent::of(self.operation, &self.fields, parent.get::<std::sync::Arc<Agent>>());
        if let Some(agent) = &agent {
            context = context.with_value(agent.clone());
        }
        self.in_panic = std::thread::panicking();
        self.live = Some(Live { context, began, began_at, agent });
        true
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

    /// All that the response says of itself, and of its content what is captured.
    ///
    /// A response that was fetched and says that its generation failed is no failure of the fetch.
    pub fn response<R: LlmResponse + ?Sized>(&mut self, response: &R) {
        let Some(draft) = &mut self.draft else { return };
        let is_fetch = std::ptr::eq(draft.operation.span, operation::FETCH_RESPONSE.span);
        let fields = &mut draft.fields;
        let failed_before = fields.get(attr::ERROR_TYPE).is_some();
        guarded("the response", &mut || response.record(fields));
        if is_fetch && !failed_before {
            fields.unset(attr::ERROR_TYPE);
        }
        draft.captured("the response", |content| response.capture(content));
    }

    /// All that a chunk of a streamed answer says, and that it came just now.
    pub fn chunk<C: LlmChunk + ?Sized>(&mut self, chunk: &C) {
        let Some(draft) = &mut self.draft else { return };
        #[cfg(feature = "token-estimates")]
        draft.tally();
        let Draft { fields, content, tempo, live: Some(live), .. } = &mut **draft else { return };
        let tempo = tempo.get_or_insert_with(|| Box::new(Tempo::new(live.began)));
        tempo.chunk();
        let mut answer = Streamed::new(fields, &mut tempo.progress, content.as_deref_mut());
        guarded("a chunk", &mut || chunk.record(&mut answer));
    }

    /// A chunk came just now, of which nothing is read.
    pub fn chunk_received(&mut self) {
        if self.draft.as_ref().is_some_and(|draft| draft.tempo.is_none()) {
            self.streams();
        }
        if let Some(tempo) = self.draft.as_mut().and_then(|draft| draft.tempo.as_mut()) {
            tempo.chunk();
        }
    }

    /// The answer is a stream.
    fn streams(&mut self) {
        if let Some(draft) = &mut self.draft
            && let Some(live) = &draft.live
        {
            draft.tempo.get_or_insert_with(|| Box::new(Tempo::new(live.began)));
        }
        self.set(attr::GEN_AI_REQUEST_STREAM, &true);
    }

    /// Nobody reads on: whoever read has the whole answer, or met its failure, or has left it.
    fn leave(mut self) {
        let Some(mut draft) = self.draft.take() else { return };
        let failed = draft.fields.get(attr::ERROR_TYPE).is_some();
        let complete = draft.tempo.as_ref().is_some_and(|tempo| tempo.progress.is_complete());
        // What is over has ended when its last item came, however long the stream was kept.
        let last = draft.tempo.as_ref().map(|tempo| tempo.last());
        if failed || complete {
            close(&mut draft, last.unwrap_or_else(Instant::now));
        } else {
            draft.fields.set(attr::ERROR_TYPE, &Text::Static(error::ABANDONED));
            close(&mut draft, Instant::now());
        }
    }

    /// The tokens used.
    pub fn usage<U: LlmUsage + ?Sized>(&mut self, usage: &U) {
        if let Some(fields) = self.fields() {
            guarded("the usage", &mut || fields.usage(usage));
        }
    }

    /// Sets an attribute of the conventions.
    pub fn set<T, V: AttributeValue<T> + ?Sized>(&mut self, attribute: Attribute<T>, value: &V) {
        put(self.fields(), attribute, value);
    }

    /// Sets an attribute of the user's own on the span.
    pub fn attribute<V: AttributeValue<Any>>(
        &mut self,
        key: impl Into<Cow<'static, str>>,
        value: V,
    ) {
        put_attribute(self.fields(), key, &value);
    }

    /// The call failed: `error.type` becomes the HTTP status, the provider's code or the name of the error's
    /// type, whichever is found first along its sources. The error's message is not recorded.
    pub fn fail<E: Error + 'static>(&mut self, error: &E) {
        self.failed(&mut || error::of_error(error));
    }

    /// The call failed with an `error.type` of the caller's choice: a code or a type name, one of few. An empty
    /// one becomes `_OTHER`.
    pub fn fail_as<V: AttributeValue<crate::conventions::Text>>(&mut self, error_type: V) {
        self.failed(&mut || match error_type.attribute_value() {
            Some(Value::Text(text)) => text,
            _ => Text::Static(OTHER),
        });
    }

    /// The call failed, whatever the error has to say of itself.
    fn failed(&mut self, error_type: &mut dyn FnMut() -> Text) {
        if let Some(fields) = self.fields() {
            let text = guarded("the error", error_type).filter(|text| !text.as_str().is_empty());
            fields.put(attr::ERROR_TYPE.id(), Value::Text(text.unwrap_or(Text::Static(OTHER))));
        }
        if let Some(tempo) = self.draft.as_mut().and_then(|draft| draft.tempo.as_mut()) {
            tempo.touch();
        }
    }

    /// Reads a result, its response or its error, and ends the call.
    pub fn finish<T: LlmResponse, E: Error + 'static>(mut self, result: &Result<T, E>) {
        match result {
            Ok(response) => self.response(response),
            Err(error) => self.fail(error),
        }
        self.end();
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
        if let Some(mut draft) = self.draft.take() {
            close(&mut draft, Instant::now());
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let Some(mut draft) = self.draft.take() else { return };
        let unfinished = if std::thread::panicking() && !draft.in_panic {
            Some(error::PANIC)
        } else if let Some(tempo) = &draft.tempo {
            (!tempo.progress.is_complete()).then_some(error::ABANDONED)
        } else {
            (!draft.ends_on_drop).then_some(error::CANCELLED)
        };
        // A failure that is known says more than that nothing came after it.
        if let Some(unfinished) = unfinished
            && draft.fields.get(attr::ERROR_TYPE).is_none()
        {
            draft.fields.set(attr::ERROR_TYPE, &Text::Static(unfinished));
        }
        close(&mut draft, Instant::now());
    }
}

/// Ends the span and records the metrics, of which the duration is that of the span to the nanosecond.
fn close(draft: &mut Draft, ended: Instant) {
    let Some(began) = draft.live.as_ref().map(|live| live.began) else { return };
    streamed(draft, began);
    #[cfg(feature = "token-estimates")]
    draft.estimate();
    let captured = draft.content.take().and_then(|content| content::finished(draft, *content));
    let draft = &*draft;
    let Some(live) = &draft.live else { return };
    // Counted from the start by a clock that never jumps; a span that the wall clock cannot hold has no length.
    let elapsed = ended.saturating_duration_since(began);
    let ended_at = live.began_at.checked_add(elapsed).unwrap_or(live.began_at);
    let elapsed = ended_at.duration_since(live.began_at).unwrap_or(Duration::ZERO);
    let error = draft.fields.get(attr::ERROR_TYPE).and_then(Value::as_text);
    // Span processors of the user's; a panic in one must not take the metrics with it.
    guarded("the end of a span", &mut || {
        span::end(draft, live, ended_at, error, captured.as_ref());
    });
    guarded("a metric", &mut || metrics::record(draft, live, elapsed));
    // A log processor of the user's.
    guarded("an event", &mut || event::details(draft, live, ended_at, captured.as_ref()));
}

/// What only the end of a stream tells.
fn streamed(draft: &mut Draft, began: Instant) {
    let Draft { fields, tempo: Some(tempo), .. } = draft else { return };
    fields.set(attr::GEN_AI_RESPONSE_FINISH_REASONS, &tempo.progress.finish_reasons());
    if let Some(first) = tempo.first() {
        let seconds = first.saturating_duration_since(began).as_secs_f64();
        fields.set(attr::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK, &seconds);
    }
    fields.attribute(CHUNK_COUNT, &tempo.chunks());
}

/// How many chunks a streamed answer had; the conventions have no name for it.
const CHUNK_COUNT: &str = "llmobs.response.chunk_count";

/// `_OTHER`, for an error that says nothing about its kind.
const OTHER: &str = value::error_type::OTHER;
