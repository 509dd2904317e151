//! One question, one answer: `cargo run --example inference`.
//!
//! What the request says of how to answer is recorded as it is sent, and of the response all but its words: the
//! model that answered, the reason to stop of each choice, the tokens. The second request is one that the service
//! refuses; its span tells why.

use std::collections::HashMap;

use async_openai::{
    error::OpenAIError,
    types::chat::{
        ChatCompletionRequestSystemMessage, ChatCompletionRequestUserMessage,
        CreateChatCompletionRequest, CreateChatCompletionRequestArgs, CreateChatCompletionResponse,
        ResponseFormat, ServiceTier, StopConfiguration,
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
    let answer = chat(openai, request(openai.model_or("gpt-4o-mini"), 0.5)?).await?;
    for choice in answer.choices {
        println!("{}", choice.message.content.unwrap_or_default());
    }

    // No service takes a temperature of 3.
    match chat(openai, request(openai.model_or("gpt-4o-mini"), 3.0)?).await {
        Ok(_) => println!("The service took it."),
        Err(error) => println!("Refused: {error}"),
    }
    Ok(())
}

/// The call. Which template the question was made from only the application knows.
#[instrument_llm(
    provider = openai.provider,
    server = openai.server(),
    request = request,
    prompt(name = "city-in-a-sentence", version = "3")
)]
async fn chat(
    openai: &OpenAi,
    request: CreateChatCompletionRequest,
) -> Result<CreateChatCompletionResponse, OpenAIError> {
    openai.client.chat().create(request).await
}

/// A request with every option that the API has for the way to an answer.
fn request(model: &str, temperature: f32) -> Result<CreateChatCompletionRequest, OpenAIError> {
    CreateChatCompletionRequestArgs::default()
        .model(model)
        .messages([
            ChatCompletionRequestSystemMessage::from("You are a helpful assistant.").into(),
            ChatCompletionRequestUserMessage::from("Describe Lisbon in one sentence.").into(),
        ])
        .temperature(temperature)
        .top_p(0.9)
        .max_completion_tokens(100_u32)
        .n(2)
        .seed(42_i64)
        .stop(StopConfiguration::StringArray(vec!["\n\n".into(), "END".into()]))
        .frequency_penalty(0.1)
        .presence_penalty(0.2)
        .logit_bias(HashMap::from([("50256".to_owned(), -100_i8)]))
        .logprobs(true)
        .top_logprobs(1)
        .response_format(ResponseFormat::Text)
        .service_tier(ServiceTier::Default)
        .build()
}
