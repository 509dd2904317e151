//! A future that runs in a scope.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context as Waking, Poll};

use opentelemetry::Context;
use pin_project_lite::pin_project;

use super::{Scope, is_of_use};

pin_project! {
    /// A future that runs in a scope; made by [`Scope::run`].
    ///
    /// A few words wider than the future itself.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct Scoped<F> {
        place: Place,
        #[pin]
        future: F,
    }
}

/// Where the future runs.
#[derive(Debug)]
enum Place {
    /// Not polled yet: in this scope, and where nothing is current then, in what was current when it was made.
    Prepared {
        scope: Scope,
        made_in: Context,
    },
    Within(Context),
    /// The scope says nothing.
    Anywhere,
}

impl Place {
    /// The context to run in.
    fn enter(&mut self) -> Option<Context> {
        if let Self::Prepared { scope, made_in } = self {
            let current = Context::current();
            let outer = if is_of_use(&current) { current } else { std::mem::take(made_in) };
            *self = Self::Within(scope.within(outer));
        }
        match self {
            Self::Within(context) => Some(context.clone()),
            Self::Prepared { .. } | Self::Anywhere => None,
        }
    }
}

impl<F> Scoped<F> {
    pub(super) fn new(scope: &Scope, future: F) -> Self {
        let place = if scope.said.is_empty() {
            Place::Anywhere
        } else {
            Place::Prepared { scope: scope.clone(), made_in: Context::current() }
        };
        Self { place, future }
    }
}

impl<F: Future> Future for Scoped<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, waking: &mut Waking<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _entered = this.place.enter().map(Context::attach);
        this.future.poll(waking)
    }
}
