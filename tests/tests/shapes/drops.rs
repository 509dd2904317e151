//! When arguments and locals are dropped: as without the attribute, whichever way the function ends.

#![expect(clippy::needless_pass_by_value, reason = "what is passed by value is dropped")]

use std::cell::RefCell;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use llmobs_runtime::instrument_llm;
use llmobs_tests::Recorder;
use tokio::task::yield_now;

use super::block_on;

thread_local! {
    static LOG: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
}

/// Says when it is dropped.
struct Loud(&'static str);

impl Drop for Loud {
    fn drop(&mut self) {
        LOG.with_borrow_mut(|log| log.push(self.0));
    }
}

impl Loud {
    const fn get(&self) -> Option<u8> {
        if self.0.is_empty() { None } else { Some(1) }
    }
}

struct Pair {
    left: Loud,
    right: Loud,
}

/// How a function ends.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    Value,
    Return,
    Question,
    Panic,
    Moved,
}

const ENDS: [End; 5] = [End::Value, End::Return, End::Question, End::Panic, End::Moved];

macro_rules! functions {
    ($(#[$attribute:meta])*) => {
        $(#[$attribute])*
        pub(super) fn sync(
            end: End,
            a: Loud,
            _guard: Loud,
            _: Loud,
            Pair { left, right: mut r }: Pair,
            (b, _c): (Loud, Loud),
            last: Loud,
        ) -> Option<Loud> {
            let _first = Loud("first local");
            let used = (&a, &left, &b, &last);
            r.0 = "right, renamed";
            let _: &Loud = &r;
            let _second = Loud("second local");
            match end {
                End::Value => Some(Loud("value").get().map(|_| Loud("result"))?),
                End::Return => return Some(Loud("returned")),
                End::Question => {
                    Loud("").get()?;
                    None
                }
                End::Panic => std::panic::panic_any(used.0.0),
                End::Moved => {
                    drop(b);
                    Some(a)
                }
            }
        }

        $(#[$attribute])*
        pub(super) async fn asynchronous(
            end: End,
            a: Loud,
            _guard: Loud,
            _: Loud,
            Pair { left, right: mut r }: Pair,
            (b, _c): (Loud, Loud),
            last: Loud,
        ) -> Option<Loud> {
            let _first = Loud("first local");
            yield_now().await;
            let used = (&a, &left, &b, &last);
            r.0 = "right, renamed";
            let _: &Loud = &r;
            let _second = Loud("second local");
            yield_now().await;
            match end {
                End::Value => Some(Loud("value").get().map(|_| Loud("result"))?),
                End::Return => return Some(Loud("returned")),
                End::Question => {
                    Loud("").get()?;
                    None
                }
                End::Panic => std::panic::panic_any(used.0.0),
                End::Moved => {
                    drop(b);
                    yield_now().await;
                    Some(a)
                }
            }
        }

        $(#[$attribute])*
        pub(super) fn boxed(end: End, a: Loud, _guard: Loud, _: Loud) -> Pin<Box<dyn Future<Output = Option<Loud>>>> {
            let _local = Loud("local of the function");
            if end == End::Return {
                return Box::pin(async { None });
            }
            Box::pin(async move {
                let _first = Loud("first local");
                yield_now().await;
                if end == End::Panic {
                    std::panic::panic_any(0);
                }
                Some(a)
            })
        }

        pub(super) struct Whole {
            pub(super) left: Loud,
            pub(super) right: Loud,
        }

        impl Whole {
            $(#[$attribute])*
            pub(super) fn part(self, _last: Loud) -> &'static str {
                self.right.0
            }

            $(#[$attribute])*
            pub(super) async fn async_part(self: Box<Self>, _last: Loud) -> &'static str {
                yield_now().await;
                let Self { left: _, right } = &*self;
                right.0
            }

            $(#[$attribute])*
            #[track_caller]
            pub(super) fn in_place(self, a: Loud, (b, _): (Loud, Loud), _: Loud) -> Option<&'static str> {
                let _local = Loud("local");
                self.left.get()?;
                b.get()?;
                Some(a.0)
            }
        }
    };
}

mod plain {
    use super::*;
    functions!();
}

mod annotated {
    use super::*;
    functions!(#[instrument_llm(operation = execute_tool)]);
}

/// What is dropped while `run` runs, and then when its result is.
fn log_of<T>(run: impl FnOnce() -> T) -> Vec<&'static str> {
    LOG.take();
    let out = catch_unwind(AssertUnwindSafe(run));
    LOG.with_borrow_mut(|log| log.push("| and then"));
    drop(out);
    LOG.take()
}

/// Polls so many times at most, then drops.
fn polled<F: Future>(times: usize, future: F) -> Option<F::Output> {
    block_on(async {
        let mut future = Box::pin(future);
        for _ in 0..times {
            if let Poll::Ready(out) = futures::poll!(&mut future) {
                return Some(out);
            }
        }
        None
    })
}

macro_rules! with_arguments {
    ($function:path, $end:expr) => {
        $function(
            $end,
            Loud("a"),
            Loud("_guard"),
            Loud("_"),
            Pair { left: Loud("left"), right: Loud("right") },
            (Loud("b"), Loud("_c")),
            Loud("last"),
        )
    };
}

fn same(
    plain: impl FnOnce() -> Vec<&'static str>,
    annotated: impl Fn() -> Vec<&'static str>,
    what: &str,
) {
    let expected = plain();
    assert!(expected.len() > 2, "{what}: {expected:?}");
    // It takes its turn all the same: another test may be recording.
    let nobody = Recorder::new().without_pipeline();
    assert_eq!(annotated(), expected, "{what}, and nobody records");
    drop(nobody);
    let _recorder = Recorder::new();
    assert_eq!(annotated(), expected, "{what}");
}

#[test]
fn of_an_ordinary_function() {
    for end in ENDS {
        same(
            || log_of(|| with_arguments!(plain::sync, end)),
            || log_of(|| with_arguments!(annotated::sync, end)),
            &format!("{end:?}"),
        );
    }
}

#[test]
fn of_an_async_function_that_ends_or_is_dropped_half_way() {
    for end in ENDS {
        for times in 0..5 {
            same(
                || log_of(|| polled(times, with_arguments!(plain::asynchronous, end))),
                || log_of(|| polled(times, with_arguments!(annotated::asynchronous, end))),
                &format!("{end:?} after {times} polls"),
            );
        }
    }
}

#[test]
fn of_a_function_that_returns_a_future() {
    for end in ENDS {
        for times in 0..3 {
            same(
                || {
                    log_of(|| {
                        polled(times, plain::boxed(end, Loud("a"), Loud("_guard"), Loud("_")))
                    })
                },
                || {
                    log_of(|| {
                        polled(times, annotated::boxed(end, Loud("a"), Loud("_guard"), Loud("_")))
                    })
                },
                &format!("{end:?} after {times} polls"),
            );
        }
    }
}

macro_rules! whole {
    ($module:ident) => {
        $module::Whole { left: Loud("left"), right: Loud("right") }
    };
}

#[test]
fn of_a_receiver_of_which_a_part_is_used() {
    same(
        || log_of(|| whole!(plain).part(Loud("last"))),
        || log_of(|| whole!(annotated).part(Loud("last"))),
        "sync",
    );
    for times in 0..3 {
        same(
            || log_of(|| polled(times, Box::new(whole!(plain)).async_part(Loud("last")))),
            || log_of(|| polled(times, Box::new(whole!(annotated)).async_part(Loud("last")))),
            &format!("{times} polls"),
        );
    }
}

#[test]
fn of_a_function_that_knows_its_caller() {
    for b in ["b", ""] {
        let pair = || (Loud(b), Loud("rest"));
        same(
            || log_of(|| whole!(plain).in_place(Loud("a"), pair(), Loud("_"))),
            || log_of(|| whole!(annotated).in_place(Loud("a"), pair(), Loud("_"))),
            b,
        );
    }
}

/// The exceptions: dropped after the others, when the call has ended.
#[test]
fn of_what_a_pattern_discards_and_of_what_nobody_names() {
    #[instrument_llm(operation = execute_tool)]
    #[expect(clippy::toplevel_ref_arg, reason = "what is dropped when")]
    fn refers(a: Loud, ref b: Loud) -> usize {
        a.0.len() + b.0.len()
    }
    #[instrument_llm(operation = execute_tool)]
    fn discards((a, _): (Loud, Loud), b: Loud) -> usize {
        a.0.len() + b.0.len()
    }
    #[instrument_llm(operation = execute_tool)]
    #[expect(
        unused_variables,
        reason = "such an argument is dropped with the rest of the function"
    )]
    fn unnamed(a: Loud, unnamed: Loud, b: Loud) -> usize {
        a.0.len() + b.0.len()
    }
    let log = log_of(|| refers(Loud("a"), Loud("b")));
    assert_eq!(log, ["a", "b", "| and then"]);
    let log = log_of(|| discards((Loud("a"), Loud("discarded")), Loud("b")));
    assert_eq!(log, ["b", "a", "discarded", "| and then"]);
    let log = log_of(|| unnamed(Loud("a"), Loud("unnamed"), Loud("b")));
    assert_eq!(log, ["b", "a", "unnamed", "| and then"]);
}

/// An argument is still alive while the response is not: what it guards is released inside the call.
#[test]
fn before_the_call_ends() {
    struct Span(Arc<std::sync::Mutex<bool>>);
    impl Drop for Span {
        fn drop(&mut self) {
            use opentelemetry::trace::TraceContextExt;
            let active = opentelemetry::Context::current().has_active_span();
            *self.0.lock().unwrap() = active;
        }
    }
    #[instrument_llm(operation = execute_tool)]
    async fn guarded(_guard: Span) {
        yield_now().await;
    }
    #[instrument_llm(operation = execute_tool)]
    fn sync_guarded(_: Span) {}
    let _recorder = Recorder::new();
    let seen = Arc::default();
    block_on(guarded(Span(Arc::clone(&seen))));
    assert!(*seen.lock().unwrap());
    *seen.lock().unwrap() = false;
    sync_guarded(Span(Arc::clone(&seen)));
    assert!(*seen.lock().unwrap());
}
