//! The thread that sends, and the way to it that never blocks.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use azure_core::credentials::TokenCredential;
use azure_core::http::{Transport, Url};
use opentelemetry::Context;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};

use super::diagnostics;
use super::item::Item;
use super::statistics::{Counters, DropReason, Statistics};
use super::storage::{Storage, Store};

mod answer;
mod body;
mod buffer;
mod job;
mod link;
mod outlet;
mod pace;
mod race;
mod redirect;
mod worker;

pub(super) use answer::{Answer, Verdict};
use buffer::{Buffer, Refused, Unsettled, after};
use link::Link;
use outlet::Outlet;
use pace::Pace;
use worker::Worker;

/// What one request carries at most, before compression.
struct Batch {
    items: usize,
    bytes: usize,
}

const BATCH: Batch = Batch { items: 512, bytes: 1 << 20 };

/// Where the service takes telemetry, under the endpoint.
const TRACK: &str = "/v2.1/track";

/// How long what is left may take where nobody waits for it and there is no storage.
const UNATTENDED: Duration = Duration::from_secs(5);

/// Where to send, as whom, and what else the sender must know.
pub(super) struct Target {
    pub(super) instrumentation_key: String,
    /// The base address: `/v2.1/track` is added.
    pub(super) endpoint: String,
    pub(super) credential: Option<Arc<dyn TokenCredential>>,
    /// What a token is asked for, as `https://monitor.azure.com/.default`.
    pub(super) scope: String,
    pub(super) transport: Option<Transport>,
    pub(super) timeout: Duration,
    /// The first and the longest pause between attempts that fail.
    pub(super) retry_delay: (Duration, Duration),
    pub(super) storage: Storage,
    /// Instead of sending: each batch as one line, a JSON array of envelopes.
    pub(super) writer: Option<Box<dyn std::io::Write + Send>>,
}

/// The sender, shared by the exporters of one destination.
#[derive(Debug)]
pub(super) struct Transmitter {
    counters: Arc<Counters>,
    buffer: Arc<Buffer>,
    users: AtomicUsize,
    /// There is storage for what is not sent at the end.
    stores: Arc<AtomicBool>,
    thread: ThreadId,
}

impl Transmitter {
    /// Starts the thread.
    pub(super) fn start(target: Target) -> io::Result<Arc<Self>> {
        let (counters, buffer) = (Arc::<Counters>::default(), Arc::<Buffer>::default());
        let stores = Arc::new(AtomicBool::new(target.storage.on && target.writer.is_none()));
        let endpoint = match &target.writer {
            Some(_) => None,
            None => Some(track(&target.endpoint)?),
        };
        let (ready, started) = mpsc::sync_channel(1);
        let (counting, waiting) = (Arc::clone(&counters), Arc::clone(&buffer));
        let storing = Arc::clone(&stores);
        let thread =
            thread::Builder::new().name("llmobs-azure-monitor".to_owned()).spawn(move || {
                // Whatever happens on this thread is no telemetry of the application's.
                let _suppressed = Context::enter_telemetry_suppressed_scope();
                let runtime =
                    match tokio::runtime::Builder::new_current_thread().enable_all().build() {
                        Ok(runtime) => runtime,
                        Err(error) => {
                            let _ = ready.send(Err(error));
                            return;
                        }
                    };
                let _ = ready.send(Ok(()));
                let (min, max) = target.retry_delay;
                let store =
                    storing.load(Ordering::Relaxed).then(|| open(&target, &counting)).flatten();
                storing.store(store.is_some(), Ordering::Relaxed);
                let outlet = match (target.writer, endpoint) {
                    (Some(writer), _) => Outlet::Writer(writer),
                    (None, endpoint) => Outlet::link(endpoint.map(|endpoint| {
                        Link::new(
                            endpoint,
                            target.credential,
                            target.scope,
                            target.timeout,
                            target.transport,
                        )
                    })),
                };
                Worker::new(waiting, counting, store, outlet, Pace { min, max }).run(&runtime);
                // A name that is being looked up would hold up the end.
                runtime.shutdown_background();
            })?;
        started.recv().unwrap_or_else(|_| Err(io::Error::other("it ended at once")))?;
        let thread = thread.thread().id();
        Ok(Arc::new(Self { counters, buffer, users: AtomicUsize::new(0), stores, thread }))
    }

