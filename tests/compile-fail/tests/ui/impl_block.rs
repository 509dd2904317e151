//! Faults of an `impl` block and of its functions, all at once.

use llmobs_runtime::instrument_llm;

struct Client;

#[instrument_llm(
    providr = "openai",
    modle = "a",
    kind = sideways,
    workflow = "no function of this block is one",
    attributes(gen_ai.requst.seed = 1),
    metric_attributes(gen_ai.conversation.id = "c"),
)]
impl Client {
    #[instrument_llm(response = none, colour = "red")]
    fn chat(&self) {}

    #[instrument_llm(operation = embeddingss, response = none)]
    fn embed(&self) {}

    #[instrument_llm(operation = execute_tool, model = "b")]
    fn tool(&self) {}

    #[instrument_llm(skip)]
    fn new() -> Self {
        Self
    }
}

#[instrument_llm(model = "a")]
impl Client {
    #[instrument_llm(response = none)]
    fn no_provider(&self) {}

    #[instrument_llm(operation = execute_tool)]
    fn needs_none(&self) {}
}

#[instrument_llm(operation = chatt, provider = "openai")]
impl Client {
    #[instrument_llm(response = none, model = 3)]
    fn first(&self) {}

    #[instrument_llm(response = none)]
    fn second(&self) {}
}

#[instrument_llm(operation = execute_tool, server = "host")]
impl Client {
    fn a_tool_has_no_server(&self) {}
}

fn main() {
    let client = Client::new();
    client.chat();
    client.embed();
    client.tool();
    client.no_provider();
    client.needs_none();
    client.first();
    client.second();
    client.a_tool_has_no_server();
}
