//! Whose span is the current one: that of the call while its body runs, and not in between.

use std::future::Future;
use std::pin::Pin;

use futures::FutureExt;
use llmobs_runtime::instrument_llm;
use llmobs_tests::{Recorded, Recorder};
use opentelemetry::Context;
use opentelemetry::trace::{FutureExt as _, SpanId, TraceContextExt};
use tokio::task::yield_now;

use super::block_on;

/// The current span; all zeros where there is none.
fn current() -> SpanId {
    Context::current().span().span_context().span_id()
}

/// The current span before and after an `.await`, and in a future of its own.
async fn thrice() -> [SpanId; 3] {
    let before = current();
    yield_now().await;
    let after = current();
    yield_now().await;
    [before, after, async { current() }.await]
}

thread_local! {
    static HERE: () = const {};
}

#[instrument_llm(operation = execute_tool)]
fn sync() -> [SpanId; 3] {
    [current(), [()].map(|()| current())[0], std::thread::LocalKey::with(&HERE, |()| current())]
}

#[instrument_llm(operation = execute_tool)]
#[track_caller]
fn in_place() -> [SpanId; 3] {
    [current(); 3]
}

#[instrument_llm(operation = execute_tool)]
async fn asynchronous() -> [SpanId; 3] {
    thrice().await
}

#[instrument_llm(operation = execute_tool)]
fn returned() -> impl Future<Output = [SpanId; 3]> {
    thrice()
}

#[instrument_llm(operation = execute_tool)]
fn boxed() -> Pin<Box<dyn Future<Output = [SpanId; 3]> + Send>> {
    thrice().boxed()
}

#[test]
fn the_span_is_current_while_the_body_runs() {
    type Run = fn() -> [SpanId; 3];
    let runs: [(&str, Run); 5] = [
        ("sync", sync),
        ("in_place", in_place),
        ("asynchronous", || block_on(asynchronous())),
        ("returned", || block_on(returned())),
        ("boxed", || block_on(boxed())),
    ];
    for (name, run) in runs {
        let recorder = Recorder::new();
        let seen = run();
        assert_eq!(seen, [recorder.span().0.span_context.span_id(); 3], "{name}");
        assert_eq!(current(), SpanId::INVALID, "{name}");
    }
}

#[test]
fn futures_that_run_side_by_side_do_not_see_each_other() {
    let recorder = Recorder::new();
    let outside = async {
        let mut seen = Vec::new();
        for _ in 0..4 {
            seen.push(current());
            yield_now().await;
        }
        seen
    };
    let (a, seen, b, c, d) = block_on(async {
        tokio::join!(asynchronous(), outside, asynchronous(), returned(), boxed())
    });
    assert_eq!(seen, [SpanId::INVALID; 4]);
    let spans = recorder.spans();
    let mut ids: Vec<_> = spans.iter().map(|span| [span.0.span_context.span_id(); 3]).collect();
    let mut of_calls = vec![a, b, c, d];
    ids.sort_by_key(|ids| ids[0].to_bytes());
    of_calls.sort_by_key(|ids| ids[0].to_bytes());
    assert_eq!(of_calls, ids);
    assert!(spans.iter().all(|span| span.0.parent_span_id == SpanId::INVALID));
    let traces: std::collections::HashSet<_> =
        spans.iter().map(|span| span.0.span_context.trace_id()).collect();
    assert_eq!(traces.len(), 4);
}

#[instrument_llm(operation = execute_tool)]
async fn outer() {
    let side_by_side = tokio::join!(asynchronous(), asynchronous());
    assert_ne!(side_by_side.0, side_by_side.1);
    let bare = tokio::spawn(asynchronous());
    let carried = tokio::spawn(asynchronous().with_current_context());
    bare.await.unwrap();
    carried.await.unwrap();
    sync();
}

#[test]
fn what_runs_inside_is_below_and_what_is_spawned_is_not_unless_it_carries_the_context() {
    let recorder = Recorder::new();
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap().block_on(
        async {
            tokio::spawn(outer()).await.unwrap();
        },
    );
    let spans = recorder.spans();
    let outer = spans.iter().find(|span| span.name() == "execute_tool outer").unwrap();
    let below = |span: &&Recorded| span.is_below(outer);
    let names: Vec<_> = spans.iter().filter(below).map(Recorded::name).collect();
    let mut names = names;
    names.sort_unstable();
    let asynchronous = "execute_tool asynchronous";
    assert_eq!(names, [asynchronous, asynchronous, asynchronous, "execute_tool sync"]);
    assert_eq!(spans.len(), 6);
}

#[test]
fn a_parent_is_the_one_of_the_first_poll() {
    #[instrument_llm(operation = execute_tool)]
    async fn parent(child: impl Future<Output = [SpanId; 3]>) {
        child.await;
    }
    let recorder = Recorder::new();
    let child = asynchronous();
    block_on(parent(child));
    let spans = recorder.spans();
    assert!(spans[0].is_below(&spans[1]));
}
