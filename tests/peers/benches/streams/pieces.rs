//! The stream that all variants pass on.

use futures::{Stream, stream};
use llmobs_runtime::conventions::attr;
use llmobs_runtime::{LlmChunk, Streamed};

/// A chunk like most: a piece of text, of which nothing is recorded.
pub(crate) struct Piece;

impl LlmChunk for Piece {
    fn record(&self, answer: &mut Streamed<'_>) {
        answer.once(attr::GEN_AI_RESPONSE_ID, "answer-1");
        answer.once(attr::GEN_AI_RESPONSE_MODEL, "m-2026");
        answer.choice(0);
    }
}

pub(crate) type Item = Result<Piece, std::io::Error>;

pub(crate) fn pieces(count: u32) -> impl Stream<Item = Item> + Unpin + Send + 'static {
    stream::iter((0..count).map(|_| Ok(Piece)))
}
