//! Whose span is current, and when.

use std::pin::pin;
use std::task::Poll;

use futures::{Stream, StreamExt, stream};
use llmobs_runtime::conventions::operation;
use llmobs_runtime::{Call, Recorded, call, instrument_llm, recorded};
use llmobs_tests::{Recorded as Span, Recorder};
use opentelemetry::Context;
use opentelemetry::trace::{FutureExt as _, SpanId, TraceContextExt};

use super::{Broken, Item, STOP, TEXT, chat, slowly};

fn current() -> SpanId {
    Context::current().span().span_context().span_id()
}

/// A span of the application's own.
fn mark(name: &'static str) {
    call(&operation::EXECUTE_TOOL).name(name).start().end();
}

fn named(spans: &[Span], name: &str) -> Span {
    let mut found = spans.iter().filter(|span| span.name() == name);
    let span = found.next().unwrap_or_else(|| panic!("no span {name}")).clone();
    assert!(found.next().is_none(), "two spans {name}");
    span
}

/// A producer that leaves a mark whenever it is polled.
fn marking(times: usize) -> impl Stream<Item = Item> + Send + Unpin {
    let mut left = times;
    stream::poll_fn(move |_| {
        mark("produced");
        left = left.saturating_sub(1);
        Poll::Ready(Some(Ok(if left == 0 { STOP } else { TEXT })))
    })
    .take(times)
}

#[tokio::test]
async fn the_producer_is_below_the_span_and_the_consumer_beside_it() {
    let recorder = Recorder::new();
    let before = current();
    let mut answer = chat().stream(marking(3));
    while let Some(item) = answer.next().await {
        item.unwrap();
        assert_eq!(current(), before);
        mark("consumed");
    }
    let spans = recorder.spans();
    let answer = named(&spans, "chat m");
    let (mut produced, mut consumed) = (0, 0);
    for span in &spans {
        match span.name() {
            "produced" => {
                produced += 1;
                assert!(span.is_below(&answer));
            }
            "consumed" => {
                consumed += 1;
                assert_eq!(span.0.parent_span_id, SpanId::INVALID);
            }
            _ => {}
        }
    }
    assert_eq!((produced, consumed), (3, 3));
}

#[tokio::test]
async fn what_the_producer_spawns_is_below_the_span() {
    let recorder = Recorder::new();
    let mut tasks = Vec::new();
    let items = stream::iter([Ok::<_, Broken>(STOP)]).map(|item| {
        // As OpenTelemetry's own way of handing a context to a task.
        tasks.push(tokio::spawn(async { mark("spawned") }.with_current_context()));
        item
    });
    let mut answer = pin!(chat().stream(items));
    while answer.next().await.is_some() {}
    for task in tasks {
        task.await.unwrap();
    }
    let spans = recorder.spans();
    assert!(named(&spans, "spawned").is_below(&named(&spans, "chat m")));
}

#[tokio::test]
async fn streams_that_are_joined_are_siblings() {
    let recorder = Recorder::new();
    let parent = call(&operation::INVOKE_WORKFLOW).name("both").start();
    let read = |name| async move {
        let mut answer = pin!(chat().name(name).stream(slowly(vec![Ok(TEXT), Ok(TEXT), Ok(STOP)])));
        while answer.next().await.is_some() {}
    };
    parent.run(async { tokio::join!(read("left"), read("right")) }).await;
    parent.end();
    let spans = recorder.spans();
    let both = named(&spans, "both");
    assert!(named(&spans, "left").is_below(&both));
    assert!(named(&spans, "right").is_below(&both));
}

#[tokio::test]
async fn a_stream_that_loses_a_race_goes_on_later() {
    let recorder = Recorder::new();
    let (send, receive) = futures::channel::mpsc::unbounded::<Item>();
    let mut answer = chat().stream(receive);
    // Nothing has come yet: the other branch wins, and between the polls nothing is current.
    tokio::select! {
        biased;
        _ = answer.next() => panic!("nothing was sent"),
        () = std::future::ready(()) => assert_eq!(current(), SpanId::INVALID),
    }
    send.unbounded_send(Ok(STOP)).unwrap();
    drop(send);
    assert!(answer.next().await.unwrap().is_ok());
    assert!(answer.next().await.is_none());
    assert_eq!(recorder.span().text("error.type"), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_may_change_its_task_and_its_thread() {
    let recorder = Recorder::new();
    let mut answer = chat().stream(marking(4));
    answer.next().await.unwrap().unwrap();
    let mut answer = tokio::spawn(async move {
        answer.next().await.unwrap().unwrap();
        answer
    })
    .await
    .unwrap();
    let rest = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async move {
            let mut rest = 0;
            while answer.next().await.is_some() {
                rest += 1;
            }
            rest
        })
    });
    assert_eq!(rest.join().unwrap(), 2);
    let spans = recorder.spans();
    let answer = named(&spans, "chat m");
    let produced: Vec<_> = spans.iter().filter(|span| span.name() == "produced").collect();
    assert_eq!(produced.len(), 4);
    assert!(produced.iter().all(|span| span.is_below(&answer)));
    assert_eq!(answer.int("llmobs.response.chunk_count"), Some(4));
}

