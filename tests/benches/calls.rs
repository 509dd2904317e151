//! What a call costs beside what else does the same: starts the benches of `llmobs-peers`, which has those others
//! among its dependencies and of our features only those that a pipeline needs.
//!
//! `cargo bench -p llmobs-tests --bench calls`; with `-- --gate` only what is counted (instructions, allocations).

use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let status = Command::new(cargo)
        .args(["bench", "--no-fail-fast", "-p", "llmobs-peers", "--no-default-features"])
        .args(["--bench", "calls", "--bench", "call_allocations", "--"])
        .args(std::env::args().skip(1).filter(|argument| argument != "--bench"))
        .status()
        .expect("cargo is there, since it has started this");
    if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
