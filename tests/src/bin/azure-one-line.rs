//! What a user's `main` is: one line to configure, then calls. Driven by its environment.

use std::process::ExitCode;

use llmobs_runtime::call;
use llmobs_runtime::conventions::{attr, operation};

fn main() -> ExitCode {
    let telemetry = match llmobs_runtime::configure_azure_monitor() {
        Ok(telemetry) => telemetry,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let calls = std::env::args().nth(1).and_then(|said| said.parse().ok()).unwrap_or(1);
    for _ in 0..calls {
        let mut chat = call(&operation::CHAT).provider("openai").model("gpt-4o").start();
        chat.set(attr::GEN_AI_USAGE_INPUT_TOKENS, &12);
        chat.end();
    }
    // The guard's drop sends what is left.
    drop(telemetry);
    ExitCode::SUCCESS
}
