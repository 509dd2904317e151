//! The side of the application: hands over and never waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};
use std::{fmt, io};

use opentelemetry::Context;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};

#[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
use super::counts::Rejections;
use super::counts::{Counts, Items, Watched};
use super::settings::Limits;
use super::worker::{Exports, Worker};

/// How long a flush may take where the caller cannot say.
pub(crate) const FLUSH: Duration = Duration::from_secs(5);

/// What the worker is told, in the order in which it was said.
pub(super) enum Message<T> {
    /// An item, and how many bytes it was counted with.
    Item(T, usize),
    Resource(Resource),
    Flush(SyncSender<OTelSdkResult>),
    Shutdown(SyncSender<OTelSdkResult>, Deadline),
}

/// When something has to be done.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline {
    begun: Instant,
    timeout: Duration,
}

impl Deadline {
    pub(super) fn left(&self) -> Duration {
        self.timeout.saturating_sub(self.begun.elapsed())
    }
}

/// Says what was lost for want of room since it was last said.
pub(super) fn no_room(what: &str, since: u64, all: u64) {
    // The message would come back to a processor of log records.
    let _suppressed = Context::enter_telemetry_suppressed_scope();
    tracing::warn!(
        target: "llmobs",
        since,
        all,
        "no room for {since} {what}, which are lost: they come faster than they are exported; {all} so far"
    );
}

/// A queue with a thread at its end.
pub(super) struct Queue<T> {
    /// What is in it, for messages.
    what: &'static str,
    /// What is at its end, in metrics.
    exporter: &'static str,
    limits: Limits,
    counts: Arc<Counts>,
    /// `None` after the drop has begun.
    inbox: Option<Sender<Message<T>>>,
    /// `None` where the system refused one.
    worker: Option<Thread>,
    down: AtomicBool,
}

