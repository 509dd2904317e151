//! Content that there is none of, and that is given wrongly.

use llmobs_runtime::instrument_llm;

#[instrument_llm(provider = "openai", response = none, captrue(input))]
fn near_miss() {}

#[instrument_llm(provider = "openai", response = none, capture(inputs, picture, input, input))]
fn kinds() {}

#[instrument_llm(provider = "openai", response = none, capture)]
fn without_parentheses() {}

#[instrument_llm(provider = "openai", response = none, capture = input)]
fn with_a_sign() {}

#[instrument_llm(provider = "openai", response = none, capture())]
fn empty() {}

#[instrument_llm(provider = "openai", response = none, capture(none, output))]
fn none_and_more() {}

#[instrument_llm(provider = "openai", response = none, capture(input = |it| it, output = 3, tools =, instructions(a)))]
fn values() {}

#[instrument_llm(provider = "openai", response = none, capture(arguments(a), result))]
fn of_a_tool() {}

#[instrument_llm(operation = execute_tool, capture(input = question, output, arguments(a, a, b =, "c"), result = none))]
fn of_a_chat(question: &str) {}

#[instrument_llm(operation = embeddings, provider = "openai", response = none, capture(input))]
fn of_no_attribute() {}

#[instrument_llm(
    provider = "openai",
    response = none,
    attributes(
        gen_ai.input.messages = "hello",
        gen_ai.output.messages = "hello",
        gen_ai.tool.call.arguments = "hello",
        gen_ai.memory.query.text = "hello",
    ),
)]
fn as_attributes() {}

#[instrument_llm(operation = execute_tool, capture(result))]
fn the_result_of_a_stream() -> futures::stream::BoxStream<'static, u8> {
    loop {}
}

#[instrument_llm(provider = "openai", capture(output = |it| it))]
fn the_output_of_a_stream() -> impl Stream<Item = u8> {
    loop {}
}

struct Client;

#[instrument_llm(provider = "openai", response = none, capture(input, result, tool))]
impl Client {
    fn ask() {}
}

fn main() {
    near_miss();
    kinds();
    without_parentheses();
    with_a_sign();
    empty();
    none_and_more();
    values();
    of_a_tool();
    of_a_chat("");
    of_no_attribute();
    as_attributes();
    Client::ask();
}
