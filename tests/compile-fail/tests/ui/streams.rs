//! `stream` where there is none, and where it does not stand alone.

use llmobs_runtime::instrument_llm;

#[instrument_llm(provider = "openai", stream)]
fn nothing() {}

#[instrument_llm(provider = "openai", stream, response = none)]
fn a_reference() -> &'static str {
    ""
}

#[instrument_llm(provider = "openai", stream, response = none)]
async fn a_pair() -> Result<(u8, u8), ()> {
    Ok((1, 2))
}

#[instrument_llm(provider = "openai", stream, response = none)]
fn a_list() -> Vec<u8> {
    Vec::new()
}

#[instrument_llm(provider = "openai", stream = true)]
fn with_a_value() -> u8 {
    1
}

#[instrument_llm(provider = "openai", stream, stream)]
fn twice() -> u8 {
    1
}

#[instrument_llm(provider = "openai", streams)]
fn near_miss() -> u8 {
    1
}

struct Client;

#[instrument_llm(provider = "openai", stream)]
impl Client {
    fn chunks() -> u8 {
        1
    }
}

fn main() {
    nothing();
    a_reference();
    a_pair();
    a_list();
    with_a_value();
    twice();
    near_miss();
    Client::chunks();
}
