//! The attribute inside of a function, where it can stand on nothing.

use llmobs_runtime::instrument_llm;

fn main() {
    #[instrument_llm(provider = "openai")]
    let answer = 3;

    let _ = #[instrument_llm(provider = "openai")]
    |question: &str| question.len();

    let _ = answer;
}
