//! The tracer of a pipeline of our own, for calls: what the SDK's tracer does, but for the span.
//!
//! A span of the SDK costs more than all else that a call costs. Where all processors are ours a call needs none: it
//! asks the same sampler, draws its ids as the SDK does, and stands in the context as a span of our own
//! ([`CallSpan`]), which the application can add to as to any other. Its data is put together once, when the call is
//! over, and handed to the processors. What is recorded is the same to the last attribute.
//!
//! A processor of the application's may look at spans when they start, for which it must be given one of the SDK's:
//! such a pipeline has no tracer of its own, and calls are spans of the SDK.

mod limits;
mod processors;
mod sampling;
mod span;

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use opentelemetry::trace::{SpanContext, SpanId, SpanKind, TraceContextExt, TraceFlags};
use opentelemetry::{Context, InstrumentationScope, KeyValue};
use opentelemetry_sdk::trace::{
    IdGenerator, RandomIdGenerator, SamplingDecision, SpanData, SpanLimits,
};

pub(in crate::pipeline) use limits::from_env as limits_from_env;
pub(crate) use processors::CallProcessor;
use processors::CallStart;
pub(in crate::pipeline) use processors::Processors;
pub(in crate::pipeline) use sampling::Sampling;
use span::CallSpan;
pub(crate) use span::{Extras, handed_back};

use crate::conventions::Dialect;

/// Starts the spans of calls and takes them when they are over.
#[derive(Debug)]
pub(crate) struct Own {
    sampling: Sampling,
    limits: SpanLimits,
    ids: RandomIdGenerator,
    processors: Processors,
    scope: InstrumentationScope,
}

/// Finished calls whose data is put together on another thread.
pub(crate) trait Deferred: Send + Sync + std::fmt::Debug {
    /// Does it here and now for all that are over.
    fn drain(&self);

    /// The same, unless another thread is at it for longer than this.
    fn drain_within(&self, limit: Duration);

    /// As `drain`, for the last time.
    fn close(&self);

    /// Lets a span of the SDK's that is over wait behind them; gives it back where it finds no place.
    fn pass(&self, span: SpanData) -> Option<SpanData>;

    /// The type that it has, for who made it.
    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

/// What is known of a call that starts, for the sampler and the processors.
pub(crate) trait Starts {
    /// The span's name.
    fn name(&self) -> std::borrow::Cow<'static, str>;
    /// What stands on the span so far.
    fn attributes(&self) -> Vec<KeyValue>;
    fn kind(&self) -> SpanKind;
    /// Whether it is an agent that starts, or the attributes may name one.
    #[cfg_attr(
        not(feature = "azure-monitor"),
        expect(dead_code, reason = "only Azure Monitor has a view of agents")
    )]
    fn names_agent(&self) -> bool;
}

/// The span of a call, from its start on.
#[derive(Debug)]
pub(crate) struct OwnSpan {
    pub(crate) context: SpanContext,
    pub(crate) parent: SpanId,
    pub(crate) parent_is_remote: bool,
    /// Whether there will be a span.
    pub(crate) recording: bool,
    /// What the sampler and the processors added to it.
    pub(crate) added: Vec<KeyValue>,
}

impl Own {
    pub(in crate::pipeline) fn new(
        sampling: Sampling,
        limits: SpanLimits,
        processors: Processors,
        dialect: Dialect,
    ) -> Self {
        Self {
            sampling,
            limits,
            ids: RandomIdGenerator::default(),
            processors,
            scope: super::providers::scope(dialect),
        }
    }

    /// Starts the span of a call, which is the current one in the context that comes back.
    pub(crate) fn start(&self, parent: &Context, call: &dyn Starts) -> (Context, OwnSpan) {
        if parent.is_telemetry_suppressed() {
            return self.nothing(parent);
        }
        let span_id = self.ids.new_span_id();
        let above = parent.span();
        let above = Some(above.span_context()).filter(|it| it.is_valid());
        let trace_id = above.map_or_else(|| self.ids.new_trace_id(), SpanContext::trace_id);
        let decided = self.sampling.decide(parent, trace_id, call);
        let before = above.map_or(TraceFlags::default(), SpanContext::trace_flags);
        let (recording, flags) = match decided.decision {
            SamplingDecision::RecordAndSample => (true, before.with_sampled(true)),
            SamplingDecision::RecordOnly => (true, before.with_sampled(false)),
            SamplingDecision::Drop => (false, TraceFlags::default()),
        };
        let context = SpanContext::new(trace_id, span_id, flags, false, decided.trace_state);
        let mut added = decided.attributes;
        if recording {
            let start = CallStart { span: &context, parent: above, call, added: &added };
            let more = self.processors.call_starts(&start);
            added.extend(more);
        }
        let own = OwnSpan {
            parent: above.map_or(SpanId::INVALID, SpanContext::span_id),
            parent_is_remote: above.is_some_and(SpanContext::is_remote),
            recording,
            added,
            context,
        };
        let span = CallSpan::new(own.context.clone(), recording, self.limits);
        (parent.with_span(span), own)
    }

    /// Where telemetry is suppressed: a span that is none.
    #[cold]
    fn nothing(&self, parent: &Context) -> (Context, OwnSpan) {
        let own = OwnSpan {
            context: SpanContext::empty_context(),
            parent: SpanId::INVALID,
            parent_is_remote: false,
            recording: false,
            added: Vec::new(),
        };
        let span = CallSpan::new(own.context.clone(), false, self.limits);
        (parent.with_span(span), own)
    }

    pub(crate) fn limits(&self) -> &SpanLimits {
        &self.limits
    }

    pub(crate) fn scope(&self) -> &InstrumentationScope {
        &self.scope
    }

    /// Gives a span that is over to the processors.
    pub(crate) fn end(&self, span: SpanData) {
        self.processors.ended(span);
    }

    /// What holds the calls that wait, made when the first waits.
    pub(crate) fn deferred(&self, make: impl FnOnce() -> Arc<dyn Deferred>) -> &Arc<dyn Deferred> {
        self.processors.deferred().get_or_init(make)
    }

    /// Puts together what waits.
    pub(in crate::pipeline) fn drain(&self) {
        if let Some(deferred) = self.processors.deferred().get() {
            deferred.drain();
        }
    }

    /// The same, unless another thread is at it for longer than this.
    pub(in crate::pipeline) fn drain_within(&self, limit: Duration) {
        if let Some(deferred) = self.processors.deferred().get() {
            deferred.drain_within(limit);
        }
    }

    /// As `drain`, for the last time.
    pub(in crate::pipeline) fn close(&self) {
        if let Some(deferred) = self.processors.deferred().get() {
            deferred.close();
        }
    }
}
