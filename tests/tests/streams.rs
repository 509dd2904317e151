//! Streams that are recorded while they are read.

#[path = "streams/context.rs"]
mod context;
#[path = "streams/ends.rs"]
mod ends;
#[path = "streams/many.rs"]
mod many;
#[path = "streams/recorded.rs"]
mod recorded;

use futures::Stream;
use futures::stream;
use llmobs_runtime::conventions::{attr, operation};
use llmobs_runtime::{CallBuilder, LlmChunk, Streamed, Usage, call};

/// A chunk as a provider might send it.
#[derive(Clone, Debug, Default)]
struct Piece {
    choice: usize,
    reason: Option<&'static str>,
    tokens: Option<u64>,
    failed: Option<&'static str>,
}

impl LlmChunk for Piece {
    fn record(&self, answer: &mut Streamed<'_>) {
        answer.once(attr::GEN_AI_RESPONSE_ID, "answer-1");
        answer.once(attr::GEN_AI_RESPONSE_MODEL, "m-2026");
        answer.choice(self.choice);
        if let Some(reason) = self.reason {
            answer.finish_reason(self.choice, reason);
        }
        if let Some(failed) = self.failed {
            answer.fail_as(failed);
        }
        answer.usage(&Usage { output: self.tokens, ..Usage::default() });
    }
}

/// A provider's failure.
#[derive(Debug, thiserror::Error)]
#[error("the secret of this answer")]
struct Broken;

type Item = Result<Piece, Broken>;

/// A text, and nothing else.
const TEXT: Piece = Piece { choice: 0, reason: None, tokens: None, failed: None };
/// The end of the only choice.
const STOP: Piece = Piece { choice: 0, reason: Some("stop"), tokens: None, failed: None };
/// Usage, which comes last.
const USAGE: Piece = Piece { choice: 0, reason: None, tokens: Some(7), failed: None };

fn chat() -> CallBuilder {
    call(&operation::CHAT).provider("openai").model("m")
}

/// The items one after the other, none of them at once.
fn slowly(items: Vec<Item>) -> impl Stream<Item = Item> + Send + Unpin {
    Box::pin(stream::unfold(items.into_iter(), |mut items| async {
        tokio::task::yield_now().await;
        items.next().map(|item| (item, items))
    }))
}

/// The items, and then nothing for ever.
fn endless(items: Vec<Item>) -> impl Stream<Item = Item> + Send + Unpin {
    use futures::StreamExt;
    slowly(items).chain(stream::pending())
}
