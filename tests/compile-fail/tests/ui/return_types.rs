//! Returned values that do not say what they are.

use std::future::Future;
use std::pin::Pin;

use llmobs_runtime::instrument_llm;

struct Answer {
    text: String,
}

#[instrument_llm(provider = "openai")]
async fn plain() -> Answer {
    loop {}
}

#[instrument_llm(provider = "openai")]
async fn fallible() -> Result<Answer, std::io::Error> {
    loop {}
}

#[instrument_llm(provider = "openai")]
fn optional() -> Option<Answer> {
    None
}

#[instrument_llm(provider = "openai")]
fn nothing() {}

#[instrument_llm(provider = "openai")]
fn boxed() -> Pin<Box<dyn Future<Output = Answer>>> {
    Box::pin(async { loop {} })
}

#[instrument_llm(provider = "openai", response = |answer: &Answer| &answer.text)]
fn inside() -> Answer {
    loop {}
}

#[instrument_llm(provider = "openai", response = text)]
fn by_function() -> Answer {
    loop {}
}

fn text(answer: &Answer) -> &str {
    &answer.text
}

#[instrument_llm(provider = "openai", response = none, usage = |answer| answer.text.len())]
fn usage() -> Answer {
    loop {}
}

fn main() {}
