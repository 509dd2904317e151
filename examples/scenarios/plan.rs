//! An agent that makes a plan before it acts: `cargo run --example plan`.
//!
//! Planning is a span of its own below the agent's, and so is each step. What the model is asked on the way is
//! recorded below the one that it serves, so the trace shows what planning cost and what acting did.

use async_openai::{
    error::OpenAIError,
    types::chat::{
        ChatCompletionRequestSystemMessage, ChatCompletionRequestUserMessage,
        CreateChatCompletionRequest, CreateChatCompletionRequestArgs, CreateChatCompletionResponse,
        ResponseFormat, ResponseFormatJsonSchema,
    },
};
use llmobs_examples::{
    connect::{Failure, OpenAi},
    loopback_openai::Behaviour,
};
use llmobs_runtime::instrument_llm;
use serde_json::{Value, json};

const MODEL: &str = "gpt-4o-mini";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let _telemetry = llmobs_runtime::configure()?;
    run(&OpenAi::from_env(Behaviour::default()).await?).await
}

pub(crate) async fn run(openai: &OpenAi) -> Result<(), Failure> {
    for line in planner(openai, "conversation-5", "A day in Lisbon").await? {
        println!("{line}");
    }
    Ok(())
}

#[instrument_llm(
    operation = invoke_agent,
    agent(name = "Planner"),
    conversation_id = conversation,
    provider = openai.provider,
    model = openai.model_or(MODEL),
    response = none
)]
async fn planner(openai: &OpenAi, conversation: &str, wish: &str) -> Result<Vec<String>, Failure> {
    let mut done = Vec::new();
    for step in plan(openai, wish).await? {
        let question = format!("Say in one sentence how: {step}");
        done.push(say(openai, &question, ResponseFormat::Text).await?);
    }
    Ok(done)
}

/// The plan: a list of steps, in the shape that the schema gives it.
#[instrument_llm(operation = plan, agent(name = "Planner"), response = none)]
async fn plan(openai: &OpenAi, wish: &str) -> Result<Vec<String>, Failure> {
    let schema = json!({
        "type": "object",
        "properties": { "steps": { "type": "array", "items": { "type": "string" } } },
        "required": ["steps"],
        "additionalProperties": false,
    });
    let steps = ResponseFormatJsonSchema {
        name: "steps".to_owned(),
        description: None,
        schema,
        strict: Some(true),
    };
    let format = ResponseFormat::JsonSchema { json_schema: steps };
    let plan: Value = serde_json::from_str(&say(openai, wish, format).await?)?;
    let steps = plan.get("steps").and_then(Value::as_array).into_iter().flatten();
    Ok(steps.filter_map(Value::as_str).map(str::to_owned).collect())
}

async fn say(openai: &OpenAi, question: &str, format: ResponseFormat) -> Result<String, Failure> {
    let request = CreateChatCompletionRequestArgs::default()
        .model(openai.model_or(MODEL))
        .messages([
            ChatCompletionRequestSystemMessage::from("You are a helpful assistant.").into(),
            ChatCompletionRequestUserMessage::from(question).into(),
        ])
        .response_format(format)
        .max_completion_tokens(100_u32)
        .temperature(0.5)
        .build()?;
    let choice = chat(openai, request).await?.choices.into_iter().next();
    choice.and_then(|it| it.message.content).ok_or_else(|| "the model said nothing".into())
}

#[instrument_llm(provider = openai.provider, server = openai.server(), request = request)]
async fn chat(
    openai: &OpenAi,
    request: CreateChatCompletionRequest,
) -> Result<CreateChatCompletionResponse, OpenAIError> {
    openai.client.chat().create(request).await
}
