//! Calls that end when little is left of the thread, or of the pipeline.

use std::cell::RefCell;
use std::sync::mpsc::channel;
use std::sync::{Arc, Weak};
use std::thread;

use llmobs_runtime::{Call, builder};
use llmobs_tests::{Recorder, Road, alone};
use opentelemetry::trace::{Link, SpanKind, TraceContextExt, TraceId, TraceState};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{SamplingDecision, SamplingResult, ShouldSample};

use super::both::chat;
use super::delivery::Kept;

thread_local! {
    static HELD: RefCell<Option<Call>> = const { RefCell::new(None) };
}

/// Ends a call when the thread does.
fn hold() {
    HELD.with_borrow_mut(|held| {
        let mut call = chat().start();
        call.end_on_drop();
        call.context().unwrap().span().set_attribute(KeyValue::new("a", 1));
        *held = Some(call);
    });
}

#[test]
fn a_call_that_ends_with_its_thread() {
    alone("late::a_call_that_ends_with_its_thread", &[], || {
        let recorder = Recorder::on(Road::Ours, |builder| builder);
        // Before and after what a call uses of the thread.
        thread::spawn(hold).join().unwrap();
        thread::spawn(|| {
            HELD.with_borrow(|_| ());
            chat().start().end();
            hold();
        })
        .join()
        .unwrap();
        thread::spawn(|| {
            chat().start().end();
            hold();
        })
        .join()
        .unwrap();
        let spans = recorder.spans();
        assert_eq!(spans.len(), 5);
        assert_eq!(spans.iter().filter(|span| span.int("a") == Some(1)).count(), 3);
        assert!(spans.iter().all(|span| span.text("error.type").is_none()));
    });
}

/// Tells whether it is still there.
#[derive(Clone, Debug)]
struct Watched {
    _there: Arc<()>,
}

impl ShouldSample for Watched {
    fn should_sample(
        &self,
        _: Option<&Context>,
        _: TraceId,
        _: &str,
        _: &SpanKind,
        _: &[KeyValue],
        _: &[Link],
    ) -> SamplingResult {
        SamplingResult {
            decision: SamplingDecision::RecordAndSample,
            attributes: Vec::new(),
            trace_state: TraceState::NONE,
        }
    }
}

#[test]
fn nothing_is_left_of_a_pipeline_whose_threads_have_ended() {
    alone("late::nothing_is_left_of_a_pipeline_whose_threads_have_ended", &[], || {
        let mut threads = Vec::new();
        let watched: Vec<Weak<()>> = (0..3)
            .map(|_| {
                let there = Arc::new(());
                let watched = Arc::downgrade(&there);
                let telemetry = builder()
                    .sampler(Watched { _there: there })
                    .span_exporter(Kept::default())
                    .install()
                    .unwrap();
                thread::spawn(|| {
                    for _ in 0..10 {
                        chat().start().end();
                    }
                })
                .join()
                .unwrap();
                telemetry.force_flush().unwrap();
                thread::spawn(|| chat().start().end()).join().unwrap();
                // One that outlives its pipeline.
                let (called, has_called) = channel();
                let (let_go, wait) = channel::<()>();
                let thread = thread::spawn(move || {
                    chat().start().end();
                    called.send(()).unwrap();
                    let _ = wait.recv();
                });
                has_called.recv().unwrap();
                telemetry.shutdown().unwrap();
                threads.push((let_go, thread));
                watched
            })
            .collect();
        for (let_go, thread) in threads {
            drop(let_go);
            thread.join().unwrap();
        }
        // The threads of the pipelines may be about to end.
        for _ in 0..500 {
            if watched.iter().all(|watched| watched.strong_count() == 0) {
                return;
            }
            thread::sleep(std::time::Duration::from_millis(10));
        }
        let left: Vec<_> = watched.iter().map(Weak::strong_count).collect();
        panic!("pipelines are left: {left:?}");
    });
}
