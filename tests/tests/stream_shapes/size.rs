//! What a stream grows by, and that nothing is boxed which was not.

use std::pin::Pin;

use futures::stream::{BoxStream, Iter};
use futures::{Stream, StreamExt};
use llmobs_runtime::instrument_llm;
use llmobs_tests::Recorder;

use super::{Piece, stream};

/// The call, or nothing: the closure that reads the items holds nothing.
const GROWTH: usize = 16;

const LARGE: usize = 4096;

#[instrument_llm(provider = "openai")]
fn opaque() -> impl Stream<Item = Piece> {
    stream()
}

#[instrument_llm(provider = "openai")]
fn large() -> impl Stream<Item = Piece> {
    let held = [0_u8; LARGE];
    stream().inspect(move |_| assert_eq!(held.first(), Some(&0)))
}

#[instrument_llm(provider = "openai")]
async fn of_an_async_function() -> impl Stream<Item = Piece> {
    stream()
}

#[instrument_llm(provider = "openai")]
fn boxed() -> BoxStream<'static, Piece> {
    stream().boxed()
}

#[test]
fn a_stream_grows_by_the_call() {
    assert_eq!(size_of_val(&opaque()), size_of::<Iter<std::vec::IntoIter<Piece>>>() + GROWTH);
    let plain = stream().inspect(move |_| {
        let held = [0_u8; LARGE];
        assert_eq!(held.first(), Some(&0));
    });
    assert_eq!(size_of_val(&large()), size_of_val(&plain) + LARGE + GROWTH);
    let _recorder = Recorder::new();
    let answer = super::block_on(of_an_async_function());
    assert_eq!(size_of_val(&answer), size_of_val(&stream()) + GROWTH);
}

/// The stream of the function stays in its own box; the box of the call holds a pointer to it.
#[test]
fn a_stream_in_a_box_stays_there() {
    let pointer = size_of::<Pin<Box<dyn Stream<Item = Piece> + Send>>>();
    assert_eq!(size_of_val(&*boxed()), pointer + GROWTH);
}
