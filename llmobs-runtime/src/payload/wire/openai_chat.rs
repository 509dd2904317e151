//! OpenAI's Chat Completions, and the legacy text completions.

use serde_json::Value;

use super::common::output_type;
use super::read::{Object, array, has_any, is, object, text};
use crate::conventions::{attr, value};
use crate::payload::terms::aligned;
use crate::payload::{Fields, Text};

/// Members that only Chat Completions has beside `messages`.
const OWN: [&str; 12] = [
    "max_completion_tokens",
    "n",
    "frequency_penalty",
    "presence_penalty",
    "response_format",
    "reasoning_effort",
    "seed",
    "stop",
    "logprobs",
    "stream_options",
    "modalities",
    "parallel_tool_calls",
];

/// Called after Anthropic's format was ruled out. Anthropic requires `max_tokens`: without it nothing but
/// Chat Completions is left, with it alone either may be meant.
pub(super) fn is_request(body: &Object) -> bool {
    array(body, "messages").is_some_and(|messages| {
        !body.contains_key("max_tokens")
            || has_any(body, &OWN)
            || messages.first().is_some_and(is_instruction)
    })
}

/// Anthropic's messages are those of the user and the assistant alone.
fn is_instruction(message: &Value) -> bool {
    message.as_object().is_some_and(|it| is(it, "role", "system") || is(it, "role", "developer"))
}

pub(super) fn request(body: &Object, fields: &mut Fields) {
    let format = object(body, "response_format").and_then(|format| text(format, "type"));
    fields.set(attr::GEN_AI_OUTPUT_TYPE, &format.and_then(output_type));
    let modalities = array(body, "modalities").unwrap_or_default();
    if modalities.iter().any(|modality| modality == "audio") {
        fields.set(attr::GEN_AI_OUTPUT_TYPE, &Text::Static(value::gen_ai_output_type::SPEECH));
    } else if modalities.iter().any(|modality| modality == "image") {
        fields.set(attr::GEN_AI_OUTPUT_TYPE, &Text::Static(value::gen_ai_output_type::IMAGE));
    }
}

pub(super) fn response(body: &Object, fields: &mut Fields) {
    let choices = array(body, "choices").unwrap_or_default();
    let reasons =
        choices.iter().map(|choice| choice.as_object().and_then(|it| text(it, "finish_reason")));
    // A chunk tells only of choices that have finished with it; a whole response tells of each.
    if is(body, "object", "chat.completion.chunk") {
        fields.set(attr::GEN_AI_RESPONSE_FINISH_REASONS, &reasons.collect::<Vec<_>>());
    } else {
        fields.set(attr::GEN_AI_RESPONSE_FINISH_REASONS, &aligned(reasons));
    }
    fields.set(attr::OPENAI_RESPONSE_SERVICE_TIER, &text(body, "service_tier"));
    fields.set(attr::OPENAI_RESPONSE_SYSTEM_FINGERPRINT, &text(body, "system_fingerprint"));
    if is(body, "object", "chat.completion") || is(body, "object", "chat.completion.chunk") {
        fields.set(attr::OPENAI_API_TYPE, &Text::Static(value::openai_api_type::CHAT_COMPLETIONS));
    }
}
