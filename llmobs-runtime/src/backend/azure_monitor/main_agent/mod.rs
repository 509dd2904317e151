//! The agent that a run began with, on everything below it.

mod live;
mod values;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use opentelemetry::trace::{Span as _, SpanContext, TraceContextExt};
use opentelemetry::{Context, InstrumentationScope, KeyValue};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{LogProcessor, SdkLogRecord};
use opentelemetry_sdk::trace::{Span, SpanData, SpanProcessor};

use self::live::Live;
use self::values::Values;

/// Puts the name, id, version and conversation of the topmost agent on every span and log record below it, which is
/// what the portal's view of agents groups by.
///
/// | attribute | from the agent's |
/// |---|---|
/// | `microsoft.gen_ai.main_agent.name` | name |
/// | `microsoft.gen_ai.main_agent.id` | id |
/// | `microsoft.gen_ai.main_agent.version` | version |
/// | `microsoft.gen_ai.main_agent.conversation_id` | conversation id |
///
/// A run begins with a span that invokes an agent, or that names one, and is below no other run. One that invokes an
/// agent has the attributes itself; all that start below it in this process have them too, also below other agents
/// and after the run's end. Attributes of several agents are never mixed. A run that began in another process is
/// not seen.
///
/// What the run's first span knows of its agent when it **starts** is what counts: attributes that are set later
/// reach no other span. That span itself gets them at its end, if it had none and this is [`around`](Self::around)
/// the processor.
///
/// Clones share what they know: one goes to the tracer provider and one to the logger provider, each before what
/// exports. Log records are given the attributes that they do not have, by the span that they belong to. As a
/// processor of spans of its own this makes the SDK copy every span that ends; [`around`](Self::around) does not.
///
/// ```
/// use llmobs_runtime::backend::azure_monitor::MainAgent;
/// use opentelemetry_sdk::logs::{InMemoryLogExporter, SdkLoggerProvider};
/// use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SimpleSpanProcessor};
///
/// let agents = MainAgent::new();
/// let spans = SimpleSpanProcessor::new(InMemorySpanExporter::default());
/// let tracers = SdkTracerProvider::builder().with_span_processor(agents.around(spans)).build();
/// let loggers = SdkLoggerProvider::builder()
///     .with_log_processor(agents)
///     .with_simple_exporter(InMemoryLogExporter::default())
///     .build();
/// # drop((tracers, loggers));
/// ```
///
/// It remembers the spans of runs that have not ended, 100,000 of them, and the last 16,000 that have. Beyond that
/// the oldest are forgotten, so that spans that never end cost no more than that.
#[derive(Clone, Default)]
pub struct MainAgent {
    live: Arc<Live>,
}

impl MainAgent {
    /// To be added to the tracer provider and to the logger provider, before what exports.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same in front of another processor of spans, as one processor.
    pub fn around<P: SpanProcessor>(&self, processor: P) -> MainAgentAround<P> {
        MainAgentAround { main_agent: self.clone(), processor }
    }

    /// A span starts; what it gets. Its attributes are asked for where it may be the first of a run.
    fn starts(
        &self,
        span: &SpanContext,
        parent: Option<&SpanContext>,
        attributes: &dyn Fn() -> Option<Vec<KeyValue>>,
    ) -> Vec<KeyValue> {
        let id = span.span_id();
        if let Some(parent) = parent
            && parent.is_valid()
            && !parent.is_remote()
            && let Some(values) = self.live.get(parent.span_id())
        {
            let added = values.attributes().collect();
            self.live.start(id, values);
            return added;
        }
        let first = attributes().and_then(|attributes| Values::of_first(&attributes));
        let Some((values, wanted)) = first else { return Vec::new() };
        let added = if wanted { values.attributes().collect() } else { Vec::new() };
        self.live.start(id, Arc::new(values));
        added
    }
}

impl fmt::Debug for MainAgent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MainAgent")
    }
}

impl SpanProcessor for MainAgent {
    fn on_start(&self, span: &mut Span, parent: &Context) {
        let parent = parent.span();
        // There is no other way to see the attributes of a span that is not over.
        let attributes = || span.exported_data().map(|data| data.attributes);
        let added = self.starts(span.span_context(), Some(parent.span_context()), &attributes);
        span.set_attributes(added);
    }

    fn on_end(&self, span: SpanData) {
        self.live.end(span.span_context.span_id());
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

impl LogProcessor for MainAgent {
    fn emit(&self, record: &mut SdkLogRecord, _: &InstrumentationScope) {
        if let Some(at) = record.trace_context()
            && let Some(values) = self.live.get(at.span_id)
        {
            values.complete(record);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

/// A processor of spans with a [`MainAgent`] in front of it; made by [`MainAgent::around`].
#[derive(Debug)]
pub struct MainAgentAround<P> {
    main_agent: MainAgent,
    processor: P,
}

impl<P> MainAgentAround<P> {
    /// What a span gets that is none of the SDK's. Its attributes are asked for where it may be the first of a run;
    /// `None` says that it names no agent.
    pub(crate) fn starts(
        &self,
        span: &SpanContext,
        parent: Option<&SpanContext>,
        attributes: &dyn Fn() -> Option<Vec<KeyValue>>,
    ) -> Vec<KeyValue> {
        self.main_agent.starts(span, parent, attributes)
    }

    /// The processor itself.
    pub(crate) fn inner(&self) -> &P {
        &self.processor
    }
}

impl<P: SpanProcessor> SpanProcessor for MainAgentAround<P> {
    fn on_start(&self, span: &mut Span, parent: &Context) {
        self.main_agent.on_start(span, parent);
        self.processor.on_start(span, parent);
    }

    fn on_end(&self, mut span: SpanData) {
        self.main_agent.live.end(span.span_context.span_id());
        Values::add_late(&mut span.attributes);
        self.processor.on_end(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.processor.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.processor.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.processor.set_resource(resource);
    }
}
