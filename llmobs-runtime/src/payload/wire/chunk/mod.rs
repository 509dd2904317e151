//! One chunk of a streamed answer in one of the formats.
//!
//! A chunk is read for each piece of an answer: what a common one, which holds a few words, needs is looking up
//! members. Nothing is copied that is known already, and content only where it is captured.

mod anthropic_messages;
mod openai_chat;
mod openai_responses;

use serde_json::Value;

use super::format::{self, Format};
use super::read::{Object, object, text};
use super::{error, usage};
use crate::conventions::{attr, value};
use crate::payload::{LlmChunk, Streamed, Text};

/// What OpenAI sends after the last chunk of Chat Completions.
const DONE: &[u8] = b"[DONE]";

/// Whether the data of a frame is the word that ends a stream.
pub(crate) fn is_done(data: &[u8]) -> bool {
    data.trim_ascii() == DONE
}

/// What a chunk in one of the [known formats](super#chunks) says; what is no JSON object says nothing.
#[diagnostic::do_not_recommend]
impl LlmChunk for Value {
    fn record(&self, answer: &mut Streamed<'_>) {
        read(self, None, answer);
    }
}

/// Reads a chunk that came with the name of an event, which stands in for a `type` that it lacks.
pub(crate) fn read(chunk: &Value, event: Option<&str>, answer: &mut Streamed<'_>) {
    let Some(body) = chunk.as_object() else { return };
    let kind = text(body, "type").or(event).unwrap_or_default();
    if kind == "error" {
        answer.fail_as(&error::class_of_event(body));
        answer.complete();
    } else if kind.starts_with(openai_responses::PREFIX) {
        openai_responses::event(kind, body, answer);
    } else if !anthropic_messages::event(kind, body, answer) {
        other(body, answer);
    }
}

/// Chunks without a type: Chat Completions, and whole responses where a server does not stream after all.
fn other(body: &Object, answer: &mut Streamed<'_>) {
    let chat = openai_chat::Chunk::of(body);
    if chat.as_ref().is_none_or(openai_chat::Chunk::is_suspect)
        && let Some(class) = error::class(body)
    {
        answer.fail_as(&class);
    }
    if let Some(chat) = chat {
        return chat.record(answer);
    }
    match format::of_response(body) {
        Some(Format::Responses) => openai_responses::whole(body, answer),
        Some(Format::Messages) => anthropic_messages::whole(body, answer),
        Some(Format::Chat | Format::Embeddings) | None => {
            identity(body, answer);
            report(body, answer);
        }
    }
}

/// Which answer of which model this is; the first chunk that says so counts.
fn identity(body: &Object, answer: &mut Streamed<'_>) {
    answer.once(attr::GEN_AI_RESPONSE_ID, &text(body, "id"));
    answer.once(attr::GEN_AI_RESPONSE_MODEL, &text(body, "model"));
}

/// The tokens, if this chunk reports them.
fn report(body: &Object, answer: &mut Streamed<'_>) {
    if let Some(usage) = object(body, "usage") {
        answer.usage(&usage::of_object(usage));
    }
}

/// The generation failed, and nothing says how.
fn fail(answer: &mut Streamed<'_>) {
    answer.fail_as(&Text::Static(value::error_type::OTHER));
}

#[cfg(test)]
mod tests;
