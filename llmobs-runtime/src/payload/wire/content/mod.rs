//! The content of bodies: prompts, instructions, tools and answers.
//!
//! What a member or a block means hangs on its own name, not on the format of the body: no two formats use one
//! name for different things, and gateways mix them.
//!
//! - **Input**: `messages`; `input` of Responses, as text or as items; `prompt` of legacy completions. Roles and
//!   order stay as they were sent: a system message of Chat Completions is a message.
//! - **Instructions**: what is given apart from the messages, `instructions` and `system`.
//! - **Tools**: `tools` and `functions`: type, name, description and parameters. Other members of a definition,
//!   which may hold credentials for a remote server, stay where they are.
//! - **Output**: a message for each of `choices`; one for the whole `output` or `content`.
//!
//! Images, audio and files that stand in the body as base64 become blobs, without their bytes unless the policy
//! inlines them. Blocks and items of unknown types become parts of that type with the members they have.

mod block;
mod copy;
mod item;
mod message;
mod tool;

use serde_json::Value;

use super::format::{self, Format};
use super::openai_responses;
use super::read::{Object, object, text};
use crate::content::{Capture, Captured, Content, Kind, Message, Part, Room};
use crate::payload::Text;

/// Hands over what a request holds.
pub(super) fn request(body: &Object, content: &mut Content) {
    for key in ["instructions", "system"] {
        if let Some(told) = body.get(key) {
            content.add(Kind::Instructions, &Copied(told, instructions));
        }
    }
    for key in ["messages", "input", "prompt"] {
        if let Some(sent) = body.get(key) {
            content.add(Kind::Input, &Copied(sent, input));
        }
    }
    for key in ["tools", "functions"] {
        if let Some(offered) = body.get(key) {
            content.add(Kind::Tools, &Copied(offered, tools));
        }
    }
}

/// Hands over what a response holds. A failed call has no output unless some was produced.
pub(super) fn response(body: &Object, content: &mut Content) {
    content.add(Kind::Output, &Copied(body, output));
}

/// An item of a streamed answer that came as a whole.
pub(in crate::payload::wire) fn item(item: &Object) -> impl Capture {
    Copied(item, |item, room| {
        let mut parts = Vec::new();
        if room.element() {
            item::parts(item, room, &mut parts);
        }
        Captured::List(parts.into_iter().map(Captured::Part).collect())
    })
}

/// A block of a streamed answer that came as a whole.
pub(in crate::payload::wire) fn block(block: &Object) -> impl Capture {
    Copied(block, |block, room| {
        let part = if room.element() { block::part(block, room) } else { None };
        part.map_or(Captured::Nothing, Captured::Part)
    })
}

/// The summary that takes the place of what was said before, which its block leaves to a piece.
pub(in crate::payload::wire) fn summary(piece: &Object) -> impl Capture {
    Copied(piece, |piece, room| {
        let part = if room.element() { block::other("compaction", piece, room) } else { None };
        part.map_or(Captured::Nothing, Captured::Part)
    })
}

/// A value, and what copies it.
struct Copied<'a, T>(&'a T, fn(&T, &mut Room) -> Captured);

impl<T> Capture for Copied<'_, T> {
    fn capture(&self, room: &mut Room) -> Captured {
        let Self(value, copy) = self;
        copy(value, room)
    }
}

fn output(body: &Object, room: &mut Room) -> Captured {
    match format::of_response(body) {
        Some(Format::Chat) => choices(body, room),
        Some(Format::Responses) => items(body, room),
        Some(Format::Messages) => blocks(body, room),
        Some(Format::Embeddings) | None => Captured::Nothing,
    }
}

fn instructions(told: &Value, room: &mut Room) -> Captured {
    Captured::List(block::parts(told, room).into_iter().map(Captured::Part).collect())
}

/// A text is a message of the user's, an object a message or an item.
fn input(sent: &Value, room: &mut Room) -> Captured {
    list(sent, room, |sent, room| match sent {
        Value::String(prompt) if !prompt.is_empty() => {
            let text = Part::Text(room.text(prompt));
            Some(Captured::Message(Message::new("user").with(text)))
        }
        Value::Object(sent) => item::message(sent, room).map(Captured::Message),
        _ => None,
    })
}

fn tools(offered: &Value, room: &mut Room) -> Captured {
    list(offered, room, tool::definition)
}

/// Chat Completions and legacy completions. Pieces of a stream are no messages.
fn choices(body: &Object, room: &mut Room) -> Captured {
    list(body.get("choices").unwrap_or(&Value::Null), room, |choice, room| {
        let choice = choice.as_object()?;
        let mut answer = match (object(choice, "message"), choice.get("text")) {
            (Some(answer), _) => message::read(answer, "assistant", room),
            (None, Some(Value::String(answer))) => {
                Message::new("assistant").with(Part::Text(room.text(answer)))
            }
            _ => return None,
        };
        answer.finish_reason = reason(choice, "finish_reason");
        Some(Captured::Message(answer))
    })
}

/// Responses: all items are one answer.
fn items(body: &Object, room: &mut Room) -> Captured {
    let mut answer = Message::new("assistant");
    let output = body.get("output").and_then(Value::as_array).map(Vec::as_slice);
    for item in output.unwrap_or_default() {
        if !room.element() {
            break;
        }
        if let Some(item) = item.as_object() {
            item::parts(item, room, &mut answer.parts);
        }
    }
    if answer.parts.is_empty() {
        return Captured::Nothing;
    }
    answer.finish_reason = openai_responses::reason(body).map(Text::copied);
    Captured::Message(answer)
}

/// Anthropic's Messages.
fn blocks(body: &Object, room: &mut Room) -> Captured {
    if body.get("content").is_none_or(Value::is_null) {
        return Captured::Nothing;
    }
    let mut answer = message::read(body, "assistant", room);
    answer.finish_reason = reason(body, "stop_reason");
    Captured::Message(answer)
}

fn reason(holder: &Object, key: &str) -> Option<Text> {
    text(holder, key).map(Text::copied)
}

/// As many elements of an array as there is room for; any other value is the only element.
fn list(
    all: &Value,
    room: &mut Room,
    copy: impl Fn(&Value, &mut Room) -> Option<Captured>,
) -> Captured {
    let all = match all {
        Value::Array(all) => all.as_slice(),
        single => std::slice::from_ref(single),
    };
    let mut list = Vec::new();
    for one in all {
        if !room.element() {
            break;
        }
        list.extend(copy(one, room));
    }
    Captured::List(list)
}
