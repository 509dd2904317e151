//! What an annotated function costs the compiler: starts the bench of that name of `llmobs-peers`.

use std::process::ExitCode;

fn main() -> ExitCode {
    llmobs_bench::peers(&["compile"])
}
