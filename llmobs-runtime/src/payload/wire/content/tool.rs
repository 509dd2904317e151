//! Definitions of tools.

use serde_json::Value;

use super::super::read::{object, text};
use crate::content::{Captured, Json, Room};

/// What of a definition the conventions have a place for. The rest may hold credentials for a server.
pub(super) fn definition(tool: &Value, room: &mut Room) -> Option<Captured> {
    let tool = tool.as_object()?;
    // Chat Completions wraps, Responses does not; Anthropic's own have no type, legacy functions neither.
    let kind = text(tool, "type");
    let inner = kind.and_then(|kind| object(tool, kind)).unwrap_or(tool);
    let schema = inner.get("parameters").or_else(|| inner.get("input_schema"));
    let kind = match kind {
        None => "function",
        // A tool of the client's in Anthropic's format.
        Some("custom") if inner.contains_key("input_schema") => "function",
        Some(kind) => kind,
    };
    // What the provider runs itself may have no name but its type.
    let itself = (kind != "function").then_some(kind);
    let name = text(inner, "name").or_else(|| text(inner, "server_label")).or(itself)?;
    let mut members = vec![
        ("type".to_owned(), Json::Text(room.text(kind))),
        ("name".to_owned(), Json::Text(room.text(name))),
    ];
    if let Some(told) = text(inner, "description") {
        members.push(("description".to_owned(), Json::Text(room.text(told))));
    }
    if let Some(schema) = schema.filter(|schema| schema.is_object()) {
        members.push(("parameters".to_owned(), room.json(schema)));
    }
    Some(Captured::Json(Json::Object(members)))
}
