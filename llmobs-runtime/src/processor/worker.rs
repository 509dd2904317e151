//! The thread that exports.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError};
use std::thread;
use std::time::{Duration, Instant};

use opentelemetry::Context;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};

use super::counts::{Counts, PANIC, kind_of, path_of};
use super::queue::{FLUSH, Message, no_room};
use super::settings::Limits;
use crate::guard::seldom;

/// Panics of exporters in this process.
static PANICS: AtomicU64 = AtomicU64::new(0);

/// An exporter of whatever signal.
pub(super) trait Exports: Send + 'static {
    /// Of the thread, short: Linux shows 15 bytes.
    const NAME: &'static str;
    type Item: Send + 'static;

    /// Its type, in metrics.
    fn path() -> &'static str {
        path_of::<Self>()
    }

    fn export(&mut self, batch: Vec<Self::Item>) -> OTelSdkResult;

    fn flush(&mut self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown(&mut self, timeout: Duration) -> OTelSdkResult {
        let _ = timeout;
        Ok(())
    }

    fn set_resource(&mut self, resource: &Resource) {
        let _ = resource;
    }
}

pub(super) struct Worker<E: Exports> {
    /// What is exported, for messages.
    what: &'static str,
    exporter: E,
    messages: Receiver<Message<E::Item>>,
    counts: Arc<Counts>,
    limits: Limits,
    batch: Vec<E::Item>,
    batch_bytes: usize,
    exported_at: Instant,
    /// The last failure that nobody has been told of.
    failure: Option<OTelSdkError>,
}

impl<E: Exports> Worker<E> {
    pub(super) fn new(
        what: &'static str,
        exporter: E,
        messages: Receiver<Message<E::Item>>,
        counts: Arc<Counts>,
        limits: Limits,
    ) -> Self {
        Self {
            what,
            exporter,
            messages,
            counts,
            limits,
            batch: Vec::new(),
            batch_bytes: 0,
            exported_at: Instant::now(),
            failure: None,
        }
    }

    pub(super) fn run(mut self) {
        let _suppressed = Context::enter_telemetry_suppressed_scope();
        self.work();
        self.last_words();
    }

    /// Says what has not been said of what was lost.
    fn last_words(&self) {
        let what = self.what;
        self.counts.full.tell_last(|since, all| no_room(what, since, all));
        let lost = &self.counts.exports.lost;
        lost.tell_last(|since, all| not_exported(what, None, since, all));
    }

    fn work(&mut self) {
        loop {
            match self.messages.try_recv() {
                Ok(Message::Item(item, bytes)) => self.take(item, bytes),
                Ok(Message::Resource(resource)) => {
                    let _ = self.guarded(|exporter| {
                        exporter.set_resource(&resource);
                        Ok(())
                    });
                }
                Ok(Message::Flush(answer)) => {
                    self.export();
                    let _ = self.guarded(E::flush);
                    let _ = answer.try_send(self.report());
                }
                Ok(Message::Shutdown(answer, deadline)) => {
                    self.drain();
                    let _ = self.guarded(|exporter| exporter.shutdown(deadline.left()));
                    // Before the answer: who waits for it may end the process.
                    self.last_words();
                    let _ = answer.try_send(self.report());
                    return;
                }
                Err(TryRecvError::Empty) => self.rest(),
                Err(TryRecvError::Disconnected) => {
                    self.export();
                    let _ = self.guarded(|exporter| exporter.shutdown(FLUSH));
                    return;
                }
            }
        }
    }

    fn take(&mut self, item: E::Item, bytes: usize) {
        if self.batch.capacity() == 0 {
            self.batch.reserve(self.limits.batch.min(512));
        }
        self.batch.push(item);
        self.batch_bytes = self.batch_bytes.saturating_add(bytes);
        if self.batch.len() >= self.limits.batch || self.batch_bytes >= self.limits.batch_bytes {
            self.export();
        }
    }

    /// Exports what has waited long enough and sleeps until more is due or somebody wakes this thread.
    ///
    /// Not in `recv_timeout`: then every item would wake it, at the expense of who hands it over.
    fn rest(&mut self) {
        if self.exported_at.elapsed() >= self.limits.interval {
            self.export();
            let what = self.what;
            self.counts.full.tell(|since, all| no_room(what, since, all));
            let lost = &self.counts.exports.lost;
            lost.tell(|since, all| not_exported(what, None, since, all));
        }
        thread::park_timeout(self.limits.interval.saturating_sub(self.exported_at.elapsed()));
    }

    /// Exports all that was handed over before the shutdown, and what came in between.
    fn drain(&mut self) {
        let mut asked_too = Vec::new();
        while let Ok(message) = self.messages.try_recv() {
            match message {
                Message::Item(item, bytes) => self.take(item, bytes),
                Message::Flush(answer) | Message::Shutdown(answer, _) => asked_too.push(answer),
                Message::Resource(_) => {}
            }
        }
        self.export();
        for answer in asked_too {
            let _ = answer.try_send(Ok(()));
        }
    }

    fn export(&mut self) {
        self.exported_at = Instant::now();
        if self.batch.is_empty() {
            return;
        }
        let batch = std::mem::take(&mut self.batch);
        let bytes = std::mem::take(&mut self.batch_bytes);
        let items = batch.len();
        let many = u64::try_from(items).unwrap_or(u64::MAX);
        self.counts.submitted.fetch_add(many, Ordering::AcqRel);
        let kind = self.guarded(|exporter| exporter.export(batch)).err();
        if let Some((lost, kind)) = self.counts.exports.over(many, kind) {
            let line = |since, all| not_exported(self.what, Some(kind), since, all);
            self.counts.exports.lost.add(lost, line);
        }
        self.counts.bytes.fetch_sub(bytes, Ordering::AcqRel);
        self.counts.items.fetch_sub(items, Ordering::AcqRel);
    }

    /// Runs code of the exporter's and keeps its failure, of which it tells the kind.
    fn guarded(&mut self, code: impl FnOnce(&mut E) -> OTelSdkResult) -> Result<(), &'static str> {
        let exporter = &mut self.exporter;
        match catch_unwind(AssertUnwindSafe(|| code(exporter))) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => {
                let kind = kind_of(&error);
                self.failure = Some(error);
                Err(kind)
            }
            Err(panic) => {
                panicked(panic);
                let what = "the exporter panicked".to_owned();
                self.failure = Some(OTelSdkError::InternalFailure(what));
                Err(PANIC)
            }
        }
    }

    fn report(&mut self) -> OTelSdkResult {
        self.failure.take().map_or(Ok(()), Err)
    }
}

/// What an exporter's panic carried is dropped, and said that there was one.
pub(super) fn panicked(panic: Box<dyn std::any::Any + Send>) {
    seldom(&PANICS, panic, |times| {
        tracing::warn!(target: "llmobs", times, "an exporter panicked, which cost what it was exporting");
    });
}

/// Says what exporters did not bring to where it should go. Not what they say of that: it may quote an address or a
/// key, and who flushes is told.
pub(super) fn not_exported(what: &str, kind: Option<&str>, since: u64, all: u64) {
    let kind = kind.unwrap_or("as before");
    tracing::warn!(
        target: "llmobs",
        since,
        all,
        "{since} {what} were not exported ({kind}) and are lost; {all} so far"
    );
}
