//! A conversation that the service keeps: `cargo run -p llmobs-examples --features responses --example responses`.
//!
//! The second request names the response that it goes on from instead of repeating it, and the answer is read once more
//! at the end, which is an operation of its own. Instructions stand apart from the messages here.

use async_openai::{
    error::OpenAIError,
    types::responses::{
        CreateResponse, CreateResponseArgs, Reasoning, ReasoningEffort, Response,
        ServiceTierResponses,
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
    let first = respond(openai, request(openai, "Where should I go?").build()?).await?;
    println!("{}", first.output_text().unwrap_or_default());

    let further = request(openai, "And after that?").previous_response_id(first.id).build()?;
    let second = respond(openai, further).await?;
    println!("{}", second.output_text().unwrap_or_default());

    let again = fetch(openai, &second.id).await?;
    println!("{:?}: {}", again.status, again.output_text().unwrap_or_default());
    if let Err(error) = fetch(openai, "resp_of_yesterday").await {
        println!("{error}");
    }
    Ok(())
}

#[instrument_llm(provider = openai.provider, server = openai.server(), request = request)]
async fn respond(openai: &OpenAi, request: CreateResponse) -> Result<Response, OpenAIError> {
    openai.client.responses().create(request).await
}

#[instrument_llm(
    operation = fetch_response,
    provider = openai.provider,
    server = openai.server(),
    attributes(gen_ai.response.id = id)
)]
async fn fetch(openai: &OpenAi, id: &str) -> Result<Response, OpenAIError> {
    openai.client.responses().retrieve(id).await
}

fn request(openai: &OpenAi, question: &str) -> CreateResponseArgs {
    let reasoning = Reasoning { effort: Some(ReasoningEffort::Low), ..Reasoning::default() };
    let mut request = CreateResponseArgs::default();
    request
        .model(openai.model_or("gpt-5-mini"))
        .instructions("You are a helpful assistant.")
        .input(question)
        .reasoning(reasoning)
        .max_output_tokens(2000_u32)
        .service_tier(ServiceTierResponses::Default)
        .store(true);
    request
}
