//! The directory where there is no Unix: what the standard library can do. The directory for temporary files is the
//! user's own there, and what is made in it is for its user.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::StoreError;

#[derive(Debug)]
pub(super) struct Directory {
    path: PathBuf,
}

impl Directory {
    /// What the folders begin with.
    pub(super) fn prefix() -> String {
        "llmobs-azure-monitor".to_owned()
    }

    /// Opens the folder of this name, or makes it.
    pub(super) fn open(parent: &Path, folder: &str) -> Result<Self, StoreError> {
        let path = parent.join(folder);
        let unusable = |cause| StoreError::Unusable { path: path.clone(), cause };
        fs::create_dir_all(&path).map_err(unusable)?;
        if !fs::symlink_metadata(&path).map_err(unusable)?.is_dir() {
            return Err(StoreError::NotADirectory { path });
        }
        Ok(Self { path })
    }

    /// The names of what is in it.
    pub(super) fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            if let Ok(name) = entry?.file_name().into_string() {
                names.push(name);
            }
        }
        Ok(names)
    }

    /// The size of a file; `None` when there is none of this name, or something else that is no file.
    pub(super) fn size(&self, name: &str) -> Option<u64> {
        let metadata = fs::symlink_metadata(self.path.join(name)).ok()?;
        metadata.is_file().then_some(metadata.len())
    }

    /// Makes a file; an error when there is one of this name.
    pub(super) fn create(&self, name: &str) -> io::Result<File> {
        File::options().read(true).write(true).create_new(true).open(self.path.join(name))
    }

    /// Opens a file that is there.
    pub(super) fn open_file(&self, name: &str) -> io::Result<File> {
        if self.size(name).is_none() {
            return Err(io::ErrorKind::NotFound.into());
        }
        File::options().read(true).write(true).open(self.path.join(name))
    }

    /// Whether there is a file of this name: one that is open here keeps its name.
    pub(super) fn has(&self, name: &str, _: &File) -> bool {
        self.size(name).is_some()
    }

    pub(super) fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.path.join(from), self.path.join(to))
    }

    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.path.join(name))
    }
}
