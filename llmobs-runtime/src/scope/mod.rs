//! What is said once for all that runs below: conversation, user, tags, attributes of the application's own.
//!
//! ```
//! use llmobs_runtime::{instrument_llm, scope};
//!
//! #[instrument_llm(provider = "openai", model = "gpt-4o-mini", response = none)]
//! async fn ask(question: &str) -> String {
//!     // … call the model …
//!     # question.to_owned()
//! }
//!
//! # futures::executor::block_on(async {
//! let scope = scope()
//!     .conversation_id("c-17")
//!     .user_id("u-3")
//!     .tags(["beta", "eu"])
//!     .attribute("shop.tenant", "north")
//!     .in_metrics(["shop.tenant"]);
//! // Every span in here has all of it, the metric points of calls have the tenant.
//! let answer = scope.run(async { ask("What is the tide?").await }).await;
//! # drop(answer);
//! # });
//! ```
//!
//! | said | attribute of every span | where the name is from |
//! |---|---|---|
//! | [`conversation_id`](Scope::conversation_id) | `gen_ai.conversation.id` | the GenAI conventions, which let applications put it on any span |
//! | [`user_id`](Scope::user_id) | `user.id` | the general conventions |
//! | [`tag`](Scope::tag), [`tags`](Scope::tags) | `llmobs.tags`, a list of strings | ours: the conventions have none |
//! | [`attribute`](Scope::attribute) | the key that was given | |
//!
//! Products that read tags have names of their own: Langfuse `langfuse.trace.tags`, Phoenix `tag.tags`, both lists of
//! strings; both read the session from `session.id` and the user from `user.id`. Whoever wants them says so:
//! `.attribute("langfuse.trace.tags", ["beta", "eu"])`.
//!
//! # Which spans
//!
//! Those of calls, in whatever pipeline; and in a pipeline that [`configure`](crate::configure) or
//! [`builder`](crate::builder) set up, also those of OpenTelemetry's tracers and of `tracing`. For providers of the
//! application's own there is `ScopeSpans`, a span processor (feature `sdk`).
//!
//! A scope that is inside another adds to it; what both say is as the inner one says it, and tags are those of both. What
//! a call is told before it starts (an argument of the attribute, the request) wins over every scope. An agent or
//! workflow inside a scope that names its own conversation hands that down.
//!
//! # Tasks and threads
//!
//! The scope stands in OpenTelemetry's context, which follows a future from poll to poll, on whatever thread, and ends
//! where a task or a thread is spawned. To carry it there, together with the span that is current:
//!
//! ```
//! # async fn work() {}
//! # fn spawn<F: Future + Send + 'static>(_: F) {}
//! # let scope = llmobs_runtime::scope().user_id("u-3");
//! // The scope at hand:
//! spawn(scope.run(work()));
//! // Any that is current, in the context:
//! use opentelemetry::context::FutureExt;
//! spawn(work().with_current_context());
//! # #[cfg(feature = "enable")] {
//! // For a thread, or for later:
//! let context = scope.context();
//! std::thread::spawn(move || {
//!     let _entered = context.attach();
//!     // …
//! });
//! # }
//! ```
//!
//! A span of `tracing` fixes its context when it is made: make it inside the scope.

#[cfg(feature = "sdk")]
mod processor;
mod said;
mod scoped;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use opentelemetry::Context;

#[cfg(feature = "sdk")]
pub use processor::ScopeSpans;
#[cfg(feature = "sdk")]
pub(crate) use processor::{Around, put_on};
use said::Said;
pub(crate) use said::{CONVERSATION, TAGS, USER};
pub use scoped::Scoped;

use crate::call::value_of;
use crate::conventions;
use crate::payload::{Any, AttributeValue};

/// A scope about which nothing is said yet.
pub fn scope() -> Scope {
    Scope { said: Arc::default() }
}

/// What is to be said of all that runs inside; see [the module](self).
///
/// Cheap to clone, and good for any number of futures.
#[derive(Clone)]
#[must_use = "a scope is that of what is run in it"]
pub struct Scope {
    said: Arc<Said>,
}

/// Without what was said: ids are those of people.
impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope").finish_non_exhaustive()
    }
}

/// The scope that is current, as it stands in the context.
#[derive(Clone, Debug)]
pub(crate) struct Active(Scope);

impl Scope {
    fn said(mut self, say: impl FnOnce(&mut Said)) -> Self {
        say(Arc::make_mut(&mut self.said));
        self
    }

