//! The command line.

use std::path::{Path, PathBuf};

#[derive(Debug)]
pub(super) struct Options {
    pub(super) processes: u64,
    /// Calls of each process in a second.
    pub(super) rate: u64,
    pub(super) seconds: u64,
    /// The collector; none where spans go straight to the sink.
    pub(super) rotel: Option<PathBuf>,
    /// Not to be said by hand: this process is one of many, and sends here.
    pub(super) worker: Option<String>,
}

impl Options {
    pub(super) fn read(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options =
            Self { processes: 8, rate: 5_000, seconds: 10, rotel: None, worker: None };
        let mut direct = false;
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("{word} takes a value"));
            let mut number = || {
                let value = value()?;
                value.parse::<u64>().map_err(|error| format!("{word} {value}: {error}"))
            };
            match word.as_str() {
                "--processes" => options.processes = number()?.clamp(1, 64),
                "--rate" => options.rate = number()?.clamp(1, 1_000_000),
                "--seconds" => options.seconds = number()?.clamp(1, 600),
                "--rotel" => options.rotel = Some(value()?.into()),
                "--worker" => options.worker = Some(value()?),
                // For comparison.
                "--direct" => direct = true,
                _ => return Err(format!("`{word}` is no option")),
            }
        }
        if options.worker.is_none() && options.rotel.is_none() && !direct {
            let found = installed().ok_or(
                "rotel is not there: cargo run -p llmobs-servers -- --only rotel --install-only, or --rotel PROGRAM",
            )?;
            options.rotel = Some(found);
        }
        Ok(options)
    }
}

/// Where the servers' installer puts it: beside the directory of the build's profile.
fn installed() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    let packages = program.parent()?.parent()?.join("servers/packages/rotel/lib");
    let versions = std::fs::read_dir(packages).ok()?.flatten();
    let mut programs =
        versions.map(|version| version.path().join("site-packages/rotel/rotel-agent"));
    programs.find(|path| Path::is_file(path))
}