    /// One more exporter uses this: it will [`release`](Self::release) it once.
    pub(super) fn retain(&self) {
        self.users.fetch_add(1, Ordering::Relaxed);
    }

    /// Hands items over. Does not block; what finds no room is counted.
    pub(super) fn submit(&self, items: Vec<Item>) {
        if items.is_empty() {
            return;
        }
        self.counters.accept(items.len());
        match self.buffer.push(items) {
            Refused::NoRoom(0) => {}
            Refused::NoRoom(refused) => {
                self.counters.lose(DropReason::BufferFull, refused);
                diagnostics::buffer_full(refused);
            }
            Refused::Closed(refused) => {
                self.counters.lose(DropReason::NotStored, refused);
                diagnostics::closed(refused);
            }
        }
    }

    /// Waits until all that was handed over is delivered, on disk or counted as dropped.
    pub(super) fn flush(&self, timeout: Duration) -> OTelSdkResult {
        if thread::current().id() == self.thread {
            return Err(OTelSdkError::InternalFailure(
                "the thread that sends cannot wait for itself: do not flush in a credential or a transport"
                    .to_owned(),
            ));
        }
        match self.buffer.flush(timeout) {
            Ok(()) => Ok(()),
            Err(Unsettled::Timeout) => Err(OTelSdkError::Timeout(timeout)),
            Err(Unsettled::Ended) => {
                Err(OTelSdkError::InternalFailure("the thread that sends has ended".to_owned()))
            }
        }
    }

    /// As `flush`; after the last exporter has released it, the thread ends.
    pub(super) fn release(&self, timeout: Duration) -> OTelSdkResult {
        let before = self
            .users
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |users| users.checked_sub(1));
        if before != Ok(1) {
            return if timeout.is_zero() { Ok(()) } else { self.flush(timeout) };
        }
        let lost = |counters: &Counters| counters.now().dropped(DropReason::NotStored);
        let before = lost(&self.counters);
        // Where nobody waits, the process may end at any moment: what can be stored is, at once.
        let margin = (timeout / 4).min(Duration::from_secs(1));
        let grace = if timeout.is_zero() && !self.stores.load(Ordering::Relaxed) {
            UNATTENDED
        } else {
            timeout.saturating_sub(margin)
        };
        self.buffer.close(after(Instant::now(), grace));
        let flushed = self.flush(timeout);
        match lost(&self.counters).saturating_sub(before) {
            0 => flushed,
            lost => Err(OTelSdkError::InternalFailure(format!(
                "{lost} items could neither be sent nor stored, and are lost"
            ))),
        }
    }

    /// The counters, for who drops before handing over.
    pub(super) fn counters(&self) -> &Counters {
        &self.counters
    }

    pub(super) fn statistics(&self) -> Statistics {
        self.counters.now()
    }
}

/// The address that telemetry is sent to.
fn track(endpoint: &str) -> io::Result<Url> {
    let wrong =
        |_| io::Error::new(io::ErrorKind::InvalidInput, "the ingestion endpoint is no address");
    let mut url: Url = endpoint.trim().parse().map_err(wrong)?;
    let path = format!("{}{TRACK}", url.path().trim_end_matches('/'));
    url.set_path(&path);
    url.set_fragment(None);
    Ok(url)
}

fn open(target: &Target, counters: &Arc<Counters>) -> Option<Store> {
    let identity =
        format!("{} {}", target.instrumentation_key, target.endpoint.trim_end_matches('/'));
    match Store::open(&target.storage, &identity, Arc::clone(counters)) {
        Ok(store) => Some(store),
        Err(error) => {
            diagnostics::no_storage(&error);
            None
        }
    }
}
