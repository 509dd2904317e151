//! What reads the items of a recorded stream.

use std::fmt;
use std::task::Poll;

use super::Call;
use super::stream::{Stage, around};
use crate::payload::LlmChunk;

/// What reads the items of a stream.
#[doc(hidden)]
pub trait ReadItem<I> {
    /// Reads one item, and says to the call that it came.
    fn read(&mut self, call: &mut Call, item: &I);

    /// Whether there are recordings around this one.
    #[inline]
    fn has_outer(&self) -> bool {
        false
    }

    /// Takes them out, to be put back.
    fn take_outer(&mut self) -> Option<Box<Layer<I>>> {
        None
    }

    /// Puts them back.
    fn put_outer(&mut self, _: Box<Layer<I>>) {}
}

impl<I, F: FnMut(&mut Call, &I)> ReadItem<I> for F {
    #[inline]
    fn read(&mut self, call: &mut Call, item: &I) {
        self(call, item);
    }
}

/// Reads the items of a stream, in whatever way, so that its type needs no name.
pub struct Reader<I> {
    how: How<I>,
    outer: Option<Box<Layer<I>>>,
}

enum How<I> {
    /// Not at all.
    Not,
    /// The items speak for themselves.
    Items(fn(&mut Call, &I)),
    Boxed(Box<dyn ReadItem<I> + Send>),
}

/// A recording around another one of the same stream.
#[doc(hidden)]
pub struct Layer<I> {
    stage: Stage,
    reader: Reader<I>,
}

impl<I> Reader<I> {
    /// Reads nothing.
    pub(super) fn none() -> Self {
        Self { how: How::Not, outer: None }
    }

    /// Reads items that speak for themselves.
    pub(super) fn items() -> Self
    where
        I: StreamItem,
    {
        Self { how: How::Items(|call, item| item.read(call)), outer: None }
    }

    pub(super) fn boxed(read: impl ReadItem<I> + Send + 'static) -> Self {
        Self { how: How::Boxed(Box::new(read)), outer: None }
    }

    pub(super) fn is_none(&self) -> bool {
        matches!(self.how, How::Not)
    }

    /// Adds a recording around all there are.
    pub(super) fn add_outer(&mut self, stage: Stage, reader: Self) {
        let mut place = &mut self.outer;
        while let Some(layer) = place {
            place = &mut layer.reader.outer;
        }
        *place = Some(Box::new(Layer { stage, reader }));
    }
}

impl<I> ReadItem<I> for Reader<I> {
    #[inline]
    fn read(&mut self, call: &mut Call, item: &I) {
        match &mut self.how {
            How::Not => {}
            How::Items(read) => read(call, item),
            How::Boxed(read) => read.read(call, item),
        }
    }

    #[inline]
    fn has_outer(&self) -> bool {
        self.outer.is_some()
    }

    fn take_outer(&mut self) -> Option<Box<Layer<I>>> {
        self.outer.take()
    }

    fn put_outer(&mut self, outer: Box<Layer<I>>) {
        self.outer = Some(outer);
    }
}

impl<I> Layer<I> {
    /// Polls inside this recording and inside those around it, the outermost first.
    pub(super) fn around(&mut self, poll: &mut dyn FnMut() -> Poll<Option<I>>) -> Poll<Option<I>> {
        let Some(mut outer) = self.reader.take_outer() else {
            return around(&mut self.stage, &mut self.reader, poll);
        };
        let polled = outer.around(&mut || around(&mut self.stage, &mut self.reader, &mut *poll));
        self.reader.put_outer(outer);
        polled
    }
}

impl<I> fmt::Debug for Reader<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").finish_non_exhaustive()
    }
}

impl<I> fmt::Debug for Layer<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Layer").field("stage", &self.stage).finish_non_exhaustive()
    }
}

/// An item that speaks for itself: a chunk, or the result of getting one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say what an item of a stream is",
    label = "neither an `LlmChunk` nor a `Result<LlmChunk, Error>`",
    note = "implement or derive `LlmChunk` for it",
    note = "or read it yourself: `.stream_with(stream, |call: &mut Call, item: &Item| …)`, with `call.chunk(…)`, \
            `call.chunk_received()` and `call.fail_dyn(…)`"
)]
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
