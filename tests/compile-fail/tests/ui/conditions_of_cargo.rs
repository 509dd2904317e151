//! What cargo does not know as a feature of the crate is told at its place, and once.

#![deny(unexpected_cfgs)]

use llmobs_runtime::instrument_llm;

#[instrument_llm(cfg(feature = "telemetri"), operation = execute_tool)]
fn tool() {}

fn main() {
    tool();
}
