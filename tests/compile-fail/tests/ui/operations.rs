//! Operations that there are none of, and arguments that an operation does not have.

use llmobs_runtime::instrument_llm;

#[instrument_llm(operation = chatt, provider = "openai", model = "a", response = none)]
fn near_miss() {}

#[instrument_llm(operation = "translate", gen_ai.x = 1)]
fn far_miss() {}

#[instrument_llm(operation = )]
fn no_operation() {}

#[instrument_llm(operation = execute_tool, kind = client)]
fn an_impossible_kind() {}

#[instrument_llm(provider = "openai", kind = server, response = none)]
fn a_kind_of_others() {}

#[instrument_llm(provider = "openai", kind = "client", response = none)]
fn a_kind_in_quotes() {}

#[instrument_llm(operation = execute_tool, model = "a", workflow = "b", server = "host")]
fn a_tool() {}

#[instrument_llm(provider = "openai", attributes(gen_ai.tool.call.id = "b"), agent(name = "c"), response = none)]
fn a_chat() {}

#[instrument_llm(operation = execute_tool, usage = |it| it)]
fn usage_of_a_tool() {}

#[instrument_llm(response = none)]
fn no_provider() {}

#[instrument_llm(operation = embeddings, model = 3)]
fn no_provider_and_more() {}

#[instrument_llm(providr = "openai", response = none)]
fn a_provider_by_another_name() {}

fn main() {
    near_miss();
    far_miss();
    no_operation();
    an_impossible_kind();
    a_kind_of_others();
    a_kind_in_quotes();
    a_tool();
    a_chat();
    usage_of_a_tool();
    no_provider();
    no_provider_and_more();
    a_provider_by_another_name();
}
