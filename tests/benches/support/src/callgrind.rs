//! Instructions per call, counted by callgrind.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;
use std::{env, fs, io, process, thread};

use crate::Run;

/// Instructions per call.
#[derive(Clone, Copy, Debug)]
pub struct Instructions {
    /// Of the thread that calls: the one of [`run_counted`].
    pub caller: f64,
    /// Of all threads but the first, which only waits.
    pub all: f64,
}

/// Runs this executable under valgrind; what is counted runs in [`run_counted`].
///
/// Counted is from the moment when a function is entered, since what comes before may depend on time (clocks that are
/// calibrated). Each figure is the difference of two runs that differ in the number of calls, so that the end does not
/// count either.
#[derive(Clone, Copy, Debug)]
pub struct Callgrind {
    short: u32,
    long: u32,
    from: &'static str,
}

impl Callgrind {
    /// With so many calls in the shorter and in the longer run, counted from the function that this pattern names;
    /// `None` where valgrind is not installed.
    pub fn find(short: u32, long: u32, from: &'static str) -> Option<Self> {
        let version = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status();
        version.is_ok_and(|status| status.success()).then_some(Self { short, long, from })
    }

    /// For each of these: what a call costs when this executable is run so, with the number of calls as one more
    /// argument.
    ///
    /// # Panics
    ///
    /// When a run fails: the figures would mean nothing.
    pub fn count(self, runs: &[Run]) -> Vec<Instructions> {
        // Two at once: what is counted does not depend on the time that it takes.
        let (first, second) = runs.split_at(runs.len() / 2);
        let each = |runs: &[Run]| runs.iter().map(|run| self.one(run)).collect::<Vec<_>>();
        thread::scope(|scope| {
            let other = scope.spawn(|| each(second));
            let mut figures = each(first);
            figures.extend(other.join().expect("the other half is measured as well"));
            figures
        })
    }

    fn one(self, run: &Run) -> Instructions {
        let total =
            |calls| self.total(run, calls).expect("callgrind runs and says what it counted");
        let (short, long) = (total(self.short), total(self.long));
        let calls = f64::from(self.long - self.short);
        Instructions {
            caller: (long.caller - short.caller) / calls,
            all: (long.all - short.all) / calls,
        }
    }

    /// What a whole run costs.
    fn total(self, run: &Run, calls: u32) -> io::Result<Instructions> {
        let name = format!("llmobs-{}-{:?}-{calls}", process::id(), thread::current().id());
        let directory = env::temp_dir().join(name.replace(['(', ')'], ""));
        fs::create_dir_all(&directory)?;
        let output = Command::new("valgrind")
            .args(["--tool=callgrind", "--separate-threads=yes"])
            .arg(format!("--zero-before={}", self.from))
            .arg(format!("--callgrind-out-file={}", directory.join("out").display()))
            .arg(env::current_exe()?)
            .args(&run.arguments)
            .envs(run.variables.iter().copied())
            .arg(calls.to_string())
            .output()?;
        if !output.status.success() {
            let text = String::from_utf8_lossy(&output.stderr);
            return Err(io::Error::other(format!("{:?}: {text}", run.arguments)));
        }
        let mut sum = Instructions { caller: 0.0, all: 0.0 };
        for entry in fs::read_dir(&directory)? {
            let path = entry?.path();
            let counted = counted(&path)?;
            let name = path.to_string_lossy();
            // A file for each thread, numbered in the order in which they started.
            sum.all += if name.ends_with("-01") { 0.0 } else { counted };
            sum.caller += if name.ends_with("-02") { counted } else { 0.0 };
        }
        fs::remove_dir_all(&directory)?;
        if sum.caller > 0.0 {
            return Ok(sum);
        }
        Err(io::Error::other(format!(
            "{:?}: nothing was counted for the thread that calls",
            run.arguments
        )))
    }
}

/// The total of one thread's file.
fn counted(path: &Path) -> io::Result<f64> {
    let text = fs::read_to_string(path)?;
    let line = text.lines().rev().find_map(|line| line.strip_prefix("totals: "));
    let missing = || io::Error::other(format!("no total in {}", path.display()));
    line.map_or(Ok(0.0), |number| number.trim().parse().map_err(|_| missing()))
}

/// In the counted process: runs this, which starts all other threads, in a thread of its own, and returns what it
/// returns. What it is given waits until all other threads have nothing to do, which costs the calling thread next to
/// nothing.
///
/// # Panics
///
/// When the other side does.
pub fn run_counted<T: Send>(measured: impl FnOnce(&dyn Fn()) -> T + Send) -> T {
    let (ask, asked) = channel::<()>();
    let (answer, answered) = channel::<()>();
    thread::scope(|scope| {
        // The first one that starts: its number is two. Named as the first is, since some record that.
        let named = thread::Builder::new().name("main".to_owned());
        let run = move || {
            measured(&|| {
                ask.send(()).expect("the first thread waits");
                answered.recv().expect("the first thread answers");
            })
        };
        let running = named.spawn_scoped(scope, run).expect("one more thread");
        for () in asked {
            wait_for_idle();
            answer.send(()).expect("it was asked for");
        }
        running.join().expect("it has told what went wrong")
    })
}

/// Until no other thread has used the processor for a while, or waits for it.
fn wait_for_idle() {
    let (mut before, mut same) = (None, 0);
    while same < 3 {
        thread::sleep(Duration::from_millis(3));
        let now = others();
        same = if now.is_some() && now == before { same + 1 } else { 0 };
        before = now;
    }
}

/// Nanoseconds that the other threads have run; `None` while one of them has something to do. Read as text, since the
/// clock that tells it of the whole process does not work in valgrind.
fn others() -> Option<u64> {
    let first = process::id().to_string();
    let tasks = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let others = tasks.filter(|task| task.file_name() != first.as_str());
    let ran = |task: fs::DirEntry| {
        // One that has ended in the meantime says nothing.
        let read = |name: &str| fs::read_to_string(task.path().join(name)).unwrap_or_default();
        let runs = read("stat").rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('R'));
        let time = read("schedstat").split(' ').next().and_then(|time| time.parse::<u64>().ok());
        if runs { None } else { Some(time.unwrap_or(0)) }
    };
    others.map(ran).sum()
}
