//! The thread from which everything is sent: with a runtime of its own, whatever the application runs on.

use std::io;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use opentelemetry::Context;
use tokio::runtime::{Builder, Handle};
use tokio::sync::watch;
use tokio::time::Instant;

use super::retry;

/// How far a pipeline has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Running,
    /// It is shutting down: since then, and until then.
    Closing {
        begun: Instant,
        end: Instant,
    },
    Ended,
}

/// The thread and its runtime. Both end with [`Io::end`], or when nobody has this any more.
#[derive(Debug)]
pub(crate) struct Io {
    handle: Handle,
    phase: watch::Sender<Phase>,
}

impl Io {
    const NAME: &'static str = "llmobs-otlp";

    /// Starts the thread.
    pub(crate) fn start() -> io::Result<Arc<Self>> {
        let (phase, mut watched) = watch::channel(Phase::Running);
        let (ready, started) = mpsc::sync_channel(1);
        // The runtime is built and dropped where no other runtime is: within one, dropping it would panic.
        thread::Builder::new().name(Self::NAME.to_owned()).spawn(move || {
            // What clients record about requests, by way of `tracing` or otherwise, goes nowhere.
            let _suppressed = Context::enter_telemetry_suppressed_scope();
            let built = Builder::new_current_thread()
                .enable_all()
                .thread_name(Self::NAME)
                // For names of hosts, which the system resolves.
                .max_blocking_threads(4)
                .build();
            let runtime = match built {
                Ok(runtime) => runtime,
                Err(error) => {
                    let _ = ready.send(Err(error));
                    return;
                }
            };
            let _ = ready.send(Ok(runtime.handle().clone()));
            runtime.block_on(async {
                let _ = watched.wait_for(|phase| *phase == Phase::Ended).await;
            });
            runtime.shutdown_background();
        })?;
        let handle = started.recv().map_err(io::Error::other)??;
        Ok(Arc::new(Self { handle, phase }))
    }

    pub(super) fn handle(&self) -> &Handle {
        &self.handle
    }

    pub(super) fn watch(&self) -> watch::Receiver<Phase> {
        self.phase.subscribe()
    }

    /// From here on what cannot be delivered within `timeout` is given up.
    pub(crate) fn close(&self, timeout: Duration) {
        let begun = Instant::now();
        let end = retry::later(begun, timeout);
        self.phase.send_replace(Phase::Closing { begun, end });
    }

    /// Ends the thread, and with it whatever is still being sent.
    pub(crate) fn end(&self) {
        self.phase.send_replace(Phase::Ended);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_being_sent_ends_with_the_thread() {
        let io = Io::start().expect("a thread");
        let task = io.handle().spawn(std::future::pending::<()>());
        io.end();
        while !task.is_finished() {
            thread::yield_now();
        }
        // What comes later is not waited for in vain.
        let late = io.handle().spawn(std::future::pending::<()>());
        while !late.is_finished() {
            thread::yield_now();
        }
    }

    #[test]
    fn the_thread_ends_with_the_last_owner() {
        let io = Io::start().expect("a thread");
        let task = io.handle().spawn(std::future::pending::<()>());
        drop(io);
        while !task.is_finished() {
            thread::yield_now();
        }
    }
}