impl<T: Send + 'static> Queue<T> {
    /// Starts the thread. Where the system refuses it everything is counted as dropped.
    pub(super) fn start<E: Exports<Item = T>>(
        what: &'static str,
        exporter: E,
        limits: Limits,
    ) -> Self {
        Self::start_with(what, exporter, limits, |run| {
            let named = thread::Builder::new().name(format!("llmobs-{}", E::NAME));
            // Nothing joins it: it ends when it is told to, or when this side is gone.
            named.spawn(run).map(|handle| handle.thread().clone())
        })
    }

    fn start_with<E: Exports<Item = T>>(
        what: &'static str,
        exporter: E,
        limits: Limits,
        spawn: impl FnOnce(Box<dyn FnOnce() + Send>) -> io::Result<Thread>,
    ) -> Self {
        let (inbox, messages) = channel();
        let counts = Arc::new(Counts::default());
        let worker = Worker::new(what, exporter, messages, Arc::clone(&counts), limits);
        let ended = Ended(Arc::clone(&counts));
        let run = move || {
            let _ended = ended;
            worker.run();
        };
        let worker = spawn(Box::new(run))
            .inspect_err(|error| {
                tracing::warn!(
                    target: "llmobs",
                    "the system refused a thread to export {what}: {error}; all of them will be dropped"
                );
            })
            .ok();
        let down = AtomicBool::new(false);
        Self { what, exporter: E::path(), limits, counts, inbox: Some(inbox), worker, down }
    }

    /// Hands over what is made of `source`, which is counted with so many bytes; does not wait. Neither is asked for
    /// where there is no room.
    pub(super) fn push<S>(
        &self,
        source: S,
        bytes: impl FnOnce(&S) -> usize,
        make: impl FnOnce(S) -> T,
    ) {
        let counts = &*self.counts;
        if self.down.load(Ordering::Relaxed) {
            return self.late();
        }
        // Without a write where it stays full.
        if counts.items.load(Ordering::Relaxed) >= self.limits.items {
            return self.full();
        }
        let items = counts.items.fetch_add(1, Ordering::AcqRel);
        if items >= self.limits.items {
            counts.items.fetch_sub(1, Ordering::AcqRel);
            return self.full();
        }
        let bytes = bytes(&source);
        let before = counts.bytes.fetch_add(bytes, Ordering::AcqRel);
        let after = before.saturating_add(bytes);
        let give_back = || {
            counts.bytes.fetch_sub(bytes, Ordering::AcqRel);
            counts.items.fetch_sub(1, Ordering::AcqRel);
        };
        if before > 0 && after > self.limits.bytes {
            give_back();
            return self.full();
        }
        let send = |inbox: &Sender<_>| inbox.send(Message::Item(make(source), bytes)).is_ok();
        if !self.inbox.as_ref().is_some_and(send) {
            give_back();
            return self.late();
        }
        // Only who makes a batch complete wakes the worker, which costs more than all the rest.
        let complete = items.saturating_add(1) == self.limits.batch
            || (before < self.limits.batch_bytes && after >= self.limits.batch_bytes);
        if complete {
            self.wake();
        }
    }

    #[cold]
    fn full(&self) {
        let line = |since, all| no_room(self.what, since, all);
        self.counts.full.add(1, line);
    }

    #[cold]
    fn late(&self) {
        let what = self.what;
        self.counts.late.add(1, |since, all| {
            // The message would come back to a processor of log records.
            let _suppressed = Context::enter_telemetry_suppressed_scope();
            tracing::warn!(
                target: "llmobs",
                since,
                all,
                "{since} {what} came when their processor was shut down, and are lost; {all} so far"
            );
        });
    }

    /// Items that were dropped.
    pub(super) fn dropped(&self) -> u64 {
        self.counts.lost()
    }

    /// Calls the exporter so in metrics, by the name that the conventions have for it, and asks who knows what was
    /// rejected.
    #[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
    pub(super) fn exporting_as(
        mut self,
        exporter: &'static str,
        rejections: Arc<dyn Rejections>,
    ) -> Self {
        self.exporter = exporter;
        self.counts.exports.ask(rejections);
        self
    }

    /// How to look at it for who has not the queue itself.
    pub(super) fn watch(&self, items: Items) -> Watched {
        Watched::queue(items, self.exporter, Arc::clone(&self.counts), self.limits.items)
    }

    /// Tells the exporter of its resource, before all that is handed over later.
    pub(super) fn set_resource(&self, resource: &Resource) {
        if let Some(inbox) = &self.inbox {
            let _ = inbox.send(Message::Resource(resource.clone()));
        }
    }

    /// Waits until all that was handed over before has been exported, and the exporter has flushed.
    pub(super) fn flush(&self, timeout: Duration) -> OTelSdkResult {
        if self.down.load(Ordering::Acquire) {
            return Err(OTelSdkError::AlreadyShutdown);
        }
        self.tell(timeout, Message::Flush)
    }

    /// As `flush`, and then the exporter is shut down and the thread ends.
    pub(super) fn shutdown(&self, timeout: Duration) -> OTelSdkResult {
        if self.down.swap(true, Ordering::AcqRel) {
            return Err(OTelSdkError::AlreadyShutdown);
        }
        let deadline = Deadline { begun: Instant::now(), timeout };
        self.tell(timeout, |answer| Message::Shutdown(answer, deadline))
    }

    fn tell(
        &self,
        timeout: Duration,
        message: impl FnOnce(SyncSender<OTelSdkResult>) -> Message<T>,
    ) -> OTelSdkResult {
        let failure = |why: &str| Err(OTelSdkError::InternalFailure(why.to_owned()));
        let Some(worker) = &self.worker else {
            return failure("the system refused the thread that exports: everything was dropped");
        };
        if worker.id() == thread::current().id() {
            return failure("called by the exporter itself, for which it would have to wait");
        }
        let (answer, answered) = sync_channel(1);
        let message = message(answer);
        if self.inbox.as_ref().is_none_or(|inbox| inbox.send(message).is_err()) {
            return failure("the thread that exports is gone");
        }
        self.wake();
        match answered.recv_timeout(timeout) {
            Ok(result) => result,
            Err(RecvTimeoutError::Timeout) => Err(OTelSdkError::Timeout(timeout)),
            Err(RecvTimeoutError::Disconnected) => failure("the thread that exports is gone"),
        }
    }
}

impl<T> Queue<T> {
    fn wake(&self) {
        if let Some(worker) = &self.worker {
            worker.unpark();
        }
    }
}

impl<T> Drop for Queue<T> {
    fn drop(&mut self) {
        // The worker exports what is left and ends; nobody waits for it.
        drop(self.inbox.take());
        self.wake();
    }
}

impl<T> fmt::Debug for Queue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue")
            .field("limits", &self.limits)
            .field("counts", &self.counts)
            .finish_non_exhaustive()
    }
}

/// Says that the worker has ended, however that came.
struct Ended(Arc<Counts>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.gone.store(true, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::processor::Batching;

    struct Nowhere;

    impl Exports for Nowhere {
        const NAME: &'static str = "nowhere";
        type Item = u32;

        fn export(&mut self, _: Vec<u32>) -> OTelSdkResult {
            Ok(())
        }
    }

    #[test]
    fn without_a_thread_everything_is_counted_and_a_flush_says_why() {
        let limits = Batching::new().resolve(&crate::environment::names::BSP, |_| None);
        let refuse = |_| Err(io::Error::from(io::ErrorKind::WouldBlock));
        let queue = Queue::start_with("numbers", Nowhere, limits, refuse);
        for number in 0..5 {
            queue.push(number, |_| 1, |number| number);
        }
        assert_eq!(queue.dropped(), 5);
        let Err(OTelSdkError::InternalFailure(why)) = queue.flush(FLUSH) else {
            panic!("a failure")
        };
        assert!(why.contains("refused the thread"), "{why}");
        assert!(matches!(queue.shutdown(FLUSH), Err(OTelSdkError::InternalFailure(_))));
        assert!(matches!(queue.shutdown(FLUSH), Err(OTelSdkError::AlreadyShutdown)));
    }
}
