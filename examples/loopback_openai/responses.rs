//! `POST /v1/responses`: what [`chat`](super::chat) says, in the format of the Responses API.

use serde_json::{Value, json};

use super::{
    chat::{Answer, Said, list, text},
    refusal::Refusal,
};

/// The request as one for chat, that goes on from what was said `before`.
pub(super) fn as_chat(body: &Value, before: Vec<Value>) -> Result<Value, Refusal> {
    let mut messages = Vec::new();
    if let Some(instructions) = text(body, "instructions") {
        messages.push(json!({ "role": "developer", "content": instructions }));
    }
    messages.extend(before);
    match body.get("input") {
        Some(Value::String(question)) if !question.is_empty() => {
            messages.push(json!({ "role": "user", "content": question }));
        }
        Some(Value::Array(items)) if !items.is_empty() => {
            messages.extend(items.iter().map(message));
        }
        _ => return Err(Refusal::invalid(Some("input"), "`input` must be text or items.")),
    }
    let tools: Vec<Value> = list(body, "tools")
        .unwrap_or_default()
        .iter()
        .filter(|tool| text(tool, "type") == Some("function"))
        .map(|tool| json!({ "type": "function", "function": tool }))
        .collect();
    let choice = body.get("tool_choice").and_then(|choice| text(choice, "name"));
    let forced = choice.map(|name| json!({ "type": "function", "function": { "name": name } }));
    Ok(json!({
        "model": body.get("model"),
        "messages": messages,
        "tools": tools,
        "tool_choice": forced.as_ref().or_else(|| body.get("tool_choice")),
        "reasoning_effort": body.pointer("/reasoning/effort"),
        "max_completion_tokens": body.get("max_output_tokens"),
        "service_tier": body.get("service_tier"),
        "response_format": body.pointer("/text/format").map(format),
        "temperature": body.get("temperature"),
        "top_p": body.get("top_p"),
    }))
}

/// The format of the answer, which chats nest a level deeper.
fn format(format: &Value) -> Value {
    json!({ "type": format.get("type"), "json_schema": format })
}

/// One item of the input; what is no message and no result is a call that was made before.
fn message(item: &Value) -> Value {
    if let Some(role) = text(item, "role") {
        let parts = list(item, "content").unwrap_or_default().iter();
        let parts: String = parts.filter_map(|part| text(part, "text")).collect();
        let content = text(item, "content").map_or(parts, str::to_owned);
        return json!({ "role": role, "content": content });
    }
    match (text(item, "type"), text(item, "call_id")) {
        (Some("function_call_output"), Some(id)) => {
            json!({ "role": "tool", "tool_call_id": id, "content": item.get("output") })
        }
        _ => json!({ "role": "assistant", "item": item }),
    }
}

/// The answer to the request `body` as one object.
pub(super) fn whole(answer: &Answer, body: &Value) -> Value {
    let output: Vec<Value> =
        thoughts(answer).into_iter().chain([item(answer, Some(words(&answer.said)))]).collect();
    let cut = matches!(answer.said, Said::Text(_, "length"));
    let status = if cut { "incomplete" } else { "completed" };
    let mut response = object(answer, status, &output.into());
    if let Some(fields) = response.as_object_mut() {
        fields.insert("usage".to_owned(), usage(&answer.usage));
        for name in ["instructions", "previous_response_id", "temperature", "top_p"] {
            fields.insert(name.to_owned(), body.get(name).cloned().unwrap_or_default());
        }
        if cut {
            let details = json!({ "reason": "max_output_tokens" });
            fields.insert("incomplete_details".to_owned(), details);
        }
    }
    response
}

