//! Where packages are kept.

use std::path::{Path, PathBuf};

/// The directory `servers` in the build directory.
#[derive(Clone, Debug)]
pub struct Place {
    root: PathBuf,
}

impl Place {
    /// A directory of one's own.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Beside the profile's directory that the running program was built into: `target/servers`.
    ///
    /// # Errors
    ///
    /// Where the system does not tell where the program is.
    pub fn of_this_build() -> std::io::Result<Self> {
        let program = std::env::current_exe()?;
        let target = program.parent().and_then(Path::parent);
        let target = target.ok_or_else(|| std::io::Error::other("the program is nowhere"))?;
        Ok(Self::at(target.join("servers")))
    }

    /// The directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where a package is kept.
    pub fn package(&self, name: &str) -> PathBuf {
        self.root.join("packages").join(name)
    }

    /// What a server keeps from one run to the next, such as a database that took long to set up.
    pub fn kept(&self, name: &str) -> PathBuf {
        self.root.join("kept").join(name)
    }

    /// What a server writes in one run; emptied before the next.
    pub fn scratch(&self, name: &str) -> PathBuf {
        self.root.join("scratch").join(name)
    }
}
