//! Messages of Chat Completions and of Anthropic's Messages.

use serde_json::Value;

use super::super::read::{Object, object, text};
use super::block;
use super::copy::{self, blob, id};
use crate::content::{Json, Message, Modality, Part, Room};
use crate::payload::Text;

/// The message that `message` holds; its role is `otherwise` where it names none.
pub(super) fn read(message: &Object, otherwise: &'static str, room: &mut Room) -> Message {
    let role = text(message, "role").map_or(Text::Static(otherwise), |named| role(named, room));
    let answers_a_call = matches!(role.as_str(), "tool" | "function");
    let mut read = Message::new(role);
    read.name = text(message, "name").map(|name| room.text(name));
    if answers_a_call {
        let id = id(message, "tool_call_id", room);
        let response = block::response(message.get("content"), room);
        return read.with(Part::ToolCallResponse { id, response });
    }
    thoughts(message, room, &mut read.parts);
    if let Some(content) = message.get("content") {
        read.parts.append(&mut block::parts(content, room));
    }
    if let Some(refusal) = text(message, "refusal") {
        let members = vec![("refusal".to_owned(), Json::Text(room.text(refusal)))];
        read.parts.push(Part::Other { kind: "refusal".to_owned(), members });
    }
    if let Some(audio) = object(message, "audio") {
        spoken(audio, room, &mut read.parts);
    }
    if let Some(images) = message.get("images").filter(|images| images.is_array()) {
        read.parts.append(&mut block::parts(images, room));
    }
    calls(message, room, &mut read.parts);
    read
}

/// The usual roles are known without copying them.
pub(super) fn role(role: &str, room: &mut Room) -> Text {
    let usual = ["user", "assistant", "system", "developer", "tool", "function"];
    match usual.into_iter().find(|usual| *usual == role) {
        Some(usual) => Text::Static(usual),
        None => Text::copied(&room.text(role)),
    }
}

/// Members beside `content` that compatible servers put reasoning into.
fn thoughts(message: &Object, room: &mut Room, parts: &mut Vec<Part>) {
    let thoughts = text(message, "reasoning_content").or_else(|| text(message, "reasoning"));
    parts.extend(thoughts.map(|thoughts| Part::Reasoning(room.text(thoughts))));
}

/// A spoken answer and its transcript; in a request, the id of one that was given before.
fn spoken(audio: &Object, room: &mut Room, parts: &mut Vec<Part>) {
    if let Some(data) = text(audio, "data") {
        parts.push(blob(None, Modality::Audio, data, room));
    } else {
        parts.extend(block::held(audio, "id", Modality::Audio, room));
    }
    if let Some(transcript) = text(audio, "transcript") {
        parts.push(Part::Text(room.text(transcript)));
    }
}

fn calls(message: &Object, room: &mut Room, parts: &mut Vec<Part>) {
    let calls = message.get("tool_calls").and_then(Value::as_array).map(Vec::as_slice);
    for call in calls.unwrap_or_default() {
        if !room.element() {
            return;
        }
        parts.extend(call.as_object().and_then(|call| self::call(call, room)));
    }
    if let Some(called) = object(message, "function_call") {
        parts.extend(function(called, None, room));
    }
}

fn call(call: &Object, room: &mut Room) -> Option<Part> {
    if let Some(called) = object(call, "function") {
        return function(called, text(call, "id"), room);
    }
    if let Some(called) = object(call, "custom") {
        return custom(called, text(call, "id"), room);
    }
    block::other(text(call, "type").unwrap_or_default(), call, room)
}

/// A call whose `arguments` are JSON text.
pub(super) fn function(called: &Object, id: Option<&str>, room: &mut Room) -> Option<Part> {
    let name = text(called, "name")?;
    let id = id.and_then(|id| room.whole(id));
    let name = room.text(name);
    let arguments = called.get("arguments").and_then(|arguments| match arguments {
        Value::Null => None,
        Value::String(text) => (!text.is_empty()).then(|| copy::parsed(text, room)),
        // Some servers send the structure itself.
        structure => Some(room.json(structure)),
    });
    Some(Part::ToolCall { id, name, arguments })
}

/// A call whose input is text, JSON or not.
pub(super) fn custom(called: &Object, id: Option<&str>, room: &mut Room) -> Option<Part> {
    let name = text(called, "name")?;
    Some(Part::ToolCall {
        id: id.and_then(|id| room.whole(id)),
        name: room.text(name),
        arguments: text(called, "input").map(|input| Json::Text(room.text(input))),
    })
}
