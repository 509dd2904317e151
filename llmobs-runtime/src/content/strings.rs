//! The strings inside content.

use super::{Json, Message, Part};
use crate::text::Text;

/// `text` without the bytes that it stands for: of a data URL its head, of long base64 text nothing.
pub(super) fn without_bytes(text: &str) -> &str {
    /// Neither a word nor an identifier goes on for so long.
    const LONG: usize = 1_024;
    if let Some((head, _)) = data_url(text) {
        return head;
    }
    let digit = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(byte);
    if text.len() >= LONG && text.as_bytes().iter().take(LONG).all(digit) { "" } else { text }
}

/// A base64 data URL: all of it that comes before the data, and the data.
pub(super) fn data_url(text: &str) -> Option<(&str, &str)> {
    /// No media type with its parameters is longer.
    const HEAD: usize = 256;
    const MARK: &str = ";base64,";
    let scheme = text.get(..5)?;
    if !scheme.eq_ignore_ascii_case("data:") {
        return None;
    }
    let head = text.get(..text.floor_char_boundary(HEAD))?;
    text.split_at_checked(head.find(MARK)? + MARK.len())
}

impl Message {
    /// Shows `visit` every string that people or models may have written, see [`Part::texts_mut`], the name of the
    /// participant, and a role or finish reason that is not one of the usual words.
    pub fn texts_mut(&mut self, visit: &mut dyn FnMut(&mut String)) {
        word_texts_mut(&mut self.role, visit);
        if let Some(name) = &mut self.name {
            visit(name);
        }
        for part in &mut self.parts {
            part.texts_mut(visit);
        }
        if let Some(reason) = &mut self.finish_reason {
            word_texts_mut(reason, visit);
        }
    }
}

/// What is part of a program says nothing of anybody.
fn word_texts_mut(word: &mut Text, visit: &mut dyn FnMut(&mut String)) {
    if let Text::Shared(shared) = word {
        let mut text = String::from(&**shared);
        visit(&mut text);
        if *text != **shared {
            *word = Text::copied(&text);
        }
    }
}

impl Part {
    /// Shows `visit` every string that people or models may have written: texts, the names of tools, every string
    /// in arguments, responses and other members with the keys of objects, and URIs. Not the identifiers of calls
    /// and files, media types, and base64 text.
    pub fn texts_mut(&mut self, visit: &mut dyn FnMut(&mut String)) {
        match self {
            Self::Text(text) | Self::Reasoning(text) => visit(text),
            Self::ToolCall { name, arguments, .. } => {
                visit(name);
                if let Some(arguments) = arguments {
                    arguments.texts_mut(visit);
                }
            }
            Self::ToolCallResponse { response, .. } => response.texts_mut(visit),
            Self::Uri { uri, .. } => visit(uri),
            Self::Other { members, .. } => {
                for (key, value) in members {
                    visit(key);
                    value.texts_mut(visit);
                }
            }
            Self::Blob { .. } | Self::File { .. } => {}
        }
    }
}

impl Json {
    /// Shows `visit` every string inside, the keys of objects included.
    pub fn texts_mut(&mut self, visit: &mut dyn FnMut(&mut String)) {
        match self {
            Self::Text(text) => visit(text),
            Self::List(items) => items.iter_mut().for_each(|item| item.texts_mut(visit)),
            Self::Object(members) => {
                for (key, value) in members {
                    visit(key);
                    value.texts_mut(visit);
                }
            }
            Self::Null | Self::Flag(_) | Self::Int(_) | Self::Double(_) => {}
        }
    }

    /// Of the definition of a tool: what people wrote, and not the words of the conventions and of JSON Schema that
    /// give it its form.
    pub(super) fn definition_texts_mut(&mut self, visit: &mut dyn FnMut(&mut String)) {
        match self {
            Self::Text(text) => visit(text),
            Self::List(items) => items.iter_mut().for_each(|item| item.definition_texts_mut(visit)),
            Self::Object(members) => {
                for (key, value) in members {
                    // `object`, or `["string", "null"]`.
                    let is_type = key == "type" && !matches!(value, Self::Object(_));
                    if !is_type {
                        value.definition_texts_mut(visit);
                    }
                    if SCHEMA_WORDS.binary_search(&key.as_str()).is_err() {
                        visit(key);
                    }
                }
            }
            Self::Null | Self::Flag(_) | Self::Int(_) | Self::Double(_) => {}
        }
    }
}

/// The members that definitions of tools have, and their parameters as a JSON Schema.
const SCHEMA_WORDS: &[&str] = &[
    "$defs",
    "$id",
    "$ref",
    "$schema",
    "additionalProperties",
    "allOf",
    "anyOf",
    "cache_control",
    "const",
    "default",
    "definitions",
    "description",
    "enum",
    "examples",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "function",
    "inputSchema",
    "input_schema",
    "items",
    "maxItems",
    "maxLength",
    "maximum",
    "minItems",
    "minLength",
    "minimum",
    "multipleOf",
    "name",
    "not",
    "oneOf",
    "parameters",
    "pattern",
    "patternProperties",
    "prefixItems",
    "properties",
    "required",
    "strict",
    "title",
    "type",
    "uniqueItems",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_list_are_found() {
        assert!(SCHEMA_WORDS.is_sorted());
    }

    #[test]
    fn bytes_are_told_from_text() {
        assert_eq!(without_bytes("data:image/png;base64,iVBOR"), "data:image/png;base64,");
        assert_eq!(without_bytes("DATA:image/png;base64,iVBOR"), "DATA:image/png;base64,");
        assert_eq!(without_bytes("data: nothing of the kind"), "data: nothing of the kind");
        assert_eq!(without_bytes(&"QUJD".repeat(256)), "");
        let prose = "some words ".repeat(200);
        assert_eq!(without_bytes(&prose), prose);
        let hash = "0123456789abcdef".repeat(8);
        assert_eq!(without_bytes(&hash), hash);
        assert_eq!(without_bytes("dat\u{e9}"), "dat\u{e9}");
    }

    #[test]
    fn every_string_is_shown() {
        let mut message = Message::new("user")
            .with(Part::Text("text".into()))
            .with(Part::ToolCall {
                id: Some("id".into()),
                name: "tool".into(),
                arguments: Some(Json::Object(vec![("key".into(), Json::Text("value".into()))])),
            })
            .with(Part::Other {
                kind: "kind".into(),
                members: vec![("member".into(), Json::List(vec![Json::Text("item".into())]))],
            });
        message.name = Some("name".into());
        message.finish_reason = Some(Text::copied("reason"));
        let mut seen = Vec::new();
        message.texts_mut(&mut |text| seen.push(text.clone()));
        assert_eq!(seen, ["name", "text", "tool", "key", "value", "member", "item", "reason"]);
    }
}
