//! What the types of the client hold of prompts and answers, in the terms of the conventions.
//!
//! Nothing is serialised or cloned as a whole: lists are followed while there is room, texts are copied through
//! it, and what can only be written out as JSON goes into a buffer that refuses what is too much. Raw JSON of
//! the same content hands over the same.

pub(super) mod chat;
pub(super) mod completions;
#[cfg(feature = "async-openai-responses")]
pub(super) mod items;
mod media;
#[cfg(feature = "async-openai-responses")]
pub(super) mod responses;
mod tools;
#[cfg(feature = "async-openai-responses")]
mod written;

use crate::content::{Capture, Captured, Json, Message, Part, Room};
use crate::payload::Text;

/// Captures what a function of this module makes of a value.
struct With<F>(F);

impl<F: Fn(&mut Room) -> Captured> Capture for With<F> {
    fn capture(&self, room: &mut Room) -> Captured {
        (self.0)(room)
    }
}

/// What `make` makes of each element that there is room for.
fn each<T, U>(
    room: &mut Room,
    list: impl IntoIterator<Item = T>,
    mut make: impl FnMut(T, &mut Room) -> U,
) -> Vec<U> {
    let mut all = Vec::new();
    for item in list {
        if !room.element() {
            break;
        }
        all.push(make(item, room));
    }
    all
}

/// A message of a role; the name is the participant's.
fn message(
    role: impl Into<Text>,
    name: Option<&String>,
    parts: Vec<Part>,
    room: &mut Room,
) -> Message {
    let mut message = Message::new(role);
    message.name = name.map(|name| room.text(name));
    message.parts = parts;
    message
}

/// A text as the only part, or none where it is empty.
fn only(text: &str, room: &mut Room) -> Vec<Part> {
    if text.is_empty() { Vec::new() } else { vec![Part::Text(room.text(text))] }
}

/// What a model says instead of an answer; the conventions leave parts of other types open.
fn refused(text: &str, room: &mut Room) -> Part {
    let members = vec![("refusal".to_owned(), Json::Text(room.text(text)))];
    Part::Other { kind: "refusal".to_owned(), members }
}

/// A tool that the model asks the client to call, with arguments in JSON.
fn call(id: Option<&str>, name: &str, arguments: &str, room: &mut Room) -> Part {
    Part::ToolCall {
        id: id.and_then(|id| room.whole(id)),
        name: room.text(name),
        arguments: (!arguments.is_empty()).then(|| parsed(arguments, room)),
    }
}

/// A call of a tool that takes any text, JSON or not.
fn custom_call(id: &str, name: &str, input: &str, room: &mut Room) -> Part {
    Part::ToolCall {
        id: room.whole(id),
        name: room.text(name),
        arguments: Some(Json::Text(room.text(input))),
    }
}

/// Longer JSON text stays text: parsed, it would take many times its size.
const PARSED: usize = 65_536;

/// The value that a JSON text stands for; what is not JSON, or too long, stays text.
fn parsed(text: &str, room: &mut Room) -> Json {
    if text.len() <= PARSED
        && let Ok(value) = serde_json::from_str(text)
    {
        return room.json(&value);
    }
    Json::Text(room.text(text))
}
