//! Why bytes are no chunks.

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
    /// The body ended in the midst of a frame.
    #[error("the body ended in the midst of a frame")]
    CutOff,
}
