//! The directory, opened once: everything in it is done relative to it, so that nobody can put another in its place.

use std::fs::{DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::Path;

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

use super::StoreError;

/// What only the user may enter.
const PRIVATE: u32 = 0o700;
/// The bits of all others.
const OTHERS: u32 = 0o077;

#[derive(Debug)]
pub(super) struct Directory {
    file: File,
}

impl Directory {
    /// What the user's folders begin with: users that share a directory have each their own.
    pub(super) fn prefix() -> String {
        format!("llmobs-azure-monitor-{}", rustix::process::geteuid().as_raw())
    }

    /// Opens the folder of this name, or makes it. Only one that belongs to the user alone will do.
    pub(super) fn open(parent: &Path, folder: &str) -> Result<Self, StoreError> {
        let path = parent.join(folder);
        let unusable = |cause| StoreError::Unusable { path: path.clone(), cause };
        let mut builder = DirBuilder::new();
        builder.mode(PRIVATE).recursive(true).create(parent).map_err(unusable)?;
        match builder.recursive(false).create(&path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(unusable(error));
            }
            _ => {}
        }
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = match rustix::fs::open(&path, flags, Mode::empty()) {
            Ok(file) => File::from(file),
            Err(Errno::LOOP | Errno::NOTDIR | Errno::MLINK) => {
                return Err(StoreError::NotADirectory { path });
            }
            Err(error) => return Err(unusable(error.into())),
        };
        // Of what was opened, not of what has the name now.
        let metadata = file.metadata().map_err(unusable)?;
        let (owner, user) = (metadata.uid(), rustix::process::geteuid().as_raw());
        if owner != user {
            return Err(StoreError::Owner { path, owner, user });
        }
        let mode = metadata.mode() & 0o777;
        if mode & OTHERS != 0 {
            return Err(StoreError::Mode { path, mode });
        }
        Ok(Self { file })
    }

    /// The names of what is in it.
    pub(super) fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in Dir::read_from(&self.file)? {
            if let Ok(name) = entry?.file_name().to_str() {
                names.push(name.to_owned());
            }
        }
        Ok(names)
    }

    /// The size of a file; `None` when there is none of this name, or something else that is no file.
    pub(super) fn size(&self, name: &str) -> Option<u64> {
        let stat = self.stat(name).ok()?;
        is_file(&stat).then(|| u64::try_from(stat.st_size).unwrap_or(0))
    }

    /// Makes a file that only the user may read; an error when there is one of this name.
    pub(super) fn create(&self, name: &str) -> io::Result<File> {
        let flags =
            OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mode = Mode::RUSR | Mode::WUSR;
        Ok(rustix::fs::openat(&self.file, name, flags, mode)?.into())
    }

    /// Opens a file that is there.
    pub(super) fn open_file(&self, name: &str) -> io::Result<File> {
        // To write: some network file systems lock nothing else. Without blocking: it could be a pipe by now.
        let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = rustix::fs::openat(&self.file, name, flags, Mode::empty())?;
        if is_file(&rustix::fs::fstat(&file)?) {
            Ok(file.into())
        } else {
            Err(io::ErrorKind::InvalidInput.into())
        }
    }

    /// Whether it is this file that has the name.
    pub(super) fn has(&self, name: &str, file: &File) -> bool {
        match (self.stat(name), rustix::fs::fstat(file)) {
            (Ok(named), Ok(open)) => (named.st_dev, named.st_ino) == (open.st_dev, open.st_ino),
            _ => false,
        }
    }

    pub(super) fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        Ok(rustix::fs::renameat(&self.file, from, &self.file, to)?)
    }

    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.file, name, AtFlags::empty())?)
    }

    fn stat(&self, name: &str) -> io::Result<Stat> {
        Ok(rustix::fs::statat(&self.file, name, AtFlags::SYMLINK_NOFOLLOW)?)
    }
}

fn is_file(stat: &Stat) -> bool {
    FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile
}
