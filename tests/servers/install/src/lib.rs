//! Installs the servers that telemetry is proven against, from the public registries of Python and Debian, into the
//! build directory. Nothing of the system changes.
//!
//! Every package is installed once: a stamp beside it says what it was made from. Two processes that want the same
//! package wait for each other.

mod debian;
mod group;
mod packages;
mod pip;
mod place;

use std::fs::{self, File};
use std::path::PathBuf;
use std::time::{Duration, Instant};

pub use group::{Group, run};
pub use packages::{PACKAGES, Package, Source, named};
pub use place::Place;

/// How long a package may take. The largest brings 250 wheels, which two cores unpack in two minutes.
const DEADLINE: Duration = Duration::from_mins(10);

/// Why a package is not there. The text becomes the reason of a skip, so it is one line.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// The machine lacks what installs it.
    #[error("this machine has no {0}")]
    Missing(&'static str),
    /// There is no mirror of Debian among the machine's own sources.
    #[error("the apt of this machine knows no mirror of Debian")]
    NoMirror,
    /// A program that installs failed.
    #[error("`{what}` failed: {why}")]
    Failed {
        /// The program and its first words.
        what: String,
        /// The end of what it printed, or how it ended.
        why: String,
    },
    /// A file could not be written or read.
    #[error("{what}: {error}")]
    Io {
        /// The file.
        what: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
}

/// A package that is there.
#[derive(Clone, Debug)]
pub struct Installed {
    /// Where it is: a virtual environment, or the root that packages were unpacked into.
    pub directory: PathBuf,
    /// Its version; where several were unpacked as one, each with its name before it.
    pub version: String,
    /// How long the installation took; `None` where it was there already.
    pub took: Option<Duration>,
}

impl Installed {
    /// The version of one of several that were unpacked as one.
    pub fn version_of(&self, name: &str) -> String {
        let mut all = self.version.split(", ").filter_map(|it| it.split_once(' '));
        all.find(|(known, _)| *known == name)
            .map_or_else(|| self.version.clone(), |(_, version)| version.to_owned())
    }

    /// A program that the package brought.
    pub fn program(&self, name: &str) -> PathBuf {
        let places = ["bin", "usr/bin", "usr/sbin"].map(|bin| self.directory.join(bin).join(name));
        let [first, ..] = &places;
        places.iter().find(|path| path.exists()).unwrap_or(first).clone()
    }
}

/// Installs a package unless it is there.
///
/// # Errors
///
/// [`InstallError`], of which the text says why in one line.
pub fn install(place: &Place, package: &Package) -> Result<Installed, InstallError> {
    let directory = place.package(package.name);
    let io = |what: PathBuf| move |error| InstallError::Io { what, error };
    fs::create_dir_all(place.root()).map_err(io(place.root().to_owned()))?;
    let lock = place.root().join(format!("{}.lock", package.name));
    let lock = File::create(&lock).and_then(|file| file.lock().map(|()| file)).map_err(io(lock))?;
    let stamp = directory.join(".installed");
    let wanted = package.recipe();
    if let Some(version) = fs::read_to_string(&stamp)
        .ok()
        .and_then(|found| found.strip_prefix(&wanted).map(|rest| rest.trim().to_owned()))
    {
        return Ok(Installed { directory, version, took: None });
    }
    let began = Instant::now();
    if directory.exists() {
        fs::remove_dir_all(&directory).map_err(io(directory.clone()))?;
    }
    fs::create_dir_all(&directory).map_err(io(directory.clone()))?;
    let until = began + DEADLINE;
    let version = match &package.source {
        Source::Python { requirements } => {
            pip::install(&directory, requirements, until)?;
            package.version().to_owned()
        }
        Source::Debian { packages } => debian::install(&directory, packages, until)?,
    };
    fs::write(&stamp, format!("{wanted}{version}\n")).map_err(io(stamp))?;
    drop(lock);
    Ok(Installed { directory, version, took: Some(began.elapsed()) })
}
