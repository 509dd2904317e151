//! What content takes of a room that was not copied through it.

use super::room::{DEPTH, ELEMENT, MESSAGE, PART};
use super::{Captured, Json, Message, Part, Room};

impl Captured {
    /// What `content` is, within the room: also where an implementation copied past it.
    pub(super) fn of(content: &dyn Fn(&mut Room) -> Self, room: &mut Room) -> Self {
        let before = room.left();
        let captured = content(room);
        let weight = captured.weight(DEPTH);
        if weight <= before {
            let after = room.left().min(before - weight);
            room.again(after);
            return captured;
        }
        room.again(before);
        captured.copy(room)
    }

    /// What this takes of a room; more than any room has where it nests deeper than `depth`.
    fn weight(&self, depth: usize) -> usize {
        let Some(inner) = depth.checked_sub(1) else { return usize::MAX };
        match self {
            Self::Nothing => 0,
            Self::Text(text) => text.len(),
            Self::Json(json) => json.weight(inner),
            Self::Part(part) => part.weight(inner),
            Self::Message(message) => message.weight(inner),
            Self::List(items) => {
                sum(items.iter().map(|item| item.weight(inner).saturating_add(ELEMENT)))
            }
        }
    }
}

impl Message {
    fn weight(&self, depth: usize) -> usize {
        let name = self.name.as_ref().map_or(0, String::len);
        let parts = sum(self.parts.iter().map(|part| part.weight(depth)));
        sum([name, parts, MESSAGE].into_iter())
    }
}

impl Part {
    fn weight(&self, depth: usize) -> usize {
        let long = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let strings = match self {
            Self::Text(text) | Self::Reasoning(text) => text.len(),
            Self::ToolCall { id, name, arguments } => {
                let arguments = arguments.as_ref().map_or(0, |arguments| arguments.weight(depth));
                sum([long(id), name.len(), arguments].into_iter())
            }
            Self::ToolCallResponse { id, response } => {
                long(id).saturating_add(response.weight(depth))
            }
            Self::Blob { mime_type, content, .. } => long(mime_type).saturating_add(long(content)),
            Self::File { mime_type, file_id, .. } => long(mime_type).saturating_add(file_id.len()),
            Self::Uri { mime_type, uri, .. } => long(mime_type).saturating_add(uri.len()),
            Self::Other { kind, members } => kind.len().saturating_add(sum(members
                .iter()
                .map(|(key, value)| sum([key.len(), value.weight(depth), ELEMENT].into_iter())))),
        };
        strings.saturating_add(PART)
    }
}

impl Json {
    /// What this takes of a room; more than any room has where it nests too deep.
    fn weight(&self, depth: usize) -> usize {
        let Some(depth) = depth.checked_sub(1) else { return usize::MAX };
        match self {
            Self::Text(text) => text.len(),
            Self::List(items) => {
                sum(items.iter().map(|item| item.weight(depth).saturating_add(ELEMENT)))
            }
            Self::Object(members) => sum(members.iter().map(|(key, value)| {
                value.weight(depth).saturating_add(key.len()).saturating_add(ELEMENT)
            })),
            Self::Null | Self::Flag(_) | Self::Int(_) | Self::Double(_) => 0,
        }
    }
}

fn sum(mut weights: impl Iterator<Item = usize>) -> usize {
    weights.try_fold(0, usize::checked_add).unwrap_or(usize::MAX)
}
