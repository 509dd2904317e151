//! Finding what fits a question: `cargo run --example retrieval`.
//!
//! The client has no call for it: the program keeps its texts as vectors itself, and looks for the nearest ones. The
//! search is a span, and the embedding of the question is one below it.

use async_openai::{
    error::OpenAIError,
    types::embeddings::{
        CreateEmbeddingRequest, CreateEmbeddingRequestArgs, CreateEmbeddingResponse,
    },
};
use llmobs_examples::{
    connect::{Failure, OpenAi},
    loopback_openai::Behaviour,
};
use llmobs_runtime::instrument_llm;

const MODEL: &str = "text-embedding-3-small";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let _telemetry = llmobs_runtime::configure()?;
    run(&OpenAi::from_env(Behaviour::default()).await?).await
}

pub(crate) async fn run(openai: &OpenAi) -> Result<(), Failure> {
    let texts =
        ["The tram climbs to the castle.", "The train goes to the sea.", "The ferry is slow."];
    let index = Index {
        name: "handbook",
        entries: texts.into_iter().zip(vectors(openai, &texts).await?).collect(),
    };
    for text in search(openai, &index, "How do I get to the sea?", 2).await? {
        println!("{text}");
    }
    Ok(())
}

/// Texts with their vectors.
struct Index {
    name: &'static str,
    entries: Vec<(&'static str, Vec<f32>)>,
}

/// The search: where, how many, and with whose model.
#[instrument_llm(
    operation = retrieval,
    data_source = index.name,
    provider = openai.provider,
    server = openai.server(),
    model = MODEL,
    attributes(gen_ai.retrieval.top_k = top_k)
)]
async fn search(
    openai: &OpenAi,
    index: &Index,
    question: &str,
    top_k: usize,
) -> Result<Vec<&'static str>, Failure> {
    let asked = vectors(openai, &[question]).await?.into_iter().next().unwrap_or_default();
    let near = |vector: &[f32]| -> f32 { asked.iter().zip(vector).map(|(a, b)| a * b).sum() };
    let mut found: Vec<_> = index.entries.iter().collect();
    found.sort_by(|(_, a), (_, b)| near(b).total_cmp(&near(a)));
    Ok(found.into_iter().take(top_k).map(|(text, _)| *text).collect())
}

async fn vectors(openai: &OpenAi, texts: &[&str]) -> Result<Vec<Vec<f32>>, Failure> {
    let request = CreateEmbeddingRequestArgs::default()
        .model(MODEL)
        .input(texts.iter().map(ToString::to_string).collect::<Vec<_>>())
        .dimensions(64_u32)
        .build()?;
    Ok(embed(openai, request).await?.data.into_iter().map(|it| it.embedding).collect())
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
