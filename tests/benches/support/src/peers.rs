//! Starting benches of another package.

use std::env;
use std::process::{Command, ExitCode};

/// Runs these benches of `llmobs-peers`, with the arguments that this process has; for the benches of `llmobs-tests`,
/// so that one command runs all there are.
pub fn peers(benches: &[&str]) -> ExitCode {
    peers_with(&[], benches)
}

/// The same with features of that package.
pub fn peers_with(features: &[&str], benches: &[&str]) -> ExitCode {
    let cargo = env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let benches = benches.iter().flat_map(|bench| ["--bench", bench]);
    let status = Command::new(cargo)
        .args(["bench", "--no-fail-fast", "-p", "llmobs-peers", "--no-default-features"])
        .args(features.iter().flat_map(|feature| ["--features", feature]))
        .args(benches)
        .arg("--")
        .args(env::args().skip(1).filter(|argument| argument != "--bench"))
        .status();
    match status {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            println!("cargo does not start: {error}");
            ExitCode::FAILURE
        }
    }
}
