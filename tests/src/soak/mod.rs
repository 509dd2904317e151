//! The soak: see the program `soak`.

mod collector;
mod options;
mod sink;
mod worker;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitCode, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use collector::Collector;
use options::Options;
use sink::Sink;

/// How long nothing may arrive until the rest counts as lost.
const QUIET: Duration = Duration::from_secs(15);

/// The program: one of the processes where it is told to be, else all of it.
pub fn main(words: impl Iterator<Item = String>) -> ExitCode {
    let done = Options::read(words).and_then(|options| match &options.worker {
        Some(endpoint) => worker::main(endpoint, &options).map(|()| true),
        None => run(&options),
    });
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether everything arrived.
#[expect(clippy::print_stdout, reason = "what was found")]
fn run(options: &Options) -> Result<bool, String> {
    let sink = Sink::start()?;
    let mut collector = match &options.rotel {
        Some(program) => Some(Collector::start(program, &sink.endpoint())?),
        None => None,
    };
    let endpoint = collector.as_ref().map_or_else(|| sink.endpoint(), Collector::endpoint);
    let began = Instant::now();
    let workers: Vec<_> = (0..options.processes).map(|_| start(options, &endpoint)).collect();
    let mut told = Vec::new();
    for worker in workers {
        told.push(worker.and_then(finish)?);
    }
    let sum = |key: &str| told.iter().filter_map(|one| one[key].as_u64()).sum::<u64>();
    let longest = told.iter().filter_map(|one| one["milliseconds"].as_u64()).max().unwrap_or(0);
    let sent = sum("sent");
    let mut last = (sink.arrived(), Instant::now());
    while last.0 < sent && last.1.elapsed() < QUIET {
        thread::sleep(Duration::from_millis(20));
        if sink.arrived() > last.0 {
            last = (sink.arrived(), Instant::now());
        }
    }
    let all_after = last.1.duration_since(began);
    // Not before: it is asked to send what it holds.
    let ended = collector.as_mut().map(Collector::stop);
    let arrived = sink.arrived();
    let errors: Vec<&Value> =
        told.iter().map(|one| &one["error"]).filter(|it| !it.is_null()).collect();
    println!(
        "{}",
        json!({
            "through": if collector.is_some() { "rotel" } else { "nothing" },
            "processes": options.processes,
            "asked_per_second": options.processes * options.rate,
            "sent": sent,
            "sent_per_second": per_second(sent, longest),
            "arrived": arrived,
            "twice": sink.twice(),
            "lost": sent.saturating_sub(arrived),
            "calls_milliseconds": longest,
            "all_milliseconds": u64::try_from(all_after.as_millis()).unwrap_or(u64::MAX),
            "requests": sink.requests(),
            "errors": errors,
            "collector": ended,
        })
    );
    Ok(arrived == sent && sent > 0 && errors.is_empty())
}

fn per_second(count: u64, milliseconds: u64) -> u64 {
    count.saturating_mul(1_000).checked_div(milliseconds).unwrap_or(0)
}

fn start(options: &Options, endpoint: &str) -> Result<Child, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut command = Command::new(program);
    for (name, _) in
        std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("OTEL_"))
    {
        command.env_remove(name);
    }
    command
        .args(["--worker", endpoint])
        .args(["--rate", &options.rate.to_string(), "--seconds", &options.seconds.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    command.spawn().map_err(|error| error.to_string())
}

/// The line that a process prints at its end.
fn finish(mut child: Child) -> Result<Value, String> {
    let out = child.stdout.take().ok_or("no output")?;
    let mut line = String::new();
    BufReader::new(out).read_line(&mut line).map_err(|error| error.to_string())?;
    let status = child.wait().map_err(|error| error.to_string())?;
    serde_json::from_str(&line).map_err(|error| format!("{status}: {error} in {line:?}"))
}
