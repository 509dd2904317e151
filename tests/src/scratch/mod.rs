//! A workspace of its own, below the target directory, to prove what a build becomes.
//!
//! The workspace of this repository unifies the features of all its packages, so nothing in it is built without.
//! A scratch workspace depends on `llmobs-runtime` as a stranger's would. It takes the versions of this
//! repository's `Cargo.lock` and goes to no registry.
//!
//! Builds that are to be compared differ in their sources or in the environment only, not in flags, features or
//! folders: those are a part of the hash that stands in every symbol.

mod annotation;
mod assembly;
mod compare;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

pub use annotation::unannotated;
pub use assembly::{Function, Functions, functions, readable};
pub use compare::{Compared, Difference, compare};

/// A package of a scratch workspace.
pub struct Package {
    name: String,
    manifest: String,
    files: Vec<(PathBuf, String)>,
}

impl Package {
    /// A package of this name; `manifest` is what follows the section `[package]`. In it `{llmobs}` stands for
    /// the root of this repository.
    pub fn new(name: &str, manifest: &str) -> Self {
        Self { name: name.to_owned(), manifest: manifest.to_owned(), files: Vec::new() }
    }

    /// With a file of this text; the path is relative to the package.
    #[must_use]
    pub fn file(mut self, path: impl AsRef<Path>, text: impl Into<String>) -> Self {
        self.files.push((path.as_ref().to_owned(), text.into()));
        self
    }

    /// With all files of a folder of this package's tests, such as `compiled-out`, at a path relative to the
    /// package.
    ///
    /// # Panics
    ///
    /// When they cannot be read.
    #[must_use]
    pub fn folder(mut self, folder: impl AsRef<Path>, path: impl AsRef<Path>) -> Self {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        for (file, text) in texts(&from) {
            self = self.file(path.as_ref().join(file), text);
        }
        self
    }
}

/// A workspace below a target directory.
pub struct Scratch {
    root: PathBuf,
    target: PathBuf,
    triple: String,
    packages: Vec<Package>,
}

/// What a build made.
pub struct Artifacts {
    /// The assembly of each crate of the workspace, by its name.
    pub assembly: BTreeMap<String, String>,
    /// The program.
    pub binary: Vec<u8>,
    /// What the program printed.
    pub stdout: String,
    /// What the compiler said of the workspace's crates.
    pub warnings: String,
}

impl Scratch {
    /// A workspace of these packages in `directory`, the `CARGO_TARGET_TMPDIR` of a test, under a `name` that no
    /// other test has. What an earlier run built there is built upon.
    ///
    /// # Panics
    ///
    /// When it cannot be written.
    pub fn new(directory: &str, name: &str, packages: Vec<Package>) -> Self {
        let version = stdout(&run(cargo().arg("-vV")));
        let triple = version.lines().find_map(|line| line.strip_prefix("host: "));
        let scratch = Self {
            root: Path::new(directory).join(name),
            target: Path::new(directory).join(name).join("target"),
            triple: triple.expect("cargo names its host").to_owned(),
            packages,
        };
        scratch.write_workspace();
        scratch.write_packages(str::to_owned);
        scratch
    }

    /// Builds `package` for release with `env` set, each source as `edit` makes it, and runs the program that it is.
    ///
    /// # Panics
    ///
    /// When something of it fails.
    pub fn build(
        &self,
        package: &str,
        env: &[(&str, &str)],
        edit: impl Fn(&str) -> String,
    ) -> Artifacts {
        // Written anew, so that cargo compiles them anew: the assembly of each is then of this build.
        self.write_packages(edit);
        let release = self.target.join(&self.triple).join("release");
        for (path, _) in self.assembly_files(&release) {
            fs::remove_file(path).expect("an old file goes");
        }
        let output = self.run(&["build", "--release", "--quiet", "-p", package], env);
        assert!(output.status.success(), "{}", stderr(&output));
        let mut assembly = BTreeMap::new();
        for (path, krate) in self.assembly_files(&release) {
            let text = fs::read_to_string(path).expect("assembly is text");
            assert!(assembly.insert(krate.clone(), text).is_none(), "one crate `{krate}`");
        }
        let program = release.join(format!("{package}{}", env::consts::EXE_SUFFIX));
        let binary = fs::read(&program).expect("there is a program");
        let stdout = stdout(&run(Command::new(program).env_clear()));
        Artifacts { assembly, binary, stdout, warnings: stderr(&output) }
    }

