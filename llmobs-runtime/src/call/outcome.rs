//! How the value that a function returns is read, whatever its type.
//!
//! The attribute macro knows the return type only as tokens; an alias of `Result` looks like any other name.
//! So the expansion asks the compiler, by method resolution: an inherent method that fits wins over a trait
//! method, and an implementation for more references wins over one for fewer, when the call is written with one
//! reference more than the most. Each probe below lists its answers in that order.

/// Called by the expansion of `#[instrument_llm]`; not for use by hand.
#[doc(hidden)]
pub mod __outcome {
    use std::convert::Infallible;
    use std::error::Error;

    use super::super::{Call, error};
    use crate::content::{Capture, Kind};
    use crate::payload::{Delta, LlmChunk, LlmError, LlmResponse, Streamed, Text};

    /// A returned value, to be split into success and failure.
    #[derive(Debug)]
    pub struct Returned<'a, T>(pub &'a T);

    impl<'a, T, E> Returned<'a, Result<T, E>> {
        /// A `Result` is what it says.
        pub fn split(&self) -> Result<&'a T, &'a E> {
            self.0.as_ref()
        }
    }

    /// Anything else succeeded by returning.
    pub trait Plain<'a> {
        /// The value itself.
        type Value;
        /// Always `Ok`.
        fn split(&self) -> Result<&'a Self::Value, &'a Infallible>;
    }

    impl<'a, T> Plain<'a> for Returned<'a, T> {
        type Value = T;
        fn split(&self) -> Result<&'a T, &'a Infallible> {
            Ok(self.0)
        }
    }

    /// The type of a body that the signature gives it, where an expression alone would leave it open.
    ///
    /// Stands in code that is never reached.
    pub fn typed<T>() -> T {
        unreachable!("only its type is of use")
    }

    /// Calls `body`; a closure that is given to this may return what it captured.
    pub fn once<R>(body: impl FnOnce() -> R) -> R {
        body()
    }

    /// The value of a function whose operation may have a response.
    #[derive(Debug)]
    pub struct Success<'a, T: ?Sized>(pub &'a T);

    /// A value that speaks for itself.
    pub trait Speaks {
        /// Records the response.
        fn read(&self, call: &mut Call);
    }

    impl<T: LlmResponse + ?Sized> Speaks for &Success<'_, T> {
        fn read(&self, call: &mut Call) {
            call.response(self.0);
        }
    }

    /// An item of a stream whose operation may have a response.
    #[derive(Debug)]
    pub struct Chunk<'a, T: ?Sized>(pub &'a T);

    impl<T: LlmChunk + ?Sized> Speaks for &Chunk<'_, T> {
        fn read(&self, call: &mut Call) {
            call.chunk(self.0);
        }
    }

    impl<T: ?Sized> Silent for Chunk<'_, T> {
        fn read(&self, call: &mut Call) {
            call.chunk_received();
        }
    }

    impl<'a, T: ?Sized> Chunk<'a, T> {
        /// The same item where the output is to be captured: it says what it is, or is text.
        pub fn said(&self) -> Output<'a, T, true> {
            Output(self.0)
        }

        /// The same where items are not read: it is text.
        pub fn written(&self) -> Output<'a, T, false> {
            Output(self.0)
        }
    }

    /// An item of a stream of which the output is to be captured, be it by what chunks say or from text alone.
    #[expect(missing_debug_implementations, reason = "it holds content")]
    pub struct Output<'a, T: ?Sized, const CHUNK: bool>(&'a T);

    /// First: a chunk says itself what its text is.
    impl<T: LlmChunk + ?Sized> Speaks for &&&Output<'_, T, true> {
        fn read(&self, call: &mut Call) {
            call.chunk(self.0);
        }
    }

    /// Second: a string, whatever holds it.
    impl<T: Delta + ?Sized, const CHUNK: bool> Speaks for &&Output<'_, T, CHUNK> {
        fn read(&self, call: &mut Call) {
            call.chunk(&Piece(|| self.0.text()));
        }
    }

    /// Third: text of the application's own that may leave the process.
    impl<T: AsRef<str> + Capture + ?Sized, const CHUNK: bool> Speaks for &Output<'_, T, CHUNK> {
        fn read(&self, call: &mut Call) {
            call.chunk(&Piece(|| Some(self.0.as_ref())));
        }
    }

    /// Else: there is nothing to capture, which does not compile.
    impl<T: ?Sized> Output<'_, T, true> {
        /// Not to be called.
        pub fn read(&self, _: &mut Call)
        where
            T: ChunkOrText,
        {
        }
    }

    /// The same of text alone.
    impl<T: ?Sized> Output<'_, T, false> {
        /// Not to be called.
        pub fn read(&self, _: &mut Call)
        where
            T: PlainText,
        {
        }
    }

    /// What an item is that has no output to capture; nothing is this.
    #[diagnostic::on_unimplemented(
        message = "`{Self}`, an item of this stream, is neither an `LlmChunk` nor text: there is no output to capture",
        label = "the items are no output",
        note = "derive it: `#[derive(LlmChunk)]` with `#[llm(content.text)]` on the field that holds the text",
        note = "or say where the chunk stands inside it: `response = |it| &it.event`",
        note = "or let the stream give text, such as `String` or a type that is `Capture` and `AsRef<str>`",
        note = "or leave `output` out"
    )]
    pub trait ChunkOrText {}

    /// What an item is that is no text; nothing is this.
    #[diagnostic::on_unimplemented(
        message = "`{Self}`, an item of this stream, is no text: there is no output to capture",
        label = "the items are no output",
        note = "with `response = none` only text is captured, such as `String` or a type that is `Capture` and \
                `AsRef<str>`",
        note = "where the items are, or hold, an `LlmChunk`, leave `response = none` out or write `response = |it| …`",
        note = "or leave `output` out"
    )]
    pub trait PlainText {}

    /// A piece of the answer's text.
    struct Piece<F>(F);

    impl<'a, F: Fn() -> Option<&'a str>> LlmChunk for Piece<F> {
        fn record(&self, answer: &mut Streamed<'_>) {
            if let Some(content) = answer.content()
                && content.wants(Kind::Output)
                && let Some(text) = self.0()
            {
                content.text_delta(0, text);
            }
        }
    }

    /// A value that says nothing.
    pub trait Silent {
        /// Records nothing.
        fn read(&self, call: &mut Call);
    }

    impl<T: ?Sized> Silent for Success<'_, T> {
        fn read(&self, _: &mut Call) {}
    }

    /// The error of a function.
    #[derive(Debug)]
    pub struct Failure<'a, E: ?Sized>(pub &'a E);

    /// First: the error says what it is.
    pub trait Known {
        /// Records the failure.
        fn read(&self, call: &mut Call);
    }

    impl<E: LlmError> Known for &&&&Failure<'_, E> {
        fn read(&self, call: &mut Call) {
            call.failed(&mut || match self.0.error_type() {
                Some(std::borrow::Cow::Borrowed(name)) => Text::Static(name),
                Some(std::borrow::Cow::Owned(name)) => Text::copied(&name),
                None => error::of_type::<E>(),
            });
        }
    }

    /// Also first: an error of a kind that is known by itself.
    ///
    /// Each such type is listed, since an error of any type may borrow, and only what does not can be asked for
    /// its type.
    pub trait Exact {
        /// Records the failure.
        fn read(&self, call: &mut Call);
    }

    macro_rules! exact {
        ($($error:ty),* $(,)?) => {$(
            impl Exact for &&&&Failure<'_, $error> {
                fn read(&self, call: &mut Call) {
                    call.failed(&mut || error::of_error(self.0));
                }
            }
        )*};
    }

    exact!(std::io::Error, Box<std::io::Error>, std::sync::Arc<std::io::Error>);
    #[cfg(feature = "async-openai")]
    exact!(::async_openai::error::OpenAIError, ::async_openai::error::ApiError);

    /// Second: a standard error, with sources.
    pub trait Standard {
        /// Records the failure.
        fn read(&self, call: &mut Call);
    }

    impl<E: Error> Standard for &&&Failure<'_, E> {
        fn read(&self, call: &mut Call) {
            call.failed(&mut || error::of_borrowed(self.0));
        }
    }

    /// Third: what holds a standard error (`anyhow::Error`, `Box<dyn Error + Send + Sync>`).
    pub trait Holds {
        /// Records the failure.
        fn read(&self, call: &mut Call);
    }

    impl<E: AsRef<dyn Error + Send + Sync + 'static>> Holds for &&Failure<'_, E> {
        fn read(&self, call: &mut Call) {
            call.failed(&mut || error::of_dyn(self.0.as_ref()));
        }
    }

    /// Fourth: `Box<dyn Error>`.
    pub trait HoldsLocal {
        /// Records the failure.
        fn read(&self, call: &mut Call);
    }

    impl<E: AsRef<dyn Error + 'static>> HoldsLocal for &Failure<'_, E> {
        fn read(&self, call: &mut Call) {
            call.failed(&mut || error::of_dyn(self.0.as_ref()));
        }
    }

    /// Last: any type, by its name.
    pub trait Named {
        /// Records the failure.
        fn read(&self, call: &mut Call);
    }

    impl<E: ?Sized> Named for Failure<'_, E> {
        fn read(&self, call: &mut Call) {
            call.failed(&mut error::of_type::<E>);
        }
    }
}
