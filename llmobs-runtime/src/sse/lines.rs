//! JSON lines: one value to a line.
//!
//! <https://jsonlines.org>

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::stream::FusedStream;
use futures_core::{Stream, TryStream};
use memchr::memchr;
use pin_project_lite::pin_project;

use super::chunk::{Frame, malformed};
use super::{BYTE_ORDER_MARK, DecodeError, FRAME_LIMIT, WireChunk};

/// A buffer that grew beyond this for one long line is given back after it.
const KEPT: usize = 64 * 1024;

pin_project! {
    /// A stream of the chunks in a body of JSON lines; see [the table](super).
    ///
    /// The last line may lack its end, if the value on it has one. Ends for good: polled on, it says so again. It
    /// is [`Unpin`] and [`Send`] if the stream of bytes is.
    #[must_use = "streams do nothing unless polled"]
    pub struct Lines<S>
    where
        S: TryStream,
    {
        #[pin]
        bytes: S,
        // What came last, and how much of it has been read.
        input: Option<(S::Ok, usize)>,
        line: Line,
        over: bool,
    }
}

impl<S: TryStream> Lines<S> {
    /// Decodes a body; no line of it may be longer than [`FRAME_LIMIT`].
    pub fn new(bytes: S) -> Self {
        Self::with_limit(bytes, FRAME_LIMIT)
    }

    /// Decodes a body of which no line may have more than `limit` bytes, its end not counted.
    pub fn with_limit(bytes: S, limit: usize) -> Self {
        let line = Line { begun: Vec::new(), limit, first: true };
        Self { bytes, input: None, line, over: false }
    }
}

impl<S: TryStream> Stream for Lines<S>
where
    S::Ok: AsRef<[u8]>,
{
    type Item = Result<WireChunk, DecodeError<S::Error>>;

    fn poll_next(self: Pin<&mut Self>, waking: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        while !*this.over {
            let frame = if let Some((bytes, read)) = this.input {
                let rest = bytes.as_ref().get(*read..).unwrap_or_default();
                let end = memchr(b'\n', rest);
                let line = end.and_then(|end| rest.get(..end)).unwrap_or(rest);
                let frame = this.line.add(line, end.is_some());
                match end {
                    Some(end) => *read = read.saturating_add(end).saturating_add(1),
                    None => *this.input = None,
                }
                frame
            } else {
                match ready!(this.bytes.as_mut().try_poll_next(waking)) {
                    Some(Ok(bytes)) => {
                        *this.input = Some((bytes, 0));
                        continue;
                    }
                    Some(Err(error)) => {
                        *this.over = true;
                        Err(DecodeError::Transport(error))
                    }
                    None => {
                        *this.over = true;
                        this.line.last()
                    }
                }
            };
            match frame {
                Ok(Frame::Chunk(chunk)) => return Poll::Ready(Some(Ok(chunk))),
                Ok(Frame::Empty) => {}
                Ok(Frame::Done) => *this.over = true,
                Err(error) => {
                    *this.over |= matches!(error, DecodeError::TooLong { .. });
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
        Poll::Ready(None)
    }
}

impl<S: TryStream> FusedStream for Lines<S>
where
    S::Ok: AsRef<[u8]>,
{
    fn is_terminated(&self) -> bool {
        self.over
    }
}

/// Without what the bytes hold.
impl<S: TryStream> fmt::Debug for Lines<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lines").field("over", &self.over).finish_non_exhaustive()
    }
}

/// A line of which a part may have come already.
struct Line {
    begun: Vec<u8>,
    limit: usize,
    first: bool,
}

impl Line {
    /// Adds a piece, which may end the line.
    fn add<E>(&mut self, piece: &[u8], ends: bool) -> Result<Frame, DecodeError<E>> {
        if piece.len() > self.limit.saturating_sub(self.begun.len()) {
            return Err(DecodeError::TooLong { limit: self.limit });
        }
        if ends && self.begun.is_empty() {
            return self.read(piece).map_err(|error| malformed(&error));
        }
        self.begun.extend_from_slice(piece);
        if !ends {
            return Ok(Frame::Empty);
        }
        let mut line = std::mem::take(&mut self.begun);
        let frame = self.read(&line);
        if line.capacity() <= KEPT {
            line.clear();
            self.begun = line;
        }
        frame.map_err(|error| malformed(&error))
    }

    fn read(&mut self, line: &[u8]) -> serde_json::Result<Frame> {
        let first = std::mem::take(&mut self.first);
        let marked = line.strip_prefix(BYTE_ORDER_MARK).filter(|_| first);
        Frame::read(marked.unwrap_or(line), None)
    }

    /// What the body ended with. A value that says itself where it ends is whole if it does; `12` may have been
    /// the beginning of `123`.
    fn last<E>(&mut self) -> Result<Frame, DecodeError<E>> {
        let line = std::mem::take(&mut self.begun);
        if self.first && BYTE_ORDER_MARK.starts_with(&line) {
            return Ok(Frame::Empty);
        }
        match self.read(&line) {
            Ok(Frame::Chunk(chunk)) if chunk.value().is_number() => Err(DecodeError::CutOff),
            Err(error) if error.is_eof() => Err(DecodeError::CutOff),
            frame => frame.map_err(|error| malformed(&error)),
        }
    }
}
