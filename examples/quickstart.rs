//! An agent with a tool, observed: run it with `cargo run --example quickstart`.
//!
//! Four functions carry `#[instrument_llm]`, and that is all there is to do; they are in `travel_guide.rs`. The
//! agent asks a model for advice, the model asks for the weather, and the second call of the model meets a
//! rate limit and is repeated. Each of these steps becomes a span below the agent's, with the
//! model's token counts, and the console prints them as a tree when the agent is done. A last
//! question is answered as a stream, whose span ends with its last piece.
//!
//! With nothing configured the "model" is a stand-in on this machine that speaks `OpenAI`'s wire
//! format; see `connect.rs` for the variables that make the same code call the real service.

mod travel_guide;

use std::io::Write;

use futures::StreamExt;

use llmobs_examples::connect::OpenAi;
use llmobs_examples::loopback_openai::Behaviour;

use crate::travel_guide::{Failure, chat_streamed, streamed_request, travel_guide};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    // Where the telemetry goes: to the console, unless another backend is compiled in and
    // configured. When this value is dropped, what is left is sent and a summary printed.
    let _telemetry = llmobs_runtime::configure()?;

    // The stand-in meets the second request with a rate limit; a real service does as it likes.
    let behaviour = Behaviour { rate_limited: vec![2], ..Behaviour::default() };
    let openai = OpenAi::from_env(behaviour).await?;
    if openai.is_loopback() {
        println!("No service is configured: canned answers from {}.\n", openai.server());
    }

    let question = "What should I pack for a weekend in Lisbon?";
    println!("> {question}");
    println!("{}\n", travel_guide(&openai, "conversation-1", question).await?);

    let question = "And in one sentence?";
    println!("> {question}");
    let mut answer = chat_streamed(&openai, streamed_request(&openai.model, question)).await?;
    while let Some(chunk) = answer.next().await {
        for choice in chunk?.choices {
            print!("{}", choice.delta.content.unwrap_or_default());
            if choice.finish_reason.is_some() {
                println!("\n");
            }
            std::io::stdout().flush()?;
        }
    }
    Ok(())
}
