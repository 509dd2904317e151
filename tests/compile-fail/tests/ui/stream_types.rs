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

#[instrument_llm(operation = invoke_agent, capture(output))]
fn an_output_that_says_nothing() -> impl Stream<Item = Piece> {
    Pieces
}

#[instrument_llm(provider = "openai", response = none, capture(output))]
async fn an_output_that_is_no_text() -> Result<Pin<Box<dyn Stream<Item = Result<Piece, std::io::Error>>>>, ()> {
    Ok(Box::pin(AnswerStream))
}

struct Client;

#[instrument_llm(operation = invoke_agent, capture(output))]
impl Client {
    fn an_output_of_a_block(&self) -> impl Stream<Item = Piece> + use<> {
        Pieces
    }
}

/// Streams that nothing tells from other values.
type Answers = (u8, Pin<Box<dyn Stream<Item = Piece>>>);

#[instrument_llm(provider = "openai")]
fn behind_a_name() -> Answers {
    (1, Box::pin(Pieces))
}

#[instrument_llm(provider = "openai")]
async fn optional() -> Option<Pin<Box<dyn Stream<Item = Piece>>>> {
    None
}

struct Pieces;

impl Stream for Pieces {
    type Item = Piece;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Piece>> {
        Poll::Ready(None)
    }
}

fn main() {}
