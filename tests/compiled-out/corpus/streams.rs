//! Functions that hand out a stream.

use std::hint::black_box;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_core::stream::BoxStream;
use llmobs_runtime::instrument_llm;

use super::types::Piece;
use super::{Fault, awaits, boxed, pause, reads};

pub fn run() {
    reads("opaque_stream", opaque_stream(black_box(2)));
    reads("boxed_stream", boxed("boxed_stream", boxed_stream(black_box(3))));
    reads("pinned_stream", boxed("pinned_stream", pinned_stream(black_box(1))));
    reads("stream_of_results", Numbers { next: 1, last: black_box(1) });
    reads("named_stream", named_stream(black_box(2)));
    let stream = awaits("awaited_stream", awaited_stream(black_box(2)));
    reads("awaited_stream", stream.expect("a stream"));
    reads("awaited_boxed", awaits("awaited_boxed", awaited_boxed(black_box(4))));
    reads("future_of_stream", awaits("future_of_stream", future_of_stream(black_box(5))));
    reads("borrowing_stream", borrowing_stream(black_box(&[5_060, 8])));
    reads("results", results(black_box(2)));
}

/// Numbers from `next` to `last`.
pub struct Numbers {
    next: u32,
    last: u32,
}

impl Numbers {
    pub fn new(next: u32, last: u32) -> Self {
        Self { next, last }
    }
}

impl Stream for Numbers {
    type Item = Piece;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Piece>> {
        let number = self.next;
        if number > self.last {
            return Poll::Ready(None);
        }
        self.next += 1;
        Poll::Ready(Some(Piece { model: "m", tokens: Some(number.into()) }))
    }
}

/// The same, where each may fail.
struct Fallible(Numbers);

impl Stream for Fallible {
    type Item = Result<Piece, Fault>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.0).poll_next(context).map(|item| item.map(Ok))
    }
}

#[inline(never)]
#[instrument_llm(provider = "openai")]
fn opaque_stream(count: u32) -> impl Stream<Item = Piece> {
    Numbers { next: 5_003, last: 5_003 + count }
}

#[inline(never)]
#[instrument_llm(provider = "openai")]
fn boxed_stream(count: u32) -> BoxStream<'static, Piece> {
    Box::pin(Numbers { next: 5_009, last: 5_009 + count })
}

#[inline(never)]
#[instrument_llm(provider = "openai")]
fn pinned_stream(count: u32) -> Pin<Box<dyn Stream<Item = Piece> + Send>> {
    Box::pin(Numbers { next: 5_011, last: 5_011 + count })
}

#[inline(never)]
#[instrument_llm(provider = "openai", stream)]
fn named_stream(count: u32) -> Numbers {
    Numbers { next: 5_021, last: 5_021 + count }
}

#[instrument_llm(provider = "openai")]
async fn awaited_stream(count: u32) -> Result<impl Stream<Item = Piece>, Fault> {
    pause().await;
    if count == 5_023 {
        return Err(Fault(count));
    }
    Ok(Numbers { next: 5_023, last: 5_023 + count })
}

#[instrument_llm(provider = "openai")]
async fn awaited_boxed(count: u32) -> BoxStream<'static, Piece> {
    pause().await;
    Box::pin(Numbers { next: 5_039, last: 5_039 + count })
}

#[inline(never)]
#[instrument_llm(provider = "openai")]
fn future_of_stream(count: u32) -> impl Future<Output = impl Stream<Item = Piece>> {
    async move {
        pause().await;
        Numbers { next: 5_051, last: 5_051 + count }
    }
}

#[inline(never)]
#[instrument_llm(provider = "openai")]
fn borrowing_stream<'a>(all: &'a [u32]) -> impl Stream<Item = Piece> + 'a {
    Numbers { next: 5_059, last: all[0] }
}

#[inline(never)]
#[instrument_llm(provider = "openai")]
fn results(count: u32) -> impl Stream<Item = Result<Piece, Fault>> {
    Fallible(Numbers { next: 5_077, last: 5_077 + count })
}
