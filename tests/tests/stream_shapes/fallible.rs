//! Functions that return a stream or an error.

use std::future::ready;
use std::io;
use std::pin::Pin;

use futures::stream::{BoxStream, LocalBoxStream};
use futures::{Stream, StreamExt};
use llmobs_runtime::instrument_llm;

use super::{FAULT, Fault, Piece, answers, answers_in_results, fails, results, stream};

/// A result under another name.
type ModelResult<T> = Result<T, Fault>;

#[instrument_llm(provider = "openai")]
fn opaque(works: bool) -> Result<impl Stream<Item = Piece>, Fault> {
    if !works {
        return Err(Fault);
    }
    Ok(stream())
}

#[instrument_llm(provider = "openai")]
fn pinned(works: bool) -> Result<Pin<Box<dyn Stream<Item = Piece> + Send>>, Fault> {
    works.then(|| Box::pin(stream()) as Pin<Box<dyn Stream<Item = Piece> + Send>>).ok_or(Fault)
}

#[instrument_llm(provider = "openai")]
fn boxed(works: &str) -> io::Result<BoxStream<'static, Result<Piece, Fault>>> {
    let _: bool = works.parse().map_err(io::Error::other)?;
    Ok(results().boxed())
}

#[instrument_llm(provider = "openai")]
fn alias(works: bool) -> ModelResult<LocalBoxStream<'static, Piece>> {
    if works { Ok(stream().boxed_local()) } else { Err(Fault) }
}

#[instrument_llm(provider = "openai")]
fn unpinned(works: bool) -> Result<Box<dyn Stream<Item = Piece> + Unpin>, Fault> {
    if works { Ok(Box::new(stream())) } else { Err(Fault) }
}

#[instrument_llm(provider = "openai")]
fn of_any_error(works: bool) -> Result<impl Stream<Item = Piece>, Box<dyn std::error::Error>> {
    if works { Ok(stream()) } else { Err(Fault)? }
}

#[instrument_llm(provider = "openai")]
#[track_caller]
fn tracked(works: bool) -> Result<impl Stream<Item = Piece>, Fault> {
    check(works)?;
    Ok(stream())
}

fn check(works: bool) -> Result<(), Fault> {
    if works { Ok(()) } else { Err(Fault) }
}

#[instrument_llm(provider = "openai")]
async fn waits(works: bool) -> Result<impl Stream<Item = Piece>, Fault> {
    ready(()).await;
    check(works)?;
    Ok(stream())
}

#[instrument_llm(provider = "openai", attributes(app.size = prompt.len()))]
async fn borrows<'a>(
    prompt: &'a str,
    works: bool,
) -> ModelResult<Pin<Box<dyn Stream<Item = Result<Piece, Fault>> + Send + 'a>>> {
    ready(()).await;
    check(works)?;
    Ok(Box::pin(results().inspect(move |_| assert!(!prompt.is_empty()))))
}

#[instrument_llm(provider = "openai")]
async fn gives(_: u8) -> BoxStream<'static, Piece> {
    ready(stream().boxed()).await
}

#[instrument_llm(provider = "openai")]
async fn gives_opaque<T: Clone>(_: &[T]) -> impl Stream<Item = Piece> {
    ready(stream()).await
}

struct Client;

#[instrument_llm(provider = "openai")]
impl Client {
    async fn ask(&self, works: bool) -> Result<impl Stream<Item = Piece> + use<>, Fault> {
        ready(()).await;
        check(works)?;
        Ok(stream())
    }

    fn ask_at_once(self, works: bool) -> Result<BoxStream<'static, Piece>, Fault> {
        let Self = self;
        check(works)?;
        Ok(stream().boxed())
    }
}

#[test]
fn a_stream_is_recorded_to_its_end() {
    answers(|| ready(opaque(true).unwrap()));
    answers(|| ready(pinned(true).unwrap()));
    answers_in_results(|| ready(boxed("true").unwrap()));
    answers(|| ready(alias(true).unwrap()));
    answers(|| ready(unpinned(true).unwrap()));
    answers(|| ready(of_any_error(true).unwrap()));
    answers(|| ready(tracked(true).unwrap()));
    answers(|| async { waits(true).await.unwrap() });
    answers_in_results(|| async { borrows("words", true).await.unwrap() });
    answers(|| gives(1));
    answers(|| gives_opaque(&[1]));
    answers(|| async { Client.ask(true).await.unwrap() });
    answers(|| ready(Client.ask_at_once(true).unwrap()));
}

#[test]
fn an_error_ends_the_call() {
    fails(|| ready(opaque(false)), FAULT);
    fails(|| ready(pinned(false)), FAULT);
    fails(|| ready(boxed("x")), "std::io::error::Error");
    fails(|| ready(alias(false)), FAULT);
    fails(|| ready(unpinned(false)), FAULT);
    fails(|| ready(of_any_error(false)), "_OTHER");
    fails(|| ready(tracked(false)), FAULT);
    fails(|| waits(false), FAULT);
    fails(|| borrows("words", false), FAULT);
    fails(|| Client.ask(false), FAULT);
    fails(|| ready(Client.ask_at_once(false)), FAULT);
}
