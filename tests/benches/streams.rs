//! What a stream costs that is recorded: starts the bench of that name of `llmobs-peers`.

use std::process::ExitCode;

fn main() -> ExitCode {
    llmobs_bench::peers(&["streams"])
}
