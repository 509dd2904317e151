//! Spans of `tracing` and calls of ours inside one another.

#[path = "tracing_spans/chains.rs"]
mod chains;
#[path = "tracing_spans/detected.rs"]
mod detected;
#[path = "tracing_spans/installed.rs"]
mod installed;
#[path = "tracing_spans/records.rs"]
mod records;
#[path = "tracing_spans/spawned.rs"]
mod spawned;

use std::collections::{HashMap, HashSet};
use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use llmobs_tests::{Recorded, Recorder};
use tracing::Dispatch;
use tracing_subscriber::layer::SubscriberExt;

/// A subscriber with the layer of the recorder's pipeline.
fn subscriber(recorder: &Recorder) -> Dispatch {
    tracing_subscriber::registry().with(recorder.telemetry().tracing_layer()).into()
}

/// Every span as `name <- parent`, in alphabetical order; of roots only the name.
fn parents(spans: &[Recorded]) -> Vec<String> {
    let known: HashMap<_, _> =
        spans.iter().map(|span| (span.0.span_context.span_id(), &span.0)).collect();
    assert_eq!(known.len(), spans.len(), "span ids differ");
    let line = |span: &Recorded| match known.get(&span.0.parent_span_id) {
        Some(above) => {
            assert_eq!(above.span_context.trace_id(), span.0.span_context.trace_id());
            format!("{} <- {}", span.0.name, above.name)
        }
        None => span.0.name.to_string(),
    };
    let mut lines: Vec<_> = spans.iter().map(line).collect();
    lines.sort();
    lines
}

/// How many traces there are.
fn traces(spans: &[Recorded]) -> usize {
    spans.iter().map(|span| span.0.span_context.trace_id()).collect::<HashSet<_>>().len()
}

/// One trace with these parents.
#[track_caller]
fn assert_one_trace(spans: &[Recorded], expected: &[&str]) {
    assert_eq!(parents(spans), expected);
    assert_eq!(traces(spans), 1);
}

/// Lets others go on.
async fn pause() {
    let mut waited = false;
    poll_fn(|waking| {
        if std::mem::replace(&mut waited, true) {
            return Poll::Ready(());
        }
        waking.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Polls a future to its end, each time on another thread.
fn on_many_threads<F: Future + Send>(subscriber: &Dispatch, future: F) -> F::Output
where
    F::Output: Send,
{
    let mut future = pin!(future);
    let mut polls = 0;
    loop {
        polls += 1;
        let polled = std::thread::scope(|scope| {
            let poll = || {
                let _default = tracing::dispatcher::set_default(subscriber);
                future.as_mut().poll(&mut Context::from_waker(Waker::noop()))
            };
            scope.spawn(poll).join().unwrap()
        });
        if let Poll::Ready(output) = polled {
            assert!(polls > 3, "it was polled on several threads: {polls}");
            return output;
        }
    }
}
