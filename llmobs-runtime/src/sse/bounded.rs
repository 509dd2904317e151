//! What goes into the parser of events: no more of a frame than is allowed. The parser itself holds whatever comes,
//! and says nothing of what is left at the end.

use std::fmt;
use std::io::Cursor;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Buf;
use bytes::buf::Take;
use futures_core::{Stream, TryStream};
use memchr::memchr2;
use pin_project_lite::pin_project;

use super::BYTE_ORDER_MARK;
use crate::payload::wire::chunk::is_done;

pin_project! {
    /// The bytes of a body, up to the first frame that is too long.
    pub(super) struct Bounded<S> {
        #[pin]
        bytes: S,
        meter: Meter,
        too_long: bool,
    }
}

/// Why there are no more bytes; on its way through the parser.
pub(super) enum Stopped<E> {
    Transport(E),
    TooLong { limit: usize },
    CutOff,
}

impl<S> Bounded<S> {
    pub(super) fn new(bytes: S, limit: usize) -> Self {
        Self { bytes, meter: Meter { limit, ..Meter::default() }, too_long: false }
    }
}

impl<S: TryStream> Stream for Bounded<S>
where
    S::Ok: AsRef<[u8]>,
{
    type Item = Result<Take<Cursor<S::Ok>>, Stopped<S::Error>>;

    fn poll_next(self: Pin<&mut Self>, waking: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.project();
        if *this.too_long {
            return Poll::Ready(Some(Err(Stopped::TooLong { limit: this.meter.limit })));
        }
        Poll::Ready(match ready!(this.bytes.try_poll_next(waking)) {
            Some(Ok(bytes)) => {
                let length = bytes.as_ref().len();
                let allowed = this.meter.allow(bytes.as_ref());
                *this.too_long = allowed < length;
                Some(Ok(Cursor::new(bytes).take(allowed)))
            }
            Some(Err(error)) => Some(Err(Stopped::Transport(error))),
            None if this.meter.in_frame() => Some(Err(Stopped::CutOff)),
            None => None,
        })
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
            Self::CutOff => "cut off",
        })
    }
}

impl<E> std::error::Error for Stopped<E> {}

/// No line that matters at the end of a body is longer.
const HEAD: usize = 16;

/// Counts the bytes of a frame, which ends with an empty line.
#[derive(Default)]
struct Meter {
    limit: usize,
    /// The bytes since the last frame.
    frame: usize,
    /// Whether one of them belongs to a field: comments are no frame.
    fields: bool,
    /// The bytes of the line so far, and how it begins.
    line: usize,
    head: [u8; HEAD],
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
            if self.line == 0 || matches!(first, b'\n' | b'\r') {
                self.step(first);
                rest = behind;
            } else {
                let end = memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
                let (within, behind) = rest.split_at(end.min(room));
                self.go_on(within);
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
            b'\n' | b'\r' if self.line == 0 => (self.frame, self.fields) = (0, false),
            b'\n' | b'\r' => self.line = 0,
            _ if BYTE_ORDER_MARK.get(self.mark) == Some(&byte) => self.mark += 1,
            _ => {
                self.mark = BYTE_ORDER_MARK.len();
                self.fields |= byte != b':';
                self.head = [byte; HEAD];
                self.line = 1;
            }
        }
    }

    /// Bytes in the midst of a line.
    fn go_on(&mut self, bytes: &[u8]) {
        if let Some(head) = self.head.get_mut(self.line..) {
            head.iter_mut().zip(bytes).for_each(|(place, byte)| *place = *byte);
        }
        self.frame += bytes.len();
        self.line += bytes.len();
    }

    /// Whether there was something since the last frame that is none yet. Some servers end with `[DONE]` and
    /// nothing behind it.
    fn in_frame(&self) -> bool {
        let head = self.head.get(..self.line).and_then(|line| line.strip_prefix(b"data:"));
        self.fields && !head.is_some_and(is_done)
    }
}
