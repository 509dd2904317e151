//! Streamed answers for users of raw HTTP: the bytes of a body become chunks of the wire formats.
//!
//! [`Events`] reads server-sent events, as OpenAI, Azure OpenAI and Anthropic send them, [`Lines`] JSON lines. Both
//! take any stream of byte buffers (`reqwest`'s `bytes_stream()`, hyper's bodies by way of `BodyDataStream`) and
//! are streams of [`WireChunk`]s, each of which is an [`LlmChunk`](crate::LlmChunk). Where the bytes are cut apart
//! makes no difference.
//!
//! ```
//! use futures_core::Stream;
//! use llmobs_runtime::sse::{DecodeError, Events, WireChunk};
//!
//! /// What a client does with the body of a response.
//! fn answer<S, B, E>(body: S) -> impl Stream<Item = Result<WireChunk, DecodeError<E>>>
//! where
//!     S: Stream<Item = Result<B, E>>,
//!     B: AsRef<[u8]>,
//!     E: Send + Sync + 'static,
//! {
//!     Events::new(body)
//! }
//! ```
//!
//! # Bodies
//!
//! | in the body | becomes |
//! |---|---|
//! | a frame that holds JSON | a chunk |
//! | comments, events without data, empty lines | nothing |
//! | `[DONE]` | the end; the body is not read on |
//! | a frame that holds something else | [`DecodeError::Malformed`]; what follows is read on |
//! | a frame of more than [`FRAME_LIMIT`] bytes | [`DecodeError::TooLong`], then the end |
//! | bytes that are no UTF-8 | [`DecodeError::Unreadable`], then the end; in JSON lines `Malformed` |
//! | an error of the transport | [`DecodeError::Transport`], then the end |
//! | the end of the body | the end, after [`DecodeError::CutOff`] where it cuts a frame in two |
//!
//! A body may end without the empty line, or the end of the line, that belongs behind its last frame: that frame is
//! read as if it were there. It is a chunk if it holds whole JSON, the end if it holds `[DONE]`, and nothing if it
//! holds no more than comments, blanks and fields without data (`event: ping`). Anything else is cut off, also what
//! is no field at all; in JSON lines, what was wrong before the body ended is `Malformed`. A number is whole only if
//! its line is.
//!
//! Of a recorded stream each of these errors has an [`error_type`](crate::LlmError) of its own.
//!
//! # Formats
//!
//! Any JSON becomes a chunk. What a chunk says is recognised in these formats and no others, each
//! [told from the chunk](crate::payload::wire#chunks) itself:
//!
//! - OpenAI's Chat Completions, legacy completions and Responses, also as Azure OpenAI and servers compatible with
//!   OpenAI's send them;
//! - Anthropic's Messages.
//!
//! The formats of Ollama (`/api/chat`, `/api/generate`) and of Gemini (`streamGenerateContent`) are not among them:
//! their bodies are decoded, but tokens, finish reasons and content are not found in the chunks, nor when the answer
//! is whole. Both also serve Chat Completions, which is recognised; for a format of one's own, map
//! [`WireChunk::into_value`] to a type that implements [`LlmChunk`](crate::LlmChunk).
//!
//! # Memory
//!
//! A decoder holds one frame and one buffer of the body, in at most about twice the bytes of both.

mod bounded;
mod chunk;
mod error;
mod events;
mod lines;

pub use chunk::WireChunk;
pub use error::DecodeError;
pub use events::Events;
pub use lines::Lines;

/// No frame may be longer than this many bytes unless the decoder is told otherwise. Parsed, a frame may take
/// many times its length.
pub const FRAME_LIMIT: usize = 16 * 1024 * 1024;

/// Marks the order of bytes at the beginning of a body, to no use in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";
