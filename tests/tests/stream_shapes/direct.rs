//! Functions that return the stream itself.

use std::future::ready;
use std::pin::Pin;

use futures::stream::{BoxStream, FusedStream, LocalBoxStream, TryStream};
use futures::{Stream, StreamExt};
use llmobs_runtime::instrument_llm;

use super::{Fault, Piece, answers, answers_in_results, pieces, results, stream};

#[instrument_llm(provider = "openai")]
fn opaque() -> impl Stream<Item = Piece> {
    stream()
}

#[instrument_llm(provider = "openai")]
fn opaque_results() -> impl Stream<Item = Result<Piece, Fault>> + Send {
    results()
}

#[instrument_llm(provider = "openai")]
fn trying() -> impl TryStream<Ok = Piece, Error = Fault, Item = Result<Piece, Fault>> {
    results()
}

#[instrument_llm(provider = "openai")]
fn fused() -> impl FusedStream<Item = Piece> {
    stream().fuse()
}

#[instrument_llm(provider = "openai")]
fn pinned() -> Pin<Box<dyn Stream<Item = Piece> + Send>> {
    Box::pin(stream())
}

#[instrument_llm(provider = "openai")]
fn pinned_opaque() -> Pin<Box<impl Stream<Item = Piece>>> {
    Box::pin(stream())
}

#[instrument_llm(provider = "openai")]
fn boxed() -> BoxStream<'static, Piece> {
    stream().boxed()
}

#[instrument_llm(provider = "openai")]
fn local<'a>(all: &'a [Piece]) -> LocalBoxStream<'a, Piece> {
    let shared = std::rc::Rc::new(all);
    futures::stream::iter(all.iter().cloned())
        .inspect(move |_| {
            let _ = shared.len();
        })
        .boxed_local()
}

#[instrument_llm(provider = "openai")]
fn unpinned() -> Box<dyn Stream<Item = Piece> + Send + Unpin> {
    Box::new(stream())
}

#[instrument_llm(provider = "openai")]
fn early(whole: bool) -> Pin<Box<dyn Stream<Item = Piece> + Send>> {
    if whole {
        return Box::pin(stream());
    }
    Box::pin(futures::stream::empty())
}

#[instrument_llm(provider = "openai", attributes(app.count = all.len()))]
fn borrowed<'a>(all: &'a [Piece], _other: &str) -> impl Stream<Item = Piece> + use<'a> {
    futures::stream::iter(all.iter().cloned())
}

#[instrument_llm(provider = "openai")]
fn of_references(all: &[Piece]) -> impl Stream<Item = &Piece> {
    futures::stream::iter(all)
}

#[instrument_llm(provider = "openai")]
fn with_lifetimes<'a>(all: &'a [Piece]) -> impl Stream<Item = Result<&'a Piece, Fault>> + 'a {
    futures::stream::iter(all.iter().map(Ok))
}

/// Only the signature says of what the empty list is one.
#[instrument_llm(provider = "openai")]
fn inferred(whole: bool) -> impl Stream<Item = Piece> {
    let mut all = Vec::new();
    if whole {
        all.extend(pieces());
    }
    futures::stream::iter(all)
}

#[instrument_llm(provider = "openai")]
fn generic<T, const N: usize>(_: [T; N], made: impl Fn() -> Vec<Piece>) -> impl Stream<Item = Piece>
where
    T: Clone,
{
    futures::stream::iter(made())
}

#[instrument_llm(provider = "openai")]
fn recursive(depth: u8) -> BoxStream<'static, Piece> {
    if depth == 0 { stream().boxed() } else { futures::stream::empty().boxed() }
}

#[instrument_llm(provider = "openai")]
#[track_caller]
fn tracked(whole: bool) -> impl Stream<Item = Piece> {
    if !whole {
        return futures::stream::iter(vec![]);
    }
    stream()
}

#[instrument_llm(provider = "openai")]
#[expect(improper_ctypes_definitions, reason = "nobody else calls it")]
extern "C" fn foreign() -> BoxStream<'static, Piece> {
    stream().boxed()
}

#[derive(Debug)]
struct Client {
    answer: Vec<Piece>,
}

#[instrument_llm(provider = "openai", model = "m")]
impl Client {
    fn by_reference(&self) -> impl Stream<Item = Piece> + '_ {
        futures::stream::iter(self.answer.iter().cloned())
    }

    fn by_value(self) -> impl Stream<Item = Piece> {
        futures::stream::iter(self.answer)
    }

    fn by_arc(self: std::sync::Arc<Self>) -> BoxStream<'static, Piece> {
        Box::pin(futures::stream::unfold((self, 0), |(own, at)| {
            ready(own.answer.get(at).cloned().map(|piece| (piece, (own, at + 1))))
        }))
    }

    fn by_mutable_reference(&mut self) -> impl Stream<Item = Piece> + '_ {
        futures::stream::iter(self.answer.drain(..))
    }
}

trait Model {
    fn answer(&self) -> BoxStream<'_, Piece>;
    fn opaque(&self) -> impl Stream<Item = Piece> + Send;
    #[instrument_llm(provider = "openai")]
    fn by_default(&self) -> BoxStream<'static, Piece> {
        stream().boxed()
    }
}

impl Model for Client {
    #[instrument_llm(provider = "openai")]
    fn answer(&self) -> BoxStream<'_, Piece> {
        futures::stream::iter(self.answer.iter().cloned()).boxed()
    }

    #[instrument_llm(provider = "openai")]
    fn opaque(&self) -> impl Stream<Item = Piece> + Send {
        futures::stream::iter(self.answer.iter().cloned())
    }
}

#[test]
fn functions() {
    let all = pieces();
    answers(|| ready(opaque()));
    answers_in_results(|| ready(opaque_results()));
    answers_in_results(|| ready(trying()));
    answers(|| ready(fused()));
    answers(|| ready(pinned()));
    answers(|| ready(pinned_opaque()));
    answers(|| ready(boxed()));
    answers(|| ready(local(&all)));
    answers(|| ready(unpinned()));
    answers(|| ready(early(true)));
    answers(|| ready(borrowed(&all, &String::from("b"))));
    answers(|| ready(of_references(&all).map(Clone::clone)));
    answers_in_results(|| ready(with_lifetimes(&all).map(Result::<&Piece, _>::cloned)));
    answers(|| ready(inferred(true)));
    answers(|| ready(generic([1], pieces)));
    answers(|| ready(recursive(0)));
    answers(|| ready(tracked(true)));
    answers(|| ready(foreign()));
}

#[test]
fn methods() {
    let client = || Client { answer: pieces() };
    let own = client();
    answers(|| ready(own.by_reference()));
    answers(|| ready(client().by_value()));
    answers(|| ready(std::sync::Arc::new(client()).by_arc()));
    let mut own = client();
    answers(|| ready(own.by_mutable_reference()));
    let own = client();
    answers(|| ready(own.answer()));
    answers(|| ready(Model::opaque(&own)));
    answers(|| ready(own.by_default()));
}
