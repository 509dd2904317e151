//! Token counts: the object that responses call `usage`.
//!
//! It names its own format, whatever response it came with: `prompt_tokens` is Chat Completions and
//! embeddings, `input_tokens` is Responses, and that with cache counts beside it is Anthropic's.

use serde_json::Value;

use super::anthropic_messages;
use super::read::{Object, count, has_any, object};
use crate::payload::{Modality, Usage};

/// The usage that a whole response reports.
pub(super) fn of_response(body: &Object) -> Usage {
    object(body, "usage").map(of_object).unwrap_or_default()
}

/// The usage that a usage object reports, or a response that has one.
pub(super) fn of_value(value: &Value) -> Usage {
    match value {
        Value::Object(body) if body.contains_key("usage") => of_response(body),
        Value::Object(usage) => of_object(usage),
        _ => Usage::default(),
    }
}

/// Whether a report is in OpenAI's terms, which include the cache in the input.
pub(super) fn is_openais(usage: &Object) -> bool {
    has_any(usage, &["prompt_tokens", "input_tokens_details"])
}

pub(super) fn of_object(usage: &Object) -> Usage {
    if anthropic_messages::is_usage(usage) {
        return anthropic_messages::usage(usage);
    }
    let either =
        |chat: &str, responses: &str| count(usage, chat).or_else(|| count(usage, responses));
    let details =
        |chat: &str, responses: &str| object(usage, chat).or_else(|| object(usage, responses));
    let mut total = Usage {
        input: either("prompt_tokens", "input_tokens"),
        output: either("completion_tokens", "output_tokens"),
        ..Usage::default()
    };
    if let Some(input) = details("prompt_tokens_details", "input_tokens_details") {
        total.cache_read = count(input, "cached_tokens");
        total.cache_write = count(input, "cache_write_tokens");
        total.text.input = count(input, "text_tokens");
        total.image.input = count(input, "image_tokens");
        total.audio.input = count(input, "audio_tokens");
        if let Some(cached) = object(input, "cached_tokens_details") {
            total.text.cache_read = count(cached, "text_tokens");
            total.image.cache_read = count(cached, "image_tokens");
            total.audio.cache_read = count(cached, "audio_tokens");
        }
    }
    if let Some(output) = details("completion_tokens_details", "output_tokens_details") {
        let part = |modality: &mut Modality, key: &str| modality.output = count(output, key);
        total.reasoning = count(output, "reasoning_tokens");
        part(&mut total.text, "text_tokens");
        part(&mut total.image, "image_tokens");
        part(&mut total.audio, "audio_tokens");
    }
    total
}
