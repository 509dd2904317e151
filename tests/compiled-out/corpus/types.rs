//! Types that say what they hold of a request, an answer and a chunk.

use std::hint::black_box;

use llmobs_runtime::instrument_llm;

use super::{awaits, pause, says};
use answer::Answer;
pub use piece::Piece;
use question::Question;

pub fn run() {
    let question =
        Question { model: black_box("m"), turns: vec![(String::from("user"), String::from("hi"))] };
    says("typed", typed(&question).tokens);
    let piece = black_box(Piece { model: "m", tokens: None });
    says("piece", (piece.model, piece.tokens));
    says("typed_async", awaits("typed_async", typed_async(question)));
}

mod question {
    use llmobs_runtime::LlmRequest;

    #[derive(LlmRequest)]
    pub struct Question {
        #[llm(request.model)]
        pub model: &'static str,
        #[llm(input.messages)]
        pub turns: Vec<(String, String)>,
    }
}

mod answer {
    use llmobs_runtime::LlmResponse;

    #[derive(Debug)]
    /// An answer.
    #[derive(LlmResponse)]
    pub struct Answer {
        #[llm(response.model)]
        pub model: String,
        #[llm(usage.output_tokens)]
        pub tokens: Option<u64>,
    }
}

mod piece {
    use llmobs_runtime::LlmChunk;

    #[derive(Debug)]
    /// A piece of an answer.
    #[derive(LlmChunk)]
    pub struct Piece {
        #[llm(response.model)]
        pub model: &'static str,
        #[llm(usage.output_tokens)]
        pub tokens: Option<u64>,
    }
}

#[inline(never)]
#[instrument_llm(provider = "openai", request = question)]
fn typed(question: &Question) -> Answer {
    Answer { model: question.model.to_owned(), tokens: Some(question.turns.len() as u64 * 8_009) }
}

#[instrument_llm(provider = "openai", request = question, capture(output))]
async fn typed_async(question: Question) -> Result<Answer, std::io::Error> {
    pause().await;
    let mut answer = typed(&question);
    answer.tokens = answer.tokens.map(|tokens| tokens + 8_011);
    answer.model.push('!');
    Ok(answer)
}
