//! OpenAI's Responses API.

use serde_json::Value;

use super::common::output_type;
use super::error;
use super::read::{Object, array, has_any, is, object, text};
use crate::conventions::{attr, value};
use crate::payload::terms::finish_reason;
use crate::payload::value::LIST_LIMIT;
use crate::payload::{Fields, Text};

/// Members that tell this request from one for embeddings, which also holds a `model` and an `input`.
const OWN: [&str; 18] = [
    "background",
    "conversation",
    "include",
    "instructions",
    "max_output_tokens",
    "max_tool_calls",
    "parallel_tool_calls",
    "previous_response_id",
    "prompt_cache_key",
    "reasoning",
    "store",
    "stream",
    "temperature",
    "text",
    "tool_choice",
    "tools",
    "top_p",
    "truncation",
];

/// Called after embeddings were ruled out. A request for speech has an `input` and `instructions` too, but
/// also a `voice`.
pub(super) fn is_request(body: &Object) -> bool {
    let prompted = object(body, "prompt").is_some_and(|prompt| prompt.contains_key("id"));
    let plausible = match body.get("input") {
        Some(Value::String(_)) => has_any(body, &OWN),
        Some(Value::Array(items)) => items.first().map_or(has_any(body, &OWN), Value::is_object),
        _ => false,
    };
    (prompted || plausible) && !has_any(body, &["messages", "voice"])
}

pub(super) fn request(body: &Object, fields: &mut Fields) {
    let format =
        object(body, "text").and_then(|it| object(it, "format")).and_then(|it| text(it, "type"));
    fields.set(attr::GEN_AI_OUTPUT_TYPE, &format.and_then(output_type));
    fields.set(attr::GEN_AI_REQUEST_PREVIOUS_RESPONSE_ID, &text(body, "previous_response_id"));
    conversation(body, fields);
    fields.set(attr::GEN_AI_CONVERSATION_COMPACTED, &compacted(body, "input"));
    if let Some(prompt) = object(body, "prompt") {
        fields.set(attr::GEN_AI_PROMPT_NAME, &text(prompt, "id"));
        fields.set(attr::GEN_AI_PROMPT_VERSION, &text(prompt, "version"));
    }
}

pub(super) fn response(body: &Object, fields: &mut Fields) {
    describe(body, fields);
    fields.set(attr::GEN_AI_RESPONSE_FINISH_REASONS, &reason(body));
}

/// All but why it ended.
pub(super) fn describe(body: &Object, fields: &mut Fields) {
    let status = text(body, "status");
    fields.set(attr::GEN_AI_RESPONSE_STATUS, &status);
    fields.set(attr::OPENAI_RESPONSE_SERVICE_TIER, &text(body, "service_tier"));
    conversation(body, fields);
    fields.set(attr::GEN_AI_CONVERSATION_COMPACTED, &compacted(body, "output"));
    if is(body, "object", "response") {
        fields.set(attr::OPENAI_API_TYPE, &Text::Static(value::openai_api_type::RESPONSES));
    }
    if status == Some("failed") && error::class(body).is_none() {
        fields.set(attr::ERROR_TYPE, &Text::Static(value::error_type::OTHER));
    }
}

/// Why it ended, if it has.
pub(super) fn reason(body: &Object) -> Option<&str> {
    let incomplete = object(body, "incomplete_details").and_then(|details| text(details, "reason"));
    finish_reason(text(body, "status")?, incomplete, || waits_for_tools(body))
}

pub(super) fn conversation(body: &Object, fields: &mut Fields) {
    let id = text(body, "conversation").or_else(|| text(object(body, "conversation")?, "id"));
    fields.set(attr::GEN_AI_CONVERSATION_ID, &id);
}

/// That what was said before stands shortened among these items; nothing where it does not.
fn compacted(body: &Object, items: &str) -> Option<bool> {
    let mut items = array(body, items)?.iter().filter_map(Value::as_object);
    items.any(|item| is(item, "type", "compaction")).then_some(true)
}

/// Whether the output asks for more calls of tools that the client runs than it answers itself. Tools that
/// the provider runs (`web_search_call`, …) do not end a generation.
fn waits_for_tools(body: &Object) -> bool {
    let output =
        body.get("output").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let open = output.iter().rev().take(LIST_LIMIT).filter_map(Value::as_object).fold(
        0_i32,
        |open, item| match text(item, "type") {
            Some(
                "function_call" | "custom_tool_call" | "computer_call" | "local_shell_call"
                | "shell_call" | "apply_patch_call",
            ) => open + 1,
            Some(
                "function_call_output"
                | "custom_tool_call_output"
                | "computer_call_output"
                | "local_shell_call_output"
                | "shell_call_output"
                | "apply_patch_call_output",
            ) => open - 1,
            _ => open,
        },
    );
    open > 0
}
