//! A program with all that it starts: they end together.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::InstallError;

/// A process group; dropped it is asked to end, and killed where it does not.
#[derive(Debug)]
pub struct Group {
    child: Child,
    pid: Option<Pid>,
}

/// How long a group may take to end by itself.
const GRACE: Duration = Duration::from_secs(3);

impl Group {
    /// Starts a program as the first of a group of its own.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn start(command: &mut Command) -> io::Result<Self> {
        let child = command.process_group(0).spawn()?;
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        Ok(Self { child, pid })
    }

    /// The first process, for its pipes.
    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// How the first process ended, if it did.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    /// Waits for the first process to end by itself, until then at most.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::TimedOut`], or what the system says.
    pub fn wait(&mut self, until: Instant) -> io::Result<ExitStatus> {
        loop {
            if let Some(status) = self.ended()? {
                return Ok(status);
            }
            if Instant::now() >= until {
                return Err(io::ErrorKind::TimedOut.into());
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn signal(&self, signal: Signal) {
        if let Some(pid) = self.pid {
            // It fails where the whole group is gone, which is what is wanted.
            let _ = kill_process_group(pid, signal);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if matches!(self.ended(), Ok(None)) {
            self.signal(Signal::TERM);
            let _ = self.wait(Instant::now() + GRACE);
        }
        // Also where the first is gone: what it started may be left.
        self.signal(Signal::KILL);
        let _ = self.child.wait();
    }
}

/// Runs a program to its end, with what it prints in a file; returns that.
///
/// # Errors
///
/// [`InstallError::Failed`], with the last line that it printed.
pub fn run(command: &mut Command, log: &Path, until: Instant) -> Result<String, InstallError> {
    let what = what(command);
    let failed = |why: String| InstallError::Failed { what: what.clone(), why };
    let io = |error: io::Error| failed(error.to_string());
    let mut file = File::options().create(true).append(true).read(true).open(log).map_err(io)?;
    let before = file.seek(SeekFrom::End(0)).map_err(io)?;
    command
        .stdin(Stdio::null())
        .stdout(file.try_clone().map_err(io)?)
        .stderr(file.try_clone().map_err(io)?);
    let mut group = Group::start(command).map_err(io)?;
    let status = group.wait(until).map_err(|error| match error.kind() {
        io::ErrorKind::TimedOut => failed("not done in time".to_owned()),
        _ => io(error),
    })?;
    let mut printed = Vec::new();
    file.seek(SeekFrom::Start(before)).map_err(io)?;
    file.read_to_end(&mut printed).map_err(io)?;
    let printed = String::from_utf8_lossy(&printed).into_owned();
    if status.success() {
        return Ok(printed);
    }
    let last = printed.lines().rev().find(|line| !line.trim().is_empty());
    Err(failed(last.map_or_else(|| status.to_string(), |line| line.trim().to_owned())))
}

/// The program's name and its first word.
fn what(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    let mut what = program.to_string_lossy().into_owned();
    if let Some(first) = command.get_args().next() {
        what.push(' ');
        what.push_str(&first.to_string_lossy());
    }
    what
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(name: &str) -> std::path::PathBuf {
        let log = std::env::temp_dir().join(format!("llmobs-group-{}-{name}", std::process::id()));
        let _ = std::fs::remove_file(&log);
        log
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(20)
    }

    #[test]
    fn what_a_program_prints_is_returned_and_what_it_fails_with_is_told() {
        let log = log("prints");
        let shell = |script: &str| run(Command::new("sh").args(["-c", script]), &log, soon());
        assert_eq!(shell("echo one; echo two >&2").expect("succeeds"), "one\ntwo\n");
        assert_eq!(shell("echo three").expect("succeeds"), "three\n");
        let error = shell("echo gone wrong; echo; exit 3").expect_err("fails");
        assert_eq!(error.to_string(), "`sh -c` failed: gone wrong");
        let missing = run(&mut Command::new("/nowhere/to/be/found"), &log, soon());
        assert!(missing.expect_err("fails").to_string().starts_with("`found` failed: "));
        std::fs::remove_file(&log).expect("was written");
    }

    #[test]
    fn a_program_that_takes_too_long_is_ended_with_all_that_it_started() {
        let log = log("slow");
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 300 & echo $!; wait"]);
        let error = run(&mut command, &log, Instant::now() + Duration::from_millis(300));
        assert!(error.expect_err("fails").to_string().ends_with("not done in time"));
        let grandchild = std::fs::read_to_string(&log).expect("was written");
        std::fs::remove_file(&log).expect("was written");
        let pid = grandchild.trim().parse().ok().and_then(Pid::from_raw).expect("a process");
        let until = soon();
        while rustix::process::test_kill_process(pid).is_ok() && !is_dead(pid) {
            assert!(Instant::now() < until, "it still runs");
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Whether it ended and only nobody has asked how.
    fn is_dead(pid: Pid) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()));
        stat.is_ok_and(|stat| stat.contains(") Z "))
    }
}
