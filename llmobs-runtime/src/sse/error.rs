//! Why bytes are no chunks.

use std::borrow::Cow;
use std::error::Error;

use crate::call::error;
use crate::payload::{LlmError, Text};

/// Why the next chunk could not be decoded; never what it holds.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError<E> {
    /// The stream of bytes ended with an error.
    #[error("the body could not be read on")]
    Transport(#[source] E),
    /// A frame is not JSON, or nests deeper than 128 levels. The next ones may be.
    #[error("a frame is not JSON, at line {line}, column {column} of its data")]
    Malformed {
        /// The line within the data of the frame, from 1.
        line: usize,
        /// The byte within the line, from 1; 0 where a line just begins.
        column: usize,
    },
    /// The body is not UTF-8, or not in the format of events.
    #[error("the body is not a stream of events in UTF-8")]
    Unreadable,
    /// A frame is longer than the limit of the decoder.
    #[error("a frame is longer than {limit} bytes")]
    TooLong {
        /// The bytes that a frame may have.
        limit: usize,
    },
    /// The body ended in the midst of a frame: what came of it is neither whole JSON nor nothing.
    #[error("the body ended in the midst of a frame")]
    CutOff,
}

/// `malformed_frame`, `unreadable_body`, `frame_too_long` and `body_cut_off`; an error of the transport is what it
/// would be by itself: what is known along its sources, else the name of its type.
impl<E: Error + 'static> LlmError for DecodeError<E> {
    fn error_type(&self) -> Option<Cow<'static, str>> {
        Some(Cow::Borrowed(match self {
            Self::Transport(inner) => {
                return Some(match error::of_error(inner) {
                    Text::Static(name) => Cow::Borrowed(name),
                    Text::Shared(name) => Cow::Owned(name.as_ref().to_owned()),
                });
            }
            Self::Malformed { .. } => "malformed_frame",
            Self::Unreadable => "unreadable_body",
            Self::TooLong { .. } => "frame_too_long",
            Self::CutOff => "body_cut_off",
        }))
    }
}
