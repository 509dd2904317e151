//! Texts as vectors: `cargo run --example embeddings`.
//!
//! Another operation with attributes of its own: how long the vectors are, and in which encoding they were asked for.
//! The second request is one that the service refuses. `OPENAI_EMBEDDING_MODEL` names another model.

use async_openai::{
    error::OpenAIError,
    types::embeddings::{
        CreateEmbeddingRequest, CreateEmbeddingRequestArgs, CreateEmbeddingResponse, EncodingFormat,
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
    for vector in embed(openai, request(256)?).await?.data {
        println!(
            "{} numbers, of which the first is {:?}",
            vector.embedding.len(),
            vector.embedding.first()
        );
    }

    // No model has as many dimensions.
    match embed(openai, request(65_536)?).await {
        Ok(_) => println!("The service took it."),
        Err(error) => println!("Refused: {error}"),
    }
    Ok(())
}

#[instrument_llm(
    operation = embeddings,
    provider = openai.provider,
    server = openai.server(),
    request = request
)]
async fn embed(
    openai: &OpenAi,
    request: CreateEmbeddingRequest,
) -> Result<CreateEmbeddingResponse, OpenAIError> {
    openai.client.embeddings().create(request).await
}

fn request(dimensions: u32) -> Result<CreateEmbeddingRequest, OpenAIError> {
    let model = std::env::var("OPENAI_EMBEDDING_MODEL");
    CreateEmbeddingRequestArgs::default()
        .model(model.as_deref().unwrap_or("text-embedding-3-small"))
        .input(["Say this is a test", "And this is another one"])
        .encoding_format(EncodingFormat::Float)
        .dimensions(dimensions)
        .user("user-17")
        .build()
}
