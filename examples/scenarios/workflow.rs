//! A chain of two calls, without an agent: `cargo run --example workflow`.
//!
//! The workflow is a span around them, and the conversation that it belongs to is handed down.

use async_openai::{
    error::OpenAIError,
    types::chat::{
        ChatCompletionRequestSystemMessage, ChatCompletionRequestUserMessage,
        CreateChatCompletionRequest, CreateChatCompletionRequestArgs, CreateChatCompletionResponse,
    },
};
use llmobs_examples::{
    connect::{Failure, OpenAi},
    loopback_openai::Behaviour,
};
use llmobs_runtime::instrument_llm;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let _telemetry = llmobs_runtime::configure()?;
    run(&OpenAi::from_env(Behaviour::default()).await?).await
}

pub(crate) async fn run(openai: &OpenAi) -> Result<(), Failure> {
    println!("{}", postcard(openai, "conversation-3", "Lisbon").await?);
    Ok(())
}

#[instrument_llm(
    operation = invoke_workflow,
    workflow = "postcard",
    conversation_id = conversation,
    capture(input = city, output)
)]
async fn postcard(openai: &OpenAi, conversation: &str, city: &str) -> Result<String, Failure> {
    let draft = say(openai, &format!("Write three sentences home from {city}.")).await?;
    say(openai, &format!("Shorten this to one: {draft}")).await
}

async fn say(openai: &OpenAi, question: &str) -> Result<String, Failure> {
    let request = CreateChatCompletionRequestArgs::default()
        .model(openai.model_or("gpt-4o-mini"))
        .messages([
            ChatCompletionRequestSystemMessage::from("You are a helpful assistant.").into(),
            ChatCompletionRequestUserMessage::from(question).into(),
        ])
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