    /// The conversation (`gen_ai.conversation.id`): a real id, never a made-up one.
    pub fn conversation_id<V: AttributeValue<conventions::Text>>(self, id: V) -> Self {
        self.said(|said| said.put(CONVERSATION.into(), value_of(&id)))
    }

    /// The user (`user.id`): the id that the application has for him, no name and no address.
    pub fn user_id<V: AttributeValue<conventions::Text>>(self, id: V) -> Self {
        self.said(|said| said.put(USER.into(), value_of(&id)))
    }

    /// One more tag (`llmobs.tags`); no more than 64 are kept.
    pub fn tag<V: AttributeValue<conventions::Text>>(self, tag: V) -> Self {
        self.said(|said| said.tag(value_of(&tag)))
    }

    /// More tags.
    pub fn tags<V: AttributeValue<conventions::Text>>(
        self,
        tags: impl IntoIterator<Item = V>,
    ) -> Self {
        self.said(|said| tags.into_iter().for_each(|tag| said.tag(value_of(&tag))))
    }

    /// An attribute of the application's own; no more than 64 are kept, and none that holds content.
    pub fn attribute<V: AttributeValue<Any>>(
        self,
        key: impl Into<Cow<'static, str>>,
        value: V,
    ) -> Self {
        self.said(|said| said.put(key.into(), value_of(&value)))
    }

    /// Which of the attributes also stand on the metric points of calls; none unless this says so.
    ///
    /// Each new value is a new time series: name only what has few values, never a user or a conversation. A point has
    /// no more than 16 such attributes.
    pub fn in_metrics<K: Into<Cow<'static, str>>>(self, keys: impl IntoIterator<Item = K>) -> Self {
        self.said(|said| keys.into_iter().for_each(|key| said.in_metrics(key.into())))
    }

    /// Whether all of it also goes into the baggage, which a propagator may carry to other services; it does not unless
    /// this says so.
    ///
    /// To which services is said by [`Destinations`](crate::propagation::Destinations); whoever else injects contexts
    /// sends the baggage everywhere. Keys are those of the attributes, values are text, and tags are separated by
    /// commas. Baggage holds 64 entries and 8 KiB as it is sent; what exceeds that is left out.
    pub fn in_baggage(self, baggage: bool) -> Self {
        self.said(|said| said.in_baggage(baggage))
    }

    /// Runs a future in this scope, inside of what is current when it is polled first; where nothing is, as in a task
    /// of its own, inside of what is current now.
    pub fn run<F: Future>(&self, future: F) -> Scoped<F> {
        Scoped::new(self, future)
    }

    /// Runs a closure in this scope.
    pub fn in_scope<R>(&self, body: impl FnOnce() -> R) -> R {
        if self.said.is_empty() {
            return body();
        }
        let _entered = self.context().attach();
        body()
    }

    /// The current context with this scope in it, to be carried elsewhere.
    pub fn context(&self) -> Context {
        self.within(Context::current())
    }

    /// The scope inside of whatever stands in the context.
    fn within(&self, context: Context) -> Context {
        if self.said.is_empty() {
            return context;
        }
        let outer = Active::of(&context).map(|active| Arc::clone(&active.0.said));
        let said = match &outer {
            Some(outer) => Arc::new(self.said.within(outer)),
            None => Arc::clone(&self.said),
        };
        let context = said.put_into_baggage(outer.as_deref(), context);
        // The nearest voice: agents around hand down what is said here.
        let context = match self.said.conversation() {
            Some(id) => crate::call::in_conversation(context, &id),
            None => context,
        };
        context.with_value(Active(Self { said }))
    }
}

impl Active {
    /// The scope that stands in a context.
    #[inline]
    pub(crate) fn of(context: &Context) -> Option<&Self> {
        context.get::<Self>()
    }

    /// Says what there is to say of a call that starts, and is not said already.
    #[cold]
    pub(crate) fn tell(&self, fields: &mut crate::payload::Fields, has_conversation: bool) {
        self.0.said.tell(fields, has_conversation);
    }

    /// The same as attributes of any span.
    #[cfg(feature = "sdk")]
    fn attributes(&self) -> Vec<opentelemetry::KeyValue> {
        self.0.said.attributes()
    }
}

/// A context in which a future can start that was made in another: it has a span or a scope, or came from elsewhere.
pub(crate) fn is_of_use(context: &Context) -> bool {
    use opentelemetry::baggage::BaggageExt;
    use opentelemetry::trace::TraceContextExt;
    context.has_active_span() || Active::of(context).is_some() || !context.baggage().is_empty()
}
