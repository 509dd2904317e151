//! What is known of an operation before it starts.

use std::borrow::Cow;
use std::time::{Instant, SystemTime};

use opentelemetry::Context;
use opentelemetry::trace::TraceContextExt;

use super::agent::Agent;
use super::{Call, CallBuilder, Draft, Live, Span, put, put_attribute, span, value_of};
use crate::conventions::{Attribute, SpanKind, attr};
use crate::guard::guarded;
use crate::payload::{
    Any, AttributeValue, Fields, LlmRequest, ServerEndpoint, Text, record_server,
};
use crate::scope::{self, Active};

impl CallBuilder {
    /// Whether anybody records this call; where nobody does, attributes need not be computed.
    #[inline]
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
            draft.fields.put_metric_attribute(key.into(), &value);
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
    #[inline]
    pub fn start(self) -> Call {
        Call { draft: self.draft.and_then(started) }
    }

    /// Remembers the context: what was prepared starts later, and perhaps elsewhere.
    pub(super) fn made_here(&mut self) {
        if let Some(draft) = &mut self.draft {
            draft.made_in = Some(Context::current()).filter(scope::is_of_use);
        }
    }

    /// The answer is a stream.
    pub(super) fn streams(&mut self) {
        put(self.fields(), attr::GEN_AI_REQUEST_STREAM, &true);
    }
}

/// What was prepared, running; `None` where nobody records.
fn started(mut draft: Box<Draft>) -> Option<Box<Draft>> {
    // A sampler or a span processor of the user's.
    let started = guarded("the start of a span", &mut || draft.start());
    started.unwrap_or_default().then_some(draft)
}

impl Draft {
    /// Starts the span; `false` where nobody records.
    fn start(&mut self) -> bool {
        let mut parent = Context::current();
        if let Some(made_in) = self.made_in.take() {
            parent = starting_in(parent, made_in);
        }
        if let Some(enclosing) = parent.get::<std::sync::Arc<Agent>>() {
            enclosing.contains(self.operation, &mut self.fields);
        }
        if let Some(active) = Active::of(&parent) {
            let id = attr::GEN_AI_CONVERSATION_ID.id();
            let has_conversation = self.operation.span.has(id, self.pipeline.dialect());
            active.tell(&mut self.fields, has_conversation);
        }

        #[cfg(feature = "tracing-spans")]
        if !parent.has_active_span() {
            crate::tracing_layers::watch::root();
        }

        self.settle();
        let began = Instant::now();
        #[cfg(feature = "sdk")]
        let ours = super::own::start(self, &parent, began);
        #[cfg(not(feature = "sdk"))]
        let ours = None;
        let (mut context, span) = match ours {
            Some(started) => started,
            None => match self.start_provided(&parent) {
                Some(started) => started,
                None => return false,
            },
        };
        let agent = Agent::of(self.operation, &self.fields, parent.get::<std::sync::Arc<Agent>>());
        if let Some(agent) = &agent {
            context = context.with_value(agent.clone());
        }
        // Sampled out: what was handed over by now goes nowhere, and nothing more is.
        if !context.span().is_recording()
            && !super::content::also_off_spans(self.operation, &self.pipeline)
        {
            self.content = None;
        }
        self.in_panic = std::thread::panicking();
        self.live = Some(Live { context, began, span, agent, counts: None });
        true
    }

    /// What is known stays as it is from here on. A port without its host says nothing yet: it waits for that.
    fn settle(&mut self) {
        let Self { fields, .. } = self;
        let port = if fields.has(attr::SERVER_PORT.id()) && !fields.has(attr::SERVER_ADDRESS.id()) {
            fields.int(attr::SERVER_PORT)
        } else {
            None
        };
        if port.is_some() {
            fields.unset(attr::SERVER_PORT);
        }
        fields.settle();
        fields.set(attr::SERVER_PORT, &port);
    }

    /// Starts a span of the provider's.
    fn start_provided(&self, parent: &Context) -> Option<(Context, Span)> {
        // Read beside the other clock, so that the end, reckoned from both, is not before that of a call inside
        // this one.
        let began_at = SystemTime::now();
        let context = self.pipeline.start(span::builder(self, began_at), parent)?;
        Some((context, Span::Provided(began_at)))
    }
}

/// Where a stream starts that is polled in one context and was made in another: in the current one, if that has a span;
/// the scope that it was made in stays its own where there is no nearer one.
#[cold]
fn starting_in(current: Context, made_in: Context) -> Context {
    let in_scope = Active::of(&current).is_some();
    if !current.has_active_span() && (made_in.has_active_span() || !in_scope) {
        return made_in;
    }
    match Active::of(&made_in) {
        Some(active) if !in_scope => current.with_value(active.clone()),
        _ => current,
    }
}
