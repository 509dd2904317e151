//! How long a call takes while its backend is in trouble.
//!
//! ```sh
//! cargo bench -p llmobs-peers --no-default-features --features faults --bench faults
//! ```
//!
//! prints a table and writes `tests/benches/results/faults.md`.
//!
//! Each state of a backend is a process of its own with a pipeline to a server on loopback, over real sockets: one that
//! takes everything, takes two seconds, refuses, hangs up, answers nonsense, never answers, or is not there. They take
//! turns. In a turn a thread makes calls one after the other, as many in a second as would fill any queue that is not
//! emptied, and takes the time of each: what the caller of the function waits, whatever the reason.

#[path = "faults/caller.rs"]
mod caller;
#[path = "faults/server.rs"]
mod server;

use std::process::ExitCode;

use llmobs_bench::{Child, Goal, Measure, Report, Run, Table, Verdict, figure, median, pin, ratio};
use server::{Server, State};

const TURNS: usize = 61;
/// Turns that go before and do not count: what is never exported fills the queue in them.
const BEFORE: usize = 20;

/// States of a backend, and what they are called. The first is what the others are measured against.
const STATES: [(State, &str); 7] = [
    (State::Takes, "takes everything"),
    (State::Slow, "takes two seconds"),
    (State::Refuses, "answers 503"),
    (State::HangsUp, "hangs up"),
    (State::Nonsense, "answers nonsense"),
    (State::Silent, "never answers"),
    (State::Absent, "is not there"),
];

const BACKENDS: [(&str, &str); 2] = [("otlp", "OTLP"), ("azure", "Azure Monitor")];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|it| it != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["--serve", backend, address] => caller::serve(backend, address),
        // `cargo test --benches` asks whether it starts, not how fast it is.
        [] if std::env::args().any(|it| it == "--bench") => measure(),
        _ => {}
    }
    ExitCode::SUCCESS
}

/// A pipeline that takes its turns.
struct Turns {
    backend: &'static str,
    state: &'static str,
    child: Child,
    /// Of each turn: p50, p99 and p99.9.
    figures: Vec<Vec<f64>>,
    lost: f64,
    _server: Option<Server>,
}

impl Turns {
    fn start(
        backend: (&'static str, &'static str),
        state: &'static str,
        server: Option<Server>,
    ) -> Self {
        let address = server.as_ref().map_or_else(String::new, Server::address);
        let child = Child::start(&Run::new(&["--serve", backend.0, &address]));
        Self { backend: backend.1, state, child, figures: Vec::new(), lost: 0.0, _server: server }
    }

    fn figure(&self, at: usize) -> f64 {
        median(self.figures.iter().filter_map(|turn| turn.get(at).copied()))
    }
}

fn measure() {
    // Servers are on the core of the exporters.
    pin(1);
    let mut all = vec![
        Turns::start(("bare", "–"), "no instrumentation", None),
        Turns::start(("none", "–"), "no backend", None),
    ];
    for backend in BACKENDS {
        for (state, words) in STATES {
            all.push(Turns::start(backend, words, Some(Server::start(state))));
        }
    }
    for turn in 0..BEFORE + TURNS {
        for it in &mut all {
            let figures = it.child.ask("turn");
            if turn >= BEFORE {
                it.figures.push(figures);
            }
        }
    }
    for it in &mut all {
        it.lost = median(it.child.ask("lost"));
    }
    let mut report = Report::default();
    let note = format!(
        "Nanoseconds on the clock, of each of {} calls of a turn; medians of {TURNS} turns. *Lost* is the number of \
         spans that found no room, of {} that were made.",
        caller::CALLS,
        caller::CALLS * (BEFORE + TURNS),
    );
    let columns = ["backend", "state", "p50", "÷ takes", "p99", "÷ takes", "p99.9", "lost"];
    let mut table = Table::new("A call while the backend is in trouble", &note, &columns);
    for it in &all {
        let takes =
            all.iter().find(|other| other.backend == it.backend && other.state == STATES[0].1);
        let against = |at| takes.map_or(f64::NAN, |takes| it.figure(at) / takes.figure(at));
        let share = |at| if takes.is_some() { ratio(against(at)) } else { "–".to_owned() };
        table.row([
            it.backend.to_owned(),
            it.state.to_owned(),
            figure(it.figure(0)),
            share(0),
            figure(it.figure(1)),
            share(1),
            figure(it.figure(2)),
            figure(it.lost),
        ]);
    }
    report.table(table);
    for (backend, what, headline) in [
        ("OTLP", "p99 of a call while OTLP is not there", true),
        ("OTLP", "p99 of a call while OTLP never answers", false),
        ("Azure Monitor", "p99 of a call while Azure Monitor is not there", true),
        ("Azure Monitor", "p99 of a call while Azure Monitor never answers", false),
    ] {
        let state = if what.ends_with("not there") { "is not there" } else { "never answers" };
        let p99 = |state| {
            all.iter().find(|it| it.backend == backend && it.state == state).map(|it| it.figure(1))
        };
        let measured = p99(state).zip(p99(STATES[0].1)).map_or(f64::NAN, |(it, takes)| it / takes);
        let goal = Goal {
            what,
            against: "one that takes all",
            measure: Measure::Time,
            limit: 1.1,
            reached: None,
            headline,
        };
        report.verdict(Verdict { goal, measured });
    }
    report.judged();
    report
        .write("faults", "A call while its backend is in trouble")
        .expect("the results are written");
    for it in all {
        it.child.end();
    }
}
