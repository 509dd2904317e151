//! The items of the Responses API, of which conversations and answers consist.

use ::async_openai::types::responses::{
    CustomToolCall, CustomToolCallOutputOutput, FunctionCallOutput, FunctionToolCall,
    ImageGenToolCall, ImageGenToolOutputFormat, InputContent, InputItem, Item, MessageItem,
    OutputItem, OutputMessage, OutputMessageContent, ReasoningItem, ReasoningItemContent,
    SummaryPart,
};
use serde_json::Value;

use super::responses::{easy, input_role, shown};
use super::written::Written;
use super::{call, custom_call, each, message, refused, written};
use crate::content::{Capture, Captured, Json, Message, Modality, Part, Room};

/// An item of an answer: the parts that it adds to the only message.
pub(in super::super) struct Output<'a>(pub(in super::super) &'a OutputItem);

impl Capture for Output<'_> {
    fn capture(&self, room: &mut Room) -> Captured {
        let parts = parts(self.0, room);
        Captured::List(parts.into_iter().map(Captured::Part).collect())
    }
}

pub(super) fn parts(item: &OutputItem, room: &mut Room) -> Vec<Part> {
    let part = match item {
        OutputItem::Message(it) => return said(it, room),
        OutputItem::Reasoning(it) => return thoughts(it, room),
        OutputItem::FunctionCall(it) => function(it, room),
        OutputItem::CustomToolCall(it) => custom(it, room),
        OutputItem::FunctionCallOutput(it) => {
            function_output(it.call_id.as_deref(), &it.output, room)
        }
        OutputItem::CustomToolCallOutput(it) => custom_output(&it.call_id, &it.output, room),
        OutputItem::ImageGenerationCall(it) if it.result.is_some() => painted(it, room),
        // These hold definitions of tools, in which there may be credentials.
        OutputItem::ToolSearchOutput(it) => named("tool_search_output", Some(&it.id), room),
        OutputItem::AdditionalTools(it) => named("additional_tools", Some(&it.id), room),
        it => other(written::item(|out| serde_json::to_writer(out, it)), room),
    };
    vec![part]
}

/// An item of an input as a message of its own.
pub(super) fn sent(item: &InputItem, room: &mut Room) -> Message {
    let part = match item {
        InputItem::Item(item) => return sent_item(item, room),
        InputItem::EasyMessage(it) => return easy(it, room),
        InputItem::ItemReference(it) => named("item_reference", Some(&it.id), room),
        it => {
            let written = written::item(|out| serde_json::to_writer(out, it));
            return message_of(written, room);
        }
    };
    message(ASSISTANT, None, vec![part], room)
}

const ASSISTANT: &str = "assistant";
const TOOL: &str = "tool";

fn sent_item(item: &Item, room: &mut Room) -> Message {
    let (role, parts) = match item {
        Item::Message(MessageItem::Output(it)) => (ASSISTANT, said(it, room)),
        Item::Message(MessageItem::Input(it)) => {
            (input_role(it.role), each(room, &it.content, shown))
        }
        Item::Reasoning(it) => (ASSISTANT, thoughts(it, room)),
        Item::FunctionCall(it) => (ASSISTANT, vec![function(it, room)]),
        Item::CustomToolCall(it) => (ASSISTANT, vec![custom(it, room)]),
        Item::FunctionCallOutput(it) => {
            (TOOL, vec![function_output(it.call_id.as_deref(), &it.output, room)])
        }
        Item::CustomToolCallOutput(it) => {
            (TOOL, vec![custom_output(&it.call_id, &it.output, room)])
        }
        Item::ImageGenerationCall(it) if it.result.is_some() => {
            (ASSISTANT, vec![painted(it, room)])
        }
        // These hold definitions of tools, in which there may be credentials.
        Item::ToolSearchOutput(it) => {
            (TOOL, vec![named("tool_search_output", it.id.as_ref(), room)])
        }
        Item::AdditionalTools(it) => {
            (ASSISTANT, vec![named("additional_tools", it.id.as_ref(), room)])
        }
        it => {
            let written = written::item(|out| serde_json::to_writer(out, it));
            return message_of(written, room);
        }
    };
    message(role, None, parts, room)
}

fn message_of(written: Written, room: &mut Room) -> Message {
    let role = if written.kind.ends_with("_output") { TOOL } else { ASSISTANT };
    let parts = vec![other(written, room)];
    message(role, None, parts, room)
}

/// Members that only the provider can read.
const SEALED: [&str; 1] = ["encrypted_content"];

