//! The workspace in which the crates are compiled.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::sources::{OURS, SUBJECTS, Shape, Subject, manifest};

/// Functions of each crate.
pub(crate) const FUNCTIONS: u32 = 200;

/// A crate that is empty but for its dependency on the runtime.
pub(crate) const FIRST: &str = "first";

/// A workspace of its own, with a target directory of its own.
pub(crate) struct Place(PathBuf);

impl Place {
    pub(crate) fn new() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let root = fs::canonicalize(root).expect("this package is two levels deep");
        let place = Self(Path::new(env!("CARGO_TARGET_TMPDIR")).join("compile"));
        let names: Vec<_> = SUBJECTS.iter().map(|subject| subject.name).chain([FIRST]).collect();
        place.write("Cargo.toml", &format!("[workspace]\nresolver = \"3\"\nmembers = {names:?}\n"));
        let runtime = root.join("llmobs-runtime").display().to_string();
        for subject in &SUBJECTS {
            place.write(
                &format!("{}/Cargo.toml", subject.name),
                &manifest(subject.name, subject.dependencies, &runtime),
            );
            place.functions(subject, Shape::Async, 0);
        }
        place.write(&format!("{FIRST}/Cargo.toml"), &manifest(FIRST, OURS, &runtime));
        place.write(&format!("{FIRST}/src/lib.rs"), "");
        // The versions of the repository, as far as it names them.
        fs::copy(root.join("Cargo.lock"), place.0.join("Cargo.lock")).expect("there is one");
        if !place
            .command("metadata")
            .args(["--offline", "--format-version=1"])
            .output()
            .is_ok_and(|it| it.status.success())
        {
            let fetched = place.command("fetch").status();
            assert!(fetched.is_ok_and(|status| status.success()), "the crates cannot be fetched");
        }
        place
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().expect("it has one")).expect("it can be made");
        fs::write(path, text).expect("it can be written");
    }

    /// Writes the source of a crate once more, so that it is compiled once more.
    pub(crate) fn functions(&self, subject: &Subject, shape: Shape, turn: usize) {
        let source = format!("// {turn}\n{}", subject.source(FUNCTIONS, shape));
        self.write(&format!("{}/src/lib.rs", subject.name), &source);
    }

    /// The target directory of this name, empty.
    pub(crate) fn empty(&self, name: &str) -> PathBuf {
        let directory = self.0.join(name);
        // It may not be there.
        let _ = fs::remove_dir_all(&directory);
        directory
    }

    fn command(&self, command: &str) -> Command {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.arg(command).current_dir(&self.0).env("CARGO_INCREMENTAL", "0");
        for variable in ["CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR", "RUSTFLAGS"] {
            cargo.env_remove(variable);
        }
        cargo
    }

    /// Seconds of processor time that a command of cargo's takes, with all that it starts.
    pub(crate) fn cargo(&self, command: &str, arguments: &[&str]) -> f64 {
        let before = children().unwrap_or_default();
        let output = self.command(command).arg("--offline").args(arguments).output();
        let output = output.expect("cargo starts");
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "cargo {command} {arguments:?}: {text}");
        children().unwrap_or_default() - before
    }
}

/// Seconds of processor time of all processes that this one has started and that have ended, with those that they
/// had started.
pub(crate) fn children() -> Option<f64> {
    /// Linux counts for other programs in hundredths of a second, whatever its own clock does.
    const TICKS: f64 = 100.0;
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program stands in parentheses and may contain anything.
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ').skip(13);
    let mut ticks = || fields.next()?.parse::<f64>().ok();
    Some((ticks()? + ticks()?) / TICKS)
}
