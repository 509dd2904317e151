//! `cargo run -p llmobs-servers`: installs real servers into the build directory, starts them on this machine, runs
//! a workload against each, and asks them what arrived.

use std::process::ExitCode;

fn main() -> ExitCode {
    llmobs_servers::main(std::env::args().skip(1))
}