#[tokio::test]
async fn a_stream_within_a_stream_is_below_it() {
    let recorder = Recorder::new();
    let inner = chat().name("inner").stream(slowly(vec![Ok(TEXT), Ok(STOP)]));
    let outer = chat().name("outer").stream(inner);
    assert_eq!(outer.count().await, 2);
    let spans = recorder.spans();
    assert!(named(&spans, "inner").is_below(&named(&spans, "outer")));
}

#[tokio::test]
async fn the_parent_is_who_polls_first() {
    let recorder = Recorder::new();
    let answer = {
        let elsewhere = call(&operation::INVOKE_WORKFLOW).name("made here").start();
        let answer = elsewhere.scope(|| chat().stream(slowly(vec![Ok(STOP)])));
        elsewhere.end();
        answer
    };
    let reader = call(&operation::INVOKE_WORKFLOW).name("read here").start();
    reader.run(answer.count()).await;
    reader.end();
    let spans = recorder.spans();
    assert!(named(&spans, "chat m").is_below(&named(&spans, "read here")));
}

#[tokio::test]
async fn polled_where_nothing_is_current_it_is_below_who_made_it() {
    let recorder = Recorder::new();
    let maker = call(&operation::INVOKE_WORKFLOW).name("made here").start();
    let answer = maker.scope(|| chat().stream(slowly(vec![Ok(STOP)])));
    maker.end();
    answer.count().await;
    let spans = recorder.spans();
    assert!(named(&spans, "chat m").is_below(&named(&spans, "made here")));
}

/// Streams that are named, one recorded around the other.
type Held = Recorded<stream::Iter<std::vec::IntoIter<Item>>>;

#[instrument_llm(provider = "openai", model = "m", name = "inner", stream)]
fn inner() -> Held {
    recorded(stream::iter(vec![Ok(TEXT), Ok(STOP)]))
}

#[instrument_llm(operation = invoke_agent, agent(name = "a"), name = "middle", stream)]
async fn middle() -> Held {
    inner()
}

#[instrument_llm(operation = invoke_workflow, workflow = "w", name = "outer", stream)]
fn outer() -> Result<Held, Broken> {
    Ok(futures::executor::block_on(middle()))
}

#[tokio::test]
async fn a_named_stream_is_recorded_by_all_that_hand_it_on() {
    let recorder = Recorder::new();
    let mut answer = outer().unwrap();
    while answer.next().await.is_some() {}
    drop(answer);
    let mut left = outer().unwrap();
    assert!(left.next().await.unwrap().is_ok());
    drop(left);
    let spans = recorder.spans();
    assert_eq!(spans.len(), 6);
    let (whole, left) = spans.split_at(3);
    for spans in [whole, left] {
        let (outer, middle) = (named(spans, "outer"), named(spans, "middle"));
        assert!(named(spans, "inner").is_below(&middle) && middle.is_below(&outer));
    }
    let errors =
        |spans: &[Span]| -> Vec<_> { spans.iter().map(|span| span.text("error.type")).collect() };
    assert_eq!(errors(whole), [None, None, None]);
    assert_eq!(errors(left), ["abandoned"; 3].map(|error| Some(error.to_owned())));
}

#[tokio::test]
async fn items_may_be_read_by_hand() {
    let recorder = Recorder::new();
    let words: [Result<&str, Box<dyn std::error::Error + Send + Sync>>; 2] =
        [Ok("High"), Err(Box::new(Broken))];
    let read =
        |call: &mut Call, item: &Result<_, Box<dyn std::error::Error + Send + Sync>>| match item {
            Ok(_) => call.chunk_received(),
            Err(error) => call.fail_dyn(error.as_ref()),
        };
    assert_eq!(chat().stream_with(stream::iter(words), read).count().await, 2);
    let span = recorder.ended(Some("_OTHER"));
    assert_eq!(span.int("llmobs.response.chunk_count"), Some(1));
}
