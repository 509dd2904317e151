//! `azure-envelope FILE.json…`: what our exporters put on the wire for the telemetry in each file.
//!
//! Each file holds an `input` as those in `tests/data/azure_monitor/goldens` do. For each, one line goes to standard
//! output: a JSON array of the envelopes that arrived at an ingestion endpoint on loopback. What is wrong with a file
//! is said on standard error, with the field; the others are processed, and the exit code is 1.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use llmobs_tests::envelope::{Golden, Problem};

fn main() -> ExitCode {
    let files: Vec<_> = std::env::args_os().skip(1).collect();
    if files.is_empty() {
        eprintln!("usage: azure-envelope FILE.json…");
        return ExitCode::from(2);
    }
    let mut code = ExitCode::SUCCESS;
    let mut out = std::io::stdout().lock();
    for file in &files {
        match line(Path::new(file)) {
            Ok(line) => {
                if let Err(error) = writeln!(out, "{line}") {
                    eprintln!("standard output: {error}");
                    return ExitCode::FAILURE;
                }
            }
            Err(problem) => {
                eprintln!("{}: {problem}", Path::new(file).display());
                code = ExitCode::FAILURE;
            }
        }
    }
    code
}

fn line(file: &Path) -> Result<String, Problem> {
    let envelopes = Golden::read(file)?.envelopes()?;
    Ok(serde_json::Value::from(envelopes).to_string())
}
