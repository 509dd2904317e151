//! A stream that is recorded while it is read.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_core::stream::FusedStream;
use pin_project_lite::pin_project;

use super::{Call, CallBuilder};
use crate::payload::LlmChunk;

pin_project! {
    /// A stream that is recorded while it is read, made by [`CallBuilder::stream`], [`Call::stream`] or
    /// `#[instrument_llm]`.
    ///
    /// The span is the current one while the stream is polled and at no other time: what the producer spawns is
    /// below it, what the consumer does between two items is not. It ends when the stream does: when it is
    /// exhausted, when it panics, or when it is dropped. Dropped after the last chunk of the answer it is complete,
    /// also if nobody asked for the `None` behind it; after an error it has failed; else it was abandoned
    /// (`error.type` is `abandoned`) and is recorded with all that was seen of it.
    ///
    /// Passing an item through allocates nothing where no content is captured. The memory of a live stream is that
    /// of its call and does not grow with the number of chunks.
    #[must_use = "streams do nothing unless polled"]
    pub struct Recorded<S, R = Reader<<S as Stream>::Item>>
    where
        S: Stream,
    {
        #[pin]
        stream: S,
        stage: Stage,
        read: R,
    }
}

/// Reads an item of a stream, whatever it is.
pub type Reader<I> = Option<Box<dyn FnMut(&mut Call, &I) + Send>>;

/// How far the recording of a stream is.
#[derive(Debug)]
#[doc(hidden)]
pub enum Stage {
    /// The call starts when the stream is polled for the first time.
    Prepared(CallBuilder),
    /// The call is running.
    Running(Unread),
    /// Nothing is recorded, or no longer.
    Over,
}

/// The call of a stream: dropping it is leaving the stream.
#[derive(Debug)]
#[doc(hidden)]
pub struct Unread(Call);

impl Unread {
    fn into_call(mut self) -> Call {
        self.take()
    }

    fn take(&mut self) -> Call {
        std::mem::replace(&mut self.0, Call { draft: None })
    }
}

impl Drop for Unread {
    fn drop(&mut self) {
        self.take().leave();
    }
}

/// The call while the stream is polled or an item is read: dropping it is a panic in there.
struct Polled<'a>(&'a mut Unread);

impl Drop for Polled<'_> {
    fn drop(&mut self) {
        // Ends here and now, as a call that is dropped while its thread panics.
        drop(self.0.take());
    }
}

impl From<CallBuilder> for Stage {
    fn from(prepared: CallBuilder) -> Self {
        if prepared.is_recording() { Self::Prepared(prepared) } else { Self::Over }
    }
}

impl From<Call> for Stage {
    fn from(mut call: Call) -> Self {
        if !call.is_recording() {
            return Self::Over;
        }
        call.streams();
        Self::Running(Unread(call))
    }
}

impl Stage {
    /// Starts what is prepared.
    #[cold]
    fn start(&mut self) {
        if let Self::Prepared(prepared) = std::mem::replace(self, Self::Over) {
            *self = prepared.start().into();
        }
    }

    /// The stream is exhausted.
    #[cold]
    fn end(&mut self) {
        if let Self::Running(unread) = std::mem::replace(self, Self::Over) {
            unread.into_call().end();
        }
    }
}

impl<S: Stream + fmt::Debug, R> fmt::Debug for Recorded<S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stream, stage, .. } = self;
        f.debug_struct("Recorded")
            .field("stream", stream)
            .field("stage", stage)
            .finish_non_exhaustive()
    }
}

/// What reads the items of a stream.
#[doc(hidden)]
pub trait ReadItem<I> {
    /// Reads one item, and says to the call that it came.
    fn read(&mut self, call: &mut Call, item: &I);
}

impl<I, F: FnMut(&mut Call, &I)> ReadItem<I> for F {
    fn read(&mut self, call: &mut Call, item: &I) {
        self(call, item);
    }
}

impl<I> ReadItem<I> for Reader<I> {
    fn read(&mut self, call: &mut Call, item: &I) {
        if let Some(read) = self {
            read(call, item);
        }
    }
}

/// Reads items that speak for themselves.
#[derive(Clone, Copy, Debug)]
#[doc(hidden)]
pub struct ByItem;

impl<I: StreamItem> ReadItem<I> for ByItem {
    fn read(&mut self, call: &mut Call, item: &I) {
        item.read(call);
    }
}

/// An item that speaks for itself: a chunk, or the result of getting one.
pub trait StreamItem {
    /// Writes what this item says into the call.
    fn read(&self, call: &mut Call);
}

