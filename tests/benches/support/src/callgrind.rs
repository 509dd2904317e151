//! Instructions per call, counted by callgrind.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs, io, process, thread};

/// Instructions per call.
#[derive(Clone, Copy, Debug)]
pub struct Instructions {
    /// Of the thread that calls.
    pub caller: f64,
    /// Of all threads together.
    pub all: f64,
}

/// Runs this executable under valgrind.
///
/// Each figure is the difference of two runs that differ in the number of calls, so that start and end do not count.
#[derive(Clone, Copy, Debug)]
pub struct Callgrind {
    short: u32,
    long: u32,
}

impl Callgrind {
    /// With so many calls in the shorter and in the longer run; `None` where valgrind is not installed.
    pub fn find(short: u32, long: u32) -> Option<Self> {
        let version = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status();
        version.is_ok_and(|status| status.success()).then_some(Self { short, long })
    }

    /// For each of these arguments: what a call costs when this executable is run with them and the number of calls.
    ///
    /// # Panics
    ///
    /// When a run fails: the figures would mean nothing.
    pub fn count(self, runs: &[Vec<String>]) -> Vec<Instructions> {
        // Two at once: what is counted does not depend on the time that it takes.
        let (first, second) = runs.split_at(runs.len() / 2);
        let each = |runs: &[Vec<String>]| runs.iter().map(|run| self.one(run)).collect::<Vec<_>>();
        thread::scope(|scope| {
            let other = scope.spawn(|| each(second));
            let mut figures = each(first);
            figures.extend(other.join().expect("the other half is measured as well"));
            figures
        })
    }

    fn one(self, arguments: &[String]) -> Instructions {
        let run = |calls| total(arguments, calls).expect("callgrind runs and says what it counted");
        let (short, long) = (run(self.short), run(self.long));
        let calls = f64::from(self.long - self.short);
        Instructions {
            caller: (long.caller - short.caller) / calls,
            all: (long.all - short.all) / calls,
        }
    }
}

/// What a whole run costs.
fn total(arguments: &[String], calls: u32) -> io::Result<Instructions> {
    let name = format!("llmobs-{}-{:?}-{calls}", process::id(), thread::current().id());
    let directory = env::temp_dir().join(name.replace(['(', ')'], ""));
    fs::create_dir_all(&directory)?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--separate-threads=yes"])
        .arg(format!("--callgrind-out-file={}", directory.join("out").display()))
        .arg(env::current_exe()?)
        .args(arguments)
        .arg(calls.to_string())
        .output()?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        return Err(io::Error::other(format!("{arguments:?}: {text}")));
    }
    let mut sum = Instructions { caller: 0.0, all: 0.0 };
    for entry in fs::read_dir(&directory)? {
        let path = entry?.path();
        let counted = counted(&path)?;
        sum.all += counted;
        if path.extension().is_none() && path.to_string_lossy().ends_with("-01") {
            sum.caller += counted;
        }
    }
    fs::remove_dir_all(&directory)?;
    if sum.caller > 0.0 {
        return Ok(sum);
    }
    Err(io::Error::other(format!("{arguments:?}: nothing was counted for the first thread")))
}

/// The total of one thread's file.
fn counted(path: &PathBuf) -> io::Result<f64> {
    let text = fs::read_to_string(path)?;
    let line = text.lines().rev().find_map(|line| line.strip_prefix("totals: "));
    let missing = || io::Error::other(format!("no total in {}", Path::display(path)));
    line.map_or(Ok(0.0), |number| number.trim().parse().map_err(|_| missing()))
}
