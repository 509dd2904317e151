//! Items of the Responses API: messages, calls and what they returned, in one list.

use serde_json::Value;

use super::super::read::{Object, text};
use super::copy::{blob, id};
use super::{block, message};
use crate::content::{Json, Message, Modality, Part, Room};

/// What an item of a request is as a message. Chat messages have no type. Reasoning that only the provider can
/// read is none.
pub(super) fn message(item: &Object, room: &mut Room) -> Option<Message> {
    match text(item, "type") {
        Some("message") | None => Some(message::read(item, "user", room)),
        Some(kind) => {
            let role = if kind.ends_with("_output") { "tool" } else { "assistant" };
            let mut message = Message::new(role);
            parts(item, room, &mut message.parts);
            (!message.parts.is_empty()).then_some(message)
        }
    }
}

/// Adds what an item consists of.
pub(super) fn parts(item: &Object, room: &mut Room, parts: &mut Vec<Part>) {
    let kind = text(item, "type").unwrap_or_default();
    let part = match kind {
        "message" => {
            return parts.append(&mut message::read(item, "assistant", room).parts);
        }
        "reasoning" => {
            for key in ["summary", "content"] {
                if let Some(thoughts) = item.get(key) {
                    parts.append(&mut block::parts(thoughts, room));
                }
            }
            return;
        }
        "function_call" => message::function(item, text(item, "call_id"), room),
        "custom_tool_call" => message::custom(item, text(item, "call_id"), room),
        "computer_call" | "local_shell_call" | "shell_call" => Some(action(item, kind, room)),
        "tool_search_output" | "additional_tools" => Some(named(item, kind, room)),
        "apply_patch_call" => Some(operation(item, room)),
        "image_generation_call" => {
            generated(item, room).or_else(|| Some(server_call(item, kind, room)))
        }
        _ if kind.ends_with("_output") => returned(item, room),
        _ if kind.ends_with("_call") => Some(server_call(item, kind, room)),
        _ => None,
    };
    parts.extend(part.or_else(|| block::other(kind, item, room)));
}

/// A call of a tool that has no name but its type, to be run by the client.
fn action(item: &Object, kind: &str, room: &mut Room) -> Part {
    let with = item.get("action").filter(|action| !action.is_null());
    called(item, kind.trim_end_matches("_call"), with.or_else(|| item.get("actions")), room)
}

/// Only its id: it holds definitions of tools, in which there may be credentials.
fn named(item: &Object, kind: &str, room: &mut Room) -> Part {
    Part::Other { kind: kind.to_owned(), members: block::identified(item, "id", room) }
}

fn operation(item: &Object, room: &mut Room) -> Part {
    called(item, "apply_patch", item.get("operation"), room)
}

fn called(item: &Object, name: &str, with: Option<&Value>, room: &mut Room) -> Part {
    Part::ToolCall {
        id: id(item, "call_id", room),
        name: name.to_owned(),
        arguments: with.map(|with| room.json(with)),
    }
}

/// What the client sends for a call.
fn returned(item: &Object, room: &mut Room) -> Option<Part> {
    let output = item.get("output")?;
    let id = id(item, "call_id", room).or_else(|| id(item, "id", room));
    Some(Part::ToolCallResponse { id, response: block::response(Some(output), room) })
}

/// An image is what the item is there for; until it is painted there is the call alone.
fn generated(item: &Object, room: &mut Room) -> Option<Part> {
    let image = text(item, "result")?;
    let mime = match text(item, "output_format") {
        Some("png") => Some("image/png"),
        Some("jpeg") => Some("image/jpeg"),
        Some("webp") => Some("image/webp"),
        _ => None,
    };
    Some(blob(mime, Modality::Image, image, room))
}

/// A call that the provider made itself, together with what it returned, in the conventions' terms.
fn server_call(item: &Object, kind: &str, room: &mut Room) -> Part {
    let name = text(item, "name").unwrap_or_else(|| kind.trim_end_matches("_call"));
    let mut members = block::identified(item, "id", room);
    members.push(("name".to_owned(), Json::Text(room.text(name))));
    let call = block::details(kind, item, &["id", "name"], room);
    members.push(("server_tool_call".to_owned(), call));
    Part::Other { kind: "server_tool_call".to_owned(), members }
}
