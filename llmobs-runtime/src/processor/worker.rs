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

use super::queue::{Counts, FLUSH, Message};
use super::settings::Limits;
use crate::guard::seldom;

/// Panics of exporters in this process.
static PANICS: AtomicU64 = AtomicU64::new(0);

/// An exporter of whatever signal.
pub(super) trait Exports: Send + 'static {
    /// Of the thread, short: Linux shows 15 bytes.
    const NAME: &'static str;
    type Item: Send + 'static;

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
        exporter: E,
        messages: Receiver<Message<E::Item>>,
        counts: Arc<Counts>,
        limits: Limits,
    ) -> Self {
        Self {
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
        loop {
            match self.messages.try_recv() {
                Ok(Message::Item(item, bytes)) => self.take(item, bytes),
                Ok(Message::Resource(resource)) => {
                    self.guarded(|exporter| {
                        exporter.set_resource(&resource);
                        Ok(())
                    });
                }
                Ok(Message::Flush(answer)) => {
                    self.export();
                    self.guarded(E::flush);
                    let _ = answer.try_send(self.report());
                }
                Ok(Message::Shutdown(answer, deadline)) => {
                    self.drain();
                    self.guarded(|exporter| exporter.shutdown(deadline.left()));
                    let _ = answer.try_send(self.report());
                    return;
                }
                Err(TryRecvError::Empty) => self.rest(),
                Err(TryRecvError::Disconnected) => {
                    self.export();
                    self.guarded(|exporter| exporter.shutdown(FLUSH));
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
        if !self.guarded(|exporter| exporter.export(batch)) {
            let lost = u64::try_from(items).unwrap_or(u64::MAX);
            self.counts.dropped.fetch_add(lost, Ordering::AcqRel);
        }
        self.counts.bytes.fetch_sub(bytes, Ordering::AcqRel);
        self.counts.items.fetch_sub(items, Ordering::AcqRel);
    }

    /// Runs code of the exporter's and keeps its failure; whether it came to its end.
    fn guarded(&mut self, code: impl FnOnce(&mut E) -> OTelSdkResult) -> bool {
        let exporter = &mut self.exporter;
        match catch_unwind(AssertUnwindSafe(|| code(exporter))) {
            Ok(result) => {
                if let Err(error) = result {
                    self.failure = Some(error);
                }
                true
            }
            Err(panic) => {
                seldom(&PANICS, panic, |times| {
                    tracing::warn!(target: "llmobs", times, "an exporter panicked, which cost what it was exporting");
                });
                let what = "the exporter panicked".to_owned();
                self.failure = Some(OTelSdkError::InternalFailure(what));
                false
            }
        }
    }

    fn report(&mut self) -> OTelSdkResult {
        self.failure.take().map_or(Ok(()), Err)
    }
}
