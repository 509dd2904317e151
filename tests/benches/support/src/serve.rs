//! Variants that take turns: each is a process that measures when it is told to.

use std::io::{BufRead, BufReader, Write};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::{env, io, process};

/// How this executable is run once more.
#[derive(Clone, Debug, Default)]
pub struct Run {
    pub(crate) arguments: Vec<String>,
    pub(crate) variables: Vec<(&'static str, &'static str)>,
}

impl Run {
    /// With these arguments.
    pub fn new(arguments: &[&str]) -> Self {
        Self { arguments: arguments.iter().map(ToString::to_string).collect(), ..Self::default() }
    }

    /// And this environment variable.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &'static str) -> Self {
        self.variables.push((name, value));
        self
    }
}

/// A process that measures one variant.
#[derive(Debug)]
pub struct Child {
    process: process::Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
}

impl Child {
    /// Starts it.
    ///
    /// # Panics
    ///
    /// When it does not start.
    pub fn start(run: &Run) -> Self {
        let mut process = Command::new(env::current_exe().expect("this executable has a path"))
            .args(&run.arguments)
            .envs(run.variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this executable starts once more");
        let to = process.stdin.take();
        let from = BufReader::new(process.stdout.take().expect("its output is a pipe"));
        Self { process, to, from }
    }

    /// What it answers to this.
    ///
    /// # Panics
    ///
    /// When it has ended, or answers something other than numbers.
    pub fn ask(&mut self, question: &str) -> Vec<f64> {
        let to = self.to.as_mut().expect("open until it is ended");
        writeln!(to, "{question}").expect("it is there to be asked");
        let mut line = String::new();
        self.from.read_line(&mut line).expect("it answers in text");
        assert!(!line.is_empty(), "the measured process has ended");
        line.split_whitespace().map(|word| word.parse().expect("a number")).collect()
    }

    /// Ends it, and returns what it has printed since.
    ///
    /// # Panics
    ///
    /// When it fails at its end, where it checks what was recorded.
    pub fn end(mut self) -> String {
        drop(self.to.take());
        let rest = io::read_to_string(&mut self.from).expect("it prints text");
        let status = self.process.wait().expect("it ends");
        assert!(status.success(), "the measured process failed: {status}");
        rest
    }
}

/// The other side: answers each line with numbers until there are no more.
///
/// # Panics
///
/// When the one who asks is gone.
pub fn serve(mut answer: impl FnMut(&str) -> Vec<f64>) {
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let figures = answer(&line.expect("questions are text"));
        let words: Vec<String> = figures.iter().map(f64::to_string).collect();
        writeln!(out, "{}", words.join(" ")).and_then(|()| out.flush()).expect("someone asked");
    }
}
