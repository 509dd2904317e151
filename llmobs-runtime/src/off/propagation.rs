//! Propagation, compiled out: nothing is injected and nothing is read.

use std::borrow::Cow;
use std::fmt;

use crate::scope::{Scope, Scoped, scope};

/// No headers.
pub fn headers(_: &Destinations, _: &str) -> Headers {
    Headers(())
}

/// Injects nothing.
pub fn inject<I: ?Sized>(_: &Destinations, _: &str, _: &mut I) {}

/// Injects nothing.
pub fn inject_into<I: ?Sized>(_: &mut I) {}

/// Reads nothing.
pub fn extract<E: ?Sized>(_: &E) -> Incoming {
    Incoming::nothing()
}

/// Reads nothing.
pub fn extract_with<'a>(_: impl Fn(&str) -> Option<&'a str>) -> Incoming {
    Incoming::nothing()
}

/// No headers.
#[derive(Clone, Debug)]
#[must_use = "the request has them when they are set"]
pub struct Headers(());

impl Iterator for Headers {
    type Item = (String, String);

    fn next(&mut self) -> Option<(String, String)> {
        None
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, Some(0))
    }
}

impl ExactSizeIterator for Headers {}

/// No destinations.
#[derive(Clone, Debug, Default)]
pub struct Destinations(());

/// What was named as a destination is none: never, as nothing is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DestinationError(());

impl fmt::Display for DestinationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("propagation is compiled out")
    }
}

impl std::error::Error for DestinationError {}

impl Destinations {
    /// None.
    ///
    /// # Errors
    ///
    /// None.
    pub fn of<P: AsRef<str>>(_: impl IntoIterator<Item = P>) -> Result<Self, DestinationError> {
        Ok(Self(()))
    }

    /// None.
    ///
    /// # Errors
    ///
    /// None.
    pub fn with_baggage<P: AsRef<str>>(
        self,
        _: impl IntoIterator<Item = P>,
    ) -> Result<Self, DestinationError> {
        Ok(self)
    }
}

/// What a request brought: nothing.
#[derive(Clone)]
pub struct Incoming(());

impl fmt::Debug for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incoming").finish_non_exhaustive()
    }
}

impl Incoming {
    fn nothing() -> Self {
        Self(())
    }

    /// The current context.
    #[cfg(feature = "enable")]
    pub fn context(&self) -> opentelemetry::Context {
        opentelemetry::Context::current()
    }

    /// The future itself.
    pub fn run<F: Future>(&self, future: F) -> Scoped<F> {
        future
    }

    /// Calls `body`.
    pub fn in_scope<R>(&self, body: impl FnOnce() -> R) -> R {
        body()
    }

    /// A scope of nothing.
    pub fn scope<K: Into<Cow<'static, str>>>(&self, _: impl IntoIterator<Item = K>) -> Scope {
        scope()
    }
}
