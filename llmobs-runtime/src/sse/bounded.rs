//! What goes into the parser of events: no more of a frame than is allowed, and at the end of the body an empty
//! line if it lacks one. The parser itself holds whatever comes, and drops what no empty line follows.

use std::fmt;
use std::io::Cursor;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

use bytes::Buf;
use bytes::buf::Take;
use futures_core::{Stream, TryStream};
use memchr::memchr2;
use pin_project_lite::pin_project;

use super::BYTE_ORDER_MARK;

/// Ends a line and then a frame, whichever way the body wrote its lines: if all that lacks is the line feed behind a
/// carriage return, the first of these is that.
const FRAME_END: &[u8] = b"\n\n";

pin_project! {
    /// The bytes of a body, up to the first frame that is too long, and the end of the last frame.
    pub(super) struct Bounded<S> {
        #[pin]
        bytes: S,
        meter: Meter,
        too_long: bool,
        rest: Arc<OnceLock<Rest>>,
    }
}

/// What the body ended with that no empty line followed. Set before the parser is given that line, which then makes
/// one frame of it or none: known on both sides of the parser, as that does not tell one frame from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rest {
    /// Whole lines.
    Lines,
    /// The last of them has no end.
    OpenLine,
}

/// Why there are no more bytes; on its way through the parser.
pub(super) enum Stopped<E> {
    Transport(E),
    TooLong { limit: usize },
}

/// Bytes for the parser.
pub(super) enum Piece<B> {
    Body(Take<Cursor<B>>),
    End(&'static [u8]),
}

impl<S> Bounded<S> {
    /// Sets `rest` at the end of the body, if there is any.
    pub(super) fn new(bytes: S, limit: usize, rest: Arc<OnceLock<Rest>>) -> Self {
        Self { bytes, meter: Meter { limit, ..Meter::default() }, too_long: false, rest }
    }
}

impl<S: TryStream> Stream for Bounded<S>
where
    S::Ok: AsRef<[u8]>,
{
    type Item = Result<Piece<S::Ok>, Stopped<S::Error>>;

    fn poll_next(self: Pin<&mut Self>, waking: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.project();
        if *this.too_long {
            return Poll::Ready(Some(Err(Stopped::TooLong { limit: this.meter.limit })));
        }
        if this.rest.get().is_some() {
            return Poll::Ready(None);
        }
        Poll::Ready(match ready!(this.bytes.try_poll_next(waking)) {
            Some(Ok(bytes)) => {
                let length = bytes.as_ref().len();
                let allowed = this.meter.allow(bytes.as_ref());
                *this.too_long = allowed < length;
                Some(Ok(Piece::Body(Cursor::new(bytes).take(allowed))))
            }
            Some(Err(error)) => Some(Err(Stopped::Transport(error))),
            None => this.meter.rest().map(|rest| {
                this.rest.get_or_init(|| rest);
                Ok(Piece::End(FRAME_END))
            }),
        })
    }
}

impl<B: AsRef<[u8]>> Buf for Piece<B> {
    fn remaining(&self) -> usize {
        match self {
            Self::Body(bytes) => bytes.remaining(),
            Self::End(bytes) => bytes.remaining(),
        }
    }

    fn chunk(&self) -> &[u8] {
        match self {
            Self::Body(bytes) => bytes.chunk(),
            Self::End(bytes) => bytes.chunk(),
        }
    }

    fn advance(&mut self, count: usize) {
        match self {
            Self::Body(bytes) => bytes.advance(count),
            Self::End(bytes) => bytes.advance(count),
        }
    }
}

/// Only which it is; what went wrong in the transport is for its own error to say.
impl<E> fmt::Debug for Stopped<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<E> fmt::Display for Stopped<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Transport(_) => "transport",
            Self::TooLong { .. } => "too long",
        })
    }
}

impl<E> std::error::Error for Stopped<E> {}

/// Counts the bytes of a frame, which ends with an empty line.
#[derive(Default)]
struct Meter {
    limit: usize,
    /// The bytes since the last frame.
    frame: usize,
    /// Whether one of them belongs to a field: neither comments nor blanks are a frame.
    fields: bool,
    /// Whether a line has begun.
    in_line: bool,
    /// A line feed that follows belongs to the line before.
    after_return: bool,
    /// How much of a byte order mark there was; more than there is once something else came.
    mark: usize,
}

impl Meter {
    /// How many of these bytes may go on: all, or those before the one that is too much.
    fn allow(&mut self, bytes: &[u8]) -> usize {
        let mut rest = bytes;
        while let Some((&first, behind)) = rest.split_first() {
            let room = self.limit.saturating_sub(self.frame);
            if room == 0 {
                break;
            }
            if !self.in_line || matches!(first, b'\n' | b'\r') {
                self.step(first);
                rest = behind;
            } else {
                let end = memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
                let (within, behind) = rest.split_at(end.min(room));
                self.frame += within.len();
                rest = behind;
            }
        }
        bytes.len().saturating_sub(rest.len())
    }

    /// A byte that begins a line, or ends one.
    fn step(&mut self, byte: u8) {
        let after_return = std::mem::replace(&mut self.after_return, byte == b'\r');
        self.frame += 1;
        match byte {
            b'\n' if after_return => {}
            b'\n' | b'\r' if !self.in_line => (self.frame, self.fields) = (0, false),
            b'\n' | b'\r' => self.in_line = false,
            _ if BYTE_ORDER_MARK.get(self.mark) == Some(&byte) => self.mark += 1,
            _ => {
                self.mark = BYTE_ORDER_MARK.len();
                self.fields |= !matches!(byte, b':' | b' ' | b'\t');
                self.in_line = true;
            }
        }
    }

    /// What there was since the last frame that is none yet.
    fn rest(&self) -> Option<Rest> {
        self.fields.then_some(if self.in_line { Rest::OpenLine } else { Rest::Lines })
    }
}
