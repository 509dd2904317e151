//! A stream is `Send`, `Sync` and `Unpin` where it was, and lives as long as it did.

use std::future::ready;
use std::pin::Pin;
use std::rc::Rc;

use futures::stream::BoxStream;
use futures::{Stream, StreamExt, stream};
use llmobs_runtime::instrument_llm;
use llmobs_tests::Recorder;

use super::{Fault, Piece, answers, block_on, pieces};

fn is_send<T: Send>(value: T) -> T {
    value
}

fn is_unpin<T: Unpin>(value: T) -> T {
    value
}

fn is_static<T: 'static>(value: T) -> T {
    value
}

#[instrument_llm(provider = "openai")]
fn auto() -> impl Stream<Item = Piece> {
    stream::iter(pieces())
}

#[instrument_llm(provider = "openai")]
fn auto_in_a_result() -> Result<impl Stream<Item = Piece>, Fault> {
    Ok(stream::iter(pieces()))
}

#[instrument_llm(provider = "openai")]
async fn auto_of_an_async_function(_: &str) -> Result<impl Stream<Item = Piece> + use<>, Fault> {
    ready(()).await;
    Ok(stream::iter(pieces()))
}

#[instrument_llm(provider = "openai")]
fn not_send() -> impl Stream<Item = Piece> + Unpin {
    let shared = Rc::new(pieces());
    stream::iter(0..shared.len()).map(move |at| shared[at].clone())
}

#[instrument_llm(provider = "openai", response = none)]
fn items_are_not_send() -> impl Stream<Item = Rc<u8>> {
    stream::iter([Rc::new(1)])
}

#[instrument_llm(provider = "openai")]
fn not_unpin() -> impl Stream<Item = Piece> + Send {
    stream::once(async {
        ready(()).await;
        stream::iter(pieces())
    })
    .flatten()
}

/// The future of the call is `Send` though the stream is not.
#[instrument_llm(provider = "openai")]
async fn not_send_in_the_end() -> Pin<Box<dyn Stream<Item = Piece>>> {
    ready(()).await;
    let shared = Rc::new(pieces());
    Box::pin(stream::iter(0..shared.len()).map(move |at| shared[at].clone()))
}

#[instrument_llm(provider = "openai")]
fn owned(_: &str) -> impl Stream<Item = Piece> + Send + use<> {
    stream::iter(pieces())
}

#[test]
fn auto_traits() {
    let auto = || is_static(is_unpin(is_send(auto())));
    answers(|| ready(auto()));
    answers(|| ready(is_static(is_unpin(is_send(auto_in_a_result().unwrap())))));
    answers(|| async {
        let words = String::from("words");
        is_static(is_unpin(is_send(is_send(auto_of_an_async_function(&words)).await.unwrap())))
    });
    answers(|| ready(is_unpin(not_send())));
    answers(|| ready(is_send(not_unpin())));
    answers(|| is_send(not_send_in_the_end()));
    answers(|| ready(is_static(owned(&String::from("words")))));
    let recorder = Recorder::new();
    assert_eq!(block_on(items_are_not_send().count()), 1);
    assert_eq!(recorder.span().name(), "chat");
}

#[test]
fn a_stream_on_another_thread() {
    answers(|| async {
        let stream: BoxStream<'static, Piece> = auto().boxed();
        let read = tokio::spawn(async move { stream.collect::<Vec<_>>().await });
        stream::iter(read.await.unwrap())
    });
}