    /// Runs cargo in the workspace, its sources as they were given. What it builds with `--release` has one codegen
    /// unit per crate and leaves its assembly.
    ///
    /// # Panics
    ///
    /// When there is no cargo.
    pub fn cargo(&self, arguments: &[&str], env: &[(&str, &str)]) -> Output {
        self.write_packages(str::to_owned);
        self.run(arguments, env)
    }

    /// Removes what was built.
    pub fn clean(&self) {
        // Where nothing was built there is nothing to remove.
        let _ = fs::remove_dir_all(&self.target);
    }

    /// Where the workspace stands.
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn run(&self, arguments: &[&str], env: &[(&str, &str)]) -> Output {
        let mut command = cargo();
        // For a named target the flags are the target's alone: nobody reads the assembly of a macro.
        command.args(arguments).args(["--offline", "--target", &self.triple]);
        command.current_dir(&self.root).env("CARGO_TARGET_DIR", &self.target);
        command.env("CARGO_ENCODED_RUSTFLAGS", "--emit=asm").envs(env.iter().copied());
        command.output().expect("cargo runs")
    }

    fn write_workspace(&self) {
        let members: Vec<_> =
            self.packages.iter().map(|package| format!("{:?}", package.name)).collect();
        let manifest = format!(
            "[workspace]\nresolver = \"3\"\nmembers = [{}]\n\n[profile.release]\ncodegen-units = 1\n",
            members.join(", ")
        );
        // What an earlier run had in other places is no part of this one.
        for package in &self.packages {
            let _ = fs::remove_dir_all(self.root.join(&package.name));
        }
        write(&self.root.join("Cargo.toml"), &manifest);
        let lock = repository().join("Cargo.lock");
        fs::copy(lock, self.root.join("Cargo.lock")).expect("the versions of this repository");
    }

    fn write_packages(&self, edit: impl Fn(&str) -> String) {
        let repository = repository().to_str().expect("a path in Unicode").replace('\\', "/");
        for Package { name, manifest, files } in &self.packages {
            let place = self.root.join(name);
            let manifest = manifest.replace("{llmobs}", &repository);
            let package = format!(
                "[package]\nname = {name:?}\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n{manifest}"
            );
            write(&place.join("Cargo.toml"), &package);
            for (path, text) in files {
                write(&place.join(path), &edit(text));
            }
        }
    }

    /// The assembly of the workspace's own crates, with the crates' names.
    fn assembly_files(&self, release: &Path) -> Vec<(PathBuf, String)> {
        let Ok(entries) = fs::read_dir(release.join("deps")) else { return Vec::new() };
        entries
            .filter_map(|entry| {
                let path = entry.expect("a folder that can be read").path();
                let (krate, _) =
                    path.file_name()?.to_str()?.strip_suffix(".s")?.rsplit_once('-')?;
                let own = |package: &Package| package.name.replace('-', "_") == krate;
                let krate = krate.to_owned();
                self.packages.iter().any(own).then_some((path, krate))
            })
            .collect()
    }
}

/// The root of this repository.
fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a package in a repository")
}

/// The cargo that runs this test, without what the builds of this repository are told.
fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy();
        let told = ["CARGO_PROFILE_", "CARGO_BUILD_", "CARGO_TARGET_"];
        if told.iter().any(|prefix| name.starts_with(prefix)) || name == "RUSTFLAGS" {
            command.env_remove(name.as_ref());
        }
    }
    command.env("CARGO_INCREMENTAL", "0").env("CARGO_TERM_COLOR", "never");
    command
}

fn run(command: &mut Command) -> Output {
    let output = command.output().expect("a program that runs");
    assert!(output.status.success(), "{command:?}: {}", stderr(&output));
    output
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn write(path: &Path, text: &str) {
    let folder = path.parent().expect("a file in a folder");
    fs::create_dir_all(folder).and_then(|()| fs::write(path, text)).expect("a file is written");
}

/// The files below a folder, in the order of their names.
fn texts(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut all = BTreeMap::new();
    for entry in
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
    {
        let path = entry.expect("a folder that can be read").path();
        let name = PathBuf::from(path.file_name().expect("a name"));
        if path.is_dir() {
            all.extend(texts(&path).into_iter().map(|(below, text)| (name.join(below), text)));
        } else {
            all.insert(name, fs::read_to_string(&path).expect("a file of text"));
        }
    }
    all
}
