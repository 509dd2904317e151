//! Fields whose types cannot be the values of their attributes.

use llmobs_runtime::{LlmRequest, LlmResponse};

struct Model(String);

fn length(model: &Model) -> usize {
    model.0.len()
}

#[derive(LlmRequest)]
struct Request {
    #[llm(request.model)]
    model: Model,
    #[llm(request.seed)]
    seed: String,
    #[llm(request.temperature)]
    temperature: Option<Vec<f64>>,
    #[llm(request.stop_sequences)]
    stop: Vec<u8>,
    #[llm("app.model")]
    own: Model,
    #[llm(request.model, with = length)]
    with: Model,
    #[llm(request.model, with = |model| model.0.len())]
    with_closure: Model,
}

#[derive(LlmResponse)]
struct Response {
    #[llm(nested)]
    usage: Option<Model>,
    #[llm(usage.input_tokens, exclusive)]
    input: Model,
}

fn main() {}
