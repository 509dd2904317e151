//! Chunks of OpenAI's Chat Completions, and of the legacy text completions.

use serde_json::Value;

use crate::content::Content;
use crate::conventions::{attr, value};
use crate::payload::wire::read::{
    Object, array, as_array, as_count, as_text, count, is, object, text,
};
use crate::payload::wire::usage;
use crate::payload::{Streamed, Text};

/// The members of a chunk that matter.
///
/// They are found in one pass: this is the chunk that comes most often, and asking for members one by one takes
/// several times as long.
#[derive(Default)]
pub(super) struct Chunk<'a> {
    kind: Option<&'a str>,
    object: Option<&'a str>,
    id: Option<&'a str>,
    model: Option<&'a str>,
    tier: Option<&'a str>,
    fingerprint: Option<&'a str>,
    choices: Option<&'a [Value]>,
    usage: Option<&'a Object>,
    groq: Option<&'a Object>,
    error: bool,
}

impl<'a> Chunk<'a> {
    /// The chunk, if it is one: by the rules for whole responses.
    pub(super) fn of(body: &'a Object) -> Option<Self> {
        let mut found = Self::default();
        for (key, value) in body {
            match key.as_str() {
                "type" => found.kind = as_text(value),
                "object" => found.object = as_text(value),
                "id" => found.id = as_text(value),
                "model" => found.model = as_text(value),
                "service_tier" => found.tier = as_text(value),
                "system_fingerprint" => found.fingerprint = as_text(value),
                "choices" => found.choices = as_array(value),
                "usage" => found.usage = value.as_object(),
                "x_groq" => found.groq = value.as_object(),
                "error" => found.error = true,
                _ => {}
            }
        }
        match found.object {
            Some("chat.completion.chunk" | "chat.completion" | "text_completion") => Some(found),
            Some("response") => None,
            _ => Some(found).filter(|it| it.choices.is_some() && it.kind != Some("message")),
        }
    }

    /// Whether it may report an error.
    pub(super) fn is_suspect(&self) -> bool {
        self.error || self.choices.is_none() || self.object == Some("error")
    }

    pub(super) fn record(&self, answer: &mut Streamed<'_>) {
        answer.once(attr::GEN_AI_RESPONSE_ID, &self.id);
        answer.once(attr::GEN_AI_RESPONSE_MODEL, &self.model);
        answer.once(attr::OPENAI_RESPONSE_SERVICE_TIER, &self.tier);
        answer.once(attr::OPENAI_RESPONSE_SYSTEM_FINGERPRINT, &self.fingerprint);
        if let Some("chat.completion.chunk" | "chat.completion") = self.object {
            let api = Text::Static(value::openai_api_type::CHAT_COMPLETIONS);
            answer.once(attr::OPENAI_API_TYPE, &api);
        }
        let mut usage = self.usage;
        for (position, choice) in self.choices.unwrap_or_default().iter().enumerate() {
            if let Some(choice) = choice.as_object() {
                // Where Moonshot reports the tokens.
                usage = usage.or(record_choice(choice, position, answer));
            }
        }
        // Where Groq reports the tokens unless it is asked for them.
        if let Some(usage) = usage.or_else(|| object(self.groq?, "usage")) {
            answer.usage(&usage::of_object(usage));
        }
    }
}

/// Records a choice, and returns the usage that it reports.
fn record_choice<'a>(
    choice: &'a Object,
    position: usize,
    answer: &mut Streamed<'_>,
) -> Option<&'a Object> {
    let (mut index, mut reason, mut usage) = (None, None, None);
    for (key, value) in choice {
        match key.as_str() {
            "index" => index = as_count(value).and_then(|index| usize::try_from(index).ok()),
            "finish_reason" => reason = as_text(value),
            "usage" => usage = value.as_object(),
            _ => {}
        }
    }
    let index = index.unwrap_or(position);
    answer.choice(index);
    if let Some(content) = answer.content() {
        copy(choice, index, content);
    }
    if let Some(reason) = reason {
        answer.finish_reason(index, reason);
    }
    usage
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