#[diagnostic::do_not_recommend]
impl<C: LlmChunk> StreamItem for C {
    fn read(&self, call: &mut Call) {
        call.chunk(self);
    }
}

#[diagnostic::do_not_recommend]
impl<C: LlmChunk, E: std::error::Error + 'static> StreamItem for Result<C, E> {
    fn read(&self, call: &mut Call) {
        match self {
            Ok(chunk) => call.chunk(chunk),
            Err(error) => call.fail(error),
        }
    }
}

impl<S: Stream, R> Recorded<S, R> {
    pub(super) fn new(stage: Stage, stream: S, read: R) -> Self {
        Self { stream, stage, read }
    }
}

impl<S: Stream> Recorded<S> {
    /// Records a stream that was made to be; one that is recorded already stays as it is.
    pub(super) fn attached(self, stage: Stage, read: Reader<S::Item>) -> Self {
        if !matches!(self.stage, Stage::Over) || self.read.is_some() {
            if let Stage::Running(unread) = stage {
                // It has run, and its stream is another call's.
                unread.into_call().end();
            }
            return self;
        }
        Self::new(stage, self.stream, read)
    }
}

impl<S: Stream, R: ReadItem<S::Item>> Stream for Recorded<S, R> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, waking: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        if matches!(this.stage, Stage::Prepared(_)) {
            this.stage.start();
        }
        let Stage::Running(unread) = this.stage else { return this.stream.poll_next(waking) };
        let polled = {
            let running = Polled(unread);
            let polled = {
                let _entered = running.0.0.enter();
                this.stream.poll_next(waking)
            };
            if let Poll::Ready(Some(item)) = &polled {
                this.read.read(&mut running.0.0, item);
            }
            std::mem::forget(running);
            polled
        };
        if let Poll::Ready(None) = &polled {
            this.stage.end();
        }
        polled
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.stream.size_hint()
    }
}

impl<S: FusedStream, R: ReadItem<S::Item>> FusedStream for Recorded<S, R> {
    fn is_terminated(&self) -> bool {
        self.stream.is_terminated()
    }
}

/// A stream whose type can be named, for a function that returns one and carries `#[instrument_llm(stream)]`.
///
/// The attribute cannot change what a function returns. One that returns `impl Stream` or a boxed stream need not
/// care; one that returns, say, a `ReceiverStream<Chunk>` returns `Recorded<ReceiverStream<Chunk>>` instead, made
/// with this function. Until the attribute takes it in hand the stream is passed through as it is. Compiled out
/// this is the stream itself.
///
/// ```
/// use futures::stream::{self, Iter};
/// use llmobs_runtime::{Recorded, instrument_llm, recorded};
///
/// # use llmobs_runtime::{LlmChunk, Streamed};
/// # struct Chunk;
/// # impl LlmChunk for Chunk { fn record(&self, _: &mut Streamed<'_>) {} }
/// #[instrument_llm(provider = "openai", model = "gpt-4o", stream)]
/// fn canned() -> Recorded<Iter<std::vec::IntoIter<Chunk>>> {
///     recorded(stream::iter(vec![Chunk]))
/// }
/// # drop(canned());
/// ```
pub fn recorded<S: Stream>(stream: S) -> Recorded<S> {
    Recorded::new(Stage::Over, stream, None)
}

impl CallBuilder {
    /// Records a stream: the call starts when it is polled for the first time and ends when it does.
    ///
    /// ```
    /// use futures::{StreamExt, stream};
    /// use llmobs_runtime::conventions::operation;
    /// use serde_json::json;
    ///
    /// # futures::executor::block_on(async {
    /// // The chunks as a client gives them; raw JSON is one of the types that speak for themselves.
    /// let chunks = stream::iter([Ok::<_, std::io::Error>(json!({ "choices": [] }))]);
    /// let mut answer = llmobs_runtime::call(&operation::CHAT).provider("openai").stream(chunks);
    /// while let Some(chunk) = answer.next().await {
    ///     // …
    ///     # let _ = chunk;
    /// }
    /// # });
    /// ```
    pub fn stream<S: Stream>(mut self, stream: S) -> Recorded<S, ByItem>
    where
        S::Item: StreamItem,
    {
        self.streams();
        Recorded::new(self.into(), stream, ByItem)
    }
}

impl Call {
    /// Records a stream that a running call has led to: the call ends when the stream does.
    pub fn stream<S: Stream>(self, stream: S) -> Recorded<S, ByItem>
    where
        S::Item: StreamItem,
    {
        Recorded::new(self.into(), stream, ByItem)
    }
}
