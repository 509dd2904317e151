//! `#[instrument_llm]` on every shape of function that hands out a stream: it compiles, the stream gives what it
//! gave without the attribute, and the call is recorded until the stream ends.

use std::future::Future;
use std::pin::pin;

use futures::{Stream, StreamExt};
use llmobs_runtime::LlmChunk;
use llmobs_tests::{Recorded, Recorder};

#[path = "stream_shapes/direct.rs"]
mod direct;
#[path = "stream_shapes/edges.rs"]
mod edges;
#[path = "stream_shapes/fallible.rs"]
mod fallible;
#[path = "stream_shapes/futures.rs"]
mod futures_of;
#[path = "stream_shapes/hygiene.rs"]
mod hygiene;
#[path = "stream_shapes/items.rs"]
mod items;
#[path = "stream_shapes/lints.rs"]
mod lints;
#[path = "stream_shapes/named.rs"]
mod named;
#[path = "stream_shapes/send.rs"]
mod send;
#[path = "stream_shapes/size.rs"]
mod size;
#[path = "stream_shapes/when.rs"]
mod when;

/// A chunk of a streamed answer.
#[derive(Clone, Debug, PartialEq, LlmChunk)]
struct Piece {
    #[llm(response.model)]
    model: &'static str,
    #[llm(usage.output_tokens)]
    tokens: Option<u64>,
    #[llm(response.finish_reasons)]
    reason: Option<&'static str>,
}

/// What goes wrong.
#[derive(Debug, PartialEq)]
struct Fault;

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a fault")
    }
}

impl std::error::Error for Fault {}

/// The name that the error has on a span.
const FAULT: &str = "stream_shapes::Fault";

/// One answer in three chunks.
fn pieces() -> Vec<Piece> {
    let piece = Piece { model: "m", tokens: None, reason: None };
    vec![piece.clone(), piece.clone(), Piece { tokens: Some(7), reason: Some("stop"), ..piece }]
}

/// The same as a stream.
fn stream() -> futures::stream::Iter<std::vec::IntoIter<Piece>> {
    futures::stream::iter(pieces())
}

/// The same as one that may fail.
fn results() -> impl Stream<Item = Result<Piece, Fault>> + Send + Unpin {
    stream().map(Ok)
}

/// Runs a future on this thread, with timers.
fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
}

/// All items of a stream.
async fn all<S: Stream>(stream: S) -> Vec<S::Item> {
    let mut stream = pin!(stream);
    let mut items = Vec::new();
    while let Some(item) = stream.next().await {
        items.push(item);
    }
    items
}

/// A span that says everything that the chunks said.
#[track_caller]
fn is_whole(span: &Recorded) {
    assert_eq!(span.text("gen_ai.response.model").as_deref(), Some("m"));
    assert_eq!(span.int("gen_ai.usage.output_tokens"), Some(7));
    assert_eq!(span.text("gen_ai.response.finish_reasons").as_deref(), Some("[\"stop\"]"));
    assert_eq!(span.text("gen_ai.request.stream").as_deref(), Some("true"));
    assert!(span.value("gen_ai.response.time_to_first_chunk").is_some());
    assert_eq!(span.value("error.type"), None);
}

/// What `run` hands out gives the answer, and one whole span is recorded of it.
#[track_caller]
fn answers<F>(run: impl FnOnce() -> F)
where
    F: Future<Output: Stream<Item = Piece>>,
{
    let recorder = Recorder::new();
    let items = block_on(async { all(run().await).await });
    assert_eq!(items, pieces());
    is_whole(&recorder.span());
}

/// The same where each item is a `Result`.
#[track_caller]
fn answers_in_results<F, E>(run: impl FnOnce() -> F)
where
    F: Future<Output: Stream<Item = Result<Piece, E>>>,
    E: std::fmt::Debug + PartialEq,
{
    let recorder = Recorder::new();
    let items = block_on(async { all(run().await).await });
    assert_eq!(items, pieces().into_iter().map(Ok).collect::<Vec<_>>());
    is_whole(&recorder.span());
}

/// What `run` gives is an error, which ends the call.
#[track_caller]
fn fails<F, S, E>(run: impl FnOnce() -> F, error_type: &str)
where
    F: Future<Output = Result<S, E>>,
{
    let recorder = Recorder::new();
    assert!(block_on(run()).is_err());
    let span = recorder.span();
    assert_eq!(span.text("error.type").as_deref(), Some(error_type));
    assert_eq!(span.value("gen_ai.response.time_to_first_chunk"), None);
}
