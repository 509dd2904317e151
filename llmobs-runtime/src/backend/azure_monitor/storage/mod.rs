//! A bounded directory for what could not be sent yet.
//!
//! ```text
//! llmobs-azure-monitor-{user}-{destination}/       0700; the destination as a hash
//!     {milliseconds}-{process}-{number}-{items}.v1.blob      0600; complete, oldest first by name
//!     {milliseconds}-{process}-{number}-{items}.tmp          being written
//!     {milliseconds}-{process}-{number}-{items}.v1.corrupt   damaged, set aside
//! ```
//!
//! A file gets its name ending in `.blob` when it is complete: a process killed while writing leaves a `.tmp`, which
//! is removed later. Who reads, evicts or removes a file holds the system's lock on it, which ends with its process.
//! All of it happens relative to the opened directory, and no symbolic link in it is followed. What is written
//! survives the process, whatever ends it; it is not forced to the disk, so the last seconds before a power failure
//! may be missing or damaged, which the checksum of a blob reveals.

mod blob;
#[cfg(unix)]
mod directory;
#[cfg(not(unix))]
#[path = "directory_elsewhere.rs"]
mod directory;
mod index;
mod name;
mod store;
#[cfg(test)]
mod tests;

use std::io;
use std::path::PathBuf;
use std::time::Duration;

pub(super) use store::{Claim, Store};

/// Where and how much to keep of what could not be sent; on unless said otherwise.
///
/// What is kept is sent after the next success, by this process or a later one, oldest first. It lies there as it
/// would be sent, compressed and not encrypted: only the user whose process wrote it may read it.
///
/// Each user and each destination has a folder of its own, made with mode 0700. A folder of that name that is a
/// symbolic link, belongs to another user or lets others in is refused: there is no storage then, and a warning says
/// why.
///
/// ```
/// use std::time::Duration;
///
/// use llmobs_runtime::backend::azure_monitor::{AzureMonitor, Storage};
///
/// let storage = Storage::at("/var/lib/travel-guide").max_bytes(200 << 20).retention(Duration::from_hours(1));
/// let azure = AzureMonitor::new().storage(storage);
/// ```
#[derive(Clone, Debug)]
#[must_use = "it is to be given to `AzureMonitor::storage`"]
pub struct Storage {
    pub(super) on: bool,
    pub(super) directory: Option<PathBuf>,
    pub(super) max_bytes: u64,
    pub(super) retention: Duration,
}

impl Storage {
    /// No storage: what cannot be sent while the process runs is dropped, and counted as
    /// [`NotStored`](super::DropReason::NotStored).
    pub fn off() -> Self {
        Self { on: false, ..Self::default() }
    }

    /// Below this directory, instead of the system's for temporary files; it is made if it is not there.
    ///
    /// Several processes, users and destinations can share it.
    pub fn at(directory: impl Into<PathBuf>) -> Self {
        Self { directory: Some(directory.into()), ..Self::default() }
    }

    /// How much of the disk to use at most, for each user and destination: 50 MiB unless said. Files count in whole
    /// blocks of 4 KiB. What is oldest makes room for what is new, and is counted as
    /// [`StorageFull`](super::DropReason::StorageFull).
    ///
    /// Processes that write at the same time count each other's files once a second, and may pass the limit by what
    /// they write in that time.
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// How long to keep what cannot be sent: 48 hours unless said, since the service takes nothing older. What is
    /// older is removed and counted as [`Expired`](super::DropReason::Expired).
    pub fn retention(mut self, time: Duration) -> Self {
        self.retention = time;
        self
    }
}

impl Default for Storage {
    fn default() -> Self {
        Self { on: true, directory: None, max_bytes: 50 << 20, retention: Duration::from_hours(48) }
    }
}

/// Why there is no storage, or not for these items.
#[derive(Debug, thiserror::Error)]
pub(super) enum StoreError {
    #[error(
        "the storage directory {path} cannot be used: {cause}; place it elsewhere with `Storage::at`"
    )]
    Unusable { path: PathBuf, cause: io::Error },
    #[error(
        "the storage directory {path} is a symbolic link or no directory, and none is followed: remove it, or place \
         the storage elsewhere with `Storage::at`"
    )]
    NotADirectory { path: PathBuf },
    #[cfg(unix)]
    #[error(
        "the storage directory {path} belongs to user {owner}, and this process runs as user {user}: remove it, or \
         place the storage elsewhere with `Storage::at`"
    )]
    Owner { path: PathBuf, owner: u32, user: u32 },
    #[cfg(unix)]
    #[error(
        "the storage directory {path} lets other users in (mode {mode:03o}): remove it, or give it mode 700 if nobody \
         else can have written there"
    )]
    Mode { path: PathBuf, mode: u32 },
    #[error("{bytes} bytes are more than the storage may take ({max}): raise `Storage::max_bytes`")]
    TooLarge { bytes: u64, max: u64 },
    #[error("the storage is full ({max} bytes) of what is being sent right now")]
    Full { max: u64 },
    #[error("the storage failed: {0}")]
    Io(#[from] io::Error),
}
