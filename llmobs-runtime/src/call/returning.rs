//! A future that a function returned, run inside a call.

/// Called by the expansion of `#[instrument_llm]`; not for use by hand.
#[doc(hidden)]
pub mod __returning {
    use std::fmt;
    use std::future::Future;
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use pin_project_lite::pin_project;

    use super::super::{Call, CallBuilder};

    pin_project! {
        /// What a function with the attribute returns where it returned a future.
        ///
        /// The call starts at the first poll. Written out because an `async` block would hold the future
        /// twice: once where it captured it, once where it awaits it.
        #[must_use = "futures do nothing unless polled"]
        pub struct Returning<F, R> {
            #[pin]
            future: F,
            stage: Option<Stage>,
            read: Option<R>,
        }
    }

    impl<F, R> fmt::Debug for Returning<F, R> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.debug_struct("Returning").field("stage", &self.stage).finish_non_exhaustive()
        }
    }

    #[derive(Debug)]
    enum Stage {
        Prepared(CallBuilder),
        Running(Call),
    }

    /// Runs `future` inside the call that was prepared, and lets `read` look at what it gives.
    pub fn returning<F, R>(prepared: CallBuilder, future: F, read: R) -> Returning<F, R>
    where
        F: Future,
        R: FnOnce(&mut Call, &F::Output),
    {
        Returning { future, stage: Some(Stage::Prepared(prepared)), read: Some(read) }
    }

    impl<F, R> Future for Returning<F, R>
    where
        F: Future,
        R: FnOnce(&mut Call, &F::Output),
    {
        type Output = F::Output;

        fn poll(self: Pin<&mut Self>, waking: &mut Context<'_>) -> Poll<F::Output> {
            let this = self.project();
            // Taken out for as long as the future runs: if that panics, the call ends here and now.
            let mut call = match this.stage.take() {
                Some(Stage::Prepared(prepared)) => prepared.start(),
                Some(Stage::Running(call)) => call,
                // Over already; the future says itself what it thinks of being polled again.
                None => return this.future.poll(waking),
            };
            let polled = {
                let _entered = call.enter();
                this.future.poll(waking)
            };
            match polled {
                Poll::Pending => *this.stage = Some(Stage::Running(call)),
                Poll::Ready(ref out) => {
                    if call.is_recording()
                        && let Some(read) = this.read.take()
                    {
                        read(&mut call, out);
                    }
                    call.end();
                }
            }
            polled
        }
    }
}
