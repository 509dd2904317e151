//! Server-sent events.
//!
//! <https://html.spec.whatwg.org/multipage/server-sent-events.html>

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

use futures_core::stream::FusedStream;
use futures_core::{Stream, TryStream};
use pin_project_lite::pin_project;
use sse_stream::SseByteStream;

use super::bounded::{Bounded, Rest, Stopped};
use super::chunk::{Frame, malformed};
use super::{DecodeError, FRAME_LIMIT, WireChunk};

pin_project! {
    /// A stream of the chunks in a body of server-sent events; see [the table](super).
    ///
    /// The last frame may lack the empty line behind it, if the JSON in it is whole. Ends for good: polled on, it
    /// says so again. It is [`Unpin`] and [`Send`] if the stream of bytes is.
    #[must_use = "streams do nothing unless polled"]
    pub struct Events<S>
    where
        S: TryStream,
        S::Ok: AsRef<[u8]>,
    {
        #[pin]
        frames: SseByteStream<Bounded<S>>,
        rest: Arc<OnceLock<Rest>>,
        over: bool,
    }
}

impl<S> Events<S>
where
    S: TryStream,
    S::Ok: AsRef<[u8]>,
{
    /// Decodes a body; no frame of it may be longer than [`FRAME_LIMIT`].
    pub fn new(bytes: S) -> Self {
        Self::with_limit(bytes, FRAME_LIMIT)
    }

    /// Decodes a body of which no frame may have more than `limit` bytes, its line ends, field names and comments
    /// included.
    pub fn with_limit(bytes: S, limit: usize) -> Self {
        let rest = Arc::default();
        let bytes = Bounded::new(bytes, limit, Arc::clone(&rest));
        Self { frames: SseByteStream::new(bytes), rest, over: false }
    }
}

impl<S> Stream for Events<S>
where
    S: TryStream,
    S::Ok: AsRef<[u8]>,
    S::Error: Send + Sync + 'static,
{
    type Item = Result<WireChunk, DecodeError<S::Error>>;

    fn poll_next(self: Pin<&mut Self>, waking: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        while !*this.over {
            let next = ready!(this.frames.as_mut().poll_next(waking));
            // What comes now is all that there is of the rest.
            let rest = this.rest.get().copied();
            *this.over = rest.is_some();
            let frame = match next {
                Some(Ok(event)) => {
                    let data = event.data.unwrap_or_default();
                    Frame::read(data.as_bytes(), event.event).map_err(|error| malformed(&error))
                }
                Some(Err(error)) => {
                    *this.over = true;
                    Err(reason(error))
                }
                None if rest.is_some() => Err(DecodeError::CutOff),
                None => Ok(Frame::Done),
            };
            match (frame, rest) {
                (Ok(Frame::Chunk(chunk)), Some(Rest::OpenLine)) if chunk.value().is_number() => {
                    return Poll::Ready(Some(Err(DecodeError::CutOff)));
                }
                (Ok(Frame::Chunk(chunk)), _) => return Poll::Ready(Some(Ok(chunk))),
                (Ok(Frame::Empty), _) => {}
                (Ok(Frame::Done), _) => *this.over = true,
                (Err(_), Some(_)) => return Poll::Ready(Some(Err(DecodeError::CutOff))),
                (Err(error), None) => return Poll::Ready(Some(Err(error))),
            }
        }
        Poll::Ready(None)
    }
}

impl<S> FusedStream for Events<S>
where
    S: TryStream,
    S::Ok: AsRef<[u8]>,
    S::Error: Send + Sync + 'static,
{
    fn is_terminated(&self) -> bool {
        self.over
    }
}

/// Without what the bytes hold.
impl<S> fmt::Debug for Events<S>
where
    S: TryStream,
    S::Ok: AsRef<[u8]>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").field("over", &self.over).finish_non_exhaustive()
    }
}

fn reason<E: Send + Sync + 'static>(error: sse_stream::Error) -> DecodeError<E> {
    let sse_stream::Error::Body(error) = error else { return DecodeError::Unreadable };
    match error.downcast().map(|stopped| *stopped) {
        Ok(Stopped::Transport(error)) => DecodeError::Transport(error),
        Ok(Stopped::TooLong { limit }) => DecodeError::TooLong { limit },
        Err(_) => DecodeError::Unreadable,
    }
}
