//! A stream that a function returned, recorded: as the type that the function says it returns.

/// Called by the expansion of `#[instrument_llm]`; not for use by hand.
#[doc(hidden)]
pub mod __stream {
    use std::future::Future;
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use futures_core::Stream;
    use pin_project_lite::pin_project;

    use super::super::reading::Reader;
    use super::super::stream::{Recorded, Stage};
    use super::super::{Call, CallBuilder};

    /// Records a stream; `read` looks at every item.
    pub fn streaming<S, R>(call: impl Into<Stage>, stream: S, read: R) -> Recorded<S, R>
    where
        S: Stream,
        R: FnMut(&mut Call, &S::Item),
    {
        Recorded::new(call.into(), stream, read)
    }

    /// Records a stream of a type that is known by its name, and gives it that type again.
    pub fn rewrapped<S, R>(call: impl Into<Stage>, stream: S, read: R) -> S
    where
        S: Stream + Recordable<R>,
        R: FnMut(&mut Call, &S::Item),
    {
        stream.recorded(call.into(), read)
    }

    /// A stream that can be recorded without becoming another type.
    #[diagnostic::on_unimplemented(
        message = "a stream of the type `{Self}` cannot be recorded under this name",
        label = "this type is not the one of a stream that is recorded",
        note = "return `impl Stream<Item = …>`, or a boxed one: `BoxStream<'_, …>`",
        note = "or name it: return `llmobs_runtime::Recorded<{Self}>`, made with `llmobs_runtime::recorded(…)`"
    )]
    pub trait Recordable<R>: Sized {
        /// The stream, recorded.
        #[must_use]
        fn recorded(self, stage: Stage, read: R) -> Self;
    }

    macro_rules! boxed {
        ($($pinned:ty, [$($read:tt)*]);* $(;)?) => {$(
            #[diagnostic::do_not_recommend]
            impl<'a, T, R> Recordable<R> for Pin<Box<$pinned>>
            where
                T: 'a,
                R: FnMut(&mut Call, &T) + $($read)* 'a,
            {
                fn recorded(self, stage: Stage, read: R) -> Self {
                    Box::pin(Recorded::new(stage, self, read))
                }
            }
        )*};
    }

    boxed! {
        dyn Stream<Item = T> + 'a, [];
        dyn Stream<Item = T> + Send + 'a, [Send +];
        dyn Stream<Item = T> + Send + Sync + 'a, [Send + Sync +];
    }

    macro_rules! unpinned {
        ($($boxed:ty, [$($read:tt)*]);* $(;)?) => {$(
            #[diagnostic::do_not_recommend]
            impl<'a, T, R> Recordable<R> for Box<$boxed>
            where
                T: 'a,
                R: FnMut(&mut Call, &T) + $($read)* 'a,
            {
                fn recorded(self, stage: Stage, read: R) -> Self {
                    Box::new(Recorded::new(stage, self, read))
                }
            }
        )*};
    }

    unpinned! {
        dyn Stream<Item = T> + Unpin + 'a, [];
        dyn Stream<Item = T> + Send + Unpin + 'a, [Send +];
        dyn Stream<Item = T> + Send + Sync + Unpin + 'a, [Send + Sync +];
    }

    #[diagnostic::do_not_recommend]
    impl<S, R> Recordable<R> for Recorded<S>
    where
        S: Stream,
        R: FnMut(&mut Call, &S::Item) + Send + 'static,
    {
        fn recorded(self, stage: Stage, read: R) -> Self {
            self.attached(stage, Reader::boxed(read))
        }
    }

    pin_project! {
        /// What a function with the attribute returns where it returned a future of a stream.
        #[must_use = "futures do nothing unless polled"]
        pub struct ReturningStream<F, R> {
            #[pin]
            future: F,
            call: Option<Started>,
            finish: Option<R>,
        }
    }

    enum Started {
        Not(CallBuilder),
        Yes(Call),
    }

    impl<F, R> std::fmt::Debug for ReturningStream<F, R> {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.debug_struct("ReturningStream").finish_non_exhaustive()
        }
    }

    /// Runs `future` inside the call that was prepared; `finish` hands the call on to the stream that it gives.
    pub fn returning_stream<F, R, T>(
        prepared: CallBuilder,
        future: F,
        finish: R,
    ) -> ReturningStream<F, R>
    where
        F: Future,
        R: FnOnce(Call, F::Output) -> T,
    {
        ReturningStream { future, call: Some(Started::Not(prepared)), finish: Some(finish) }
    }

    impl<F, R, T> Future for ReturningStream<F, R>
    where
        F: Future,
        R: FnOnce(Call, F::Output) -> T,
    {
        type Output = T;

        fn poll(self: Pin<&mut Self>, waking: &mut Context<'_>) -> Poll<T> {
            let this = self.project();
            // Taken out for as long as the future runs: if that panics, the call ends here and now.
            let call = match this.call.take() {
                Some(Started::Not(prepared)) => Some(prepared.start()),
                Some(Started::Yes(call)) => Some(call),
                None => None,
            };
            let polled = {
                let _entered = call.as_ref().and_then(Call::enter);
                this.future.poll(waking)
            };
            match polled {
                Poll::Pending => {
                    *this.call = call.map(Started::Yes);
                    Poll::Pending
                }
                // A future that is polled after its end has said itself what it thinks of that.
                Poll::Ready(out) => match (call, this.finish.take()) {
                    (Some(call), Some(finish)) => Poll::Ready(finish(call, out)),
                    _ => unreachable!("a future that was ready is ready again"),
                },
            }
        }
    }
}
