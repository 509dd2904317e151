//! Functions that return a future of a stream.

use std::future::{Future, ready};
use std::pin::Pin;

use async_trait::async_trait;
use futures::future::{BoxFuture, FutureExt, LocalBoxFuture};
use futures::stream::BoxStream;
use futures::{Stream, StreamExt};
use llmobs_runtime::instrument_llm;

use super::{FAULT, Fault, Piece, answers, answers_in_results, fails, pieces, results, stream};

#[instrument_llm(provider = "openai")]
fn opaque() -> impl Future<Output = impl Stream<Item = Piece>> {
    async { stream() }
}

#[instrument_llm(provider = "openai")]
fn opaque_or_not(
    works: bool,
) -> impl Future<Output = Result<impl Stream<Item = Piece> + Send, Fault>> + Send {
    async move { if works { Ok(stream()) } else { Err(Fault) } }
}

#[instrument_llm(provider = "openai")]
fn boxed<'a>(
    works: &'a bool,
) -> Pin<Box<dyn Future<Output = Result<BoxStream<'a, Piece>, Fault>> + Send + 'a>> {
    Box::pin(async move { if *works { Ok(stream().boxed()) } else { Err(Fault) } })
}

#[instrument_llm(provider = "openai")]
fn boxed_both() -> BoxFuture<'static, BoxStream<'static, Piece>> {
    ready(stream().boxed()).boxed()
}

#[instrument_llm(provider = "openai")]
fn local(all: &[Piece]) -> LocalBoxFuture<'_, Pin<Box<dyn Stream<Item = Piece> + '_>>> {
    let all = std::rc::Rc::new(all);
    async move {
        let boxed: Pin<Box<dyn Stream<Item = Piece> + '_>> =
            Box::pin(futures::stream::iter(all.iter().cloned().collect::<Vec<_>>()));
        boxed
    }
    .boxed_local()
}

#[instrument_llm(provider = "openai")]
#[track_caller]
fn tracked(works: bool) -> impl Future<Output = Result<BoxStream<'static, Piece>, Fault>> {
    if !works {
        return ready(Err(Fault));
    }
    ready(Ok(stream().boxed()))
}

#[async_trait]
trait Model {
    async fn ask(&self, works: bool) -> Result<BoxStream<'static, Result<Piece, Fault>>, Fault>;
    async fn gives(&self, words: &str) -> BoxStream<'_, Piece>;
}

struct Client;

/// `#[async_trait]` goes first, and makes boxed futures of the functions.
#[async_trait]
impl Model for Client {
    #[instrument_llm(provider = "openai")]
    async fn ask(&self, works: bool) -> Result<BoxStream<'static, Result<Piece, Fault>>, Fault> {
        ready(()).await;
        if works { Ok(results().boxed()) } else { Err(Fault) }
    }

    #[instrument_llm(provider = "openai", attributes(app.size = words.len()))]
    async fn gives(&self, words: &str) -> BoxStream<'_, Piece> {
        let _ = words;
        stream().boxed()
    }
}

/// `#[instrument_llm]` goes first.
struct Other;

#[instrument_llm(provider = "openai")]
#[async_trait]
impl Model for Other {
    async fn ask(&self, works: bool) -> Result<BoxStream<'static, Result<Piece, Fault>>, Fault> {
        if works { Ok(results().boxed()) } else { Err(Fault) }
    }

    async fn gives(&self, _: &str) -> BoxStream<'_, Piece> {
        stream().boxed()
    }
}

trait Native {
    fn ask(&self) -> impl Future<Output = Result<impl Stream<Item = Piece> + Send, Fault>> + Send;
}

impl Native for Client {
    #[instrument_llm(provider = "openai")]
    async fn ask(&self) -> Result<impl Stream<Item = Piece> + Send, Fault> {
        Ok(stream())
    }
}

#[test]
fn a_stream_is_recorded_to_its_end() {
    answers(opaque);
    answers(|| async { opaque_or_not(true).await.unwrap() });
    answers(|| async { boxed(&true).await.unwrap() });
    answers(boxed_both);
    let all = pieces();
    answers(|| local(&all));
    answers(|| async { tracked(true).await.unwrap() });
    answers_in_results(|| async { Model::ask(&Client, true).await.unwrap() });
    answers(|| Client.gives("words"));
    answers_in_results(|| async { Other.ask(true).await.unwrap() });
    answers(|| Other.gives("words"));
    answers(|| async { Native::ask(&Client).await.unwrap() });
}

#[test]
fn an_error_ends_the_call() {
    fails(|| opaque_or_not(false), FAULT);
    fails(|| boxed(&false), FAULT);
    fails(|| tracked(false), FAULT);
    fails(|| Model::ask(&Client, false), FAULT);
    fails(|| Other.ask(false), FAULT);
}
