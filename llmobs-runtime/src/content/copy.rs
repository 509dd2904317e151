//! Bounded copies of content.

use super::strings::data_url;
use super::{Captured, Json, Message, Modality, Part, Room};
use crate::text::Text;

/// The usual roles and finish reasons; redaction need not look at these.
const WORDS: &[&str] = &[
    "assistant",
    "content_filter",
    "developer",
    "end_turn",
    "error",
    "function",
    "function_call",
    "incomplete",
    "length",
    "max_output_tokens",
    "max_tokens",
    "model",
    "pause_turn",
    "refusal",
    "stop",
    "stop_sequence",
    "system",
    "tool",
    "tool_calls",
    "tool_use",
    "unknown",
    "user",
];

/// A role or a reason. One that is too long for an identifier is none: half of it might be half of a secret.
pub(super) fn word(text: &str) -> Text {
    /// Longest role or finish reason that is copied.
    const LONGEST: usize = 96;
    match WORDS.binary_search(&text) {
        Ok(place) => Text::Static(WORDS.get(place).copied().unwrap_or_default()),
        Err(_) if text.len() > LONGEST => Text::Static(""),
        Err(_) => Text::copied(text),
    }
}

/// As [`word`]; `None` where it is none.
pub(super) fn reason(text: &str) -> Option<Text> {
    Some(word(text)).filter(|reason| !reason.as_str().is_empty())
}

/// The elements for which there is room, each copied into it.
pub(super) fn each<T, C>(
    items: impl IntoIterator<Item = T>,
    room: &mut Room,
    mut copy: impl FnMut(T, &mut Room) -> C,
) -> Vec<C> {
    let mut copies = Vec::new();
    for item in items {
        if !room.element() {
            break;
        }
        copies.push(copy(item, room));
    }
    copies
}

/// The members for which there is room; a key is copied whole, or its member is left out.
pub(super) fn members<K: AsRef<str>, T>(
    items: impl IntoIterator<Item = (K, T)>,
    room: &mut Room,
    mut copy: impl FnMut(T, &mut Room) -> Json,
) -> Vec<(String, Json)> {
    let mut copies = Vec::new();
    for (key, value) in items {
        if !room.element() {
            break;
        }
        let Some(key) = room.whole(key.as_ref()) else { break };
        copies.push((key, copy(value, room)));
    }
    copies
}

impl Json {
    pub(super) fn copy(&self, room: &mut Room) -> Self {
        match self {
            Self::Text(text) => room.json_text(text),
            Self::List(items) => {
                let items = room.nested(|room| each(items, room, Self::copy));
                items.map_or(Self::Null, Self::List)
            }
            Self::Object(list) => {
                let list = list.iter().map(|(key, value)| (key, value));
                let list = room.nested(|room| members(list, room, Self::copy));
                list.map_or(Self::Null, Self::Object)
            }
            Self::Null | Self::Flag(_) | Self::Int(_) | Self::Double(_) => self.clone(),
        }
    }
}

impl Part {
    /// `None` where not even its identifiers fit.
    pub(super) fn copy(&self, room: &mut Room) -> Option<Self> {
        if !room.part() {
            return None;
        }
        Some(match self {
            Self::Text(text) => Self::Text(room.text(text)),
            Self::Reasoning(text) => Self::Reasoning(room.text(text)),
            Self::ToolCall { id, name, arguments } => Self::ToolCall {
                id: whole(id.as_deref(), room),
                name: room.text(name),
                arguments: arguments.as_ref().map(|arguments| arguments.copy(room)),
            },
            Self::ToolCallResponse { id, response } => Self::ToolCallResponse {
                id: whole(id.as_deref(), room),
                response: response.copy(room),
            },
            Self::Blob { mime_type, modality, content } => {
                room.blob(*modality, mime_type.as_deref(), content.as_deref().unwrap_or_default())
            }
            Self::File { mime_type, modality, file_id } => Self::File {
                mime_type: whole(mime_type.as_deref(), room),
                modality: *modality,
                file_id: room.whole(file_id)?,
            },
            Self::Uri { mime_type, modality, uri } => {
                if let Some((head, data)) = data_url(uri) {
                    return Some(blob_of_url(*modality, mime_type.as_deref(), head, data, room));
                }
                Self::Uri {
                    mime_type: whole(mime_type.as_deref(), room),
                    modality: *modality,
                    uri: room.whole(uri)?,
                }
            }
            Self::Other { kind, members: list } => Self::Other {
                kind: room.whole(kind)?,
                members: members(list.iter().map(|(key, value)| (key, value)), room, Json::copy),
            },
        })
    }
}

/// A data URL is no reference: the conventions want a blob in its place.
pub(super) fn blob_of_url(
    modality: Modality,
    mime_type: Option<&str>,
    head: &str,
    data: &str,
    room: &mut Room,
) -> Part {
    let told = head.get(5..).and_then(|rest| rest.split(';').next());
    room.blob(modality, mime_type.or(told.filter(|told| !told.is_empty())), data)
}

fn whole(text: Option<&str>, room: &mut Room) -> Option<String> {
    text.and_then(|text| room.whole(text))
}

impl Message {
    /// `None` where there is no room for one more message.
    pub(super) fn copy(&self, room: &mut Room) -> Option<Self> {
        if !room.message() {
            return None;
        }
        Some(Self {
            role: word(self.role.as_str()),
            name: self.name.as_deref().and_then(|name| room.whole(name)),
            parts: parts(&self.parts, room),
            finish_reason: self.finish_reason.as_ref().and_then(|its| reason(its.as_str())),
        })
    }
}

fn parts(parts: &[Part], room: &mut Room) -> Vec<Part> {
    let mut copies = Vec::new();
    for part in parts {
        if room.is_full() {
            room.leave_out();
            break;
        }
        copies.extend(part.copy(room));
    }
    copies
}

impl Captured {
    pub(super) fn copy(&self, room: &mut Room) -> Self {
        match self {
            Self::Nothing => Self::Nothing,
            Self::Text(text) => Self::Text(room.text(text)),
            Self::Json(json) => Self::Json(json.copy(room)),
            Self::Part(part) => part.copy(room).map_or(Self::Nothing, Self::Part),
            Self::Message(message) => message.copy(room).map_or(Self::Nothing, Self::Message),
            Self::List(items) => {
                let items = room.nested(|room| each(items, room, Self::copy));
                items.map_or(Self::Nothing, Self::List)
            }
        }
    }
}
