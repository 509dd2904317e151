//! One run of an agent, without tools: `cargo run --example invoke_agent`.
//!
//! The agent's span says who it is and in which conversation it speaks, and, since the agent's request is the model's,
//! how it is set up and what the run cost. The call of the model is a span below it that has the conversation, too.

use async_openai::{
    error::OpenAIError,
    types::chat::{
        ChatCompletionRequestSystemMessage, ChatCompletionRequestUserMessage,
        CreateChatCompletionRequest, CreateChatCompletionRequestArgs, CreateChatCompletionResponse,
        ResponseFormat, StopConfiguration,
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
    let answer = travel_guide(openai, "conversation-7", request(openai)?).await?;
    for choice in answer.choices {
        println!("{}", choice.message.content.unwrap_or_default());
    }
    Ok(())
}

#[instrument_llm(
    operation = invoke_agent,
    agent(
        name = "Travel Guide",
        id = "agent-4711",
        description = "Says where to go",
        version = env!("CARGO_PKG_VERSION")
    ),
    conversation_id = conversation,
    // The conventions that are released want it on the agent, too.
    provider = openai.provider,
    request = request
)]
async fn travel_guide(
    openai: &OpenAi,
    conversation: &str,
    request: CreateChatCompletionRequest,
) -> Result<CreateChatCompletionResponse, OpenAIError> {
    chat(openai, request).await
}

#[instrument_llm(provider = openai.provider, server = openai.server(), request = request)]
async fn chat(
    openai: &OpenAi,
    request: CreateChatCompletionRequest,
) -> Result<CreateChatCompletionResponse, OpenAIError> {
    openai.client.chat().create(request).await
}

fn request(openai: &OpenAi) -> Result<CreateChatCompletionRequest, OpenAIError> {
    CreateChatCompletionRequestArgs::default()
        .model(openai.model_or("gpt-4o-mini"))
        .messages([
            ChatCompletionRequestSystemMessage::from("You are a helpful assistant.").into(),
            ChatCompletionRequestUserMessage::from("Where should I go in Lisbon?").into(),
        ])
        .temperature(0.5)
        .top_p(0.9)
        .max_completion_tokens(100_u32)
        .n(2)
        .seed(42_i64)
        .stop(StopConfiguration::String("END".into()))
        .frequency_penalty(0.1)
        .presence_penalty(0.2)
        .response_format(ResponseFormat::Text)
        .build()
}
