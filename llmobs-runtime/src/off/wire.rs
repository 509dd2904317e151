//! Raw JSON in the wire formats of the providers, compiled out: nothing is read.

use crate::payload::{Fields, LlmChunk, LlmRequest, LlmResponse, LlmUsage, Streamed, Usage};

/// The raw bytes of a request, a response or a chunk of one.
#[derive(Clone, Copy)]
pub struct Body<'a>(pub &'a [u8]);

impl std::fmt::Debug for Body<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Body({} bytes)", self.0.len())
    }
}

impl LlmRequest for Body<'_> {
    fn record(&self, _: &mut Fields) {}
}

impl LlmResponse for Body<'_> {
    fn record(&self, _: &mut Fields) {}
}

impl LlmChunk for Body<'_> {
    fn record(&self, _: &mut Streamed<'_>) {}
}

impl LlmUsage for Body<'_> {
    fn usage(&self) -> Usage {
        Usage::default()
    }
}
