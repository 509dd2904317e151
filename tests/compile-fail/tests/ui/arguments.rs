//! Arguments that are none, and values that they cannot have.

use llmobs_runtime::instrument_llm;

#[instrument_llm(provider = "openai", modle = "gpt-4o", response = none)]
fn near_miss() {}

#[instrument_llm(provider = "openai", colour = "red", response = none)]
fn far_miss() {}

#[instrument_llm(system = "openai", fields(a = 1), skip_all, err, ret, level = "debug", response = none)]
fn of_other_macros() {}

#[instrument_llm(provider = "openai", provider = "anthropic", model = "a", model = 3, response = none)]
fn twice() {}

#[instrument_llm(provider, model =, name = , request, response, usage =)]
fn without_value() {}

#[instrument_llm(provider "openai" response = none model = "a")]
fn without_sign_or_comma() {}

#[instrument_llm(provider = "openai", skip(_question), response = none)]
fn skipped(_question: &str) {}

#[instrument_llm(provider = "openai", name = 5, response = none)]
fn named_by_a_number() {}

#[instrument_llm(operation = execute_tool, tool(nam = "a", colour = "b", call_id))]
fn members_of_a_tool() {}

#[instrument_llm(operation = execute_tool, tool = "search")]
fn a_tool_without_parentheses() {}

#[instrument_llm(operation = invoke_agent, agent(name = "a" id = "b"), attributes = 3)]
fn an_agent_without_comma() {}

#[instrument_llm(provider = "openai", attributes("app.tenant", app.region, "" = 1, = 2, 3 = 4), response = none)]
fn keys_without_value() {}

#[instrument_llm(provider = "openai", response = |a, b| a, usage = || 3)]
fn closures_of_the_wrong_arity() {}

#[instrument_llm(provider = "openai", response = None)]
fn none_in_upper_case() {}

#[instrument_llm(provider = "openai", response = value.body, usage = none)]
fn no_function() {}

#[instrument_llm(provider = "openai", response = async |value| value)]
fn an_async_closure() {}

#[instrument_llm(provider = "openai", crate = 3, response = none)]
fn a_crate_that_is_no_path() {}

fn main() {
    // Every function is still there.
    near_miss();
    far_miss();
    of_other_macros();
    twice();
    without_value();
    without_sign_or_comma();
    skipped("");
    named_by_a_number();
    members_of_a_tool();
    a_tool_without_parentheses();
    an_agent_without_comma();
    keys_without_value();
    closures_of_the_wrong_arity();
    none_in_upper_case();
    no_function();
    an_async_closure();
    a_crate_that_is_no_path();
}
