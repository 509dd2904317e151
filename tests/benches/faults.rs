//! How long a call takes while its backend is in trouble: starts the bench of `llmobs-peers`, which has of our features
//! only those that it needs.
//!
//! `cargo bench -p llmobs-tests --bench faults`.

use std::process::ExitCode;

fn main() -> ExitCode {
    llmobs_bench::peers_with(&["faults"], &["faults"])
}
