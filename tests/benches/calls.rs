//! What a call costs beside what else does the same: starts the benches of `llmobs-peers`, which has those others
//! among its dependencies and of our features only those that a pipeline needs.
//!
//! `cargo bench -p llmobs-tests --bench calls`; with `-- --gate` only what is counted (instructions, allocations).

use std::process::ExitCode;

fn main() -> ExitCode {
    llmobs_bench::peers(&["calls", "call_allocations"])
}
