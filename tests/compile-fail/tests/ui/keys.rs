//! Attribute keys that are wrong, and literals that their attributes cannot have.

use llmobs_runtime::instrument_llm;

#[instrument_llm(
    provider = "openai",
    response = none,
    attributes(
        gen_ai.requst.seed = 1,
        "gen_ai.request.modle" = "a",
        mcp.sesion.id = "b",
        openai.request.tier = "c",
        gen_ai.colour = "red",
    ),
    metric_attributes(gen_ai.agent.nam = "d"),
)]
fn unknown() {}

#[instrument_llm(
    response = none,
    attributes(
        gen_ai.system = "openai",
        gen_ai.usage.prompt_tokens = 1,
        "gen_ai.usage.cache_creation.input_tokens" = 2,
        gen_ai.prompt = "content",
    ),
)]
fn deprecated() {}

#[instrument_llm(provider = "az.ai.openai", response = none)]
fn a_deprecated_provider() {}

#[instrument_llm(
    provider = 3,
    model = "",
    response = none,
    attributes(
        gen_ai.request.seed = "seven",
        gen_ai.request.max_tokens = 1.5,
        gen_ai.request.temperature = "hot",
        gen_ai.request.stream = 1,
        gen_ai.request.stop_sequences = -1,
        gen_ai.conversation.id = 'c',
    ),
)]
fn literals_of_another_type() {}

#[instrument_llm(
    provider = "openai",
    model = "a",
    response = none,
    attributes(gen_ai.request.model = "b", app.tenant = 1, "app.tenant" = 2),
    metric_attributes(app.tenant = 3, region = "north", region = "south"),
)]
fn twice() {}

#[instrument_llm(
    provider = "openai",
    response = none,
    attributes(
        gen_ai.operation.name = "chat",
        error.type = "timeout",
        gen_ai.input.messages = "hello",
        gen_ai.prompt.variable.city = "Bern",
    ),
)]
fn not_to_be_set() {}

#[instrument_llm(
    provider = "openai",
    response = none,
    metric_attributes(
        gen_ai.conversation.id = "c",
        gen_ai.request.model = "a",
        server.address = "host",
        gen_ai.output.messages = "hello",
        gen_ai.output.type = 3,
    ),
)]
fn not_for_metrics() {}

fn main() {
    unknown();
    deprecated();
    a_deprecated_provider();
    literals_of_another_type();
    twice();
    not_to_be_set();
    not_for_metrics();
}