/// An item without a part of its own: a call that the client is to make, what it returned, a call that the
/// provider made itself; else what it is.
fn other(written: Written, room: &mut Room) -> Part {
    let Written { kind, members } = written;
    let Some(mut members) = members else {
        room.leave_out();
        return Part::Other { kind, members: Vec::new() };
    };
    for sealed in SEALED {
        members.remove(sealed);
    }
    let id = |of: &str| members.get(of).and_then(Value::as_str);
    let answered = id("call_id").or_else(|| id("id"));
    let called = kind.strip_suffix("_call");
    let with = match kind.as_str() {
        "computer_call" | "local_shell_call" | "shell_call" => {
            members.get("action").or_else(|| members.get("actions"))
        }
        "apply_patch_call" => members.get("operation"),
        _ => None,
    };
    if let (Some(name), Some(with)) = (called, with) {
        return Part::ToolCall {
            id: id("call_id").and_then(|id| room.whole(id)),
            name: name.to_owned(),
            arguments: Some(room.json(with)),
        };
    }
    if let Some(output) = members.get("output").filter(|_| kind.ends_with("_output")) {
        let id = answered.and_then(|id| room.whole(id));
        return Part::ToolCallResponse { id, response: room.json(output) };
    }
    if let Some(name) = called {
        let mut part = Vec::new();
        let own = members.remove("id");
        let named = members.remove("name");
        part.extend(own.map(|id| ("id".to_owned(), room.json(&id))));
        let name = named.unwrap_or_else(|| name.into());
        part.push(("name".to_owned(), room.json(&name)));
        members.insert("type".to_owned(), kind.into());
        part.push(("server_tool_call".to_owned(), room.json(&members.into())));
        return Part::Other { kind: "server_tool_call".to_owned(), members: part };
    }
    match room.json(&members.into()) {
        Json::Object(members) => Part::Other { kind, members },
        _ => Part::Other { kind, members: Vec::new() },
    }
}

fn said(message: &OutputMessage, room: &mut Room) -> Vec<Part> {
    each(room, &message.content, |part, room| match part {
        OutputMessageContent::OutputText(part) => Part::Text(room.text(&part.text)),
        OutputMessageContent::Refusal(part) => refused(&part.refusal, room),
    })
}

/// The summary, and the thoughts themselves where the model shows them. Encrypted ones are nothing.
fn thoughts(item: &ReasoningItem, room: &mut Room) -> Vec<Part> {
    let summaries = item.summary.iter().map(|it| {
        let SummaryPart::SummaryText(it) = it;
        &it.text
    });
    let thoughts = item.content.iter().flatten().map(|it| {
        let ReasoningItemContent::ReasoningText(it) = it;
        &it.text
    });
    each(room, summaries.chain(thoughts), |text, room| Part::Reasoning(room.text(text)))
}

fn function(it: &FunctionToolCall, room: &mut Room) -> Part {
    call(Some(&it.call_id), &it.name, &it.arguments, room)
}

fn custom(it: &CustomToolCall, room: &mut Room) -> Part {
    custom_call(&it.call_id, &it.name, &it.input, room)
}

fn function_output(id: Option<&str>, output: &FunctionCallOutput, room: &mut Room) -> Part {
    let id = id.and_then(|id| room.whole(id));
    let response = match output {
        FunctionCallOutput::Text(text) => Json::Text(room.text(text)),
        FunctionCallOutput::Content(parts) => Json::List(each(room, parts, as_it_is)),
    };
    Part::ToolCallResponse { id, response }
}

fn custom_output(id: &str, output: &CustomToolCallOutputOutput, room: &mut Room) -> Part {
    let id = room.whole(id);
    let response = match output {
        CustomToolCallOutputOutput::Text(text) => Json::Text(room.text(text)),
        CustomToolCallOutputOutput::List(parts) => Json::List(each(room, parts, as_it_is)),
    };
    Part::ToolCallResponse { id, response }
}

/// A part of a result; a result is whatever the tool makes it.
fn as_it_is(part: &InputContent, room: &mut Room) -> Json {
    let Written { kind, members } = written::item(|out| serde_json::to_writer(out, part));
    let mut members = members.unwrap_or_else(|| {
        room.leave_out();
        serde_json::Map::new()
    });
    members.insert("type".to_owned(), kind.into());
    room.json(&members.into())
}

/// An image is what the item is there for.
fn painted(it: &ImageGenToolCall, room: &mut Room) -> Part {
    let mime_type = it.output_format.as_ref().map(|format| match format {
        ImageGenToolOutputFormat::Png => "image/png",
        ImageGenToolOutputFormat::Webp => "image/webp",
        ImageGenToolOutputFormat::Jpeg => "image/jpeg",
    });
    let result = it.result.as_deref().unwrap_or_default();
    room.blob(Modality::Image, mime_type, result)
}

/// An item of which only its id is told.
fn named(kind: &str, id: Option<&String>, room: &mut Room) -> Part {
    let id = id.map(|id| ("id".to_owned(), Json::Text(room.text(id))));
    Part::Other { kind: kind.to_owned(), members: id.into_iter().collect() }
}
