//! Content blocks: what the `content` of a message consists of.

use serde_json::Value;

use super::super::read::{Object, object, text};
use super::copy::{self, blob, id, modality_of, reference};
use crate::content::{Json, Modality, Part, Room};

/// Members that say nothing of what was said.
const APART: [&str; 2] = ["signature", "cache_control"];

/// The parts of a `content`: a text, one block or a list of both.
pub(super) fn parts(content: &Value, room: &mut Room) -> Vec<Part> {
    let mut parts = Vec::new();
    let blocks = match content {
        Value::Array(blocks) => blocks.as_slice(),
        single => std::slice::from_ref(single),
    };
    for block in blocks {
        if !room.element() {
            break;
        }
        match block {
            Value::String(text) if !text.is_empty() => parts.push(Part::Text(room.text(text))),
            Value::Object(block) => parts.extend(part(block, room)),
            _ => {}
        }
    }
    parts
}

/// The part that a block is. One that lacks what its type promises is kept with the members it has.
pub(super) fn part(block: &Object, room: &mut Room) -> Option<Part> {
    let kind = text(block, "type").unwrap_or_default();
    let known = match kind {
        "text" | "input_text" | "output_text" => {
            string(block, "text").map(|text| Part::Text(room.text(text)))
        }
        "thinking" => string(block, "thinking").map(|text| Part::Reasoning(room.text(text))),
        "reasoning_text" | "summary_text" => {
            string(block, "text").map(|text| Part::Reasoning(room.text(text)))
        }
        "redacted_thinking" => Some(Part::Other { kind: kind.to_owned(), members: Vec::new() }),
        "image_url" | "input_image" => linked(block, "image_url", Modality::Image, room),
        "video_url" => linked(block, "video_url", Modality::Video, room),
        "audio_url" => linked(block, "audio_url", Modality::Audio, room),
        "image" => source(block, Modality::Image, room),
        "document" => source(block, Modality::Document, room),
        "input_audio" => sound(block, room),
        "file" => object(block, "file").and_then(|file| self::file(file, room)),
        "input_file" | "container_upload" => file(block, room),
        "tool_use" => text(block, "name").map(|name| Part::ToolCall {
            id: id(block, "id", room),
            name: room.text(name),
            arguments: block.get("input").map(|input| room.json(input)),
        }),
        "tool_result" => Some(Part::ToolCallResponse {
            id: id(block, "tool_use_id", room),
            response: response(block.get("content"), room),
        }),
        "server_tool_use" | "mcp_tool_use" => server_call(block, kind, room),
        _ if kind.ends_with("_tool_result") => server_result(block, kind, room),
        _ => None,
    };
    known.or_else(|| other(kind, block, room))
}

/// A block, or an item, that has no part of its own.
pub(super) fn other(kind: &str, block: &Object, room: &mut Room) -> Option<Part> {
    let kind = room.whole(if kind.is_empty() { "unknown" } else { kind })?;
    Some(Part::Other { kind, members: copy::members(block, &APART, room) })
}

/// What a tool returned: text, or blocks as they are.
pub(super) fn response(returned: Option<&Value>, room: &mut Room) -> Json {
    returned.map_or(Json::Null, |returned| copy::value(returned, room))
}

/// A call that the provider has made itself, in the conventions' terms.
fn server_call(block: &Object, kind: &str, room: &mut Room) -> Option<Part> {
    let name = text(block, "name")?;
    let mut members = identified(block, "id", room);
    members.push(("name".to_owned(), Json::Text(room.text(name))));
    let call = details(kind, block, &["id", "name", "cache_control"], room);
    members.push(("server_tool_call".to_owned(), call));
    Some(Part::Other { kind: "server_tool_call".to_owned(), members })
}

/// What such a call returned.
fn server_result(block: &Object, kind: &str, room: &mut Room) -> Option<Part> {
    text(block, "tool_use_id")?;
    let mut members = identified(block, "tool_use_id", room);
    let result = details(kind, block, &["tool_use_id", "cache_control"], room);
    members.push(("server_tool_call_response".to_owned(), result));
    Some(Part::Other { kind: "server_tool_call_response".to_owned(), members })
}

/// The `id` of a part, found under `key`.
pub(super) fn identified(holder: &Object, key: &str, room: &mut Room) -> Vec<(String, Json)> {
    let id = id(holder, key, room).map(|id| ("id".to_owned(), Json::Text(id)));
    id.into_iter().collect()
}

/// An object with its type and its members but `except`.
pub(super) fn details(kind: &str, holder: &Object, except: &[&str], room: &mut Room) -> Json {
    let mut members = vec![("type".to_owned(), Json::Text(room.text(kind)))];
    members.extend(copy::members(holder, except, room));
    Json::Object(members)
}

/// OpenAI's media: a URL, an object with one, or a file that the provider holds.
fn linked(block: &Object, key: &str, modality: Modality, room: &mut Room) -> Option<Part> {
    let url = text(block, key).or_else(|| text(object(block, key)?, "url"));
    match url {
        Some(url) => reference(url, modality, room),
        None => held(block, "file_id", modality, room),
    }
}

/// Anthropic's media. A document that is text, or consists of blocks, is no blob.
fn source(block: &Object, modality: Modality, room: &mut Room) -> Option<Part> {
    let source = object(block, "source")?;
    let mime = text(source, "media_type");
    match text(source, "type")? {
        "base64" => {
            let modality = mime.map_or(modality, |mime| modality_of(mime, modality));
            Some(blob(mime, modality, text(source, "data")?, room))
        }
        "url" => reference(text(source, "url")?, modality, room),
        "file" => held(source, "file_id", modality, room),
        _ => None,
    }
}

fn sound(block: &Object, room: &mut Room) -> Option<Part> {
    let audio = object(block, "input_audio")?;
    let mime = match text(audio, "format") {
        Some("wav") => Some("audio/wav"),
        Some("mp3") => Some("audio/mpeg"),
        _ => None,
    };
    Some(blob(mime, Modality::Audio, text(audio, "data")?, room))
}

fn file(file: &Object, room: &mut Room) -> Option<Part> {
    let modality = Modality::Document;
    if file.contains_key("file_id") {
        return held(file, "file_id", modality, room);
    }
    match text(file, "file_url") {
        Some(url) => reference(url, modality, room),
        None => copy::bytes(text(file, "file_data")?, modality, room),
    }
}

/// A file that the provider holds, by its id.
pub(super) fn held(
    holder: &Object,
    key: &str,
    modality: Modality,
    room: &mut Room,
) -> Option<Part> {
    Some(Part::File { mime_type: None, modality, file_id: id(holder, key, room)? })
}

/// A string that may be empty.
fn string<'a>(holder: &'a Object, key: &str) -> Option<&'a str> {
    holder.get(key)?.as_str()
}
