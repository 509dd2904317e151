//! An answer in the shape of a JSON Schema: `cargo run --example structured_output`.
//!
//! The span says that JSON was asked for. The model is one that reasons: it is told how hard to, and what that cost
//! is counted apart. Such models take no temperature.

use async_openai::{
    error::OpenAIError,
    types::chat::{
        ChatCompletionRequestDeveloperMessage, ChatCompletionRequestUserMessage,
        CreateChatCompletionRequest, CreateChatCompletionRequestArgs, CreateChatCompletionResponse,
        ReasoningEffort, ResponseFormat, ResponseFormatJsonSchema, Verbosity,
    },
};
use llmobs_examples::{
    connect::{Failure, OpenAi},
    loopback_openai::Behaviour,
};
use llmobs_runtime::instrument_llm;
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let _telemetry = llmobs_runtime::configure()?;
    run(&OpenAi::from_env(Behaviour::default()).await?).await
}

pub(crate) async fn run(openai: &OpenAi) -> Result<(), Failure> {
    let request = CreateChatCompletionRequestArgs::default()
        .model(openai.model_or("gpt-5-mini"))
        .messages([
            ChatCompletionRequestDeveloperMessage::from("You are a helpful assistant.").into(),
            ChatCompletionRequestUserMessage::from("Where is the Torre de Belém?").into(),
        ])
        .response_format(ResponseFormat::JsonSchema { json_schema: place() })
        .reasoning_effort(ReasoningEffort::Low)
        .verbosity(Verbosity::Low)
        .max_completion_tokens(2000_u32)
        .build()?;
    let answer = chat(openai, request).await?;
    let choice = answer.choices.into_iter().next().ok_or("the model said nothing")?;
    let place: Value = serde_json::from_str(&choice.message.content.unwrap_or_default())?;
    println!("{} has {}.", place["city"], place["sights"]);
    Ok(())
}

#[instrument_llm(provider = openai.provider, server = openai.server(), request = request)]
async fn chat(
    openai: &OpenAi,
    request: CreateChatCompletionRequest,
) -> Result<CreateChatCompletionResponse, OpenAIError> {
    openai.client.chat().create(request).await
}

fn place() -> ResponseFormatJsonSchema {
    ResponseFormatJsonSchema {
        name: "place".to_owned(),
        description: Some("A city and what there is to see".to_owned()),
        schema: json!({
            "type": "object",
            "properties": {
                "city": { "type": "string" },
                "sights": { "type": "array", "items": { "type": "string" } },
            },
            "required": ["city", "sights"],
            "additionalProperties": false,
        }),
        strict: Some(true),
    }
}
