//! Streams, compiled out: a recorded stream is the stream itself.

use std::fmt;
use std::marker::PhantomData;

use super::{Call, CallBuilder};
use crate::payload::LlmChunk;

/// Lets an alias name what it leaves out.
#[doc(hidden)]
pub trait Itself<Without: ?Sized> {
    /// The type itself.
    type Is;
}

impl<T, Without: ?Sized> Itself<Without> for T {
    type Is = T;
}

/// A stream that is recorded: the stream itself.
pub type Recorded<S, R = ()> = <S as Itself<R>>::Is;

/// The stream itself.
pub fn recorded<S>(stream: S) -> Recorded<S> {
    stream
}

/// What would read the items of a stream.
pub struct Reader<I>(PhantomData<I>);

impl<I> fmt::Debug for Reader<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").finish_non_exhaustive()
    }
}

/// An item that speaks for itself: a chunk, or the result of getting one.
pub trait StreamItem {
    /// Writes what this item says into the call.
    fn read(&self, call: &mut Call);
}

#[diagnostic::do_not_recommend]
impl<C: LlmChunk> StreamItem for C {
    fn read(&self, _: &mut Call) {}
}

#[diagnostic::do_not_recommend]
impl<C: LlmChunk, E: std::error::Error + 'static> StreamItem for Result<C, E> {
    fn read(&self, _: &mut Call) {}
}

/// Without the crate that defines streams, a closure says itself what it takes.
#[cfg(not(feature = "enable"))]
mod any {
    use super::{Call, CallBuilder, Recorded};

    impl CallBuilder {
        /// The stream itself.
        pub fn stream<S>(self, stream: S) -> Recorded<S> {
            stream
        }

        /// The stream itself.
        pub fn stream_with<S, R>(self, stream: S, _: R) -> Recorded<S, R> {
            stream
        }
    }

    impl Call {
        /// The stream itself.
        pub fn stream<S>(self, stream: S) -> Recorded<S> {
            stream
        }

        /// The stream itself.
        pub fn stream_with<S, R>(self, stream: S, _: R) -> Recorded<S, R> {
            stream
        }
    }
}

/// With it, the stream says what a closure takes, as where it is recorded.
#[cfg(feature = "enable")]
mod known {
    use futures_core::Stream;

    use super::{Call, CallBuilder, Recorded};

    impl CallBuilder {
        /// The stream itself.
        pub fn stream<S: Stream>(self, stream: S) -> Recorded<S> {
            stream
        }

        /// The stream itself.
        pub fn stream_with<S, R>(self, stream: S, _: R) -> Recorded<S, R>
        where
            S: Stream,
            R: FnMut(&mut Call, &S::Item),
        {
            stream
        }
    }

    impl Call {
        /// The stream itself.
        pub fn stream<S: Stream>(self, stream: S) -> Recorded<S> {
            stream
        }

        /// The stream itself.
        pub fn stream_with<S, R>(self, stream: S, _: R) -> Recorded<S, R>
        where
            S: Stream,
            R: FnMut(&mut Call, &S::Item),
        {
            stream
        }
    }
}
