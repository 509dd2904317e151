//! A stream that is recorded while it is read.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_core::stream::FusedStream;
use pin_project_lite::pin_project;

use super::reading::{ReadItem, Reader, StreamItem};
use super::{Call, CallBuilder};

pin_project! {
    /// A stream that is recorded while it is read, made by [`CallBuilder::stream`], [`Call::stream`] or
    /// `#[instrument_llm]`.
    ///
    /// The span is the current one while the stream is polled and at no other time: what the producer does then is
    /// below it, and what it spawns with the current context handed on; what the consumer does between two items is
    /// not. A stream that is polled where no span is current is below the one that was when it was made. It ends when the stream does: when it is
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
    fn from(mut prepared: CallBuilder) -> Self {
        prepared.made_here();
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

impl<S: Stream, R> Recorded<S, R> {
    pub(super) fn new(stage: Stage, stream: S, read: R) -> Self {
        Self { stream, stage, read }
    }
}

impl<S: Stream> Recorded<S> {
    /// Records a stream that was made to be. One that is recorded already is recorded once more, around that.
    pub(super) fn attached(mut self, stage: Stage, read: Reader<S::Item>) -> Self {
        if matches!(self.stage, Stage::Over) && self.read.is_none() {
            return Self::new(stage, self.stream, read);
        }
        self.read.add_outer(stage, read);
        self
    }
}

/// Polls inside a recording: its span is the current one meanwhile, and what comes is read.
#[inline]
pub(super) fn around<I, R: ReadItem<I>>(
    stage: &mut Stage,
    read: &mut R,
    poll: impl FnOnce() -> Poll<Option<I>>,
) -> Poll<Option<I>> {
    if matches!(stage, Stage::Prepared(_)) {
        stage.start();
    }
    let Stage::Running(unread) = stage else { return poll() };
    let polled = {
        let running = Polled(unread);
        let polled = {
            let _entered = running.0.0.enter();
            poll()
        };
        if let Poll::Ready(Some(item)) = &polled {
            read.read(&mut running.0.0, item);
        }
        std::mem::forget(running);
        polled
    };
    if let Poll::Ready(None) = &polled {
        stage.end();
    }
    polled
}

impl<S: Stream, R: ReadItem<S::Item>> Stream for Recorded<S, R> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, waking: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let mut this = self.project();
        if this.read.has_outer()
            && let Some(mut outer) = this.read.take_outer()
        {
            let polled = outer.around(&mut || {
                around(this.stage, this.read, || this.stream.as_mut().poll_next(waking))
            });
            this.read.put_outer(outer);
            return polled;
        }
        around(this.stage, this.read, || this.stream.poll_next(waking))
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
    Recorded::new(Stage::Over, stream, Reader::none())
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
    pub fn stream<S: Stream>(mut self, stream: S) -> Recorded<S>
    where
        S::Item: StreamItem,
    {
        self.streams();
        Recorded::new(self.into(), stream, Reader::items())
    }

    /// Records a stream whose items do not speak for themselves: `read` looks at each and tells the call of it.
    ///
    /// Name the types of the closure's arguments, so that it also compiles where all this is compiled out.
    ///
    /// ```
    /// use futures::stream;
    /// use llmobs_runtime::{Call, call, conventions::operation};
    ///
    /// type Item = Result<String, Box<dyn std::error::Error>>;
    /// let words = stream::iter([Item::Ok("High".to_owned()), Item::Ok(" water".to_owned())]);
    /// let answer = call(&operation::CHAT).stream_with(words, |call: &mut Call, item: &Item| match item {
    ///     Ok(_) => call.chunk_received(),
    ///     Err(error) => call.fail_dyn(error.as_ref()),
    /// });
    /// # drop(answer);
    /// ```
    pub fn stream_with<S, R>(mut self, stream: S, read: R) -> Recorded<S, R>
    where
        S: Stream,
        R: FnMut(&mut Call, &S::Item),
    {
        self.streams();
        Recorded::new(self.into(), stream, read)
    }
}

impl Call {
    /// Records a stream that a running call has led to: the call ends when the stream does.
    pub fn stream<S: Stream>(self, stream: S) -> Recorded<S>
    where
        S::Item: StreamItem,
    {
        Recorded::new(self.into(), stream, Reader::items())
    }

    /// As [`CallBuilder::stream_with`], for a stream that a running call has led to.
    pub fn stream_with<S, R>(self, stream: S, read: R) -> Recorded<S, R>
    where
        S: Stream,
        R: FnMut(&mut Call, &S::Item),
    {
        Recorded::new(self.into(), stream, read)
    }
}
