//! Content of types that must not leave the process.

use llmobs_runtime::{LlmChunk, LlmRequest, LlmResponse, instrument_llm};

/// What nobody may see.
struct Secret<T>(T);

#[instrument_llm(provider = "openai", response = none, capture(input = key))]
fn a_secret(key: Secret<String>) {}

#[instrument_llm(provider = "openai", response = none, capture(input = &keys.0, instructions = keys.1))]
async fn secrets_inside(keys: (Vec<Secret<u8>>, Option<Secret<u8>>)) {}

#[instrument_llm(operation = execute_tool, capture(arguments(city, key), result = |it| it))]
fn among_arguments(city: &str, key: &Secret<String>) -> String {
    String::new()
}

#[instrument_llm(operation = execute_tool, capture(arguments = key))]
fn as_arguments(key: Secret<u8>) {}

#[instrument_llm(operation = execute_tool, capture(result))]
fn as_the_result() -> Result<Secret<String>, std::io::Error> {
    Ok(Secret(String::new()))
}

#[instrument_llm(operation = execute_tool, capture(result = |it| &it.0))]
fn inside_the_result() -> (Secret<u8>, u8) {
    (Secret(1), 2)
}

#[instrument_llm(operation = execute_tool, capture(result = take))]
fn taken_from_the_result() -> (Secret<u8>, u8) {
    (Secret(1), 2)
}

fn take(of: &(Secret<u8>, u8)) -> &Secret<u8> {
    &of.0
}

#[instrument_llm(operation = invoke_agent, capture(output))]
async fn as_the_output() -> Secret<String> {
    Secret(String::new())
}

#[derive(LlmRequest)]
struct Request {
    #[llm(input.messages)]
    messages: Secret<String>,
    #[llm(system_instructions)]
    instructions: Option<Secret<String>>,
}

#[derive(LlmResponse)]
struct Response {
    #[llm(output.messages)]
    messages: Vec<Secret<String>>,
    #[llm(output.messages, with = |it| &it.0)]
    nested: Secret<Secret<String>>,
}

#[derive(LlmChunk)]
struct Chunk {
    #[llm(content.text)]
    text: Secret<String>,
    #[llm(content.part)]
    part: Secret<String>,
    #[llm(complete)]
    complete: Secret<bool>,
    #[llm(choice)]
    choice: Secret<u8>,
}

fn main() {}
