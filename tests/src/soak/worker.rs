//! One of the processes.

use std::thread;
use std::time::{Duration, Instant};

use llmobs_runtime::backend::otlp::{Otlp, Protocol};
use llmobs_runtime::conventions::{attr, operation};
use llmobs_runtime::{Usage, call};
use serde_json::json;

use super::options::Options;

/// Makes calls at the rate, then tells how many, how long that took, and whether their delivery failed.
#[expect(clippy::print_stdout, reason = "that is how it is told")]
pub(super) fn main(endpoint: &str, options: &Options) -> Result<(), String> {
    let otlp = Otlp::at(endpoint).protocol(Protocol::Grpc).metrics(false).logs(false);
    let telemetry = llmobs_runtime::builder()
        .service_name("soak")
        .otlp(otlp)
        .install()
        .map_err(|error| error.to_string())?;
    let (began, mut sent) = (Instant::now(), 0_u64);
    let wanted = options.rate.saturating_mul(options.seconds);
    while sent < wanted {
        let elapsed = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        let due = options.rate.saturating_mul(elapsed) / 1_000_000;
        while sent < due.min(wanted) {
            chat();
            sent += 1;
        }
        thread::sleep(Duration::from_millis(1));
    }
    let milliseconds = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let error = telemetry.shutdown().err().map(|error| error.to_string());
    println!("{}", json!({ "sent": sent, "milliseconds": milliseconds, "error": error }));
    Ok(())
}

/// A span of twelve attributes.
fn chat() {
    let mut chat = call(&operation::CHAT)
        .provider("openai")
        .model("gpt-5-mini")
        .server(("api.openai.com", 443))
        .conversation_id("conversation-1")
        .set(attr::GEN_AI_REQUEST_MAX_TOKENS, &1_000)
        .set(attr::GEN_AI_REQUEST_TEMPERATURE, &0.5)
        .start();
    chat.set(attr::GEN_AI_RESPONSE_ID, "chatcmpl-1");
    chat.set(attr::GEN_AI_RESPONSE_MODEL, "gpt-5-mini-2025-08-07");
    chat.usage(&Usage { input: Some(1_000), output: Some(100), ..Usage::default() });
    chat.end();
}
