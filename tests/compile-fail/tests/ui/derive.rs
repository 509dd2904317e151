//! Derives that say nothing or something wrong.

use llmobs_runtime::{LlmChunk, LlmRequest, LlmResponse};

#[derive(LlmRequest)]
struct Keys {
    #[llm(reqest.model)]
    mistyped: String,
    #[llm(app.tenant)]
    own_as_a_path: String,
    #[llm("gen_ai.request.modle")]
    mistyped_string: String,
    #[llm(system)]
    deprecated: String,
    #[llm(memory.query.text)]
    content: String,
    #[llm(content.text)]
    of_a_chunk: String,
    #[llm(prompt.variable.city)]
    template: String,
    #[llm(operation.name)]
    operation: String,
    #[llm(error.type)]
    error: String,
    #[llm(neted)]
    nested: Option<String>,
}

#[derive(LlmResponse)]
struct Options {
    #[llm(response.model, wth = String::len)]
    near_miss: String,
    #[llm(response.id, default)]
    far_miss: String,
    #[llm(usage.output_tokens, exclusive)]
    output: u64,
    #[llm("app.count", exclusive)]
    own: u64,
    #[llm(nested, exclusive)]
    nested: Option<String>,
    #[llm(usage.input_tokens, exclusive, exclusive)]
    twice: u64,
    #[llm(response.id, with)]
    without_function: String,
    #[llm(response.id, with = 3)]
    with_a_number: String,
    #[llm(response.id, with = |a, b| a)]
    with_two: String,
    #[llm(response.id = "r-1")]
    with_a_value: String,
    #[llm]
    empty: String,
    #[llm()]
    empty_too: String,
    #[llm(response.id response.model)]
    two_keys: String,
    #[llm("")]
    no_key: String,
}

#[derive(LlmRequest, LlmResponse)]
struct Silent {
    model: String,
}

#[derive(LlmResponse)]
struct Unit;

#[derive(LlmResponse)]
enum Either {
    #[llm(response.id)]
    A(String),
    B {
        id: String,
    },
}

#[derive(LlmResponse)]
enum SilentChoice {
    A(String),
    B,
}

#[derive(LlmChunk)]
struct Chunk {
    #[llm(contnt.text)]
    mistyped: String,
    #[llm(output.messages)]
    messages: String,
    #[llm(choice)]
    choice: u8,
    #[llm(choice)]
    second_choice: u8,
    #[llm(complete, exclusive)]
    complete: bool,
}

#[derive(LlmChunk)]
enum Chunks {
    #[llm(response.id)]
    A(String),
    #[llm(complete)]
    B,
}

#[derive(LlmChunk)]
struct SilentChunk {
    text: String,
}

#[derive(LlmResponse)]
union Bits {
    whole: u32,
    half: u16,
}

#[derive(LlmRequest)]
#[llm(request.model)]
struct OnTheType {
    #[llm(request.model)]
    model: String,
}

#[derive(LlmRequest)]
#[llm(crate)]
struct NoCrate {
    #[llm(request.model)]
    model: String,
}

fn main() {}
