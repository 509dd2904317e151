//! Keeping, claiming and removing.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::super::item::Item;
use super::super::statistics::{Counters, DropReason};
use super::blob::{self, Damage};
use super::directory::Directory;
use super::index::{Index, room};
use super::name::{Kind, Name};
use super::{Storage, StoreError};

/// How old a file must be that nobody is writing any more: between making and locking it passes an instant.
const UNFINISHED: Duration = Duration::from_mins(1);

/// Warnings so far.
static FULL: AtomicU64 = AtomicU64::new(0);
static EXPIRED: AtomicU64 = AtomicU64::new(0);
static DAMAGED: AtomicU64 = AtomicU64::new(0);
static FAILED: AtomicU64 = AtomicU64::new(0);

/// The directory, opened.
#[derive(Debug)]
pub(in super::super) struct Store {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    parent: PathBuf,
    folder: String,
    max_bytes: u64,
    retention: Duration,
    counters: Arc<Counters>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    directory: Arc<Directory>,
    index: Index,
    /// Of the file made last. Begins anywhere: another process may have the same id elsewhere.
    number: u32,
}

impl Store {
    /// Opens or makes the directory. `identity` tells one destination from another (key and endpoint): it is hashed
    /// and never written. Fails also where nothing can be written or locked.
    pub(in super::super) fn open(
        settings: &Storage,
        identity: &str,
        counters: Arc<Counters>,
    ) -> Result<Self, StoreError> {
        let parent = settings.directory.clone().unwrap_or_else(std::env::temp_dir);
        let parent = std::path::absolute(&parent)
            .map_err(|cause| StoreError::Unusable { path: parent, cause })?;
        let folder = format!("{}-{:016x}", Directory::prefix(), hash(identity));
        let directory = Directory::open(&parent, &folder)?;
        let number = fastrand::u32(..1 << 31);
        try_out(&directory, number)
            .map_err(|cause| StoreError::Unusable { path: parent.join(&folder), cause })?;
        let state = State { directory: directory.into(), index: Index::default(), number };
        let store = Self {
            shared: Arc::new(Shared {
                parent,
                folder,
                max_bytes: settings.max_bytes,
                retention: settings.retention,
                counters,
                state: Mutex::new(state),
            }),
        };
        store.tidy();
        Ok(store)
    }

    /// Keeps these items; when full, the oldest make room, and are counted.
    ///
    /// After an error nothing of them is kept, and nothing of them is counted. Where only the first of very many
    /// items could be kept, that is no error: the others are counted as not stored.
    pub(in super::super) fn keep(&self, items: &[Item]) -> Result<(), StoreError> {
        let mut state = self.shared.state();
        let mut kept = 0_usize;
        for portion in blob::portions(items) {
            let done = blob::encode(portion)
                .map_err(StoreError::Io)
                .and_then(|bytes| self.shared.keep(&mut state, portion.len(), &bytes));
            match done {
                Ok(()) => {
                    kept = kept.saturating_add(portion.len());
                    self.shared.counters.store(portion.len());
                }
                Err(error) if kept == 0 => return Err(error),
                Err(error) => {
                    let left = items.len().saturating_sub(kept);
                    self.shared.counters.lose(DropReason::NotStored, left);
                    crate::guard::seldom(&FAILED, (), |times| {
                        tracing::warn!(target: "llmobs", times, %error, left, "telemetry could not be kept in storage");
                    });
                    break;
                }
            }
        }
        Ok(())
    }

    /// The oldest of what is kept and nobody else has claimed; `None` where nothing is left.
    pub(in super::super) fn claim(&self) -> Option<Claim> {
        let mut state = self.shared.state();
        let state = &mut *state;
        state.index.freshen(&state.directory);
        self.shared.oldest(state).or_else(|| {
            // Others may have added some since.
            state.index.refresh(&state.directory);
            self.shared.oldest(state)
        })
    }

