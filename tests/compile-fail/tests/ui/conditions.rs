//! Faults of conditions, and of what stands beside one that does not hold.

use llmobs_runtime::instrument_llm;

#[instrument_llm(cfg, operation = execute_tool)]
fn without_parentheses() {}

#[instrument_llm(cfg(), operation = execute_tool)]
fn empty() {}

#[instrument_llm(cfg(unix, windows), operation = execute_tool)]
fn two() {}

#[instrument_llm(cfg(feature = telemetry), operation = execute_tool)]
fn unquoted() {}

#[instrument_llm(cfg(features = "telemetry"), operation = execute_tool)]
fn misspelt() {}

#[instrument_llm(cfg("telemetry"), operation = execute_tool)]
fn no_name() {}

#[instrument_llm(cfg(feature), operation = execute_tool)]
fn no_value() {}

#[instrument_llm(cfg(all(unix, none(windows))), operation = execute_tool)]
fn unknown_group() {}

#[instrument_llm(cfg(any(unix windows)), operation = execute_tool)]
fn no_comma() {}

#[instrument_llm(cfg(unix), operation = execute_tool, cfg(windows))]
fn twice() {}

#[instrument_llm(cfg(false), operation = execute_tol)]
fn checked_where_it_does_not_hold() {}

#[instrument_llm(cfg(false), provider = "openai")]
impl Client {
    #[instrument_llm(modle = "gpt-4o", response = none)]
    fn chat(&self) {}
}

#[instrument_llm(cfg(false), operation = execute_tool)]
fn half_written(client: Client) {
    let unfinished = client.
}

struct Client;

fn main() {
    without_parentheses();
    empty();
    two();
    unquoted();
    misspelt();
    no_name();
    no_value();
    unknown_group();
    no_comma();
    twice();
    checked_where_it_does_not_hold();
    Client.chat();
    half_written(Client);
}
