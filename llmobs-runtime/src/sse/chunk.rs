//! Frames: what stands between two boundaries of a body.

use std::fmt;

use serde_json::Value;

use super::DecodeError;
use crate::payload::wire::chunk;
use crate::payload::{LlmChunk, Streamed};

/// One chunk of a streamed answer as it came: JSON, and the name of the event that carried it.
#[derive(Clone, PartialEq)]
pub struct WireChunk {
    event: Option<String>,
    value: Value,
}

impl WireChunk {
    /// The name of the server-sent event, if it had one; JSON lines have none.
    pub fn event(&self) -> Option<&str> {
        self.event.as_deref()
    }

    /// The JSON.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The JSON, to keep.
    pub fn into_value(self) -> Value {
        self.value
    }
}

/// Only the type: it holds what a model answered.
impl fmt::Debug for WireChunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WireChunk").finish_non_exhaustive()
    }
}

/// As the JSON alone, in which the name of the event stands for a `type` that is missing.
#[diagnostic::do_not_recommend]
impl LlmChunk for WireChunk {
    fn record(&self, answer: &mut Streamed<'_>) {
        chunk::read(&self.value, self.event(), answer);
    }
}

/// What a frame is.
pub(super) enum Frame {
    Chunk(WireChunk),
    /// It holds nothing.
    Empty,
    /// It says that no more will come.
    Done,
}

impl Frame {
    pub(super) fn read(data: &[u8], event: Option<String>) -> serde_json::Result<Self> {
        if data.trim_ascii().is_empty() {
            return Ok(Self::Empty);
        }
        if chunk::is_done(data) {
            return Ok(Self::Done);
        }
        serde_json::from_slice(data).map(|value| Self::Chunk(WireChunk { event, value }))
    }
}

pub(super) fn malformed<E>(error: &serde_json::Error) -> DecodeError<E> {
    DecodeError::Malformed { line: error.line(), column: error.column() }
}
