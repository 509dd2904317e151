//! Packages of Debian, unpacked beside the system.
//!
//! The mirror and the keys are those that the machine's own apt uses; the lists, the cache, the state and the
//! configuration are ours. Signatures and sums are checked by apt, as ever.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::{InstallError, run};

/// The suite: the only one whose Prometheus and `VictoriaMetrics` are this year's.
const SUITE: &str = "sid";
/// Debian's keys as its package `debian-archive-keyring` installs them. Where the file is missing, apt's own trusted
/// keys decide.
const KEYS: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// Unpacks the packages; returns their names with their versions.
pub(crate) fn install(
    directory: &Path,
    packages: &[&str],
    until: Instant,
) -> Result<String, InstallError> {
    for (program, name) in [("apt-get", "apt"), ("dpkg-deb", "dpkg")] {
        let there = Command::new(program).arg("--version").stdout(Stdio::null()).status();
        if !there.is_ok_and(|status| status.success()) {
            return Err(InstallError::Missing(name));
        }
    }
    let apt = directory.join("apt");
    let outcome = unpack(directory, &apt, packages, until);
    // The lists are larger than what is unpacked, and the configuration may hold a proxy's password.
    let _ = fs::remove_dir_all(&apt);
    outcome
}

fn unpack(
    directory: &Path,
    apt: &Path,
    packages: &[&str],
    until: Instant,
) -> Result<String, InstallError> {
    let log = directory.join("install.log");
    let mirror = mirror(&printed(Command::new("apt-get").arg("indextargets"))?);
    let mirror = mirror.ok_or(InstallError::NoMirror)?;
    let config = configure(apt, &mirror, &printed(Command::new("apt-config").arg("dump"))?)
        .map_err(|error| InstallError::Io { what: apt.to_owned(), error })?;
    let get = || {
        let mut get = Command::new("apt-get");
        get.env("APT_CONFIG", &config).current_dir(apt).arg("-qq");
        get
    };
    run(get().arg("update"), &log, until)?;
    run(get().arg("download").args(packages), &log, until)?;
    let mut versions = Vec::new();
    for package in packages {
        let file = downloaded(apt, package)?;
        let mut ask = Command::new("dpkg-deb");
        let told = printed(ask.arg("--field").arg(&file).arg("Version"))?;
        versions.push(format!("{package} {}", upstream(told.trim())));
        run(Command::new("dpkg-deb").arg("--extract").arg(&file).arg(directory), &log, until)?;
    }
    Ok(versions.join(", "))
}

/// The mirror of Debian's main archive, from what `apt-get indextargets` tells.
fn mirror(targets: &str) -> Option<String> {
    targets.split("\n\n").find_map(|target| {
        let field = |name: &str| {
            target.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
        };
        let is = |name, value| field(name) == Some(value);
        let main = is("Origin", "Debian") && is("Label", "Debian") && is("Component", "main");
        main.then(|| field("Repo-URI")).flatten().map(str::to_owned)
    })
}

/// Writes a configuration that has the machine's way into the network, and nothing else of the machine's: its hooks
/// would clean the system's cache.
fn configure(apt: &Path, mirror: &str, machines: &str) -> std::io::Result<PathBuf> {
    let inside = |name: &str| apt.join(name).display().to_string();
    let mut config = String::new();
    for line in machines.lines() {
        let kept = line.starts_with("Acquire::")
            && !["Acquire::IndexTargets", "Acquire::Languages", "Acquire::cdrom"]
                .iter()
                .any(|other| line.starts_with(other));
        if kept {
            config.push_str(line);
            config.push('\n');
        }
    }
    for name in ["lists/partial", "cache/archives/partial", "none"] {
        fs::create_dir_all(apt.join(name))?;
    }
    fs::write(apt.join("status"), "")?;
    for (key, value) in [
        ("Dir::Etc::Main", inside("none/main")),
        ("Dir::Etc::Parts", inside("none")),
        ("Dir::Etc::Preferences", inside("none/preferences")),
        ("Dir::Etc::PreferencesParts", inside("none")),
        ("Dir::Etc::SourceList", inside("sources.list")),
        ("Dir::Etc::SourceParts", inside("none")),
        ("Dir::State::Lists", inside("lists")),
        ("Dir::State::Status", inside("status")),
        ("Dir::Cache", inside("cache")),
        ("APT::Sandbox::User", String::new()),
        ("Acquire::Languages", "none".to_owned()),
    ] {
        let _ = writeln!(config, "{key} \"{value}\";");
    }
    let keys =
        if Path::new(KEYS).exists() { format!("[signed-by={KEYS}] ") } else { String::new() };
    fs::write(apt.join("sources.list"), format!("deb {keys}{mirror} {SUITE} main\n"))?;
    let path = apt.join("apt.conf");
    fs::write(&path, config)?;
    Ok(path)
}

