//! The life of one operation, compiled out: everything is callable and nothing is done.
//!
//! With a backend feature of this crate switched on, and without the veto of the final binary, the same names record
//! a span and metrics.

/// What an error is said to be is asked for by hand, too.
#[cfg(feature = "sse")]
#[path = "../call/error.rs"]
pub(crate) mod error;
mod stream;

use std::borrow::Cow;
use std::error::Error;

use crate::content::{Kind, Kinds};
use crate::conventions::{Attribute, Operation, SpanKind};
use crate::payload::Fields;

pub(crate) use stream::Itself;
pub use stream::{Reader, Recorded, StreamItem, recorded};

#[cfg(feature = "sse")]
const OTHER: &str = crate::conventions::value::error_type::OTHER;

/// Prepares nothing.
pub fn call(_: &'static Operation) -> CallBuilder {
    CallBuilder(())
}

/// An operation that has not started.
#[must_use = "an operation is recorded from `start()` on"]
#[derive(Debug)]
pub struct CallBuilder(());

/// An operation that runs.
#[must_use = "an operation that is dropped without `end()` counts as cancelled"]
#[derive(Debug)]
pub struct Call(());

/// What a call that nobody records is entered as; there is none.
#[cfg(not(feature = "enable"))]
#[derive(Debug)]
pub enum Entered {}
#[cfg(feature = "enable")]
use opentelemetry::ContextGuard as Entered;

/// A future that runs inside a call: the future itself.
pub type Running<'a, F> = <F as stream::Itself<&'a ()>>::Is;

impl CallBuilder {
    /// `false`.
    pub fn is_recording(&self) -> bool {
        false
    }

    /// `None`.
    pub fn fields(&mut self) -> Option<&mut Fields> {
        None
    }

    /// Does nothing.
    pub fn provider<V>(self, _: V) -> Self {
        self
    }

    /// Does nothing.
    pub fn model<V>(self, _: V) -> Self {
        self
    }

    /// Does nothing.
    pub fn request<R: ?Sized>(self, _: &R) -> Self {
        self
    }

    /// Does nothing.
    pub fn conversation_id<V>(self, _: V) -> Self {
        self
    }

    /// Does nothing.
    pub fn server<S>(self, _: S) -> Self {
        self
    }

    /// Does nothing.
    pub fn set<T, V: ?Sized>(self, _: Attribute<T>, _: &V) -> Self {
        self
    }

    /// Does nothing.
    pub fn attribute<V>(self, _: impl Into<Cow<'static, str>>, _: V) -> Self {
        self
    }

    /// Does nothing.
    pub fn metric_attribute<V>(self, _: impl Into<Cow<'static, str>>, _: V) -> Self {
        self
    }

    /// Does nothing.
    pub fn name(self, _: impl AsRef<str>) -> Self {
        self
    }

    /// Does nothing.
    pub fn kind(self, _: SpanKind) -> Self {
        self
    }

    /// Does nothing.
    pub fn capture_only(self, _: Kinds) -> Self {
        self
    }

    /// `false`.
    pub fn captures(&self, _: Kind) -> bool {
        false
    }

    /// Does nothing.
    pub fn capture<C: ?Sized>(self, _: Kind, _: &C) -> Self {
        self
    }

    /// Starts nothing.
    pub fn start(self) -> Call {
        Call(())
    }
}

impl Call {
    /// `false`.
    pub fn is_recording(&self) -> bool {
        false
    }

    /// `None`.
    pub fn fields(&mut self) -> Option<&mut Fields> {
        None
    }

    /// The future itself.
    pub fn run<F: Future>(&self, future: F) -> Running<'_, F> {
        future
    }

    /// Calls `body`.
    pub fn scope<R>(&self, body: impl FnOnce() -> R) -> R {
        body()
    }

    /// `None`.
    #[cfg(feature = "enable")]
    pub fn context(&self) -> Option<&opentelemetry::Context> {
        None
    }

    /// Enters nothing.
    pub fn enter(&self) -> Option<Entered> {
        None
    }

    /// Does nothing.
    pub fn response<R: ?Sized>(&mut self, _: &R) {}

    /// Does nothing.
    pub fn chunk<C: ?Sized>(&mut self, _: &C) {}

    /// Does nothing.
    pub fn chunk_received(&mut self) {}

    /// `false`.
    pub fn captures(&self, _: Kind) -> bool {
        false
    }

    /// Does nothing.
    pub fn capture<C: ?Sized>(&mut self, _: Kind, _: &C) {}

    /// Does nothing.
    pub fn usage<U: ?Sized>(&mut self, _: &U) {}

    /// Does nothing.
    pub fn set<T, V: ?Sized>(&mut self, _: Attribute<T>, _: &V) {}

    /// Does nothing.
    pub fn attribute<V>(&mut self, _: impl Into<Cow<'static, str>>, _: V) {}

    /// Does nothing.
    pub fn fail<E: Error + 'static>(&mut self, _: &E) {}

    /// Does nothing.
    pub fn fail_dyn(&mut self, _: &(dyn Error + 'static)) {}

    /// Does nothing.
    pub fn fail_as<V>(&mut self, _: V) {}

    /// Does nothing.
    pub fn finish<T, E>(self, _: &Result<T, E>) {}

    /// Does nothing.
    pub fn end_on_drop(&mut self) {}

    /// Does nothing.
    pub fn end(self) {}
}