    /// Drops what is too old, and what others left behind unfinished.
    pub(in super::super) fn tidy(&self) {
        let mut state = self.shared.state();
        let state = &mut *state;
        // What cleans up directories for temporary files may have removed this one, and another process made it anew.
        if let Ok(directory) = Directory::open(&self.shared.parent, &self.shared.folder) {
            state.directory = directory.into();
        }
        state.index.refresh(&state.directory);
        for name in state.index.names() {
            if name.kind != Kind::Unfinished && !self.shared.is_expired(&name) {
                continue;
            }
            match lock(&state.directory, &name) {
                Lock::Mine(file) if name.kind == Kind::Unfinished && !is_left_behind(&file) => {}
                Lock::Mine(_file) => self.shared.remove(state, &name, DropReason::Expired),
                Lock::Gone => state.index.forget(&name),
                Lock::Busy => {}
            }
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One blob.
    fn keep(&self, state: &mut State, items: usize, bytes: &[u8]) -> Result<(), StoreError> {
        let max = self.max_bytes;
        let need = room(bytes.len() as u64);
        if need > max {
            return Err(StoreError::TooLarge { bytes: need, max });
        }
        state.index.freshen(&state.directory);
        let mut last = None;
        while state.index.room().saturating_add(need) > max {
            let name = state.index.victim_after(last.as_ref()).ok_or(StoreError::Full { max })?;
            match lock(&state.directory, &name) {
                Lock::Mine(_file) => {
                    self.remove(state, &name, DropReason::StorageFull);
                    crate::guard::seldom(&FULL, (), |times| {
                        tracing::warn!(target: "llmobs", times, max, "the storage is full: the oldest telemetry makes room");
                    });
                }
                Lock::Gone => state.index.forget(&name),
                Lock::Busy => {}
            }
            last = Some(name);
        }
        Ok(self.write(state, now(), items, bytes)?)
    }

    /// Writes a file that others see when it is complete, and not before.
    fn write(&self, state: &mut State, millis: u64, items: usize, bytes: &[u8]) -> io::Result<()> {
        let mut reopened = false;
        loop {
            state.number = state.number.wrapping_add(1);
            let name = Name::blob(millis, state.number, items);
            let unfinished = name.unfinished();
            let file = match state.directory.create(unfinished.as_str()) {
                Ok(file) => Locked(file),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(error) if error.kind() == io::ErrorKind::NotFound && !reopened => {
                    // The directory itself was removed.
                    reopened = true;
                    let directory =
                        Directory::open(&self.parent, &self.folder).map_err(io::Error::other)?;
                    state.directory = directory.into();
                    state.index.refresh(&state.directory);
                    continue;
                }
                Err(error) => return Err(error),
            };
            // As long as it is held, nobody takes it for left behind. Nobody else has this file yet.
            let _ = file.0.try_lock();
            let written = (&file.0)
                .write_all(bytes)
                .and_then(|()| state.directory.rename(unfinished.as_str(), name.as_str()));
            if let Err(error) = written {
                let _ = state.directory.remove(unfinished.as_str());
                return Err(error);
            }
            state.index.add(name, bytes.len() as u64);
            return Ok(());
        }
    }

    /// The first that can be locked and read. What cannot be read or is too old is dealt with on the way.
    fn oldest(self: &Arc<Self>, state: &mut State) -> Option<Claim> {
        let mut last = None;
        while let Some(name) = state.index.blob_after(last.as_ref()) {
            match lock(&state.directory, &name) {
                Lock::Mine(_file) if self.is_expired(&name) => {
                    self.remove(state, &name, DropReason::Expired);
                }
                Lock::Mine(file) => match read(&file, name.items) {
                    Ok(Ok(items)) => {
                        let (shared, directory) = (Arc::clone(self), Arc::clone(&state.directory));
                        return Some(Claim { shared, directory, name, items, _file: file });
                    }
                    Ok(Err(damage)) => self.set_aside(state, &name, damage),
                    // Not the file's fault: perhaps the next time.
                    Err(error) => warn_failed(&error),
                },
                Lock::Gone => state.index.forget(&name),
                Lock::Busy => {}
            }
            last = Some(name);
        }
        None
    }

    /// Keeps a damaged file for who wants to know, until its room is needed. Its items are lost.
    fn set_aside(&self, state: &mut State, name: &Name, damage: Damage) {
        let corrupt = name.corrupt();
        if let Err(error) = state.directory.rename(name.as_str(), corrupt.as_str()) {
            state.index.leave_alone(name.clone());
            return warn_failed(&error);
        }
        let bytes = state.directory.size(corrupt.as_str()).unwrap_or(0);
        state.index.forget(name);
        state.index.add(corrupt, bytes);
        self.counters.lose(DropReason::Corrupt, name.items);
        crate::guard::seldom(&DAMAGED, (), |times| {
            tracing::warn!(target: "llmobs", times, %name, items = name.items, "a file in storage was set aside: {damage}");
        });
    }

    /// Removes a file that is locked here. Items that are lost by it are counted.
    fn remove(&self, state: &mut State, name: &Name, reason: DropReason) {
        if let Err(error) = state.directory.remove(name.as_str()) {
            state.index.leave_alone(name.clone());
            return warn_failed(&error);
        }
        state.index.forget(name);
        // Of damaged ones it was done when they were set aside; unfinished ones were never kept.
        if matches!(name.kind, Kind::Blob | Kind::OfAnotherVersion) {
            self.counters.lose(reason, name.items);
            if reason == DropReason::Expired {
                crate::guard::seldom(&EXPIRED, (), |times| {
                    tracing::warn!(target: "llmobs", times, items = name.items, "telemetry in storage has expired");
                });
            }
        }
    }

    fn is_expired(&self, name: &Name) -> bool {
        // What is of a later time was written before the clock was set back.
        Duration::from_millis(now().saturating_sub(name.millis)) > self.retention
    }
}

/// Items of one file that no other process is sending. Dropped without [`done`](Self::done), they stay.
pub(in super::super) struct Claim {
    shared: Arc<Shared>,
    directory: Arc<Directory>,
    name: Name,
    items: Vec<Item>,
    _file: Locked,
}

impl Claim {
    /// Which file it is.
    pub(in super::super) fn name(&self) -> &str {
        self.name.as_str()
    }

    /// What was kept.
    pub(in super::super) fn items(&self) -> &[Item] {
        &self.items
    }

    /// They need no keeping any more, except these, which take their place and keep their age.
    ///
    /// A process that is killed in here leaves both, never neither. After an error all of them stay.
    pub(in super::super) fn done(self, rest: &[Item]) -> Result<(), StoreError> {
        if rest == self.items {
            return Ok(());
        }
        let mut state = self.shared.state();
        for portion in blob::portions(rest) {
            let bytes = blob::encode(portion)?;
            self.shared.write(&mut state, self.name.millis, portion.len(), &bytes)?;
        }
        match self.directory.remove(self.name.as_str()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                state.index.leave_alone(self.name.clone());
                Err(error.into())
            }
            _ => {
                state.index.forget(&self.name);
                Ok(())
            }
        }
    }
}

impl fmt::Debug for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claim").field("name", &self.name.as_str()).finish_non_exhaustive()
    }
}

