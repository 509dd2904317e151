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
mod attached;
mod builder;
mod content;
mod end;
pub(crate) mod error;
mod estimate;
mod event;
mod handed;
mod metrics;
mod outcome;
#[cfg(feature = "sdk")]
mod own;
mod question;
mod reading;
mod returning;
mod running;
mod scope;
mod span;
mod spare;
mod stream;
mod tempo;

use std::borrow::Cow;
use std::time::{Instant, SystemTime};

use opentelemetry::Context;

use crate::content::{Content, Kinds};
use crate::conventions::{Attribute, Operation, SpanKind, value};
use crate::payload::{Any, AttributeValue, Fields, Text, Value};
use crate::pipeline::{self, Pipeline};

pub use reading::{Reader, StreamItem};
pub use scope::Running;
pub use stream::{Recorded, recorded};

#[doc(hidden)]
pub use attached::__stream;
#[doc(hidden)]
pub use handed::__handed;
#[doc(hidden)]
pub use outcome::__outcome;
#[doc(hidden)]
pub use question::__question;
#[doc(hidden)]
pub use returning::__returning;

pub(crate) use agent::in_conversation;
#[cfg(feature = "sdk")]
pub(crate) use span::convert;

use crate::guard::guarded;
use agent::Agent;
use tempo::Tempo;

/// Prepares the recording of one operation; see [`crate::conventions::operation`] for all of them.
///
/// Costs next to nothing when nobody records: no pipeline, or telemetry suppressed.
// What a call that is switched off meets is inlined where it is made, and nothing else is.
#[inline]
pub fn call(operation: &'static Operation) -> CallBuilder {
    if pipeline::is_off() { CallBuilder { draft: None } } else { prepared(operation) }
}

fn prepared(operation: &'static Operation) -> CallBuilder {
    #[cfg(feature = "sdk")]
    if let Some(draft) = own::reused(operation) {
        return CallBuilder { draft: Some(draft) };
    }
    CallBuilder { draft: pipeline::current().map(|pipeline| spare::draft(operation, pipeline)) }
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
    /// The content, where some is captured.
    content: Option<Box<Content>>,
    /// Which token counts were not reported.
    estimated: estimate::Estimated,
    /// The tempo of the answer, where it is a stream.
    tempo: Option<Box<Tempo>>,
    /// The context in which a stream was made, for when it is polled where there is none.
    made_in: Option<Context>,
    live: Option<Live>,
    /// Not a call at all, but a span of the SDK's that takes its place among them.
    #[cfg(feature = "sdk")]
    passed: Option<Box<own::Passed>>,
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
    span: Span,
    agent: Option<std::sync::Arc<Agent>>,
    /// What the agent had counted when the call ended.
    counts: Option<(u64, u64)>,
}

/// Whose span it is.
#[derive(Debug)]
enum Span {
    /// One of the provider's; it began at this time.
    Provided(SystemTime),
    #[cfg(feature = "sdk")]
    Ours(own::Ours),
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
            made_in: None,
            live: None,
            #[cfg(feature = "sdk")]
            passed: None,
            ends_on_drop: false,
            in_panic: false,
        }
    }

    /// Begins anew with one that has been emptied.
    fn begin(&mut self, operation: &'static Operation) {
        self.operation = operation;
        self.kind = operation.span.kind;
        self.content = content::begun(operation, &self.pipeline, Kinds::ALL);
    }

    /// Forgets everything but the pipeline and keeps the buffers.
    fn empty(&mut self) {
        self.name = None;
        self.fields.clear();
        self.content = None;
        self.estimated = estimate::Estimated::default();
        self.tempo = None;
        self.made_in = None;
        self.live = None;
        self.ends_on_drop = false;
        self.in_panic = false;
    }
}

/// What a value of the user's says it is.
pub(crate) fn value_of<T, V: AttributeValue<T> + ?Sized>(value: &V) -> Option<Value<'_>> {
    if value.is_ours() {
        return value.attribute_value();
    }
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

/// `_OTHER`, for an error that says nothing about its kind.
const OTHER: &str = value::error_type::OTHER;
