//! The span is the current one while the operation runs, and at no other time.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context as Waking, Poll};

use opentelemetry::Context;
use pin_project_lite::pin_project;

use super::Call;

pin_project! {
    /// A future that runs inside a call; made by [`Call::run`].
    ///
    /// One reference wider than the future itself.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct Running<'a, F> {
        context: Option<&'a Context>,
        #[pin]
        future: F,
    }
}

impl<F: Future> Future for Running<'_, F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, waking: &mut Waking<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _entered = this.context.map(|context| context.clone().attach());
        this.future.poll(waking)
    }
}

impl Call {
    /// Runs `future` inside this call: its span is the current one for every poll, and between polls it is not.
    pub fn run<F: Future>(&self, future: F) -> Running<'_, F> {
        Running { context: self.context(), future }
    }

    /// Runs `body` inside this call.
    pub fn scope<R>(&self, body: impl FnOnce() -> R) -> R {
        let _entered = self.context().map(|context| context.clone().attach());
        body()
    }

    /// The OpenTelemetry context that holds the span of this call; `None` where nobody records.
    pub fn context(&self) -> Option<&Context> {
        self.draft.as_ref().and_then(|draft| draft.live.as_ref()).map(|live| &live.context)
    }

    /// Makes the span of this call the current one until the guard is dropped.
    ///
    /// For straight-line code only: a guard held across an `.await` would catch what other tasks do meanwhile.
    /// Use [`run`](Self::run) for futures.
    pub fn enter(&self) -> Option<opentelemetry::ContextGuard> {
        self.context().map(|context| context.clone().attach())
    }
}
