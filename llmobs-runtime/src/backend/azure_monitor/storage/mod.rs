//! A bounded directory for what could not be sent yet.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::item::Item;
use super::statistics::Counters;

/// Where and how much to keep of what could not be sent; on unless said otherwise.
#[derive(Clone, Debug)]
#[must_use]
pub struct Storage {
    pub(super) on: bool,
    pub(super) directory: Option<PathBuf>,
    pub(super) max_bytes: u64,
    pub(super) retention: Duration,
}

impl Default for Storage {
    fn default() -> Self {
        Self {
            on: true,
            directory: None,
            max_bytes: 50 << 20,
            retention: Duration::from_secs(48 * 60 * 60),
        }
    }
}

/// The directory, opened.
#[derive(Debug)]
pub(super) struct Store {}

/// Why there is no storage.
#[derive(Debug, thiserror::Error)]
pub(super) enum StoreError {
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

impl Store {
    /// Opens or makes the directory. `identity` tells one destination from another (key and endpoint): it is hashed
    /// and never written.
    pub(super) fn open(
        settings: &Storage,
        identity: &str,
        counters: Arc<Counters>,
    ) -> Result<Self, StoreError> {
        let _ = (settings, identity, counters);
        Ok(Self {})
    }

    /// Keeps these items; when full, the oldest make room, and are counted.
    pub(super) fn keep(&self, items: &[Item]) -> Result<(), StoreError> {
        let _ = items;
        Ok(())
    }

    /// The oldest of what is kept and nobody else has claimed; `None` where nothing is left.
    pub(super) fn claim(&self) -> Option<Claim> {
        None
    }

    /// Drops what is too old, and what others left behind unfinished.
    pub(super) fn tidy(&self) {}
}

/// Items of one file that no other process is sending. Dropped without [`done`](Self::done), they stay.
#[derive(Debug)]
pub(super) struct Claim {}

impl Claim {
    /// What was kept.
    pub(super) fn items(&self) -> &[Item] {
        &[]
    }

    /// They need no keeping any more, except these, which take their place.
    pub(super) fn done(self, rest: &[Item]) -> Result<(), StoreError> {
        let _ = rest;
        Ok(())
    }
}
