//! The content of Chat Completions. Instructions are messages there: the first ones, often.

use ::async_openai::types::chat::{
    ChatChoice, ChatCompletionMessageToolCalls, ChatCompletionRequestAssistantMessage,
    ChatCompletionRequestAssistantMessageContent as AssistantContent,
    ChatCompletionRequestAssistantMessageContentPart as AssistantPart,
    ChatCompletionRequestDeveloperMessageContent as DeveloperContent,
    ChatCompletionRequestDeveloperMessageContentPart as DeveloperPart,
    ChatCompletionRequestMessage, ChatCompletionRequestSystemMessageContent as SystemContent,
    ChatCompletionRequestSystemMessageContentPart as SystemPart,
    ChatCompletionRequestToolMessageContent as ToolContent,
    ChatCompletionRequestToolMessageContentPart as ToolPart,
    ChatCompletionRequestUserMessageContent as UserContent,
    ChatCompletionRequestUserMessageContentPart as UserPart, ChatCompletionTools,
    CreateChatCompletionRequest, CreateChatCompletionResponse, FunctionCall, InputAudioFormat,
    Role,
};

use super::media::{file, held, reference};
use super::tools::definition;
use super::{With, call, custom_call, each, message, only, refused};
use crate::content::{Captured, Content, Json, Kind, Message, Modality, Part, Room};
use crate::payload::Text;
use crate::payload::async_openai::chat::finish_reason;

#[expect(deprecated, reason = "`functions` are still sent where they are set")]
pub(in super::super) fn request(request: &CreateChatCompletionRequest, content: &mut Content) {
    content.add(
        Kind::Input,
        &With(|room: &mut Room| {
            Captured::List(each(room, &request.messages, |it, room| {
                Captured::Message(sent(it, room))
            }))
        }),
    );
    let functions = request.functions.as_deref().unwrap_or_default();
    if request.tools.is_none() && functions.is_empty() {
        return;
    }
    content.add(
        Kind::Tools,
        &With(|room: &mut Room| {
            let mut tools = each(room, request.tools.iter().flatten(), tool);
            tools.extend(each(room, functions, |it, room| {
                let description = it.description.as_ref();
                definition("function", &it.name, description, Some(&it.parameters), room)
            }));
            Captured::List(tools)
        }),
    );
}

fn tool(tool: &ChatCompletionTools, room: &mut Room) -> Captured {
    match tool {
        ChatCompletionTools::Function(tool) => {
            let it = &tool.function;
            let description = it.description.as_ref();
            definition("function", &it.name, description, it.parameters.as_ref(), room)
        }
        ChatCompletionTools::Custom(tool) => {
            let it = &tool.custom;
            definition("custom", &it.name, it.description.as_ref(), None, room)
        }
    }
}

fn sent(sent: &ChatCompletionRequestMessage, room: &mut Room) -> Message {
    match sent {
        ChatCompletionRequestMessage::Developer(it) => {
            let parts = match &it.content {
                DeveloperContent::Text(text) => only(text, room),
                DeveloperContent::Array(parts) => each(room, parts, |part, room| {
                    let DeveloperPart::Text(part) = part;
                    Part::Text(room.text(&part.text))
                }),
            };
            message("developer", it.name.as_ref(), parts, room)
        }
        ChatCompletionRequestMessage::System(it) => {
            let parts = match &it.content {
                SystemContent::Text(text) => only(text, room),
                SystemContent::Array(parts) => each(room, parts, |part, room| {
                    let SystemPart::Text(part) = part;
                    Part::Text(room.text(&part.text))
                }),
            };
            message("system", it.name.as_ref(), parts, room)
        }
        ChatCompletionRequestMessage::User(it) => {
            let parts = match &it.content {
                UserContent::Text(text) => only(text, room),
                UserContent::Array(parts) => each(room, parts, shown),
            };
            message("user", it.name.as_ref(), parts, room)
        }
        ChatCompletionRequestMessage::Assistant(it) => {
            let parts = answered(it, room);
            message("assistant", it.name.as_ref(), parts, room)
        }
        ChatCompletionRequestMessage::Tool(it) => {
            let response = match &it.content {
                ToolContent::Text(text) => Json::Text(room.text(text)),
                ToolContent::Array(parts) => Json::List(each(room, parts, result)),
            };
            let id = room.whole(&it.tool_call_id);
            message("tool", None, vec![Part::ToolCallResponse { id, response }], room)
        }
        ChatCompletionRequestMessage::Function(it) => {
            let response = it.content.as_ref().map(|text| Json::Text(room.text(text)));
            let response = response.unwrap_or(Json::Null);
            let part = Part::ToolCallResponse { id: None, response };
            message("function", Some(&it.name), vec![part], room)
        }
    }
}

