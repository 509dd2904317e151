//! When the call begins and ends, and which span is the current one meanwhile.

use std::cell::Cell;
use std::future::{Future, ready};
use std::pin::Pin;

use futures::stream::BoxStream;
use futures::{Stream, StreamExt, stream};
use llmobs_runtime::instrument_llm;
use llmobs_tests::Recorder;

use super::{Fault, Piece, all, block_on, is_whole, pieces};

/// A call inside of another.
#[instrument_llm(operation = execute_tool)]
fn step() {}

/// A stream that takes a step before each chunk.
fn steps() -> impl Stream<Item = Piece> + Send {
    stream::iter(pieces()).inspect(|_| step())
}

thread_local! {
    static BODIES: Cell<u8> = const { Cell::new(0) };
}

fn body_runs() {
    BODIES.set(BODIES.get() + 1);
}

#[instrument_llm(provider = "openai")]
fn direct() -> impl Stream<Item = Piece> {
    body_runs();
    step();
    steps()
}

#[instrument_llm(provider = "openai")]
fn fallible() -> Result<BoxStream<'static, Piece>, Fault> {
    body_runs();
    step();
    Ok(steps().boxed())
}

#[instrument_llm(provider = "openai")]
async fn asynchronous() -> impl Stream<Item = Piece> {
    body_runs();
    step();
    steps()
}

#[instrument_llm(provider = "openai")]
fn future() -> Pin<Box<dyn Future<Output = BoxStream<'static, Piece>> + Send>> {
    body_runs();
    Box::pin(async {
        step();
        steps().boxed()
    })
}

/// The stream runs inside the call, its body where it did; the consumer runs outside.
#[track_caller]
fn nests<F>(run: impl FnOnce() -> F, body_is_inside: bool)
where
    F: Future<Output: Stream<Item = Piece>>,
{
    let recorder = Recorder::new();
    block_on(async {
        let mut stream = std::pin::pin!(run().await);
        while stream.next().await.is_some() {
            step();
        }
    });
    let spans = recorder.spans();
    let (call, steps): (Vec<_>, Vec<_>) = spans.iter().partition(|span| span.name() == "chat");
    let [call] = call[..] else { panic!("{} calls", call.len()) };
    is_whole(call);
    let below: Vec<_> = steps.iter().map(|step| step.is_below(call)).collect();
    assert_eq!(below, [body_is_inside, true, false, true, false, true, false]);
}

#[test]
fn what_the_producer_does_is_below_the_call_and_what_the_consumer_does_is_not() {
    nests(|| ready(direct()), false);
    nests(|| ready(fallible().unwrap()), true);
    nests(asynchronous, true);
    nests(future, true);
}

#[test]
fn nothing_is_recorded_before_somebody_waits() {
    let recorder = Recorder::new();
    BODIES.set(0);
    drop((direct(), asynchronous(), future()));
    // The bodies of those that are not `async` run when they are called, as they did.
    assert_eq!(BODIES.get(), 2);
    assert!(recorder.spans().iter().all(|span| span.name() != "chat"));
}

#[test]
fn arguments_are_read_when_the_function_is_called() {
    #[instrument_llm(provider = "openai", model = model, attributes(app.size = words.len()))]
    fn ask(model: String, words: Vec<String>) -> impl Stream<Item = Piece> {
        drop((model, words));
        stream::iter(pieces())
    }
    let recorder = Recorder::new();
    block_on(all(ask("m-1".to_owned(), vec![String::new(); 5])));
    let span = recorder.span();
    assert_eq!(span.name(), "chat m-1");
    assert_eq!(span.int("app.size"), Some(5));
}

#[test]
fn the_call_is_running_until_the_stream_ends() {
    #[track_caller]
    fn ends<S: Stream<Item = Piece> + Unpin>(make: impl FnOnce() -> S) {
        let recorder = Recorder::new();
        let chats = || {
            recorder.spans().into_iter().filter(|span| span.name() == "chat").collect::<Vec<_>>()
        };
        block_on(async {
            let mut stream = make();
            while stream.next().await.is_some() {
                assert!(chats().is_empty());
            }
            assert_eq!(chats().len(), 1);
            drop(stream);
            assert_eq!(chats().len(), 1);
        });
    }
    ends(|| Box::pin(direct()));
    ends(|| fallible().unwrap());
    ends(|| Box::pin(stream::once(asynchronous()).flatten()));
    ends(|| Box::pin(stream::once(future()).flatten()));
}

#[test]
fn a_stream_that_is_left_is_recorded_with_what_was_seen_of_it() {
    #[track_caller]
    fn left<S: Stream<Item = Piece>>(make: impl FnOnce() -> S) {
        let recorder = Recorder::new();
        block_on(async {
            let mut stream = Box::pin(make());
            stream.next().await.unwrap();
        });
        let spans = recorder.spans();
        let call = spans.iter().find(|span| span.name() == "chat").unwrap();
        assert_eq!(call.text("error.type").as_deref(), Some("abandoned"));
        assert_eq!(call.text("gen_ai.response.model").as_deref(), Some("m"));
        assert_eq!(call.value("gen_ai.usage.output_tokens"), None);
    }
    left(direct);
    left(|| fallible().unwrap());
    left(|| stream::once(asynchronous()).flatten());
    left(|| stream::once(future()).flatten());
}

/// The body stays in its place, and what it leaves to the stream is not over when it returns.
#[test]
fn a_function_that_knows_its_caller() {
    #[instrument_llm(provider = "openai")]
    #[track_caller]
    fn tracked(model: Option<&str>) -> Result<BoxStream<'static, Piece>, u32> {
        let line = std::panic::Location::caller().line();
        step();
        model.ok_or(line)?;
        Ok(steps().boxed())
    }
    let recorder = Recorder::new();
    let line = line!() + 1;
    assert_eq!(tracked(None).err(), Some(line));
    assert_eq!(recorder.spans().len(), 2);
    drop(recorder);
    nests(|| ready(tracked(Some("m")).unwrap()), true);
    let recorder = Recorder::new();
    drop(block_on(tracked(Some("m")).unwrap().into_future()));
    let spans = recorder.spans();
    let call = spans.iter().find(|span| span.name() == "chat").unwrap();
    assert_eq!(call.text("error.type").as_deref(), Some("abandoned"));
}
