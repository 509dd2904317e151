//! Calls whose figures are known: what the dashboards must show of them.

use llmobs_runtime::conventions::{attr, operation};
use llmobs_runtime::{Call, CallBuilder, Usage, call};

/// The agent whose runs succeed, and the one whose runs fail.
pub const AGENTS: [&str; 2] = ["Travel Guide", "Packing List"];
/// The tool that works, and the one that fails.
pub const TOOLS: [&str; 2] = ["get_weather", "book_flight"];
/// The model that most calls are of.
pub const MODEL: &str = "gpt-4o-mini";
/// The model whose only call fails.
pub const FAILING_MODEL: &str = "gpt-5";
/// A model that has no price.
pub const UNPRICED_MODEL: &str = "house-model";

/// Calls of models in one round, runs of agents and calls of tools apart.
pub const CALLS: f64 = 5.0;
/// How many of them fail.
pub const FAILED: f64 = 1.0;
/// Input tokens of one round without those of its embeddings, which the latest conventions do not count.
pub const INPUT: f64 = 1_510.0;
/// Input tokens of its embeddings.
pub const EMBEDDED: f64 = 20.0;
/// Output tokens of one round.
pub const OUTPUT: f64 = 155.0;
/// Input tokens of one round that came from a cache.
pub const CACHED: f64 = 400.0;
/// Output tokens of one round that were reasoning.
pub const REASONED: f64 = 40.0;
/// Tokens of one round that have a price, in and out, of [`MODEL`].
pub const PRICED: [f64; 2] = [1_500.0, 150.0];

fn chat(model: &str) -> CallBuilder {
    call(&operation::CHAT).provider("openai").model(model).server("api.openai.com")
}

fn used(call: &mut Call, input: u64, output: u64) {
    call.usage(&Usage { input: Some(input), output: Some(output), ..Usage::default() });
}

/// An agent with a chat, a streamed one and two tools; another that fails because its model does; embeddings; a model
/// of the house. `inside` runs in the first agent.
pub fn round(inside: impl FnOnce()) {
    let guide = call(&operation::INVOKE_AGENT)
        .provider("openai")
        .conversation_id("conversation-1")
        .set(attr::GEN_AI_AGENT_NAME, AGENTS[0])
        .start();
    guide.scope(|| {
        let mut answered = chat(MODEL).start();
        answered.usage(&Usage {
            input: Some(1_000),
            output: Some(100),
            cache_read: Some(400),
            reasoning: Some(40),
            ..Usage::default()
        });
        answered.end();
        call(&operation::EXECUTE_TOOL).set(attr::GEN_AI_TOOL_NAME, TOOLS[0]).start().end();
        let mut sold_out =
            call(&operation::EXECUTE_TOOL).set(attr::GEN_AI_TOOL_NAME, TOOLS[1]).start();
        sold_out.fail_as("sold_out");
        sold_out.end();
        let mut streamed = chat(MODEL).set(attr::GEN_AI_REQUEST_STREAM, &true).start();
        for _ in 0..3 {
            streamed.chunk_received();
        }
        used(&mut streamed, 500, 50);
        streamed.end();
        inside();
    });
    guide.end();

    let mut packer = call(&operation::INVOKE_AGENT)
        .provider("openai")
        .set(attr::GEN_AI_AGENT_NAME, AGENTS[1])
        .start();
    packer.scope(|| {
        let mut limited = chat(FAILING_MODEL).start();
        limited.fail_as("429");
        limited.end();
    });
    packer.fail_as("timeout");
    packer.end();

    let mut embedded =
        call(&operation::EMBEDDINGS).provider("openai").model("text-embedding-3-small").start();
    embedded.usage(&Usage { input: Some(20), ..Usage::default() });
    embedded.end();

    let mut house = chat(UNPRICED_MODEL).start();
    used(&mut house, 10, 5);
    house.end();
}
