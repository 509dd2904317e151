//! What a call costs: with the attribute, written by hand with OpenTelemetry, and with `tracing-opentelemetry`.
//!
//! `cargo bench -p llmobs-peers --no-default-features --bench calls` measures all of it, prints a table per concern
//! and writes `tests/benches/results/calls.md`; with `-- --gate` it only counts instructions (which needs
//! `valgrind`) and fails when a goal is missed by more than a tenth.
//!
//! Every variant is a process, and first shows that it records what the others do: a span of 12 attributes and three
//! values of histograms. The cost of the bare function is subtracted everywhere. The variants take turns within one
//! run, so that whatever slows the machine slows all of them: a harness that measures one after the other, as
//! criterion does, gives ratios that drift with the machine.

use std::process::ExitCode;

use llmobs_bench::{Callgrind, Report};

#[path = "calls/by_hand.rs"]
mod by_hand;
#[path = "calls/checks.rs"]
mod checks;
#[path = "calls/child.rs"]
mod child;
#[path = "calls/fast.rs"]
mod fast;
#[path = "calls/figures.rs"]
mod figures;
#[path = "calls/full.rs"]
mod full;
#[path = "calls/goals.rs"]
mod goals;
#[path = "calls/instructions.rs"]
mod instructions;
#[path = "calls/sink.rs"]
mod sink;
#[path = "calls/times.rs"]
mod times;
#[path = "calls/traced.rs"]
mod traced;
#[path = "calls/variant.rs"]
mod variant;
#[path = "calls/workload.rs"]
mod workload;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|it| it != "--bench").collect();
    if child::run(&arguments) {
        return ExitCode::SUCCESS;
    }
    let gate = arguments.iter().any(|it| it == "--gate");
    checks::same_data();
    let mut report = Report::default();
    let mut figures = figures::Figures::default();
    let callgrind = Callgrind::find(256, 1_280, "*::counted*");
    match callgrind {
        Some(callgrind) => instructions::measure(callgrind, gate, &mut figures, &mut report),
        None => println!("SKIPPED: instructions are not counted, valgrind is not installed\n"),
    }
    if !gate {
        times::measure(&mut figures, &mut report);
    }
    goals::judge(&figures, &mut report);
    let passed = report.judged();
    if !gate && callgrind.is_some() {
        report.write("calls", "What a call costs").expect("the results are written");
    }
    if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
