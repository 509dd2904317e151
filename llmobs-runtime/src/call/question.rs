//! The operator `?`, as the expansion of `#[instrument_llm]` writes it where a body must stay in place.
//!
//! The standard library's traits for `?` cannot be named yet. These do the same for every type that it has.

/// Called by the expansion of `#[instrument_llm]`; not for use by hand.
#[doc(hidden)]
pub mod __question {
    use std::convert::Infallible;
    use std::ops::ControlFlow;
    use std::task::Poll;

    /// What `?` can be applied to.
    #[diagnostic::on_unimplemented(
        message = "in a `#[track_caller]` function with `#[instrument_llm]`, `?` cannot be applied to `{Self}`"
    )]
    pub trait Question {
        /// What goes on.
        type Value;
        /// What leaves.
        type Rest;
        /// One or the other.
        ///
        /// # Errors
        ///
        /// What leaves.
        fn ask(self) -> Result<Self::Value, Self::Rest>;
    }

    /// What a function may return that uses `?`.
    #[diagnostic::on_unimplemented(
        message = "`?` leaves with `{Rest}`, which cannot be made into the `{Self}` that the function returns",
        note = "the question mark converts an error with `From`"
    )]
    pub trait Leave<Rest> {
        /// What the function returns. The caller is that of the function, for a `From` that wants to know.
        #[track_caller]
        fn leave(rest: Rest) -> Self;
    }

    impl<T, E> Question for Result<T, E> {
        type Value = T;
        type Rest = Result<Infallible, E>;
        fn ask(self) -> Result<T, Self::Rest> {
            self.map_err(Err)
        }
    }

    impl<T> Question for Option<T> {
        type Value = T;
        type Rest = Option<Infallible>;
        fn ask(self) -> Result<T, Self::Rest> {
            self.ok_or(None)
        }
    }

    impl<B, C> Question for ControlFlow<B, C> {
        type Value = C;
        type Rest = ControlFlow<B, Infallible>;
        fn ask(self) -> Result<C, Self::Rest> {
            match self {
                Self::Continue(value) => Ok(value),
                Self::Break(value) => Err(ControlFlow::Break(value)),
            }
        }
    }

    impl<T, E> Question for Poll<Result<T, E>> {
        type Value = Poll<T>;
        type Rest = Result<Infallible, E>;
        fn ask(self) -> Result<Poll<T>, Self::Rest> {
            match self {
                Self::Ready(Ok(value)) => Ok(Poll::Ready(value)),
                Self::Ready(Err(error)) => Err(Err(error)),
                Self::Pending => Ok(Poll::Pending),
            }
        }
    }

    impl<T, E> Question for Poll<Option<Result<T, E>>> {
        type Value = Poll<Option<T>>;
        type Rest = Result<Infallible, E>;
        fn ask(self) -> Result<Poll<Option<T>>, Self::Rest> {
            match self {
                Self::Ready(Some(Ok(value))) => Ok(Poll::Ready(Some(value))),
                Self::Ready(Some(Err(error))) => Err(Err(error)),
                Self::Ready(None) => Ok(Poll::Ready(None)),
                Self::Pending => Ok(Poll::Pending),
            }
        }
    }

    impl<T, E, F: From<E>> Leave<Result<Infallible, E>> for Result<T, F> {
        #[track_caller]
        fn leave(rest: Result<Infallible, E>) -> Self {
            match rest {
                Err(error) => Err(F::from(error)),
                Ok(never) => match never {},
            }
        }
    }

    impl<T> Leave<Option<Infallible>> for Option<T> {
        fn leave(_: Option<Infallible>) -> Self {
            None
        }
    }

    impl<B, C> Leave<ControlFlow<B, Infallible>> for ControlFlow<B, C> {
        fn leave(rest: ControlFlow<B, Infallible>) -> Self {
            match rest {
                ControlFlow::Break(value) => Self::Break(value),
                ControlFlow::Continue(never) => match never {},
            }
        }
    }

    impl<T, E, F: From<E>> Leave<Result<Infallible, E>> for Poll<Result<T, F>> {
        #[track_caller]
        fn leave(rest: Result<Infallible, E>) -> Self {
            Self::Ready(Leave::leave(rest))
        }
    }

    impl<T, E, F: From<E>> Leave<Result<Infallible, E>> for Poll<Option<Result<T, F>>> {
        #[track_caller]
        fn leave(rest: Result<Infallible, E>) -> Self {
            Self::Ready(Some(Leave::leave(rest)))
        }
    }
}
