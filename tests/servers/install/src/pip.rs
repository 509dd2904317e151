//! Packages of Python: a virtual environment, and `pip` in it, set up as the machine has it.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::{InstallError, run};

/// Makes a virtual environment with these packages.
pub(crate) fn install(
    directory: &Path,
    requirements: &[&str],
    until: Instant,
) -> Result<(), InstallError> {
    let python = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
    let there = Command::new(&python)
        .args(["-c", "import ensurepip, venv"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if !there.is_ok_and(|status| status.success()) {
        return Err(InstallError::Missing("Python with venv"));
    }
    let log = directory.join("install.log");
    run(Command::new(python).args(["-m", "venv"]).arg(directory), &log, until)?;
    // Wheels only: a package that has none would run its own build here. Kept is what is unpacked, and not also what
    // was downloaded.
    run(
        Command::new(directory.join("bin/python"))
            .args(["-m", "pip", "install", "--quiet", "--no-input", "--no-cache-dir"])
            .args(["--disable-pip-version-check", "--only-binary", ":all:"])
            .args(requirements),
        &log,
        until,
    )?;
    Ok(())
}
