//! Streams that cannot be recorded as the function returns them, and chunks that say nothing.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use llmobs_runtime::instrument_llm;

struct Piece(String);

/// A stream of a client's own.
struct AnswerStream;

impl Stream for AnswerStream {
    type Item = Result<Piece, std::io::Error>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(None)
    }
}

#[instrument_llm(provider = "openai", response = |it| &it.0)]
fn a_chunk_found_by_a_closure() -> impl Stream<Item = Piece> {
    Pieces
}

#[instrument_llm(provider = "openai")]
fn a_chunk() -> impl Stream<Item = Piece> {
    Pieces
}

#[instrument_llm(provider = "openai")]
async fn a_chunk_in_a_result() -> Result<Pin<Box<dyn Stream<Item = Result<Piece, std::io::Error>>>>, ()> {
    Ok(Box::pin(AnswerStream))
}

#[instrument_llm(operation = execute_tool, stream)]
fn a_named_type() -> AnswerStream {
    AnswerStream
}

#[instrument_llm(operation = execute_tool, stream)]
async fn a_named_type_in_a_result() -> Result<AnswerStream, std::io::Error> {
    Ok(AnswerStream)
}

struct Pieces;

impl Stream for Pieces {
    type Item = Piece;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Piece>> {
        Poll::Ready(None)
    }
}

fn main() {}
