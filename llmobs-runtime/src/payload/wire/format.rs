//! Which of the wire formats a body is written in.

use serde_json::Value;

use super::read::{Object, is, text};
use super::{anthropic_messages, openai_chat, openai_embeddings, openai_responses};

/// A wire format. Azure OpenAI and most other servers speak one of OpenAI's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// Chat Completions, and the legacy text completions that look alike.
    Chat,
    Responses,
    Embeddings,
    /// Anthropic's Messages.
    Messages,
}

/// The format of a request, where its members leave no doubt.
pub(super) fn of_request(body: &Object) -> Option<Format> {
    if anthropic_messages::is_request(body) {
        Some(Format::Messages)
    } else if openai_chat::is_request(body) {
        Some(Format::Chat)
    } else if openai_embeddings::is_request(body) {
        Some(Format::Embeddings)
    } else if openai_responses::is_request(body) {
        Some(Format::Responses)
    } else {
        None
    }
}

/// The format of a response: what it calls itself, else what it looks like, since many servers that are
/// compatible with OpenAI's leave `object` out.
pub(super) fn of_response(body: &Object) -> Option<Format> {
    match text(body, "object") {
        Some("chat.completion" | "chat.completion.chunk" | "text_completion") => {
            return Some(Format::Chat);
        }
        Some("response") => return Some(Format::Responses),
        _ => {}
    }
    if is(body, "type", "message") {
        Some(Format::Messages)
    } else if body.get("choices").is_some_and(Value::is_array) {
        Some(Format::Chat)
    } else if body.get("output").is_some_and(Value::is_array) {
        Some(Format::Responses)
    } else if openai_embeddings::first(body).is_some() {
        Some(Format::Embeddings)
    } else if text(body, "stop_reason").is_some() {
        Some(Format::Messages)
    } else {
        None
    }
}
