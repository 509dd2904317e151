//! Scopes, compiled out: what runs in one is what it is by itself.

use std::borrow::Cow;

/// A scope of nothing.
pub fn scope() -> Scope {
    Scope(())
}

/// Says nothing.
#[derive(Clone, Debug)]
#[must_use = "a scope is that of what is run in it"]
pub struct Scope(());

/// A future that runs in a scope: the future itself.
pub type Scoped<F> = <F as crate::call::Itself<()>>::Is;

impl Scope {
    /// Does nothing.
    pub fn conversation_id<V>(self, _: V) -> Self {
        self
    }

    /// Does nothing.
    pub fn user_id<V>(self, _: V) -> Self {
        self
    }

    /// Does nothing.
    pub fn tag<V>(self, _: V) -> Self {
        self
    }

    /// Does nothing.
    pub fn tags<V>(self, _: impl IntoIterator<Item = V>) -> Self {
        self
    }

    /// Does nothing.
    pub fn attribute<V>(self, _: impl Into<Cow<'static, str>>, _: V) -> Self {
        self
    }

    /// Does nothing.
    pub fn in_metrics<K: Into<Cow<'static, str>>>(self, _: impl IntoIterator<Item = K>) -> Self {
        self
    }

    /// Does nothing.
    pub fn in_baggage(self, _: bool) -> Self {
        self
    }

    /// The future itself.
    pub fn run<F: Future>(&self, future: F) -> Scoped<F> {
        future
    }

    /// Calls `body`.
    pub fn in_scope<R>(&self, body: impl FnOnce() -> R) -> R {
        body()
    }

    /// The current context.
    #[cfg(feature = "enable")]
    pub fn context(&self) -> opentelemetry::Context {
        opentelemetry::Context::current()
    }
}

/// A processor that puts nothing on any span.
#[cfg(feature = "sdk")]
mod processor {
    use std::time::Duration;

    use opentelemetry_sdk::error::OTelSdkResult;
    use opentelemetry_sdk::trace::{SpanData, SpanProcessor};

    /// Does nothing.
    #[derive(Clone, Copy, Debug, Default)]
    pub struct ScopeSpans;

    impl SpanProcessor for ScopeSpans {
        fn on_start(&self, _: &mut opentelemetry_sdk::trace::Span, _: &opentelemetry::Context) {}

        fn on_end(&self, _: SpanData) {}

        fn force_flush(&self) -> OTelSdkResult {
            Ok(())
        }

        fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
            Ok(())
        }
    }
}

#[cfg(feature = "sdk")]
pub use processor::ScopeSpans;
