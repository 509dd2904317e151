//! Chunks of OpenAI's Chat Completions, and of the legacy text completions.

use serde_json::Value;

use super::{identity, report};
use crate::content::Content;
use crate::conventions::{attr, value};
use crate::payload::wire::read::{Object, array, count, is, object, text};
use crate::payload::wire::usage;
use crate::payload::{Streamed, Text};

pub(super) fn chunk(body: &Object, answer: &mut Streamed<'_>) {
    identity(body, answer);
    answer.once(attr::OPENAI_RESPONSE_SERVICE_TIER, &text(body, "service_tier"));
    answer.once(attr::OPENAI_RESPONSE_SYSTEM_FINGERPRINT, &text(body, "system_fingerprint"));
    if is(body, "object", "chat.completion.chunk") || is(body, "object", "chat.completion") {
        answer.once(attr::OPENAI_API_TYPE, &Text::Static(value::openai_api_type::CHAT_COMPLETIONS));
    }
    let reported = report(body, answer);
    let choices = array(body, "choices").unwrap_or_default();
    for (position, choice) in choices.iter().enumerate() {
        let Some(choice) = choice.as_object() else { continue };
        let index = place(choice, position);
        answer.choice(index);
        if let Some(content) = answer.content() {
            copy(choice, index, content);
        }
        if let Some(reason) = text(choice, "finish_reason") {
            answer.finish_reason(index, reason);
        }
        // Where Moonshot reports the tokens.
        if let Some(usage) = object(choice, "usage").filter(|_| !reported) {
            answer.usage(&usage::of_object(usage));
        }
    }
    // Where Groq reports the tokens unless it is asked for them.
    let groq = object(body, "x_groq").filter(|_| !reported);
    if let Some(usage) = groq.and_then(|it| object(it, "usage")) {
        answer.usage(&usage::of_object(usage));
    }
}

/// The place that a member of a list says it has, else the one where it stands.
fn place(member: &Object, position: usize) -> usize {
    count(member, "index").and_then(|index| usize::try_from(index).ok()).unwrap_or(position)
}

fn copy(choice: &Object, index: usize, content: &mut Content) {
    // Of the legacy completions.
    if let Some(piece) = text(choice, "text") {
        content.text_delta(index, piece);
    }
    let Some(delta) = object(choice, "delta").or_else(|| object(choice, "message")) else { return };
    // Each server has its own word for it; some use both for the same.
    if let Some(piece) = text(delta, "reasoning_content").or_else(|| text(delta, "reasoning")) {
        content.reasoning_delta(index, piece);
    }
    match delta.get("content") {
        Some(Value::String(piece)) if !piece.is_empty() => content.text_delta(index, piece),
        Some(Value::Array(parts)) => {
            for part in parts.iter().filter_map(Value::as_object) {
                copy_part(part, index, content);
            }
        }
        _ => {}
    }
    if let Some(piece) = text(delta, "refusal") {
        content.text_delta(index, piece);
    }
    if let Some(call) = object(delta, "function_call") {
        copy_call(call, index, 0, None, content);
    }
    for (position, call) in array(delta, "tool_calls").unwrap_or_default().iter().enumerate() {
        let Some(call) = call.as_object() else { continue };
        // A custom tool takes text where a function takes JSON.
        if let Some(called) = object(call, "function").or_else(|| object(call, "custom")) {
            copy_call(called, index, place(call, position), text(call, "id"), content);
        }
    }
}

/// A part as Mistral sends them: text, or reasoning that consists of texts.
fn copy_part(part: &Object, index: usize, content: &mut Content) {
    if is(part, "type", "text") {
        content.text_delta(index, text(part, "text").unwrap_or_default());
    } else if is(part, "type", "thinking") {
        for thought in array(part, "thinking").unwrap_or_default() {
            let piece = thought.as_object().and_then(|thought| text(thought, "text"));
            content.reasoning_delta(index, piece.unwrap_or_default());
        }
    }
}

fn copy_call(called: &Object, index: usize, call: usize, id: Option<&str>, content: &mut Content) {
    let arguments = text(called, "arguments").or_else(|| text(called, "input")).unwrap_or_default();
    content.tool_call_delta(index, call, id, text(called, "name"), arguments);
}