/// Parts as they are: a result is whatever the tool makes it.
fn result(part: &ToolPart, room: &mut Room) -> Json {
    let ToolPart::Text(part) = part;
    let pairs = [("text", Json::Text(room.text(&part.text))), ("type", Json::Text("text".into()))];
    Json::Object(pairs.map(|(name, value)| (name.to_owned(), value)).into())
}

fn shown(part: &UserPart, room: &mut Room) -> Part {
    match part {
        UserPart::Text(part) => Part::Text(room.text(&part.text)),
        UserPart::ImageUrl(part) => reference(&part.image_url.url, Modality::Image, room),
        UserPart::InputAudio(part) => {
            let mime_type = match part.input_audio.format {
                InputAudioFormat::Wav => "audio/wav",
                InputAudioFormat::Mp3 => "audio/mpeg",
            };
            room.blob(Modality::Audio, Some(mime_type), &part.input_audio.data)
        }
        UserPart::File(part) => {
            let it = &part.file;
            file(it.file_id.as_deref(), None, it.file_data.as_deref(), room)
        }
    }
}

/// What the model said before.
#[expect(deprecated, reason = "`function_call` stands in the history of older conversations")]
fn answered(it: &ChatCompletionRequestAssistantMessage, room: &mut Room) -> Vec<Part> {
    let mut parts = match &it.content {
        None => Vec::new(),
        Some(AssistantContent::Text(text)) => only(text, room),
        Some(AssistantContent::Array(parts)) => each(room, parts, |part, room| match part {
            AssistantPart::Text(part) => Part::Text(room.text(&part.text)),
            AssistantPart::Refusal(part) => refused(&part.refusal, room),
        }),
    };
    parts.extend(it.refusal.as_ref().map(|text| refused(text, room)));
    if let Some(audio) = &it.audio {
        parts.push(held(&audio.id, Modality::Audio, room));
    }
    parts.extend(calls(it.tool_calls.as_deref(), it.function_call.as_ref(), room));
    parts
}

fn calls(
    calls: Option<&[ChatCompletionMessageToolCalls]>,
    function: Option<&FunctionCall>,
    room: &mut Room,
) -> Vec<Part> {
    let mut parts = each(room, calls.unwrap_or_default(), |it, room| match it {
        ChatCompletionMessageToolCalls::Function(it) => {
            call(Some(&it.id), &it.function.name, &it.function.arguments, room)
        }
        ChatCompletionMessageToolCalls::Custom(it) => {
            custom_call(&it.id, &it.custom_tool.name, &it.custom_tool.input, room)
        }
    });
    parts.extend(function.map(|it| call(None, &it.name, &it.arguments, room)));
    parts
}

pub(in super::super) fn response(response: &CreateChatCompletionResponse, content: &mut Content) {
    if response.choices.is_empty() {
        return;
    }
    content.add(
        Kind::Output,
        &With(|room: &mut Room| Captured::List(each(room, &response.choices, choice))),
    );
}

#[expect(deprecated, reason = "`function_call` is still received from older models")]
fn choice(choice: &ChatChoice, room: &mut Room) -> Captured {
    let it = &choice.message;
    let mut parts = only(it.content.as_deref().unwrap_or_default(), room);
    parts.extend(it.refusal.as_ref().map(|text| refused(text, room)));
    if let Some(audio) = &it.audio {
        parts.push(room.blob(Modality::Audio, None, &audio.data));
        parts.extend(only(&audio.transcript, room));
    }
    parts.extend(calls(it.tool_calls.as_deref(), it.function_call.as_ref(), room));
    let mut message = message(role(it.role), None, parts, room);
    message.finish_reason = choice.finish_reason.map(|it| Text::Static(finish_reason(it)));
    Captured::Message(message)
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Developer => "developer",
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
        Role::Tool => "tool",
        Role::Function => "function",
    }
}
