//! Where, when and how often it may be flushed, shut down and dropped.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::Duration;

use llmobs_runtime::Telemetry;
use llmobs_tests::alone;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use llmobs_tests::sinks::{Does, Sink, chat};

#[test]
fn it_goes_to_any_thread_and_is_looked_at_from_several() {
    fn is<T: Send + Sync + 'static>() {}
    is::<Telemetry>();
    alone("ends::it_goes_to_any_thread_and_is_looked_at_from_several", &[], || {
        let kept = Sink::keeping();
        let telemetry = kept.builder().install().unwrap();
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    chat();
                    telemetry.force_flush().unwrap();
                });
            }
        });
        assert_eq!(kept.spans(), 4);
        chat();
        thread::spawn(move || drop(telemetry)).join().unwrap();
        assert_eq!((kept.spans(), kept.is_down()), (5, true));
    });
}

#[test]
fn dropped_by_a_panic_it_delivers_everything() {
    alone("ends::dropped_by_a_panic_it_delivers_everything", &[], || {
        let kept = Sink::keeping();
        let main = || {
            let _telemetry = kept.builder().install().unwrap();
            chat();
            // One that is cut short by the panic, in a frame below.
            let _running =
                llmobs_runtime::call(&llmobs_runtime::conventions::operation::PLAN).start();
            panic!("on purpose");
        };
        assert!(catch_unwind(AssertUnwindSafe(main)).is_err());
        let (spans, _, metrics) = kept.kept();
        assert_eq!((spans, kept.is_down()), (2, true));
        assert!(metrics > 0);
    });
}

/// A subscriber that panics whenever it is asked.
struct Rude;

impl Subscriber for Rude {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "llmobs"
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        panic!("on purpose: {event:?}");
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[test]
fn a_subscriber_that_panics_while_main_does_aborts_nothing() {
    alone("ends::a_subscriber_that_panics_while_main_does_aborts_nothing", &[], || {
        let hung = Sink::new(Does::Block);
        let main = || {
            let deadline = Duration::from_millis(20);
            let _telemetry = hung.builder().shutdown_deadline(deadline).install().unwrap();
            chat();
            panic!("on purpose");
        };
        // The guard has something to say, since not all was delivered, and nobody who listens.
        tracing::subscriber::with_default(Rude, || {
            assert!(catch_unwind(AssertUnwindSafe(main)).is_err());
        });
        let kept = Sink::keeping();
        let next = kept.builder().install().unwrap();
        chat();
        drop(next);
        assert_eq!(kept.spans(), 1);
    });
}

#[test]
fn flushed_again_and_again_and_shut_down_once() {
    alone("ends::flushed_again_and_again_and_shut_down_once", &[], || {
        let kept = Sink::keeping();
        let telemetry = kept.builder().install().unwrap();
        telemetry.force_flush().unwrap();
        for calls in 1..=3 {
            chat();
            telemetry.force_flush().unwrap();
            telemetry.force_flush().unwrap();
            assert_eq!(kept.spans(), calls);
        }
        chat();
        telemetry.shutdown().unwrap();
        assert_eq!((kept.spans(), kept.is_down()), (4, true));
        // Nobody records any more, and nobody minds.
        chat();
        assert_eq!(kept.spans(), 4);
    });
}

#[test]
fn calls_that_still_run_in_other_threads_hold_nobody_up() {
    alone("ends::calls_that_still_run_in_other_threads_hold_nobody_up", &[], || {
        let kept = Sink::keeping();
        let telemetry = kept.builder().install().unwrap();
        let (go, gone) = std::sync::mpsc::channel::<()>();
        let (started, has_started) = std::sync::mpsc::channel();
        let other = thread::spawn(move || {
            chat();
            let late = llmobs_runtime::call(&llmobs_runtime::conventions::operation::PLAN).start();
            started.send(()).unwrap();
            gone.recv().unwrap();
            late.end();
            chat();
        });
        has_started.recv().unwrap();
        drop(telemetry);
        assert_eq!(kept.spans(), 1);
        go.send(()).unwrap();
        other.join().unwrap();
        assert_eq!(kept.spans(), 1);
    });
}
