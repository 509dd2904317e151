//! The same call as in `inference.rs`, as a stream: `cargo run --example streaming`.
//!
//! The span ends with the last chunk, and knows when the first one came. Why it stopped and what it cost stand in
//! the last chunks; the cost only where `include_usage` asks for it.

use std::io::Write;

use async_openai::{
    error::OpenAIError,
    types::chat::{
        ChatCompletionRequestSystemMessage, ChatCompletionRequestUserMessage,
        ChatCompletionResponseStream, ChatCompletionStreamOptions, CreateChatCompletionRequest,
        CreateChatCompletionRequestArgs, ServiceTier, StopConfiguration,
    },
};
use futures::StreamExt;
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
    let mut answer = chat(openai, request(openai.model_or("gpt-4o-mini"))?).await?;
    while let Some(chunk) = answer.next().await {
        for choice in chunk?.choices {
            print!("{}", choice.delta.content.unwrap_or_default());
            std::io::stdout().flush()?;
        }
    }
    println!();
    Ok(())
}

#[instrument_llm(provider = openai.provider, server = openai.server(), request = request)]
async fn chat(
    openai: &OpenAi,
    request: CreateChatCompletionRequest,
) -> Result<ChatCompletionResponseStream, OpenAIError> {
    openai.client.chat().create_stream(request).await
}

fn request(model: &str) -> Result<CreateChatCompletionRequest, OpenAIError> {
    CreateChatCompletionRequestArgs::default()
        .model(model)
        .messages([
            ChatCompletionRequestSystemMessage::from("You are a helpful assistant.").into(),
            ChatCompletionRequestUserMessage::from("Describe Lisbon in one sentence.").into(),
        ])
        .stream(true)
        .stream_options(ChatCompletionStreamOptions {
            include_usage: Some(true),
            include_obfuscation: None,
        })
        .temperature(0.5)
        .top_p(0.9)
        .max_completion_tokens(100_u32)
        .seed(42_i64)
        .stop(StopConfiguration::StringArray(vec!["\n\n".into(), "END".into()]))
        .frequency_penalty(0.1)
        .presence_penalty(0.2)
        .service_tier(ServiceTier::Default)
        .build()
}
