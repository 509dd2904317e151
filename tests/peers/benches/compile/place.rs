//! The workspace in which the crates are compiled.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::sources::{OURS, SUBJECTS, Shape, Subject, manifest};

/// Functions of each crate.
pub(crate) const FUNCTIONS: u32 = 200;

/// A crate that is empty but for its dependency on the runtime.
pub(crate) const FIRST: &str = "first";

/// A workspace of its own, with a target directory of its own.
pub(crate) struct Place {
    directory: PathBuf,
    runtime: PathBuf,
}

impl Place {
    pub(crate) fn new() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let root = fs::canonicalize(root).expect("this package is two levels deep");
        let place = Self {
            directory: Path::new(env!("CARGO_TARGET_TMPDIR")).join("compile"),
            runtime: root.join("llmobs-runtime"),
        };
        let names: Vec<_> = SUBJECTS.iter().map(|subject| subject.name).chain([FIRST]).collect();
        place.write("Cargo.toml", &format!("[workspace]\nresolver = \"3\"\nmembers = {names:?}\n"));
        let runtime = place.runtime.display().to_string();
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
        fs::copy(root.join("Cargo.lock"), place.directory.join("Cargo.lock"))
            .expect("there is one");
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
        let path = self.directory.join(path);
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
        let directory = self.directory.join(name);
        // It may not be there.
        let _ = fs::remove_dir_all(&directory);
        directory
    }

    /// Gives the crate that is empty these features of the runtime, separated by commas.
    pub(crate) fn with_features(&self, features: &str) {
        let features: Vec<_> = features.split(',').filter(|name| !name.is_empty()).collect();
        let runtime = self.runtime.display();
        let needs = format!("llmobs-runtime = {{ path = \"{runtime}\", features = {features:?} }}");
        self.write(&format!("{FIRST}/Cargo.toml"), &manifest(FIRST, &needs, ""));
    }

    /// How many crates that one has below it.
    pub(crate) fn crates(&self) -> usize {
        let tree = ["-p", FIRST, "--prefix", "none", "-e", "normal,build", "--format", "{p}"];
        let output =
            self.command("tree").arg("--offline").args(tree).output().expect("cargo starts");
        let text = String::from_utf8_lossy(&output.stdout);
        let lines = text.lines().map(|line| line.trim_end_matches(" (*)"));
        // The first is the crate itself.
        lines.skip(1).collect::<BTreeSet<_>>().len()
    }

    /// Seconds of processor time of its first build.
    pub(crate) fn first_build(&self) -> f64 {
        let directory = self.empty("target-first").display().to_string();
        self.cargo("build", &["-q", "-p", FIRST, "--target-dir", &directory])
    }

    /// How many characters a crate has when its macros are expanded; `None` where the compiler does not say.
    pub(crate) fn expanded(&self, subject: &Subject) -> Option<u64> {
        let arguments =
            ["--offline", "-q", "-p", subject.name, "--lib", "--", "-Zunpretty=expanded"];
        let mut command = self.command("rustc");
        // An option that is not stable.
        let output = command.args(arguments).env("RUSTC_BOOTSTRAP", "1").output().ok()?;
        output.status.success().then_some(output.stdout.len() as u64)
    }

    fn command(&self, command: &str) -> Command {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.arg(command).current_dir(&self.directory).env("CARGO_INCREMENTAL", "0");
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
