//! Tasks of their own: what reaches them depends on what is handed on, and in which order.

use llmobs_runtime::{instrument_llm, scope};
use llmobs_tests::Recorder;
use opentelemetry::context::FutureExt;
use tracing::{Instrument, info_span};

use super::{parents, pause, subscriber, traces};

/// What runs in the task.
#[instrument_llm(operation = execute_tool, name = "ours 3")]
async fn ours_3() {
    pause().await;
    pause().instrument(info_span!("tracing 4")).await;
}

/// Spawns the task inside of a call.
#[instrument_llm(operation = execute_tool, name = "ours 2")]
async fn ours_2<F: Future<Output = ()>>(spawn: impl FnOnce() -> F) {
    spawn().await;
}

/// A task of its own: its thread is the same, what is current there is not.
async fn spawned(task: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(task).await.unwrap();
}

/// The parents with the task below a span of `tracing` with a call in it, and how many traces there are.
async fn below_both<F: Future<Output = ()>>(spawn: impl FnOnce() -> F) -> (Vec<String>, usize) {
    let recorder = Recorder::new();
    let _default = tracing::dispatcher::set_default(&subscriber(&recorder));
    ours_2(spawn).instrument(info_span!("tracing 1")).await;
    let spans = recorder.spans();
    (parents(&spans), traces(&spans))
}

const COMMON: [&str; 2] = ["tracing 1", "tracing 4 <- ours 3"];

fn with(ours_3: &str) -> Vec<String> {
    let mut lines = vec!["ours 2 <- tracing 1".to_owned(), ours_3.to_owned()];
    lines.extend(COMMON.map(str::to_owned));
    lines
}

#[tokio::test]
async fn as_it_is_a_task_is_a_trace_of_its_own() {
    assert_eq!(below_both(|| spawned(ours_3())).await, (with("ours 3"), 2));
}

#[tokio::test]
async fn in_the_current_span_it_skips_the_call() {
    let found = below_both(|| spawned(ours_3().in_current_span())).await;
    assert_eq!(found, (with("ours 3 <- tracing 1"), 1));
}

#[tokio::test]
async fn with_the_current_context_it_is_below_the_call() {
    let found = below_both(|| spawned(ours_3().with_current_context())).await;
    assert_eq!(found, (with("ours 3 <- ours 2"), 1));
}

#[tokio::test]
async fn with_both_what_is_written_first_enters_last() {
    let found = below_both(|| spawned(ours_3().in_current_span().with_current_context())).await;
    assert_eq!(found, (with("ours 3 <- tracing 1"), 1));
    let found = below_both(|| spawned(ours_3().with_current_context().in_current_span())).await;
    assert_eq!(found, (with("ours 3 <- ours 2"), 1));
}

#[tokio::test]
async fn a_scope_carries_the_call_to_a_task_as_well() {
    let found = below_both(|| spawned(scope().user_id("u-3").run(ours_3()))).await;
    assert_eq!(found, (with("ours 3 <- ours 2"), 1));
    let context = || scope().user_id("u-3").context();
    let found = below_both(|| spawned(ours_3().with_context(context()))).await;
    assert_eq!(found, (with("ours 3 <- ours 2"), 1));
}

#[tokio::test]
async fn below_tracing_alone_the_span_is_enough() {
    let recorder = Recorder::new();
    let _default = tracing::dispatcher::set_default(&subscriber(&recorder));
    async { spawned(ours_3().in_current_span()).await }.instrument(info_span!("tracing 1")).await;
    let spans = recorder.spans();
    assert_eq!(parents(&spans), ["ours 3 <- tracing 1", "tracing 1", "tracing 4 <- ours 3"]);
    assert_eq!(traces(&spans), 1);
}

#[tokio::test]
async fn below_a_call_alone_there_is_no_span_of_tracing_to_carry() {
    for (with_context, expected, count) in [(false, "ours 3", 2), (true, "ours 3 <- ours 2", 1)] {
        let recorder = Recorder::new();
        let _default = tracing::dispatcher::set_default(&subscriber(&recorder));
        ours_2(|| async {
            if with_context {
                spawned(ours_3().with_current_context().in_current_span()).await;
            } else {
                spawned(ours_3().in_current_span()).await;
            }
        })
        .await;
        let spans = recorder.spans();
        assert_eq!(parents(&spans), ["ours 2", expected, "tracing 4 <- ours 3"]);
        assert_eq!(traces(&spans), count);
    }
}
