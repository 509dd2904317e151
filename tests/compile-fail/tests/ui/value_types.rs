//! Expressions whose types the arguments do not take.

use llmobs_runtime::instrument_llm;

struct Model(String);

#[instrument_llm(
    provider = "openai",
    model = model.0.len(),
    conversation_id = Some(model),
    response = none,
    attributes(gen_ai.request.seed = model.0.as_str(), app.model = model),
    metric_attributes(region = model),
)]
fn attributes(model: &Model) {}

#[instrument_llm(provider = "openai", server = model, response = none)]
fn server(model: &Model) {}

#[instrument_llm(provider = "openai", server = 8080, response = none)]
fn port() {}

#[instrument_llm(provider = "openai", request = model, response = none)]
fn request(model: Model) {}

#[instrument_llm(provider = "openai", request = &model.0, response = none)]
async fn async_request(model: Model) {}

#[instrument_llm(provider = "openai", name = model, response = none)]
fn name(model: &Model) {}

fn main() {}
