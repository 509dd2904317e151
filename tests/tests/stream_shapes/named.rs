//! Streams whose type is a name.

use std::future::ready;
use std::pin::Pin;

use futures::stream::Iter;
use futures::{Stream, StreamExt};
use llmobs_runtime::{Recorded, instrument_llm, recorded};
use llmobs_tests::Recorder;

use super::{FAULT, Fault, Piece, answers, answers_in_results, block_on, fails, results, stream};

/// As a client crate names it: the name says that it is a stream.
type AnswerStream = Pin<Box<dyn Stream<Item = Result<Piece, Fault>> + Send>>;
/// A name that says nothing.
type Chunks<'a> = Pin<Box<dyn Stream<Item = Piece> + Send + 'a>>;
type Both = Pin<Box<dyn Stream<Item = Piece> + Send + Sync>>;
type Local = Pin<Box<dyn Stream<Item = Piece>>>;
type Unpinned = Box<dyn Stream<Item = Piece> + Send + Unpin>;
type Held = Recorded<Iter<std::vec::IntoIter<Piece>>>;

#[instrument_llm(provider = "openai")]
fn by_its_name() -> AnswerStream {
    results().boxed()
}

#[instrument_llm(provider = "openai")]
async fn by_its_name_in_a_result(works: bool) -> Result<AnswerStream, Fault> {
    if works { Ok(ready(results().boxed()).await) } else { Err(Fault) }
}

#[instrument_llm(provider = "openai", stream)]
fn said<'a>(_: &'a str) -> Chunks<'a> {
    stream().boxed()
}

#[instrument_llm(provider = "openai", stream)]
fn said_in_a_result(works: bool) -> Result<Chunks<'static>, Fault> {
    if works { Ok(stream().boxed()) } else { Err(Fault) }
}

#[instrument_llm(provider = "openai", stream)]
fn both() -> Both {
    Box::pin(stream())
}

#[instrument_llm(provider = "openai", stream)]
fn local() -> Local {
    stream().boxed_local()
}

#[instrument_llm(provider = "openai", stream)]
fn unpinned() -> Unpinned {
    Box::new(stream())
}

#[instrument_llm(provider = "openai")]
fn held() -> Recorded<Iter<std::vec::IntoIter<Piece>>> {
    recorded(stream())
}

#[instrument_llm(provider = "openai", stream)]
async fn held_under_another_name(works: bool) -> Result<Held, Fault> {
    ready(()).await;
    if works { Ok(recorded(stream())) } else { Err(Fault) }
}

/// A trait of the user's that every stream of pieces is.
trait Pieces: Stream<Item = Piece> {}

impl<S: Stream<Item = Piece>> Pieces for S {}

#[instrument_llm(provider = "openai", stream)]
fn of_a_trait() -> impl Pieces {
    stream()
}

#[instrument_llm(provider = "openai", stream)]
fn of_a_trait_in_a_box() -> Pin<Box<dyn Pieces + Send>> {
    Box::pin(stream())
}

#[test]
fn a_stream_is_recorded_to_its_end() {
    answers_in_results(|| ready(by_its_name()));
    answers_in_results(|| async { by_its_name_in_a_result(true).await.unwrap() });
    answers(|| ready(said("words")));
    answers(|| ready(said_in_a_result(true).unwrap()));
    answers(|| ready(both()));
    answers(|| ready(local()));
    answers(|| ready(unpinned()));
    answers(|| ready(held()));
    answers(|| async { held_under_another_name(true).await.unwrap() });
    answers(|| ready(of_a_trait()));
    answers(|| ready(of_a_trait_in_a_box()));
    fails(|| by_its_name_in_a_result(false), FAULT);
    fails(|| ready(said_in_a_result(false)), FAULT);
    fails(|| held_under_another_name(false), FAULT);
}

/// Where no response is to be read, a name that ends in `Stream` is too little to go by.
#[test]
fn a_name_alone_is_no_stream_where_nothing_is_read() {
    struct TcpStream(u8);
    #[instrument_llm(operation = execute_tool)]
    fn connect() -> TcpStream {
        TcpStream(3)
    }
    #[instrument_llm(provider = "openai", response = none)]
    fn connect_to_the_model() -> TcpStream {
        TcpStream(4)
    }
    let recorder = Recorder::new();
    assert_eq!((connect().0, connect_to_the_model().0), (3, 4));
    assert_eq!(recorder.spans().len(), 2);
}

/// The call is over when the function returns, as that of any other value.
#[test]
fn an_unknown_name_is_a_value_unless_somebody_says_otherwise() {
    #[instrument_llm(operation = execute_tool)]
    fn chunks() -> Chunks<'static> {
        stream().boxed()
    }
    let recorder = Recorder::new();
    let chunks = chunks();
    assert_eq!(recorder.span().value("gen_ai.request.stream"), None);
    assert_eq!(block_on(chunks.count()), 3);
    assert_eq!(recorder.spans().len(), 1);
}
