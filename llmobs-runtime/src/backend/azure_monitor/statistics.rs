//! What became of everything: delivered, on disk, or dropped and why.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

/// Why an item was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DropReason {
    /// The buffer was full and could not be emptied into storage in time.
    BufferFull,
    /// Storage was full: the oldest made room.
    StorageFull,
    /// It lay in storage longer than it may.
    Expired,
    /// Storage is off, or failed, and the item could not be sent.
    NotStored,
    /// The service refused it for good.
    Rejected,
    /// The service took it for part of a sample that it leaves out.
    SampledOut,
    /// The service found it too large even when cut.
    TooLarge,
    /// It could not be encoded.
    NotEncoded,
    /// Its file in storage was damaged.
    Corrupt,
    /// The queue in front of the exporter was full; only a pipeline of ours knows.
    QueueFull,
}

impl DropReason {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::BufferFull,
        Self::StorageFull,
        Self::Expired,
        Self::NotStored,
        Self::Rejected,
        Self::SampledOut,
        Self::TooLarge,
        Self::NotEncoded,
        Self::Corrupt,
        Self::QueueFull,
    ];

    /// In a word, for metrics.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::BufferFull => "buffer_full",
            Self::StorageFull => "storage_full",
            Self::Expired => "expired",
            Self::NotStored => "not_stored",
            Self::Rejected => "rejected",
            Self::SampledOut => "sampled_out",
            Self::TooLarge => "too_large",
            Self::NotEncoded => "not_encoded",
            Self::Corrupt => "corrupt",
            Self::QueueFull => "queue_full",
        }
    }
}

/// Counts of items since the start of the process, at one moment.
///
/// After a flush, each item that was `accepted` is `delivered`, in storage, or dropped for a reason; and so is each
/// that was in storage before. What could not be encoded was never handed over: it is dropped and not accepted.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statistics {
    /// Handed over to be sent.
    pub accepted: u64,
    /// Taken by the service: also what was in storage when this process began.
    pub delivered: u64,
    /// Put into storage, each time that happened.
    pub stored: u64,
    /// On their way and kept to be sent again, each time that happened: the service did not take them, or was given up.
    pub retried: u64,
    /// Requests that were begun.
    pub requests: u64,
    /// Dropped, by reason in the order of [`DropReason::ALL`].
    dropped: [u64; DropReason::ALL.len()],
}

impl Statistics {
    /// How many were dropped for this reason.
    pub fn dropped(&self, reason: DropReason) -> u64 {
        self.dropped.get(reason as usize).copied().unwrap_or(0)
    }

    /// With so many more that were dropped for this reason.
    pub(crate) fn and_dropped(mut self, reason: DropReason, items: u64) -> Self {
        if let Some(count) = self.dropped.get_mut(reason as usize) {
            *count = count.saturating_add(items);
        }
        self
    }

    /// How many were dropped for any reason.
    pub fn dropped_in_all(&self) -> u64 {
        self.dropped.iter().fold(0, |sum, count| sum.saturating_add(*count))
    }
}

impl fmt::Debug for Statistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut all = f.debug_struct("Statistics");
        all.field("accepted", &self.accepted)
            .field("delivered", &self.delivered)
            .field("stored", &self.stored)
            .field("retried", &self.retried)
            .field("requests", &self.requests);
        for (reason, items) in DropReason::ALL.iter().zip(self.dropped) {
            if items > 0 {
                all.field(&format!("dropped as {reason:?}"), &items);
            }
        }
        all.finish()
    }
}

/// The counters behind [`Statistics`].
#[derive(Debug, Default)]
pub(super) struct Counters {
    accepted: AtomicU64,
    delivered: AtomicU64,
    stored: AtomicU64,
    retried: AtomicU64,
    requests: AtomicU64,
    dropped: [AtomicU64; DropReason::ALL.len()],
}

impl Counters {
    pub(super) fn accept(&self, items: usize) {
        self.accepted.fetch_add(items as u64, Ordering::Relaxed);
    }

    pub(super) fn deliver(&self, items: usize) {
        self.delivered.fetch_add(items as u64, Ordering::Relaxed);
    }

    pub(super) fn store(&self, items: usize) {
        self.stored.fetch_add(items as u64, Ordering::Relaxed);
    }

    pub(super) fn retry(&self, items: usize) {
        self.retried.fetch_add(items as u64, Ordering::Relaxed);
    }

    pub(super) fn request(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn lose(&self, reason: DropReason, items: usize) {
        if let Some(counter) = self.dropped.get(reason as usize) {
            counter.fetch_add(items as u64, Ordering::Relaxed);
        }
    }

    pub(super) fn now(&self) -> Statistics {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Statistics {
            accepted: read(&self.accepted),
            delivered: read(&self.delivered),
            stored: read(&self.stored),
            retried: read(&self.retried),
            requests: read(&self.requests),
            dropped: self.dropped.each_ref().map(read),
        }
    }
}