/// What apt downloaded for this package: it names files `package_version_architecture.deb`.
fn downloaded(apt: &Path, package: &str) -> Result<PathBuf, InstallError> {
    let prefix = format!("{package}_");
    fs::read_dir(apt)
        .into_iter()
        .flatten()
        .flatten()
        .find(|entry| entry.file_name().to_string_lossy().starts_with(&prefix))
        .map(|entry| entry.path())
        .ok_or_else(|| InstallError::Failed {
            what: "apt-get download".to_owned(),
            why: format!("{package} is not there"),
        })
}

/// The version of the program in a version of its package: without the packaging's own.
fn upstream(version: &str) -> &str {
    version.split(['+', '-']).next().unwrap_or(version)
}

/// What a program prints.
fn printed(command: &mut Command) -> Result<String, InstallError> {
    let what = command.get_program().to_string_lossy().into_owned();
    let failed = |why: String| InstallError::Failed { what, why };
    match command.stdin(Stdio::null()).stderr(Stdio::null()).output() {
        Ok(output) if output.status.success() => {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        }
        Ok(output) => Err(failed(output.status.to_string())),
        Err(error) => Err(failed(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mirror_is_that_of_the_main_archive() {
        let target = |label: &str, component: &str, uri: &str| {
            format!(
                "MetaKey: x\nLabel: {label}\nOrigin: Debian\nComponent: {component}\nRepo-URI: {uri}\n"
            )
        };
        let targets = [
            target("Debian-Security", "main", "http://one.test/debian-security/"),
            target("Debian", "contrib", "http://two.test/debian/"),
            target("Debian", "main", "http://three.test/debian/"),
        ]
        .join("\n");
        assert_eq!(mirror(&targets).as_deref(), Some("http://three.test/debian/"));
        assert_eq!(mirror("MetaKey: x\nLabel: Ubuntu\nComponent: main\n"), None);
        assert_eq!(mirror(""), None);
    }

    #[test]
    fn a_version_is_that_of_the_program() {
        assert_eq!(upstream("3.5.3+ds1-6"), "3.5.3");
        assert_eq!(upstream("1.2-1"), "1.2");
        assert_eq!(upstream("7"), "7");
    }

    #[test]
    fn of_the_machines_configuration_only_its_way_into_the_network_is_taken() {
        let apt = std::env::temp_dir().join(format!("llmobs-apt-{}", std::process::id()));
        let machines = "Acquire::http::Proxy \"http://proxy.test:3128\";\nAcquire::Languages:: \"de\";\n\
                        DPkg::Post-Invoke:: \"rm -f /x\";\nAPT::Update::Post-Invoke:: \"rm -f /y\";\n";
        let path = configure(&apt, "http://three.test/debian/", machines).expect("written");
        let config = fs::read_to_string(path).expect("written");
        let sources = fs::read_to_string(apt.join("sources.list")).expect("written");
        fs::remove_dir_all(&apt).expect("there");
        assert!(config.starts_with("Acquire::http::Proxy \"http://proxy.test:3128\";\n"));
        assert!(!config.contains("Invoke") && !config.contains("\"de\""));
        assert!(sources.ends_with("http://three.test/debian/ sid main\n"), "{sources}");
    }
}
