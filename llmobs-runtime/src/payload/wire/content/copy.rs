//! Bounded copies of what bodies hold.

use serde_json::Value;

use super::super::read::{Object, text};
use crate::content::{Json, Modality, Part, Room};

/// Longer JSON text stays text: parsed, it would take many times its size.
const PARSED: usize = 64 * 1024;

/// What a data URI says of itself stands in its first bytes.
const HEAD: usize = 256;

/// An identifier, whole or not at all.
pub(super) fn id(holder: &Object, key: &str, room: &mut Room) -> Option<String> {
    room.whole(text(holder, key)?)
}

/// The object or array that a JSON text stands for; any other text stays text, and so does a long one.
pub(super) fn parsed(text: &str, room: &mut Room) -> Json {
    let structured = text.len() <= PARSED && text.trim_start().starts_with(['{', '[']);
    match structured.then(|| serde_json::from_str::<Value>(text)) {
        Some(Ok(value)) if !room.is_full() => room.json(&value),
        _ => Json::Text(room.text(text)),
    }
}

/// How many levels of blocks are looked at for bytes and what only the provider can read.
const LEVELS: usize = 4;

/// The members of a block, or of an item, but its `type` and `except`.
pub(super) fn members(block: &Object, except: &[&str], room: &mut Room) -> Vec<(String, Json)> {
    let said = |key: &str| key != "type" && !except.contains(&key);
    object(block, LEVELS, said, room)
}

/// A value that consists of blocks.
pub(super) fn value(value: &Value, room: &mut Room) -> Json {
    nested(value, LEVELS, room)
}

fn nested(value: &Value, levels: usize, room: &mut Room) -> Json {
    match (value, levels.checked_sub(1)) {
        (Value::Array(items), Some(levels)) => {
            let mut list = Vec::new();
            for item in items {
                if !room.element() {
                    break;
                }
                list.push(nested(item, levels, room));
            }
            Json::List(list)
        }
        (Value::Object(block), Some(levels)) => Json::Object(object(block, levels, |_| true, room)),
        _ => room.json(value),
    }
}

fn object(
    block: &Object,
    levels: usize,
    said: impl Fn(&str) -> bool,
    room: &mut Room,
) -> Vec<(String, Json)> {
    let base64 = block.get("type").is_some_and(|kind| kind == "base64");
    let mut members = Vec::new();
    for (key, value) in block {
        let bytes = key == "b64_json" || (base64 && key == "data");
        if (bytes && !room.inlines_blobs()) || key == "encrypted_content" || !said(key) {
            continue;
        }
        if !room.element() {
            break;
        }
        let Some(key) = room.whole(key) else { break };
        members.push((key, nested(value, levels, room)));
    }
    members
}

/// What a URI names, or the bytes that it is.
pub(super) fn reference(uri: &str, modality: Modality, room: &mut Room) -> Option<Part> {
    let Some((head, data)) = data_uri(uri) else {
        return Some(Part::Uri { mime_type: None, modality, uri: room.whole(uri)? });
    };
    let (mime, base64) = match head.strip_suffix(";base64") {
        Some(mime) => (mime, data),
        None => (head, ""),
    };
    let mime = mime.split(';').next().filter(|mime| !mime.is_empty());
    let modality = mime.map_or(modality, |mime| modality_of(mime, modality));
    Some(blob(mime, modality, base64, room))
}

/// Bytes of which nothing is known but that they are bytes: a data URI, or its base64 text alone.
pub(super) fn bytes(data: &str, modality: Modality, room: &mut Room) -> Option<Part> {
    match data_uri(data) {
        Some(_) => reference(data, modality, room),
        None => Some(blob(None, modality, data, room)),
    }
}

/// Base64 text as a blob.
pub(super) fn blob(mime: Option<&str>, modality: Modality, base64: &str, room: &mut Room) -> Part {
    match room.blob(modality, mime, base64) {
        // Of a data URI that is no base64 text, or of no data at all.
        Part::Blob { mime_type, modality, content } => {
            let content = content.filter(|content| !content.is_empty());
            Part::Blob { mime_type, modality, content }
        }
        part => part,
    }
}

/// The kind of medium that a media type names, or `otherwise`.
pub(super) fn modality_of(mime: &str, otherwise: Modality) -> Modality {
    match mime.split('/').next() {
        Some("image") => Modality::Image,
        Some("audio") => Modality::Audio,
        Some("video") => Modality::Video,
        Some("application" | "text") => Modality::Document,
        _ => otherwise,
    }
}

/// The media type with its parameters, and the data, of a URI that is its own content.
fn data_uri(uri: &str) -> Option<(&str, &str)> {
    let scheme = uri.get(..5).filter(|scheme| scheme.eq_ignore_ascii_case("data:"))?;
    let rest = uri.get(scheme.len()..)?;
    let (head, _) = rest.get(..rest.floor_char_boundary(HEAD))?.split_once(',')?;
    let named = head.bytes().all(|byte| byte.is_ascii_graphic());
    named.then_some((head, rest.get(head.len() + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_looks_like_a_data_uri_is_a_uri() {
        for text in ["data:", "data", "dataé,", "data: is what we have, mostly", "DATA:\u{e9},x"] {
            assert!(data_uri(text).is_none(), "{text}");
        }
        assert_eq!(data_uri("DATA:,x"), Some(("", "x")));
        assert_eq!(data_uri("data:image/png;base64,AA"), Some(("image/png;base64", "AA")));
        assert!(data_uri(&format!("data:{},", "x".repeat(HEAD))).is_none());
    }
}