/// A file, locked until this is dropped.
struct Locked(File);

impl Drop for Locked {
    fn drop(&mut self) {
        // Closing alone is not enough: a child process of the application's has the file open too until it begins
        // to run its own program.
        let _ = self.0.unlock();
    }
}

enum Lock {
    Mine(Locked),
    Busy,
    Gone,
}

/// Locks a file against all other processes and the rest of this one.
fn lock(directory: &Directory, name: &Name) -> Lock {
    match directory.open_file(name.as_str()) {
        Ok(file) if file.try_lock().is_err() => Lock::Busy,
        Ok(file) => {
            let file = Locked(file);
            // Between opening and locking, its last holder may have removed it.
            if directory.has(name.as_str(), &file.0) { Lock::Mine(file) } else { Lock::Gone }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Lock::Gone,
        Err(_) => Lock::Busy,
    }
}

fn read(file: &Locked, items: usize) -> io::Result<Result<Vec<Item>, Damage>> {
    if file.0.metadata()?.len() > blob::LIMIT {
        return Ok(Err(Damage::TooLarge));
    }
    let mut bytes = Vec::new();
    (&file.0).read_to_end(&mut bytes)?;
    Ok(blob::decode(&bytes, items))
}

/// Whether files can be made, locked and removed: some systems are for reading only, some know no locks.
fn try_out(directory: &Directory, number: u32) -> io::Result<()> {
    let name = Name::blob(now(), number, 0).unfinished();
    let file = directory.create(name.as_str())?;
    let locked = file.try_lock();
    directory.remove(name.as_str())?;
    Ok(locked?)
}

fn is_left_behind(file: &Locked) -> bool {
    let Ok(written) = file.0.metadata().and_then(|metadata| metadata.modified()) else {
        return false;
    };
    written.elapsed().unwrap_or_else(|later| later.duration()) > UNFINISHED
}

fn warn_failed(error: &io::Error) {
    crate::guard::seldom(&FAILED, (), |times| {
        tracing::warn!(target: "llmobs", times, %error, "a file in storage could not be read, renamed or removed");
    });
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// FNV-1a: the same in every process and version.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_ends_though_another_process_has_the_file_open() -> io::Result<()> {
        let path = std::env::temp_dir().join(format!("llmobs-lock-{}", std::process::id()));
        let file = Locked(File::create(&path)?);
        file.0.try_lock()?;
        // As a child process has it before it runs its program.
        let copy = file.0.try_clone()?;
        let other = File::open(&path)?;
        assert!(other.try_lock().is_err());
        drop(file);
        assert!(other.try_lock().is_ok());
        drop(copy);
        std::fs::remove_file(path)
    }
}
