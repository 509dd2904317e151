//! One round of calls: every operation of the conventions, by the attribute and by hand.
//!
//! What they must look like where they arrive is in [`SPANS`](crate::expectation::SPANS), on purpose not derived from
//! what is here.

use std::time::Duration;

use futures::{StreamExt, stream};
use llmobs_runtime::conventions::{Operation, attr, operation};
use llmobs_runtime::{LlmChunk, LlmResponse, Streamed, Usage, call, instrument_llm};
use opentelemetry::trace::TraceContextExt;
use serde_json::{Value, json};

use crate::expectation::{CONVERSATION, LOG};

/// What a model says, but for chats.
#[derive(LlmResponse)]
struct Answer {
    #[llm(response.model)]
    model: &'static str,
    #[llm(usage.input_tokens)]
    input: u64,
    #[llm(usage.output_tokens)]
    output: Option<u64>,
}

/// A service's refusal.
#[derive(Debug, thiserror::Error)]
#[error("too many requests")]
struct Busy;

/// A piece of a streamed answer.
struct Piece {
    last: bool,
    usage: Option<Usage>,
}

impl LlmChunk for Piece {
    fn record(&self, answer: &mut Streamed<'_>) {
        answer.once(attr::GEN_AI_RESPONSE_MODEL, "gpt-4o-2024-11-20");
        answer.choice(0);
        if self.last {
            answer.finish_reason(0, "stop");
        }
        if let Some(usage) = &self.usage {
            answer.usage(usage);
        }
    }
}

/// All calls, in two traces; tells the ids of these.
pub(super) async fn round() -> Value {
    json!({ "traces": [create_agent(), workflow().await] })
}

/// The id of the trace that is current.
fn trace() -> String {
    let context = opentelemetry::Context::current();
    context.span().span_context().trace_id().to_string()
}

/// A moment, so that nothing takes no time at all.
async fn moment() {
    tokio::time::sleep(Duration::from_millis(2)).await;
}

#[instrument_llm(operation = create_agent, provider = "openai", agent(name = "Planner", id = "agent-1"))]
fn create_agent() -> String {
    trace()
}

#[instrument_llm(operation = invoke_workflow, workflow = "nightly report")]
async fn workflow() -> String {
    planner().await;
    complete();
    generate();
    fetch("response-1").await;
    for (memory, record) in [
        (&operation::CREATE_MEMORY_STORE, None),
        (&operation::CREATE_MEMORY, Some("record-1")),
        (&operation::UPDATE_MEMORY, Some("record-1")),
        (&operation::UPSERT_MEMORY, Some("record-2")),
        (&operation::SEARCH_MEMORY, None),
        (&operation::DELETE_MEMORY, Some("record-1")),
        (&operation::DELETE_MEMORY_STORE, None),
    ] {
        remember(memory, record).await;
    }
    trace()
}

#[instrument_llm(
    operation = invoke_agent,
    provider = "openai",
    agent(name = "Planner", id = "agent-1"),
    conversation_id = CONVERSATION,
    response = none
)]
async fn planner() {
    plan();
    retrieve().await;
    let question = json!({
        "model": "gpt-4o-mini",
        "temperature": 0.5,
        "messages": [{ "role": "user", "content": "How is the weather in Husum?" }],
    });
    chat(question).await;
    weather("Husum").await;
    stream().await;
    let _ = refused().await;
}

#[instrument_llm(operation = plan, agent(name = "Planner"))]
fn plan() {}

#[instrument_llm(operation = retrieval, data_source = "handbook", response = none)]
async fn retrieve() -> usize {
    moment().await;
    embed();
    3
}

#[instrument_llm(operation = embeddings, provider = "openai", model = "text-embedding-3-small")]
fn embed() -> Answer {
    Answer { model: "text-embedding-3-small", input: 8, output: None }
}

/// With the body of a request and of an answer as `OpenAI` writes them.
#[instrument_llm(provider = "openai", request = question)]
async fn chat(question: Value) -> Value {
    moment().await;
    tracing::info!(model = question["model"].as_str(), "{LOG}");
    json!({
        "object": "chat.completion",
        "id": "chatcmpl-1",
        "model": "gpt-4o-mini-2024-07-18",
        "choices": [{
            "index": 0,
            "finish_reason": "stop",
            "message": { "role": "assistant", "content": "It rains." },
        }],
        "usage": {
            "prompt_tokens": 120,
            "completion_tokens": 30,
            "total_tokens": 150,
            "prompt_tokens_details": { "cached_tokens": 80 },
        },
    })
}

#[instrument_llm(
    operation = execute_tool,
    tool(name = "get_weather", type = "function", description = "The weather in a city", call_id = "call-1")
)]
async fn weather(city: &str) -> usize {
    forecaster().await;
    city.len()
}

/// An agent that is elsewhere.
#[instrument_llm(operation = invoke_agent, kind = client, provider = "openai", agent(name = "Forecaster"), response = none)]
async fn forecaster() {
    moment().await;
}

/// A stream of four pieces, by hand.
async fn stream() {
    let usage =
        Usage { input: Some(150), output: Some(45), cache_read: Some(100), ..Usage::default() };
    let pieces = [(false, None), (false, None), (true, None), (false, Some(usage))];
    let pieces = stream::iter(pieces).then(|(last, usage)| async move {
        moment().await;
        Ok::<_, Busy>(Piece { last, usage })
    });
    let mut answer =
        call(&operation::CHAT).provider("openai").model("gpt-4o").stream(Box::pin(pieces));
    while answer.next().await.is_some() {}
}

/// A call that fails, by hand.
async fn refused() -> Result<(), Busy> {
    let mut call = call(&operation::CHAT).provider("openai").model("o3").start();
    call.run(moment()).await;
    call.fail_as("rate_limit_exceeded");
    call.end();
    Err(Busy)
}

#[instrument_llm(operation = text_completion, provider = "openai", model = "gpt-3.5-turbo-instruct")]
fn complete() -> Answer {
    Answer { model: "gpt-3.5-turbo-instruct", input: 10, output: Some(20) }
}

#[instrument_llm(operation = generate_content, provider = "gcp.gemini", model = "gemini-2.5-flash")]
fn generate() -> Answer {
    Answer { model: "gemini-2.5-flash", input: 11, output: Some(21) }
}

#[instrument_llm(
    operation = fetch_response,
    provider = "openai",
    attributes(gen_ai.response.id = id),
    response = none
)]
async fn fetch(id: &str) -> usize {
    moment().await;
    id.len()
}

/// An operation on memory, by hand.
async fn remember(operation: &'static Operation, record: Option<&'static str>) {
    let mut call = call(operation).provider("openai").set(attr::GEN_AI_MEMORY_STORE_ID, "store-1");
    if let Some(record) = record {
        call = call.set(attr::GEN_AI_MEMORY_RECORD_ID, record);
    }
    let call = call.start();
    call.run(moment()).await;
    call.end();
}