/// The answer as the events of a stream, in the text that goes over the wire.
pub(super) fn events(answer: &Answer, whole: &Value) -> Vec<String> {
    let mut events = Events(Vec::new());
    let begun = object(answer, "in_progress", &json!([]));
    events.push("response.created", json!({ "response": begun }));
    events.push("response.in_progress", json!({ "response": begun }));
    let mut index = 0;
    if let Some(thoughts) = thoughts(answer) {
        for event in ["response.output_item.added", "response.output_item.done"] {
            events.push(event, json!({ "output_index": index, "item": thoughts }));
        }
        index += 1;
    }
    let added = json!({ "output_index": index, "item": item(answer, None) });
    events.push("response.output_item.added", added);
    match &answer.said {
        Said::Text(words, _) => {
            let at = json!({
                "item_id": format!("msg_{}", answer.number), "output_index": index, "content_index": 0
            });
            events.at("response.content_part.added", &at, "part", part(""));
            for piece in words.split_inclusive(' ') {
                events.at("response.output_text.delta", &at, "delta", piece.into());
            }
            events.at("response.output_text.done", &at, "text", words.as_str().into());
            events.at("response.content_part.done", &at, "part", part(words));
        }
        Said::Call { arguments, .. } => {
            let at = json!({ "item_id": format!("fc_{}", answer.number), "output_index": index });
            for piece in arguments.split_inclusive([':', ',']) {
                let event = "response.function_call_arguments.delta";
                events.at(event, &at, "delta", piece.into());
            }
            let event = "response.function_call_arguments.done";
            events.at(event, &at, "arguments", arguments.as_str().into());
        }
    }
    let done = json!({ "output_index": index, "item": item(answer, Some(words(&answer.said))) });
    events.push("response.output_item.done", done);
    let last = match text(whole, "status") {
        Some("incomplete") => "response.incomplete",
        _ => "response.completed",
    };
    events.push(last, json!({ "response": whole }));
    events.0
}

struct Events(Vec<String>);

impl Events {
    /// Adds an event with the members of `data`.
    fn push(&mut self, kind: &str, mut data: Value) {
        if let Some(members) = data.as_object_mut() {
            members.insert("type".to_owned(), kind.into());
            members.insert("sequence_number".to_owned(), self.0.len().into());
        }
        self.0.push(format!("event: {kind}\ndata: {data}\n\n"));
    }

    /// Adds an event about the place `at`, with one member more.
    fn at(&mut self, kind: &str, at: &Value, name: &str, value: Value) {
        let mut data = at.clone();
        if let Some(members) = data.as_object_mut() {
            members.insert(name.to_owned(), value);
        }
        self.push(kind, data);
    }
}

/// A response of a status; without usage, which comes with the end.
fn object(answer: &Answer, status: &str, output: &Value) -> Value {
    json!({
        "id": format!("resp_loopback{}", answer.number),
        "object": "response",
        "created_at": answer.created,
        "status": status,
        "error": null,
        "incomplete_details": null,
        "model": answer.model(),
        "output": output,
        "parallel_tool_calls": true,
        "service_tier": answer.service_tier(),
        "tools": [],
        "usage": null,
    })
}

/// What a model that reasons leaves of it: nothing but an item.
fn thoughts(answer: &Answer) -> Option<Value> {
    let reasoning = answer.usage.pointer("/completion_tokens_details/reasoning_tokens");
    let reasoned = reasoning.and_then(Value::as_u64).is_some_and(|tokens| tokens > 0);
    let id = format!("rs_{}", answer.number);
    reasoned.then(|| json!({ "id": id, "type": "reasoning", "summary": [] }))
}

/// The words of the answer, or the arguments of the call.
fn words(said: &Said) -> &str {
    match said {
        Said::Text(words, _) => words,
        Said::Call { arguments, .. } => arguments,
    }
}

/// The message or the call: with its words, or as it is announced.
fn item(answer: &Answer, words: Option<&str>) -> Value {
    let status = if words.is_some() { "completed" } else { "in_progress" };
    match &answer.said {
        Said::Text(..) => json!({
            "id": format!("msg_{}", answer.number),
            "type": "message",
            "role": "assistant",
            "status": status,
            "content": words.map(part).into_iter().collect::<Vec<_>>(),
        }),
        Said::Call { id, name, .. } => json!({
            "id": format!("fc_{}", answer.number),
            "type": "function_call",
            "call_id": id,
            "name": name,
            "arguments": words.unwrap_or_default(),
            "status": status,
        }),
    }
}

fn part(words: &str) -> Value {
    json!({ "type": "output_text", "text": words, "annotations": [], "logprobs": [] })
}

/// The counts of a chat, under the names that they have here.
fn usage(chat: &Value) -> Value {
    let count = |pointer| chat.pointer(pointer).cloned().unwrap_or_default();
    json!({
        "input_tokens": count("/prompt_tokens"),
        "input_tokens_details": { "cached_tokens": count("/prompt_tokens_details/cached_tokens") },
        "output_tokens": count("/completion_tokens"),
        "output_tokens_details": {
            "reasoning_tokens": count("/completion_tokens_details/reasoning_tokens")
        },
        "total_tokens": count("/total_tokens"),
    })
}
