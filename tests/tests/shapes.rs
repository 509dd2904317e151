//! `#[instrument_llm]` on every shape of function: it compiles, returns what it returned without the attribute,
//! and records one span for each call.

use std::future::Future;

use llmobs_tests::{Recorded, Recorder};

#[path = "shapes/arguments.rs"]
mod arguments;
#[path = "shapes/bodies.rs"]
mod bodies;
#[path = "shapes/capture.rs"]
mod capture;
#[path = "shapes/context.rs"]
mod context;
#[path = "shapes/drops.rs"]
mod drops;
#[path = "shapes/errors.rs"]
mod errors;
#[path = "shapes/futures.rs"]
mod futures;
#[path = "shapes/hygiene.rs"]
mod hygiene;
#[path = "shapes/lints.rs"]
mod lints;
#[path = "shapes/methods.rs"]
mod methods;
#[path = "shapes/send.rs"]
mod send;
#[path = "shapes/size.rs"]
mod size;
#[path = "shapes/track_caller.rs"]
mod track_caller;
#[path = "shapes/zoo.rs"]
mod zoo;

/// What `run` returns, having recorded exactly the spans named.
#[track_caller]
fn recorded<T>(names: &[&str], run: impl FnOnce() -> T) -> T {
    let recorder = Recorder::new();
    let out = run();
    let spans = recorder.spans();
    assert_eq!(spans.iter().map(Recorded::name).collect::<Vec<_>>(), names);
    out
}

/// The same of a future.
#[track_caller]
fn awaited<F: Future>(names: &[&str], run: impl FnOnce() -> F) -> F::Output {
    recorded(names, || block_on(run()))
}

/// Runs a future on this thread, with timers.
fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
}
